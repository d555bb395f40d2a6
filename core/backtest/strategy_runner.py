"""Runs a strategy over bars inside the untrusted process: bars in, order records out. Nothing that is said here is believed."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.backtest.account import configure
from core.backtest.bar_source import AllBars, BarSource, MomentStream
from core.backtest.faults import StrategyFaultError
from core.backtest.runner_report import StrategyReport
from core.backtest.strategy_module import (
    MODULE,
    find_strategy_class,
    load_module,
    needs_steps,
    read_script_run,
    read_timeframes,
    uses_observers,
)
from core.backtest.translate import translate
from core.domain.backtest import BacktestPlan, Stage
from core.domain.deposits import DepositCalendar
from core.domain.garbage import collect_rarely
from core.domain.instrument import Timeframe

_OWN_LINES = (
    "the strategy has lines of its own: they are computed bar by bar, as plain Backtrader does with runonce=False; "
    "its default, runonce=True, leaves them empty"
)
_NEXT_START = (
    "nextstart() is called again on each turn until the slowest feed has its next bar, as plain Backtrader does with several feeds: "
    "what it orders may be ordered more than once"
)
Emit = Callable[[dict[str, object]], None]


@dataclass(frozen=True, slots=True)
class Listener:
    """Callbacks for all that leaves the run besides its report."""

    emit: Emit
    signals: bool
    """True when the strategy's row signals are collected."""
    passed: Callable[[int], None] | None
    make_broker: Callable[[], Any] | None = None
    """Gives the broker in place of one that only hands orders out."""


def run_strategy(
    code: str,
    plan: BacktestPlan,
    source: BarSource,
    emit: Emit,
    *,
    signals: bool,
    passed: Callable[[int], None] | None = None,
    make_broker: Callable[[], Any] | None = None,
) -> StrategyReport:
    """Run the code's strategy over the source; `emit` gets one JSON-able record an order, in the order in which they happen.

    With `AllBars` Backtrader preloads and computes indicators in bulk; with a stream the next bar is asked for only when all
    orders of the last one are out. `passed` is told now and then how many bars were shown: no later record has a smaller `cycle`.
    A broker of one's own comes from `make_broker`.
    Errors of the code are the report's `fault`, never an exception.
    """
    report = StrategyReport(stage=Stage.LOAD)
    try:
        strategy = find_strategy_class(load_module(code))
        frames = read_timeframes(strategy, source.timeframe)
        report = replace(report, stage=Stage.RUN, strategy=strategy.__name__[:200], timeframes=tuple(frame.value for frame in frames))
        return _run_cerebro(report, strategy, frames, plan, source, Listener(emit, signals, passed, make_broker))
    except BaseException as error:  # noqa: BLE001 - whatever strategy code raises is a fact about it, KeyboardInterrupt too
        return replace(report, fault=translate(error, code))


def _run_cerebro(
    report: StrategyReport, strategy: Any, frames: tuple[Timeframe, ...], plan: BacktestPlan, source: BarSource, listener: Listener
) -> StrategyReport:
    import backtrader as bt

    from core.backtest.line_guard import guard_lines
    from core.backtest.method_overrides import install_patches

    if isinstance(source, AllBars) and not len(source.time):
        raise StrategyFaultError("there are no bars to run on")
    cerebro, broker = _build_cerebro(strategy, frames, plan, source, listener)
    install_patches()
    with guard_lines() as reads, collect_rarely():
        reads.feeds = tuple(cerebro.datas)
        ran = cerebro.run()
        seen = int(broker.bars_seen)
        if not ran:
            raise StrategyFaultError("the strategy skipped itself (StrategySkipError), so nothing ran")
        _refuse_endless_warm_up(ran[0], broker.written, seen)
    notes = reads.describe()
    if needs_steps(strategy, sys.modules[MODULE]):
        notes += (_OWN_LINES,)
    if isinstance(source, MomentStream) and type(ran[0]).nextstart is not bt.Strategy.nextstart:
        notes += (_NEXT_START,)
    if broker.too_late:
        notes += (f"{broker.too_late} orders were placed after the last bar (in stop()): they can never fill and are left out",)
    return replace(
        report,
        claimed_value=_read_claim(broker.getvalue),
        claimed_cash=_read_claim(broker.getcash),
        bars=seen,
        orders=broker.written,
        signals=broker.flags(seen),
        notes=notes,
        early_reads=reads.list_early_reads(),
        guarded=cerebro.known and not reads.doubtful,
        stage=Stage.DONE,
    )


def _build_cerebro(
    strategy: Any, frames: tuple[Timeframe, ...], plan: BacktestPlan, source: BarSource, listener: Listener
) -> tuple[Any, Any]:
    from core.backtest.engine import Engine
    from core.backtest.feed_layout import add_feeds
    from core.backtest.recorder import ProgressReportingBroker, RecordingBroker

    fast = isinstance(source, AllBars)
    module = sys.modules[MODULE]
    cerebro = Engine(stdstats=uses_observers(module), preload=fast, runonce=fast and not needs_steps(strategy, module))
    if listener.make_broker is not None:
        broker = listener.make_broker()
    else:
        broker = RecordingBroker() if listener.passed is None else ProgressReportingBroker(listener.passed)
    cerebro.broker = broker
    configure(broker, plan)
    broker.calendar = DepositCalendar(plan.deposits) if plan.deposits else None
    script = read_script_run(module)
    broker.attach(listener.emit, plan.limits.orders, listener.signals, add_feeds(cerebro, source, frames, script))
    _add_strategy(cerebro, strategy, script)
    return cerebro, broker


def _add_strategy(cerebro: Any, strategy: Any, script: Mapping[str, Any]) -> None:
    """Add the strategy, and what the script says beside it: parameters, sizer, signals."""
    import backtrader as bt

    if strategy is not bt.SignalStrategy:
        cerebro.addstrategy(strategy, **script.get("parameters", {}))
    if script.get("sizer") is not None:
        cerebro.addsizer(script["sizer"], **script.get("sizer_parameters", {}))
    for kind, signal, args, words in script.get("signals", ()):
        cerebro.add_signal(kind, signal, *args, **words)
    for entry, add in (
        *(("timers", cerebro.add_timer), ("indicators", cerebro.addindicator)),
        *(("analyzers", cerebro.addanalyzer), ("observers", cerebro.addobserver)),
    ):
        for args, words in script.get(entry, ()):
            add(*args, **words)
    cerebro.p.tradehistory = bool(script.get("tradehistory"))
    cerebro.signal_accumulate(script.get("signal_accumulate", False))
    cerebro.signal_concurrent(script.get("signal_concurrent", False))


def _refuse_endless_warm_up(strategy: Any, orders: int, bars: int) -> None:
    """Backtrader stays silent, or raises a riddle, where an indicator needs more bars than there are. Who ordered before that may pass."""
    from core.backtest.engine import warm_up_error

    missing = strategy._getminperstatus()
    if missing > 0 and not orders:
        raise warm_up_error(bars + missing, bars)


def _read_claim(ask: Callable[[], Any]) -> float | None:
    value = float(ask())
    return value if np.isfinite(value) else None
