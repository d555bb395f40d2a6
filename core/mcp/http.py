"""The server over HTTP, on this machine alone: names and pages are judged as by the dashboard's door, and everybody shows a token.

A program that is no browser sends no origin, so that the token is the one wall against other users of this machine.
"""

import hmac
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.domain.errors import InputError
from core.domain.web_addresses import LOCAL_NAMES, is_same_origin, parse_host
from core.services import Services
from core.services.agent_token import describe_token_place, read_token
from core.services.connections import FOLDER, Connection

ADDRESS = "127.0.0.1"
PATH = "/mcp"
SECONDS_TO_CLOSE = 1
"""Time that open requests have when the server ends."""
UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404


class Guard:
    """ASGI middleware around the whole server."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse in words."""
        refusal = self._find_refusal(Headers(scope=scope), scope["path"]) if scope["type"] == "http" else None
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await (self._app if refusal is None else refusal)(scope, receive, send)

    def _find_refusal(self, headers: Headers, path: str) -> Response | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if parse_host(host) not in LOCAL_NAMES:
            return PlainTextResponse("This server answers under this machine's own names alone.", FORBIDDEN)
        if origin is not None and not is_same_origin(origin, host):
            return PlainTextResponse("No page of another server may ask this.", FORBIDDEN)
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._token):
            words = f"A token is needed: {describe_token_place()}"
            return PlainTextResponse(words, UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        return None if path == PATH else PlainTextResponse(f"There is {PATH} here.", NOT_FOUND)


def build_app(services: Services, connection: Connection, token: str) -> ASGIApp:
    """Build the application, behind its guard."""
    from core.mcp.server import build_server

    return Guard(build_server(services, connection).streamable_http_app(streamable_http_path=PATH, host=ADDRESS), token)


def serve_http(services: Services, port: int, tell: Callable[[str], object]) -> int:
    """Serve until the process is asked to end; gives the exit code. Raises InputError for a port that is taken."""
    import anyio
    import uvicorn

    try:
        listening = socket.create_server((ADDRESS, port))
    except OSError as error:
        raise InputError(f"Port {port} cannot be used: {error.strerror}.", hint="Choose another with --port.") from error
    token = read_token(services.settings)
    connection = Connection(services.settings.home / FOLDER, "http", f"http://{ADDRESS}:{listening.getsockname()[1]}{PATH}")
    app = build_app(services, connection, token)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=SECONDS_TO_CLOSE))
    connection.open()
    tell(f"Serving {connection.state.address}. {describe_token_place()} Ctrl-C ends it.")
    signal.signal(signal.SIGTERM, lambda *_: None)  # the server raises it once more when it has ended in order
    try:
        with suppress(KeyboardInterrupt):
            anyio.run(partial(server.serve, sockets=[listening]))
    finally:
        connection.close()
        listening.close()
    return 0
