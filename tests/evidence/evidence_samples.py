"""Bars, runs and cases made by hand or by a seed, shared by the evidence tests."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from core.domain.backtest import BacktestPlan, Certificate, Fill, Method, OrderCounts, Outcome, OutcomeStatus, Stage, Trade, Verdict
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.domain.iteration import Evaluation
from core.domain.metrics import compute_metrics, drawdown_series
from core.evidence import Case, CheckContext, evaluate_benchmark

PLAN = BacktestPlan(cash=100_000.0, commission=0.001, slippage=0.0)
CLEAN = Certificate(verdict=Verdict.CLEAN, method=Method.LOCK_STEP)


def bars(closes: Sequence[float], *, volume: float = 1e7, instrument: Instrument | None = None) -> Bars:
    """Daily bars whose open is the close before, with a small range around both."""
    close = np.asarray(closes, dtype=float)
    opened = np.concatenate((close[:1], close[:-1]))
    return Bars(
        instrument=instrument or Instrument(symbol="TEST"),
        timeframe=Timeframe.D1,
        time=np.busday_offset("2015-01-01", np.arange(len(close)), roll="forward").astype("datetime64[s]"),
        open=opened,
        high=np.maximum(opened, close) * 1.001,
        low=np.minimum(opened, close) * 0.999,
        close=close,
        volume=np.full(len(close), volume),
    )


def walk(count: int, *, seed: int = 1, drift: float = 0.0003, deviation: float = 0.012) -> Bars:
    """A seeded random walk from 100."""
    steps = np.random.default_rng(seed).normal(drift, deviation, count)
    return bars(100 * np.exp(np.cumsum(steps)))


def play(prices: Bars, sent: Sequence[tuple[int, float]], plan: BacktestPlan = PLAN, **facts: object) -> Outcome:
    """A run that fills each (bar, size) at that bar's open; a position always goes back to flat before it turns."""
    fills = tuple(
        Fill(
            order=number,
            bar=bar,
            size=size,
            price=float(prices.open[bar]),
            commission=abs(size) * float(prices.open[bar]) * plan.commission,
        )
        for number, (bar, size) in enumerate(sent, start=1)
    )
    units, money = np.zeros(len(prices)), np.full(len(prices), plan.cash)
    for fill in fills:
        units[fill.bar :] += fill.size
        money[fill.bar :] -= fill.size * fill.price + fill.commission
    known = {"orders": OrderCounts(placed=len(fills), filled=len(fills)), "trades": round_trips(fills, prices), **facts}
    return Outcome(
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        isolation_level=2,
        certificate=known.pop("certificate", CLEAN),
        fills=fills,
        equity=money + units * prices.close,
        position=units,
        **known,
    )


def round_trips(fills: Sequence[Fill], prices: Bars) -> tuple[Trade, ...]:
    """Each pair of fills is one trade; an odd last one is still open."""
    trades = [trip(first, last) for first, last in pairwise(fills) if first.size == -last.size][::2]
    if len(fills) % 2:
        last = fills[-1]
        profit = last.size * (float(prices.close[-1]) - last.price) - last.commission
        trades.append(
            Trade(
                entry_bar=last.bar,
                exit_bar=None,
                size=last.size,
                entry_price=last.price,
                exit_price=None,
                profit=profit,
                commission=last.commission,
            )
        )
    return tuple(trades)


def trip(first: Fill, last: Fill) -> Trade:
    """The trade between two fills of opposite size."""
    paid = first.commission + last.commission
    return Trade(
        entry_bar=first.bar,
        exit_bar=last.bar,
        size=first.size,
        entry_price=first.price,
        exit_price=last.price,
        profit=first.size * (last.price - first.price) - paid,
        commission=paid,
    )


def in_and_out(entries: Sequence[int], hold: int, size: float) -> list[tuple[int, float]]:
    """Orders that enter on each bar and leave `hold` bars later."""
    return [order for entry in entries for order in ((entry, size), (entry + hold, -size))]


def case(prices: Bars, outcome: Outcome, plan: BacktestPlan = PLAN, context: CheckContext | None = None) -> Case:
    """What the checks get for a run."""
    metrics = compute_metrics(
        outcome.equity,
        start_value=plan.cash,
        position=outcome.position,
        trades=outcome.trades,
        fills=outcome.fills,
        time=prices.time,
        periods_per_year=252,
        intraday=False,
    )
    evaluation = Evaluation(
        metrics=metrics,
        equity=outcome.equity,
        drawdown=drawdown_series(outcome.equity, start_value=plan.cash),
        position=outcome.position,
        fills=outcome.fills,
        trades=outcome.trades,
        orders=outcome.orders,
        findings=(),
    )
    return Case(evaluation, outcome, prices, plan, evaluate_benchmark(prices, plan), context or CheckContext())


def traded(profits: Sequence[float], *, hold: Sequence[int] | int = 5, size: float = 500.0, commission: float = 10.0) -> tuple[Trade, ...]:
    """Closed trades with the given profits, one after the other from bar 1 on; entry at 100."""
    holds = [hold] * len(profits) if isinstance(hold, int) else list(hold)
    trades, bar = [], 1
    for profit, length in zip(profits, holds, strict=True):
        leave = 100.0 + (profit + commission) / size
        trades.append(
            Trade(
                entry_bar=bar,
                exit_bar=bar + length,
                size=size,
                entry_price=100.0,
                exit_price=leave,
                profit=profit,
                commission=commission,
            )
        )
        bar += length + 1
    return tuple(trades)
