"""Checks of what trading costs against what it earns."""

import numpy as np

from core.domain.iteration import Finding
from core.domain.metrics import closed_profits
from core.evidence.case import Case


def fees_eat_edge(case: Case) -> Finding | None:
    """Commission takes most of what the trades earn before it."""
    paid = case.metrics.costs
    before = float(closed_profits(case.closed).sum()) + sum(trade.commission for trade in case.closed)
    if len(case.closed) < 3 or paid <= 0 or before <= 0 or paid < 0.4 * before:
        return None
    return Finding(
        code="fees_eat_edge",
        severity=3 if paid >= before else 2,
        message=f"Commission takes {paid / before:.0%} of what the trades earn before it",
        fix="trade less often: a slower signal, a confirmation, or a pause after each trade",
    )


def thin_edge(case: Case) -> Finding | None:
    """The usual trade earns less than a round trip costs."""
    moves = [abs(trade.size) * trade.entry_price for trade in case.closed]
    if len(moves) < 10 or not all(moves):
        return None
    earned = float(np.mean([(trade.profit + trade.commission) / value for trade, value in zip(case.closed, moves, strict=True)]))
    cost = 2.0 * (case.plan.commission + case.plan.slippage)
    if cost <= 0 or earned >= cost or earned <= -cost:
        return None
    return Finding(
        code="thin_edge",
        severity=2,
        message=f"The mean trade moves {earned:.2%} in your favor, and a round trip costs about {cost:.2%}",
        fix="aim at larger moves: a wider target, a slower timeframe, fewer entries",
    )


def high_turnover(case: Case) -> Finding | None:
    """The account is turned over very often."""
    if case.metrics.turnover < 60 or case.metrics.years < 0.1:
        return None
    yearly = case.metrics.turnover * (case.plan.commission + case.plan.slippage)
    return Finding(
        code="high_turnover",
        severity=2 if yearly > 0.1 else 1,
        message=f"The account is traded {case.metrics.turnover:.0f} times a year, which costs about {yearly:.0%} of it every year",
        fix="hold longer, or ask for a stronger signal",
    )
