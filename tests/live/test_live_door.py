"""The door answers this machine's own pages, and nobody else: names, origins, addresses, headers."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.live.door import Door, build_frame_policy, build_page_policy

HERE, SOCKET = "http://localhost:8501", "ws://localhost:8501"


async def answer(request: Request) -> Response:
    return PlainTextResponse("secret")


async def accept(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("secret")
    await socket.close()


def client(base_url: str = HERE, *, hosts: tuple[str, ...] = (), login: bool = False) -> TestClient:
    """A browser in front of a server behind the door; the host of `base_url` is the address that the server was reached on."""
    routes = [Route("/{path:path}", answer, methods=["GET", "PUT", "POST"]), WebSocketRoute("/{path:path}", accept)]
    door = Middleware(Door, hosts=lambda: hosts, has_login=lambda: login)
    return TestClient(Starlette(routes=routes, middleware=[door]), base_url=base_url)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8501", "127.0.0.1:8501", "[::1]:8501"])
def test_this_machine_is_answered_under_its_own_names(host: str) -> None:
    assert client().get("/", headers={"host": host}).text == "secret"


FOREIGN = [
    "evil.test",
    "evil.test:8501",
    "localhost.evil.test",
    "127.0.0.1.evil.test",
    "user@localhost",
    "10.0.0.7",
    "localhost,evil.test",
    "::1",
    "",
]


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/", "/driving", "/_stcore/health", "/live/perspective-1/x.js", "/media/a.png"])
def test_a_foreign_host_name_is_answered_nowhere(host: str, path: str) -> None:
    found = client().get(path, headers={"host": host})
    assert (found.status_code, "secret" in found.text) == (403, False)


@pytest.mark.parametrize("path", ["/_stcore/stream", "/live/runs/1", "/strat/_stcore/stream"])
@pytest.mark.parametrize(
    "origin", ["http://localhost:9000", "http://localhost", "http://evil.test", "null", "file://", "http://localhost:8501@evil.test", None]
)
def test_a_page_of_another_port_or_name_opens_no_socket(path: str, origin: str | None) -> None:
    headers = {"host": "localhost:8501"} | ({} if origin is None else {"origin": origin})
    with pytest.raises(WebSocketDisconnect), client().websocket_connect(f"{SOCKET}{path}", headers=headers):
        raise AssertionError("it was let in")


def test_an_own_page_opens_its_socket() -> None:
    with client().websocket_connect(f"{SOCKET}/_stcore/stream", headers={"host": "localhost:8501", "origin": HERE}) as socket:
        assert socket.receive_text() == "secret"


def test_a_socket_under_a_foreign_name_is_refused_even_with_the_matching_origin() -> None:
    headers = {"host": "evil.test:8501", "origin": "http://evil.test:8501"}
    with pytest.raises(WebSocketDisconnect), client().websocket_connect(f"{SOCKET}/_stcore/stream", headers=headers):
        raise AssertionError("it was let in")


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_foreign_page_sends_nothing(method: str) -> None:
    assert client().request(method, "/_stcore/upload_file/1", headers={"origin": "http://localhost:9000"}).status_code == 403
    assert client().request(method, "/_stcore/upload_file/1", headers={"origin": HERE}).status_code == 200


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/strat/_stcore/metrics", "/_stcore/metrics/"])
def test_the_metrics_of_the_server_are_closed(path: str) -> None:
    assert client().get(path).status_code == 404


@pytest.mark.parametrize("address", ["http://192.168.1.4:8501", "http://[fd00::4]:8501"])
def test_beyond_loopback_nobody_is_answered_without_a_login(address: str) -> None:
    assert client(address).get("/").status_code == 403
    assert client(address, login=True).get("/").text == "secret"


def test_a_name_that_the_operator_serves_it_under_counts_with_a_login_only() -> None:
    named = {"host": "strat.example.org"}
    assert client(hosts=("strat.example.org",)).get("/", headers=named).status_code == 403
    assert client(hosts=("strat.example.org",), login=True).get("/", headers=named).text == "secret"
    assert client(login=True).get("/", headers=named).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "evil.test"])
def test_every_answer_says_what_a_browser_may_do_with_it(host: str) -> None:
    headers = client().get("/", headers={"host": host}).headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_policies_allow_no_foreign_source_and_no_text_as_script() -> None:
    for policy in (build_page_policy(), build_frame_policy()):
        script = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
        assert "default-src 'none'" in policy
        assert "http" not in policy
        assert "'unsafe-inline'" not in script
        assert "'unsafe-eval'" not in script
        assert "'sha256-" in script, "the installed page's own script"


def test_the_frame_of_a_component_has_a_policy_of_its_own() -> None:
    assert client().get("/component/streamlit_ace.streamlit_ace/index.html").headers["content-security-policy"] == build_frame_policy()
