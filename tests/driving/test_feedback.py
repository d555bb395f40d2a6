"""The next prompt tells of the iterations before it: findings, notes, pins, and how a hypothesis turned out."""

from datetime import UTC, datetime

import pytest

from core import language
from core.domain.backtest import CodeFault, OutcomeStatus, Stage
from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.events import SteeringCommand
from core.domain.finding import Finding
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import Constraints, ModelChoice, Run, RunPlan, Status
from core.driving.propose import IterationSlot, build_task, choose_model, find_constants, find_parent
from core.driving.select import count_scored_loops_without_gain, find_newest
from core.driving.steering import Steering, validate_command
from core.prompts import Task, render_prompt
from tests.driving.drive_harness import WORKFLOW
from tests.driving.fakes import walk

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FEES = Finding(code="fees_eat_edge", severity=2, message="Commission takes 45%", fix="trade less often")
NO_ORDERS = Finding(
    code="no_orders", severity=3, message="No order was placed", sample="of 400 bars: row e1 on 7, row e2 on 0, all together on 0"
)
BROKEN = CodeFault(message="name 'x' is not defined", kind="NameError")


def made(
    number: int,
    points: float | None,
    *found: Finding,
    loop: int | None = None,
    failed: bool = False,
    mode: str = "improve",
    parent: int | None = 0,
    **facts: object,
) -> Iteration:
    known = {
        "run_id": "r",
        "number": number,
        "loop": number if loop is None else loop,
        "parent": parent if number else None,
        "status": OutcomeStatus.ERROR if failed else OutcomeStatus.OK,
        "stage": Stage.DONE,
        "error": BROKEN if failed else None,
        "model": "test/model",
        "mode": mode if number else "",
        "code": "class A(bt.Strategy): pass",
        "metrics": None if failed else Metrics(total_return=0.1, trades=9),
        "score": points,
        "findings": found,
        "created": NOW,
    }
    return Iteration.model_validate({**known, **facts})


def run(**changes: object) -> Run:
    plan = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="X"), **{"model": ModelChoice(id="test/model"), "loops": 20, **changes})  # type: ignore[arg-type]
    return Run(id="r", plan=plan, status=Status.RUNNING, created=NOW)


def asked(*done: Iteration, steering: Steering = Steering(), candidate: int = 0, **changes: object) -> Task:  # noqa: B008 - a frozen value
    slot = IterationSlot(len(done), done[-1].loop + 1, candidate)
    return build_task(run(**changes), walk(400), done, slot, steering)


def codes(task: Task) -> list[str]:
    return [finding.code for finding in task.findings or ()]


def test_why_the_last_attempt_did_not_trade_is_told_although_there_is_a_best() -> None:
    user = render_prompt(asked(made(0, 1.0, FEES), made(1, None, NO_ORDERS))).user

    last = user[user.index("<last>") : user.index("</last>")]
    assert "No order was placed. For example: of 400 bars: row e1 on 7, row e2 on 0" in last
    assert "Commission takes 45%" in user[user.index("<findings>") :]


def test_each_candidate_hears_what_spoiled_its_own_last_attempt() -> None:
    done = (made(0, 1.0), made(1, 0.5, FEES, loop=1), made(2, None, NO_ORDERS, loop=1))

    said = ["No order was placed" in render_prompt(asked(*done, candidate=candidate)).user for candidate in (0, 1)]

    assert said == [False, True]


def test_lesser_findings_of_an_attempt_that_is_not_the_best_are_left_out() -> None:
    assert "Commission" not in render_prompt(asked(made(0, 1.0), made(1, 0.5, FEES))).user


def test_a_finding_of_the_best_is_said_in_three_prompts_and_then_not_again() -> None:
    done = [made(0, 1.0, FEES)]
    said = []
    for number in range(1, 6):
        said.append(codes(asked(*done)) == ["fees_eat_edge"])
        done.append(made(number, 0.5))  # what others lack does not bring it back

    assert said == [True, True, True, False, False]


def test_candidates_of_one_loop_count_once_for_muting() -> None:
    loop = [made(number, 0.5, FEES, loop=1) for number in (1, 2, 3)]

    assert codes(asked(made(0, 1.0, FEES), *loop)) == ["fees_eat_edge"]


def test_a_finding_is_said_again_once_a_best_without_it_stood_in_between() -> None:
    done = [made(0, 1.0, FEES), *(made(number, 0.5) for number in (1, 2, 3)), made(4, 2.0), made(5, 0.5), made(6, 3.0, FEES)]

    assert codes(asked(*done[:4])) == []
    assert codes(asked(*done)) == ["fees_eat_edge"]


def test_repairs_neither_tell_findings_nor_count_for_muting() -> None:
    repairs = [made(1, None, failed=True), made(2, None, failed=True, mode="repair"), made(3, 0.4, mode="repair")]

    assert codes(asked(made(0, 1.0, FEES), repairs[0])) == []
    assert codes(asked(made(0, 1.0, FEES), *repairs)) == ["fees_eat_edge"]


def test_without_a_best_the_last_attempts_findings_are_the_task() -> None:
    user = render_prompt(asked(made(0, None, NO_ORDERS))).user

    assert user.count("No order was placed") == 1
    assert "<findings>" in user


def test_only_what_ships_with_the_product_gets_the_state_for_machines() -> None:
    for name, expected in (("built-in", True), ("demo", True), ("stratloop/built-in", True), ("openai/gpt-5-mini", False)):
        assert asked(made(0, 1.0), model=ModelChoice(id=name)).with_state is expected


def test_a_stronger_model_that_takes_over_from_the_optimizer_gets_no_state() -> None:
    stuck = [made(0, 1.0), *(made(number, 0.5) for number in (1, 2, 3))]

    task = asked(*stuck, model=ModelChoice(id="built-in"), escalation=ModelChoice(id="strong/model"))

    assert not task.with_state


def test_from_the_tenth_loop_on_the_prompt_grows_by_a_short_line_a_try() -> None:
    done = [made(number, 0.3 + number * 7 % 11 / 10, FEES, change="faster", hypothesis="sooner") for number in range(100)]

    ten, thirty, hundred = (render_prompt(asked(*done[:count])).tokens for count in (10, 30, 100))

    assert 0 <= (thirty - ten) / 20 < 20
    assert 0 <= (hundred - thirty) / 70 < 20


def test_a_broken_constraint_is_what_the_next_turn_is_about() -> None:
    deep = made(0, None, metrics=Metrics(total_return=0.1, sharpe=1.0, max_drawdown=-0.15, trades=13))

    task = asked(deep, constraints=Constraints(max_drawdown=0.1))

    assert "not tested, it has no score: maximum drawdown 15.0%, at most 10.0% is allowed" in render_prompt(task).user
    assert "the last one has none because: maximum drawdown 15.0%, at most 10.0% is allowed." in render_prompt(task).user


def test_a_turn_that_starts_from_the_last_attempt_has_it_as_its_parent() -> None:
    idle, failure = made(1, None, NO_ORDERS), made(2, None, failed=True)

    starts = [asked(made(0, None), idle), asked(made(0, 1.0), idle), asked(made(0, 1.0), idle, failure), asked(made(0, None, failed=True))]

    assert [find_parent(task) for task in starts] == [1, 0, 2, 0]
    assert find_parent(asked(made(0, None), idle, model=ModelChoice(id="built-in"))) == 0, "the optimizer varies the workflow's own numbers"


def test_repairs_are_two_in_a_row_at_most_and_count_afresh_once_the_loop_went_back_to_the_best() -> None:
    done, modes = [made(0, 1.0)], []
    for number in range(1, 8):
        task = asked(*done)
        modes.append(task.mode.value)
        done.append(made(number, None, failed=True, mode=task.mode.value))

    assert modes == ["improve", "repair", "repair", "improve", "repair", "repair", "improve"]


def test_a_repair_that_runs_ends_the_repairs() -> None:
    done = [made(0, 1.0), made(1, None, failed=True), made(2, 0.5, mode="repair"), made(3, None, failed=True)]

    assert [asked(*done[:count]).mode.value for count in (2, 3, 4)] == ["repair", "improve", "repair"]


def test_a_baseline_that_fails_is_not_sent_to_be_repaired() -> None:
    assert asked(made(0, None, failed=True)).mode.value == "first"


def test_loops_that_only_crashed_do_not_say_that_small_changes_are_used_up() -> None:
    strong = ModelChoice(id="strong/model")
    crashed = [made(number, None, failed=True, mode="repair" if number < 3 else "improve") for number in (1, 2, 3)]
    tried = [made(number, 0.5) for number in (4, 5, 6)]
    plan = run(escalation=strong).plan

    assert choose_model(plan, [made(0, 1.0), *crashed]).id == "test/model"
    assert asked(made(0, 1.0), *crashed, *tried[:2]).mode.value == "improve"
    assert asked(made(0, 1.0), *crashed, *tried).mode.value == "explore"
    assert choose_model(plan, [made(0, 1.0), *crashed, *tried]).id == "strong/model"


def test_a_gain_of_one_candidate_is_a_gain_of_its_loop() -> None:
    loops = [made(number, score, loop=1 + (number - 1) // 2) for number, score in enumerate([0.5, 0.4, 0.5, 1.5, 0.5, 0.6], 1)]

    assert count_scored_loops_without_gain([made(0, 1.0), *loops]) == 1


def test_what_the_compiler_sets_by_itself_is_no_free_number() -> None:
    baseline = made(0, 1.0, code=language.compile_workflow(WORKFLOW))

    assert find_constants(run().plan, [baseline]) == {"reserve"}
    assert find_constants(run().plan, []) == frozenset()


def test_an_eleventh_pin_is_refused_and_ten_are_all_said() -> None:
    pins = tuple(f"never buy on day {number} of a month" for number in range(10))
    said, plan = Steering(pins=pins), run().plan

    user = render_prompt(asked(made(0, 1.0), steering=said)).user

    assert all(pin in user for pin in pins)
    assert validate_command(SteeringCommand.PIN, pins[3], plan, said) == pins[3]
    with pytest.raises(InputError, match="keeps 10 pinned constraints at most"):
        validate_command(SteeringCommand.PIN, "one more", plan, said)


def test_what_nobody_would_hear_is_refused() -> None:
    reads_none = run(model=ModelChoice(id="built-in")).plan
    reads = run(model=ModelChoice(id="demo"), escalation=ModelChoice(id="strong/model")).plan

    for command in (SteeringCommand.NOTE, SteeringCommand.PIN):
        with pytest.raises(InputError, match="read neither notes nor pins"):
            validate_command(command, "never short", reads_none, Steering())
        assert validate_command(command, " never short ", reads, Steering()) == "never short"
    assert validate_command(SteeringCommand.LOOPS, "12", reads_none, Steering()) == "12"


def test_a_candidate_without_an_answer_mends_the_answer_of_its_sibling() -> None:
    silent = made(1, None, loop=1, candidate=0, failed=True, stage=Stage.GENERATE, code="")
    wrong = made(2, None, loop=1, candidate=1, failed=True)

    tasks = [asked(made(0, 1.0), silent, wrong, candidate=candidate) for candidate in (0, 1)]

    assert [(task.mode.value, task.start and task.start.number) for task in tasks] == [("repair", 2), ("repair", 2)]
    assert asked(made(0, 1.0), silent).mode.value == "improve", "nothing came, so there is nothing to mend"


def test_each_candidate_goes_on_from_its_own_place_in_the_loop() -> None:
    missing_the_first = [made(2, 0.5, loop=1, candidate=1), made(3, 0.4, loop=1, candidate=2)]

    assert [newest.number for place in range(3) if (newest := find_newest(missing_the_first, place))] == [2, 2, 3]
