"""The loop over real stores and scripted neighbors: what it keeps, what it picks, when it ends, and what it never sees."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import language
from core.domain.backtest import OutcomeStatus, Stage
from core.domain.bars_request import BarsRequest
from core.domain.events import EventKind, ProgressEvent, StageEvent, select_bodies
from core.domain.run import RunPlan, Status, StopReason
from core.driving.drive import drive
from tests.driving.drive_harness import WORKFLOW, build_harness
from tests.driving.fakes import FixedMarket, program


def test_iteration_zero_is_the_compiled_workflow_and_every_loop_adds_one(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.1), program(0.9))

    run = made.go(loops=2)

    iterations = made.store.list_iterations(run.id)
    assert [iteration.number for iteration in iterations] == [0, 1, 2]
    assert iterations[0].code == language.compile_workflow(WORKFLOW)
    assert (iterations[0].model, iterations[1].model, iterations[1].change) == ("compiler", "test/model", "hold 0.1")
    assert (run.status, run.stop_reason, run.cost_usd) == (Status.COMPLETE, StopReason.LOOPS, pytest.approx(0.02))


def test_the_best_iteration_has_the_highest_score(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1))

    run = made.go(loops=2, objective="total_return")

    scores = {iteration.number: iteration.score for iteration in made.store.list_iterations(run.id)}
    assert run.best == max(scores, key=lambda number: scores[number] or 0.0)


def test_bars_of_the_hold_out_never_reach_the_sandbox_before_the_loop_is_over(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1))

    run = made.go(loops=2, hold_out=0.25)

    lengths = [len(bars) for _, bars in made.sandbox.ran]
    assert lengths[:3] == [300, 300, 300]
    assert len(lengths) == 5, "then winner and baseline, once each, on lead plus hold-out"
    assert run.hold_out is not None
    assert (run.hold_out.bars, run.hold_out.best.metrics is not None) == (100, True)


def test_no_prompt_names_a_day_or_a_figure_of_the_hold_out(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1), program(0.3))

    run = made.go(loops=3, hold_out=0.25)

    whole = made.parts.market.bars(run.plan.bars)
    prompts = "".join(request.prompt.system + request.prompt.user for request in made.model.asked)
    hidden = whole.slice(300, 400)
    assert str(hidden.first.date()) not in prompts
    assert str(hidden.last.date()) not in prompts
    assert not any(f"{price:.2f}" in prompts for price in hidden.close)


def test_a_canary_in_the_hold_out_reaches_no_prompt_event_log_or_iteration(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1, "# fails"), program(0.3))
    bars = made.parts.market.bars(BarsRequest())
    canary = 77_123.25
    hidden = [np.where(np.arange(400) == 350, canary, column) for column in (bars.open, bars.high, bars.low, bars.close)]
    market = FixedMarket(replace(bars, open=hidden[0], high=hidden[1], low=hidden[2], close=hidden[3], _hash=[]))
    plan = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=3, hold_out=0.25)

    run = drive(made.store.create_run(plan).id, replace(made.parts, market=market), cancel=made.cancel)

    said = [request.model_dump_json() for request in made.model.asked]
    kept = [event.model_dump_json() for event in made.store.list_events(run.id)]
    kept += [iteration.model_dump_json() for iteration in made.store.list_iterations(run.id)]
    assert not any("77123" in text or "77,123" in text for text in (*said, *kept))
    assert all(canary not in seen.close for code, seen in made.sandbox.ran[:-2])
    assert canary in made.sandbox.ran[-1][1].close, "the look at the end does see it"


def test_the_curve_of_a_backtest_grows_while_it_goes_on_and_never_on_the_hold_out(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9))

    run = made.go(loops=1, hold_out=0.25)

    told = list(select_bodies(made.store.list_events(run.id, kind=EventKind.PROGRESS), ProgressEvent))
    training = 300
    assert [(one.number, one.done, one.total, one.bars) for one in told] == [(n, 150, training, (0, 149)) for n in (0, 1)]
    detail = made.store.read_detail(run.id, 1)
    assert list(told[1].equity) == pytest.approx([detail.equity[0], detail.equity[149]], rel=5e-7), "seven digits"


def test_every_stage_of_an_iteration_is_told_as_it_begins(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.9))

    run = made.go(loops=2)

    told = [(said.number, said.stage) for said in select_bodies(made.store.list_events(run.id, kind=EventKind.STAGE), StageEvent)]
    assert told[:7] == [(0, "gate"), (0, "run"), (0, "score"), (1, "generate"), (1, "gate"), (1, "run"), (1, "score")]
    assert told[7:] == [(2, "generate"), (3, "hold_out")], "the same program is not run again"


def test_a_failed_answer_is_kept_and_the_next_prompt_asks_for_a_repair(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9, "# fails"), program(0.9))

    run = made.go(loops=2)

    failed, repaired = made.store.list_iterations(run.id)[1:]
    assert (failed.status, failed.score, failed.error is not None) == (OutcomeStatus.ERROR, None, True)
    assert "name 'x' is not defined" in made.model.asked[1].prompt.user
    assert (made.model.asked[1].purpose, repaired.parent, repaired.error) == ("repair", 1, None)


def test_an_answer_without_code_is_an_iteration_that_failed_at_parsing(tmp_path: Path) -> None:
    made = build_harness(tmp_path, "I am sorry, I cannot do that.")

    run = made.go(loops=1)

    iteration = made.store.list_iterations(run.id)[1]
    assert (iteration.stage, iteration.error is not None, iteration.answer) == (Stage.PARSE, True, "I am sorry, I cannot do that.")


def test_code_that_reads_the_future_has_figures_but_no_score(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.99, "# leaks"))

    run = made.go(loops=1)

    leaked = made.store.list_iterations(run.id)[1]
    assert (leaked.score, leaked.stage, leaked.metrics is not None) == (None, Stage.LOOK_AHEAD, True)
    assert run.best != 1


def test_too_few_trades_have_no_score(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.99, "# idle"))

    run = made.go(loops=1, minimum_trades=3)

    assert (made.store.list_iterations(run.id)[1].score, made.store.list_iterations(run.id)[1].stage) == (None, Stage.SCORE)


def test_the_same_program_is_not_run_twice(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.9).replace("class Hold", "# a remark\nclass Hold"))

    run = made.go(loops=2, hold_out=0.0)

    first, again = made.store.list_iterations(run.id)[1:]
    assert len(made.sandbox.ran) == 2
    assert again.metrics == first.metrics
    assert "not run again" in again.notes[0]


def test_a_program_that_failed_is_not_run_again_either(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9, "# fails"))

    run = made.go(loops=2, hold_out=0.0)

    first, again = made.store.list_iterations(run.id)[1:]
    assert len(made.sandbox.ran) == 2
    assert (again.error, again.status, again.stage) == (first.error, first.status, first.stage)
    assert "not run again" in again.notes[0]


def test_the_same_program_of_two_candidates_is_run_once_and_one_of_them_says_so(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9))

    run = made.go(loops=1, candidates=3, hold_out=0.0)

    remarked = [
        iteration.change for iteration in made.store.list_iterations(run.id)[1:] if "the same program as iteration" in iteration.change
    ]
    assert (len(made.sandbox.ran), len(remarked)) == (2, 2)
    assert len({iteration.score for iteration in made.store.list_iterations(run.id)[1:]}) == 1


def test_programs_that_place_no_order_do_not_trade_alike(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9, "# idle"), program(0.8, "# idle"), program(0.9, "# x"), program(0.9, "# differs"))
    made.sandbox.at_once = True

    run = made.go(loops=4, hold_out=0.0)

    changes = [iteration.change for iteration in made.store.list_iterations(run.id)]
    assert not any("exactly like" in change for change in changes[1:4])
