"""Preloads the engine: imports what a run needs and runs a tiny backtest, so that lazy parts are there before it locks itself in."""

import importlib
import sys

import numpy as np

from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe

LIGHT_MODULES = (
    *("abc", "bisect", "calendar", "collections", "collections.abc", "copy", "dataclasses", "datetime", "decimal", "enum"),
    *("fractions", "functools", "heapq", "inspect", "itertools", "json", "logging", "math", "operator", "pprint", "queue"),
    *("random", "re", "statistics", "string", "textwrap", "time", "traceback", "types", "typing", "uuid", "warnings"),
    *("weakref", "zoneinfo", "backtrader", "backtrader.feeds", "backtrader.indicators", "backtrader.analyzers"),
    *("backtrader.observers", "backtrader.sizers", "backtrader.strategies", "backtrader.signals", "backtrader.utils.date"),
    *("numpy", "numpy.linalg", "numpy.random", "numpy.lib.stride_tricks"),
)
"""Modules that strategies import and that the run itself needs."""

_CODE = """
import backtrader as bt

class Preload(bt.Strategy):
    def __init__(self):
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=3), bt.ind.EMA(period=5))
        self.rsi = bt.ind.RSI_Safe(period=5)
        self.atr = bt.ind.ATR(period=5)

    def next(self):
        if not self.position and self.cross > 0:
            self.buy_bracket(size=1, exectype=bt.Order.Market, stopprice=self.data.close[0] * 0.97, limitprice=self.data.close[0] * 1.03)
        elif self.cross < 0:
            self.close()
"""

_PROVED = """# Preload
import math

import backtrader as bt


class PreloadStrategy(bt.Strategy):
    \"\"\"Preload\"\"\"

    params = dict(
        fast=3,  # r1
        percent=3.0,  # r2
    )

    def __init__(self):
        self.fast = bt.ind.SMA(self.data.close, period=self.p.fast)
        self.entered = 0
        self.ready = 0

    def next(self):
        self.ready += 1
        if self.ready <= 1:  # the rows look back
            return
        above = self.data.close[-1] <= self.fast[-1] and self.data.close[0] > self.fast[0]
        below = self.data.close[0] < self.fast[0]
        if self.position:
            if below:
                self.close()
        elif above:
            self.buy(size=1)
            self.sell(exectype=bt.Order.Stop, size=1, price=self.data.close[0] * (1 - self.p.percent / 100))

    def notify_trade(self, trade):
        if trade.justopened:
            self.entered = len(self.data)
"""


def block_talib() -> None:
    """Make `import talib` fail: Backtrader imports it when it is installed, which makes its own import several times slower."""
    if "talib" not in sys.modules:
        sys.modules["talib"] = None  # type: ignore[assignment]


def preload_engine() -> None:
    """Import everything a run needs, then run a tiny backtest in every mode, and replay it."""
    block_talib()
    for name in LIGHT_MODULES:
        importlib.import_module(name)
    _tiny_run()


def _tiny_run() -> None:
    from core.backtest.bar_source import AllBars
    from core.backtest.one_pass import ProvedPasses, run_one_pass
    from core.backtest.orders import OrderKind, OrderRecord, parse_record
    from core.backtest.replay import replay
    from core.backtest.strategy_runner import run_strategy
    from core.backtest.wide_rows import make_stream

    bars = _bars(60)
    plan = BacktestPlan()
    for source in (AllBars.from_bars(bars), make_stream(bars)):
        records: list[OrderRecord] = []
        report = run_strategy(_CODE, plan, source, lambda raw, log=records: log.append(parse_record(raw)), signals=False)  # type: ignore[misc]
        if report.fault is not None:
            raise RuntimeError(f"the warm-up backtest failed: {report.fault.message}")
        replay(records, plan, bars)
        trail = OrderRecord(id=len(records), cycle=len(bars) - 3, kind=OrderKind.STOP_TRAIL, trail_amount=1.0, size=1.0)
        replay([*records, trail], plan, bars)  # a kind that the simulator plays
    run_one_pass(_CODE, plan, bars, signals=False)
    if ProvedPasses(plan, bars).run_sparsely(_PROVED) is None:
        raise RuntimeError("the warm-up program is not known to the sparse pass")


def _bars(count: int) -> Bars:
    close = 100.0 + 10.0 * np.sin(np.arange(count) / 4.0)
    time = np.datetime64("2020-01-01", "s") + np.arange(count) * np.timedelta64(86_400, "s")
    return Bars(
        instrument=Instrument(symbol="PRELOAD"),
        timeframe=Timeframe.D1,
        time=time,
        open=close - 0.5,
        high=close + 1.0,
        low=close - 1.0,
        close=close,
        volume=np.full(count, 1_000.0),
    )
