"""What the loop adds to generation and backtest, how soon a page is painted, and whether the replay equals the stock broker."""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core import language
from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.run import ModelChoice, RunPlan
from core.domain.workflow import Workflow
from core.services import Services, Settings
from tests.bench.loop_clock import Lap, count_calls, time_loop
from tests.llm.fault_server import Reply, fault_server

ROOT = Path(__file__).parents[2]
SHORT_RUN = 20
PIECE = 16
LONG_RUN = 200
WINDOW = 40
"""Loops at the beginning and at the end of a long run: a neighbor's work falls on ten of them, and moves their median by a half."""
STREAMED, STREAM_SECONDS = 5, 5.0
"""Answers of the streaming model, and the time that each takes: that of a short program at 200 tokens a second."""
COUNTED = range(46, 56), range(150, 160)
"""Loops whose calls are counted."""
CANDIDATE_LOOPS = 6
SHORT_STREAM_SECONDS = 2.0
"""Time of an answer where candidates are made side by side: shorter than most, so that it says little for the ratio."""
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
    """Share of a loop's time that is neither the model's nor the sandbox's: with an answer of milliseconds, and with one of seconds."""
    table = Table(
        "AAPL daily, median iteration", "answer", "backtest", "everything else", "its processor time", "share of everything else (aim: 2 %)"
    )
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=SHORT_RUN)
    with fault_server() as server:
        pieces = [_cut(answer) for answer in _write_answers(plan.workflow)]
        server.will(*(Reply(pieces=each, drip=STREAM_SECONDS / len(each)) for each in pieces))
        choice = ModelChoice(id="openai/streaming", api_base=server.base)
        streaming = plan.changed(model=choice, loops=STREAMED, patience=None, search="climb")
        for name, each in (("built-in optimizer", plan), (f"an answer streamed for {STREAM_SECONDS:g} s", streaming)):
            laps = time_loop(parts, each)[1:]
            figures = [_median(laps, part) for part in ("answer", "backtest", "own", "processor")]
            table.add_row(name, *(f"{1000 * figure:.1f} ms" for figure in figures), f"{_median(laps, 'share'):.2%}")
    return table


def _median(laps: Sequence[Lap], part: str) -> float:
    return statistics.median(getattr(lap, part) for lap in laps)


def _write_answers(workflow: Workflow) -> list[str]:
    """Answers that a language model could give: programs with other numbers each."""
    codes = [language.compile_workflow(workflow, {"sma_fast": 10.0 + place}) for place in range(STREAMED)]
    return [f"Change: {place}\nHypothesis: it is faster.\n\n```python\n{code}```\n" for place, code in enumerate(codes)]


def _cut(answer: str) -> tuple[str, ...]:
    """Cut an answer into pieces, as servers send them: a few tokens each."""
    return tuple(answer[start : start + PIECE] for start in range(0, len(answer), PIECE))


def flatness(parts: Services) -> Table:
    """What a loop takes for itself, early and late in a long run: time, processor time of its process, and calls of functions."""
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=LONG_RUN)
    laps = time_loop(parts, plan)
    early, late = laps[4 : 4 + WINDOW], laps[-WINDOW:]
    names = (f"loops 5 to {4 + WINDOW}", f"loops {LONG_RUN - WINDOW} to {LONG_RUN - 1}")
    table = Table(f"built-in optimizer, {LONG_RUN} loops", *names, "ratio (aim: flat)")
    for name, part in (("own time", "own"), ("own processor time", "processor"), ("its answer", "answer")):
        figures = (_median(early, part), _median(late, part))
        table.add_row(name, *(f"{1000 * figure:.1f} ms" for figure in figures), f"{figures[1] / figures[0]:.2f}")
    pieces = [_median(part, "pieces") for part in (early, late)]
    table.add_row(
        "own processor time, in a fixed piece of work beside it", *(f"{each:.1f}" for each in pieces), f"{pieces[1] / pieces[0]:.2f}"
    )
    calls = count_calls(parts, plan.changed(loops=COUNTED[-1].stop + 1), COUNTED)
    places = " and ".join(f"{loops.start} to {loops[-1]}" for loops in COUNTED)
    table.add_row(f"calls of functions, loops {places}", *(f"{count:,.0f}" for count in calls), f"{calls[1] / calls[0]:.2f}")
    return table


def side_by_side(parts: Services) -> Table:
    """Time of an iteration when four candidates of a loop are made side by side, against one after the other.

    With an answer of milliseconds and daily bars most of it is work of one interpreter; with an answer that is waited for it is not.
    """
    table = Table(f"an iteration, {os.cpu_count()} processors", "one by one", "four candidates", "ratio (aim: 0.6)")
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=4 * CANDIDATE_LOOPS)
    _add_candidates(table, "built-in optimizer", parts, plan)
    with fault_server() as server:
        pieces = [_cut(answer) for answer in _write_answers(plan.workflow)[:4]]
        server.will(*(Reply(pieces=each, drip=SHORT_STREAM_SECONDS / len(each)) for each in pieces * 4))
        choice = ModelChoice(id="openai/streaming", api_base=server.base)
        streaming = plan.changed(model=choice, loops=8, patience=None, search="climb")
        _add_candidates(table, f"an answer streamed for {SHORT_STREAM_SECONDS:g} s", parts, streaming)
    return table


def _add_candidates(table: Table, name: str, parts: Services, plan: RunPlan) -> None:
    seconds = []
    for candidates in (1, 4):
        began = time.perf_counter()
        made = parts.runs.run_here(plan.changed(candidates=candidates, loops=plan.loops // candidates))
        seconds.append((time.perf_counter() - began) / made.iterations)
    table.add_row(name, *(f"{one * 1000:.0f} ms" for one in seconds), f"{seconds[1] / seconds[0]:.2f}")


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
