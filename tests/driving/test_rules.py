"""Small rules of the loop, each by hand: selection, stopping, steering, short runs."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.backtest import CodeFault, OutcomeStatus, Stage
from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.events import Event, SteeringCommand, SteeringEvent
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import Constraints, ModelChoice, Objective, Run, RunPlan, Status, StopReason
from core.domain.usage import Cost
from core.domain.workflow import Workflow
from core.driving.drive import drive
from core.driving.evaluate import LONG_BARS, SHORT_BARS, evaluate_code
from core.driving.propose import choose_model
from core.driving.select import count_loops_without_gain, find_best, find_newest, judge_hypothesis, needs_repair
from core.driving.steering import Steering, read_steering, validate_text
from core.driving.stop import find_stop_reason, sum_work_seconds
from core.evidence import score
from core.store import Store
from tests.driving.drive_harness import WORKFLOW, build_harness
from tests.driving.fakes import RuleSandbox, program, walk

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NO_WISH = Steering()


def made(number: int, points: float | None, *, failed: bool = False, usd: float = 0.0, seconds: float = 0.0) -> Iteration:
    return Iteration(
        run_id="r",
        number=number,
        loop=number,
        parent=None,
        status=OutcomeStatus.ERROR if failed else OutcomeStatus.OK,
        stage=Stage.DONE,
        error=CodeFault(message="no") if failed else None,
        model="m",
        code="pass",
        score=points,
        cost=Cost(usd=usd),
        generate_seconds=seconds,
        created=NOW,
    )


def run(**changes: object) -> Run:
    plan = RunPlan(workflow=Workflow(name="w"), bars=BarsRequest(symbol="X"), loops=10, **changes)  # type: ignore[arg-type]
    return Run(id="r", plan=plan, status=Status.RUNNING, created=NOW)


def test_the_earlier_iteration_wins_a_tie() -> None:
    best = find_best([made(0, 1.0), made(1, None), made(2, 1.0)])
    assert best is not None
    assert best.number == 0


def test_negative_scores_are_ranked_too() -> None:
    best = find_best([made(0, -2.0), made(1, -1.0)])
    assert best is not None
    assert best.number == 1


def test_an_answer_without_a_program_leaves_nothing_to_repair() -> None:
    done = [made(0, 1.0), made(1, None, failed=True)]
    assert needs_repair(done)
    assert not needs_repair([done[0], done[1].changed(code="")])


def test_a_loop_failed_only_when_all_of_its_candidates_did() -> None:
    loops = [(0, False), (1, True), (1, False), (2, True), (2, True)]
    done = [made(number, None, failed=failed).changed(loop=loop) for number, (loop, failed) in enumerate(loops)]

    assert (needs_repair(done[:3]), needs_repair(done)) == (False, True)
    assert [one.number for one in (find_newest(done, 0), find_newest(done, 1), find_newest(done, 5)) if one] == [3, 4, 4]
    assert find_newest([], 0) is None


@pytest.mark.parametrize(
    ("scores", "gain", "loops"), [([1, 2, 2, 2], 0, 2), ([1, 1.05, 1.2], 0.1, 0), ([1, 1.05, 1.06], 0.1, 2), ([None, None], 0, 1)]
)
def test_loops_without_gain_count_from_the_last_rise(scores: list[float | None], gain: float, loops: int) -> None:
    assert count_loops_without_gain([made(number, points) for number, points in enumerate(scores)], gain) == loops


@pytest.mark.parametrize(
    ("points", "parent", "verdict"),
    [(1.1, 0, "confirmed"), (0.9, 0, "refuted"), (1.0, 0, "no difference"), (None, 0, "not tested"), (2.0, 3, "not tested")],
)
def test_a_hypothesis_is_judged_against_what_it_started_from(points: float | None, parent: int, verdict: str) -> None:
    done = [made(0, 1.0), made(3, None)]
    assert judge_hypothesis(points, parent, done, "more is more") == verdict


def test_a_repair_is_judged_against_the_last_score_before_the_failure() -> None:
    done = [made(0, 1.0), *(made(n, None, failed=True).changed(parent=n - 1) for n in (1, 2))]
    assert judge_hypothesis(1.2, 2, done, "more is more") == "confirmed"


@pytest.mark.parametrize("said", ["", "none", "none; the built-in optimizer proposes these values", "None."])
def test_who_states_no_hypothesis_gets_no_verdict(said: str) -> None:
    assert judge_hypothesis(1.1, 0, [made(0, 1.0)], said) == ""


@pytest.mark.parametrize(
    ("changes", "scores", "usd", "seconds", "reason"),
    [
        ({}, [1.0] * 11, 0, 0, StopReason.LOOPS),
        ({}, [1.0] * 5, 0, 0, None),
        ({"target": 2.0}, [1.0, 2.5], 0, 0, StopReason.TARGET),
        ({"budget_usd": 1.0}, [1.0, 1.0, 1.0], 0.4, 0, StopReason.BUDGET),
        ({"patience": 2}, [1.0, 1.0, 1.0], 0, 0, StopReason.PATIENCE),
        ({"patience": 2}, [1.0, 1.0, 2.0], 0, 0, None),
        ({"wall_seconds": 60}, [1.0, 1.0], 0, 31, StopReason.TIME),
        ({"wall_seconds": 60}, [1.0, 1.0], 0, 29, None),
        ({"candidates": 2, "target": 0.5}, [1.0, 1.0], 0, 0, None),
    ],
)
def test_each_stop_rule_ends_a_run_by_itself(
    changes: dict[str, object], scores: list[float], usd: float, seconds: float, reason: StopReason | None
) -> None:
    done = [made(number, points, usd=usd, seconds=seconds) for number, points in enumerate(scores)]

    assert find_stop_reason(run(**changes), done, NO_WISH) is reason


@pytest.mark.parametrize(
    ("changes", "scores", "reason"),
    [
        ({"target": 2.0}, [1.0, 2.5, 1.0, 1.0], None),
        ({"target": 2.0}, [1.0, 2.5, 1.0, 2.6], StopReason.TARGET),
        ({"patience": 2}, [1.0, 1.0, 1.0, 1.0], None),
        ({"patience": 2}, [1.0, 1.0, 1.0, 1.0, 1.0], StopReason.PATIENCE),
        ({"wall_seconds": 60}, [1.0] * 4, None),
        ({"wall_seconds": 50}, [1.0] * 5, StopReason.TIME),
    ],
)
def test_in_a_run_opened_again_after_three_iterations_the_rules_look_back_that_far(
    changes: dict[str, object], scores: list[float], reason: StopReason | None
) -> None:
    done = [made(number, points, seconds=25) for number, points in enumerate(scores)]

    assert find_stop_reason(run(**changes).changed(reopened=3), done, NO_WISH) is reason


@pytest.mark.parametrize(
    ("codes", "candidates", "reopened", "reason"),
    [
        ("a---", 1, 0, StopReason.NO_PROGRAM),
        ("a--", 1, 0, None),
        ("ab---", 1, 0, StopReason.NO_PROGRAM),
        ("a--b-", 1, 0, None),
        ("a------", 2, 0, StopReason.NO_PROGRAM),
        ("a----b-", 2, 0, None),
        ("a---", 1, 3, None),
        ("a-----", 1, 3, StopReason.NO_PROGRAM),
    ],
)
def test_three_loops_without_a_program_end_a_run(codes: str, candidates: int, reopened: int, reason: StopReason | None) -> None:
    done = [
        made(number, None).changed(code=code.strip("-"), loop=0 if not number else 1 + (number - 1) // candidates)
        for number, code in enumerate(codes)
    ]

    assert find_stop_reason(run(candidates=candidates).changed(reopened=reopened), done, NO_WISH) is reason


def test_a_stronger_model_is_asked_only_while_the_loop_is_stuck() -> None:
    plan = run(escalation=ModelChoice(id="strong/model"), model=ModelChoice(id="weak/model")).plan

    assert choose_model(plan, [made(0, 1.0), made(1, 1.5)]).id == "weak/model"
    assert choose_model(plan, [made(0, 1.0), made(1, 0.5), made(2, 0.5), made(3, 0.5)]).id == "strong/model"


def test_wishes_add_up_in_their_order() -> None:
    said = [
        (SteeringCommand.PAUSE, ""),
        (SteeringCommand.NOTE, "less risk"),
        (SteeringCommand.PIN, "no shorts"),
        (SteeringCommand.PIN, "daily"),
        (SteeringCommand.UNPIN, "daily"),
        (SteeringCommand.BUDGET, "2.5"),
        (SteeringCommand.GO_ON, ""),
    ]
    events = [
        Event(seq=n, run_id="r", created=NOW, body=SteeringEvent(command=command, text=text)) for n, (command, text) in enumerate(said, 1)
    ]

    found = read_steering(events)

    assert found == Steering(paused=False, notes=((2, "less risk"),), pins=("no shorts",), budget_usd=2.5, budget_given=True)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (SteeringCommand.LOOPS, "many"),
        (SteeringCommand.LOOPS, "1001"),
        (SteeringCommand.BUDGET, "-1"),
        (SteeringCommand.BUDGET, "nan"),
        (SteeringCommand.NOTE, " "),
        (SteeringCommand.PIN, "x" * 501),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(command: SteeringCommand, text: str) -> None:
    with pytest.raises(InputError):
        validate_text(command, text)


def test_constraints_take_the_score_away() -> None:
    figures = Metrics(total_return=0.5, sharpe=2.0, max_drawdown=-0.4, exposure=0.2, trades=9)

    assert score(figures, Objective.SHARPE, 5) == 2.0
    assert score(figures, Objective.SHARPE, 10) is None
    assert score(figures, Objective.SHARPE, 5, constraints=Constraints(max_drawdown=0.3)) is None
    assert score(figures, Objective.SHARPE, 5, constraints=Constraints(minimum_exposure=0.3)) is None
    assert score(figures, Objective.FORMULA, 5, formula="sharpe + max_drawdown") == pytest.approx(1.6)


def test_candidates_side_by_side_count_once_for_the_time() -> None:
    done = [made(number, 1.0, seconds=seconds).changed(loop=loop) for number, loop, seconds in ((0, 0, 1), (1, 1, 4), (2, 1, 9))]

    assert sum_work_seconds(done) == 10


def test_a_note_is_said_until_an_answer_that_heard_it_ran(tmp_path: Path) -> None:
    harness = build_harness(tmp_path, program(0.2, "# fails"), program(0.4), program(0.6))
    plan = run().plan.changed(workflow=WORKFLOW, loops=3)
    created = harness.store.create_run(plan)
    harness.store.add_event(created.id, SteeringEvent(command=SteeringCommand.NOTE, text="trade less often"))

    drive(created.id, harness.parts, cancel=harness.cancel)

    assert ["trade less often" in request.prompt.user for request in harness.model.asked] == [True, True, False]


def test_a_paused_run_waits_and_goes_on_with_the_users_words(tmp_path: Path) -> None:
    harness = build_harness(tmp_path, program(0.5))
    plan = run().plan.changed(workflow=WORKFLOW, loops=1)
    created = harness.store.create_run(plan)
    harness.store.add_event(created.id, SteeringEvent(command=SteeringCommand.PAUSE))
    harness.store.add_event(created.id, SteeringEvent(command=SteeringCommand.PIN, text="never hold over a weekend"))
    worker = threading.Thread(target=drive, args=(created.id, harness.parts), kwargs={"cancel": harness.cancel})
    worker.start()
    while Store.in_folder(tmp_path).read_run(created.id).status is not Status.PAUSED:
        assert worker.is_alive()
    assert harness.model.asked == []
    harness.store.add_event(created.id, SteeringEvent(command=SteeringCommand.GO_ON))
    worker.join(timeout=300)

    assert harness.store.read_run(created.id).status is Status.COMPLETE
    assert "never hold over a weekend" in harness.model.asked[0].prompt.user


def test_on_many_bars_a_mistake_is_found_in_a_short_run_first() -> None:
    sandbox, bars = RuleSandbox(), walk(LONG_BARS + 1)
    bad, good = program(0.5, "# fails").split("```python\n")[1].split("```")[0], program(0.5).split("```python\n")[1].split("```")[0]
    plan = run().plan.backtest

    failed = evaluate_code(bad, plan, bars, sandbox=sandbox, cancel=threading.Event())
    evaluate_code(good, plan, bars, sandbox=sandbox, cancel=threading.Event())

    assert failed.fault is not None
    assert [len(seen) for _, seen in sandbox.ran] == [SHORT_BARS, SHORT_BARS, LONG_BARS + 1]
