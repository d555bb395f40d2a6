"""What a newcomer does, in a real browser: from a starter workflow to an exported winner, without key, server or network."""

import ast
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Served, Visit

pytestmark = pytest.mark.e2e


def test_a_newcomer_gets_from_a_starter_to_an_exported_winner(serve: Callable[[], Served], visit: Callable[..., Visit]) -> None:
    tab = visit(serve())
    _loads_the_starter(tab)
    _drives_it(tab)
    _compares(tab)
    _edits_and_runs(tab)
    _finds_it_again(tab)
    assert tab.foreign == []


def _loads_the_starter(tab: Visit) -> None:
    tab.open()
    tab.page.get_by_role("link", name="Open the builder").click()
    tab.settle()
    card = tab.page.locator('[data-testid="stVerticalBlock"]', has=tab.page.get_by_text("SMA cross", exact=True)).last
    card.get_by_role("button", name="Start from this").click()
    tab.settle()
    expect(tab.page.get_by_text("Buy when the 20-bar simple moving average").first).to_be_visible()
    expect(tab.page.get_by_text("Ready to run")).to_be_visible()


def _drives_it(tab: Visit) -> None:
    page = tab.page
    page.get_by_role("link", name="LLM driving", exact=True).click()
    tab.settle()
    field = page.get_by_role("searchbox", name="Asset")
    field.fill("apple")
    page.get_by_role("button", name="AAPL").first.click()
    tab.settle()
    expect(field).to_have_value("AAPL")
    expect(page.get_by_text("Apple Inc.").first).to_be_visible()
    tab.click("Execute")
    state = page.locator(".st-key-driving_state")
    expect(state).to_contain_text(re.compile("Running|Complete"))
    page.reload()  # another visit of the same address finds the run
    expect(state).to_contain_text("Complete", timeout=120_000)
    tab.settle()
    assert "run=" in page.url
    for words in ("What to do next", "Best Sharpe", "Growth of the account", "Hold-out: bars the loop never saw", "vs. iteration 0"):
        expect(page.get_by_text(words).first).to_be_visible()
    expect(page.get_by_text("without any skill").first).to_be_visible()


def _compares(tab: Visit) -> None:
    page = tab.page
    tab.click("Compare 2 chosen")
    tab.settle()
    assert "it=" in page.url
    expect(page.locator(".decision").first).to_contain_text("Buy and hold")
    expect(page.get_by_text("Trades that differ")).to_be_visible()
    expect(page.locator(".difference").first).to_contain_text("params")
    page.get_by_role("button", name="Export and edit").click()
    page.get_by_role("button", name="Export", exact=True).last.click()
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("button", name="Program .py").click(timeout=120_000)
    code = download.value.path().read_text(encoding="utf-8")
    ast.parse(code)
    assert "run_with_backtrader" in code
    assert "which is what was measured" in code
    page.keyboard.press("Escape")
    if not page.get_by_role("button", name="Edit this code").last.is_visible():
        page.get_by_role("button", name="Export and edit").click()


def _edits_and_runs(tab: Visit) -> None:
    page = tab.page
    page.get_by_role("button", name="Edit this code").last.click()
    tab.settle()
    expect(page.get_by_role("heading", name="Code", exact=True)).to_be_visible()
    editor = page.frame_locator("iframe").first.locator(".ace_text-input").first
    editor.press("Control+End")
    editor.type("\n# looked at by a person\n")
    expect(page.get_by_text(re.compile(r"then edited"))).to_be_visible()
    tab.click("Run backtest")
    expect(page.get_by_role("heading", name="Iteration 0")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Fills checked").first).to_be_visible()


def _finds_it_again(tab: Visit) -> None:
    tab.page.get_by_role("link", name="Library", exact=True).click()
    tab.settle()
    expect(tab.page.locator('[data-testid="stDataFrame"]').first).to_be_visible()
    tab.open()
    expect(tab.page.get_by_text("Recent runs")).to_be_visible()
    expect(tab.page.get_by_role("link", name="SMA cross").first).to_be_visible()
