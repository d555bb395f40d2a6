"""A provider that is down is waited for; loops that bring nothing again and again end the run."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.errors import ProviderError, ProviderReason
from core.domain.events import EventKind, WaitEvent, select_bodies
from core.domain.run import Status, StopReason
from core.driving.drive import MAXIMUM_DEAD_LOOPS
from core.driving.run_context import OUTAGE_PAUSES
from tests.driving.drive_harness import LoopHarness, build_harness
from tests.driving.fakes import ScriptedAnswers, ShakyAnswers, program

DOWN = ProviderError("The provider is overloaded or down.", name="ServiceUnavailableError", reason=ProviderReason.UNAVAILABLE)
REFUSED = ProviderError("The model refused to answer.", name="Refusal", reason=ProviderReason.NO_ANSWER)
NEVER_MENDED = (ProviderReason.AUTHENTICATION, ProviderReason.QUOTA, ProviderReason.BAD_REQUEST, ProviderReason.NOT_INSTALLED)


def with_pauses(made: LoopHarness, *pauses: float) -> LoopHarness:
    return replace(made, parts=replace(made.parts, outage_pauses=pauses))


def find_waits(made: LoopHarness, run_id: str) -> list[WaitEvent]:
    return list(select_bodies(made.store.list_events(run_id, kind=EventKind.WAIT), WaitEvent))


def test_pauses_grow_up_to_ten_minutes() -> None:
    assert list(OUTAGE_PAUSES) == sorted(OUTAGE_PAUSES)
    assert max(OUTAGE_PAUSES) == 600
    assert sum(OUTAGE_PAUSES) > 45 * 60


def test_an_outage_is_waited_out_and_the_run_ends_with_all_of_its_loops(tmp_path: Path) -> None:
    made = with_pauses(build_harness(tmp_path, DOWN, DOWN, program(0.2), DOWN, program(0.9)), 0.0, 0.01)
    run = made.go(loops=2)
    assert (run.status, run.stop_reason, run.iterations) == (Status.COMPLETE, StopReason.LOOPS, 3)
    waits = find_waits(made, run.id)
    assert [(wait.attempt, wait.of, wait.seconds) for wait in waits] == [(1, 2, 0.0), (2, 2, 0.01), (1, 2, 0.0)]
    assert waits[0].message == DOWN.message


def test_a_run_gives_up_when_the_last_pause_is_over(tmp_path: Path) -> None:
    made = with_pauses(build_harness(tmp_path, DOWN), 0.0, 0.0)
    run = made.go(loops=2)
    assert (run.status, len(find_waits(made, run.id)), len(made.model.asked)) == (Status.FAILED, 2, 3)


def test_a_cancel_ends_a_wait_at_once(tmp_path: Path) -> None:
    made = with_pauses(build_harness(tmp_path, DOWN), 600.0)
    threading.Thread(target=lambda: (wait_for(made), made.cancel.set())).start()
    began = time.monotonic()
    run = made.go(loops=2)
    assert run.iterations == 1
    assert time.monotonic() - began < 60, "not the ten minutes"


def wait_for(made: LoopHarness) -> None:
    while not made.model.asked:
        threading.Event().wait(0.01)


@pytest.mark.parametrize("reason", NEVER_MENDED)
def test_what_no_time_mends_ends_the_run_at_once(tmp_path: Path, reason: ProviderReason) -> None:
    made = with_pauses(build_harness(tmp_path, ProviderError("No.", name="x", reason=reason)), 600.0)
    assert (made.go(loops=2).status, len(made.model.asked)) == (Status.FAILED, 1)


def test_one_loop_without_an_answer_is_a_failed_iteration(tmp_path: Path) -> None:
    made = build_harness(tmp_path, REFUSED, program(0.9))
    run = made.go(loops=2)
    dead, alive = made.store.list_iterations(run.id)[1:]
    assert (run.status, dead.error is not None, alive.error) == (Status.COMPLETE, True, None)


def test_several_dead_loops_in_a_row_end_the_run_with_their_reason(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.2), REFUSED)
    run = made.go(loops=20)
    assert (run.status, len(made.store.list_iterations(run.id))) == (Status.FAILED, 2 + MAXIMUM_DEAD_LOOPS)
    assert f"{MAXIMUM_DEAD_LOOPS} loops in a row" in run.message
    assert "refused" in run.message


def test_the_part_of_an_answer_that_came_is_kept_with_what_it_cost(tmp_path: Path) -> None:
    part = "Change: more\n```python\nimport"
    late = ProviderError("The answer stopped coming.", name="Timeout", reason=ProviderReason.TIMEOUT, partial=part)
    made = build_harness(tmp_path, late, program(0.9))
    run = made.go(loops=2)
    kept = made.store.list_iterations(run.id)[1]
    assert kept.answer == part
    assert any("Only part of an answer" in note for note in kept.notes)


def test_fifty_loops_come_through_a_night_in_which_two_calls_in_five_fail(tmp_path: Path) -> None:
    made = build_harness(tmp_path)
    answers = ScriptedAnswers([program(0.01 * (step + 1)) for step in range(50)])
    made = with_pauses(replace(made, parts=replace(made.parts, model=ShakyAnswers(answers, DOWN))), 0.0, 0.0, 0.0)
    run = made.go(loops=50)
    assert (run.status, run.stop_reason, run.iterations) == (Status.COMPLETE, StopReason.LOOPS, 51)


def test_a_provider_that_asks_for_a_longer_wait_gets_it(tmp_path: Path) -> None:
    limited = ProviderError("Slow down.", name="x", reason=ProviderReason.RATE_LIMIT, retry_after=0.03)
    made = with_pauses(build_harness(tmp_path, limited, program(0.9)), 0.01, 0.05)
    run = made.go(loops=1)

    assert [wait.seconds for wait in find_waits(made, run.id)] == [0.03]
