"""Whoever follows a run: told of each event of this process, and never past one that comes to light late."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.domain.backtest import OutcomeStatus, Stage
from core.domain.bars_request import BarsRequest
from core.domain.events import LogEvent
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import RunPlan, Status
from core.domain.workflow import Workflow
from core.store import Store

PLAN = RunPlan(workflow=Workflow(name="cross"), bars=BarsRequest(symbol="AAPL"))


def _detail(run_id: str, number: int) -> IterationDetail:
    iteration = Iteration(
        run_id=run_id,
        number=number,
        parent=None,
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        model="compiler",
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return IterationDetail(iteration, equity=np.array([1.0, 2.0]), position=np.zeros(2), fills=(), trades=())


def test_a_subscriber_is_told_after_every_commit_of_an_event(store: Store) -> None:
    seen: list[tuple[str, int]] = []
    end = store.subscribe(lambda run_id: seen.append((run_id, len(store.list_events(run_id)))))
    run = store.create_run(PLAN)
    store.add_event(run.id, LogEvent(text="one"))
    store.append(_detail(run.id, 0))
    store.save_run(run.changed(status=Status.CANCELLED))
    store.save_run(store.read_run(run.id).changed(message="no event of its own"))
    store.reopen(run.id)
    assert seen == [(run.id, count) for count in (1, 2, 3, 4, 5)]
    end()
    store.add_event(run.id, LogEvent(text="two"))
    assert len(seen) == 5


def test_a_write_that_fails_tells_nobody(store: Store) -> None:
    run = store.create_run(PLAN)
    store.append(_detail(run.id, 0))
    seen: list[str] = []
    store.subscribe(seen.append)
    other = _detail(run.id, 0)
    with pytest.raises(Exception, match="already stored"):
        store.append(replace(other, iteration=other.iteration.changed(change="another one")))
    assert seen == []


def test_only_what_is_new_is_read(store: Store) -> None:
    run = store.create_run(PLAN)
    assert store.last_seq("nobody") == 0
    for number in range(3):
        store.append(_detail(run.id, number))
    assert [iteration.number for iteration in store.list_iterations(run.id, after=0)] == [1, 2]
    assert store.read_previews(run.id, after=1) == {2: (1.0, 2.0)}
    assert store.last_seq(run.id) == store.list_events(run.id)[-1].seq


def test_who_follows_by_number_misses_nothing_while_threads_write(store: Store) -> None:
    run = store.create_run(PLAN)
    writers = [threading.Thread(target=lambda: [store.add_event(run.id, LogEvent(text=str(n))) for n in range(25)]) for _ in range(4)]
    for writer in writers:
        writer.start()
    followed: list[int] = []
    while any(writer.is_alive() for writer in writers):
        followed += [event.seq for event in store.list_events(run.id, after=followed[-1] if followed else 0)]
    followed += [event.seq for event in store.list_events(run.id, after=followed[-1])]
    assert len(followed) == 101
    assert followed == [event.seq for event in store.list_events(run.id)]
