"""The server on standard input and output. Nothing but the protocol is ever written there; the end of the input is the end of it."""

import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio

from core.domain.errors import StratloopError
from core.services import Services
from core.services.connections import FOLDER, Connection

if TYPE_CHECKING:
    from core.sandbox import Sandbox

log = logging.getLogger(__name__)

SECONDS_TO_LET_GO = 2.0
"""Time after which a process that was asked to end does so, whatever is still on its way."""
WARM_UP_SECONDS = 0.5
"""Time after the start in which a client shakes hands before this process turns to heavier things."""


def serve_stdio(services: Services) -> int:
    """Serve one client until its input ends; gives the exit code."""
    connection = Connection(services.settings.home / FOLDER, "stdio")
    connection.open()
    try:
        with suppress(KeyboardInterrupt):
            anyio.run(_serve, services, connection)
    finally:
        connection.close()
    return 0


async def _serve(services: Services, connection: Connection) -> None:
    from mcp.server.stdio import stdio_server

    from core.mcp.server import build_server

    server = build_server(services, connection)
    sandbox = services.rooms.sandbox
    threading.Thread(target=_warm_up, args=(sandbox,), name="warm-up", daemon=True).start()
    try:
        async with stdio_server() as (reading, writing), anyio.create_task_group() as group:
            group.start_soon(_end_on_signal, group.cancel_scope, connection)
            await server.run(reading, writing, server.create_initialization_options())
            group.cancel_scope.cancel()
    except* anyio.BrokenResourceError:
        log.info("a message came while the server ended: nobody read it")


async def _end_on_signal(scope: anyio.CancelScope, connection: Connection) -> None:
    """End in order when the process is asked to end: what runs in the sandbox is stopped, and leases are given back.

    A client that keeps its end of the input open leaves a thread that reads there for ever; nobody waits for that.
    """
    if sys.platform == "win32":
        return
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            leaving = threading.Timer(SECONDS_TO_LET_GO, _leave, (connection,))
            leaving.daemon = True
            leaving.start()
            scope.cancel()
            return


def _leave(connection: Connection) -> None:
    connection.close()
    os._exit(0)


def _warm_up(sandbox: "Sandbox") -> None:
    """Start the sandbox once the handshake is over, so that the first backtest does not wait for it."""
    threading.Event().wait(WARM_UP_SECONDS)
    try:
        sandbox.isolation()
    except StratloopError as error:
        log.warning("not warmed up: %s", error)
