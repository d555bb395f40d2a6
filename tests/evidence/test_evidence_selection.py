"""What picking the best of many is worth, and what to do about it: small tables, and draws without any skill."""

import os
import subprocess
import sys

import numpy as np
import pytest

from core.domain.decision import Action, SelectionGap
from core.domain.metrics import Metrics
from core.domain.run import Objective
from core.evidence import Try, decide, is_path_dependent, judge_selection
from core.evidence.selection import choose_block, draw_counts

DAYS = 700
FIGURES = Metrics(total_return=0.1, final_value=110_000.0, trades=20)


def tries(columns: np.ndarray) -> list[Try]:
    return [Try(number, column, FIGURES) for number, column in enumerate(columns.T)]


def skill_less(seed: int, count: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (DAYS, count))


def judge(columns: np.ndarray, objective: Objective = Objective.SHARPE, **changes: object):
    found = tries(columns)
    best = int((columns.mean(axis=0) / columns.std(axis=0)).argmax())
    return judge_selection(found, best, **{"objective": objective, "periods_per_year": 252, "seed": 1} | changes)


def test_the_best_of_skill_less_tries_is_worth_about_nothing() -> None:
    found = [judge(skill_less(seed)) for seed in range(20)]
    best = [max(column.mean() / column.std() * 252**0.5 for column in skill_less(seed).T) for seed in range(20)]

    assert np.mean(best) > 0.8
    assert abs(np.mean([one.worth.value for one in found])) < 0.25
    assert np.mean([one.worth.low < 0.0 < one.worth.high for one in found]) >= 0.85


def test_a_real_gain_is_seen_and_taken() -> None:
    columns = skill_less(1, 5)
    columns[:, 3] += 0.003

    found = judge(columns)

    assert (found.winner, found.decision.action, found.decision.recommended) == (3, Action.WINNER, (3,))
    assert found.worth.expected_gain > 2.0
    assert found.alike == 0


@pytest.mark.parametrize("objective", [Objective.SHARPE, Objective.SORTINO, Objective.TOTAL_RETURN])
def test_a_gain_within_chance_keeps_the_workflow(objective: Objective) -> None:
    columns = skill_less(2, 3)
    columns[:, 1] = columns[:, 0] + 1e-5 * np.sin(np.arange(DAYS))
    columns[:, 2] = columns[:, 0] - 0.001

    found = judge(columns[:, :3], objective)

    assert (found.decision.action, found.decision.recommended) == (Action.KEEP, (0,))


def test_a_formula_of_figures_without_a_path_is_tested_like_the_ratio_it_names() -> None:
    columns = skill_less(3)

    plain, named = judge(columns), judge(columns, Objective.FORMULA, formula="max(sharpe, -100) - 0 * trades")

    assert named.worth.value == pytest.approx(plain.worth.value)
    assert named.decision.action is plain.decision.action


@pytest.mark.parametrize(
    ("objective", "formula", "depends"),
    [
        (Objective.SHARPE, "", False),
        (Objective.CALMAR, "", True),
        (Objective.FORMULA, "sharpe * (1 + max_drawdown)", True),
        (Objective.FORMULA, "cagr / max_drawdown_days", True),
        (Objective.FORMULA, "cagr - volatility", False),
    ],
)
def test_what_depends_on_the_path_is_said_to_have_no_test(objective: Objective, formula: str, depends: bool) -> None:
    assert is_path_dependent(objective, formula) is depends
    found = judge(skill_less(4), objective, formula=formula)
    assert (found.gap is SelectionGap.PATH_DEPENDENT, found.decision is None) == (depends, depends)


@pytest.mark.parametrize("formula", ["profit_factor", "100 * win_rate", "sharpe + skew", "-trades", "expectancy * trades"])
def test_what_resampled_days_do_not_give_has_no_test(formula: str) -> None:
    found = judge(skill_less(4), Objective.FORMULA, formula=formula)

    assert (found.gap, found.decision, found.worth) == (SelectionGap.NOT_RESAMPLED, None, None)


@pytest.mark.parametrize("formula", ["final_value", "total_return", "cagr - 0.01 * turnover"])
def test_a_formula_of_growth_is_tested_like_the_total_return(formula: str) -> None:
    columns = skill_less(7, 4)
    columns[:, 2] += 0.004

    assert judge(columns, Objective.FORMULA, formula=formula).decision.action is Action.WINNER


def test_a_formula_that_no_draw_changes_recommends_nothing_new() -> None:
    found = judge(skill_less(4), Objective.FORMULA, formula="0 * sharpe + trades")

    assert found.decision.action is Action.KEEP


def test_one_try_short_bars_and_a_missing_baseline_are_told() -> None:
    columns = skill_less(5)

    assert judge(columns[:, :1]).gap is SelectionGap.ONE_TRY
    assert judge(columns[:, :1]).decision.action is Action.KEEP
    assert judge(columns[:29]).gap is SelectionGap.TOO_SHORT
    found = judge_selection(tries(columns)[1:], 3, objective=Objective.SHARPE, periods_per_year=252, seed=1)
    assert found.gap is SelectionGap.NO_BASELINE


def test_an_iteration_zero_without_a_score_is_compared_with_and_never_picked() -> None:
    columns = skill_less(6, 4)
    columns[:, 0] += 0.01
    given = [Try(one.number, one.returns, FIGURES, scored=one.number > 0) for one in tries(columns)]

    found = judge_selection(given, 2, objective=Objective.SHARPE, periods_per_year=252, seed=1)

    assert found.worth.value < 3.0
    assert found.worth.expected_gain < -10.0


@pytest.mark.parametrize(
    ("p_step", "winner", "action"), [(0.3, 4, "keep"), (0.25, 4, "keep"), (0.2, 4, "half"), (0.04, 4, "winner"), (0.01, 0, "keep")]
)
def test_the_decision_follows_from_the_score(p_step: float, winner: int, action: str) -> None:
    assert decide(p_step, winner).action.value == action


def test_the_same_seed_gives_the_same_judgment() -> None:
    assert judge(skill_less(7)) == judge(skill_less(7))
    assert judge(skill_less(7)) != judge(skill_less(7), seed=2)


def draw_days_one_by_one(count: int, paths: int, block: int, seed: int) -> list[list[int]]:
    """The days of each resample in their order: a block goes on with the next day, the first follows the last."""
    draw = np.random.default_rng(seed)
    starts, fresh = draw.integers(0, count, size=(paths, count)), draw.random((paths, count)) < 1.0 / block
    resamples = []
    for start, new in zip(starts, fresh, strict=True):
        days: list[int] = []
        for at in range(count):
            days.append(int(start[at]) if at == 0 or new[at] else (days[-1] + 1) % count)
        resamples.append(days)
    return resamples


@pytest.mark.parametrize(("count", "block"), [(30, 2), (60, 9), (251, 14), (40, 500)])
def test_days_are_counted_as_blocks_give_them_one_by_one(count: int, block: int) -> None:
    (counts,) = draw_counts(count, block=block, seed=3, resamples=20)

    assert counts.tolist() == [[float(days.count(day)) for day in range(count)] for days in draw_days_one_by_one(count, 20, block, 3)]


def test_resamples_are_as_many_and_as_long_as_asked_for() -> None:
    assert sum(len(piece) for piece in draw_counts(50, block=choose_block(50), seed=1, resamples=130)) == 130
    assert {float(row.sum()) for piece in draw_counts(50, block=5, seed=1, resamples=10) for row in piece} == {50.0}


def test_linear_algebra_runs_on_one_thread() -> None:
    probe = "import core.evidence, os, sys; print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    told = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, env=told)
    assert done.stdout.split() == ["True", "1"]
