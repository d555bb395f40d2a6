"""A loop whose history has events that it cannot read goes on as if they were not there."""

from pathlib import Path

from core.domain.bars_request import BarsRequest
from core.domain.run import RunPlan, Status
from core.driving.drive import drive
from tests.driving.drive_harness import WORKFLOW, build_harness
from tests.driving.fakes import program
from tests.store.raw_events import UNREADABLE, insert_raw_event


def test_events_that_cannot_be_read_neither_stop_nor_steer_a_run(tmp_path: Path) -> None:
    made = build_harness(tmp_path, program(0.1), program(0.9))
    created = made.store.create_run(RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=2))
    for kind, data in UNREADABLE:
        insert_raw_event(made.store, created.id, kind, data)

    run = drive(created.id, made.parts, cancel=made.cancel)

    assert (run.status, run.iterations, len(made.model.asked)) == (Status.COMPLETE, 3, 2)
