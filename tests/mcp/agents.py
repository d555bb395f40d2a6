"""An agent for tests: the package's own client, with the server in this process, and everything that it was sent kept for a search."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from mcp import Client

from core.mcp.server import build_server
from core.services import Services
from core.services.connections import Connection

ERAS = ("auto", "legacy")
"""Both ways in which the client speaks: that of today, and the handshake of the years before."""

HOLD = """import backtrader as bt


class Hold(bt.Strategy):
    params = dict(wait={wait}, keep={keep})

    def next(self):
        if not self.position and len(self) % self.p.wait == 0:
            self.order_target_percent(target=0.9)
        elif self.position and len(self) % self.p.keep == 0:
            self.close()
"""


class Agent:
    """One connected client."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.heard: list[str] = []
        """Everything that the server sent, as text."""

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool; gives its answer, or the error with its code. A slow machine is waited for, unless the call says how long."""
        while (found := await self._call(tool, arguments)).get("pending") and "wait_seconds" not in arguments and "submission" in found:
            await self._call("get_status", {"session": arguments["session"], "wait_seconds": 20})
        return found

    async def finish(self, session: str) -> dict[str, Any]:
        """Finish a session, however long that takes."""
        while (found := await self.call("finish_session", session=session)).get("pending"):
            await self.call("get_status", session=session, wait_seconds=20)
        return found

    async def _call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        result = await self.client.call_tool(tool, arguments)
        self.heard.append(result.model_dump_json(by_alias=True))
        found: dict[str, Any] = result.structured_content
        text = result.content[0].text
        assert text.startswith(found["error"]["code"]) if result.is_error else json.loads(text) == found
        return found

    async def read(self, uri: str) -> str:
        """Read a resource."""
        result = await self.client.read_resource(uri)
        self.heard.append(result.model_dump_json(by_alias=True))
        text: str = result.contents[0].text
        return text

    async def begin(self, asset: str = "", **more: Any) -> str:
        """Begin a session on the simplest workflow; gives its id."""
        where = {"asset": asset} if asset else {}
        session: str = (await self.call("start_session", workflow="sma_cross", minimum_trades=1, **where, **more))["session"]
        return session

    async def submit(self, session: str, name: str, code: str, **more: Any) -> dict[str, Any]:
        """Submit a version."""
        return await self.call("submit_iteration", session=session, submission=name, code=code, **more)


@asynccontextmanager
async def connect(services: Services, mode: str = "auto", **options: Any) -> AsyncIterator[Agent]:
    """An agent at a server in this process."""
    server = build_server(services, Connection(services.settings.home / "mcp", "stdio"))
    async with Client(server, mode=mode, **options) as client:
        yield Agent(client)


def play(services: Services, scene: Callable[[Agent], Coroutine[Any, Any, None]], mode: str = "auto", **options: Any) -> None:
    """Play a scene of one agent to its end."""

    async def run() -> None:
        async with connect(services, mode, **options) as agent:
            await scene(agent)

    asyncio.run(run())
