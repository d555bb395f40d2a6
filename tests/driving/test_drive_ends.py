"""What ends a loop, what takes it up again, and its look at the hold-out."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import BudgetError, MarketDataError, ProviderError, ProviderReason
from core.domain.events import EventKind, SteeringCommand, SteeringEvent
from core.domain.run import Run, RunPlan, Status, StopReason
from core.driving.drive import drive
from core.driving.half_and_half import run_half_and_half
from core.driving.run_context import prepare_bars
from core.evidence import decide
from tests.driving.drive_harness import WORKFLOW, LoopHarness, build_harness
from tests.driving.fakes import SeededMarket, program, walk


def test_patience_ends_a_run_that_does_not_improve(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), *(program(0.1 + n / 100, "# fails") for n in range(9)))

    run = made.go(loops=9, patience=3)

    assert run.stop_reason is StopReason.PATIENCE
    assert run.iterations < 10


def test_a_model_that_writes_no_programs_is_not_paid_for_long(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), *(["I would rather talk about the weather."] * 40), program(0.95), usd=0.01)

    run = made.go(loops=30)

    assert (run.status, run.stop_reason, run.iterations) == (Status.COMPLETE, StopReason.NO_PROGRAM, 5)
    assert run.message.startswith("No program could be had from the model's answers")
    assert run.best == 1


def test_the_budget_ends_a_run(tmp_path: Path) -> None:
    made = build_harness(tmp_path, *(program(n / 10) for n in range(1, 9)), usd=0.4)

    run = made.go(loops=8, budget_usd=1.0)

    assert (run.stop_reason, run.iterations, run.cost_usd) == (StopReason.BUDGET, 4, pytest.approx(1.2))


def test_a_budget_that_the_next_call_could_pass_says_so_and_not_that_it_is_used_up(tmp_path: Path) -> None:
    said = "The cap of $0.05 for this run would be passed: $0.0000 is spent or reserved, and the next call could cost up to $0.1300."
    made = build_harness(tmp_path, BudgetError(said, hint="Raise the cap."))

    run = made.go(loops=3, budget_usd=0.05)

    assert (run.status, run.stop_reason, run.iterations) == (Status.COMPLETE, StopReason.BUDGET, 1)
    assert run.message.startswith(f"{said} Raise the cap.")
    assert "used up" not in run.message


def test_a_run_opened_again_goes_on_from_its_iterations_and_looks_once_more(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1), program(0.2))
    run = made.go(loops=2)
    made.store.reopen(run.id, [SteeringEvent(command=SteeringCommand.LOOPS, text="3")])

    queued = made.store.read_run(run.id)
    again = drive(run.id, made.parts, cancel=made.cancel)

    assert queued.hold_out == run.hold_out, "that it was looked at stays recorded"
    assert (run.selection is None, queued.selection, queued.half) == (False, None, None), "what was judged of fewer tries is judged anew"
    assert (again.status, again.iterations, len(made.model.asked)) == (Status.COMPLETE, 4, 3)
    assert (run.hold_out and run.hold_out.looks, again.hold_out and again.hold_out.looks) == (1, 2)


def test_waiting_for_a_place_in_the_sandbox_is_no_time_of_work(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1))
    made.sandbox.waits = 3600.0

    run = made.go(loops=2, wall_seconds=600)

    assert (run.stop_reason, run.iterations) == (StopReason.LOOPS, 3)
    assert {iteration.overhead_seconds for iteration in made.store.list_iterations(run.id)} == {0.0}


def test_a_second_run_on_the_same_bars_looks_for_the_second_time(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9))

    runs = [made.go(loops=0), made.go(loops=0), made.go(loops=0, hold_out=0.0)]

    assert [run.hold_out.looks if run.hold_out else None for run in runs] == [1, 2, None]


def test_an_answer_that_is_paid_for_is_not_asked_for_again_when_its_backtest_is_cut_short(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1))
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=2))
    made.sandbox.before = lambda count: made.cancel.set() if count == 2 else None  # the baseline is 1

    left = drive(created.id, made.parts, cancel=made.cancel)
    made.sandbox.before = lambda count: None
    resumed = drive(created.id, made.parts, cancel=threading.Event())

    assert (left.iterations, len(made.model.asked)) == (1, 2)
    assert [iteration.change for iteration in made.store.list_iterations(created.id)[1:]] == ["hold 0.9", "hold 0.1"]
    assert resumed.cost_usd == pytest.approx(0.02)


def test_words_that_came_meanwhile_are_asked_anew(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1))
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=1))
    made.sandbox.before = lambda count: made.cancel.set() if count == 2 else None
    drive(created.id, made.parts, cancel=made.cancel)
    made.store.add_event(created.id, SteeringEvent(command=SteeringCommand.PIN, text="never on a Friday"))
    made.sandbox.before = lambda count: None

    drive(created.id, made.parts, cancel=threading.Event())

    assert ["never on a Friday" in request.prompt.user for request in made.model.asked] == [False, True]


def test_a_model_without_a_price_never_costs_zero(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), usd=None)

    assert made.go(loops=1).cost_usd is None


def test_a_provider_that_fails_ends_the_run_in_words_and_keeps_what_is_done(tmp_path: Path) -> None:
    failure = ProviderError(
        "The key was rejected.", name="AuthenticationError", reason=ProviderReason.AUTHENTICATION, hint="Check the key."
    )
    made = build_harness(tmp_path, program(0.9), failure)

    run = made.go(loops=5)

    assert (run.status, run.stop_reason, run.iterations) == (Status.FAILED, StopReason.ERROR, 2)
    assert "The key was rejected" in run.message


def test_a_model_without_further_ideas_ends_the_run_with_its_look_at_the_hold_out(tmp_path: Path) -> None:
    done = ProviderError("No other combination could be found.", name="NothingLeft", reason=ProviderReason.NOTHING_LEFT)
    made = build_harness(tmp_path, program(0.9), done)

    run = made.go(loops=5)

    assert (run.status, run.stop_reason, run.iterations) == (Status.COMPLETE, StopReason.EXHAUSTED, 2)
    assert run.hold_out is not None


def test_a_budget_raised_under_way_reaches_the_next_call(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9))
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=1, budget_usd=1.0))
    made.store.add_event(created.id, SteeringEvent(command=SteeringCommand.BUDGET, text="7.5"))

    drive(created.id, made.parts, cancel=made.cancel)

    assert made.model.asked[0].run_cap_usd == 7.5


def test_a_look_at_the_hold_out_that_is_cut_short_is_no_look(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9))
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=1))
    made.sandbox.before = lambda count: made.cancel.set() if count == 3 else None

    left = drive(created.id, made.parts, cancel=made.cancel)
    made.sandbox.before = lambda count: None
    resumed = drive(created.id, made.parts, cancel=threading.Event())

    assert (left.status, left.hold_out) == (Status.RUNNING, None)
    assert resumed.hold_out is not None
    assert resumed.hold_out.best.metrics is not None


def test_a_cancelled_run_keeps_its_iterations_and_looks_at_no_hold_out(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9))
    plan = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=5)
    run = made.store.create_run(plan)
    made.store.request_cancel(run.id)
    made.cancel.set()

    ended = drive(run.id, made.parts, cancel=made.cancel)

    assert (ended.status, ended.stop_reason, ended.hold_out) == (Status.CANCELLED, StopReason.CANCELLED, None)


def test_a_process_that_goes_down_leaves_the_run_open_and_another_goes_on_from_there(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1), program(0.2))
    plan = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=3)
    run = made.store.create_run(plan)
    made.cancel.set()

    left = drive(run.id, made.parts, cancel=made.cancel)
    resumed = drive(run.id, made.parts, cancel=threading.Event())

    assert left.status is Status.RUNNING
    assert (resumed.status, [iteration.number for iteration in made.store.list_iterations(run.id)]) == (Status.COMPLETE, [0, 1, 2, 3])


def test_too_few_bars_are_refused_before_a_run_exists(tmp_path: Path) -> None:
    plan = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), hold_out=0.5)

    with pytest.raises(MarketDataError, match="left for training"):
        prepare_bars(plan, SeededMarket(40))


def taken_over(made: LoopHarness, run_id: str) -> None:
    """Another worker has the run, as after a laptop's sleep."""
    made.store.claim(run_id, "one", seconds=-1)
    assert made.store.claim(run_id, "two", seconds=60)


@pytest.mark.parametrize("moment", [2, 3])
def test_a_worker_that_lost_its_run_leaves_without_touching_it(tmp_path: Path, moment: int) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1))
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=2))
    made.store.claim(created.id, "one", seconds=60)
    made.sandbox.before = lambda count: taken_over(made, created.id) if count == moment else None

    left = drive(created.id, replace(made.parts, history=made.store.with_owner("one")), cancel=made.cancel)

    assert (left.status, left.stop_reason, left.iterations) == (Status.RUNNING, None, moment - 1)
    assert made.store.list_events(created.id, kind=EventKind.ERROR) == ()
    finished = drive(created.id, replace(made.parts, history=made.store.with_owner("two")), cancel=made.cancel)
    assert (finished.status, finished.iterations) == (Status.COMPLETE, 3)


def test_a_run_that_was_ended_meanwhile_is_not_revived(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9))
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=3))
    made.sandbox.before = lambda count: made.store.request_cancel(created.id) if count == 2 else None

    drive(created.id, made.parts, cancel=made.cancel)

    assert made.store.read_run(created.id).status is Status.CANCELLED


def test_a_run_that_never_got_an_answer_spends_no_look(tmp_path: Path) -> None:
    nothing = ProviderError("No other combination could be found.", name="NothingLeft", reason=ProviderReason.NOTHING_LEFT)

    run = build_harness(tmp_path, nothing).go(loops=5)

    assert (run.status, run.stop_reason, run.hold_out) == (Status.COMPLETE, StopReason.EXHAUSTED, None)


def test_a_run_without_a_scored_version_spends_no_look(tmp_path: Path) -> None:
    """There is nothing that the hold-out could decide on, and looks are used up after a few."""
    made = build_harness(tmp_path, program(0.9))
    run = made.go(loops=1, minimum_trades=10_000)
    assert (run.status, run.best, run.hold_out) == (Status.COMPLETE, None, None)


def test_the_recommendation_is_stored_before_the_hold_out_is_looked_at(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9))
    seen: list[Run] = []
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=1))
    made.sandbox.before = lambda count: seen.append(made.store.read_run(created.id))

    ended = drive(created.id, made.parts, cancel=made.cancel)

    looking = next(run for run, (_, bars) in zip(seen, made.sandbox.ran, strict=True) if bars.last == ended.hold_out.last)
    assert looking.hold_out is None
    assert looking.selection == ended.selection
    assert ended.selection.decision.recommended


def test_the_look_covers_the_highest_the_recommended_the_workflow_the_market_and_cash(tmp_path: Path) -> None:
    held = build_harness(tmp_path, program(0.9)).go(loops=1).hold_out

    assert [each.name for each in (held.best, held.recommended, held.baseline, held.benchmark, held.cash)] == [
        "best",
        "recommended",
        "baseline",
        "benchmark",
        "cash",
    ]
    assert held.cash.metrics.total_return == 0.0
    assert held.timing is not None


def test_tries_of_an_earlier_run_on_the_same_bars_count(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1), program(0.2))

    first, second = made.go(loops=2), made.go(loops=1)

    assert first.earlier_tries == 0
    assert second.earlier_tries == len({one.code for one in made.store.list_iterations(first.id) if one.score is not None}) - 1


def test_the_same_run_again_on_the_same_bars_adds_no_try(tmp_path: Path) -> None:
    first, again = (build_harness(tmp_path, program(0.9), program(0.1), program(0.2), bars=300) for _ in range(2))
    first.go(loops=3)

    run = again.go(loops=3)

    said = [found.message for one in again.store.list_iterations(run.id) for found in one.findings if found.code == "no_timing_shown"]
    assert len(said) == 4
    assert all("loops of 4 tries" in words for words in said)
    assert run.earlier_tries == 0


def test_half_and_half_is_run_with_half_the_cash_each(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9))
    run = made.go(loops=1, hold_out=0.0)
    iterations = made.store.list_iterations(run.id)

    half = run_half_and_half(run.plan, decide(0.2, 1), iterations, walk(400), sandbox=made.sandbox, cancel=made.cancel)

    assert half is not None
    assert half.iterations == (0, 1)
    assert sum(half.finals) == pytest.approx(half.metrics.final_value) == pytest.approx(half.equity[-1])
    apart = [one.metrics.final_value for one in iterations]
    assert half.metrics.final_value == pytest.approx(sum(apart) / 2), "this sandbox trades any part of a unit"
    assert run_half_and_half(run.plan, decide(0.9, 1), iterations, walk(400), sandbox=made.sandbox, cancel=made.cancel) is None


def test_what_the_machine_did_to_a_run_is_no_iteration_and_is_tried_again_on_resume(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.1, "# killed"), program(0.2))

    run = made.go(loops=1)

    assert (run.status, "killed by the machine" in run.message) == (Status.FAILED, True)
    assert [iteration.number for iteration in made.store.list_iterations(run.id)] == [0]
