"""Sweeps in the history: runs made together, points stored together, found again by any of their ids."""

import pytest

from core.domain.errors import StoreError
from core.domain.events import EventKind
from core.domain.run import Run, RunKind, RunPlan
from core.domain.sweep import Axis, SweepPlan
from core.store import Store
from tests.store.samples import detail, plan


def plan_sweep() -> RunPlan:
    return plan().changed(sweep=SweepPlan(axes=(Axis(name="n", start=1, stop=3, step=1),)))


def start(store: Store, series: int = 1) -> tuple[Run, ...]:
    return store.create_sweep([plan_sweep()] * series)


def test_runs_of_a_sweep_are_found_together_by_the_id_of_the_first(store: Store) -> None:
    other, made = start(store), start(store, series=3)

    found = store.list_sweep(made[0].id)

    assert [run.id for run in found] == [run.id for run in made]
    assert {run.plan.sweep.group for run in found if run.plan.sweep} == {made[0].id}
    assert [run.kind for run in store.list_sweep(other[0].id)] == [RunKind.SWEEP]
    assert tuple(store.list_sweep("%")) == ()


def test_points_are_stored_together_with_one_event(store: Store) -> None:
    run = start(store)[0]

    store.append_all([detail(run, number) for number in range(3)])

    assert [one.number for one in store.list_iterations(run.id)] == [0, 1, 2]
    assert [event.body.kind for event in store.list_events(run.id, kind=EventKind.ITERATION)] == [EventKind.ITERATION]
    assert store.read_detail(run.id, 1).equity.tobytes() == detail(run, 1).equity.tobytes()
    assert len(store.list_created(run.id, 2)) == 2


def test_points_of_which_one_is_stored_already_are_refused_whole(store: Store) -> None:
    run = start(store)[0]
    store.append(detail(run, 1))

    with pytest.raises(StoreError, match="already stored"):
        store.append_all([detail(run, 0, sharpe=9.0), detail(run, 1, sharpe=9.0)])

    assert [one.number for one in store.list_iterations(run.id)] == [1]


def test_nothing_to_store_is_no_event(store: Store) -> None:
    run = start(store)[0]

    store.append_all([])

    assert store.list_events(run.id, kind=EventKind.ITERATION) == ()
