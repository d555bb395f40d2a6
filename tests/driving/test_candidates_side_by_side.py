"""Candidates of a loop that are made side by side: seeds, failures, the budget, and a loop that was cut short."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.domain.bars_request import BarsRequest
from core.domain.errors import BudgetError, ProviderError, ProviderReason
from core.domain.model_calls import ModelEvent, ModelRequest
from core.domain.run import RunPlan, Status, StopReason
from core.driving.drive import drive
from core.driving.ports import Cancel
from tests.driving.drive_harness import WORKFLOW, build_harness
from tests.driving.fakes import ScriptedAnswers, program

PLAN = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="AAPL"))


def test_candidates_of_a_loop_are_made_side_by_side_with_seeds_of_their_own(tmp_path: Path) -> None:
    harness = build_harness(tmp_path, *(program(n / 10) for n in range(1, 8)))

    ended = harness.go(loops=2, candidates=3)

    iterations = harness.store.list_iterations(ended.id)
    assert [(iteration.number, iteration.loop) for iteration in iterations] == [(0, 0), (1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2)]
    assert len({request.seed for request in harness.model.asked}) == 3


def test_a_candidate_that_fails_for_good_costs_no_answer_of_the_others(tmp_path: Path) -> None:
    gone = ProviderError("No.", name="AuthenticationError", reason=ProviderReason.AUTHENTICATION)
    harness = build_harness(tmp_path, program(0.2), gone, program(0.4))

    ended = harness.go(loops=3, candidates=3)

    assert (ended.status, ended.stop_reason) == (Status.FAILED, StopReason.ERROR)
    done = harness.store.list_iterations(ended.id)
    assert {iteration.number for iteration in done} in ({0, 1, 2}, {0, 1, 3}, {0, 2, 3})
    assert all(iteration.candidate == iteration.number - 1 for iteration in done[1:])


def test_a_used_up_quota_ends_the_run_whatever_class_of_error_says_so(tmp_path: Path) -> None:
    used_up = ProviderError("The account's quota is used up.", name="RateLimitError", reason=ProviderReason.QUOTA)
    harness = build_harness(tmp_path, program(0.2), used_up, program(0.4))

    ended = harness.go(loops=3, candidates=2)

    assert (ended.status, ended.stop_reason, ended.iterations) == (Status.FAILED, StopReason.ERROR, 2)


def test_a_passing_failure_of_one_candidate_is_an_iteration_and_the_run_goes_on(tmp_path: Path) -> None:
    busy = ProviderError("The provider is overloaded or down.", name="ServiceUnavailableError", reason=ProviderReason.UNAVAILABLE)
    harness = build_harness(tmp_path, program(0.2), busy, program(0.4), program(0.3))

    ended = harness.go(loops=2, candidates=2)

    done = harness.store.list_iterations(ended.id)
    (lost,) = [iteration for iteration in done if iteration.error]
    assert (ended.status, [iteration.number for iteration in done]) == (Status.COMPLETE, [0, 1, 2, 3, 4])
    assert lost.loop == 1
    assert "overloaded" in lost.error.message


def test_when_every_candidate_fails_the_run_ends_and_can_be_resumed(tmp_path: Path) -> None:
    busy = ProviderError("The provider is overloaded or down.", name="ServiceUnavailableError", reason=ProviderReason.UNAVAILABLE)
    harness = build_harness(tmp_path, busy)

    ended = harness.go(loops=2, candidates=2)

    assert (ended.status, ended.iterations) == (Status.FAILED, 1)


def test_candidates_are_made_one_by_one_where_only_reserves_are_in_the_way_of_the_budget(tmp_path: Path) -> None:
    harness = build_harness(tmp_path, *(program(n / 10) for n in range(1, 8)))
    under_way = threading.Semaphore(1)
    model = Reserving(harness.model, under_way)

    created = harness.store.create_run(PLAN.changed(loops=2, candidates=3))
    ended = drive(created.id, replace(harness.parts, model=model), cancel=harness.cancel)

    assert (ended.status, ended.stop_reason, ended.iterations) == (Status.COMPLETE, StopReason.LOOPS, 7)
    assert model.refused > 0


class Reserving:
    """A budget with room for one call at a time."""

    def __init__(self, model: ScriptedAnswers, room: threading.Semaphore) -> None:
        self._model, self._room, self.refused = model, room, 0
        self._first = threading.Barrier(3)

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """An answer, or a refusal while another call is under way."""
        together = not self._first.broken and self._first.n_waiting < 3
        if not self._room.acquire(blocking=False):
            self.refused += 1
            self._meet(together)
            raise BudgetError("The cap of $1 for this run would be passed.", hint="Raise the cap.")
        try:
            self._meet(together)
            yield from self._model.stream(request, cancel=cancel)
        finally:
            self._room.release()

    def _meet(self, together: bool) -> None:
        """The first three calls are all under way before any of them ends."""
        if together:
            with suppress(threading.BrokenBarrierError):
                self._first.wait(timeout=300)
            self._first.abort()


class SlowFirst:
    """Keeps the first candidate of loop 1 waiting until `go` is set."""

    def __init__(self, model: ScriptedAnswers) -> None:
        self._model, self.go, self.asked = model, threading.Event(), list[int]()

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """An answer, sooner or later."""
        self.asked.append(request.loop)
        if request.loop == 1 and not self.go.wait(300):
            raise AssertionError("nobody let the first candidate go")
        yield from self._model.stream(request, cancel=cancel)


def test_a_candidate_is_kept_the_moment_it_is_ready_and_only_the_missing_one_is_made_again(tmp_path: Path) -> None:
    harness = build_harness(tmp_path, program(0.2), program(0.4), program(0.6))
    model = SlowFirst(harness.model)
    created = harness.store.create_run(PLAN.changed(loops=1, candidates=2))
    parts = replace(harness.parts, model=model)
    worker = threading.Thread(target=drive, args=(created.id, parts), kwargs={"cancel": harness.cancel})
    worker.start()
    while [iteration.number for iteration in harness.store.list_iterations(created.id)] != [0, 2]:
        assert worker.is_alive()
    harness.cancel.set()
    model.go.set()
    worker.join(timeout=300)

    drive(created.id, parts, cancel=threading.Event())

    assert [iteration.number for iteration in harness.store.list_iterations(created.id)] == [0, 1, 2]
    assert sorted(model.asked) == [1, 2], "the answer of the first was kept, its backtest was missing"


def test_candidates_of_a_loop_cut_short_do_not_learn_from_each_other(tmp_path: Path) -> None:
    harness = build_harness(tmp_path, program(0.2), program(0.4), program(0.6))
    ended = harness.go(loops=1, candidates=2, memory=False)
    prompts = {request.prompt.user for request in harness.model.asked}
    again = harness.store.create_run(ended.plan)
    for number in (0, 1):
        detail = harness.store.read_detail(ended.id, number)
        harness.store.append(replace(detail, iteration=detail.iteration.changed(run_id=again.id)))

    drive(again.id, harness.parts, cancel=harness.cancel)

    assert harness.model.asked[-1].prompt.user in prompts
    assert len(harness.model.asked) == 3
