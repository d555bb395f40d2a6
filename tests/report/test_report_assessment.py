"""What is said of a result claims no more than is known, and leaves out what cannot be known."""

from datetime import UTC, datetime

import numpy as np
import pytest

from core.domain.backtest import OutcomeStatus, Stage, Trade
from core.domain.bars_request import BarsRequest
from core.domain.decision import PairComparison, Selection, SelectionGap, Worth
from core.domain.finding import Finding
from core.domain.hold_out import HoldOut, HoldOutFigure
from core.domain.iteration import Iteration, IterationDetail
from core.domain.metrics import Metrics
from core.domain.run import ModelChoice, Objective, Run, RunKind, RunPlan, Status
from core.domain.study import Placebo, PlaceboKind, Studies
from core.domain.timing import Timing, TimingGap
from core.domain.workflow import Workflow
from core.evidence import decide
from core.report.assessment import assess
from core.report.labels import RISK
from core.report.luck_line import trace_luck_line
from core.report.reasons import list_reasons
from core.report.statements import (
    describe_choice,
    describe_decision,
    describe_gaps,
    describe_tries,
    describe_verdict,
    list_luck_statements,
)
from core.report.study_words import list_study_statements
from core.report.verdict import Conclusion
from tests.driving.fakes import walk

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BARS = 504
TIMING = Timing(z=3.0, exposure=0.5, held=0.4, base=0.4, spread=0.5, days=BARS)


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
        "orders_hash": str(number),
        "timing": TIMING,
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


def test_the_numbers_of_luck_are_those_of_the_timing_and_the_tries() -> None:
    found = assess(run(earlier_tries=3), TRIES, detail(TRIES[2]), walk(BARS))

    assert found.luck is not None
    assert (found.tries, found.earlier_tries, found.luck.tries) == (2, 3, 5), "a try without a score could not have been picked"
    assert found.luck.p == TIMING.compute_probability(5)
    assert (found.luck.line, found.luck.held) == (TIMING.compute_line(5), TIMING.held)
    assert [said.name for said in list_luck_statements(found)] == ["Chance of luck", "Luck line"]


def test_what_nobody_selected_has_a_range_and_random_entries() -> None:
    found = assess(run(0), TRIES, detail(TRIES[0]), walk(BARS))

    assert (found.sharpe_range is None, found.random_entries is None) == (False, False)
    assert [said.name for said in list_luck_statements(found)][2:] == ["Sharpe ratio, 95% range", "Random entries"]


def test_worth_and_decision_belong_to_the_winner_alone() -> None:
    judged = Selection(winner=2, worth=Worth(value=1.2, low=0.3, high=2.1, expected_gain=-0.08), decision=decide(0.2, 2), alike=1)

    best, other = (assess(run(), TRIES, detail(TRIES[at]), walk(BARS), selection=judged) for at in (2, 0))

    assert other.selection is None
    told = {said.name: said.figure for said in list_luck_statements(best)}
    assert (told["To be expected of the best"], told["Expected gain"], told["What to do"]) == ("1.20", "−0.08", "Half and half")


@pytest.mark.parametrize("gap", list(TimingGap))
def test_where_there_is_no_timing_a_sentence_says_why(gap: TimingGap) -> None:
    one = iteration(2, 1.9, timing=Timing(gap=gap))

    found = assess(run(), (*TRIES[:2], one), detail(one), walk(BARS))

    assert (found.luck, found.no_timing) == (None, gap)
    assert len(describe_gaps(found)[0]) > 20


@pytest.mark.parametrize("gap", list(SelectionGap))
def test_where_a_selection_cannot_be_judged_a_sentence_says_why(gap: SelectionGap) -> None:
    found = assess(run(), TRIES, detail(TRIES[2]), walk(BARS), selection=Selection(gap=gap, winner=2))

    assert len(describe_gaps(found)) == 1


def test_an_iteration_of_an_earlier_version_is_measured_when_it_is_shown() -> None:
    one = iteration(2, 1.9, timing=None)

    assert assess(run(), (*TRIES[:2], one), detail(one)).luck is None
    assert assess(run(), (*TRIES[:2], one), detail(one), walk(BARS)).no_timing is TimingGap.NEVER_HELD


def test_without_bars_only_what_needs_them_is_left_out() -> None:
    found = assess(run(0), TRIES, detail(TRIES[0]), missing="The file is gone.")

    assert found.luck is not None
    assert (found.random_entries, found.currency, found.missing) == (None, "", "The file is gone.")


def test_bars_that_have_changed_are_not_used() -> None:
    found = assess(run(), TRIES, detail(TRIES[2]), walk(BARS + 1))

    assert found.random_entries is None
    assert "no longer" in found.missing


@pytest.mark.parametrize(
    ("best", "score", "said"),
    [
        (2, 1.9, "raised the Sharpe ratio from 0.50 to 1.90. That is better than luck: 0.3% of loops of 2 tries without any skill"),
        (0, 1.9, "Nothing beat the workflow itself in 2 tries: its Sharpe ratio is 0.50 in training."),
        (None, 1.9, "No version could be scored: the table says why, version by version."),
    ],
)
def test_the_result_is_said_in_a_sentence(best: int | None, score: float, said: str) -> None:
    tries = (*TRIES[:2], iteration(2, score))

    chosen = next((one for one in tries if one.number == best), tries[0])
    assert said in assess(run(best), tries, detail(chosen)).result


def test_the_sentence_on_the_run_is_about_its_best_whichever_iteration_is_looked_at() -> None:
    plain = iteration(0, 0.5, timing=TIMING.changed(z=-1.0))
    tries = (plain, *TRIES[1:])

    said = {number: assess(run(), tries, detail(tries[number]), walk(BARS)).result for number in (0, 2)}

    assert said[0] == said[2]
    assert "That is better than luck" in said[0]


def test_what_luck_explains_is_said_to_be_luck() -> None:
    weak = iteration(2, 1.9, timing=TIMING.changed(z=1.0))

    result = assess(run(), (*TRIES[:2], weak), detail(weak)).result

    assert "Luck explains it: 29% of loops of 2 tries without any skill show as much timing: 95% of them stay below" in result


def test_luck_is_not_spoken_of_where_nothing_was_picked_and_the_line_only_of_sharpe_ratios() -> None:
    assert "luck" not in assess(run(0), TRIES, detail(TRIES[0])).result
    total = assess(run(2, objective=Objective.TOTAL_RETURN), TRIES, detail(TRIES[2])).result
    assert "stay below" not in total, "the line is a Sharpe ratio"
    assert trace_luck_line(TRIES, Objective.TOTAL_RETURN) == {}


@pytest.mark.parametrize("changes", [{"status": Status.RUNNING}, {"kind": RunKind.EDITOR}])
def test_a_run_that_is_not_over_or_not_driven_has_no_result_yet(changes: dict[str, object]) -> None:
    assert assess(run(2, **changes), TRIES).result == ""


def held(best: int, total_return: float, trades: int, looks: int = 1, trained: int = 0) -> HoldOut:
    return HoldOut(
        bars=604,
        first=datetime(2008, 8, 11),
        last=datetime(2010, 12, 31),
        best=HoldOutFigure(name="best", iteration=best, metrics=metrics(total_return=total_return, trades=trades)),
        baseline=HoldOutFigure(name="baseline", iteration=0, metrics=metrics(total_return=0.05)),
        benchmark=HoldOutFigure(name="benchmark", metrics=metrics(total_return=0.5)),
        comparison=PairComparison(difference=0.3, se=0.4, power=0.8, gain=1.0, detectable=1.0),
        sharpe_se=0.6,
        timing=Timing(z=2.25),
        looks=looks,
        trained=trained,
    )


def test_the_hold_out_is_said_with_its_error_its_power_and_its_level() -> None:
    found = assess(run(2, hold_out=held(2, 0.1, trades=12)), TRIES, detail(TRIES[2])).hold_out

    assert found is not None
    assert found.about == "604 bars from 2008-08-11 to 2010-12-31, looked at once. This look is tested at 2.50%."
    assert found.sentence.startswith(
        "It made 10.0% there, in 2.0 years and 12 trades: Sharpe ratio 1.00 (−0.18 to 2.18), of buy and hold 1.00. "
        "Difference to the workflow +0.30 ± 0.78: not distinguishable. "
        "A stretch this long recognizes a true gain of 1.00 in 8 of 10 cases. "
        "Beyond holding as much, its timing there is more than luck (1.2%, this look needs 2.50%)."
    )


@pytest.mark.parametrize(
    ("looks", "told"), [(1, "± 0.78: more than chance allows."), (2, "± 0.78: not distinguishable."), (4, "+0.85 ± 0.78. A stretch")]
)
def test_a_difference_there_is_claimed_at_the_level_of_the_look_and_not_from_bars_that_are_used_up(looks: int, told: str) -> None:
    far = held(2, 0.1, trades=30, looks=looks)
    seen = far.changed(comparison=PairComparison(difference=0.85, se=0.4, power=0.8, gain=1.0, detectable=1.0))

    found = assess(run(2, hold_out=seen), TRIES, detail(TRIES[2])).hold_out

    assert found is not None
    assert told in found.sentence


def placebo(rounds: int, better: int = 0) -> Studies:
    return Studies(placebo=Placebo(kind=PlaceboKind.LOOP, rounds=rounds, better=better, p=(1 + better) / (rounds + 1)))


@pytest.mark.parametrize(
    ("rounds", "better", "earlier", "chance", "rule"),
    [
        (19, 0, 0, 0.05, "both"),
        (19, 0, 2, 0.0975, "both"),
        (39, 0, 2, 0.0494, "both"),
        (19, 1, 0, 0.1, "luck"),
        (3, 0, 0, 0.25, "both"),
        (3, 1, 0, 0.5, "luck"),
    ],
)
def test_a_placebo_counts_earlier_tries_and_one_of_too_few_rounds_can_only_speak_against(
    rounds: int, better: int, earlier: int, chance: float, rule: str
) -> None:
    seen = held(2, 0.1, trades=30).changed(timing=Timing(z=0.5))
    judged = run(2, hold_out=seen, earlier_tries=earlier)

    found = assess(judged, TRIES, detail(TRIES[2]), walk(BARS), studies=placebo(rounds, better))

    assert found.studies.placebo is not None
    assert found.studies.placebo.chance == pytest.approx(chance, abs=1e-4)
    assert found.verdict is not None
    assert found.verdict.rule == rule


def test_rounds_that_could_decide_are_named() -> None:
    found = assess(run(2, earlier_tries=2), TRIES, detail(TRIES[2]), walk(BARS), studies=placebo(19))

    said = next(one for one in list_study_statements(found.studies, found.objective) if one.name == "Placebo")

    assert (said.figure, "39 could." in said.meaning, "it would be 5.0%" in said.meaning) == ("9.8%", True, True)


def test_the_finding_that_the_edge_ended_stands_in_the_verdict() -> None:
    faded = iteration(2, 1.9, findings=(Finding(code="fades", severity=2, message="The edge ended"),))
    seen = held(2, 0.1, trades=30).changed(timing=Timing(z=0.5))

    found = assess(run(2, hold_out=seen), (*TRIES[:2], faded), detail(faded), walk(BARS))

    assert found.verdict is not None
    assert found.verdict.rule == "edge_ended"


@pytest.mark.parametrize(("step", "told"), [(0.2, "The look speaks against it: keep the workflow."), (0.5, "Keep the workflow: no try")])
def test_a_recommendation_that_the_look_speaks_against_is_said_to_be_from_before_it(step: float, told: str) -> None:
    behind = PairComparison(difference=-0.9, se=0.4, power=0.8, gain=1.0, detectable=1.0)
    seen = held(2, 0.1, trades=30).changed(comparison=behind)

    found = assess(run(2, hold_out=seen), TRIES, detail(TRIES[2]), walk(BARS), selection=Selection(winner=2, decision=decide(step, 2)))

    assert told in describe_choice(found)
    assert describe_choice(found) in describe_verdict(found)


@pytest.mark.parametrize(("earned", "said"), [(-0.12, True), (0.12, False), (0.0, False)])
def test_a_choice_among_versions_that_all_lost_money_is_said_to_be_no_more(earned: float, said: bool) -> None:
    losing = (*TRIES[:2], TRIES[2].changed(metrics=metrics(sharpe=1.9, total_return=earned)))

    found = assess(run(2), losing, detail(losing[2]), walk(BARS), selection=Selection(winner=2, decision=decide(0.01, 2)))

    against = [reason.text for reason in list_reasons(found, run(2)) if not reason.speaks_for]
    assert ("even the highest lost" in describe_choice(found)) is said
    assert ("12.0%, where cash lost nothing" in " ".join(against)) is said


def test_a_workflow_without_a_score_is_said_to_have_none_where_it_is_recommended() -> None:
    judged = Selection(winner=2, decision=decide(0.5, 2), unscored_base=True)

    told = describe_decision(judged)

    assert told.endswith("The workflow itself has no score: the table says what it lacks.")


def test_few_trades_and_many_looks_are_said() -> None:
    found = assess(run(2, hold_out=held(2, 0.1, trades=3, looks=4, trained=2)), TRIES, detail(TRIES[2])).hold_out

    assert found is not None
    assert "Only 3 trades closed there: too few to conclude anything." in found.sentence
    assert (found.looks, "looked at 4 times, other runs on them included. They are used up" in found.about) == (4, True)
    assert "2 other runs were trained on some of them." in found.about


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
    assert describe_tries(found).startswith("2 tries of this run have a score")


def test_the_luck_line_rises_with_every_try_that_has_a_score() -> None:
    line = trace_luck_line(TRIES, Objective.SHARPE)

    assert list(line) == [0, 1, 2]
    assert line[0].line == line[1].line < line[2].line < trace_luck_line(TRIES, Objective.SHARPE, earlier=9)[2].line
    assert line[2].held == TIMING.held
    assert line[2].words.endswith("The best iteration, with 1.90, is above that: better than luck.")


def test_there_is_no_luck_line_while_the_best_has_no_timing() -> None:
    holds = iteration(1, 0.9, timing=Timing(gap=TimingGap.ALWAYS_HELD))

    assert list(trace_luck_line((TRIES[0], holds, TRIES[2]), Objective.SHARPE)) == [0, 2]


def test_without_a_hold_out_every_figure_is_marked_as_in_sample() -> None:
    plan = run().plan

    marked, other = (assess(run().changed(plan=plan.changed(hold_out=part)), TRIES, detail(TRIES[2])) for part in (0.0, 0.3))

    assert (marked.in_sample, other.in_sample) == (True, False)
    assert marked.verdict is not None
    assert marked.verdict.verdict is Conclusion.IN_SAMPLE


@pytest.mark.parametrize(
    ("model", "told"),
    [("built-in", ""), ("openai/gpt-4o", "before the hold-out begins"), ("openai/gpt-5", "may remember"), ("mine/own", "not known")],
)
def test_what_the_model_may_remember_of_the_hold_out_is_said(model: str, told: str) -> None:
    late = held(2, 0.1, trades=12).changed(first=datetime(2024, 1, 5), last=datetime(2024, 9, 5))
    plan = run().plan.changed(model=ModelChoice(id=model))

    memory = assess(run(2, hold_out=late).changed(plan=plan), TRIES, detail(TRIES[2])).memory

    assert told in memory
    assert bool(told) == bool(memory)
