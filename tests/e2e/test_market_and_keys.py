"""What only a browser shows of Market, Credits and Settings: a chart that answers the mouse, and a key however its field is left."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Served, Visit

pytestmark = pytest.mark.e2e
CANARY = "sk-canary-0123456789abcdef"


def test_a_marked_stretch_is_drawn_in_finer_candles(dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    tab.open("market?symbol=AAPL")
    expect(tab.page.get_by_text("Two-week candles")).to_be_visible()
    first = tab.page.get_by_role("slider").first
    for _ in range(9):
        first.press("PageUp")
    expect(tab.page.get_by_text("Daily candles")).to_be_visible()
    assert tab.foreign == []


def test_a_key_is_taken_however_the_field_was_left_and_is_gone_from_the_page(dashboard: Served, visit: Callable[..., Visit]) -> None:
    served = dashboard
    tab = visit(served)
    tab.open("settings")
    field = tab.page.get_by_label("Key", exact=True)
    field.fill(CANARY)
    field.press("Tab")  # the focus rests on the field's own button, and nothing is sent yet
    tab.click("Save key")
    expect(tab.page.get_by_text("The key was taken")).to_be_visible()
    expect(field).to_have_value("")
    assert CANARY not in tab.page.content()
    assert not [path for path in served.home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert tab.foreign == []
