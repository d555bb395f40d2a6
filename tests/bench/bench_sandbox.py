"""What the sandbox costs: a warm run beside a cold start, all barriers beside none, and how fast everything is gone. Read the ratios."""

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from core.domain.backtest import BacktestPlan, Limits, Method
from core.domain.instrument import Timeframe
from core.domain.isolation import Isolation
from core.sandbox import Sandbox
from core.sandbox.client import Host
from core.sandbox.host import ZygoteHost
from core.sandbox.host_choice import measure_isolation
from core.sandbox.lockdown import detect_processor
from tests.attacks.arena import run as run_once
from tests.attacks.arena import sample_bars
from tests.bench.bench_backtest import CROSS, bars_of

EMPTY = "import backtrader as bt\n\n\nclass Empty(bt.Strategy):\n    pass\n"
ENDLESS = "import backtrader as bt\n\n\nclass Endless(bt.Strategy):\n    def next(self):\n        while True:\n            pass\n"
REPEATS = 3
WATCHED = ((2_500, 3), (10_000, 1))
"""Bars, repeats."""
PLAN = BacktestPlan(limits=Limits(wall_seconds=60, cpu_seconds=60))


class Open(Sandbox):
    """The same processes without any barrier, to see what the barriers cost."""

    def _choose(self) -> tuple[Host, Isolation]:
        return ZygoteHost(layers=()), Isolation(level=0)


def run(console: Console) -> None:
    """Print one table; every row is measured in turn with its yardstick."""
    if not detect_processor():
        console.print("No kernel isolation on this machine: nothing to measure.")
        return
    table = Table(
        "", "median ms", "beside", "median ms", "ratio", title="The sandbox; five daily bars and an empty strategy unless said otherwise"
    )
    with Sandbox() as sandbox, Open(allow_unisolated=True) as opened:
        for each in (sandbox, opened):
            run_once(each, EMPTY)
        for row in (*starts(sandbox, opened), *ends(sandbox), *watching(sandbox)):
            table.add_row(*row)
    console.print(table)


def starts(sandbox: Sandbox, opened: Sandbox) -> list[tuple[str, ...]]:
    """What beginning costs."""

    def empty(which: Sandbox, method: Method = Method.LOCK_STEP) -> Callable[[], object]:
        return lambda: run_once(which, EMPTY, PLAN.changed(method=method), sample_bars(5))

    def import_cold() -> None:
        subprocess.run([sys.executable, "-c", "import backtrader, pandas"], check=True)

    cold = "a cold `import backtrader, pandas`"
    return [
        beside("a warm run, all barriers, replay, checks", empty(sandbox), cold, import_cold),
        beside("the same in fast mode", empty(sandbox, Method.FAST), cold, import_cold),
        beside("all barriers", empty(sandbox), "no barrier", empty(opened)),
        beside("the self-test", lambda: measure_isolation(host_of(sandbox)), cold, import_cold),
        beside("a new zygote", new_zygote, cold, import_cold, repeats=3),
    ]


def watching(sandbox: Sandbox) -> list[tuple[str, ...]]:
    """What it costs that somebody watches the account grow."""
    return [_watched(sandbox, method, count, repeats) for method in (Method.LOCK_STEP, Method.FAST) for count, repeats in WATCHED]


def _watched(sandbox: Sandbox, method: Method, count: int, repeats: int) -> tuple[str, ...]:
    plan, bars = PLAN.changed(method=method), bars_of(count, Timeframe.M1)
    never = threading.Event()
    name = f"SMA cross, {count:,} bars, {method.value}"
    return beside(
        f"{name}, watched", lambda: sandbox.run(CROSS, plan, bars, cancel=never, watch=lambda progress: None),
        "not watched", lambda: sandbox.run(CROSS, plan, bars, cancel=never), repeats,
    )  # fmt: skip


def ends(sandbox: Sandbox) -> list[tuple[str, ...]]:
    """How long it takes from the request to stop until the run has come back."""
    times = [cancelled(sandbox) for _ in range(REPEATS)]
    return [("from cancel to the end of an endless run", f"{1000 * statistics.median(times):.1f}", "the aim", "200.0", "")]


def beside(name: str, ours: Callable[[], object], other_name: str, other: Callable[[], object], repeats: int = REPEATS) -> tuple[str, ...]:
    """One row; the two are measured alternately, so that a busy moment hits both."""
    own, theirs = [], []
    for _ in range(repeats):
        own.append(seconds(ours))
        theirs.append(seconds(other))
    one, two = statistics.median(own), statistics.median(theirs)
    return name, f"{1000 * one:.1f}", other_name, f"{1000 * two:.1f}", f"{two / one:.1f}"


def seconds(action: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def cancelled(sandbox: Sandbox) -> float:
    """Wall time from the cancel of an endless run to its outcome."""
    cancel = threading.Event()
    asked: list[float] = []
    threading.Timer(0.2, lambda: (asked.append(time.perf_counter()), cancel.set())).start()
    sandbox.run(ENDLESS, PLAN, sample_bars(5), cancel=cancel)
    return time.perf_counter() - asked[0]


def host_of(sandbox: Sandbox) -> Host:
    """The sandbox's own host, once it has started."""
    assert sandbox._host is not None
    return sandbox._host


def new_zygote() -> None:
    """Start one and end it."""
    ZygoteHost().close()
