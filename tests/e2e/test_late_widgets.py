"""Fields whose script arrives late (a cold cache, a slow line, a busy machine) change nothing: what stood in them stands there still."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from core.services import Services, Settings
from tests.e2e.conftest import Served, Visit
from tests.live.conftest import PLAN, eventually

pytestmark = pytest.mark.e2e

FIELDS = re.compile(
    r"/static/js/(Multiselect|TextInput|TextArea|Selectbox|Checkbox|ButtonGroup|NumberInput|Slider|DateInput|Radio|TimeInput|FileUploader)\."
)
"""The scripts of Streamlit's fields; the page itself arrives at once."""


def read_drafts(home: Path) -> dict[str, Any]:
    """What is kept of every form."""
    with closing(sqlite3.connect(home / "stratloop.db")) as database:
        return {key: json.loads(document) for key, document in database.execute("select key, document from draft")}


def click_early(tab: Visit, screen: str, button: str) -> None:
    """Open a screen whose fields arrive only after a button was pressed and the page has run for it."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)  # neither answered nor sent on, until nobody holds any more

    tab.page.route(FIELDS, hold)
    tab.page.goto(f"{tab.url}/{screen}", wait_until="commit")
    first = tab.page.get_by_role("button", name=button, exact=True).first
    first.wait_for(timeout=120_000)
    if first.is_enabled():
        first.click()
    tab.settle()
    assert held or not tab.page.locator('[data-testid="stSkeleton"]').count()
    tab.page.unroute(FIELDS)  # sends those on that were held
    tab.settle()


def start_from_a_starter(tab: Visit, home: Path) -> None:
    """Take the first starter, and wait until it is kept: on a busy machine the page is quiet before that."""
    tab.open("builder")
    tab.click("Start from this")
    eventually(lambda: "builder_workflow" in read_drafts(home))


def test_rows_of_the_builder_outlive_late_fields(dashboard: Served, visit: Callable[..., Visit]) -> None:
    start_from_a_starter(visit(dashboard), dashboard.home)
    before = read_drafts(dashboard.home)["builder_workflow"]["rows"]
    tab = visit(dashboard)
    click_early(tab, "builder", "Add condition")
    tab.click("Add condition")
    assert read_drafts(dashboard.home)["builder_workflow"]["rows"][: len(before)] == before
    expect(tab.page.get_by_text("cannot be read by this version")).to_have_count(0)


FORMS = (
    ("driving", "Execute"),
    ("code", "Compile without a model"),
    ("market?symbol=AAPL", "All bars"),
    ("credits", "Save limits"),
    ("settings", "Save key"),
)
"""Screens with forms, and what stands there before their fields do."""
SET_BY_THE_BUTTON = {("market", "start"), ("market", "end")}


def list_values(home: Path) -> dict[tuple[str, str], Any]:
    """Values of all forms as they are kept, by form and field."""
    drafts = {form: values for form, values in read_drafts(home).items() if form != "code_editor"}
    return {(form, name): value for form, values in drafts.items() for name, value in values.items()}


def test_every_form_outlives_late_fields(serve: Callable[..., Served], visit: Callable[..., Visit]) -> None:
    dashboard = serve()  # its own: where a run is done already, the form stands folded beside it
    lost: dict[str, object] = {}
    tab = visit(dashboard)
    for screen, button in FORMS:
        tab.open(screen)
        before = list_values(dashboard.home)
        click_early(tab, screen, button)
        after = list_values(dashboard.home)
        lost |= {
            f"{screen}: {at}": (was, after.get(at)) for at, was in before.items() if was != after.get(at) and at not in SET_BY_THE_BUTTON
        }
    assert lost == {}


def test_notes_and_filters_of_the_library_outlive_late_fields(dashboard: Served, visit: Callable[..., Visit]) -> None:
    services = Services(Settings(home=dashboard.home))
    run = services.store.create_run(PLAN)
    services.runs.cancel(run.id)
    services.remarks.save_remark(run.id, starred=True, note="Worth a look", tags=("calm",))
    before = services.remarks.read_remark(run.id)
    tab = visit(dashboard)
    click_early(tab, f"library?run={run.id}", "Star, note, tags")
    expect(tab.page.get_by_role("textbox", name="Note")).to_have_value("Worth a look")
    assert services.remarks.read_remark(run.id) == before
    services.close()


def test_what_is_typed_wins_over_what_is_suggested(dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    start_from_a_starter(tab, dashboard.home)
    for label, typed in (("Indicators", "rsi(2)"), ("Thresholds", "5")):
        field = tab.page.get_by_role("combobox", name=label).first
        field.click()
        field.press_sequentially(typed)
        field.press("Enter")
        tab.page.keyboard.press("Escape")
        tab.settle()
    row = read_drafts(dashboard.home)["builder_workflow"]["rows"][0]
    assert "rsi(2)" in row["indicators"]
    assert row["thresholds"] == ["5"]


def test_changing_to_formulas_and_back_keeps_every_row(dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    start_from_a_starter(tab, dashboard.home)
    before = read_drafts(dashboard.home)["builder_workflow"]["rows"]
    for _ in range(3):
        tab.page.get_by_text("Type formulas").click()
    tab.settle()
    assert read_drafts(dashboard.home)["builder_workflow"]["rows"] == before
