"""How soon an event is on the screen: from its commit to the browser's socket and to the element, for writers here and elsewhere."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.domain.bars_request import BarsRequest
from core.domain.events import EventKind, LogEvent
from core.domain.run import Run, RunPlan, Status
from core.services import Services, Settings
from core.store import Store
from tests.bench.bench_loop import FLAGS, ROOT

EVENTS = 80
PAUSE = 0.03
"""Seconds between two events: a model that writes and a loop that steps."""


def run(console: Console) -> None:
    """Print one table for sockets and one for the element in a real browser."""
    console.print(sockets())
    console.print(browser())


def sockets() -> Table:
    """From commit to a socket's message, one viewer and twenty, in this process; the writer here or in another process."""
    table = Table("commit to message at the socket", "viewers", "p50", "p95", "largest", "missed or twice")
    for name, elsewhere in (("written by this process", False), ("written by another process", True)):
        for viewers in (1, 20):
            late, wrong = _measured_sockets(viewers, elsewhere)
            table.add_row(name, str(viewers), *_figures(late), str(wrong))
    return table


def _measured_sockets(viewers: int, elsewhere: bool) -> tuple[list[float], int]:
    import json

    from websockets.sync.client import connect

    from pages.live.tokens import TokenScope, load_tokens

    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as (parts, port):
        made = _open_run(parts.store, parts)
        token = load_tokens(parts.settings.home).mint(made.id, TokenScope.EVENTS)
        address = f"ws://127.0.0.1:{port}/live/runs/{made.id}?token={token}"
        seen: list[list[tuple[int, float]]] = [[] for _ in range(viewers)]

        def watch(place: int) -> None:
            with connect(address, origin=f"http://127.0.0.1:{port}", proxy=None) as line:  # type: ignore[arg-type]
                ready.release()
                while len(seen[place]) < EVENTS:
                    messages = json.loads(line.recv(timeout=30))
                    now = time.time()
                    seen[place] += [(message["seq"], now - float(message["text"])) for message in messages if message["kind"] == "log"]

        ready = threading.Semaphore(0)
        threads = [threading.Thread(target=watch, args=(place,)) for place in range(viewers)]
        for thread in threads:
            thread.start()
        for _ in threads:
            ready.acquire()
        time.sleep(0.5)
        _write(Path(folder), made.id, parts.store, elsewhere)
        for thread in threads:
            thread.join()
        expected = [event.seq for event in parts.store.list_events(made.id, kind=EventKind.LOG)]
        wrong = sum([seq for seq, _ in one] != expected for one in seen)
        return [delay for one in seen for _, delay in one], wrong


@contextmanager
def _served(home: Path) -> Iterator[tuple[Services, int]]:
    import socket

    import uvicorn
    from starlette.applications import Starlette

    from pages.live.routes import LiveSockets, build_live_routes

    parts = Services(Settings(home=home))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    app = Starlette(routes=build_live_routes(LiveSockets(lambda: parts)))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield parts, port
    server.should_exit = True
    thread.join()
    parts.close()


def _open_run(store: Store, parts: Services) -> Run:
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=10)
    made = store.create_run(plan)
    store.announce("bench")
    store.claim(made.id, "bench", seconds=3600)
    store.save_run(made.changed(status=Status.RUNNING))
    return made


WRITER = """
import sys, time
from pathlib import Path
from core.domain.events import LogEvent
from core.store import Store
store = Store.in_folder(Path(sys.argv[1]))
for _ in range(int(sys.argv[3])):
    store.add_event(sys.argv[2], LogEvent(text=repr(time.time())))
    time.sleep(float(sys.argv[4]))
store.close()
"""
"""The text of an event is the moment before its commit, so the delays include the commit itself."""


def _write(home: Path, run_id: str, store: Store, elsewhere: bool) -> None:
    if elsewhere:
        command = [sys.executable, "-c", WRITER, str(home), run_id, str(EVENTS), str(PAUSE)]
        subprocess.run(command, check=True, cwd=ROOT)
        return
    for _ in range(EVENTS):
        store.add_event(run_id, LogEvent(text=repr(time.time())))
        time.sleep(PAUSE)


def browser() -> Table:
    """From commit to the line in the log of a real page, written by another process."""
    table = Table("commit to element in Chromium", "shown", "p50", "p95", "largest")
    path = os.environ.get("STRATLOOP_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        table.add_row("no Chromium on this machine", "", "", "", "")
        return table
    late = _measured_browser(path)
    table.add_row("the dashboard, one tab", f"{len(late)} of {EVENTS}", *_figures(late))
    return table


LISTEN = """() => {
  window.late = [];
  const log = [...document.querySelectorAll('*')].map(one => one.shadowRoot?.querySelector('[data-part=log]')).find(Boolean);
  new MutationObserver(changes => {
    const now = Date.now() / 1000;
    for (const change of changes) for (const line of change.addedNodes) {
      const sent = Number(line.lastChild.textContent);
      if (sent) window.late.push(now - sent);
    }
  }).observe(log, {childList: true});
}"""


def _measured_browser(path: str) -> list[float]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, _dashboard(Path(folder)) as url, sync_playwright() as playwright:
        parts = Services(Settings(home=Path(folder)))
        made = _open_run(parts.store, parts)
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = chromium.new_page()
        page.goto(f"{url}/driving?run={made.id}")
        page.get_by_text("Live", exact=True).wait_for(timeout=60_000)
        page.wait_for_timeout(2000)
        page.evaluate(LISTEN)
        writing = threading.Thread(target=_write, args=(Path(folder), made.id, parts.store, True))
        writing.start()
        while writing.is_alive():
            page.wait_for_timeout(200)
        page.wait_for_timeout(500)
        late: list[float] = page.evaluate("window.late")
        chromium.close()
        parts.close()
        return late


@contextmanager
def _dashboard(home: Path) -> Iterator[str]:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, str(ROOT / "app.py"), "--no-browser", "--port", str(port)]
    environment = {**os.environ, "STRATLOOP_HOME": str(home)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home)
    url = f"http://127.0.0.1:{port}"
    _until(lambda: _answers(url))
    yield url
    process.terminate()
    process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.1)


def _figures(late: list[float]) -> tuple[str, str, str]:
    if len(late) < 2:
        return ("none", "none", "none")
    steps = statistics.quantiles(late, n=20)
    return tuple(f"{value * 1000:.0f} ms" for value in (statistics.median(late), steps[18], max(late)))  # type: ignore[return-value]
