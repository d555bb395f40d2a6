"""The state of a session as fields look into it: one value is read where one is asked for.

A field of Streamlit looks whether its own value was cleared, and to do so has the values of all fields of the session put together. On a
page of many fields that is a fifth of the drawing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

PREFIX = "$$"
"""Begin of keys of Streamlit's own."""


class LeanState(Mapping[str, Any]):
    """Values of a session by their names; put together only for who goes through all of them."""

    def __init__(self, state: Any, gather: Callable[[Any], Mapping[str, Any]]) -> None:
        self._state = state
        self._gather = gather

    def __getitem__(self, key: str) -> Any:
        if key.startswith(PREFIX):
            return self._gather(self._state)[key]
        return self._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._gather(self._state))

    def __len__(self) -> int:
        return len(self._gather(self._state))


def read_state_lean(states: type[Any]) -> None:
    """Let the states of sessions, Streamlit's `SafeSessionState`, be read one value at a time. Done twice it is done once."""
    gather = states.filtered_state.fget
    if getattr(gather, "reads_lean", False):
        return

    def filtered_state(self: Any) -> Mapping[str, Any]:
        return LeanState(self, gather)

    filtered_state.reads_lean = True  # type: ignore[attr-defined]
    states.filtered_state = property(filtered_state)
