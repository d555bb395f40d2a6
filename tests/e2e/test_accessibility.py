"""Every screen, on both grounds and at two widths: no violation that axe-core finds, an empty console, nothing asked of elsewhere."""

from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import ConsoleMessage, Page

from core.domain.run import BarsRequest, RunPlan
from core.services import Services, Settings
from tests.e2e.conftest import Served, Visit

pytestmark = pytest.mark.e2e

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
FIND = "() => axe.run(document, {resultTypes: ['violations']})"
OF_LIBRARIES = ("Unrecognized feature", "An iframe which has both allow-scripts", "No script tag of type")
"""Remarks that the browser makes on the frame of the code editor, and the drawing of graphs on itself; nothing here causes them."""
SCREENS = (
    "",
    "builder",
    "code",
    "driving?run={run}",
    "compare?it={run}:0,{run}:2",
    "library?run={run}",
    "market",
    "credits",
    "settings",
    "help",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with one finished run and a table in the builder."""
    folder = tmp_path_factory.mktemp("furnished")
    services = Services(Settings(home=folder))
    plan = RunPlan(workflow=services.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=2, minimum_trades=1)
    run = services.runs.run_here(plan)
    services.store.save_draft("builder_workflow", plan.workflow.model_dump_json())
    services.close()
    return folder, run.id


def find_violations(page: Page) -> list[str]:
    """What axe-core finds on a page as it stands."""
    page.evaluate(AXE)
    found = page.evaluate(FIND)["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def test_every_screen_can_be_used_by_everybody_and_says_nothing_to_the_console(
    serve: Callable[..., Served], visit: Callable[..., Visit], home: tuple[Path, str]
) -> None:
    folder, run = home
    tab = visit(serve(folder))
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("warning", "error") and not message.text.startswith(OF_LIBRARIES):
            said.append(message.text)

    tab.page.on("console", note)
    found: dict[str, list[str]] = {}
    for screen in SCREENS:
        for scheme in ("light", "dark"):
            tab.page.set_viewport_size({"width": 1440, "height": 900})
            tab.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            tab.open(screen.format(run=run))
            for width in (1440, 420):
                tab.page.set_viewport_size({"width": width, "height": 900})
                tab.settle()
                if violations := find_violations(tab.page):
                    found[f"{screen} at {width}, {scheme}"] = violations
    assert found == {}
    assert said == []
    assert tab.foreign == []
