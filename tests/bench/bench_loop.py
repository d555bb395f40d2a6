"""What the loop adds to generation and backtest, how soon a page is painted, and whether the replay equals the stock broker."""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core import language
from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.run import RunPlan
from core.domain.workflow import Workflow
from core.services import Services, Settings

ROOT = Path(__file__).parents[2]
LONG_RUN = 60
CANDIDATE_LOOPS = 6
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]


def run(console: Console) -> None:
    """Print its tables."""
    with tempfile.TemporaryDirectory() as folder:
        parts = Services(Settings(home=Path(folder)))
        try:
            console.print(overhead(parts))
            console.print(flatness(parts))
            console.print(side_by_side(parts))
            console.print(equality(parts))
        finally:
            parts.close()
    console.print(first_paint())


def overhead(parts: Services) -> Table:
    """Share of a loop's time that is neither the model's nor the sandbox's."""
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=10)
    made = parts.runs.run_here(plan)
    iterations = parts.store.list_iterations(made.id)[2:]
    generate, backtest, other = (
        statistics.median(getattr(iteration, f"{name}_seconds") for iteration in iterations)
        for name in ("generate", "backtest", "overhead")
    )
    table = Table("AAPL daily, median loop", "generate", "backtest", "everything else", "share of everything else (aim: under 2 %)")
    share = other / (generate + backtest + other)
    table.add_row("built-in model", f"{generate * 1000:.0f} ms", f"{backtest * 1000:.0f} ms", f"{other * 1000:.0f} ms", f"{share:.1%}")
    return table


def flatness(parts: Services) -> Table:
    """Time from one iteration to the next that is neither the model's nor the sandbox's, early and late in a long run."""
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=LONG_RUN)
    made = parts.store.list_iterations(parts.runs.run_here(plan).id)
    own = [
        (after.created - before.created).total_seconds() - after.generate_seconds - after.backtest_seconds
        for before, after in pairwise(made)
    ]
    early, late = statistics.median(own[2:12]), statistics.median(own[-10:])
    table = Table(f"own time of a loop, {LONG_RUN} loops", "loops 3 to 12", "the last 10", "ratio (aim: flat)")
    table.add_row("built-in model", f"{early * 1000:.1f} ms", f"{late * 1000:.1f} ms", f"{late / early:.2f}")
    return table


def side_by_side(parts: Services) -> Table:
    """Time of an iteration when four candidates of a loop are made side by side, against one after the other."""
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=4 * CANDIDATE_LOOPS)
    seconds = []
    for candidates in (1, 4):
        began = time.perf_counter()
        made = parts.runs.run_here(plan.changed(candidates=candidates, loops=plan.loops // candidates))
        seconds.append((time.perf_counter() - began) / made.iterations)
    table = Table(f"an iteration, {os.cpu_count()} processors", "one by one", "four candidates", "ratio (aim: 0.6)")
    table.add_row("built-in model", *(f"{one * 1000:.0f} ms" for one in seconds), f"{seconds[1] / seconds[0]:.2f}")
    return table


def equality(parts: Services) -> Table:
    """Final value by the platform's replay against stock Backtrader, for every starter workflow."""
    from tests.reference_backtrader import run_reference

    table = Table("starter workflow", "bars", "platform", "stock Backtrader", "relative difference (aim: under 1e-9)")
    plan = BacktestPlan()
    for starter in parts.workbench.list_starters():
        symbol, timeframe = ("SYN-1M", "5m") if needs_intraday(starter.workflow) else ("AAPL", "1d")
        bars = parts.market.bars(BarsRequest(symbol=symbol, timeframe=timeframe))
        bars = bars.slice(0, min(len(bars), 5_000))
        code = language.compile_workflow(starter.workflow)
        outcome = parts.rooms.sandbox.run(code, plan, bars, cancel=parts.rooms.never)
        ours = float(outcome.equity[-1]) if outcome.ok else float("nan")
        stock = run_reference(code, plan, bars).final_value
        table.add_row(starter.key, f"{len(bars)} {symbol}", f"{ours:.6f}", f"{stock:.6f}", f"{abs(ours - stock) / stock:.1e}")
    return table


def needs_intraday(workflow: Workflow) -> bool:
    """True when a row speaks of the time within a day."""
    words = ("bar_of_day", "minutes_to_close", "hour", "minute", "vwap")
    texts = [text for row in workflow.rows for text in (*row.indicators, *row.thresholds)]
    return any(word in text for word in words for text in texts) or any(row.operator == "time" for row in workflow.rows)


def first_paint() -> Table:
    """Seconds from a request to the first heading on the screen: right after the start of the server, and later."""
    table = Table("time to the first heading", "seconds", "aim")
    chromium = os.environ.get("STRATLOOP_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        table.add_row("Chromium is not installed", "", "")
        return table
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {**os.environ, "STRATLOOP_HOME": folder}
        server = subprocess.Popen(
            [sys.executable, "app.py", "--port", "8639", "--no-browser"],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            warm_up = browser.new_page()
            warm_up.goto("about:blank")
            _wait_for_port()
            cold = _paint(browser.new_page())
            time.sleep(12)
            page = browser.new_page()
            _paint(page)
            warm = min(_paint(page) for _ in range(3))
            browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)
    table.add_row("cold server", f"{cold:.2f}", "under 2")
    table.add_row("warm server, same browser", f"{warm:.2f}", "under 0.5")
    return table


def _wait_for_port() -> None:
    import socket

    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", 8639)) == 0:
                return
        time.sleep(0.05)


def _paint(page: object) -> float:
    began = time.perf_counter()
    page.goto("http://127.0.0.1:8639/")  # type: ignore[attr-defined]
    page.wait_for_selector("h1, h2, h3", timeout=60_000)  # type: ignore[attr-defined]
    return time.perf_counter() - began
