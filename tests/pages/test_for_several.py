"""Screens for somebody who is one of several: who sees a run stands on it, and one button shows it to everybody."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.people import Person, Role
from core.domain.run import Run
from core.services import Services
from pages.components import access
from tests.pages.conftest import plan_of

ANN = Person(id="ann", name="ann", role=Role.ANALYST)


@pytest.fixture
def hers(furnished: Services, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of Ann, who sits in front of the screen."""
    monkeypatch.setattr(access, "find_person", lambda: ANN)
    return furnished.rooms.history.for_person(ANN).create_run(plan_of(furnished))


def test_a_run_is_shown_to_everybody_with_one_button(open_screen: Callable[..., AppTest], hers: Run, furnished: Services) -> None:
    screen = open_screen("driving", run=hers.id)
    next(one for one in screen.button if one.label == "Share").click().run()
    assert not screen.exception
    assert furnished.rooms.history.for_person(Person(id="bob", role=Role.VIEWER)).sees_run(hers.id)


@pytest.mark.parametrize("screen", ["library", "settings", "builder", "credits", "compare"])
def test_every_screen_is_drawn_for_one_of_several(open_screen: Callable[..., AppTest], hers: Run, screen: str) -> None:
    assert not open_screen(screen).exception


def test_ones_own_runs_can_be_seen_alone_and_nobody_else_is_asked_about_it(
    open_screen: Callable[..., AppTest], hers: Run, furnished: Services
) -> None:
    other = furnished.rooms.history.create_run(plan_of(furnished))
    screen = open_screen("library")
    assert {hers.id, other.id} <= set(screen.dataframe[0].value["Run"])

    next(one for one in screen.toggle if one.label == "Mine only").set_value(True).run()

    shown = set(screen.dataframe[0].value["Run"])
    assert hers.id in shown
    assert other.id not in shown


def test_without_people_there_is_no_switch_for_ones_own_runs(open_screen: Callable[..., AppTest], furnished: Services) -> None:
    furnished.store.create_run(plan_of(furnished))
    assert "Mine only" not in [one.label for one in open_screen("library").toggle]
