"""Pictures of the README, taken from the product itself: `make pictures` runs the sample and photographs three screens."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from core.domain.bars_request import BarsRequest
from core.domain.run import RunPlan
from core.services import Services, Settings
from tests.e2e.conftest import CHROMIUM, FLAGS, ROOT, wait_until_drawn
from tests.ports import find_free_port

FOLDER = ROOT / "docs" / "pictures"
WIDTH = 1280
WITHOUT_TOOLS = '[data-testid="stElementToolbar"] { display: none; }'
TALL = 4_600
"""Height in which a whole run is in sight, so that nothing of it is cut off."""
LONGEST_WAIT = 60.0


def run_sample(home: Path) -> str:
    """Carry out the sample of the first screen; gives the run's id."""
    services = Services(Settings(home=home))
    workflow = services.workbench.find_workflow("sma_cross")
    bars = BarsRequest(symbol="AAPL", start=date(2003, 1, 1), end=date(2010, 12, 31))
    run = services.runs.run_here(RunPlan(workflow=workflow, bars=bars, loops=10))
    services.store.save_draft("builder_workflow", workflow.model_dump_json())
    services.close()
    return run.id


def wait_for(url: str) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit("The server did not answer.")


def settle(page: Page) -> None:
    """Wait until a screen has been drawn."""
    page.wait_for_timeout(1_500)
    wait_until_drawn(page)
    page.wait_for_timeout(2_500)


def take(page: Page, url: str, run: str) -> None:
    """Take the three pictures."""
    page.goto(f"{url}/builder")
    settle(page)
    page.screenshot(path=FOLDER / "builder.png")
    page.goto(f"{url}/driving?run={run}")
    settle(page)
    page.screenshot(path=FOLDER / "run.png")
    page.set_viewport_size({"width": WIDTH, "height": TALL})
    page.get_by_role("tab", name="Price and trades", exact=True).click()
    settle(page)
    page.get_by_text("Logarithmic account", exact=True).click()
    settle(page)
    page.mouse.move(0, 0)
    drawn = page.locator(".st-key-driving_closer_card").get_by_test_id("stTabs")
    drawn.screenshot(path=FOLDER / "trades.png", style=WITHOUT_TOOLS)


def main() -> None:
    """Take the pictures of the README anew."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        run, port = run_sample(Path(home)), find_free_port()
        command = [sys.executable, str(ROOT / "app.py"), "--no-browser", "--port", str(port)]
        server = subprocess.Popen(command, env={**os.environ, "STRATLOOP_HOME": home})
        try:
            wait_for(url := f"http://127.0.0.1:{port}")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
                page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
                take(page, url, run)
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=20)


if __name__ == "__main__":
    main()
