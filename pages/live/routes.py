"""The routes beside Streamlit's own: a run's events and its Perspective tables as sockets, and the viewer's files.

What needs more than Starlette is imported when the first socket opens, so that the server starts no later for it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Mount, WebSocketRoute
from starlette.websockets import WebSocket

from pages.live.assets import address, files

if TYPE_CHECKING:
    from core.services import Services
    from pages.live.feed import Feeds
    from pages.live.perspective import Viewings

EVENTS = "/live/runs/"
CURVES = "/live/curves/"
"""Sockets of a run; its id follows."""


def routes() -> list[BaseRoute]:
    """Everything that `st.App` serves beside Streamlit."""
    return live_routes(Live(_services))


def live_routes(live: "Live") -> list[BaseRoute]:
    """The routes; also below any prefix, because a proxy may serve the dashboard under one."""
    viewer = files()
    found: list[BaseRoute] = []
    for prefix in ("", "/{prefix:path}"):
        found.append(WebSocketRoute(f"{prefix}{EVENTS}{{run_id}}", live.events))
        if viewer is not None:
            found.append(WebSocketRoute(f"{prefix}{CURVES}{{run_id}}", live.curves))
            found.append(Mount(f"{prefix}{address()}", viewer))
    return found


def _services() -> "Services":
    from core.services import services

    return services()


class Live:
    """The sockets of one server."""

    def __init__(self, services: Callable[[], "Services"]) -> None:
        self._services = services
        self._feeds: Feeds | None = None
        self._viewings: Viewings | None = None

    @property
    def feeds(self) -> "Feeds":
        """The runs that are watched."""
        if self._feeds is None:
            from pages.live.feed import Feeds

            self._feeds = Feeds()
        return self._feeds

    @property
    def viewings(self) -> "Viewings":
        """The runs whose curves are viewed."""
        if self._viewings is None:
            from pages.live.perspective import Viewings

            self._viewings = Viewings(self.feeds)
        return self._viewings

    async def events(self, socket: WebSocket) -> None:
        """Send a run's events above `after` (0 for all), oldest first, until the run is over or the browser leaves."""
        from pages.live.guard import admitted
        from pages.live.sockets import stream, until_gone
        from pages.live.tokens import Use

        run = await admitted(socket, self._services, Use.EVENTS)
        if run is None:
            return
        after = place(socket.query_params.get("after", ""))
        await socket.accept()
        async with self.feeds.watch(self._services().store, run.id) as feed:
            await until_gone(socket, stream(socket, feed, after))

    async def curves(self, socket: WebSocket) -> None:
        """Let a Perspective viewer work on the table of one run."""
        from pages.live.guard import admitted
        from pages.live.perspective import view
        from pages.live.tokens import Use

        run = await admitted(socket, self._services, Use.CURVES)
        if run is not None:
            await view(socket, self.viewings, self._services(), run)


def place(text: str) -> int:
    """A sequence number as an address gives it; 0, the beginning, for anything else.

    >>> place("17"), place(""), place("-1"), place("9" * 5000)
    (17, 0, 0, 0)
    """
    return int(text) if text.isdecimal() and len(text) <= 18 else 0
