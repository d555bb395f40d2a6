"""A session: single steps that any process can make, nothing taken twice, nothing after the end."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core import language
from core.domain.bars_request import BarsRequest
from core.domain.errors import BusyError, InputError, SessionError, SessionTrouble
from core.domain.events import EventKind, RejectedEvent, SteeringCommand, SteeringEvent
from core.domain.run import ModelChoice, Run, RunKind, RunPlan, Status, StopReason
from core.driving.ports import YieldSlot
from core.driving.run_context import Ports, RunContext
from core.driving.run_worker import RunWorker
from core.driving.session import (
    Submission,
    Taken,
    begin_session,
    extend_done,
    finish_session,
    load_done,
    read_session,
    restore_session,
    take_submission,
)
from core.store import Store
from tests.driving.fakes import FixedMarket, RuleSandbox, ScriptedAnswers, walk

WORKFLOW = language.parse((Path(__file__).parents[2] / "data" / "workflows" / "sma_cross.json").read_bytes())
CODE = "import backtrader as bt\n\n\nclass Hold(bt.Strategy):\n    params = dict(hold={})\n\n    def next(self):\n        self.buy()\n"


class SessionHarness:
    """One session and what it needs; a process more is another context on the same history."""

    def __init__(self, home: Path, **changes: object) -> None:
        self.store, self.cancel = Store.in_folder(home), threading.Event()
        self.ports = Ports(ScriptedAnswers(()), RuleSandbox(), FixedMarket(walk()), self.store)
        plan = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), model=ModelChoice(id="mcp/Tester"), loops=5, memory=False)
        self.run = self.store.create_run(plan.changed(**changes), kind=RunKind.SESSION)
        self.context: RunContext = begin_session(self.run.id, self.ports, self.cancel)

    def submit(self, name: str, code: str, **more: object) -> Taken | None:
        """Take a submission as the next step."""
        said = Submission(name, code, **more)  # type: ignore[arg-type]
        return take_submission(restore_session(self.context, self.run.id, self.ports, self.cancel), self.done, said)

    def steer(self, command: SteeringCommand, text: str = "") -> None:
        """Say something as a person does."""
        self.store.add_event(self.run.id, SteeringEvent(command=command, text=text))

    @property
    def done(self) -> tuple:  # type: ignore[type-arg]
        """Iterations so far."""
        return load_done(self.store, self.run.id)

    @property
    def stored(self) -> Run:
        """The session as the history has it."""
        return self.store.read_run(self.run.id)


def find_trouble(work: Callable[[], object]) -> SessionTrouble:
    with pytest.raises(SessionError) as refused:
        work()
    return refused.value.trouble


def test_a_session_begins_with_the_workflow_and_takes_one_iteration_a_step(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)

    taken = made.submit("a", CODE.format(0.9), change="more", hypothesis="more is more")

    assert taken is not None
    assert [(one.number, one.model, one.submission) for one in made.done] == [(0, "compiler", ""), (1, "mcp/Tester", "a")]
    assert (taken.iteration.parent, taken.iteration.change, taken.iteration.mode, taken.iteration.verdict != "") == (
        0,
        "more",
        "improve",
        True,
    )
    assert (made.stored.status, made.stored.iterations) == (Status.RUNNING, 2)
    assert [event.body.number for event in made.store.list_events(made.run.id, kind=EventKind.TEXT)] == [1]


def test_the_end_names_the_recommendation_and_looks_once(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    made.submit("a", CODE.format(0.9))

    ends = [finish_session(made.context) for _ in range(2)]

    assert ends[0] == ends[1]
    assert (ends[0].status, ends[0].stop_reason) == (Status.COMPLETE, StopReason.FINISHED)
    assert ends[0].hold_out is not None
    assert (ends[0].hold_out.looks, ends[0].selection is not None) == (1, True)
    assert find_trouble(lambda: made.submit("b", CODE.format(0.8))) is SessionTrouble.OVER


def test_a_session_without_any_submission_spends_no_look(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)

    assert finish_session(made.context).hold_out is None


def test_another_process_makes_the_next_step(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    made.submit("a", CODE.format(0.9))
    other = replace(made.ports, history=Store.in_folder(tmp_path))

    context = restore_session(None, made.run.id, other, threading.Event())
    taken = take_submission(context, load_done(other.history, made.run.id), Submission("b", CODE.format(0.7)))

    assert taken is not None
    assert (taken.iteration.number, len(made.done)) == (2, 3)


def test_bars_that_changed_end_the_use_of_a_session(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    changed = replace(made.ports, market=FixedMarket(walk(seed=2)))

    assert find_trouble(lambda: restore_session(None, made.run.id, changed, made.cancel)) is SessionTrouble.BARS_CHANGED


def test_an_iteration_may_start_from_any_other_and_from_no_unknown_one(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    made.submit("broken", CODE.format(0.9) + "# fails")

    repaired, explored = made.submit("b", CODE.format(0.8), parent=1), made.submit("c", CODE.format(0.7), parent=0)

    assert repaired is not None
    assert explored is not None
    assert (repaired.iteration.mode, repaired.iteration.parent, explored.iteration.parent) == ("repair", 1, 0)
    with pytest.raises(InputError, match="no iteration 9"):
        made.submit("d", CODE.format(0.6), parent=9)


def test_a_step_that_is_stopped_leaves_nothing_and_the_session_open(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    made.cancel.set()

    assert made.submit("a", CODE.format(0.9)) is None
    assert (len(made.done), made.stored.status) == (1, Status.RUNNING)


def test_a_person_who_cancels_ends_the_session_without_a_look(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    made.submit("a", CODE.format(0.9))

    made.store.request_cancel(made.run.id)

    assert (made.stored.status, made.stored.hold_out) == (Status.CANCELLED, None)
    assert find_trouble(lambda: made.submit("b", CODE.format(0.8))) is SessionTrouble.OVER


def test_pauses_and_limits_of_people_hold_for_the_next_submission(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path, loops=1)
    made.steer(SteeringCommand.PAUSE)

    paused = find_trouble(lambda: made.submit("a", CODE.format(0.9)))
    shown = made.stored.status
    made.steer(SteeringCommand.GO_ON)
    made.submit("a", CODE.format(0.9))
    full = find_trouble(lambda: made.submit("b", CODE.format(0.8)))
    made.steer(SteeringCommand.LOOPS, "2")

    assert (paused, shown, full) == (SessionTrouble.PAUSED, Status.PAUSED, SessionTrouble.FULL)
    assert made.submit("b", CODE.format(0.8)) is not None
    assert made.stored.status is Status.RUNNING


def test_a_session_that_was_never_begun_is_begun_by_its_next_step(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    other = made.store.create_run(made.run.plan, kind=RunKind.SESSION)  # its process died at once

    restore_session(None, other.id, made.ports, threading.Event())

    assert [one.number for one in load_done(made.store, other.id)] == [0]


def test_what_is_known_of_a_session_is_completed_by_what_is_newer(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    known = extend_done(made.store, made.run.id, ())
    made.submit("a", CODE.format(0.9))
    newer = extend_done(made.store, made.run.id, known)
    made.store.add_event(made.run.id, RejectedEvent(number=1))

    assert (len(known), len(newer), newer[1].score is not None) == (1, 2, True)
    assert newer[0] is known[0], "it was not read again"
    assert extend_done(made.store, made.run.id, newer) == made.done
    assert made.done[1].score is None


def test_only_a_session_is_read_as_one(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    other = made.store.create_run(made.run.plan)

    assert read_session(made.store, made.run.id).id == made.run.id
    assert find_trouble(lambda: read_session(made.store, other.id)) is SessionTrouble.UNKNOWN
    assert find_trouble(lambda: read_session(made.store, "nobody")) is SessionTrouble.UNKNOWN


def test_a_worker_neither_adopts_a_session_nor_lets_two_hold_it(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)

    def work(run_id: str, cancel: object, yield_slot: YieldSlot) -> Run:
        raise AssertionError(f"nobody carries {run_id}")

    here, there = RunWorker(made.store, work), RunWorker(Store.in_folder(tmp_path), work)
    assert here.adopt() == ()
    with here.hold(made.run.id):
        for other in (here, there):
            with pytest.raises(BusyError), other.hold(made.run.id):
                raise AssertionError("it is held already")
    with there.hold(made.run.id) as cancel:
        assert not cancel.is_set()
    here.close()
    there.close()
