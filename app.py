"""The launcher: `python app.py` serves the dashboard on this machine and opens the browser. Nothing imports it.

The script that Streamlit runs is `pages/shell.py`. It lies inside `pages/`, because a `pages` folder beside the script would be
served page by page without the shell (see docs/adr/0070).
"""

import os
import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    sys.path.append(sys.path.pop(0))  # this folder: a file random.py in it is no part of the standard library

import argparse
import errno
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.net_util
from starlette.middleware import Middleware
from streamlit.config import get_config_options
from streamlit.config_option import ConfigOption
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state.safe_session_state import SafeSessionState

from core.domain.people import Role
from core.domain.web_addresses import is_loopback
from pages.components.access import has_login
from pages.live.door import Door
from pages.live.guests import GUESTS, PATH, Guest, find_own_address
from pages.live.late_requests import drop_late_requests
from pages.live.lean_state import read_state_lean
from pages.live.opening_document import OpeningDocument, build_address_script
from pages.live.outside_address import leave_unasked
from pages.live.routes import build_routes
from pages.live.sign_in_return import SignInReturn

ROOT = Path(__file__).resolve().parent
SECONDS_FOR_THE_FIRST_PAGE = 2.0
SECONDS_TO_LOAD = 60.0
"""Longest time that the heap waits for the models' library and the sandbox to be there."""


def _wake(closing: threading.Event) -> None:
    """Go on with runs whose worker is gone; then, when the first page had time to appear, import what the first click would wait for."""
    from core.domain.errors import StratloopError
    from core.services import services
    from pages.components.warm_up import keep_heap_small, load_screens, settle_heap

    try:
        ours = services()
        threading.Thread(target=ours.backups.keep_daily_copies, args=(closing,), name="daily-copy", daemon=True).start()
        ours.store.count_runs()
        ours.rooms.run_worker.adopt()
        if closing.wait(SECONDS_FOR_THE_FIRST_PAGE):
            return
        loading = ours.installation.preload()
        load_screens()
        loading.join(SECONDS_TO_LOAD)
    except StratloopError as error:
        print(f"stratloop: {error}", file=sys.stderr)  # noqa: T201 - the dashboard shows the same words and a way out
        load_screens()
    settle_heap()
    keep_heap_small(closing)


def _open_browser(query: str = "") -> None:
    """Show the dashboard to whoever started it, unless there is no screen to show it on."""
    if not st.get_option("server.headless"):
        webbrowser.open(f"http://{_host(st.get_option('server.address'))}:{st.get_option('server.port')}{query}")


def _invite(role: Role) -> str:
    """Print two links, one for whoever started the server and one for a guest; gives what the first ends with."""
    base, port = f"/{BASE_PATH.strip('/')}" if BASE_PATH.strip("/") else "", st.get_option("server.port")
    own, guest = (f"{base}{PATH}?link={GUESTS.make_link(each, operator=each is Role.ADMIN)}" for each in (Role.ADMIN, role))
    address = str(st.get_option("server.address") or "")
    there = find_own_address() if address in ("", "0.0.0.0", "::") else _host(address)
    print(  # noqa: T201 - links are for whoever started the server, and stand nowhere else
        f"stratloop: shared by links, each for one browser, once, within a day.\n"
        f"  you ({Role.ADMIN.value}):  http://{_host(address)}:{port}{own}\n"
        f"  guest ({role.value}): http://{there}:{port}{guest}\n"
        "More links, and who is in, are on Settings, People. The line is not encrypted: use it in a network that you trust.",
        flush=True,
    )
    return own


def _host(address: str | None) -> str:
    """The name under which this machine reaches an address that it listens on."""
    return "localhost" if address in (None, "", "0.0.0.0", "::") else f"[{address}]" if ":" in str(address) else str(address)


def _list_hosts() -> tuple[str, ...]:
    """Names beyond loopback under which the operator says that the dashboard is served."""
    from core.services import Settings

    return Settings.from_environment().hosts


def _find_obstacle(config: Mapping[str, Any]) -> str:
    """Find the reason why the server must not start as it is set up; empty when it may. What is not set up, the door sees by itself."""
    address = str(config.get("server.address", st.get_option("server.address")) or "")
    if GUESTS.closed and has_login():
        return "stratloop: there is a login, so --share is not needed: whoever signs in is let in, with the role that Settings give."
    if config.get("server.trustedUserHeaders", st.get_option("server.trustedUserHeaders")):
        return (
            "stratloop: server.trustedUserHeaders is set, and whoever reaches this port past the proxy could call themselves anybody. "
            "Take it out: people sign in by [auth] or by links (see docs/team.md)."
        )
    if is_loopback(address) or has_login() or GUESTS.closed:
        return ""
    return (
        f"stratloop: the address {address} is reached from beyond this machine, and there is no login: it would be open to everybody. "
        "Set up [auth] (see docs/team.md), start it with --share, or listen on 127.0.0.1."
    )


def _find_port_trouble(config: dict[str, Any]) -> str:
    """Find the reason why the address and port that were asked for cannot be listened on; empty when they can."""
    address, port = str(config.get("server.address", st.get_option("server.address")) or ""), int(config.get("server.port") or 0)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # where a port that was just closed may be opened again; elsewhere the option means to share it
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                there = f"http://{_host(address)}:{port}"
                return (
                    f"stratloop: port {port} is in use. If a dashboard runs there already, open {there}; else choose another with --port."
                )
            return f"stratloop: {address or 'every address'}, port {port}, cannot be listened on: {error.strerror or error}."
    return ""


def _note_guest(guest: Guest) -> None:
    """Write down that somebody came in by a link."""
    from core.services import services

    services().rooms.acts.record("guest came in", f"{guest.person.name}: {guest.role.value}", by=guest.person.name)


@asynccontextmanager
async def lifespan(served: st.App) -> AsyncIterator[dict[str, Any]]:
    """Warm up behind the first paint; at the end leave runs in progress to the next start."""
    import anyio

    while sys.path[0] == str(ROOT):  # where Streamlit puts it again
        sys.path.append(sys.path.pop(0))
    if obstacle := _find_obstacle({}):
        print(obstacle, file=sys.stderr, flush=True)  # noqa: T201 - the words of a server that does not start
        os._exit(2)  # nothing was started yet, and an exception would be shown as a traceback
    GUESTS.note = _note_guest
    closing = threading.Event()
    threading.Thread(target=_wake, args=(closing,), name="wake", daemon=True).start()
    role: Role | None = served.state.get("share")
    query = _invite(role) if role else ""
    if served.state.get("open_browser"):
        threading.Thread(target=_open_browser, args=(query,), name="browser", daemon=True).start()
    yield {}
    closing.set()
    await anyio.to_thread.run_sync(_close)


def _close() -> None:
    from core.domain.errors import InputError
    from core.services import services

    with suppress(InputError):  # settings that could not be read: nothing was started
        services().close()


def _bug(error: Exception) -> bool:
    """Whatever a screen did not expect: an id on the screen, the details in the log."""
    from pages.components.frame import report_bug

    return report_bug(error)


def _read_environment() -> dict[str, Any]:
    """Options of the server from variables such as STREAMLIT_SERVER_BASE_URL_PATH, which Streamlit reads for its own command alone."""
    found: dict[str, Any] = {}
    for name, option in get_config_options().items():
        given = os.environ.get(option.env_var, "").strip()
        if given and name.startswith("server.") and not option.sensitive:
            found[name] = _read_option(option, given)
    return found


def _read_option(option: ConfigOption, given: str) -> object:
    if option.multiple:
        return [part.strip() for part in given.split(",") if part.strip()]
    if option.type is bool:
        return given.lower() in ("1", "true", "yes")
    try:
        return option.type(given)
    except ValueError:
        sys.exit(f"stratloop: {option.env_var} is {given!r}; a number is needed.")


FROM_ENVIRONMENT = _read_environment()
drop_late_requests(AppSession)
read_state_lean(SafeSessionState)
leave_unasked(streamlit.net_util)
BASE_PATH = str(FROM_ENVIRONMENT.get("server.baseUrlPath", st.get_option("server.baseUrlPath")) or "")
app = st.App(
    ROOT / "pages" / "shell.py",
    routes=build_routes(),
    middleware=[
        Middleware(Door, hosts=_list_hosts, has_login=has_login, scripts=(build_address_script(BASE_PATH),)),
        Middleware(SignInReturn, base_path=BASE_PATH),
        Middleware(OpeningDocument, base_path=BASE_PATH),
    ],
    lifespan=lifespan,
    on_script_error=_bug,
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve the Stratloop dashboard on this machine.")
    parser.add_argument("--port", type=int, default=os.environ.get("STRATLOOP_PORT") or None, help="default: 8501, or the next free one")
    parser.add_argument(
        "--share",
        nargs="?",
        const=Role.VIEWER.value,
        choices=[Role.VIEWER.value, Role.ANALYST.value, Role.ADMIN.value],
        help="let others in by one-time links, with this role (viewer unless another is named); listens on every address of this machine",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    options = parser.parse_args()
    if options.port is not None and not 0 <= options.port <= 65535:
        parser.error(f"--port is {options.port}; a number from 0 to 65535 is needed")
    return options


if __name__ == "__main__":
    chosen = _options()
    config: dict[str, Any] = {**FROM_ENVIRONMENT} if chosen.port is None else {**FROM_ENVIRONMENT, "server.port": chosen.port}
    app.state["open_browser"] = not chosen.no_browser
    if chosen.share:
        app.state["share"] = Role(chosen.share)
        GUESTS.close()
        config.setdefault("server.address", "0.0.0.0")
    if obstacle := _find_obstacle(config):
        print(obstacle, file=sys.stderr)  # noqa: T201 - the words of a server that does not start
        sys.exit(2)
    if trouble := _find_port_trouble(config):
        sys.exit(trouble)
    import_module("uvicorn")  # before Streamlit puts this folder first again
    with suppress(KeyboardInterrupt):  # Ctrl-C is how people end it; everything was closed in order
        app.run(config=config)
