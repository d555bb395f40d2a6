"""A real server in a process of its own and a real browser in front of it."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.needs import need
from tests.ports import find_free_port

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""In the order in which they are taken: the first is Chromium without windows, with the same engine and an eighth less work (ADR 0253)."""
CHROMIUM = os.environ.get("STRATLOOP_CHROMIUM") or next((path for name in BROWSERS if (path := shutil.which(name))), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LONGEST_WAIT_MS = 60_000
expect.set_options(timeout=LONGEST_WAIT_MS)

QUIET = """() => {
  const app = document.querySelector('[data-testid="stApp"]'), now = performance.now(), size = document.querySelectorAll('*').length;
  const been = window.been ??= {begun: now, busy: now, drawn: now, size};
  if (app?.dataset.testScriptState !== 'notRunning') been.busy = now;
  if (size !== been.size) Object.assign(been, {drawn: now, size});
  return now - been.busy > 300 && (now - been.drawn > 300 || now - been.begun > 5000);
}"""
"""The script rests for a while, and nothing is drawn any more: a first run is often followed by a second one, which a part of the screen
asks for as soon as it has loaded. A live panel is drawn without end, so after five seconds its script alone counts.
"""


@dataclass
class Served:
    """A running dashboard."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]
    shared: bool = False
    """True for the one server of all tests that need none of their own."""


@dataclass
class Visit:
    """A browser tab with what it asked for and what went wrong in it."""

    page: Page
    url: str
    foreign: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> None:
        """Go to a screen and wait until it has been drawn."""
        self.page.goto(f"{self.url}/{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until the script rests, and look for failures of a screen."""
        wait_until_drawn(self.page)
        assert self.page.locator('[data-testid="stException"]').count() == 0
        assert self.page.get_by_text("Something went wrong in the program itself").count() == 0

    def click(self, name: str) -> None:
        """Press a button by its words."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.settle()

    def sideways(self) -> int:
        """Pixels by which the page is wider than the window."""
        script = "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth; })()"
        return int(self.page.evaluate(script))


def wait_until_drawn(page: Page) -> None:
    """Wait until the script of a screen rests and nothing more of it is drawn."""
    page.evaluate("delete window.been")
    page.wait_for_function(QUIET, timeout=120_000, polling=50)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[], Served]]:
    """Starts servers as a user would; ends them with the test. Where any server does, `dashboard` saves the start."""
    started: list[Served] = []

    def start(home: Path = tmp_path / "home", *options: str, port: int = 0) -> Served:
        started.append(_start(tmp_path, home, port, *options))
        return started[-1]

    yield start
    for one in started:
        _stop(one.process)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all the tests that need none of their own."""
    folder = tmp_path_factory.mktemp("shared")
    served = _start(folder, folder / "home", 0)
    served.shared = True
    yield served
    _stop(served.process)


@pytest.fixture
def dashboard(shared_server: Served) -> Served:
    """The shared server, with nothing typed into any form; a browser of its own gives each test a session of its own."""
    history = shared_server.home / "stratloop.db"
    if history.exists():
        with closing(sqlite3.connect(history)) as database:
            if database.execute("select 1 from sqlite_master where name = 'draft'").fetchone():
                database.execute("delete from draft")
                database.commit()
    return shared_server


def _start(folder: Path, home: Path, port: int, *options: str) -> Served:
    port = port or find_free_port()
    environment = {**os.environ, "STRATLOOP_HOME": str(home), "STREAMLIT_SERVER_ADDRESS": "127.0.0.1"}
    command = [sys.executable, str(ROOT / "app.py"), "--no-browser", "--port", str(port), *options]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    url = f"http://127.0.0.1:{port}{f'/{base}' if base else ''}"
    _wait_for(url, process, folder / "server.log")
    return Served(url, home, process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the server ended:\n{log.read_text(errors='replace')}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=20):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail("the server did not answer")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as installed on the machine."""
    need(CHROMIUM is not None, "Chromium (set STRATLOOP_CHROMIUM to its path)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """What a browser keeps of the shared server's scripts, so that not every test compiles them anew; of people it keeps nothing."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def visit(browser: Browser, profile: BrowserContext) -> Iterator[Callable[..., Visit]]:
    """Opens tabs that note every request which leaves this machine; motion is reduced, since each step of it is drawn by the processor."""
    tabs: list[Visit] = []
    listeners: list[tuple[BrowserContext, Callable[[Request], None]]] = []

    def start(served: Served, *, width: int = 1440, scheme: str = "light") -> Visit:
        context = profile if served.shared and not tabs else browser.new_context()
        tab = Visit(context.new_page(), served.url)
        tabs.append(tab)
        tab.page.set_default_timeout(LONGEST_WAIT_MS)
        tab.page.set_viewport_size({"width": width, "height": 900})
        tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        own = (served.url, served.url.replace("http", "ws"), "data:", "blob:", "about:")

        def note(request: Request) -> None:
            if not request.url.startswith(own):
                tab.foreign.append(request.url)

        context.on("request", note)
        listeners.append((context, note))
        return tab

    yield start
    for context, note in listeners:
        context.remove_listener("request", note)
    for tab in tabs:
        if tab.page.context is profile:
            _forget(tab)
        else:
            tab.page.context.close()


def _forget(tab: Visit) -> None:
    """Close a tab of the shared profile, with all that it has kept."""
    if tab.page.url.startswith(tab.url):
        tab.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    tab.page.context.clear_cookies()
    tab.page.close()


@pytest.fixture
def provider() -> Iterator[str]:
    """A provider of sign-ins with two people, on loopback."""
    port = find_free_port()
    people = [json.dumps({"sub": name, "email": f"{name}@firm.example", "email_verified": True}) for name in ("ann", "bob")]
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        *(part for each in people for part in ("--user-claims", each)),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=20).close()
            break
        except (urllib.error.URLError, OSError):
            continue
    yield address
    process.terminate()
    process.wait()


def write_login(folder: Path, provider: str, redirect_uri: str) -> None:
    """Write the secrets of a login at a provider into the folder in which a server is started."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "{redirect_uri}"\ncookie_secret = "{"0123456789abcdef" * 3}"\n'
        'client_id = "stratloop"\n'
        f'client_secret = "secret"\nserver_metadata_url = "{provider}/.well-known/openid-configuration"\n'
        '[auth.client_kwargs]\nprompt = "login"\nscope = "openid email profile"\n'
    )
