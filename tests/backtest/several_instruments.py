"""Bars of several instruments, and the same run in plain Backtrader, which the tests of several instruments share."""

from typing import Any

import numpy as np
from stock_backtrader import learn_openings, restore_backtrader

from core.backtest.account import configure
from core.backtest.bar_source import MomentStream, day_number
from core.backtest.fill_audit import audit
from core.backtest.orders import LogCheck, OrderRecord, parse_record
from core.backtest.replay import ReplayResult, replay
from core.backtest.runner_report import StrategyReport
from core.backtest.strategy_module import find_strategy_class, load_module
from core.backtest.strategy_runner import run_strategy
from core.domain.aligned_bars import align_bars
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe

Day = tuple[float, float, float, float]
FREE = BacktestPlan(cash=1_000.0, commission=0.0, slippage=0.0)
ALL_SYMBOLS = ("A", "B", "C")


def daily(symbol: str, days: dict[int, Day]) -> Bars:
    """Bars of an instrument by day of January 2024."""
    columns = np.array(list(days.values()), dtype=np.float64).T
    time = np.datetime64("2023-12-31", "s") + np.array(list(days)) * np.timedelta64(86_400, "s")
    return Bars(Instrument(symbol=symbol), Timeframe.D1, time, *columns, np.full(len(days), 1_000.0))


def random_bars(symbol: str, seed: int, *, count: int = 60, missing: float = 0.0, late: int = 0) -> Bars:
    """A seeded walk of an instrument that lacks some days and may begin late."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, count)))
    opened = close * np.exp(rng.normal(0.0, 0.01, count))
    high = np.maximum(opened, close) * np.exp(np.abs(rng.normal(0.0, 0.01, count)))
    low = np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0.0, 0.01, count)))
    time = np.datetime64("2024-01-01", "s") + np.arange(count) * np.timedelta64(86_400, "s")
    kept = (rng.random(count) >= missing) & (np.arange(count) >= late)
    columns = [column.round(2)[kept] for column in (opened, high, low, close)]
    return Bars(Instrument(symbol=symbol), Timeframe.D1, time[kept], *columns, np.full(int(kept.sum()), 1_000.0))


def play(code: str, bars: Bars, plan: BacktestPlan = FREE) -> tuple[StrategyReport, list[OrderRecord]]:
    """Play a strategy moment by moment."""
    raw: list[dict[str, object]] = []
    report = run_strategy(code, plan, MomentStream.from_bars(bars), raw.append, signals=False)
    return report, [parse_record(record) for record in raw]


def play_and_replay(code: str, bars: Bars, plan: BacktestPlan = FREE) -> tuple[StrategyReport, ReplayResult]:
    """Play, place the orders again, and have every fill checked by arithmetic. Fails when the code fails or the two disagree."""
    report, records = play(code, bars, plan)
    assert report.fault is None, report.fault
    check = LogCheck(cycles=len(bars), instruments=len(bars.instruments))
    for record in records:
        check.add(record)
    replayed = replay(records, plan, bars)
    assert audit(records, replayed, plan, bars) == ()
    return report, replayed


def run_plain(code: str, bars: Bars, plan: BacktestPlan = FREE, *, old_bars: bool = True, **options: Any) -> tuple[Any, float]:
    """The same strategy in plain Backtrader with a feed of its own for each instrument; gives the strategy and the final value.

    Without `old_bars` its broker executes nothing on a moment on which the order's instrument has no bar.
    """
    import backtrader as bt

    restore_backtrader()

    class Feed(bt.feed.DataBase):  # type: ignore[misc]
        def _load(self) -> bool:
            row = next(self.rows, None)
            if row is None:
                return False
            for line, value in zip((self.l.datetime, self.l.open, self.l.high, self.l.low, self.l.close, self.l.volume), row, strict=True):
                line[0] = value
            return True

    class Broker(bt.brokers.BackBroker):  # type: ignore[misc]
        def _try_exec(self, order: Any) -> None:
            moment = max(data.datetime[0] for data in self.cerebro.datas if len(data))
            if old_bars or order.data.datetime[0] == moment:
                super()._try_exec(order)

    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker = Broker()
    if "on_open" in code:
        learn_openings(cerebro)
    configure(cerebro.broker, plan)
    for one in bars.instruments:
        own = one.drop_repeated()
        feed = Feed(timeframe=bt.TimeFrame.Days, compression=1)
        seconds = own.time.astype(np.int64).tolist()
        feed.rows = iter(list(zip(map(day_number, seconds), own.open, own.high, own.low, own.close, own.volume, strict=True)))
        cerebro.adddata(feed, name=one.instrument.symbol)
    cerebro.addstrategy(find_strategy_class(load_module(code)))
    ran = cerebro.run(**({"preload": False, "runonce": False} | options))
    return ran[0], float(cerebro.broker.getvalue())


def pair(first: dict[int, Day], second: dict[int, Day]) -> Bars:
    """Two instruments, A and B, on common moments."""
    return align_bars([daily("A", first), daily("B", second)])
