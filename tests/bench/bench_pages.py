"""Processor time of drawing a screen again, over a history of many runs, with a heap that is kept small as the server keeps it.

A click on a server waits for the drawing alone. Here the collection of what it left behind, which the server does in the background, is
counted too.
"""

import gc
import logging
import os
import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.domain.run import Run
from tests.bench.long_history import build_history
from tests.bench.yardstick import MULTIPLES, describe_aim, measure_yardstick

SHELL = Path(__file__).parents[2] / "pages" / "shell.py"
SCREENS = ("home", "builder", "code", "driving", "compare", "library", "market", "credits", "settings", "help")
HISTORIES = ((50, 20), (2_000, 20))
"""Runs, iterations of each."""
REPEATS = 8
AIM = 0.15


def run(console: Console) -> None:
    """Print one table: a short history beside a long one."""
    before = measure_yardstick()
    found: dict[str, list[float]] = {}
    for runs, iterations in HISTORIES:
        with tempfile.TemporaryDirectory() as folder:
            for screen, seconds in measure(Path(folder), runs, iterations).items():
                found.setdefault(screen, []).append(seconds)
    yardstick = before.least(measure_yardstick())
    sizes = [f"{runs:,} runs of {each}" for runs, each in HISTORIES]
    table = Table("screen drawn again, collection included", *sizes, "ratio", MULTIPLES, f"aim: p95 {describe_aim(AIM)}")
    for screen, (short, long) in found.items():
        times = (f"{short * 1000:.0f} ms", f"{long * 1000:.0f} ms", f"{long / short:.1f}")
        table.add_row(screen, *times, yardstick.count(long), yardstick.judge(long, AIM))
    console.print(table)
    console.print(yardstick.describe())


def measure(home: Path, runs: int, iterations: int) -> dict[str, float]:
    """The 95th percentile of processor time by screen, over a history of so many runs."""
    from streamlit.runtime.state.safe_session_state import SafeSessionState

    import core.services
    from core.services import shut_down
    from pages.components.warm_up import load_screens, settle_heap
    from pages.live.lean_state import read_state_lean

    read_state_lean(SafeSessionState)
    made = build_history(home, runs, iterations)
    os.environ["STRATLOOP_HOME"] = str(home)
    logging.disable(logging.WARNING)  # Streamlit says of each cache and each thread that there is no browser
    load_screens()
    shut_down()
    settle_heap()
    try:
        return {screen: _measure_screen(screen, made) for screen in SCREENS}
    finally:
        logging.disable(logging.NOTSET)
        gc.unfreeze()
        core.services.shut_down()


def _measure_screen(screen: str, made: Run) -> float:
    from streamlit.testing.v1 import AppTest

    from pages.components.warm_up import collect_garbage

    app = AppTest.from_file(str(SHELL), default_timeout=120).run()
    if screen in ("driving", "library"):
        app.query_params["run"] = made.id
    if screen != "home":
        app.switch_page(f"{screen}.py").run()
    collect_garbage()
    seconds = []
    for _ in range(REPEATS + 2):
        before = time.process_time()
        app.run()
        gc.collect(2)
        seconds.append(time.process_time() - before)
    return statistics.quantiles(seconds[2:], n=20)[-1]
