"""The speed of this machine beside that of the one for which aims in seconds were set: two pieces of work that the product has no part in.

Aims were set where stock Backtrader takes 0.16 s for a crossing of averages on 2,500 bars, and `import backtrader, pandas` 0.44 s. An aim
holds on any machine when a figure is no larger a multiple of the same work than the aim was there.
"""

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from core.domain.instrument import Timeframe

ROOT = Path(__file__).parents[2]
STOCK_THERE, IMPORTS_THERE = 0.16, 0.44
"""Processor seconds on the machine of the aims."""
STOCK_REPEATS, IMPORT_REPEATS = 5, 2
MULTIPLES = "in stock runs / imports"
BARS = 2_500


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Least processor seconds of stock's crossing of averages on 2,500 bars, and of `import backtrader, pandas`, on this machine."""

    stock: float
    imports: float

    def count(self, seconds: float) -> str:
        """Spell a time in stock runs and in imports."""
        return f"{seconds / self.stock:.2f} / {seconds / self.imports:.2f}"

    def judge(self, seconds: float, aim: float) -> str:
        """Say whether an aim in seconds of the machine of the aims holds: by both, by one of the two, or by neither."""
        stock, imports = seconds / self.stock <= aim / STOCK_THERE, seconds / self.imports <= aim / IMPORTS_THERE
        return "holds" if stock and imports else "by stock runs" if stock else "by imports" if imports else "missed"

    def least(self, other: "Yardstick") -> "Yardstick":
        """Take the faster of each: what a machine can do when nobody is in its way."""
        return Yardstick(min(self.stock, other.stock), min(self.imports, other.imports))

    def describe(self) -> str:
        """Both in one line, beside the machine of the aims."""
        return (
            f"This machine: stock's SMA cross on {BARS:,} bars {self.stock:.3f} s, `import backtrader, pandas` {self.imports:.2f} s "
            f"({STOCK_THERE} and {IMPORTS_THERE} s where the aims were set)."
        )


def describe_aim(seconds: float) -> str:
    """Spell an aim in seconds and as multiples."""
    return f"under {seconds:g} s = {seconds / STOCK_THERE:.2f} / {seconds / IMPORTS_THERE:.2f}"


def measure_yardstick() -> Yardstick:
    """Measure both, each in a fresh process, so that what this process has loaded is in nobody's way."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.yardstick"], cwd=ROOT, check=True, capture_output=True, text=True)
    return Yardstick(float(done.stdout), min(_import_bare() for _ in range(IMPORT_REPEATS)))


def _import_bare() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import backtrader, pandas"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run_stock() -> float:
    from tests.bench.bench_backtest import CROSS, PLAN, bars_of
    from tests.reference_backtrader import run_plainly

    bars = bars_of(BARS, Timeframe.D1)
    least = float("inf")
    for _ in range(STOCK_REPEATS):
        began = time.process_time()
        run_plainly(CROSS, PLAN, bars)
        least = min(least, time.process_time() - began)
    return least


if __name__ == "__main__":
    Console(highlight=False).print(_run_stock())
