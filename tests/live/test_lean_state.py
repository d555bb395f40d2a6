"""Fields look into the state of a session one value at a time, and see what they would see in all of it."""

from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from pages.live.lean_state import LeanState, read_state_lean


class Sessions(SafeSessionState):
    """States of a kind of their own, so that no other test reads lean."""


def make_state() -> SafeSessionState:
    read_state_lean(Sessions)
    state = Sessions(SessionState(), lambda: None)
    for key, value in {"driving_cash": 5.0, "driving_symbol": None, "$$STREAMLIT_INTERNAL_KEY_x": 1}.items():
        state[key] = value
    return state


def test_a_value_is_found_and_a_cleared_one_and_neither_is_one_that_is_not_there() -> None:
    seen = make_state().filtered_state

    assert isinstance(seen, LeanState)
    assert seen["driving_cash"] == 5.0
    assert "driving_symbol" in seen
    assert seen["driving_symbol"] is None
    assert "driving_loops" not in seen


def test_all_of_it_is_what_streamlit_puts_together() -> None:
    state = make_state()

    assert dict(state.filtered_state) == state._state.filtered_state == {"driving_cash": 5.0, "driving_symbol": None}
    assert "$$STREAMLIT_INTERNAL_KEY_x" not in state.filtered_state


def test_states_that_are_prepared_twice_are_read_as_those_prepared_once() -> None:
    state = make_state()
    read_state_lean(Sessions)

    assert len(state.filtered_state) == 2
