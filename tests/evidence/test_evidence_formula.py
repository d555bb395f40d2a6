"""An objective of the user's own: arithmetic over figures, and nothing else."""

import re

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.metrics import Metrics
from core.domain.run import Constraints, Objective, RunPlan
from core.domain.workflow import Workflow
from core.evidence import explain_missing_score, score
from core.evidence.formula import FIGURE_NAMES, check_formula, evaluate_formula
from core.evidence.scoring import find_broken_constraint

FIGURES = Metrics(total_return=0.5, sharpe=1.5, max_drawdown=-0.2, trades=10, exposure=0.4)
FORMULA = {"objective": Objective.FORMULA}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sharpe * (1 + max_drawdown)", 1.2),
        ("min(sharpe, 1) - max(0, -max_drawdown - 0.1)", 0.9),
        ("-abs(max_drawdown) ** 2", -0.04),
        ("sortino + 1", None),
        ("1 / (trades - 10)", None),
        ("(-1) ** 0.5", None),
        ("9 ** 9 ** 9 ** 9", None),
    ],
)
def test_a_formula_gives_its_value_or_nothing(text, value):
    assert evaluate_formula(text, FIGURES) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    "text",
    ["", "sharp", "sharpe.real", "open('x')", "__import__('os')", "sharpe if 1 else 2", "[1]", "'a'", "sharpe; 1", "1" * 400, "(" * 200],
)
def test_anything_but_arithmetic_over_figures_is_refused(text):
    with pytest.raises(InputError):
        check_formula(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1", "names no figure"),
        ("(-2) ** 0.5", "names no figure"),
        ("max_drawdown ** 0.5", "no finite real number"),
        ("sharpe / (trades - trades)", "no finite real number"),
        ("sharpe - sharpe", "gives 0 whatever"),
        ("min(1, 2 + abs(sharpe))", "gives 1 whatever"),
    ],
)
def test_a_formula_that_can_rank_nothing_is_refused_before_a_run_is_spent(text, says):
    with pytest.raises(InputError, match=re.escape(says)):
        check_formula(text)


@pytest.mark.parametrize(
    "text", [*FIGURE_NAMES, "sharpe ** 0.5", "1 / max(trades, 1)", "min(calmar, 3) + exposure", "-abs(max_drawdown) ** 2"]
)
def test_a_formula_that_tells_some_runs_apart_is_taken(text):
    check_formula(text)


def test_a_formula_is_scored_like_any_objective():
    assert score(FIGURES, Objective.FORMULA, 5, formula="sharpe * 2") == 3.0
    assert score(FIGURES, Objective.FORMULA, 11, formula="sharpe * 2") is None


@pytest.mark.parametrize(
    ("constraints", "words"),
    [
        (Constraints(max_drawdown=0.1), "maximum drawdown 20.0%"),
        (Constraints(minimum_exposure=0.5), "at least 50.0%"),
        (Constraints(maximum_exposure=0.3), "at most 30.0%"),
        (Constraints(max_drawdown=0.2, minimum_exposure=0.4, maximum_exposure=0.4), ""),
    ],
)
def test_a_constraint_that_is_not_kept_takes_the_score_and_says_why(constraints, words):
    assert words in find_broken_constraint(FIGURES, 5, constraints)
    assert (score(FIGURES, Objective.SHARPE, 5, constraints=constraints) is None) is bool(words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"minimum_trades": 11}, "10 closed trades, at least 11 are asked for"),
        ({"constraints": Constraints(max_drawdown=0.1)}, "maximum drawdown 20.0%, at most 10.0% is allowed"),
        ({"objective": Objective.SORTINO}, "the Sortino ratio is not defined: hardly any day lost"),
        (
            {"objective": Objective.FORMULA, "formula": "sortino + win_rate + sortino"},
            "the formula needs sortino, win_rate, not defined here",
        ),
        (FORMULA | {"formula": "1 / (trades - 10)"}, "the formula gives no finite real number here"),
        ({}, ""),
    ],
)
def test_why_there_is_no_score_is_told_as_it_is(changes, words):
    plan = RunPlan(workflow=Workflow(name="w"), bars=BarsRequest(symbol="X"), **changes)
    figures = FIGURES.changed(periods=250)
    assert explain_missing_score(figures, plan) == words
    found = score(figures, plan.objective, plan.minimum_trades, formula=plan.formula, constraints=plan.constraints)
    assert (found is None) is bool(words)


def test_a_lost_account_and_a_missing_one_are_told_apart():
    plan = RunPlan(workflow=Workflow(name="w"), bars=BarsRequest(symbol="X"), minimum_trades=0)
    assert explain_missing_score(Metrics(total_return=-1.0, max_drawdown=-1.0, exposure=0.5), plan).endswith("the account was lost")
    assert explain_missing_score(None, plan) == ""
