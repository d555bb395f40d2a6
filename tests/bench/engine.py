"""`python -m tests.bench.engine [quick | brief | million] [NAME ...]`: whole requests beside stock Backtrader, for docs/performance.md.

It writes the page's table of that name, but for `quick`; with names only those strategies are measured, and only printed. A cell that
cannot be measured says why, and the page keeps what it had; nothing here ends in a traceback.
"""

import functools
import itertools
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from core.backtest import bulk_formulas
from core.domain.backtest import BacktestPlan, Limits, Method
from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from core.domain.proved_program import ProvedProgram
from core.domain.workflow import Workflow
from core.language import compile_workflow
from core.sandbox import OwnersSandbox, Sandbox
from tests.bench.bench_backtest import BRACKET, CROSS, bars_of, ours
from tests.bench.compiled_workflows import compile_all, compile_as_another, compile_with_other_numbers, list_workflows
from tests.bench.counting_host import CountingSandbox
from tests.bench.measured_page import PAGE, render_rows, write_tables
from tests.bench.peers import find_peers
from tests.reference_backtrader import run_plainly

PLAN = BacktestPlan(limits=Limits(wall_seconds=600.0, cpu_seconds=600, memory_mb=2_000))
SIZES = {"quick": ((2_500, 3),), "brief": ((2_500, 9), (10_000, 3)), "full": ((2_500, 15), (100_000, 1)), "million": ((1_000_000, 1),)}
"""Numbers of bars, and how often each is measured; by what is asked for."""
TWELVE = """
import backtrader as bt

class Twelve(bt.Strategy):
    def __init__(self):
        d = self.data
        self.quick, self.slow, self.mean = bt.ind.EMA(period=12), bt.ind.EMA(period=26), bt.ind.SMA(period=50)
        self.macd = bt.ind.MACD(d.close)
        self.turn = bt.ind.CrossOver(self.macd.macd, self.macd.signal)
        self.rsi, self.atr, self.adx = bt.ind.RSI(period=14, safediv=True), bt.ind.ATR(period=14), bt.ind.ADX(d)
        self.stochastic, self.bands = bt.ind.Stochastic(d, safediv=True), bt.ind.BollingerBands(period=20)
        self.roc, self.top = bt.ind.ROC(period=10), bt.ind.Highest(d.high, period=20)
        self.stop_price = 0.0

    def next(self):
        price = self.data.close[0]
        if self.position:
            if price < self.stop_price or self.turn[0] < 0 or self.rsi[0] > 80:
                self.close()
            return
        points = (self.quick[0] > self.slow[0]) + (price > self.mean[0]) + 2 * (self.turn[0] > 0) + (40 < self.rsi[0] < 70)
        points += (self.stochastic.percK[0] > self.stochastic.percD[0]) + (self.adx[0] > 20) + (price < self.bands.top[0])
        points += self.roc[0] > 0
        if points >= 7:
            self.buy(size=10)
            self.stop_price = price - 2 * self.atr[0]
"""
CODES = {"SMA cross": CROSS, "brackets": BRACKET, "12 indicators": TWELVE}
HEAD = ("strategy", "bars", "way", "processor s", "times faster", "wall s", "times faster")
PEERS = find_peers()
STOCK = "stock Backtrader, `cerebro.run()` as written"
PROVED_WAY = "one proved pass, first request, with certificate"
FOLLOWING = "next request in the process that waited,"
MOST_THAT_WAIT = 50_000
"""Bars up to which the bench measures requests that follow: with many more a process has grown too much to stay."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One way of running, measured: seconds of one repeat or of the middle one, or the reason why there are none."""

    processor: float = 0.0
    wall: float = 0.0
    reason: str = ""
    faster: tuple[float, float] | None = None
    """Times as fast as stock of the same round, by processor and wall time: the middle one of all rounds. None without stock's."""


def main(mode: str, *names: str) -> int:
    """Measure, print and write; 1 when a cell of ours or of stock could not be measured."""
    console, load = Console(width=150), os.getloadavg()[0]
    rows: list[tuple[str, str, str, Cell]] = []
    with CountingSandbox() as sandbox:
        for count, repeats in SIZES[mode]:
            bars = bars_of(count, Timeframe.D1 if count < 5_000 else Timeframe.M1)
            for name, code in CODES.items():
                if name in names or not names:
                    rows.extend(_measure_code(name, code, bars, repeats, sandbox))
            for name, workflow in list_workflows().items():
                if name in names or not names:
                    rows.extend(_measure_compiled(name, workflow, bars, repeats, sandbox))
    table = Table(*HEAD)
    for name, size, way, cell in rows:
        table.add_row(name, size, way, *_show(cell))
    console.print(table)
    for code in (*CODES.values(), *compile_all().values()):
        ours(code, bars_of(500, Timeframe.D1), lock_step=False)
    left = bulk_formulas.left_to_backtrader
    console.print("Left to Backtrader's own code in bulk: " + (", ".join(f"{name} ({times})" for name, times in left.items()) or "nothing"))
    failed = any(cell.reason for _, _, way, cell in rows if way not in PEERS)
    if mode != "quick" and not names and failed:
        console.print(f"Not written, as a cell could not be measured: {PAGE.name} keeps its table.")
    elif mode != "quick" and not names:
        command = "make bench" if mode == "brief" else f"python -m tests.bench.engine {mode}"
        cells = ((name, size, way, *_show(cell)) for name, size, way, cell in rows)
        write_tables(console, PAGE, mode, command, load, render_rows(HEAD, cells))
    return int(failed)


def main_safely(*words: str) -> int:
    """Measure as `main`; what keeps all of it from being measured is said in a line."""
    try:
        return main(*words)
    except Exception as error:  # noqa: BLE001 - a sandbox that cannot be had, for one; the other benchmarks go on
        Console(width=150).print(f"The engine could not be measured: {type(error).__name__}: {error}", markup=False)
        return 1


def _measure_code(name: str, code: str, bars: Bars, repeats: int, sandbox: CountingSandbox) -> list[tuple[str, str, str, Cell]]:
    def request(method: Method) -> float:
        outcome = sandbox.run(code, PLAN.changed(method=method), bars, cancel=threading.Event())
        if not outcome.ok:
            raise RuntimeError(outcome.error.message if outcome.error is not None else outcome.status.value)
        return float(outcome.equity[-1])

    ways: dict[str, Callable[[], float]] = {
        STOCK: lambda: run_plainly(code, PLAN, bars),
        "lock-step, whole request": lambda: request(Method.LOCK_STEP),
        "fast with its checks, whole request": lambda: request(Method.FAST),
        **({peer: functools.partial(run, bars) for peer, run in PEERS.items()} if name == "SMA cross" else {}),
    }
    cells = _measure_in_turns(ways, repeats, sandbox)
    return [(name, f"{len(bars):,}", way, cell) for way, cell in cells.items()]


def _measure_compiled(
    name: str, workflow: Workflow, bars: Bars, repeats: int, sandbox: CountingSandbox
) -> list[tuple[str, str, str, Cell]]:
    """The compiler's own program beside the same text in stock Backtrader: what "Export" gives, as its reader runs it."""
    code, turns = compile_workflow(workflow), itertools.count(1)

    def request(program: str, used: Sandbox | OwnersSandbox = sandbox) -> float:
        outcome = used.run_proved(ProvedProgram(program), PLAN, bars, cancel=threading.Event())
        if outcome.certificate.method is not Method.PROVED:
            raise RuntimeError("it was not taken for proved")
        return float(outcome.equity[-1])

    own = OwnersSandbox(sandbox, "")
    ways: dict[str, Callable[[], float]] = {STOCK: lambda: run_plainly(code, PLAN, bars), PROVED_WAY: lambda: request(code)}
    if len(bars) <= MOST_THAT_WAIT:
        request(compile_workflow(workflow), own)  # what follows, follows this
        ways[f"{FOLLOWING} a workflow not read yet, indicators known"] = lambda: request(compile_as_another(workflow, next(turns)), own)
        ways[f"{FOLLOWING} a known workflow, other numbers"] = lambda: request(compile_with_other_numbers(workflow, next(turns)), own)
    cells = _measure_in_turns(ways, repeats, sandbox)
    return [(name, f"{len(bars):,}", way, cell) for way, cell in cells.items()]


def _measure_in_turns(ways: dict[str, Callable[[], float]], repeats: int, sandbox: CountingSandbox) -> dict[str, Cell]:
    """Measure every way once a round, so that a machine whose speed changes changes it for all of them; the middle of all rounds counts."""
    if repeats > 1:
        for run in ways.values():
            _measure(run, sandbox)  # warm
    rounds = [{way: _measure(run, sandbox) for way, run in ways.items()} for _ in range(repeats)]
    return {way: _take_middle([one[way] for one in rounds], [one[STOCK] for one in rounds]) for way in ways}


def _take_middle(cells: Sequence[Cell], stock: Sequence[Cell]) -> Cell:
    """The middle of a way's rounds, beside stock's of the same rounds."""
    if failed := next((cell for cell in cells if cell.reason), None):
        return failed
    known = not any(cell.reason for cell in stock)
    ratios = [
        (before.processor / max(cell.processor, 1e-9), before.wall / max(cell.wall, 1e-9))
        for cell, before in zip(cells, stock, strict=True)
    ]
    processor, wall = (statistics.median(part) for part in zip(*ratios, strict=True))
    return Cell(
        statistics.median(cell.processor for cell in cells),
        statistics.median(cell.wall for cell in cells),
        faster=(processor, wall) if known else None,
    )


def _measure(run: Callable[[], float], sandbox: CountingSandbox) -> Cell:
    used, began = sandbox.processor_seconds(), time.perf_counter()
    try:
        run()
    except Exception as error:  # noqa: BLE001 - a cell that cannot be measured says so, and the others are measured
        return Cell(reason=f"{type(error).__name__}: {error}"[:80])
    return Cell(sandbox.processor_seconds() - used, time.perf_counter() - began)


def _show(cell: Cell) -> tuple[str, str, str, str]:
    if cell.reason:
        return cell.reason, "", "", ""
    processor, wall = ("", "") if cell.faster is None else (f"{one:.1f}" for one in cell.faster)
    return f"{cell.processor:.3f}", processor, f"{cell.wall:.3f}", wall


if __name__ == "__main__":
    sys.exit(main_safely(*(sys.argv[1:] or ["full"])))
