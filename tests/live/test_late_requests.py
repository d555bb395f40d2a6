"""A tab's request for a part of a page that it has left is dropped; every other request is answered."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager

from pages.live.late_requests import drop_late_requests


def make_sessions() -> type:
    """A kind of session that keeps what it is asked to draw."""

    @dataclass
    class Session:
        _pages_manager: object = field(default_factory=lambda: SimpleNamespace(current_page_script_hash="compare"))
        drawn: list[ClientState | None] = field(default_factory=list)

        def request_rerun(self, client_state: ClientState | None) -> None:
            self.drawn.append(client_state)

    drop_late_requests(Session)
    return Session


@pytest.mark.parametrize(
    ("request_", "answered"),
    [
        (ClientState(fragment_id="tiles", page_script_hash="driving", is_auto_rerun=True), False),
        (ClientState(fragment_id="tiles", page_script_hash="driving"), False),
        (ClientState(fragment_id="charts", page_script_hash="compare"), True),
        (ClientState(page_script_hash="driving"), True),
        (ClientState(fragment_id="tiles"), True),
        (None, True),
    ],
    ids=["by itself", "by hand", "of this page", "another page", "of no page", "the server's own"],
)
def test_only_a_part_of_another_page_is_not_drawn(request_: ClientState | None, answered: bool) -> None:
    session = make_sessions()()

    session.request_rerun(request_)

    assert session.drawn == ([request_] if answered else [])


def test_a_request_is_answered_once_however_often_sessions_are_prepared() -> None:
    sessions = make_sessions()
    drop_late_requests(sessions)
    session = sessions()

    session.request_rerun(None)

    assert session.drawn == [None]


def test_sessions_still_keep_what_is_asked_of_them_where_it_is_looked_for(tmp_path: object) -> None:
    assert callable(AppSession.request_rerun)
    assert PagesManager("shell.py").current_page_script_hash == ""
    assert "_pages_manager" in AppSession.__init__.__code__.co_names
