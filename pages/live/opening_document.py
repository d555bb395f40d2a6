"""The first document of a visit, told where its server is.

Streamlit's page looks for its server below each part of the address it was opened under, `/builder/` before `/`, and every miss is an
error in the browser's console. Here the document says where the server is, so that nothing has to be looked for.
"""

import json
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD = b"<head>"
LEFT_OUT = (b"accept-encoding", b"if-none-match", b"if-modified-since")
"""Headers of a request whose answer is to be changed: it comes whole and as plain text."""


class OpeningDocument:
    """Middleware that puts the server's address, and the product's name, into each HTML document."""

    def __init__(self, app: ASGIApp, *, base_path: str = "") -> None:
        self._app = app
        self._told = HEAD + b"\n    <script>" + build_address_script(base_path).encode() + b"</script>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _asks_for_html(scope["headers"]):
            await self._app(scope, receive, send)
            return
        plain = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name not in LEFT_OUT]}
        begun: list[Message] = []
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_html(message["headers"]):
                begun.append(message)
            elif not begun:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._send_told(begun[0], bytes(body), send)

        await self._app(plain, receive, collect)

    async def _send_told(self, start: Message, document: bytes, send: Send) -> None:
        whole = document.replace(HEAD, self._told, 1).replace(b"<title>Streamlit</title>", b"<title>Stratloop</title>", 1)
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(whole)).encode())]})
        await send({"type": "http.response.body", "body": whole})


def build_address_script(base_path: str) -> str:
    """Build the script that tells a page where its server is.

    >>> build_address_script("/strat/")
    'window.__streamlit = {BACKEND_BASE_URL: window.location.origin + "/strat"};'
    """
    base = f"/{base_path.strip('/')}" if base_path.strip("/") else ""
    return f"window.__streamlit = {{BACKEND_BASE_URL: window.location.origin + {json.dumps(base)}}};"


def _asks_for_html(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in headers)


def _is_html(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)
