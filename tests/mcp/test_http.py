"""Over HTTP: a token is asked of everybody, foreign names and pages are refused, and a dropped line loses no work."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.testclient import TestClient

from core.domain.errors import InputError
from core.mcp.http import build_app
from core.services import Services, Settings
from core.services.agent_token import read_token
from core.services.connections import Connection
from tests.mcp.agents import ERAS, HOLD, Agent

TOKEN = "a-token-of-this-test-alone"
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def address(parts: Services) -> Iterator[str]:
    """A server on a free port of this machine."""
    import socket

    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    app = build_app(parts, Connection(parts.settings.home / "mcp", "http"), TOKEN)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    server.should_exit = True
    thread.join()


def connect(address: str, mode: str) -> tuple[httpx2.AsyncClient, Client]:
    line = httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=300)
    return line, Client(streamable_http_client(address, http_client=line), mode=mode)


@pytest.mark.parametrize("mode", ERAS)
def test_the_whole_job_goes_over_http_too(address: str, bars_file: str, mode: str) -> None:
    async def scene() -> None:
        line, client = connect(address, mode)
        async with line, client:
            agent = Agent(client)
            session = await agent.begin(file=bars_file)
            taken = await agent.submit(session, "a", HOLD.format(wait=7, keep=4))
            end = await agent.finish(session)
            assert (taken["iteration"], end["status"]) == (1, "complete")

    asyncio.run(scene())


@pytest.mark.parametrize("mode", ERAS)
def test_a_line_that_drops_leaves_a_session_that_goes_on(parts: Services, address: str, bars_file: str, mode: str) -> None:
    async def scene() -> None:
        line, client = connect(address, mode)
        async with line, client:
            session = await Agent(client).begin(file=bars_file)
            asked: dict[str, Any] = {"session": session, "submission": "a", "code": HOLD.format(wait=5, keep=3)}
            await client.call_tool("submit_iteration", asked | {"wait_seconds": 0})
        line, client = connect(address, mode)  # the client is another process now
        async with line, client:
            await Agent(client).call("get_status", session=session, wait_seconds=20)
            again = await Agent(client).call("submit_iteration", **asked)
            assert (again["iteration"], parts.store.read_run(session).iterations) == (1, 2)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "evil.test"}, 403),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.test"}, 403),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "http://localhost:9"}, 403),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
    ],
)
def test_only_who_shows_the_token_to_this_machines_own_name_comes_in(parts: Services, headers: dict[str, str], status: int) -> None:
    app = build_app(parts, Connection(parts.settings.home / "mcp", "http"), TOKEN)
    with TestClient(app, base_url="http://127.0.0.1:8710") as client:
        answer = client.post("/mcp", json=HELLO, headers=ACCEPT | headers)

    assert answer.status_code == status
    assert TOKEN not in answer.text


def test_the_token_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    first, again = read_token(Settings(home=tmp_path)), read_token(Settings(home=tmp_path))

    assert first == again
    assert len(first) >= 32
    assert (tmp_path / "mcp" / "token").stat().st_mode & 0o077 == 0
    assert read_token(Settings(home=tmp_path, mcp_token="chosen-by-the-operator")) == "chosen-by-the-operator"
    with pytest.raises(InputError, match="too short"):
        read_token(Settings(home=tmp_path, mcp_token="short"))
