"""A window as narrow as a phone: what a screen was opened for is in sight, and what is typed or pressed has room."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from tests.e2e.conftest import Served, Visit
from tests.e2e.every_screen import make_finished_run

pytestmark = pytest.mark.e2e
WIDTH = 420


def measure(place: Locator) -> dict[str, float]:
    """Where a part of the screen stands, in pixels."""
    box = place.bounding_box()
    assert box is not None
    return {"top": box["y"], "width": box["width"], "bottom": box["y"] + box["height"]}


def test_what_matters_has_room_on_a_phone(dashboard: Served, visit: Callable[..., Visit]) -> None:
    make_finished_run(dashboard)
    tab = visit(dashboard, width=WIDTH)
    tab.open("help?topic=glossary")
    assert measure(tab.page.locator(".st-key-help_text"))["top"] < 600
    tab.open("library")
    assert measure(tab.page.get_by_label("Search", exact=True))["width"] > 300
    tab.open("")
    words, button = tab.page.get_by_text("New here? Watch it work once."), tab.page.get_by_role("button", name="Run the sample")
    assert measure(words)["bottom"] < measure(button)["top"]
    card = tab.page.locator(".st-key-home_sample_card")
    assert measure(card)["bottom"] - measure(button)["bottom"] < 40
