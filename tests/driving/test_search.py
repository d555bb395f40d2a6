"""A loop that searches: kinds of change, an archive of versions, chances by what was earned, and numbers tuned without a call."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import ModelChoice, RunPlan
from core.domain.search import STRUCTURAL, ChangeKind
from core.domain.usage import Cost
from core.domain.workflow import Parameter
from core.driving.archive import build_archive, find_cell, find_families, hash_structure, sample_parent
from core.driving.bandit import FLOOR, Earned, compute_chances, sum_by_operator
from core.driving.local_step import find_local_step
from core.driving.search import TUNE_TRIES, list_kinds, plan_candidate, plan_loop, uses_archive
from core.driving.tune import find_free_numbers, tune_numbers
from core.prompts import set_parameters
from tests.driving.drive_harness import WORKFLOW, build_harness
from tests.driving.fakes import program
from tests.driving.test_rules import made

CODE = "class A(bt.Strategy):\n    params = dict(n={n})\n\n    def __init__(self):\n        self.x = bt.ind.{kind}(period=self.p.n)\n"
PLAN = RunPlan(
    workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), model=ModelChoice(id="test/model"), candidates=4, seed=3, search="archive"
)


def scored(number: int, score: float, *, kind: str = "SMA", turnover: float = 1.0, **changes: object) -> Iteration:
    metrics = Metrics(total_return=0.1, cagr=0.1, turnover=turnover, exposure=0.6, trades=20)
    code = CODE.format(n=number + 5, kind=kind)
    return made(number, score).changed(**{"code": code, "metrics": metrics, "parent": 0 if number else None, **changes})


DONE = (
    scored(0, 0.2),
    scored(1, 0.5, kind="RSI", operator="entry"),
    scored(2, 0.4, turnover=9.0, operator="exit"),
    scored(3, 0.1, kind="ATR"),
)


def test_the_archive_keeps_the_best_of_each_kind() -> None:
    better = scored(4, 0.7, kind="RSI")
    assert {one.number for one in build_archive((*DONE, better)).values()} == {0, 2, 3, 4}
    assert find_cell(scored(5, 0.1).changed(metrics=None)) is None
    assert find_families("x = bt.ind.RSI()  # SMA") == ("swing",)


def test_good_and_seldom_used_versions_are_started_from_more_often() -> None:
    draws = [sample_parent(random.Random(seed), DONE, ()) for seed in range(400)]
    counts = {number: sum(parent is not None and parent.iteration.number == number for parent in draws) for number in range(4)}
    assert counts[1] > counts[2] > counts[3] > 0


def test_every_candidate_of_a_loop_gets_another_kind_of_change_and_another_parent() -> None:
    steps = plan_loop(PLAN, DONE, 4, tunes=False)
    assert len({step.operator for step in steps}) == 4
    started = [step.base.number for step in steps if step.operator is not ChangeKind.AFRESH]
    assert len(set(started)) == len(started)
    assert all(step.reason for step in steps)


def test_the_same_seed_and_history_plan_the_same_loop() -> None:
    assert plan_loop(PLAN, DONE, 4, tunes=True) == plan_loop(PLAN, DONE, 4, tunes=True)
    plans = {tuple(step.operator for step in plan_loop(PLAN.changed(seed=seed), DONE, 4, tunes=True)) for seed in range(8)}
    assert len(plans) > 1


def test_a_gain_by_another_structure_is_followed_by_tuning_its_numbers() -> None:
    tuned = tuple(
        scored(4 + step, 0.3, parent=1, operator="tune").changed(code=set_parameters(DONE[1].code, {"n": 40.0 + step}))
        for step in range(TUNE_TRIES)
    )
    assert plan_loop(PLAN, DONE, 5, tunes=True)[0].operator is ChangeKind.TUNE
    assert plan_loop(PLAN, DONE, 5, tunes=True)[0].base.number == 1
    assert "(3 of 4)" in plan_loop(PLAN, (*DONE, *tuned[:2]), 6, tunes=True)[0].reason
    assert "rose by another structure" not in plan_loop(PLAN, (*DONE, *tuned), 7, tunes=True)[0].reason


def test_it_is_simplified_and_begun_afresh_only_after_other_structures_brought_nothing() -> None:
    grown = scored(4, 0.9).changed(code=DONE[0].code.replace("n=5", "n=5, m=3"))
    idle = tuple(scored(5 + at, 0.1, kind="ATR", operator="exit") for at in range(4))
    tuned = tuple(scored(5 + at, 0.1, operator="tune") for at in range(6))
    rare = {ChangeKind.SIMPLIFY, ChangeKind.AFRESH}
    assert not rare & set(list_kinds((*DONE, grown, *tuned), tunes=True))
    assert rare & set(list_kinds((*DONE, grown, *idle[:2]), tunes=True)) == {ChangeKind.SIMPLIFY}
    assert rare <= set(list_kinds((*DONE, grown, *idle), tunes=True))


def test_what_earned_more_for_a_dollar_is_likelier_and_nothing_falls_below_its_floor() -> None:
    earned = dict.fromkeys(STRUCTURAL, Earned(tries=10, gain=0.0, usd=1.0))
    earned[ChangeKind.EXIT] = Earned(tries=10, gain=2.0, wins=5, usd=1.0)
    chances = dict(zip(STRUCTURAL, compute_chances(earned, STRUCTURAL), strict=True))
    assert sum(chances.values()) == pytest.approx(1.0)
    assert max(chances, key=lambda arm: chances[arm]) is ChangeKind.EXIT
    assert min(chances.values()) >= FLOOR / len(STRUCTURAL)


def test_gains_are_counted_against_what_was_started_from_and_falls_are_not() -> None:
    done = (*DONE, scored(4, 0.9, parent=1, operator="exit").changed(cost=Cost(usd=0.5)))
    earned = sum_by_operator(done)
    assert (earned[ChangeKind.EXIT].tries, earned[ChangeKind.EXIT].wins) == (2, 2)
    assert earned[ChangeKind.EXIT].gain == pytest.approx(0.2 + 0.4)
    assert earned[ChangeKind.EXIT].usd == 0.5


def test_the_built_in_optimizer_and_a_loop_in_repair_do_not_search() -> None:
    assert uses_archive(PLAN, DONE)
    assert not uses_archive(PLAN.changed(model=ModelChoice()), DONE)
    assert not uses_archive(PLAN.changed(search="climb"), DONE)
    assert not uses_archive(PLAN, (*DONE, made(4, None, failed=True)))


def test_hill_climbing_asks_its_further_answers_for_other_changes_to_other_versions() -> None:
    climb = PLAN.changed(search="climb", candidates=3)
    steps = [plan_candidate(climb, DONE, 4, candidate, tunes=True) for candidate in range(3)]
    assert steps[0] is None
    asked = [step for step in steps if step is not None]
    assert len({step.operator for step in asked}) == len({step.base.number for step in asked}) == 2
    assert all(step.operator is not ChangeKind.TUNE and step.base.number != 1 for step in asked)
    assert plan_candidate(climb, (*DONE, made(4, None, failed=True)), 5, 1, tunes=True) is None


def test_several_answers_of_a_loop_get_different_prompts(tmp_path: Path) -> None:
    made_ = build_harness(tmp_path, *(program(0.3 + step / 100, f"b{step}") for step in range(12)))
    made_.go(loops=3, search="climb", objective="total_return", candidates=3)
    asked = [request.prompt.user for request in made_.model.asked]
    assert len(asked) == len(set(asked)) == 9


def double(parameters: Sequence[Parameter], trials: object, seed: int, loop: int) -> Mapping[str, float]:
    return {one.name: min(2 * one.default, one.high) for one in parameters}


def test_numbers_are_written_where_they_stand_and_structure_stays() -> None:
    found = tune_numbers(DONE[1], DONE, (), frozenset(), double, seed=0, loop=1)
    assert found is not None
    code, change = found
    assert (change, hash_structure(code)) == ("n 6 to 9", hash_structure(DONE[1].code))
    assert code == DONE[1].code.replace("n=6", "n=9")


def test_the_optimizer_goes_on_where_all_steps_are_known() -> None:
    steps = (9, 4, 7, 5)
    done = (*DONE, *(scored(10 + at, 0.1).changed(code=set_parameters(DONE[1].code, {"n": float(n)})) for at, n in enumerate(steps)))
    found = tune_numbers(DONE[1], done, (), frozenset(), double, seed=0, loop=1)
    assert found is not None
    assert found[1] == "n 6 to 12"


PAIR = tuple(Parameter(name=name, row="", default=10, low=2, high=90, integer=True) for name in ("fast", "slow"))
START = {"fast": 10.0, "slow": 40.0}


@pytest.mark.parametrize(
    ("trials", "next_"),
    [
        ([({"fast": 10.0, "slow": 27.0}, 0.1), (START, 0.5)], {"fast": 10.0, "slow": 60.0}),
        ([({"fast": 15.0, "slow": 40.0}, 0.1), (START, 0.5)], {"fast": 7.0, "slow": 40.0}),
        ([({"fast": 15.0, "slow": 40.0}, None), (START, 0.5)], {"fast": 7.0, "slow": 40.0}),
    ],
    ids=["on upwards", "on downwards", "from one without a score"],
)
def test_a_step_that_helped_is_gone_on_with(trials: list[tuple[dict[str, float], float | None]], next_: dict[str, float]) -> None:
    assert find_local_step(START, PAIR, trials, seed=1) == next_


def test_numbers_that_change_nothing_are_not_moved_again() -> None:
    trials = [(START, 0.5), ({"fast": 15.0, "slow": 40.0}, 0.5)]
    found = find_local_step(START, PAIR, trials, seed=1)
    assert found is not None
    assert found["fast"] == 10.0
    assert find_local_step(START, PAIR[:1], trials, seed=1) is None


def test_only_numbers_that_may_vary_are_tuned() -> None:
    code = "class A(bt.Strategy):\n    params = dict(fast=10, reserve=0.05, flag=1, off=0, stop=2.5)\n"
    free = {one.name: (one.low, one.high, one.integer) for one in find_free_numbers(code, (), frozenset({"reserve"}))}
    assert free == {"fast": (3.0, 30.0, True), "stop": (pytest.approx(2.5 / 3), 7.5, False)}


def test_a_searching_run_tells_what_it_asks_for_and_tunes_without_a_call(tmp_path: Path) -> None:
    answers = [program(0.3, "a"), *(program(0.5 + step / 100, f"b{step}") for step in range(20))]
    made_ = build_harness(tmp_path, *answers)
    made_ = replace(made_, parts=replace(made_.parts, tune=double))
    run = made_.go(loops=6, search="archive", objective="total_return", candidates=2)
    iterations = made_.store.list_iterations(run.id)
    tuned = [one for one in iterations if one.operator == "tune"]
    asked = [one for one in iterations if one.operator not in ("", "tune")]
    assert tuned
    assert asked
    assert all((one.model, one.cost.usd) == ("built-in", 0.0) for one in tuned)
    assert all(one.reason and one.prompt for one in asked)
    assert len(made_.model.asked) == sum(one.number > 0 for one in iterations) - len(tuned)


def test_a_search_that_was_cut_short_goes_on_as_it_would_have(tmp_path: Path) -> None:
    answers = [program(0.1 + step / 50, f"{step}") for step in range(30)]
    whole = build_harness(tmp_path / "whole", *answers)
    first = whole.go(loops=4, search="archive", objective="total_return")
    again = build_harness(tmp_path / "again", *answers)
    again.sandbox.before = lambda count: again.cancel.set() if count == 3 else None
    cut = again.go(loops=4, search="archive", objective="total_return")
    again.cancel.clear()
    from core.driving.drive import drive

    drive(cut.id, again.parts, cancel=again.cancel)
    kept = [
        [(one.operator, one.parent, one.reason) for one in each.store.list_iterations(run.id)]
        for each, run in ((whole, first), (again, cut))
    ]
    assert kept[0] == kept[1]
