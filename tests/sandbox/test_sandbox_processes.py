"""Everything ends when any of it is killed, nothing grows, and the next run is right again."""

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Limits, Method, Outcome, OutcomeStatus
from core.domain.errors import SandboxUnavailableError
from core.sandbox import Sandbox
from core.sandbox.host import ZygoteHost
from core.sandbox.interpreter import clean_environment, isolated_command
from tests.attacks.arena import HONEST, alive, descendants, run, sample_bars, until, wait_for_pair
from tests.attacks.payloads.making import strategy
from tests.needs import need

ENDLESS = strategy(each="while True: pass")
PATIENT = BacktestPlan(limits=Limits(wall_seconds=60, cpu_seconds=60))
ROOT = Path(__file__).parents[2]


@pytest.fixture
def own(isolated: Sandbox) -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.isolation()
        assert until(lambda: descendants(zygote_of(sandbox)) == [])
        yield sandbox


def zygote_of(sandbox: Sandbox) -> int:
    """Its process id; 0 while there is none."""
    return sandbox._host.pid if isinstance(sandbox._host, ZygoteHost) else 0


def pair_of(sandbox: Sandbox, *, other_than: int = 0) -> tuple[int, int]:
    """Run monitor and child of the run that is going on."""
    return wait_for_pair(zygote_of(sandbox), other_than=other_than)


@contextlib.contextmanager
def endless_run(sandbox: Sandbox, cancel: threading.Event | None = None) -> Iterator[list[Outcome]]:
    """An endless strategy in a thread; inside the block its run monitor and its child are alive."""
    outcomes: list[Outcome] = []
    stop = cancel or threading.Event()
    thread = threading.Thread(target=lambda: outcomes.append(sandbox.run(ENDLESS, PATIENT, sample_bars(), cancel=stop)))
    thread.start()
    pair_of(sandbox)
    yield outcomes
    thread.join(300)
    stop.set()
    assert not thread.is_alive()


def test_words_have_the_same_hashes_in_every_interpreter_of_the_sandbox() -> None:
    command = isolated_command("print(hash('entry'), sys.flags.no_user_site, '' in sys.path)")

    said = {subprocess.run(command, env=clean_environment(), cwd="/", capture_output=True, text=True, check=True).stdout for _ in range(2)}

    assert len(said) == 1
    assert said.pop().split()[1:] == ["1", "False"]


def test_in_lock_step_supervisor_and_child_share_one_processor(own: Sandbox) -> None:
    cancel = threading.Event()
    with endless_run(own, cancel):
        monitor, child = map(os.sched_getaffinity, pair_of(own))
        cancel.set()
    assert len(child) == 1
    assert monitor == child


def test_a_child_killed_from_outside_is_started_again_and_the_next_run_is_right(own: Sandbox) -> None:
    cancel = threading.Event()
    with endless_run(own, cancel) as outcomes:
        monitor, child = pair_of(own)
        assert until(lambda: ticks(child) >= 30)
        os.kill(child, signal.SIGKILL)
        pair_of(own, other_than=monitor)
        cancel.set()
    assert outcomes[0].status is OutcomeStatus.CANCELLED
    assert run(own, HONEST)[0].ok


def test_a_killed_supervisor_takes_its_child_along_and_the_run_is_tried_once_more(own: Sandbox) -> None:
    with endless_run(own) as outcomes:
        monitor, child = pair_of(own)
        os.kill(monitor, signal.SIGKILL)
        assert until(lambda: not alive(child))
        os.kill(pair_of(own, other_than=monitor)[0], signal.SIGKILL)
    assert outcomes[0].status is OutcomeStatus.SUPERVISOR_DIED
    assert until(lambda: descendants(zygote_of(own)) == [])


def test_a_killed_zygote_takes_everything_along_and_is_replaced_and_measured_again(own: Sandbox) -> None:
    before = zygote_of(own)
    cancel = threading.Event()
    with endless_run(own, cancel) as outcomes:
        below = pair_of(own)
        os.kill(before, signal.SIGKILL)
        assert until(lambda: not any(map(alive, below)))
        assert until(lambda: zygote_of(own) not in (0, before))
        pair_of(own)
        cancel.set()
    assert outcomes[0].status is OutcomeStatus.CANCELLED
    assert run(own, HONEST)[0].isolation_level == own.isolation().level


def test_a_killed_application_leaves_nothing_behind(isolated: Sandbox) -> None:
    program = (
        "import threading\nfrom core.sandbox import Sandbox\nfrom tests.sandbox.test_sandbox_processes import *\n"
        "s = Sandbox(); s.isolation(); print(zygote_of(s), flush=True)\n"
        "s.run(ENDLESS, PATIENT, sample_bars(), cancel=threading.Event())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as application:
        assert application.stdout is not None
        zygote = int(application.stdout.readline())
        below = [zygote, *wait_for_pair(zygote)]
        application.kill()
    assert until(lambda: not any(map(alive, below)))


def test_a_cancel_ends_supervisor_and_child(own: Sandbox) -> None:
    cancel = threading.Event()
    with endless_run(own, cancel) as outcomes:
        below = pair_of(own)
        cancel.set()
        assert until(lambda: not any(map(alive, below)))
    assert outcomes[0].status is OutcomeStatus.CANCELLED


def test_closing_ends_what_is_running_and_says_so(own: Sandbox) -> None:
    raised: list[BaseException] = []

    def attempt() -> None:
        try:
            own.run(ENDLESS, PATIENT, sample_bars(), cancel=threading.Event())
        except SandboxUnavailableError as error:
            raised.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    zygote = zygote_of(own)
    pair_of(own)
    own.close()
    thread.join(300)
    assert "closed" in str(raised[0])
    assert not alive(zygote)


def test_many_runs_at_once_are_all_right_and_never_more_children_than_slots(own: Sandbox) -> None:
    expected = run(own, HONEST)[0].equity
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: run(own, HONEST)[0], range(24)))
    assert [(outcome.status, outcome.error) for outcome in outcomes] == [(OutcomeStatus.OK, None)] * 24
    assert all(np.array_equal(outcome.equity, expected) for outcome in outcomes)


def test_waiting_for_a_slot_can_be_cancelled(isolated: Sandbox) -> None:
    with Sandbox(workers=1) as narrow:
        narrow.isolation()
        assert until(lambda: descendants(zygote_of(narrow)) == [])
        first, second = threading.Event(), threading.Event()
        with endless_run(narrow, first):
            second.set()
            waiting = narrow.run(HONEST, PATIENT, sample_bars(), cancel=second)
            first.set()
    assert waiting.status is OutcomeStatus.CANCELLED


def test_the_time_of_a_run_begins_when_it_has_its_place(isolated: Sandbox) -> None:
    with Sandbox(workers=1) as narrow, ThreadPoolExecutor(1) as pool:
        narrow.isolation()
        first = threading.Event()
        with endless_run(narrow, first):
            waiting = pool.submit(narrow.run, HONEST, PATIENT, sample_bars(), cancel=threading.Event())
            assert until(lambda: waiting.running())
            place_free = time.monotonic()
            first.set()
            outcome = waiting.result(60)
            ended = time.monotonic()
    assert outcome.ok
    assert outcome.wall_seconds <= ended - place_free
    assert outcome.waited_seconds > 0


@pytest.mark.slow
def test_forty_runs_leave_memory_descriptors_and_processes_as_they_were(own: Sandbox) -> None:
    need(Path("/proc/self/smaps_rollup").exists(), "memory figures of Linux")
    plans = [PATIENT.changed(method=method) for method in (Method.LOCK_STEP, Method.LOCK_STEP, Method.LOCK_STEP, Method.FAST)]
    zygote = zygote_of(own)
    for plan in plans * 3:
        run(own, HONEST, plan)
    assert until(lambda: descendants(zygote) == [])
    gc.collect()  # closes what earlier tests of this process left to the collector
    before = (memory(zygote), descriptors(zygote), descriptors(os.getpid()))
    for plan in plans * 10:
        assert run(own, HONEST, plan)[0].ok
    assert until(lambda: descendants(zygote) == [])
    assert descriptors(zygote) == before[1]
    assert descriptors(os.getpid()) <= before[2]  # fewer, when the collector closes more of theirs in between
    assert memory(zygote) <= before[0] + 208  # kilobytes


def ticks(pid: int) -> int:
    """Processor time in hundredths of a second."""
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))


def memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
