"""What a user says to a run under way reaches the history as a command."""

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.events import EventKind
from core.domain.run import ModelChoice, Run, Status
from core.driving.steering import read_steering
from core.services import Services
from tests.pages.conftest import plan_of


@pytest.fixture
def waiting(furnished: Services) -> Iterator[Run]:
    """A run that another process holds, so that it stays open; gone afterwards."""
    run = furnished.store.create_run(plan_of(furnished, loops=5, model=ModelChoice(id="ollama/llama3")))
    furnished.store.claim(run.id, "somebody else", seconds=600)
    yield run
    furnished.store.save_run(run.changed(status=Status.CANCELLED))


def test_a_run_is_paused_and_goes_on(furnished: Services, open_screen: Callable[..., AppTest], waiting: Run) -> None:
    screen = open_screen("driving", run=waiting.id)

    screen.button(key="driving_steering_pause").click().run()
    assert read_steering(furnished.store.list_events(waiting.id, kind=EventKind.STEER)).paused
    screen.button(key="driving_steering_pause").click().run()

    assert not read_steering(furnished.store.list_events(waiting.id, kind=EventKind.STEER)).paused
    assert not screen.exception


def test_a_note_a_pin_and_a_new_number_of_loops_are_kept(furnished: Services, open_screen: Callable[..., AppTest], waiting: Run) -> None:
    screen = open_screen("driving", run=waiting.id)

    screen.text_area(key="driving_steering_note").input("less risk, please")
    next(button for button in screen.button if button.label == "Send note").click().run()
    screen.text_input(key="driving_steering_pin").input("never short")
    next(button for button in screen.button if button.label == "Pin").click().run()
    screen.number_input(key="driving_steering_loops").set_value(8)
    next(button for button in screen.button if button.label == "Change limits").click().run()

    found = read_steering(furnished.store.list_events(waiting.id, kind=EventKind.STEER))
    assert (found.notes[-1][1], found.pins, found.loops) == ("less risk, please", ("never short",), 8)
    assert not screen.exception
