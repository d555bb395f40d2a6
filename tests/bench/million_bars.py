"""A million one-minute bars: memory of a backtest beside that of stock Backtrader, and how soon Compare and Market show them in a browser.

`python -m tests.bench.million_bars [memory | screens] [BARS]` prints the tables and writes those of docs/performance.md. Memory is the
proportional share of all processes of a way added up: each page that several of them hold counts once. The largest of many looks a second
is shown.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.domain.backtest import Method
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.instrument import Timeframe
from core.domain.proved_program import ProvedProgram
from core.domain.run import ModelChoice, Run, RunPlan
from core.services import Services, Settings
from tests.bench.bench_backtest import bars_of
from tests.bench.bench_loop import FLAGS
from tests.bench.engine import CODES, PLAN
from tests.bench.measured_page import PAGE, render_printed, write_tables
from tests.bench.yardstick import ROOT

BARS = 1_000_000
STRATEGY = "SMA cross"
WAYS = ("stock", "lock-step", "fast", "proved")
LOOK_SECONDS = 0.3
SYMBOL = "MILLION"
WAIT = 180_000
"""Milliseconds."""


def main(part: str = "", count: int = BARS) -> None:
    """Print what was asked for, or both."""
    parts: dict[str, Callable[[int], Table]] = {"memory": compare_memory, "screens": watch_screens}
    console = Console(width=150)
    for name, measure in parts.items():
        if part in ("", name):
            load = os.getloadavg()[0]
            table = measure(count)
            console.print(table)
            write_tables(
                console, PAGE, f"million {name}", f"python -m tests.bench.million_bars {name} {count}", load, render_printed([table])
            )


def compare_memory(count: int) -> Table:
    """Measure the largest memory of each way, all of its processes together."""
    table = Table(f"{STRATEGY} on {count:,} bars", "before the run, MB", "largest, MB", "of stock's", "most for the run, MB", "of stock's")
    found = {way: _watch_memory([sys.executable, "-m", "tests.bench.million_bars", way, str(count)]) for way in WAYS}
    before, most = found[WAYS[0]]
    for way, (own_before, own) in found.items():
        row = (
            f"{own_before:.0f}",
            f"{own:.0f}",
            f"{own / most:.2f}",
            f"{own - own_before:.0f}",
            f"{(own - own_before) / (most - before):.2f}",
        )
        table.add_row(way, *row)
    return table


def _watch_memory(command: list[str]) -> tuple[float, float]:
    """Megabytes when the process says that it is ready, and the most until its end."""
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    before = most = measure_megabytes(process.pid)
    process.stdin.write(b"\n")
    process.stdin.flush()
    while process.poll() is None:
        most = max(most, measure_megabytes(process.pid))
        time.sleep(LOOK_SECONDS)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return before, most


def measure_megabytes(pid: int) -> float:
    """The share of memory of a process and of all that it started, by what they hold alone and their part of what they share."""
    total = 0
    for each in (pid, *list_descendants(pid)):
        with contextlib.suppress(OSError):  # it has ended
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


def list_descendants(pid: int) -> list[int]:
    """Processes that a process started, and those that they did."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents.setdefault(int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]), []).append(int(folder.name))
    found = list(parents.get(pid, ()))
    for each in found:
        found.extend(parents.get(each, ()))
    return found


def run_way(way: str, count: int) -> None:
    """Get ready, say so, wait for a line, and run once: the process that is watched."""
    run = _prepare(way, bars_of(count, Timeframe.M1))
    Console().print("ready")
    sys.stdout.flush()
    sys.stdin.readline()
    run()


def _prepare(way: str, bars: Bars) -> Callable[[], object]:
    if way == "stock":
        import backtrader  # noqa: F401 - as warm as the others
        import pandas  # noqa: F401

        from tests.reference_backtrader import run_plainly

        return lambda: run_plainly(CODES[STRATEGY], PLAN, bars)
    from core.sandbox import Sandbox
    from tests.bench.compiled_workflows import compile_all

    sandbox = Sandbox()
    sandbox.isolation()
    never = threading.Event()
    if way == "proved":
        return lambda: sandbox.run_proved(ProvedProgram(compile_all()[f"{STRATEGY}, compiled"]), PLAN, bars, cancel=never)
    return lambda: sandbox.run(
        CODES[STRATEGY], PLAN.changed(method=Method.LOCK_STEP if way == "lock-step" else Method.FAST), bars, cancel=never
    )


def watch_screens(count: int) -> Table:
    """Drive two runs over an upload, and open them in Compare and the upload in Market."""
    table = Table(f"{count:,} one-minute bars", "seconds", "server, MB", "browser, MB")
    chromium = os.environ.get("STRATLOOP_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        table.add_row("Chromium is not installed", "", "", "")
        return table
    with tempfile.TemporaryDirectory(prefix="million") as folder:
        home = Path(folder)
        began = time.perf_counter()
        runs = _drive(home, count)
        table.add_row(f"two runs of {runs[0].iterations} iterations", f"{time.perf_counter() - began:.1f}", "", "")
        _open_screens(table, home, runs, chromium)
    return table


def _drive(home: Path, count: int) -> list[Run]:
    bars = bars_of(count, Timeframe.M1)
    columns = zip(bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True)
    text = "".join(f"{t},{o:.4f},{h:.4f},{low:.4f},{c:.4f},{v:.0f}\n" for t, o, h, low, c, v in columns)
    parts = Services(Settings(home=home))
    try:
        parts.workbench.keep_upload(("time,open,high,low,close,volume\n" + text).encode(), f"{SYMBOL}.csv")
        asked = BarsRequest(symbol=SYMBOL, timeframe=Timeframe.M1)
        plans = [
            RunPlan(workflow=parts.workbench.find_workflow(name), bars=asked, model=ModelChoice(id="built-in"), loops=1)
            for name in ("sma_cross", "bollinger_reversion")
        ]
        return [parts.runs.run_here(plan) for plan in plans]
    finally:
        parts.close()


def _open_screens(table: Table, home: Path, runs: list[Run], chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    from tests.bench.sessions import start_server
    from tests.e2e.conftest import wait_until_drawn

    server = start_server(home)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(viewport={"width": 1400, "height": 1000})

            def note(what: str, began: float) -> None:
                others = [pid for pid in list_descendants(os.getpid()) if pid != server.process.pid]
                shown = [pid for pid in others if "chrom" in _read_command(pid)]
                held = measure_megabytes(shown[0]) if shown else 0.0
                table.add_row(what, f"{time.perf_counter() - began:.1f}", f"{measure_megabytes(server.process.pid):.0f}", f"{held:.0f}")

            page.goto(f"http://127.0.0.1:{server.port}/")
            page.wait_for_selector("h1, h2, h3", timeout=WAIT)
            wait_until_drawn(page)
            note("Home, before", time.perf_counter())
            identities = ",".join(f"{run.id}:{number}" for run in runs for number in (0, 1))
            for visit in ("first", "second"):
                began = time.perf_counter()
                page.goto(f"http://127.0.0.1:{server.port}/compare?it={identities}")
                page.wait_for_selector(".decision tbody td .value", timeout=WAIT)
                note(f"Compare, {visit} visit: table", began)
                wait_until_drawn(page)
                note(f"Compare, {visit} visit: everything", began)
            began = time.perf_counter()
            page.goto(f"http://127.0.0.1:{server.port}/market?symbol={SYMBOL}")
            page.get_by_text(re.compile("candles")).first.wait_for(timeout=WAIT)
            wait_until_drawn(page)
            note("Market, daily", began)
            began = time.perf_counter()
            page.get_by_role("combobox", name=re.compile("Timeframe")).click()
            page.get_by_role("option", name="1 minute", exact=True).click()
            page.get_by_text(re.compile("1,000,000 bars in")).first.wait_for(timeout=WAIT)
            wait_until_drawn(page)
            note("Market, one-minute bars", began)
            browser.close()
    finally:
        server.process.terminate()
        server.process.wait()


def _read_command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        run_way(sys.argv[1], int(sys.argv[2]))
    else:
        main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
