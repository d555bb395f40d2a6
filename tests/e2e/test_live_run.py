"""A run as a browser sees it while another process works on it: live, unharmed by what a model writes, and never lost."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from core.domain.backtest import Stage
from core.domain.events import LogEvent, RunEvent, StageEvent, TextEvent
from core.domain.run import Run, Status, StopReason
from core.store import Store
from tests.e2e.conftest import LONGEST_WAIT_MS, Served, Visit
from tests.live.conftest import PLAN, finished

pytestmark = pytest.mark.e2e

HOSTILE = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script> `**bold**` :material/bolt:'
COUNT_RUNS = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  window.runs = 0;
  new MutationObserver(() => { if (app.dataset.testScriptState === 'running') window.runs += 1; })
    .observe(app, {attributes: true, attributeFilter: ['data-test-script-state']});
}"""

WATCH_SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { if (!entry.hadRecentInput) window.shifted += entry.value; }))
    .observe({type: 'layout-shift'});
}"""
MOST_SHIFT = 0.1
"""Layout shift above which a page is said to jump (Core Web Vitals, good)."""


class Writer:
    """The process that works on a run, as the command line would."""

    def __init__(self, home: Path) -> None:
        self.store = Store.in_folder(home)
        self.store.announce("writer")
        self.run: Run = self.store.create_run(PLAN)
        self.store.claim(self.run.id, "writer", seconds=3600)
        self.status(Status.RUNNING)

    def status(self, status: Status, **changes: object) -> None:
        update = {"status": status, **changes}
        self.store.save_run(self.store.read_run(self.run.id).changed(**update))

    def say(self, body: RunEvent) -> None:
        self.store.add_event(self.run.id, body)

    def iteration(self, number: int, sharpe: float = 1.0) -> None:
        self.store.append(finished(self.run, number, sharpe=sharpe))
        self.status(Status.RUNNING, best=number, iterations=number + 1)

    def end(self) -> None:
        self.status(Status.COMPLETE, stop_reason=StopReason.LOOPS, message="All loops are done.")


@pytest.fixture
def writer(dashboard: Served) -> Iterator[Writer]:
    """A run in the shared server's history that goes on while the test says so; afterwards it is over, so that no server takes it up."""
    made = Writer(dashboard.home)
    yield made
    made.end()
    made.store.close()


@contextmanager
def one_run_of_the_script(page: Page) -> Iterator[None]:
    """Fails when the page runs more or less than once."""
    page.evaluate(COUNT_RUNS)
    yield
    page.wait_for_function("window.runs > 0", timeout=LONGEST_WAIT_MS)
    page.wait_for_timeout(1500)  # whatever runs once more does so soon
    assert page.evaluate("window.runs") == 1


def rows(page: Page) -> int:
    return page.locator('[data-part="rows"] tr').count()


def test_a_run_of_another_process_is_watched_live_to_its_end(writer: Writer, dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    tab.open(f"driving?run={writer.run.id}")
    page = tab.page
    expect(page.locator('[data-part="connection"]')).to_have_text("Live")
    writer.say(StageEvent(number=0, loop=0, stage=Stage.RUN))
    expect(page.locator('[data-part="open"]')).to_contain_text("backtesting")
    writer.iteration(0, sharpe=0.5)
    expect(page.locator('[data-part="sharpe"] .value')).to_have_text("0.50")
    expect(page.locator('[data-part="equity"] path.baseline, [data-part="equity"] path.best').first).to_be_visible()
    writer.say(StageEvent(number=1, loop=1, stage=Stage.GENERATE, mode="improve", model=HOSTILE))
    writer.say(TextEvent(number=1, text="Change: a "))
    writer.say(TextEvent(number=1, text=HOSTILE))
    expect(page.locator('[data-part="answer"]')).to_have_text(f"Change: a {HOSTILE}")
    writer.say(LogEvent(text=HOSTILE))
    expect(page.locator('[data-part="log"] li').last).to_contain_text(HOSTILE)
    writer.iteration(1, sharpe=1.25)
    expect(page.locator('[data-part="sharpe"] .value')).to_have_text("1.25")
    assert rows(page) == 2
    page.reload()
    tab.settle()
    expect(page.locator('[data-part="sharpe"] .value')).to_have_text("1.25")
    expect(page.locator('[data-part="luck"]')).to_contain_text("95% of loops of 2 tries without any skill")
    page.evaluate(WATCH_SHIFTS)
    with one_run_of_the_script(page):
        writer.end()
        expect(page.locator(".st-key-driving_state")).to_contain_text("Complete")
    expect(page.locator('[data-part="live"]')).to_have_count(0)
    assert page.evaluate("window.shifted") < MOST_SHIFT
    assert page.evaluate("window.harmed") is None
    assert tab.foreign == []


def test_the_server_may_be_killed_while_a_run_is_watched(serve: Callable[..., Served], visit: Callable[..., Visit]) -> None:
    served = serve()
    writer = Writer(served.home)
    tab = visit(served)
    tab.open(f"driving?run={writer.run.id}")
    writer.iteration(0)
    expect(tab.page.locator('[data-part="rows"] tr')).to_have_count(1)
    served.process.kill()
    served.process.wait()
    writer.iteration(1)
    writer.iteration(2, sharpe=2.0)
    serve(port=int(served.url.rsplit(":", 1)[1]))
    expect(tab.page.locator('[data-part="rows"] tr')).to_have_count(3, timeout=120_000)
    writer.iteration(3)
    expect(tab.page.locator('[data-part="rows"] tr')).to_have_count(4)
    numbers = tab.page.locator('[data-part="rows"] tr td:first-child').all_text_contents()
    assert numbers == ["3", "2", "1", "0"]
    writer.store.close()


def test_while_no_socket_gets_through_the_page_refreshes_itself(writer: Writer, dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    blocked: list[WebSocketRoute] = []
    allowed: list[bool] = []

    def block(socket: WebSocketRoute) -> None:
        blocked.append(socket)
        if allowed:
            socket.connect_to_server()
        else:
            socket.close()

    tab.page.route_web_socket(re.compile("/live/runs/"), block)
    writer.iteration(0, sharpe=0.75)
    tab.open(f"driving?run={writer.run.id}")
    expect(tab.page.locator('[data-testid="stMetricValue"]').first).to_have_text("0.75", timeout=120_000)
    expect(tab.page.locator('[data-part="connection"]')).to_have_text("Refreshing every second")
    assert blocked
    writer.iteration(1, sharpe=1.5)
    expect(tab.page.locator('[data-testid="stMetricValue"]').first).to_have_text("1.50")
    allowed.append(True)
    expect(tab.page.locator('[data-part="connection"]')).to_have_text("Live", timeout=120_000)
    expect(tab.page.locator('[data-part="sharpe"] .value')).to_have_text("1.50")
    expect(tab.page.locator('[data-testid="stMetricValue"]')).to_have_count(0)
    writer.end()
    expect(tab.page.locator(".st-key-driving_state").first).to_contain_text("Complete", timeout=120_000)


def test_the_viewer_draws_the_curves_and_grows_with_them(writer: Writer, dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    page = tab.page
    writer.iteration(0)
    tab.open(f"driving?run={writer.run.id}")
    page.get_by_role("button", name="Explore curves").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator('[data-part="viewer"][data-ready="true"]')).to_be_visible(timeout=120_000)
    size = "async () => (await (await document.querySelector('perspective-viewer').getTable()).size())"
    before = page.evaluate(size)
    writer.iteration(1, sharpe=1.5)
    page.wait_for_function(f"async (before) => (await ({size})()) > before", arg=before)
    writer.end()
    expect(page.locator(".st-key-driving_state")).to_contain_text("Complete")
    expect(dialog.locator('[data-part="viewer"][data-ready="true"]')).to_be_visible(timeout=120_000)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert tab.foreign == []


def test_without_the_viewers_files_a_chart_of_our_own_stands_in(writer: Writer, dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    tab.page.route(re.compile("perspective-anywidget"), lambda route: route.abort())
    writer.iteration(0)
    tab.open(f"driving?run={writer.run.id}")
    tab.page.get_by_role("button", name="Explore curves").click()
    expect(tab.page.get_by_role("dialog").locator('[data-testid="stVegaLiteChart"]').first).to_be_visible(timeout=120_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_running_run_fits_a_phone(writer: Writer, dashboard: Served, visit: Callable[..., Visit], scheme: str) -> None:
    tab = visit(dashboard, width=420, scheme=scheme)
    writer.iteration(0)
    model = "a/model-with-a-rather-long-name-that-has-no-place-to-break" * 2
    writer.say(StageEvent(number=1, loop=1, stage=Stage.GENERATE, model=model))
    writer.say(TextEvent(number=1, text="x" * 500))
    tab.open(f"driving?run={writer.run.id}")
    expect(tab.page.locator('[data-part="answer"]')).to_contain_text("xxx")
    assert tab.sideways() <= 0


def test_home_follows_a_run_to_its_end_and_asks_no_more_after_it(dashboard: Served, writer: Writer, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    tab.open()
    listed = tab.page.locator(".st-key-home_recent")
    expect(listed.get_by_text("Running")).to_be_visible()
    writer.end()
    expect(listed.get_by_text("Running")).to_have_count(0)
    tab.settle()
    tab.page.evaluate(COUNT_RUNS)
    tab.page.wait_for_timeout(4_000)  # longer than the time between two drawings
    assert tab.page.evaluate("window.runs") == 0
