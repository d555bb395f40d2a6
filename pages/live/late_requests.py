"""Requests of a tab for a part of the page that it has left meanwhile: they are dropped.

A part that redraws itself every few seconds names the page that its tab shows. Such a request that is still on its way when the server
already draws another page would be answered under the old page's name, and the tab would then take away everything of the new one.
"""

from typing import Any


def is_late(fragment: str, asked: str, shown: str) -> bool:
    """True for a request for a part of the page `asked` while the session is at the page `shown`; both are hashes, empty when unknown.

    >>> is_late("part", "driving", "compare"), is_late("part", "compare", "compare"), is_late("", "driving", "compare")
    (True, False, False)
    """
    return bool(fragment and asked and shown and asked != shown)


def drop_late_requests(sessions: type[Any]) -> None:
    """Let sessions, Streamlit's `AppSession`, drop late requests. Done twice it is done once."""
    answer = sessions.request_rerun
    if getattr(answer, "drops_late_requests", False):
        return

    def request_rerun(self: Any, client_state: Any) -> None:
        if client_state is not None:
            shown = self._pages_manager.current_page_script_hash
            if is_late(client_state.fragment_id, client_state.page_script_hash, shown):
                return
        answer(self, client_state)

    request_rerun.drops_late_requests = True  # type: ignore[attr-defined]
    sessions.request_rerun = request_rerun
