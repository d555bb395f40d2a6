"""The routes beside Streamlit's own: a run's events and its Perspective tables as sockets, and the viewer's files.

What needs more than Starlette is imported when the first socket opens, so that the server starts no later for it.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Mount, WebSocketRoute
from starlette.websockets import WebSocket

from pages.live.assets import address, build_files_app
from pages.live.guests import build_guest_routes

if TYPE_CHECKING:
    from core.services import Services
    from pages.live.perspective import TablePool
    from pages.live.run_feed import Feeds

EVENTS = "/live/runs/"
CURVES = "/live/curves/"
"""Sockets of a run; its id follows."""


def build_routes() -> list[BaseRoute]:
    """Build everything that `st.App` serves beside Streamlit."""
    return [*build_guest_routes(), *build_live_routes(LiveSockets(_services))]


def build_live_routes(live: "LiveSockets") -> list[BaseRoute]:
    """Build the routes; also below any prefix, because a proxy may serve the dashboard under one."""
    viewer = build_files_app()
    found: list[BaseRoute] = []
    for prefix in ("", "/{prefix:path}"):
        found.append(WebSocketRoute(f"{prefix}{EVENTS}{{run_id}}", live.serve_events))
        if viewer is not None:
            found.append(WebSocketRoute(f"{prefix}{CURVES}{{run_id}}", live.serve_curves))
            found.append(Mount(f"{prefix}{address()}", viewer))
    return found


def _services() -> "Services":
    from core.services import services

    return services()


class LiveSockets:
    """The sockets of one server."""

    def __init__(self, services: Callable[[], "Services"]) -> None:
        self._services = services
        self._feeds: Feeds | None = None
        self._table_pool: TablePool | None = None

    @property
    def feeds(self) -> "Feeds":
        """The runs that are watched."""
        if self._feeds is None:
            from pages.live.run_feed import Feeds

            self._feeds = Feeds()
        return self._feeds

    @property
    def table_pool(self) -> "TablePool":
        """The tables of the runs whose curves are viewed."""
        if self._table_pool is None:
            from pages.live.perspective import TablePool

            self._table_pool = TablePool(self.feeds)
        return self._table_pool

    async def serve_events(self, socket: WebSocket) -> None:
        """Send a run's events above `after` (0 for all), oldest first, until the run is over or the browser leaves."""
        from pages.live.origin_check import admit
        from pages.live.sockets import run_until_disconnected, stream
        from pages.live.tokens import TokenScope

        run = await admit(socket, self._services, TokenScope.EVENTS)
        if run is None:
            return
        after = parse_sequence(socket.query_params.get("after", ""))
        await socket.accept()
        async with self.feeds.watch(self._services().store, run.id) as feed:
            find_trouble = partial(self._services().rooms.run_worker.find_trouble, run.id)
            await run_until_disconnected(socket, stream(socket, feed, after, find_trouble))

    async def serve_curves(self, socket: WebSocket) -> None:
        """Let a Perspective viewer work on the table of one run."""
        from pages.live.origin_check import admit
        from pages.live.perspective import serve_viewer
        from pages.live.tokens import TokenScope

        run = await admit(socket, self._services, TokenScope.CURVES)
        if run is not None:
            await serve_viewer(socket, self.table_pool, self._services(), run)


def parse_sequence(text: str) -> int:
    """Parse a sequence number as an address gives it; 0, the beginning, for anything else.

    >>> parse_sequence("17"), parse_sequence(""), parse_sequence("-1"), parse_sequence("9" * 5000)
    (17, 0, 0, 0)
    """
    return int(text) if text.isdecimal() and len(text) <= 18 else 0
