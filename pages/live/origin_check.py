"""Guard of the sockets: admits a page of this very server, with a token for this very run.

Streamlit checks the origin of its own socket only. Without this, any page that a browser shows could read a run.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket

from core.domain.errors import InputError, StratloopError
from core.domain.run import Run
from core.domain.web_addresses import is_same_origin
from pages.live.tokens import TokenScope, load_tokens, mark_visitor

if TYPE_CHECKING:
    from core.services import Services

REFUSALS = {
    HTTPStatus.FORBIDDEN: "This page may not watch this run.",
    HTTPStatus.NOT_FOUND: "There is no such run.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The history cannot be read right now.",
}


async def admit(socket: WebSocket, services: Callable[[], "Services"], use: TokenScope) -> Run | None:
    """Admit a socket and give the run it may see; None when it was refused: 403 for origin and token, 404 for the run."""
    found: Run | HTTPStatus = HTTPStatus.FORBIDDEN
    if is_own_origin(socket):
        run_id, token = socket.path_params["run_id"], socket.query_params.get("token", "")
        found = await to_thread.run_sync(_look_up, services, run_id, token, use, mark_visitor(socket.cookies))
    if isinstance(found, Run):
        return found
    await socket.send_denial_response(PlainTextResponse(REFUSALS[found], found))
    return None


def is_own_origin(socket: WebSocket) -> bool:
    """True when the page that opens the socket came from the host that the socket goes to; browsers cannot be made to lie about it."""
    return is_same_origin(socket.headers.get("origin", ""), socket.headers.get("host", ""))


def _look_up(services: Callable[[], "Services"], run_id: str, token: str, use: TokenScope, visitor: str) -> Run | HTTPStatus:
    try:
        parts = services()
        if not load_tokens(parts.settings.home).allows(token, run_id, use, visitor):
            return HTTPStatus.FORBIDDEN
        run = parts.store.read_run(run_id)
    except InputError:
        return HTTPStatus.NOT_FOUND
    except StratloopError:
        return HTTPStatus.SERVICE_UNAVAILABLE
    return run if run.id == run_id else HTTPStatus.NOT_FOUND
