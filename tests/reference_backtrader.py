"""Stock Backtrader as a user writes it: a pandas feed, default settings, `cerebro.run()`. For proofs and benchmarks only.

The code runs in this very process: only for code that is trusted already, or inside the sandbox.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.backtest.account import configure
from core.backtest.feed import to_backtrader_timeframe
from core.backtest.strategy_module import find_strategy_class, load_module, read_timeframes
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars, FloatArray
from core.domain.longer_bars import add_longer_bars, read_day_hours
from tests.stock_backtrader import learn_openings, restore_backtrader
from tests.stock_feed import QuickPandasData, make_frame


@dataclass(frozen=True, slots=True)
class ReferenceFill:
    """One execution as a stock observer sees it."""

    bar: int
    size: float
    price: float
    commission: float


@dataclass(frozen=True, slots=True)
class ReferenceRun:
    """Result of stock Backtrader: executions, the account value at each bar's close (shape (n,)), and the end."""

    fills: tuple[ReferenceFill, ...]
    equity: FloatArray
    final_value: float
    cash: float


def run_reference(code: str, plan: BacktestPlan, bars: Bars) -> ReferenceRun:
    """Run the code's strategy the way an exported file does. Raises whatever the strategy raises."""
    cerebro, strategy = _build_cerebro(code, plan, bars, QuickPandasData)
    log = _build_log_analyzer()
    cerebro.addanalyzer(log, _name="log")
    cerebro.addstrategy(strategy)
    book = cerebro.run()[0].analyzers.log
    equity = np.array(book.values[: len(bars)], dtype=np.float64)
    return ReferenceRun(tuple(book.fills), equity, float(cerebro.broker.getvalue()), float(cerebro.broker.getcash()))


def run_with_analyzers(code: str, plan: BacktestPlan, bars: Bars) -> float:
    """Final value of the run with Backtrader's observers and the four analyzers that scripts usually add: the yardstick for speed."""
    import backtrader as bt

    cerebro, strategy = _build_cerebro(code, plan, bars)
    for analyzer in (bt.analyzers.SharpeRatio, bt.analyzers.DrawDown, bt.analyzers.TradeAnalyzer, bt.analyzers.TimeReturn):
        cerebro.addanalyzer(analyzer)
    cerebro.addstrategy(strategy)
    cerebro.run()
    return float(cerebro.broker.getvalue())


def run_plainly(code: str, plan: BacktestPlan, bars: Bars) -> float:
    """Final value of `cerebro.run()` with nothing added: the yardstick of the performance table."""
    cerebro, strategy = _build_cerebro(code, plan, bars)
    cerebro.addstrategy(strategy)
    cerebro.run()
    return float(cerebro.broker.getvalue())


def _build_cerebro(code: str, plan: BacktestPlan, bars: Bars, make_feed: Any = None) -> tuple[Any, Any]:
    import backtrader as bt

    restore_backtrader()
    strategy = find_strategy_class(load_module(code))
    unit, number = to_backtrader_timeframe(bars.timeframe)
    feed = (make_feed or bt.feeds.PandasData)(dataname=make_frame(bars), timeframe=unit, compression=number)
    cerebro = bt.Cerebro()
    cerebro.setbroker(_build_broker())
    if "on_open" in code:
        learn_openings(cerebro)
    configure(cerebro.broker, plan)
    cerebro.adddata(feed)
    for frame in read_timeframes(strategy, bars.timeframe):
        add_longer_bars(cerebro, feed, frame.value, read_day_hours(bars.instrument))
    return cerebro, strategy


def _build_broker() -> Any:
    import backtrader as bt

    class InsideTheBar(bt.brokers.BackBroker):  # type: ignore[misc]
        """The stock broker with the one rule that differs: a sale at the open slips to the bar's low at most, not below it to its limit."""

        def _try_exec_limit(self, order: Any, popen: float, phigh: float, plow: float, plimit: float) -> None:
            super()._try_exec_limit(order, popen, phigh, plow, plimit if order.isbuy() or plimit > popen else max(plow, plimit))

    return InsideTheBar()


def _build_log_analyzer() -> Any:
    import backtrader as bt

    class Log(bt.Analyzer):  # type: ignore[misc]
        """Account value at every bar, warm-up included, and every execution."""

        def start(self) -> None:
            self.values: list[float] = []
            self.fills: list[ReferenceFill] = []

        def notify_order(self, order: Any) -> None:
            for part in order.executed.iterpending():
                bar = len(self.strategy.data0) - 1
                self.fills.append(ReferenceFill(bar, float(part.size), float(part.price), float(part.closedcomm + part.openedcomm)))

        def prenext(self) -> None:
            self.next()

        def next(self) -> None:
            self.values.append(float(self.strategy.broker.getvalue()))

    return Log
