"""A loop reads each iteration and each command of its run once, and misses none, whoever adds them and in whatever order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.backtest import Certificate, Method, Verdict
from core.domain.events import EventKind, LogEvent, SteeringCommand, SteeringEvent
from core.domain.iteration import Iteration
from core.domain.run import Run, RunKind, Status
from core.driving import news
from core.driving.news import HeardEvents, KnownIterations
from core.driving.select import find_best, find_leader
from tests.driving.drive_harness import build_harness
from tests.store.samples import detail, plan

ADDED = st.lists(st.permutations(range(3)).flatmap(lambda order: st.tuples(st.just(order), st.integers(0, 3))), max_size=4)


class CountingHistory:
    """Iterations by number, and how many of them were read."""

    def __init__(self) -> None:
        self.kept: dict[int, Iteration] = {}
        self.read = 0

    def list_iterations(self, run_id: str, *, after: int = -1) -> tuple[Iteration, ...]:
        """Those above a number."""
        found = tuple(self.kept[number] for number in sorted(self.kept) if number > after)
        self.read += len(found)
        return found


def make(number: int, verdict: Verdict = Verdict.CLEAN) -> Iteration:
    run = Run(id="r", plan=plan(), kind=RunKind.DRIVE, status=Status.RUNNING, created=datetime(2026, 1, 1, tzinfo=UTC))
    method = Method.LOCK_STEP if verdict is Verdict.CLEAN else Method.FAST
    return detail(run, number).iteration.changed(certificate=Certificate(verdict=verdict, method=method), created=run.created)


BASE = {True: make(0), False: make(0, Verdict.CHECKED)}


@given(loops=ADDED)
def test_every_iteration_is_known_whatever_the_order_in_which_candidates_are_stored(loops: Sequence[tuple[Sequence[int], int]]) -> None:
    history: Any = CountingHistory()
    known = KnownIterations(history, "r")
    for place, (order, stored) in enumerate(loops):  # some of three candidates are stored, then the others
        for candidate in (*order[:stored], *order[stored:]):
            history.kept[3 * place + candidate] = make(3 * place + candidate)
            assert known.read() == tuple(history.kept[number] for number in sorted(history.kept))


def test_what_cannot_change_is_read_once() -> None:
    history: Any = CountingHistory()
    known = KnownIterations(history, "r")
    for number in range(100):
        history.kept[number] = make(number)
        known.read()

    assert history.read == 100


def test_a_certificate_that_somebody_completes_is_seen() -> None:
    history: Any = CountingHistory()
    history.kept = {0: make(0), 1: make(1, Verdict.CHECKED), 2: make(2)}
    known = KnownIterations(history, "r")
    assert known.read()[1].awaits_confirmation

    history.kept[1] = make(1)

    assert known.read()[1] == make(1)


def test_a_command_is_heard_once_whoever_says_it_and_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "PAGE_SIZE", 2)
    store = build_harness(tmp_path).store
    run, heard = store.create_run(plan()), HeardEvents()
    said = [SteeringEvent(command=SteeringCommand.NOTE, text=f"note {place}") for place in range(7)]
    for place, one in enumerate(said):
        store.add_events(run.id, (LogEvent(text="between"), one))
        if place in (0, 4):
            assert [event.body for event in heard.read(store, run.id, EventKind.STEER)] == said[: place + 1]

    assert [event.body for event in heard.read(store, run.id, EventKind.STEER)] == said
    assert heard.read(store, run.id, EventKind.REJECTED) == ()
    store.close()


@given(scores=st.lists(st.tuples(st.sampled_from([None, 0.0, 0.5, 1.0]), st.booleans()), max_size=6), order=st.randoms())
def test_the_best_is_the_highest_confirmed_score_and_the_earlier_of_equals(
    scores: Sequence[tuple[float | None, bool]], order: Random
) -> None:
    made = [BASE[sure].changed(number=number, score=score) for number, (score, sure) in enumerate(scores)]
    ranked = sorted((one for one in made if one.score is not None), key=lambda one: (-(one.score or 0.0), one.number))
    order.shuffle(made)

    assert find_leader(made) == next(iter(ranked), None)
    assert find_best(made) == next((one for one in ranked if not one.awaits_confirmation), None)
