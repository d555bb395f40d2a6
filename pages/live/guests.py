"""Guests of a quick demo: links that let one browser in, once, and what that browser may do.

For showing work to colleagues without a login's provider. Links and guests live as long as the server; a guest can be sent away. No
Streamlit: the door asks here for every request, the screens ask for the role.
"""

import html
import secrets
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from string import Template
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core.domain.people import Person, Role

COOKIE = "stratloop_guest"
LINK_SECONDS = 24 * 3600.0
"""Time in which a link can be used."""
GUEST_SECONDS = 8 * 3600.0
"""Time for which a browser that came in stays in."""
COOKIE_SECONDS = 7 * 24 * 3600.0
"""Time for which a browser keeps its cookie: by it a guest whose time is over is told so, and is the same one with a new link."""
PATH = "/share"
LONGEST_FORM = 2_000


@dataclass(frozen=True, slots=True)
class Guest:
    """A browser that came in by a link, or a link that nobody has used yet."""

    id: str
    role: Role
    until: float
    """Seconds since 1970."""
    operator: bool = False
    """True for whoever started the server: works on the same drafts as without guests."""

    @property
    def person(self) -> Person:
        """The guest as a person."""
        name = "operator" if self.operator else f"guest {self.id}"
        return Person(id="" if self.operator else f"guest-{self.id}", name=name, role=self.role)


class Guests:
    """Links and guests of this process; safe with several threads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._links: dict[str, Guest] = {}
        self._inside: dict[str, Guest] = {}

        self._closed = False
        self.note: Callable[[Guest], object] = lambda guest: None
        """Told of each guest who came in."""

    @property
    def closed(self) -> bool:
        """True once the server is closed to whoever has no link."""
        return self._closed

    def close(self) -> None:
        """Let nobody in without a link from now on."""
        self._closed = True

    def make_link(self, role: Role, *, operator: bool = False) -> str:
        """Make a link for one browser; gives its secret."""
        secret = secrets.token_urlsafe(24)
        with self._lock:
            self._closed = True
            self._links[secret] = Guest(secrets.token_hex(4), role, self._clock() + LINK_SECONDS, operator)
        return secret

    def is_open(self, link: str) -> bool:
        """True when a link can still be used."""
        with self._lock:
            found = self._links.get(link)
            return found is not None and found.until > self._clock()

    def let_in(self, link: str, before: str = "") -> str | None:
        """Use a link up; gives the secret for the browser's cookie, None when it was used before, or is too old.

        A browser that was in by the cookie `before`, and was not sent away, comes back as the same guest: what it made is its own again.
        """
        with self._lock:
            found = self._links.pop(link, None)
            if found is None or found.until <= self._clock():
                return None
            secret, earlier = secrets.token_urlsafe(32), self._inside.pop(before, None)
            known = found.id if earlier is None or earlier.operator or found.operator else earlier.id
            guest = self._inside[secret] = Guest(known, found.role, self._clock() + GUEST_SECONDS, found.operator)
        self.note(guest)
        return secret

    def find(self, secret: str) -> Guest | None:
        """The guest with this cookie; None for nobody, and for one whose time is over or who was sent away."""
        with self._lock:
            found = self._inside.get(secret)
            return found if found is not None and found.until > self._clock() else None

    def is_over(self, secret: str) -> bool:
        """True for a guest who was in, and whose time is over."""
        with self._lock:
            found = self._inside.get(secret)
            return found is not None and found.until <= self._clock()

    def list_inside(self) -> tuple[Guest, ...]:
        """The guests that are in, in the order in which they came."""
        with self._lock:
            return tuple(guest for guest in self._inside.values() if guest.until > self._clock())

    def send_away(self, guest_id: str) -> None:
        """Let a guest in no more."""
        with self._lock:
            self._inside = {secret: guest for secret, guest in self._inside.items() if guest.id != guest_id}


def find_own_address() -> str:
    """The address under which other machines reach this one, as its own routes tell; nothing is sent. `localhost` where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation, which no machine has
            found: str = probe.getsockname()[0]
        except OSError:
            return "localhost"
    return found


GUESTS = Guests()
"""The guests of this process."""


def read_cookie(header: str) -> str:
    """The guest's secret in a Cookie header; empty when there is none."""
    return cookie_parser(header).get(COOKIE, "")


def build_guest_routes(guests: Guests = GUESTS) -> list[BaseRoute]:
    """Build the routes of the links; also below any prefix, because a proxy may serve the dashboard under one."""

    async def greet(request: Request) -> Response:
        link = request.query_params.get("link", "")
        return HTMLResponse(_fill(link)) if guests.is_open(link) else _refuse()

    async def enter(request: Request) -> Response:
        body = (await request.body())[:LONGEST_FORM]
        before = read_cookie(request.headers.get("cookie", ""))
        secret = await to_thread.run_sync(guests.let_in, parse_qs(body.decode("utf-8", "replace")).get("link", [""])[0], before)
        if secret is None:
            return _refuse()
        home = request.url.path.removesuffix("/").removesuffix(PATH) + "/"
        answer = RedirectResponse(home, 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, secret, max_age=int(COOKIE_SECONDS), path=home, httponly=True, samesite="lax", secure=secure)
        return answer

    found: list[BaseRoute] = []
    for prefix in ("", "/{prefix:path}"):
        for method, act in (("GET", greet), ("POST", enter)):
            found.append(_route(f"{prefix}{PATH}", act, method))
    return found


def _route(path: str, act: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    return Route(path, act, methods=[method])


def _fill(link: str) -> str:
    return _PAGE.substitute(words=Template(_FORM).substitute(link=html.escape(link)))


def _refuse() -> Response:
    return HTMLResponse(_PAGE.substitute(words=_USED), 403)


_PAGE = Template("""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stratloop</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;display:grid;place-content:center;
min-height:90vh;max-width:30rem;margin:auto;padding:0 1rem;text-align:center}button{font:inherit;padding:.5rem 1.25rem;border:0;
border-radius:6px;background:#2256d8;color:#fff;cursor:pointer}</style><main><h1>Stratloop</h1>$words</main></html>""")
_FORM = """<p>This link lets one browser in, once.</p>
<form method="post" action=""><input type="hidden" name="link" value="$link"><button autofocus>Come in</button></form>"""
_USED = "<p>This link was used before, is too old, or never was one. Ask whoever runs the server for a new one.</p>"
ASK = _PAGE.substitute(words="<p>This server is shared by links. Ask whoever runs it for one.</p>")
"""The page for whoever comes without a link."""
OVER_WORDS = (
    f"Your time here is over: a link counts for {GUEST_SECONDS / 3600:g} hours. What you made is kept, and what runs goes on. "
    "Ask whoever runs the server for a new link, and open it in this browser: you go on where you were."
)
OVER = _PAGE.substitute(words=f"<p>{OVER_WORDS}</p>")
"""The page for a guest whose time is over."""
