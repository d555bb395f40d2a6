"""Access to the dashboard. Without a login and without links it serves this machine alone and lets everybody in."""

import time
from functools import lru_cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.domain.people import LOCAL, NotAllowedError, Person, Role, SignInOverError
from core.domain.web_addresses import is_loopback
from pages.live.guests import COOKIE, GUESTS, OVER_WORDS

STRANGER = Person(id="stranger", role=Role.NOBODY)
OVERDUE = Person(id="overdue", role=Role.NOBODY)
"""Somebody whose sign-in is too long ago."""
REMEMBERED_SECONDS = 2.0
"""Time for which a session trusts what it found out about its person; a changed role counts after it."""


def has_login() -> bool:
    """True when the operator set up a login (`[auth]` in `.streamlit/secrets.toml`); one that is set up later counts within a second.

    Streamlit looks for its file wherever it may lie each time that it is asked, and a drawing asks some forty times.
    """
    return _look_for_login(int(time.monotonic()))


@lru_cache(maxsize=1)
def _look_for_login(_second: int) -> bool:
    return bool(st.secrets.load_if_toml_exists()) and "auth" in st.secrets


def find_person() -> Person:
    """The person in front of the screen that this thread draws; whoever owns the machine where it draws none."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return LOCAL
    if GUESTS.closed:
        guest = GUESTS.find(st.context.cookies.get(COOKIE, ""))
        return STRANGER if guest is None else guest.person
    if not has_login():
        return LOCAL
    return _find_signed_in() if st.user.is_logged_in else STRANGER


def _find_signed_in() -> Person:
    known: tuple[float, Person] | None = st.session_state.get("access__person")
    if known is not None and time.monotonic() - known[0] < REMEMBERED_SECONDS:
        return known[1]
    from core.services import services

    user = st.user.to_dict()
    try:
        person = services().people.admit(
            str(user.get("iss", "")),
            str(user.get("sub", "")),
            name=str(user.get("name") or ""),
            email=str(user.get("email") or ""),
            confirmed=user.get("email_verified") is not False,
            issued=_read_time(user.get("iat")),
        )
    except SignInOverError:
        person = OVERDUE
    except NotAllowedError:
        person = STRANGER
    st.session_state["access__person"] = (time.monotonic(), person)
    return person


def _read_time(value: object) -> float | None:
    """A time that a provider told; None where it told none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def require_access() -> None:
    """Show the way in and stop the script, unless access is free or the visitor has it."""
    from core.services.permissions import set_identifier

    set_identifier(find_person)
    if GUESTS.closed:
        _require_guest()
    elif not has_login():
        _require_loopback()
    elif not st.user.is_logged_in:
        _draw_way_in("This server asks who you are before it shows anything.")
        st.stop()
    elif find_person() == OVERDUE:
        _draw_way_in("Your sign-in is over. Sign in again; your drafts and what runs are still there.")
        st.stop()
    elif find_person() == STRANGER:
        _draw_way_in("You are signed in, and an admin of this server has closed it to you.", leave=True)
        st.stop()
    if not find_person().role.includes(Role.ANALYST):
        st.caption(":material/visibility: You look as a viewer: everything can be opened, nothing is changed.")


def sign_out() -> None:
    """Sign the person out, and write it down."""
    from core.services import services

    services().rooms.acts.record("sign-out", find_person().name)
    st.logout()


def _draw_way_in(words: str, *, leave: bool = False) -> None:
    with st.container(horizontal_alignment="center"):
        st.space("large")
        st.title("Stratloop", text_alignment="center")
        st.caption(words, text_alignment="center")
        if leave:
            st.button("Sign out", key="gate_logout", icon=":material/logout:", on_click=sign_out)
        else:
            st.button("Sign in", key="gate_login", type="primary", icon=":material/login:", on_click=st.login)


def _require_guest() -> None:
    """Stop the script for a tab whose guest was sent away, or whose time is over."""
    if find_person() == STRANGER:
        over = GUESTS.is_over(st.context.cookies.get(COOKIE, ""))
        st.error(OVER_WORDS if over else "You were sent away. Ask whoever runs the server for a new link.")
        st.stop()


def _require_loopback() -> None:
    """Stop the script where the server listens beyond this machine: nobody set up a login, so nobody enters."""
    if not is_loopback(str(st.get_option("server.address") or "127.0.0.1")):
        st.error("This server is reached from beyond its machine, and nobody has set up a login: it answers nobody.")
        st.stop()
