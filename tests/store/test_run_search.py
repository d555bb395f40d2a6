"""A page of the history's runs: chosen, ordered and counted by the database, the same on every one."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from core.domain.metrics import Metrics
from core.domain.run import Run, RunKind, Status
from core.domain.run_query import RunOrder, RunQuery
from core.store import Store
from core.store.tables import RunTable
from tests.store.samples import detail, plan


def make_run(store: Store, name: str, *, sharpe: float | None = None, market: float = 0.0) -> Run:
    """A run, with a best iteration of this Sharpe ratio when there is one."""
    run = store.create_run(plan(name))
    if sharpe is None:
        return run
    store.append(detail(run, 0, sharpe=sharpe))
    run = store.read_run(run.id).changed(best=0, benchmark=Metrics(total_return=market), status=Status.RUNNING)
    store.save_run(run)
    return run


def names(store: Store, **asked: Any) -> list[str]:
    return [run.plan.workflow.name for run in store.find_runs(RunQuery(**asked)).runs]


def test_pages_follow_each_other_without_a_gap(store: Store) -> None:
    for name in "abcde":
        make_run(store, name)

    pages = [names(store, size=2, page=page) for page in range(3)]

    assert pages == [["e", "d"], ["c", "b"], ["a"]]
    assert store.find_runs(RunQuery(size=2)).total == 5


@pytest.mark.parametrize("order", [RunOrder.SHARPE, RunOrder.MARKET])
def test_the_best_figure_comes_first_and_runs_without_one_last(store: Store, order: RunOrder) -> None:
    make_run(store, "middle", sharpe=1.0, market=0.05)
    make_run(store, "none")
    make_run(store, "best", sharpe=2.0, market=-0.5)

    assert names(store, order=order) == ["best", "middle", "none"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"words": ("cross",)}, ["MACD cross"]),
        ({"words": ("CROSS", "macd")}, ["MACD cross"]),
        ({"words": ("aa",)}, ["trend 5%", "MACD cross"]),
        ({"words": ("5%",)}, ["trend 5%"]),
        ({"words": ("_",)}, []),
        ({"statuses": (Status.COMPLETE,)}, []),
        ({"statuses": (Status.QUEUED, Status.COMPLETE), "kinds": (RunKind.DRIVE,)}, ["trend 5%", "MACD cross"]),
        ({"among": frozenset()}, []),
    ],
)
def test_conditions_hold_together(store: Store, asked: dict[str, Any], found: list[str]) -> None:
    make_run(store, "MACD cross")
    make_run(store, "trend 5%")

    assert names(store, **asked) == found


def test_a_word_of_a_note_is_found_too(store: Store) -> None:
    run = make_run(store, "cross")
    make_run(store, "trend")

    assert names(store, words=("calm",), noted={"calm": frozenset({run.id})}) == ["cross"]


SPOILS: dict[str, Callable[[str], str]] = {"cut off": lambda text: text[:50], "no document": lambda text: "x", "empty": lambda text: ""}


@pytest.mark.parametrize("order", list(RunOrder))
@pytest.mark.parametrize("spoil", SPOILS.values(), ids=list(SPOILS))
def test_a_damaged_run_costs_no_other_its_place_in_any_order(store: Store, order: RunOrder, spoil: Callable[[str], str]) -> None:
    make_run(store, "sound", sharpe=1.0)
    bad = make_run(store, "bad", sharpe=9.0)
    with store._database.write() as session:
        row = session.exec(select(RunTable).where(RunTable.id == bad.id)).one()
        row.document = spoil(row.document)

    page = store.find_runs(RunQuery(order=order))

    assert [run.plan.workflow.name for run in page.runs] == ["sound"]
    assert ([row.id for row in page.runs.left_out], page.total) == ([bad.id], 2)
