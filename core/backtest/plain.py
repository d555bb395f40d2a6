"""Stock Backtrader as a user writes it: a pandas feed, default settings, `cerebro.run()`. For proofs and benchmarks only.

The code runs in this very process: only for code that is trusted already, or inside the sandbox.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.backtest.account import configure
from core.backtest.feed import compression
from core.backtest.module import load, strategy_class, timeframes_of
from core.backtest.patches import stock
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars, FloatArray


@dataclass(frozen=True, slots=True)
class PlainFill:
    """One execution as a stock observer sees it."""

    bar: int
    size: float
    price: float
    commission: float


@dataclass(frozen=True, slots=True)
class PlainRun:
    """What stock Backtrader says: executions, the account value at each bar's close (shape (n,)), and the end."""

    fills: tuple[PlainFill, ...]
    equity: FloatArray
    final_value: float
    cash: float


def plain_run(code: str, plan: BacktestPlan, bars: Bars) -> PlainRun:
    """Run the code's strategy the way an exported file does. Raises whatever the strategy raises."""
    cerebro, strategy = _cerebro(code, plan, bars)
    log = _log()
    cerebro.addanalyzer(log, _name="log")
    cerebro.addstrategy(strategy)
    book = cerebro.run()[0].analyzers.log
    equity = np.array(book.values[: len(bars)], dtype=np.float64)
    return PlainRun(tuple(book.fills), equity, float(cerebro.broker.getvalue()), float(cerebro.broker.getcash()))


def usual_run(code: str, plan: BacktestPlan, bars: Bars) -> float:
    """Final value of the run with Backtrader's observers and the four analyzers that scripts usually add: the yardstick for speed."""
    import backtrader as bt

    cerebro, strategy = _cerebro(code, plan, bars)
    for analyzer in (bt.analyzers.SharpeRatio, bt.analyzers.DrawDown, bt.analyzers.TradeAnalyzer, bt.analyzers.TimeReturn):
        cerebro.addanalyzer(analyzer)
    cerebro.addstrategy(strategy)
    cerebro.run()
    return float(cerebro.broker.getvalue())


def _cerebro(code: str, plan: BacktestPlan, bars: Bars) -> tuple[Any, Any]:
    import backtrader as bt
    import pandas as pd

    stock()
    strategy = strategy_class(load(code))
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    unit, number = compression(bars.timeframe)
    feed = bt.feeds.PandasData(dataname=pd.DataFrame(columns, index=pd.DatetimeIndex(bars.time)), timeframe=unit, compression=number)
    cerebro = bt.Cerebro()
    configure(cerebro.broker, plan)
    cerebro.adddata(feed)
    for frame in timeframes_of(strategy, bars.timeframe):
        unit, number = compression(frame)
        inside = bars.timeframe.minutes if frame.intraday else 0
        cerebro.resampledata(feed, timeframe=unit, compression=number, adjbartime=False, boundoff=inside)
    return cerebro, strategy


def _log() -> Any:
    import backtrader as bt

    class Log(bt.Analyzer):  # type: ignore[misc]
        """Account value at every bar, warm-up included, and every execution."""

        def start(self) -> None:
            self.values: list[float] = []
            self.fills: list[PlainFill] = []

        def notify_order(self, order: Any) -> None:
            for part in order.executed.iterpending():
                bar = len(self.strategy.data0) - 1
                self.fills.append(PlainFill(bar, float(part.size), float(part.price), float(part.closedcomm + part.openedcomm)))

        def prenext(self) -> None:
            self.next()

        def next(self) -> None:
            self.values.append(float(self.strategy.broker.getvalue()))

    return Log
