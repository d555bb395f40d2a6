"""What is said of a result claims no more than is known, and leaves out what cannot be known."""

from datetime import UTC, datetime

import numpy as np
import pytest

from core.domain.backtest import OutcomeStatus, Stage, Trade
from core.domain.instrument import Timeframe
from core.domain.iteration import Finding, Iteration, IterationDetail
from core.domain.metrics import Metrics
from core.domain.run import BarsRequest, HoldOut, HoldOutFigure, Objective, Run, RunKind, RunPlan, Status
from core.domain.workflow import Workflow
from core.report.assessment import assess
from core.report.labels import RISK
from core.report.luck_line import trace_luck_line
from core.report.statements import describe_tries, list_luck_statements
from tests.driving.fakes import walk

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BARS = 504


def metrics(**changes: object) -> Metrics:
    return Metrics.model_validate({"total_return": 0.2, "sharpe": 1.0, "periods": BARS, "years": 2.0, "bars": BARS, "trades": 12} | changes)


def iteration(number: int, score: float | None, **changes: object) -> Iteration:
    facts = {
        "run_id": "r",
        "number": number,
        "parent": 0 if number else None,
        "status": OutcomeStatus.OK,
        "stage": Stage.DONE,
        "model": "m" if number else "compiler",
        "score": score,
        "metrics": metrics(sharpe=score),
        "created": NOW,
    }
    return Iteration.model_validate(facts | changes)


def run(best: int | None = 2, **changes: object) -> Run:
    plan = RunPlan(workflow=Workflow(name="w"), bars=BarsRequest(symbol="WALK"), objective=changes.pop("objective", Objective.SHARPE))
    return Run.model_validate({"id": "r", "plan": plan, "status": Status.COMPLETE, "best": best, "created": NOW} | changes)


def detail(one: Iteration) -> IterationDetail:
    equity = 100_000.0 * np.cumprod(1.0 + 0.001 + 0.01 * np.sin(np.arange(BARS)))
    trades = tuple(
        Trade(entry_bar=bar, exit_bar=bar + 5, size=1.0, entry_price=100.0, exit_price=101.0, profit=1.0, commission=0.0)
        for bar in range(10, 110, 10)
    )
    return IterationDetail(iteration=one, equity=equity, position=np.zeros(BARS), fills=(), trades=trades)


TRIES = (iteration(0, 0.5), iteration(1, None), iteration(2, 1.9))


def test_the_numbers_of_luck_are_those_of_the_evidence() -> None:
    found = assess(run(), TRIES, detail(TRIES[2]), walk(BARS))

    assert found.luck is not None
    assert found.luck.line == pytest.approx(0.8463 / 2**0.5, abs=1e-3), "the expected best of three over two years"
    assert 0.5 < found.luck.deflated_sharpe < found.luck.probabilistic_sharpe < 1.0
    assert found.luck.sharpe_range is not None
    assert found.random_entries is not None
    assert [said.name for said in list_luck_statements(found)] == [
        "Sharpe ratio, 95% range",
        "Luck line",
        "Deflated Sharpe ratio",
        "Random entries",
    ]


def test_without_bars_only_what_needs_them_is_left_out() -> None:
    found = assess(run(), TRIES, detail(TRIES[2]), missing="The file is gone.")

    assert found.luck is not None
    assert (found.random_entries, found.currency, found.missing) == (None, "", "The file is gone.")


def test_bars_that_have_changed_are_not_used() -> None:
    found = assess(run(), TRIES, detail(TRIES[2]), walk(BARS + 1))

    assert found.random_entries is None
    assert "no longer" in found.missing


def test_intraday_figures_wait_for_the_bars() -> None:
    plan = run().plan.changed(bars=BarsRequest(symbol="WALK", timeframe=Timeframe.M5))

    found = assess(run().changed(plan=plan), TRIES, detail(TRIES[2]))

    assert found.luck is not None
    assert found.luck.sharpe_range is None


@pytest.mark.parametrize(
    ("best", "score", "said"),
    [
        (2, 1.9, "raised the Sharpe ratio from 0.50 to 1.90. That is above the 0.60 that the best of 3 skill-less tries"),
        (2, 0.55, "That is no more than the 0.60 that the best of 3 skill-less tries would reach on average."),
        (0, 1.9, "Nothing beat the workflow itself in 2 tries: its Sharpe ratio is 0.50 in training."),
        (None, 1.9, "No version could be scored: the table says why, version by version."),
    ],
)
def test_the_result_is_said_in_a_sentence(best: int | None, score: float, said: str) -> None:
    tries = (*TRIES[:2], iteration(2, score))

    assert said in assess(run(best), tries).result


def test_luck_is_not_spoken_of_where_nothing_was_picked_or_no_sharpe_is_maximized() -> None:
    assert "skill-less" not in assess(run(0), TRIES).result
    assert "skill-less" not in assess(run(2, objective=Objective.TOTAL_RETURN), TRIES).result
    assert trace_luck_line(TRIES, Objective.TOTAL_RETURN) == {}


@pytest.mark.parametrize("changes", [{"status": Status.RUNNING}, {"kind": RunKind.EDITOR}])
def test_a_run_that_is_not_over_or_not_driven_has_no_result_yet(changes: dict[str, object]) -> None:
    assert assess(run(2, **changes), TRIES).result == ""


def held(best: int, total_return: float, trades: int, looks: int = 1) -> HoldOut:
    return HoldOut(
        bars=604,
        first=datetime(2008, 8, 11),
        last=datetime(2010, 12, 31),
        best=HoldOutFigure(name="best", iteration=best, metrics=metrics(total_return=total_return, trades=trades)),
        baseline=HoldOutFigure(name="baseline", iteration=0, metrics=metrics(total_return=0.05)),
        benchmark=HoldOutFigure(name="benchmark", metrics=metrics(total_return=0.5)),
        looks=looks,
    )


def test_the_hold_out_is_compared_with_the_workflow_and_with_holding() -> None:
    found = assess(run(2, hold_out=held(2, 0.1, trades=12)), TRIES, detail(TRIES[2])).hold_out

    assert found is not None
    assert found.about == "604 bars from 2008-08-11 to 2010-12-31, looked at once."
    assert found.sentence.startswith(
        "It made 10.0% there, more than the workflow as it was written (5.0%) and less than buy and hold (50.0%)."
    )


def test_few_trades_and_many_looks_are_said() -> None:
    found = assess(run(2, hold_out=held(2, 0.1, trades=3, looks=4)), TRIES, detail(TRIES[2])).hold_out

    assert found is not None
    assert "Only 3 trades closed there: that is too few to conclude anything." in found.sentence
    assert (found.looks, "looked at 4 times, other runs on them included" in found.about) == (4, True)


def test_a_look_that_was_about_an_earlier_best_names_it() -> None:
    found = assess(run(2, hold_out=held(1, 0.1, trades=12)), TRIES, detail(TRIES[2])).hold_out

    assert found is not None
    assert found.sentence.startswith("Iteration 1 made 10.0% there")


def test_an_iteration_that_was_not_looked_at_has_no_hold_out() -> None:
    assert assess(run(2, hold_out=held(2, 0.1, trades=12)), TRIES, detail(TRIES[1])).hold_out is None


def test_every_assessment_carries_the_risk_line_and_the_findings() -> None:
    weak = iteration(2, 1.9, findings=(Finding(code="few", severity=2, message="few trades"),))

    found = assess(run(), (*TRIES[:2], weak), detail(weak))

    assert (found.risk, [finding.code for finding in found.findings]) == (RISK, ["few"])
    assert describe_tries(found).startswith("3 iterations were tried in this run.")


def test_the_luck_line_rises_with_every_try() -> None:
    line = trace_luck_line(TRIES, Objective.SHARPE)

    assert list(line) == [0, 1, 2]
    assert line[0].line == 0.0 < line[1].line < line[2].line
    assert line[2].words.endswith("The best iteration, with 1.90, is above what luck alone would give.")
