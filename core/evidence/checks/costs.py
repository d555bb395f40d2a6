"""Checks of what trading costs against what it earns."""

import numpy as np

from core.domain.finding import Finding
from core.domain.metrics import select_closed_profits
from core.domain.trading_costs import compute_cost_share
from core.evidence.check_case import Case
from core.evidence.checks.curve import describe_share


def fees_eat_edge(case: Case) -> Finding | None:
    """Commission takes most of what the closed trades earn before it."""
    paid = sum(trade.commission for trade in case.closed)
    before = float(select_closed_profits(case.closed).sum()) + paid
    if len(case.closed) < 3 or paid <= 0 or before <= 0 or paid < 0.4 * before:
        return None
    return Finding(
        code="fees_eat_edge",
        severity=2,
        message=f"Commission takes {describe_share(paid, before)} the trades earn before it",
        fix="trade less often: a slower signal, a confirmation, or a pause after each trade",
    )


def thin_edge(case: Case) -> Finding | None:
    """The mean trade earns something before costs, and less than its costs."""
    values = [abs(trade.size) * trade.entry_price for trade in case.closed]
    if len(values) < 10 or not all(values) or fees_eat_edge(case) is not None:
        return None
    entries = np.array([trade.entry_price for trade in case.closed])
    slippage = 2.0 * float(np.mean(case.plan.slippage + case.plan.slippage_price / entries))
    net = float(np.mean([trade.profit / value for trade, value in zip(case.closed, values, strict=True)]))
    cost = slippage + float(np.mean([trade.commission / value for trade, value in zip(case.closed, values, strict=True)]))
    if net >= 0 or net + cost <= 0:
        return None
    return Finding(
        code="thin_edge",
        severity=2,
        message=f"Before costs the mean trade earns {net + cost:.2%} of its size; commission and slippage take {cost:.2%}",
        fix="aim at larger moves: a wider target, a slower timeframe, fewer entries",
    )


def high_turnover(case: Case) -> Finding | None:
    """The account is turned over very often."""
    yearly = case.metrics.turnover * _cost_of_a_side(case)
    if case.metrics.turnover < 60 or case.metrics.years < 0.1 or yearly < 0.02:
        return None
    return Finding(
        code="high_turnover",
        severity=2 if yearly > 0.1 else 1,
        message=f"The account is traded {case.metrics.turnover:.0f} times a year, which costs about {yearly:.0%} of it every year",
        fix="hold longer, or ask for a stronger signal",
    )


def _cost_of_a_side(case: Case) -> float:
    """Share of the traded value that one side costs, at the mean price and the typical size of the trades."""
    if not case.plan.has_flat_commission and not case.plan.slippage_price:
        return case.plan.commission + case.plan.slippage
    prices = np.array([trade.entry_price for trade in case.evaluation.trades] or [float(np.mean(case.bars.close))])
    size = float(np.median([abs(trade.size) for trade in case.evaluation.trades] or [1.0]))
    return float(np.mean(compute_cost_share(case.plan, prices, size)))
