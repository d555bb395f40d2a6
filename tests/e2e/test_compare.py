"""Compare in a browser shows the numbers that the terminal prints; its report opens from disk and asks nobody for anything."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import ROOT, Served, Visit

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def run_terminal(home: Path, *arguments: str) -> str:
    """What a verb of the terminal writes, over a home of its own."""
    command = [sys.executable, "-m", "core.cli", *arguments]
    environment = {**os.environ, "STRATLOOP_HOME": str(home)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=300).stdout


def read_rows(page: Page) -> dict[str, list[str]]:
    """Rows of the table as they stand on the page: label to the values of its cells."""
    page.wait_for_selector(".decision tbody td .value")
    found: dict[str, list[str]] = page.locator(".decision").first.evaluate(
        """root => Object.fromEntries([...root.querySelectorAll('tbody tr:not(.group)')].map(row => [
            row.closest('tbody').querySelector('.group button').textContent.slice(2) + ': ' + row.querySelector('th').textContent,
            [...row.querySelectorAll('td')].map(cell => (cell.querySelector('.value, .state') ?? cell).textContent)]))"""
    )
    return found


def test_the_page_shows_the_terminals_numbers_and_hands_out_a_report(
    dashboard: Served, visit: Callable[..., Visit], browser: Browser, tmp_path: Path
) -> None:
    home = dashboard.home
    run = json.loads(run_terminal(home, "drive", "sma_cross", "--asset", "AAPL", "--start", "2006-01-01", "--loops", "2", "--json"))["id"]
    told = json.loads(run_terminal(home, "compare", f"{run}:1", f"{run}:2", "--json"))
    tab = visit(dashboard)

    tab.open(f"compare?it={run}:1,{run}:2&all=1")

    shown = read_rows(tab.page)
    locked = {"locked": "not looked at", "failed": "failed"}
    expected = {
        f"{group['name']}: {row['label']}": [locked.get(cell["state"], cell["text"]).replace("-", "−", 1) for cell in row["cells"]]
        for group in told["groups"]
        for row in group["rows"]
        if any(cell["value"] is not None for cell in row["cells"])
    }
    assert len(expected) > 20
    assert {name: [text.replace("-", "−", 1) for text in shown.get(name, [])] for name in expected} == expected
    assert tab.sideways() == 0
    _open_report(tab, browser, tmp_path)
    _mark_a_stretch(tab)
    _export_from_the_menu(tab)
    _read_result(tab, json.loads(run_terminal(home, "show", run, "--json")))
    assert tab.foreign == []


def _mark_a_stretch(tab: Visit) -> None:
    """A stretch that is marked on the charts is in the address, and can be taken back."""
    plot = tab.page.locator(".over .plot").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    tab.page.mouse.move(box["x"] + 200, box["y"] + 60)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 400, box["y"] + 60, steps=3)
    tab.page.mouse.up()
    tab.page.wait_for_url(re.compile(r"from=\d{4}-\d\d-\d\d"))
    tab.settle()
    tab.click("All training bars")


def _export_from_the_menu(tab: Visit) -> None:
    """The menu that the export was chosen in folds in when its dialog opens, and the dialog stays."""
    menu, dialog = tab.page.get_by_test_id("stPopoverBody"), tab.page.get_by_test_id("stDialog")
    tab.page.get_by_role("button", name="Export and edit").click()
    menu.get_by_role("button", name="Export", exact=True).first.click()
    expect(dialog).to_be_visible()
    expect(menu).to_have_count(0)
    expect(dialog.get_by_text("It came to the value that was measured")).to_be_visible(timeout=120_000)


def _read_result(tab: Visit, told: dict[str, Any]) -> None:
    """The result of the run shows the verdict and the leaderboard that the terminal prints."""
    tab.open(f"driving?run={told['id']}")
    tab.page.wait_for_selector(".board tbody tr")
    shown = tab.page.locator(".board tbody tr").evaluate_all(
        "rows => rows.map(row => [row.querySelector('.name button').textContent, row.querySelector('.range b').textContent])"
    )
    expected = [
        ["As written" if line["number"] == 0 else str(line["number"]), f"{line['score']:.2f}".replace("-", "−")]
        for line in told["leaderboard"]
    ]
    assert shown == expected
    assert told["assessment"]["verdict"]["why"] in tab.page.locator(".st-key-driving_verdict").inner_text()
    assert tab.page.locator(".tile").count() == 8
    assert tab.sideways() == 0


def _open_report(tab: Visit, browser: Browser, folder: Path) -> None:
    """Download the report and open it from disk, with every request noted."""
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="HTML report").first.click()
    path = folder / "report.html"
    download.value.save_as(path)
    context = browser.new_context(offline=True)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(path.as_uri())
    page.locator("svg.chart").first.hover()
    read = page.locator(".read").first.inner_text()
    context.close()
    assert asked == [path.as_uri()]
    assert "Iteration 1" in read
    assert path.stat().st_size < 3_000_000
