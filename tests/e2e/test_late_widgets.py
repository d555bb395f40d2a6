"""Fields whose script arrives late (a cold cache, a slow line, a busy machine) change nothing: what stood in them stands there still."""

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import IDLE, Served, Visit

pytestmark = pytest.mark.e2e

FIELDS = re.compile(r"/static/js/(Multiselect|TextInput|Selectbox|Checkbox|ButtonGroup|NumberInput|Slider|DateInput|Radio)\.")
"""The scripts of Streamlit's fields; the page itself arrives at once."""


def read_draft(home: Path, key: str) -> dict[str, Any]:
    """A draft as the history holds it."""
    with sqlite3.connect(home / "stratloop.db") as database:
        (document,) = database.execute("select document from draft where key = ?", (key,)).fetchone()
    return dict(json.loads(document))


def click_early(tab: Visit, screen: str, button: str, milliseconds: int) -> None:
    """Open a screen whose fields arrive so much later than the rest, and press the button before they do."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)  # neither answered nor sent on, until nobody holds any more

    tab.page.route(FIELDS, hold)
    tab.page.goto(f"{tab.url}/{screen}")
    first = tab.page.get_by_role("button", name=button, exact=True).first
    first.wait_for(timeout=60_000)
    if first.is_enabled():
        first.click()
    tab.page.wait_for_timeout(milliseconds)
    tab.page.unroute(FIELDS)  # sends those on that were held
    tab.settle()


def start_from_a_starter(tab: Visit) -> None:
    tab.open("builder")
    tab.click("Start from this")


@pytest.mark.parametrize("milliseconds", [300, 1000, 3000])
def test_rows_of_the_builder_outlive_late_fields(serve: Callable[[], Served], visit: Callable[..., Visit], milliseconds: int) -> None:
    served = serve()
    start_from_a_starter(visit(served))
    before = read_draft(served.home, "builder_workflow")["rows"]
    tab = visit(served)
    click_early(tab, "builder", "Add condition", milliseconds)
    tab.click("Add condition")
    assert read_draft(served.home, "builder_workflow")["rows"][: len(before)] == before
    expect(tab.page.get_by_text("cannot be read by this version")).to_have_count(0)


@pytest.mark.parametrize(("screen", "button"), [("driving", "Execute"), ("code", "Compile without a model")])
def test_a_form_outlives_late_fields(serve: Callable[[], Served], visit: Callable[..., Visit], screen: str, button: str) -> None:
    served = serve()
    visit(served).open(screen)
    before = read_draft(served.home, screen)
    tab = visit(served)
    click_early(tab, screen, button, 1000)
    tab.page.get_by_text("More settings").first.click()
    tab.page.reload()
    tab.page.wait_for_selector(IDLE)
    tab.settle()
    assert read_draft(served.home, screen) == before


def test_what_is_typed_wins_over_what_is_suggested(serve: Callable[[], Served], visit: Callable[..., Visit]) -> None:
    served = serve()
    tab = visit(served)
    start_from_a_starter(tab)
    for label, typed in (("Indicators", "rsi(2)"), ("Thresholds", "5")):
        field = tab.page.get_by_role("combobox", name=label).first
        field.click()
        field.press_sequentially(typed)
        field.press("Enter")
        tab.page.keyboard.press("Escape")
        tab.settle()
    row = read_draft(served.home, "builder_workflow")["rows"][0]
    assert "rsi(2)" in row["indicators"]
    assert row["thresholds"] == ["5"]


def test_changing_to_formulas_and_back_keeps_every_row(serve: Callable[[], Served], visit: Callable[..., Visit]) -> None:
    served = serve()
    tab = visit(served)
    start_from_a_starter(tab)
    before = read_draft(served.home, "builder_workflow")["rows"]
    for _ in range(3):
        tab.page.get_by_text("Type formulas").click()
    tab.settle()
    assert read_draft(served.home, "builder_workflow")["rows"] == before
