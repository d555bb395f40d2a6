"""Evidence on a run's winner as tiles, drawn in the browser from `core.report.evidence_tiles`; they fill while a look goes on."""

import streamlit as st

from core.domain.run import Run
from core.report.evidence_tiles import list_tiles
from core.report.number_format import format_count, format_duration
from core.services import services
from core.services.verifications import DEFAULT_ROUNDS
from pages.components import cached_queries, formatting, frame
from pages.components.browser_code import read_browser_code
from pages.components.theme_colors import is_dark

POLL_SECONDS = 1.0
MORE_ROUNDS = 39

_draw = st.components.v2.component(
    "stratloop_evidence_tiles",
    html=read_browser_code("evidence_tiles.html"),
    css=read_browser_code("evidence_tiles.css"),
    js=read_browser_code("lock.js", "evidence_tiles.js"),
)


def draw_evidence(run: Run, *, key: str) -> None:
    """Draw the tiles of a finished run with what begins, or stops, a closer look; refreshes itself while one goes on."""
    look = services().verifications.find(run.id)
    going = look is not None and look.running
    st.fragment(_panel, run_every=POLL_SECONDS if going else None)(run.id, key, going=going)


def _panel(run_id: str, key: str, *, going: bool) -> None:
    run = services().store.read_run(run_id)
    look = services().verifications.find(run_id)
    if going and (look is None or not look.running):
        st.rerun()
    told = look.progress if look is not None and look.running else None
    found = cached_queries.load_assessment(run)
    iterations = services().store.list_iterations(run_id)
    step, done, total = (told.step, told.done, told.total) if told else ("", 0, 0)
    tiles = list_tiles(found, run, iterations, running=step, done=done, total=total)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_looks"):
        st.header("Evidence", anchor=False, width="content")
        waiting = sum(tile.state in ("not looked at", "running") for tile in tiles)
        st.caption(f"{len(tiles) - waiting} of {format_count(len(tiles), 'tile')} filled", width="content")
        st.space("stretch")
        if look is not None and told is not None:
            left = look.estimate_seconds_left()
            ahead = f", about {format_duration(round(left))} left" if left else ""
            st.caption(f"{told.step}, {told.done} of {told.total}{ahead}" if told.total else told.step, width="content")
            st.button("Stop", key=f"{key}_look_stop", icon=":material/stop_circle:", on_click=services().verifications.stop, args=(run_id,))
        else:
            _begin(run_id, key)
    if look is not None and look.problem:
        st.error(formatting.escape(look.problem), icon=":material/error:")
    data = {"tiles": [tile.model_dump(mode="json") for tile in tiles], "dark": is_dark()}
    _draw(data=data, key=f"{key}_tiles")


def _begin(run_id: str, key: str) -> None:
    rounds = st.selectbox(
        "Placebo loops",
        [DEFAULT_ROUNDS, 0, MORE_ROUNDS],
        format_func=lambda count: f"{count} placebo loops" if count else "Without placebo",
        key=f"{key}_look_rounds",
        label_visibility="collapsed",
        width=190,
    )
    if st.button("Look closer", key=f"{key}_look_begin", icon=":material/troubleshoot:"):
        begin_look(run_id, rounds=rounds)


def begin_look(run_id: str, *, rounds: int = DEFAULT_ROUNDS) -> None:
    """Begin a closer look in the background, and draw it."""
    with frame.show_errors():
        services().verifications.begin(run_id, rounds=rounds)
        st.rerun()
