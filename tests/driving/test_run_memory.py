"""What a run is told of earlier ones, and what it must never be told."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from core.domain.run import Run
from core.driving.run_memory import describe_shape, recall_runs
from tests.driving.drive_harness import WORKFLOW, LoopHarness, build_harness
from tests.driving.fakes import FixedMarket, program, walk


def after_a_first_run(tmp_path: Path) -> tuple[LoopHarness, Run]:
    made = build_harness(tmp_path, program(0.9), program(0.1), program(0.4))
    return made, made.go(loops=2)


def test_a_second_run_is_told_what_the_first_one_tried_and_what_came_of_it(tmp_path: Path) -> None:
    made, _ = after_a_first_run(tmp_path)
    second = made.go(loops=1)
    assert len(second.memory) == 2
    assert any(line.startswith("hold 0.9: ") and " before, " in line for line in second.memory)
    assert "<memory>" in made.model.asked[-1].prompt.user


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    made, _ = after_a_first_run(tmp_path)
    second = made.go(loops=1, memory=False)
    assert second.memory == ()
    assert "<memory>" not in made.model.asked[-1].prompt.user


def test_a_run_that_was_trained_on_days_of_the_hold_out_is_not_remembered(tmp_path: Path) -> None:
    made, first = after_a_first_run(tmp_path)
    assert first.trained_until is not None
    made.store.save_run(first.changed(trained_until=first.trained_until + timedelta(days=1)))
    assert made.go(loops=1).memory == ()


def test_another_class_of_asset_or_another_workflow_is_not_remembered(tmp_path: Path) -> None:
    made, first = after_a_first_run(tmp_path)
    made.store.save_run(first.changed(asset_class="crypto"))
    assert made.go(loops=1).memory == ()
    other = WORKFLOW.changed(rows=WORKFLOW.rows[:-1])
    made.store.save_run(first.changed(plan=first.plan.changed(workflow=other)))
    assert describe_shape(other) != describe_shape(WORKFLOW)


def test_no_line_names_a_symbol_or_a_day(tmp_path: Path) -> None:
    made, _ = after_a_first_run(tmp_path)
    told = " ".join(made.go(loops=1).memory)
    assert "WALK" not in told
    assert "200" not in told


def test_a_run_that_goes_on_is_told_what_it_was_told_at_first(tmp_path: Path) -> None:
    made, first = after_a_first_run(tmp_path)
    second = made.go(loops=1)
    bars = walk(400)
    assert recall_runs(replace_plan(second), made.store, bars.slice(0, 280)) != ()
    assert first.memory == ()


def replace_plan(run: Run) -> Run:
    return run.changed(plan=run.plan.changed(memory=True))


def test_a_blind_model_is_told_neither_the_symbol_nor_a_day(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.9), program(0.1))
    made = replace(made)
    made.go(loops=2, blind=True)
    for request in made.model.asked:
        told = request.prompt.user
        assert "WALK" not in told
        assert "2003" not in told
        assert "2004" not in told


def test_nothing_that_is_sent_to_a_blind_model_tells_symbol_days_or_the_scale_of_prices(tmp_path: Path) -> None:
    dear = walk(400)
    dear = replace(dear, **{name: getattr(dear, name) * 73.0 for name in ("open", "high", "low", "close")})
    made = build_harness(tmp_path, program(0.9), "no code at all", program(0.4, "# fails"), program(0.1))
    made = replace(made, parts=replace(made.parts, market=FixedMarket(dear)))
    workflow = WORKFLOW.changed(name="WALK dip", description="Buys WALK when it dips.")
    run = made.go(loops=3, blind=True, workflow=workflow)

    sent = " ".join(request.model_dump_json() for request in made.model.asked)
    assert len(made.model.asked) >= 3
    assert "walk" not in sent.lower().replace("walk-forward", "").replace("walk forward", "")
    assert re.findall(r"(?<!\d)200[34]-\d\d", sent) == []
    assert [number for number in map(float, re.findall(r"(?<![\w.,])\d{4}(?:\.\d+)?(?![\w,])", sent)) if 5_500 < number < 9_900] == []
    assert run.plan.workflow.name == "WALK dip"
