"""What is typed and not sent yet: a cell takes it when it is left, and a reload loses nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Served, Visit
from tests.e2e.test_late_widgets import read_drafts, start_from_a_starter

pytestmark = pytest.mark.e2e


def test_what_is_typed_in_a_cell_is_taken_when_it_is_left_and_outlives_a_reload(dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    start_from_a_starter(tab, dashboard.home)
    cell = tab.page.get_by_role("combobox", name="Thresholds").first
    cell.click()
    cell.press_sequentially("sma(7)")
    cell.press("Tab")
    tab.settle()
    cell.click()
    cell.press_sequentially("sma(9)")
    tab.page.reload()
    expect(cell).to_have_value("sma(9)")
    tab.page.get_by_text("Completeness").click(delay=50)
    tab.settle()
    assert read_drafts(dashboard.home)["builder_workflow"]["rows"][0]["thresholds"] == ["sma(7)", "sma(9)"]
