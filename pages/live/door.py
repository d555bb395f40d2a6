"""The door of the server: which host names, which pages and which addresses it answers, and what a browser may do with what it gives out.

Loopback alone is no wall: a foreign page can map its own name to this machine, another local port or a frame can reach it. Everything
passes here first, Streamlit's own pages and sockets and ours. No Streamlit, and no name is ever looked up.
"""

import base64
import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from core.domain.web_addresses import LOCAL_NAMES, is_loopback, is_same_origin, parse_host
from pages.live.guests import ASK, GUESTS, OVER, OVER_WORDS, PATH, Guests, read_cookie

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CLOSED = ("/_stcore/metrics",)
"""Ends of paths that nobody is answered on: they tell of every session."""
OPEN = (PATH, "/_stcore/health")
"""Ends of paths that are answered to whoever is no guest yet."""
COMPONENT = "/component/"
FORBIDDEN, NOT_FOUND = 403, 404
POLICY_VIOLATION = 1008

PAGE_RULES: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self' blob: 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "frame-src": "'self'",
    "manifest-src": "'self'",
    "media-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
    "object-src": "'none'",
}
"""Sources that a page may use. Scripts made of text are components, workers and WebAssembly the Perspective viewer."""
FRAME_RULES: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
}
"""The same for the frame of a component, such as the code editor."""
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


class Door:
    """ASGI middleware around the whole server."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Callable[[], Iterable[str]],
        has_login: Callable[[], bool],
        scripts: Iterable[str] = (),
        guests: Guests = GUESTS,
    ) -> None:
        """`hosts` are names beyond loopback under which the operator serves it; without a login they do not count.

        `scripts` are texts that this server puts into pages itself. Once a link was made, `guests` alone are answered.
        """
        self._app = app
        own = tuple(scripts)
        self._page_policy, self._frame_policy = build_page_policy(own), build_frame_policy(own)
        self._hosts = hosts
        self._has_login = has_login
        self._guests = guests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse in words."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._find_refusal(scope)
        if refusal is None:
            await self._app(scope, receive, self._add_headers(scope, send))
        elif scope["type"] == "websocket":
            await _refuse_socket(scope, receive, send, refusal)
        else:
            code = NOT_FOUND if refusal is _CLOSED else FORBIDDEN
            page = {_NO_GUEST: ASK, OVER_WORDS: OVER}.get(refusal)
            answer = PlainTextResponse(refusal, code) if page is None else HTMLResponse(page, code)
            await answer(scope, receive, self._add_headers(scope, send))

    def _find_refusal(self, scope: Scope) -> str | None:
        """Find the reason for refusing a request; None when it may pass."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        name = parse_host(host)
        beyond = not is_loopback(str((scope.get("server") or ("",))[0]))
        known = name in LOCAL_NAMES or name in {parse_host(each) for each in self._hosts()} or (beyond and _is_address(name))
        if not known:
            return _UNKNOWN_HOST
        if (beyond or name not in LOCAL_NAMES) and not (self._has_login() or self._guests.closed):
            return _NO_LOGIN
        origin = headers.get("origin")
        must_match = scope["type"] == "websocket" or (origin is not None and scope["method"] not in SAFE_METHODS)
        if must_match and not is_same_origin(origin or "", host):
            return _FOREIGN_PAGE
        if self._guests.closed and not scope["path"].endswith(OPEN):
            secret = read_cookie(headers.get("cookie", ""))
            if self._guests.find(secret) is None:
                return OVER_WORDS if self._guests.is_over(secret) else _NO_GUEST
        return _CLOSED if scope["path"].rstrip("/").endswith(CLOSED) else None

    def _add_headers(self, scope: Scope, send: Send) -> Send:
        """Add the headers that tell a browser what may be done with an answer."""
        policy = self._frame_policy if COMPONENT in scope["path"] else self._page_policy

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["X-Frame-Options"] = "SAMEORIGIN"
            await send(message)

        return send_with_headers


_UNKNOWN_HOST = "This server does not answer under that name. Names beyond this machine's own are listed in STRATLOOP_HOSTS."
_NO_LOGIN = "This server is reached from beyond its machine, and nobody has set up a login: it answers nobody."
_FOREIGN_PAGE = "Only this server's own pages may do that."
_CLOSED = "There is nothing here."
_NO_GUEST = "This server is shared by links. Ask whoever runs it for one."


def _is_address(name: str) -> bool:
    """True for an address in numbers: nobody can map that to another machine."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse_socket(scope: Scope, receive: Receive, send: Send, words: str) -> None:
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": FORBIDDEN, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "websocket.http.response.body", "body": words.encode()})
    else:
        await WebSocketClose(POLICY_VIOLATION)(scope, receive, send)


@cache
def build_page_policy(scripts: tuple[str, ...] = ()) -> str:
    """Build the policy of pages and everything else; scripts that stand in a page itself, Streamlit's and ours, are known by their hash."""
    return _build_policy(PAGE_RULES, _find_file("streamlit", "static", "index.html"), scripts)


@cache
def build_frame_policy(scripts: tuple[str, ...] = ()) -> str:
    """Build the policy of a component's frame, with the editor's own script by its hash."""
    return _build_policy(FRAME_RULES, _find_file("streamlit_ace", "frontend", "build", "index.html"), scripts)


def _build_policy(rules: Mapping[str, str], page: Path | None, scripts: Iterable[str] = ()) -> str:
    text = (b"" if page is None else page.read_bytes()) + b"".join(f"<script>{each}</script>".encode() for each in scripts)
    hashes = " ".join(f"'sha256-{each}'" for each in hash_inline_scripts(text))
    return "; ".join(f"{name} {sources}{f' {hashes}' if name == 'script-src' and hashes else ''}" for name, sources in rules.items())


def hash_inline_scripts(page: bytes) -> list[str]:
    """Hash the scripts that stand in a page itself, as a policy names them.

    >>> hash_inline_scripts(b'<script src="x.js"></script><script>1</script>')
    ['a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=']
    """
    return [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in _INLINE_SCRIPT.findall(page)]


def _find_file(package: str, *parts: str) -> Path | None:
    """Find a file of an installed package; None when there is none."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent.joinpath(*parts)
    return found if found.is_file() else None
