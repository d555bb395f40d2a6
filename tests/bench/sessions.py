"""Cost of people in front of one server: memory of sessions, processor time of pages and of live views, room of iterations.

`python -m tests.bench.sessions [MOST_SESSIONS]` starts a server of its own on loopback and prints a table. Times are processor time of the
server's process, so that other work on the machine changes them little. `python -m tests.bench.sessions screens [HOME]` measures what a
session on each of some screens holds over a history of 2,000 runs of 20 iterations, which it makes unless it is given one.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import websockets
from rich.console import Console
from rich.table import Table
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.domain.bars_request import BarsRequest
from core.domain.events import LogEvent
from core.domain.run import ModelChoice, Run, RunPlan, Status
from core.services import Services, Settings
from pages.live.tokens import TokenScope, load_tokens
from tests.bench.long_history import build_history
from tests.bench.measured_page import PAGE, render_printed, write_tables
from tests.e2e.conftest import ROOT
from tests.ports import find_free_port

STEPS = (1, 10, 50, 200)
"""Numbers of open sessions at which a further page is measured."""
WATCHED_SECONDS = 8.0
EVENTS_A_SECOND = 4
FIRST_SESSIONS, FURTHER_SESSIONS = 10, 40
"""Sessions on a screen before the counted ones, which bring what is kept for all, and those that are counted."""
SETTLING_SECONDS = 12.0
"""Time in which the server collects its garbage."""
AIM_MEGABYTES = 2.0


@dataclass
class Server:
    """A dashboard in a process of its own, and what it has used."""

    port: int
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def seconds(self) -> float:
        """Processor time of the process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Memory that is the process's alone."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1000


def start_server(home: Path) -> Server:
    """Start a dashboard and wait until it has warmed up."""
    port = find_free_port()
    environment = {**os.environ, "STRATLOOP_HOME": str(home), "STREAMLIT_SERVER_ADDRESS": "127.0.0.1", "STRATLOOP_LOOK_CLOSER": "0"}
    command = [sys.executable, str(ROOT / "app.py"), "--no-browser", "--port", str(port)]
    process = subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
            break
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    server = Server(port, home, process)
    before = -1.0
    while server.seconds - before > 0.05:
        before = server.seconds
        time.sleep(2)
    return server


async def open_page(server: Server, page: str = "", query: str = "") -> websockets.ClientConnection:
    """Open a session as a browser does, on the first page unless another is named, and wait until it is drawn."""
    opened = await websockets.connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream", origin=f"http://127.0.0.1:{server.port}", max_size=None, subprotocols=["streamlit"]
    )
    asked = BackMsg()
    asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
    await opened.send(asked.SerializeToString())
    while True:
        told = ForwardMsg()
        told.ParseFromString(await opened.recv())
        if told.WhichOneof("type") == "script_finished":
            return opened


async def drain(socket: websockets.ClientConnection) -> int:
    """Read a socket until it is closed or cancelled; gives the bytes."""
    count = 0
    async for message in socket:
        count += len(message)
    return count


async def measure_sessions(server: Server, most: int, run_id: str = "") -> list[tuple[int, float, float]]:
    """Processor seconds of one more page, the first or that of a finished run, and memory, at so many open sessions."""
    found, opened, readers = [], [], []
    shown = ("driving", f"run={run_id}") if run_id else ("", "")
    for step in (step for step in STEPS if step <= most):
        while len(opened) < step:
            opened.append(await open_page(server, *shown))
            readers.append(asyncio.create_task(drain(opened[-1])))
        before = server.seconds
        for _ in range(3):
            await (await open_page(server, *shown)).close()
        found.append((step, (server.seconds - before) / 3, server.megabytes))
    for reader, socket in zip(readers, opened, strict=True):
        reader.cancel()
        await socket.close()
    return found


async def measure_screen(server: Server, page: str, query: str) -> float:
    """Megabytes that each further session on a screen holds."""
    opened, readers, held = [], [], []
    for count in (FIRST_SESSIONS, FURTHER_SESSIONS):
        for _ in range(count):
            opened.append(await open_page(server, page, query))
            readers.append(asyncio.create_task(drain(opened[-1])))
        await asyncio.sleep(SETTLING_SECONDS)
        held.append(server.megabytes)
    for reader, socket in zip(readers, opened, strict=True):
        reader.cancel()
        await socket.close()
    return (held[1] - held[0]) / FURTHER_SESSIONS


async def measure_live_views(server: Server, parts: Services, run: Run, counts: Iterable[int]) -> list[tuple[int, float]]:
    """Share of a core that the server uses while so many sockets follow a run which tells something four times a second."""
    found = []
    token = load_tokens(server.home).mint(run.id, TokenScope.EVENTS)
    address = f"ws://127.0.0.1:{server.port}/live/runs/{run.id}?token={token}"
    for count in counts:
        sockets = [await websockets.connect(address, origin=f"http://127.0.0.1:{server.port}", max_size=None) for _ in range(count)]
        readers = [asyncio.create_task(drain(socket)) for socket in sockets]
        before, began = server.seconds, time.monotonic()
        while time.monotonic() - began < WATCHED_SECONDS:
            await asyncio.to_thread(parts.store.add_event, run.id, LogEvent(text="a word and another one"))
            await asyncio.sleep(1 / EVENTS_A_SECOND)
        found.append((count, (server.seconds - before) / (time.monotonic() - began)))
        for reader, socket in zip(readers, sockets, strict=True):
            reader.cancel()
            await socket.close()
    return found


def measure_runs(home: Path) -> tuple[Run, float, float, Services]:
    """A run of ten loops with the built-in model on daily bars: processor seconds of all its processes, and bytes of an iteration."""
    parts = Services(Settings(home=home))
    workflow = parts.workbench.find_workflow("sma_cross")
    plan = RunPlan(workflow=workflow, bars=BarsRequest(symbol="AAPL"), model=ModelChoice(id="built-in"), loops=10)
    parts.runs.run_here(plan)  # once, so that the measured one finds everything loaded
    before = os.times()
    run = parts.runs.run_here(plan)
    parts.rooms.sandbox.close()  # so that its processes are counted
    after = os.times()
    seconds = sum(after[:4]) - sum(before[:4])
    return run, seconds, parts.rooms.history.measure_runs("") / (2 * max(1, run.iterations)), parts


def main(most: int) -> None:
    """Measure and print."""
    say = Console(highlight=False).print
    with tempfile.TemporaryDirectory(prefix="sessions") as folder:
        home = Path(folder)
        run, seconds, room, parts = measure_runs(home)
        say(f"a run of {run.iterations} iterations: {seconds:.1f} s of processor time, {3600 / seconds:.0f} runs an hour and core")
        say(f"room in the history: {room / 1000:.1f} kB an iteration")
        watched = parts.store.create_run(run.plan)
        parts.store.announce("bench")
        parts.store.claim(watched.id, "bench", seconds=3600)
        parts.store.save_run(watched.changed(status=Status.RUNNING))
        server = start_server(home)
        try:
            say(f"server alone: {server.megabytes:.0f} MB")
            for count, share in asyncio.run(measure_live_views(server, parts, watched, (0, 1, 20))):
                say(f"{count} live views of one run: {share:.1%} of a core")
            for step, page, memory in asyncio.run(measure_sessions(server, most)):
                say(f"{step} sessions open: one more first page costs {page:.2f} s, the server holds {memory:.0f} MB")
            for step, page, memory in asyncio.run(measure_sessions(server, most, run.id)):
                say(f"{step} sessions on a finished run: one more such page costs {page:.2f} s, the server holds {memory:.0f} MB")
        finally:
            server.process.terminate()
            server.process.wait()
            parts.close()


def measure_screens(home: Path, made: Run, parts: Services) -> None:
    """Print what a session on each of some screens holds, and write it into docs/performance.md."""
    console, load = Console(highlight=False), os.getloadavg()[0]
    table = Table("screen", f"each of {FURTHER_SESSIONS} further sessions holds", f"aim: under {AIM_MEGABYTES:.0f} MB", "the server then")
    runs = [run for run in parts.store.list_runs(limit=20) if run.best is not None]
    run = next(run for run in runs if run.id != made.id)
    parts.close()
    screens = {
        "home": ("", ""),
        "driving": ("driving", f"run={run.id}"),
        "library": ("library", f"run={run.id}"),
        "compare": ("compare", "it=" + ",".join(f"{each.id}:{each.best}" for each in runs[:6])),
    }
    server = start_server(home)
    try:
        for name, (page, query) in screens.items():
            each = asyncio.run(measure_screen(server, page, query))
            table.add_row(name, f"{each:.2f} MB", "holds" if each < AIM_MEGABYTES else "missed", f"{server.megabytes:.0f} MB")
    finally:
        server.process.terminate()
        server.process.wait()
    console.print(table)
    write_tables(console, PAGE, "sessions", "python -m tests.bench.sessions screens", load, render_printed([table]))


def main_screens(home: str = "") -> None:
    """Measure sessions over a long history, the one in a folder if it is named."""
    with tempfile.TemporaryDirectory(prefix="sessions") as folder:
        place = Path(home or folder)
        if not home:
            build_history(place)
        parts = Services(Settings(home=place))
        measure_screens(place, parts.store.list_runs(limit=1)[0], parts)


if __name__ == "__main__":
    if sys.argv[1:2] == ["screens"]:
        main_screens(*sys.argv[2:3])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS[-1])
