"""The door in front of a real browser: a mapped host name, a page of another local port, a frame.

That its own pages are drawn without a complaint is seen where every screen is opened, in `test_accessibility.py`.
"""

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import CHROMIUM, FLAGS, Served

pytestmark = pytest.mark.e2e

FOREIGN_PAGE = """<!doctype html><title>foreign</title><iframe id="frame" src="{url}/"></iframe>
<script>
window.told = new Promise(done => {{
  const socket = new WebSocket("{socket}/_stcore/stream");
  socket.onopen = () => done("opened");
  socket.onerror = () => done("refused");
}});
</script>"""


@pytest.fixture
def foreign(dashboard: Served) -> Iterator[tuple[Served, str]]:
    """The dashboard, and a page of another local port that tries to open its socket and to frame it."""
    served = dashboard
    page = FOREIGN_PAGE.format(url=served.url, socket=served.url.replace("http", "ws")).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *arguments: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield served, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_page_of_another_local_port_opens_no_socket_and_frames_nothing(browser: Browser, foreign: tuple[Served, str]) -> None:
    page = browser.new_page()
    page.goto(foreign[1])

    assert page.evaluate("window.told") == "refused"
    assert page.frame_locator("#frame").locator('[data-testid="stApp"]').count() == 0
    assert page.evaluate("document.getElementById('frame').contentDocument") is None, "a frame that was refused is of another origin"
    page.close()


def test_a_mapped_host_name_reaches_no_page_and_no_socket(browser: Browser, dashboard: Served) -> None:
    port = dashboard.url.rpartition(":")[2]
    rules = "--host-resolver-rules=MAP rebound.test 127.0.0.1"
    mapped = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, rules])
    page = mapped.new_page()
    answer = page.goto(f"http://rebound.test:{port}/driving")
    assert answer is not None
    assert answer.status == 403
    assert _open_socket(page, f"ws://rebound.test:{port}/_stcore/stream") == "refused"
    mapped.close()


def _open_socket(page: Page, address: str) -> str:
    script = "a => new Promise(d => { const s = new WebSocket(a); s.onopen = () => d('opened'); s.onerror = () => d('refused'); })"
    return str(page.evaluate(script, address))
