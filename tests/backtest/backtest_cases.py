"""Bars, runs and strategies that the tests of this room share."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.backtest.bar_source import AllBars
from core.backtest.orders import LogCheck, OrderRecord, parse_record
from core.backtest.replay import ReplayResult, replay
from core.backtest.runner_report import StrategyReport
from core.backtest.strategy_runner import run_strategy
from core.backtest.wide_rows import make_stream
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe

BENIGN = sorted(path for path in (Path(__file__).parent / "benign").glob("*.py") if path.name != "conftest.py")
FREE = BacktestPlan(cash=10_000.0, commission=0.0, slippage=0.0)
"""An account without costs, so that golden tables can be read with a finger."""


@dataclass(frozen=True)
class Ran:
    """A strategy played and its orders replayed."""

    report: StrategyReport
    records: list[OrderRecord]
    replayed: ReplayResult


def run(code: str, bars: Bars, plan: BacktestPlan | None = None, *, lock_step: bool = False, signals: bool = False) -> Ran:
    """Play and replay; the records go over the wire's strict check. Fails when the code fails."""
    plan = plan or BacktestPlan()
    report, records = played(code, bars, plan, lock_step=lock_step, signals=signals)
    assert report.fault is None, report.fault
    check = LogCheck(cycles=len(bars))
    for record in records:
        check.add(record)
    return Ran(report, records, replay(records, plan, bars))


def played(
    code: str, bars: Bars, plan: BacktestPlan | None = None, *, lock_step: bool = False, signals: bool = False
) -> tuple[StrategyReport, list[OrderRecord]]:
    """Play only."""
    raw: list[dict[str, object]] = []
    source = make_stream(bars) if lock_step else AllBars.from_bars(bars)
    report = run_strategy(code, plan or BacktestPlan(), source, raw.append, signals=signals)
    return report, [parse_record(record) for record in raw]


def table(*rows: tuple[float, float, float, float], timeframe: Timeframe = Timeframe.D1, start: str = "2024-01-01") -> Bars:
    """Bars from rows of open, high, low, close."""
    columns = np.array(rows, dtype=np.float64).T
    return _bars(*columns, np.full(len(rows), 1_000.0), timeframe=timeframe, start=start)


def walk(count: int, *, seed: int = 7, timeframe: Timeframe = Timeframe.D1, start: str = "2020-01-01T09:30") -> Bars:
    """A seeded random walk with gaps and some flat bars."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0002, 0.013, count)))
    opened = close * np.exp(rng.normal(0.0, 0.006, count))
    high = np.maximum(opened, close) * np.exp(np.abs(rng.normal(0.0, 0.005, count)))
    low = np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0.0, 0.005, count)))
    return _bars(opened, high, low, close, rng.uniform(1e4, 1e5, count), timeframe=timeframe, start=start)


def _bars(
    opened: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray, *, timeframe: Timeframe, start: str
) -> Bars:
    begin = np.datetime64(start, "s") if timeframe.intraday else np.datetime64(start[:10], "s")
    time = begin + np.arange(len(close)) * np.timedelta64(timeframe.minutes * 60, "s")
    return Bars(Instrument(symbol="TEST"), timeframe, time, opened, high, low, close, volume)
