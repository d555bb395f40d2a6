"""Screens on both grounds and, by light, at three widths: no violation that axe-core finds, nothing to scroll sideways, an empty console,
nothing asked of elsewhere, and everything within reach of the Tab key, which shows where it is. The width changes under a page that is
open, as it does for people.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import ConsoleMessage, Page

from core.domain.bars_request import BarsRequest
from core.domain.run import RunPlan
from core.services import Services, Settings
from tests.e2e.conftest import Served, Visit
from tests.e2e.keyboard import find_keyboard_faults
from tests.effort import THOROUGH

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
OVERLAYS = '[data-st-overlay-root="true"]'
"""Where Streamlit hangs a tooltip that stands there just now: outside of every landmark, and not of these screens."""
FIND = f"rules => axe.run({{exclude: [{OVERLAYS!r}]}}, {{resultTypes: ['violations'], ...(rules.length ? {{runOnly: rules}} : {{}})}})"
OF_COLOR = ("color-contrast", "link-in-text-block")
"""Rules whose answer changes with the ground; names, order and sizes do not."""
OF_LIBRARIES = ("Unrecognized feature", "An iframe which has both allow-scripts", "No script tag of type")
"""Remarks that the browser makes on the frame of the code editor, and the drawing of graphs on itself; nothing here causes them."""
OF_PLACE = (*OF_COLOR, "scrollable-region-focusable") if not THOROUGH else ()
"""Rules whose answer changes with the width as well."""
LOOKS: dict[str, dict[int, tuple[str, ...]]] = {"light": {1440: (), 420: OF_PLACE}, "dark": {1440: OF_COLOR}}
"""The widths that are looked at on each ground, which changes colors and no place, and the rules there; none stands for all."""
OFTEN_DARK = ("builder", "code", "driving", "compare", "settings")
"""Screens that are looked at on the dark ground as well each time: between them they have every part that has colors of its own."""
HALF = 720
"""Width in which a window of 1440 pixels stands at 200 % zoom."""


def make_finished_run(dashboard: Served) -> str:
    """A finished run and a table in the builder, in the history of the shared server."""
    services = Services(Settings(home=dashboard.home))
    plan = RunPlan(workflow=services.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=2, minimum_trades=1)
    run = services.runs.run_here(plan)
    services.store.save_draft("builder_workflow", plan.workflow.model_dump_json())
    services.close()
    return run.id


def find_violations(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds on a page as it stands."""
    found = page.evaluate(FIND, list(rules))["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def check_screen(tab: Visit, ground: str) -> dict[str, object]:
    """Everything that is wrong with the screen that stands there, by where it was found."""
    wrong: dict[str, object] = {}
    tab.page.evaluate(AXE)
    for width, rules in LOOKS[ground].items():
        tab.page.set_viewport_size({"width": width, "height": 900})
        tab.settle()
        if violations := find_violations(tab.page, rules):
            wrong[f"{width}, {ground}"] = violations
        if tab.sideways() > 0:
            wrong[f"sideways at {width}, {ground}"] = tab.sideways()
    return wrong


def find_sideways_at_double_size(tab: Visit) -> int:
    """Pixels by which the screen that stands there is too wide at 200 % zoom."""
    tab.page.set_viewport_size({"width": HALF, "height": 450})
    tab.settle()
    return tab.sideways()


def find_faults(dashboard: Served, visit: Callable[..., Visit], screens: Iterable[str]) -> dict[str, object]:
    """Everything that is wrong with screens, by where it was found."""
    tab, run = visit(dashboard), make_finished_run(dashboard)
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("warning", "error") and not message.text.startswith(OF_LIBRARIES):
            said.append(message.text)

    tab.page.on("console", note)
    wrong: dict[str, object] = {}
    for screen in screens:
        for ground in LOOKS if THOROUGH or screen.startswith(OFTEN_DARK) else ("light",):
            tab.page.set_viewport_size({"width": 1440, "height": 900})
            tab.page.emulate_media(color_scheme=ground)  # type: ignore[arg-type]
            tab.open(screen.format(run=run))
            if ground == "light" and (missed := find_keyboard_faults(tab.page)):
                wrong[f"{screen}: keyboard"] = missed
            wrong |= {f"{screen}: {where}": what for where, what in check_screen(tab, ground).items()}
        if (wider := find_sideways_at_double_size(tab)) > 0:
            wrong[f"{screen}: sideways at 200 %"] = wider
    return wrong | ({"console": said} if said else {}) | ({"asked of elsewhere": tab.foreign} if tab.foreign else {})
