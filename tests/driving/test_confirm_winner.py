"""What ran with all bars at once repeats its orders bar by bar before it counts, or gives way; a check that was cut short says nothing."""

from pathlib import Path

import pytest

from core.domain.backtest import Certificate, Method, Verdict
from core.domain.bars_request import BarsRequest
from core.domain.events import EventKind
from core.domain.run import RunPlan, Status
from core.driving.drive import drive
from core.driving.select import find_best, find_leader
from tests.driving.drive_harness import WORKFLOW, build_harness
from tests.driving.fakes import program

CHECKED = Certificate(verdict=Verdict.CHECKED, method=Method.FAST, cuts=9)


@pytest.mark.parametrize("asked_for", [True, False])
def test_an_iteration_whose_confirmation_is_cut_short_is_not_said_to_be_false(tmp_path: Path, asked_for: bool) -> None:
    made = build_harness(tmp_path, program(0.9))
    made.sandbox.at_once = True
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=1))

    def stop(count: int) -> None:
        if count == 2:  # the baseline, bar by bar
            if asked_for:
                made.store.request_cancel(created.id)
            made.cancel.set()

    made.sandbox.before = stop
    made.store.claim(created.id, "worker", seconds=60)
    ended = drive(created.id, made.parts, cancel=made.cancel)

    assert (ended.status, ended.hold_out) == (Status.CANCELLED if asked_for else Status.RUNNING, None)
    assert made.store.list_iterations(created.id) == ()


def test_an_iteration_that_trades_otherwise_bar_by_bar_reads_the_future_and_has_no_score(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.01, "# differs"), program(0.02))
    made.sandbox.at_once = True

    run = made.go(loops=2, objective="total_return")

    peeked = made.store.list_iterations(run.id)[1]
    assert (peeked.score, peeked.error and peeked.error.kind) == (None, "LookAhead")
    assert peeked.certificate is not None
    assert peeked.certificate.verdict is Verdict.LEAKED
    assert (run.best, run.hold_out and run.hold_out.best.iteration) == (2, 2)


def test_an_iteration_that_leads_is_confirmed_at_once_and_one_that_does_not_stays_unconfirmed(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.01), program(0.5))
    made.sandbox.at_once = True

    run = made.go(loops=2, objective="total_return")

    confirmed = [one.certificate is not None and one.certificate.confirmed for one in made.store.list_iterations(run.id)]
    assert (run.best, confirmed) == (1, [True, True, False])


def test_what_cannot_be_repeated_in_time_has_no_score_and_is_never_best(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.01, "# slow"))
    made.sandbox.at_once = True

    run = made.go(loops=1, objective="total_return")

    slow = made.store.list_iterations(run.id)[1]
    assert (run.best, slow.score, made.store.list_events(run.id, kind=EventKind.REJECTED)) == (0, None, ())
    assert "nobody knows whether it reads the future" in slow.no_score


def test_the_best_is_the_highest_score_of_what_is_confirmed(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.01))
    run = made.go(loops=1, objective="total_return")
    first, second = made.store.list_iterations(run.id)
    ahead = second.changed(score=9.0, certificate=CHECKED)

    assert find_best((first, ahead)) is first
    assert find_leader((first, ahead)) is ahead


def reopened_with_unconfirmed(tmp_path: Path, *answers: str) -> tuple[object, str]:
    """A finished run whose iterations an earlier version had run with all bars at once, ready to be ended again."""
    made = build_harness(tmp_path, *answers)
    run = made.go(loops=len(answers), objective="total_return")
    for one in made.store.list_iterations(run.id):
        made.store.certify(run.id, one.number, CHECKED)
    return made, run.id


def test_iterations_of_earlier_versions_are_confirmed_before_one_is_best_again(tmp_path: Path) -> None:
    made, run_id = reopened_with_unconfirmed(tmp_path, program(0.01))
    made.store.reopen(run_id)  # type: ignore[attr-defined]
    made.store.claim(run_id, "worker", seconds=60)  # type: ignore[attr-defined]

    ended = drive(run_id, made.parts, cancel=made.cancel)  # type: ignore[attr-defined]

    best = made.store.list_iterations(run_id)[1]  # type: ignore[attr-defined]
    assert (ended.best, best.awaits_confirmation) == (1, False)
    assert "with the same orders" in ended.message
