"""The kinds of events: each has one value, and what is given to it is what is kept."""

import typing
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from core.domain.events import (
    Event,
    EventBody,
    EventKind,
    LogEvent,
    ProgressEvent,
    RunEvent,
    StatusEvent,
    SteeringCommand,
    SteeringEvent,
    UnknownEvent,
    select_bodies,
)
from core.domain.run import Status

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_each_kind_has_one_value() -> None:
    values: tuple[type[EventBody], ...] = typing.get_args(typing.get_args(RunEvent)[0])

    assert [value.model_fields["kind"].default for value in values] == list(EventKind)


def test_what_was_not_given_is_not_kept() -> None:
    assert StatusEvent(status=Status.QUEUED).to_data() == {"status": "queued"}
    assert StatusEvent(status=Status.QUEUED, reason=None).to_data() == {"status": "queued", "reason": None}


@pytest.mark.parametrize(("command", "text"), [(SteeringCommand.LOOPS, "many"), (SteeringCommand.LOOPS, ""), (SteeringCommand.BUDGET, "x")])
def test_a_command_that_needs_a_number_has_one(command: SteeringCommand, text: str) -> None:
    with pytest.raises(ValidationError):
        SteeringEvent(command=command, text=text)


def test_a_budget_may_be_taken_away() -> None:
    assert SteeringEvent(command=SteeringCommand.BUDGET).to_data() == {"wish": "budget"}


def test_progress_is_a_fraction_of_the_bars() -> None:
    assert ProgressEvent(number=0, done=3, total=4, bars=(), equity=()).share == 0.75


def test_bodies_of_one_kind_are_selected_in_their_order() -> None:
    bodies = (LogEvent(text="one"), UnknownEvent(kind="log"), StatusEvent(status=Status.RUNNING), LogEvent(text="two"))
    events = [Event(seq=seq, run_id="r", created=NOW, body=body) for seq, body in enumerate(bodies)]

    assert list(select_bodies(events, LogEvent)) == [LogEvent(text="one"), LogEvent(text="two")]
