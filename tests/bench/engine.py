"""`python -m tests.bench.engine [quick | million]`: whole requests beside stock Backtrader; writes the table of docs/performance.md.

A cell that cannot be measured says why; nothing here ends in a traceback.
"""

import importlib.util
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.backtest import bulk_formulas
from core.domain.backtest import BacktestPlan, Limits, Method
from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from tests.bench.bench_backtest import BRACKET, CROSS, bars_of, ours
from tests.bench.counting_host import CountingSandbox
from tests.reference_backtrader import run_plainly

PLAN = BacktestPlan(limits=Limits(wall_seconds=600.0, cpu_seconds=600, memory_mb=2_000))
PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
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
STOCK = "stock Backtrader, `cerebro.run()` as written"


@dataclass(frozen=True, slots=True)
class Cell:
    """One way of running, measured: seconds of the fastest repeat, or the reason why there are none."""

    processor: float = 0.0
    wall: float = 0.0
    reason: str = ""


def main(mode: str) -> int:
    """Measure, print and write; 1 when a cell could not be measured."""
    console = Console()
    sizes = {"quick": ((2_500, 1),), "million": ((1_000_000, 1),)}.get(mode, ((2_500, 8), (100_000, 1)))
    rows: list[tuple[str, str, str, Cell, Cell]] = []
    with CountingSandbox() as sandbox:
        for count, repeats in sizes:
            bars = bars_of(count, Timeframe.D1 if count < 5_000 else Timeframe.M1)
            for name, code in CODES.items():
                rows.extend(_measure_code(name, code, bars, repeats, sandbox))
    table = Table("strategy", "bars", "way", "processor s", "times faster", "wall s", "times faster")
    for name, size, way, cell, stock in rows:
        table.add_row(name, size, way, *_show(cell, stock))
    console.print(table)
    left = bulk_formulas.left_to_backtrader
    console.print("Left to Backtrader's own code in bulk: " + (", ".join(f"{name} ({times})" for name, times in left.items()) or "nothing"))
    if mode != "quick":
        _write_page(rows)
    return int(any(cell.reason for *_, cell, _ in rows))


def _measure_code(name: str, code: str, bars: Bars, repeats: int, sandbox: CountingSandbox) -> list[tuple[str, str, str, Cell, Cell]]:
    def request(method: Method) -> float:
        outcome = sandbox.run(code, PLAN.changed(method=method), bars, cancel=threading.Event())
        if not outcome.ok:
            raise RuntimeError(outcome.error.message if outcome.error is not None else outcome.status.value)
        return float(outcome.equity[-1])

    ways: dict[str, Callable[[], float]] = {
        STOCK: lambda: run_plainly(code, PLAN, bars),
        "lock-step, whole request": lambda: request(Method.LOCK_STEP),
        "fast with its checks, whole request": lambda: request(Method.FAST),
        "fast without checks, replay and second opinion in this process": lambda: ours(code, bars, lock_step=False),
        **_find_peers(name, bars),
    }
    cells = _measure_in_turns(ways, repeats, sandbox)
    return [(name, f"{len(bars):,}", way, cell, cells[STOCK]) for way, cell in cells.items()]


def _measure_in_turns(ways: dict[str, Callable[[], float]], repeats: int, sandbox: CountingSandbox) -> dict[str, Cell]:
    """Measure every way once a round, so that a machine whose speed changes changes it for all of them; the fastest round counts."""
    if repeats > 1:
        for run in ways.values():
            _measure(run, sandbox)  # warm
    found = {way: _measure(run, sandbox) for way, run in ways.items()}
    for _ in range(repeats - 1):
        for way, run in ways.items():
            if not found[way].reason:
                again = _measure(run, sandbox)
                found[way] = again if again.reason else _choose_faster(found[way], again)
    return found


def _choose_faster(one: Cell, other: Cell) -> Cell:
    return Cell(min(one.processor, other.processor), min(one.wall, other.wall))


def _measure(run: Callable[[], float], sandbox: CountingSandbox) -> Cell:
    used, began = sandbox.processor_seconds(), time.perf_counter()
    try:
        run()
    except Exception as error:  # noqa: BLE001 - a cell that cannot be measured says so, and the others are measured
        return Cell(reason=f"{type(error).__name__}: {error}"[:80])
    return Cell(sandbox.processor_seconds() - used, time.perf_counter() - began)


def _find_peers(name: str, bars: Bars) -> dict[str, Callable[[], float]]:
    """Other engines on the same crossing of averages, those that are installed (`pip install backtesting`)."""
    if name != "SMA cross" or importlib.util.find_spec("backtesting") is None:
        return {}
    from tests.bench.peers import run_backtesting

    return {"backtesting.py, its own fills": lambda: run_backtesting(bars)}


def _show(cell: Cell, stock: Cell) -> tuple[str, str, str, str]:
    if cell.reason:
        return cell.reason, "", "", ""
    if stock.reason:
        return f"{cell.processor:.3f}", "", f"{cell.wall:.3f}", ""
    faster = (f"{stock.processor / max(cell.processor, 1e-9):.1f}", f"{stock.wall / max(cell.wall, 1e-9):.1f}")
    return f"{cell.processor:.3f}", faster[0], f"{cell.wall:.3f}", faster[1]


def _write_page(rows: list[tuple[str, str, str, Cell, Cell]]) -> None:
    """Put the table between the marks of the page."""
    head = "| strategy | bars | way | processor s | times faster | wall s | times faster |\n|---|---|---|---|---|---|---|\n"
    body = "".join(f"| {name} | {size} | {way} | {' | '.join(_show(cell, stock))} |\n" for name, size, way, cell, stock in rows)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(f"{text[: text.index(BEGIN)]}{BEGIN}\n{head}{body}{text[text.index(END) :]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "full"))
