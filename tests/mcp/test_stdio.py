"""Over standard input and output, as clients start it: nothing but the protocol is written, and the end leaves nothing behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from mcp import Client, StdioServerParameters

from core.services import Services, Settings
from tests.mcp.agents import HOLD, Agent
from tests.mcp.test_agent_session import ENDLESS

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "core.cli", "mcp"]
HELLO = (
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},'
    '"clientInfo":{"name":"t","version":"1"}}}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
)


def build_environment(home: Path) -> dict[str, str]:
    return {**os.environ, "STRATLOOP_HOME": str(home), "PYTHONPATH": str(ROOT)}


@pytest.mark.slow
def test_a_client_starts_the_server_leaves_in_the_middle_and_goes_on(tmp_path: Path, bars_file: str) -> None:
    asked = {"submission": "a", "code": ENDLESS, "wait_seconds": 0}

    async def scene(mode: str, session: str) -> str:
        parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=build_environment(tmp_path), cwd=str(ROOT))
        async with Client(parameters, mode=mode) as client:
            agent = Agent(client)
            if not session:
                session = await agent.begin(file=bars_file)
                assert (await agent.call("submit_iteration", session=session, **asked))["pending"]
                return session  # the submission is on its way while the client leaves
            taken = await agent.submit(session, "a", HOLD.format(wait=5, keep=3))
            assert taken["iteration"] == 1
            return session

    session = asyncio.run(scene("legacy", ""))
    asyncio.run(scene("auto", session))

    left = Services(Settings(home=tmp_path))
    assert [one.submission for one in left.sessions.list_done(session)] == ["", "a"]
    assert left.list_connected() == ()
    left.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_server_that_is_asked_to_end_does_so_and_wrote_nothing_but_the_protocol(tmp_path: Path) -> None:
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=build_environment(tmp_path))
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(HELLO.encode() + b"this is no message\n" + b'{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":7}}\n')
    process.stdin.flush()
    lines = [process.stdout.readline()]

    process.send_signal(signal.SIGTERM)
    lines += process.stdout.readlines()

    assert process.wait(timeout=300) == 0
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in lines)
    process.stdin.close()
    process.stdout.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_server_over_http_says_where_it_is_asks_for_its_token_and_ends_when_asked(tmp_path: Path) -> None:
    command = [*COMMAND, "--http", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=build_environment(tmp_path), text=True
    )
    assert process.stderr is not None
    address = process.stderr.readline().split()[1].rstrip(".")
    token = (tmp_path / "mcp" / "token").read_text()

    refused = httpx.post(address, json={}, timeout=300)
    listed = httpx.post(
        address,
        json=json.loads(HELLO.splitlines()[0]),
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"},
        timeout=300,
    )
    process.send_signal(signal.SIGTERM)
    said, also = process.communicate(timeout=300)

    assert (refused.status_code, listed.status_code, process.returncode) == (401, 200, 0)
    assert token not in said + also
    assert list((tmp_path / "mcp").glob("*.json")) == []
