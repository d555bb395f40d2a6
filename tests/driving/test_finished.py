"""Finished iterations with their sums: the same answers as a walk through all of them, without the walk."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.backtest import Certificate, CodeFault, Method, OrderCounts, OutcomeStatus, Stage, Verdict
from core.domain.iteration import Iteration, count_tries
from core.domain.usage import Cost
from core.driving import finished
from core.driving.candidate_pool import has_orders, has_result, hash_program
from core.driving.finished import FinishedIterations, find_duplicate
from core.driving.news import KnownIterations
from core.driving.select import count_scored_loops_without_gain, find_best, find_newest
from core.driving.stop import sum_cost

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CERTIFICATES = {
    "clean": Certificate(verdict=Verdict.CLEAN, method=Method.LOCK_STEP),
    "unconfirmed": Certificate(verdict=Verdict.CHECKED, method=Method.FAST),
    "none": None,
}
ONE = st.fixed_dictionaries(
    {
        "score": st.sampled_from([None, -1.0, 0.0, 0.5, 1.0]),
        "code": st.sampled_from(["", "a = 1", "a  =  1  # one", "b = 2", "not python ("]),
        "orders_hash": st.sampled_from(["", "x", "y"]),
        "orders": st.sampled_from([OrderCounts(), OrderCounts(placed=3)]),
        "certificate": st.sampled_from(list(CERTIFICATES.values())),
        "status": st.sampled_from([OutcomeStatus.OK, OutcomeStatus.CANCELLED]),
        "error": st.sampled_from([None, CodeFault(message="no")]),
        "cost": st.sampled_from([Cost(), Cost(usd=0.25), Cost(usd=0.5)]),
    }
)
LOOPS = st.lists(st.lists(ONE, min_size=1, max_size=3), max_size=8)


def made(number: int, loop: int, **fields: Any) -> Iteration:
    return Iteration(run_id="r", number=number, loop=loop, parent=None, stage=Stage.DONE, model="m", created=NOW, **fields)


def number_all(loops: Sequence[Sequence[dict[str, Any]]]) -> list[Iteration]:
    places = [(loop, fields) for loop, each in enumerate(loops) for fields in each]
    return [made(number, loop, **fields) for number, (loop, fields) in enumerate(places)]


def walk_for_stale_loops(done: Sequence[Iteration]) -> int:
    best: float | None = None
    count = 0
    for loop in sorted({one.loop for one in done}):
        scores = [one.score for one in done if one.loop == loop and one.score is not None]
        if scores:
            count = 0 if best is None or max(scores) > best else count + 1
            best = max(scores) if best is None else max(best, *scores)
    return count


def walk_for_program(code: str, done: Sequence[Iteration]) -> Iteration | None:
    return next((one for one in done if has_result(one) and hash_program(one.code) == hash_program(code)), None)


def require_equal_sums(known: FinishedIterations, done: Sequence[Iteration]) -> None:
    assert known == tuple(done)
    assert find_best(known) is find_best(list(done))
    assert sum_cost(known) == sum_cost(list(done))
    assert count_scored_loops_without_gain(known) == walk_for_stale_loops(done)
    for joining in ("", "x", "y", "a = 1", "new"):
        assert known.count_tries(joining=joining) == count_tries(done, joining=joining)
    for code in ("a=1", "b=2", "c=3", "not python ("):
        assert known.find_program(code) is walk_for_program(code, done)
    for orders in ("x", "y", "z"):
        outcome: Any = SimpleNamespace(orders=OrderCounts(placed=1), orders_hash=orders)
        first = next((one for one in done if one.orders_hash == orders and has_orders(one)), None)
        assert find_duplicate(outcome, known) is first


@given(loops=LOOPS, cuts=st.lists(st.integers(0, 24), max_size=4))
def test_sums_are_those_of_a_walk_however_the_iterations_came(loops: Sequence[Sequence[dict[str, Any]]], cuts: Sequence[int]) -> None:
    done = number_all(loops)
    known = FinishedIterations()
    places = sorted({0, *(cut for cut in cuts if cut < len(done)), len(done)})
    for first, last in pairwise(places):
        known = known.followed_by(done[first:last])
    require_equal_sums(known, done)
    for loop in range(len(loops) + 1):
        earlier = known.before(loop)
        require_equal_sums(earlier, [one for one in done if one.loop < loop])
        assert find_newest(earlier, 1) is find_newest(list(earlier), 1)


@given(loops=LOOPS, others=LOOPS)
def test_what_follows_one_list_is_not_in_another(
    loops: Sequence[Sequence[dict[str, Any]]], others: Sequence[Sequence[dict[str, Any]]]
) -> None:
    first = number_all(loops)
    more = [one.changed(number=len(first) + place, loop=len(loops) + one.loop) for place, one in enumerate(number_all(others))]
    known = FinishedIterations(first)

    one, two = known.followed_by(more), known.followed_by(more[:1])

    require_equal_sums(one, [*first, *more])
    require_equal_sums(two, [*first, *more[:1]])
    require_equal_sums(known, first)


def test_a_turn_looks_at_no_iteration_of_the_turns_before(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def note(code: str) -> str:
        looked.append(code)
        return hash_program(code)

    class Growing:
        kept: tuple[Iteration, ...] = ()

        def list_iterations(self, run_id: str, *, after: int) -> tuple[Iteration, ...]:
            return self.kept[after + 1 :]

    monkeypatch.setattr(finished, "hash_program", note)
    history: Any = Growing()
    known = KnownIterations(history, "r")
    for number in range(100):
        fields = {"certificate": CERTIFICATES["clean"], "status": OutcomeStatus.OK, "score": 1.0, "error": CodeFault(message="no")}
        history.kept = (*history.kept, made(number, number, code=f"a = {number}", **fields))
        assert find_best(known.read()) is history.kept[0]

    assert looked == [one.code for one in history.kept]
