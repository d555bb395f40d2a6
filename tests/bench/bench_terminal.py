"""Processor time of short verbs in a fresh process, in multiples of work that tells how fast this machine is."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.yardstick import MULTIPLES, ROOT, describe_aim, measure_yardstick

REPEATS = 3
FLOOR = ("-c", "import typer, rich.table, pydantic")
STRATEGY = "import backtrader as bt\n\n\nclass Still(bt.Strategy):\n    def next(self):\n        pass\n"


def run(console: Console) -> None:
    """Print one table: the least of several calls, with everything that a call started."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "still.py"
        file.write_text(STRATEGY)
        verbs = {
            "--help": (("--help",), 0.35),
            "check": (("check", "sma_cross"), 0.5),
            "compile": (("compile", "sma_cross"), 0.5),
            "backtest, daily bars": (("backtest", str(file), "--asset", "AAPL"), 1.2),
        }
        before = measure_yardstick()
        floor = measure(FLOOR, folder)
        seconds = {name: measure(("-m", "core.cli", *arguments), folder) for name, (arguments, _) in verbs.items()}
        yardstick = before.least(measure_yardstick())
        table = Table("verb, fresh process", "processor time", MULTIPLES, "aim", "here")
        table.add_row("bare imports (typer, rich, pydantic)", f"{floor:.2f} s", yardstick.count(floor), "", "")
        for name, (_, aim) in verbs.items():
            own = seconds[name]
            table.add_row(name, f"{own:.2f} s", yardstick.count(own), describe_aim(aim), yardstick.judge(own, aim))
        console.print(table)
        console.print(yardstick.describe())


def measure(arguments: Sequence[str], home: str) -> float:
    """The least processor time of several calls; the first one, which may compile, is not counted."""
    environment = {**os.environ, "STRATLOOP_HOME": home}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return min([_call(arguments, environment) for _ in range(REPEATS + 1)][1:])


def _call(arguments: Sequence[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
