"""The way back after a sign-in: a link that was opened before it is what is shown after it.

Streamlit sends everybody to the first page. Here the address that was asked for waits in a cookie while the provider asks who it is; so
does the screen on which somebody pressed "Sign in" whose sign-in was over.
"""

from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE, SIGNED_IN = "stratloop_return", "_streamlit_user"
CALLBACK, LOGIN = "/oauth2callback", "/auth/login"
WAITING_SECONDS = 600
LONGEST_ADDRESS = 2_000
OWN = ("/_stcore", "/oauth2callback", "/auth/", "/static/", "/component/", "/live/", "/share")
"""Beginnings of paths, below the base path, that are no screens."""


class SignInReturn:
    """Middleware that remembers the first document asked for without a sign-in, and sends the browser there after it."""

    def __init__(self, app: ASGIApp, *, base_path: str = "") -> None:
        self._app = app
        self._base = f"/{base_path.strip('/')}" if base_path.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        path = scope["path"].removeprefix(self._base)
        if path == CALLBACK:
            await self._app(scope, receive, self._send_back(unquote(cookies.get(COOKIE, "")), send))
        elif path == LOGIN and self._is_screen(address := _referring_address(headers)):
            await self._app(scope, receive, self._remember(address, send))
        elif "text/html" in headers.get("accept", "") and SIGNED_IN not in cookies and self._is_screen(_address_of(scope)):
            await self._app(scope, receive, self._remember(_address_of(scope), send))
        else:
            await self._app(scope, receive, send)

    def _is_screen(self, address: str) -> bool:
        """True for an address of this server that shows more than the first page."""
        path = address.partition("?")[0].removeprefix(self._base)
        return is_own_address(address) and path not in ("", "/") and not path.startswith(OWN)

    def _remember(self, address: str, send: Send) -> Send:
        return _with_headers(send, lambda headers: headers.append("Set-Cookie", self._cookie(quote(address, safe=""), WAITING_SECONDS)))

    def _send_back(self, address: str, send: Send) -> Send:
        """Change where the provider's answer leads, once it has signed somebody in."""

        def change(headers: MutableHeaders) -> None:
            if any(value.startswith(f"{SIGNED_IN}=") for value in headers.getlist("set-cookie")) and is_own_address(address):
                headers["Location"] = address
                headers.append("Set-Cookie", self._cookie("", 0))

        return _with_headers(send, change)

    def _cookie(self, value: str, seconds: int) -> str:
        return f"{COOKIE}={value}; Max-Age={seconds}; Path={self._base or '/'}; HttpOnly; SameSite=Lax"


def is_own_address(address: str) -> bool:
    """True for an address on this very server: a path, and nothing that a browser reads as another server.

    >>> [is_own_address(each) for each in ("/driving?run=1", "//evil.test", "/\\\\\\\\evil.test", "https://evil.test", "", "/a\\r\\nb: c")]
    [True, False, False, False, False, False]
    """
    return address.startswith("/") and address[1:2] not in ("/", "\\") and address.isprintable() and len(address) <= LONGEST_ADDRESS


def _address_of(scope: Scope) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    path = quote(scope["path"])
    return f"{path}?{query}"[:LONGEST_ADDRESS] if query else path[:LONGEST_ADDRESS]


def _referring_address(headers: Headers) -> str:
    """Path and query of the page on which a link or button was pressed; browsers tell both to the page's own server alone."""
    try:
        page = urlsplit(headers.get("referer", ""))
    except ValueError:
        return ""
    return f"{page.path}?{page.query}" if page.query else page.path


def _with_headers(send: Send, change: Callable[[MutableHeaders], None]) -> Send:
    async def send_changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            change(MutableHeaders(scope=message))
        await send(message)

    return send_changed
