"""Facts of the version that a prompt starts from: results by year, ways out, worst trades, and how large the noise of its score is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.domain.backtest import Trade
from core.domain.bars import Bars, FloatArray
from core.domain.iteration import IterationDetail
from core.domain.run import Objective
from core.driving.known_starts import StartFacts
from core.driving.run_context import RunContext
from core.evidence import resample_sharpes, yearly_returns
from core.prompts import Mode, Task

WORST_TRADES = 3
YEARS_SHOWN = 12
OPEN_TOLERANCE = 0.002
"""Relative distance from a bar's open within which a fill counts as one of a market order: slippage moves it."""
NOISE_DRAWS = 400
NOISE_QUANTILE = 1.645
"""Standard errors that a difference has to exceed to be told from noise, one time in ten by accident."""


def add_start_facts(context: RunContext, task: Task) -> Task:
    """Add to a task what the version did that it starts from; a repair is told of its error alone, and who reads no words of nothing."""
    start = task.start
    if start is None or start.metrics is None or task.with_state or task.mode is Mode.REPAIR:
        return task
    facts = context.start_facts.recall(start.number, lambda: _measure_start(context, start.number))
    return replace(task, details=facts.details, noise=facts.noise)


def _measure_start(context: RunContext, number: int) -> StartFacts:
    history, run_id = context.ports.history, context.run.id
    detail = history.read_detail(run_id, number)
    base = detail if number == 0 else history.read_detail(run_id, 0)
    details = describe_start(detail, context.training, start_value=context.plan.backtest.cash, blind=context.plan.blind)
    return StartFacts(details, measure_noise(detail, base, context.training) if context.plan.objective is Objective.SHARPE else None)


def describe_start(detail: IterationDetail, bars: Bars, *, start_value: float, blind: bool) -> tuple[str, ...]:
    """Describe in sentences what a version did; with `blind` without a calendar."""
    found = []
    if len(detail.equity) == len(bars):
        years = yearly_returns(detail.equity, bars.time, start_value=start_value)[-YEARS_SHOWN:]
        names = [f"year {place}" if blind else str(year.year) for place, year in enumerate(years, 1)]
        found.append("Results by year: " + ", ".join(f"{name} {year.value:+.1%}" for name, year in zip(names, years, strict=True)) + ".")
    closed = [trade for trade in detail.trades if trade.exit_bar is not None and not trade.instrument]
    if closed:
        found.append("Ways out: " + ", ".join(_describe_exits(closed, bars)) + ".")
        worst = sorted(closed, key=lambda trade: trade.move)[:WORST_TRADES]
        found.append("Worst trades: " + ", ".join(f"bars {one.entry_bar} to {one.exit_bar} {one.move:+.1%}" for one in worst) + ".")
    return tuple(found)


def _describe_exits(closed: Sequence[Trade], bars: Bars) -> list[str]:
    """Describe how trades ended, as far as prices tell: at a bar's open, or by an order that rested in the market."""
    groups: dict[str, list[float]] = defaultdict(list)
    for trade in closed:
        opening = float(bars.open[trade.exit_bar]) if trade.exit_bar is not None and trade.exit_bar < len(bars) else 0.0
        at_open = trade.exit_price is not None and opening and abs(trade.exit_price / opening - 1) <= OPEN_TOLERANCE
        way = "at the open of a bar" if at_open else "by a resting order at a loss" if trade.move < 0 else "by a resting order at a profit"
        groups[way].append(trade.move)
    return [f"{len(moves)} {way} ({sum(moves) / len(moves):+.1%} on average)" for way, moves in sorted(groups.items())]


def measure_noise(one: IterationDetail, other: IterationDetail, bars: Bars) -> float | None:
    """Measure the difference of two Sharpe ratios that these bars cannot tell from none; None where there is too little to say so."""
    pair = [compute_daily_returns(each.equity, bars) for each in (one, other)]
    if one is other or np.array_equal(pair[0], pair[1]):
        pair[1] = np.zeros_like(pair[0])
    days, years = len(pair[0]), float((bars.last - bars.first).days) / 365.25
    if days < 30 or years <= 0:
        return None
    found = resample_sharpes(pair, periods_per_year=max(1, round(days / years)), draws=NOISE_DRAWS)
    if found is None:
        return None
    gaps = found.resampled[:, 0] - found.resampled[:, 1]
    return float(NOISE_QUANTILE * np.std(gaps)) or None


def compute_daily_returns(equity: FloatArray, bars: Bars) -> FloatArray:
    """Compute the returns of an account from day to day."""
    if len(equity) != len(bars):
        return np.empty(0)
    days = bars.time.astype("datetime64[D]")
    last = np.append(days[1:] != days[:-1], True)
    values = equity[last]
    found: FloatArray = np.diff(values) / np.where(values[:-1] == 0, 1.0, values[:-1])
    return found
