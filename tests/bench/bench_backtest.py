"""A backtest as a user writes it beside ours, in one run: same strategy, same bars, same figures; read the ratios, not the times."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from core.backtest.bar_source import AllBars, BarStream
from core.backtest.fill_audit import audit
from core.backtest.orders import OrderRecord, hash_log, parse_record
from core.backtest.prefix import choose_cuts, compare_prefix
from core.backtest.replay import replay
from core.backtest.strategy_runner import run_strategy
from core.domain.backtest import BacktestPlan, Limits, Method, OutcomeStatus
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.sandbox.sandbox import Sandbox
from tests.reference_backtrader import run_with_analyzers

PLAN = BacktestPlan(limits=Limits(wall_seconds=600.0, cpu_seconds=600, memory_mb=2_000))
SIZES = ((2_500, Timeframe.D1, 2),)
"""Bars, timeframe, repeats (the fastest counts). More bars are measured by `tests.bench.engine`, each way in a process of its own."""
CROSS = """
import backtrader as bt

class Cross(bt.Strategy):
    params = dict(fast=10, slow=30)

    def __init__(self):
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=self.p.fast), bt.ind.SMA(period=self.p.slow))

    def next(self):
        if not self.position:
            if self.cross[0] > 0:
                self.buy(size=100)
        elif self.cross[0] < 0:
            self.close()
"""
BRACKET = """
import backtrader as bt

class Bracket(bt.Strategy):
    def __init__(self):
        self.rsi = bt.ind.RSI(period=14, safediv=True)
        self.bands = bt.ind.BollingerBands(period=20)
        self.atr = bt.ind.ATR(period=14)
        self.legs = []

    def next(self):
        if self.position or any(order.alive() for order in self.legs):
            return
        price = self.data.close[0]
        if self.rsi[0] < 35 and price < self.bands.bot[0]:
            distance = 2 * self.atr[0]
            self.legs = self.buy_bracket(size=50, price=price, stopprice=price - distance, limitprice=price + distance)
"""

RESTING = """
import backtrader as bt

class Resting(bt.Strategy):
    def next(self):
        self.buy(size=1, exectype=bt.Order.Limit, price=self.data.close[0] * 0.3)
"""
CROWD = 400
"""Bars for the strategy that never takes an order back: stock Backtrader's time grows with their square."""


def run(console: Console) -> None:
    """Print one table a strategy: what is one backtest, everything that belongs to it included."""
    with Sandbox(allow_unisolated=True) as sandbox:
        for name, code in (("SMA cross", CROSS), ("RSI, bands and brackets", BRACKET)):
            table = Table("", "bars", "processor s", "times faster", "wall s", "times faster", "final value", title=name)
            for count, timeframe, repeats in SIZES:
                for row in compared(code, bars_of(count, timeframe), repeats, sandbox):
                    table.add_row(*row)
                table.add_section()
            console.print(table)
        table = Table("", "bars", "processor s", "times faster", "wall s", "times faster", "final value", title="A resting order a bar")
        for row in compared(RESTING, bars_of(CROWD, Timeframe.D1), 1, sandbox):
            table.add_row(*row)
        console.print(table)
    console.print("Stock: pandas feed, default observers, SharpeRatio, DrawDown, TradeAnalyzer, TimeReturn.")
    console.print("Ours: replay on the stock broker and the fill audit included; in the sandbox also process, transport and gate.")


@dataclass(frozen=True, slots=True)
class Timed:
    """The fastest of the repeats, and what came out; every repeat must give the same."""

    processor: float
    wall: float
    value: float


def compared(code: str, bars: Bars, repeats: int, sandbox: Sandbox) -> list[tuple[str, ...]]:
    """One row a way of running; the first one is the yardstick."""
    ways: dict[str, Callable[[], float]] = {
        "stock Backtrader": lambda: run_with_analyzers(code, PLAN, bars),
        "fast": lambda: ours(code, bars, lock_step=False),
        "fast with prefix check": lambda: checked(code, bars),
        "lock-step": lambda: ours(code, bars, lock_step=True),
        "in the sandbox, fast with prefix check": lambda: sandboxed(sandbox, code, bars, Method.FAST),
        "in the sandbox, lock-step": lambda: sandboxed(sandbox, code, bars, Method.LOCK_STEP),
    }
    times = {name: timed(way, repeats) for name, way in ways.items()}
    stock = times["stock Backtrader"]
    rows = []
    for name, own in times.items():
        if abs(own.value - stock.value) > 0.005:
            raise AssertionError(f"{name}: final value {own.value!r}, stock Backtrader says {stock.value!r}")
        processor = ("", "") if "sandbox" in name else (f"{own.processor:.3f}", f"{stock.processor / own.processor:.2f}")
        rows.append((name, f"{len(bars):,}", *processor, f"{own.wall:.3f}", f"{stock.wall / own.wall:.2f}", f"{own.value:,.2f}"))
    return rows


def timed(way: Callable[[], float], repeats: int) -> Timed:
    """Processor and wall time of this process."""
    processor = wall = float("inf")
    values = set()
    for _ in range(repeats):
        began, began_wall = time.process_time(), time.perf_counter()
        values.add(way())
        processor, wall = min(processor, time.process_time() - began), min(wall, time.perf_counter() - began_wall)
    (value,) = values
    return Timed(processor, wall, value)


def ours(code: str, bars: Bars, *, lock_step: bool) -> float:
    """Play, replay, fill audit: everything of a run but the process around it."""
    return judged(played(code, bars, lock_step=lock_step), bars)


def checked(code: str, bars: Bars) -> float:
    """Fast mode with its prefix check."""
    records = played(code, bars, lock_step=False)
    for cut in choose_cuts(records, len(bars), secrets.randbelow):
        if compare_prefix(records, played(code, bars.slice(0, cut), lock_step=False), cut) is not None:
            raise AssertionError("an honest strategy was taken for one that looks ahead")
    return judged(records, bars)


def played(code: str, bars: Bars, *, lock_step: bool) -> list[OrderRecord]:
    records: list[OrderRecord] = []
    source = BarStream.from_bars(bars) if lock_step else AllBars.from_bars(bars)
    report = run_strategy(code, PLAN, source, lambda raw: records.append(parse_record(raw)), signals=False)
    if report.fault is not None:
        raise AssertionError(report.fault.message)
    return records


def judged(records: list[OrderRecord], bars: Bars) -> float:
    hash_log(records)
    replayed = replay(records, PLAN, bars)
    if audit(records, replayed, PLAN, bars):
        raise AssertionError("the fill audit disagrees")
    return replayed.final_value


class _Never:
    def is_set(self) -> bool:
        return False


def sandboxed(sandbox: Sandbox, code: str, bars: Bars, method: Method) -> float:
    """The whole way of the application."""
    outcome = sandbox.run(code, PLAN.changed(method=method), bars, cancel=_Never())
    if outcome.status is not OutcomeStatus.OK:
        raise AssertionError(outcome.error)
    return float(outcome.equity[-1])


def bars_of(count: int, timeframe: Timeframe) -> Bars:
    """A seeded random walk."""
    rng = np.random.default_rng(11)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01 if timeframe is Timeframe.D1 else 0.001, count)))
    opened = close * np.exp(rng.normal(0.0, 0.0005, count))
    high = np.maximum(opened, close) * 1.001
    low = np.minimum(opened, close) * 0.999
    begin = np.datetime64("2010-01-04T09:30" if timeframe.intraday else "2010-01-04", "s")
    moments = begin + np.arange(count) * np.timedelta64(timeframe.minutes * 60, "s")
    return Bars(Instrument(symbol="WALK"), timeframe, moments, opened, high, low, close, rng.uniform(1e4, 1e5, count))
