"""The winner repeats its orders bar by bar, or gives way; a check that was cut short says nothing."""

from pathlib import Path

import pytest

from core.domain.events import EventKind
from core.domain.run import BarsRequest, RunPlan, Status
from core.driving.drive import drive
from tests.driving.fakes import program
from tests.driving.test_drive import WORKFLOW, build_harness


@pytest.mark.parametrize("asked_for", [True, False])
def test_a_winner_whose_confirmation_is_cut_short_is_not_said_to_be_false(tmp_path: Path, asked_for: bool) -> None:
    made = build_harness(tmp_path, program(0.9))
    made.sandbox.at_once = True
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=1))

    def stop(count: int) -> None:
        if count == 3:  # the winner, bar by bar
            if asked_for:
                made.store.request_cancel(created.id)
            made.cancel.set()

    made.sandbox.before = stop
    made.store.claim(created.id, "worker", seconds=60)
    ended = drive(created.id, made.parts, cancel=made.cancel)

    assert (ended.status, ended.hold_out) == (Status.CANCELLED if asked_for else Status.RUNNING, None)
    assert "other orders" not in ended.message
    assert made.store.list_events(created.id, kind=EventKind.REJECTED) == ()


def test_a_winner_that_trades_otherwise_bar_by_bar_gives_way_to_the_next_that_does_not(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.01, "# differs"), program(0.02))
    made.sandbox.at_once = True

    run = made.go(loops=2, objective="total_return")

    scores = {iteration.number: iteration.score for iteration in made.store.list_iterations(run.id)}
    assert max(scores, key=lambda number: scores[number] or -1.0) == 1, "it would have been best, and the history says so"
    assert (run.best, run.hold_out and run.hold_out.best.iteration) == (2, 2)
    assert [event.body.number for event in made.store.list_events(run.id, kind=EventKind.REJECTED)] == [1]
    assert "iteration 1 places other orders" in run.message
    assert "with the same orders" in run.message


def test_when_the_five_best_trade_otherwise_bar_by_bar_none_is_presented(tmp_path: Path) -> None:
    made = build_harness(tmp_path, *(program(n / 100, "# differs") for n in range(1, 6)))
    made.sandbox.at_once = True

    run = made.go(loops=5, objective="total_return")

    assert (run.status, run.best, len(made.store.list_events(run.id, kind=EventKind.REJECTED))) == (Status.COMPLETE, None, 5)
    assert "none is presented as best" in run.message
    assert run.hold_out is not None
    assert run.hold_out.best.error


def test_a_winner_that_cannot_be_repeated_in_time_is_not_called_false(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.01, "# slow"))
    made.sandbox.at_once = True

    run = made.go(loops=1, objective="total_return")

    assert (run.best, made.store.list_events(run.id, kind=EventKind.REJECTED)) == (1, ())
    assert "could not be repeated bar by bar" in run.message
