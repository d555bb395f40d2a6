"""Showing a run, a comparison or a workflow to others: one button, and beside it who sees it now. A server of one's own has neither."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.people import EVERYBODY
from core.domain.run import Run
from core.domain.workbench import SavedWorkflow
from core.services import services
from core.services.sharing import Audience
from pages.components import formatting
from pages.components.fields import draw_choices

Act = Callable[..., object]


def draw_share_run(run: Run, *, key: str) -> None:
    """Draw who sees a run, and the button that shows it to everybody."""
    sharing = services().sharing
    if not sharing.is_for_several():
        return
    share, hide = partial(sharing.share_run, run.id), partial(sharing.hide_run, run.id)
    _draw(sharing.describe_run(run.id), share, hide, f"{key}_share_{run.id}")


def draw_share_workflow(saved: SavedWorkflow, *, key: str) -> None:
    """Draw who sees a saved workflow, and the button that shows it to everybody."""
    sharing = services().sharing
    if not sharing.is_for_several():
        return
    share = partial(sharing.share_workflow, saved.name, owner=saved.owner)
    hide = partial(sharing.hide_workflow, saved.name, owner=saved.owner)
    audience = sharing.describe_workflow(saved.name, owner=saved.owner)
    _draw(audience, share, hide, f"{key}_share_{saved.owner}_{saved.name}")


def draw_share_comparison(runs: Sequence[Run], *, key: str) -> None:
    """Draw who sees the runs of a comparison, and the button that shows to everybody those that are one's own."""
    sharing = services().sharing
    if not sharing.is_for_several():
        return
    seen = {run.id: sharing.describe_run(run.id) for run in runs}
    hidden = [run_id for run_id, audience in seen.items() if not audience.everybody]
    mine = [run_id for run_id in hidden if seen[run_id].mine]
    if mine:
        st.button(
            "Share",
            key=f"{key}_share",
            icon=":material/group_add:",
            help="Show your runs in it to everybody on this server; they open it by its link.",
            on_click=_act,
            args=(partial(sharing.share_runs, mine), EVERYBODY),
        )
    with st.popover("Who sees it", icon=":material/visibility:", key=f"{key}_audience"):
        if not hidden:
            st.write("Everybody on this server sees all of it.")
        for run_id, audience in seen.items():
            st.markdown(f"Run {run_id}: {formatting.escape(audience.words)}")


def _draw(audience: Audience, share: Act, hide: Act, key: str) -> None:
    if audience.mine and not audience.everybody:
        help_ = "Show it to everybody on this server: they see it, and change nothing."
        st.button("Share", key=f"{key}_all", icon=":material/group_add:", help=help_, on_click=_act, args=(share, EVERYBODY))
    with st.popover(_name(audience), icon=":material/visibility:", key=f"{key}_audience"):
        st.write(formatting.escape(audience.words))
        if not audience.mine:
            return
        others = {one.id: one.name for one in services().sharing.list_others() if one.id != audience.owner}
        shown = {one.id for one in audience.people}
        if others and not audience.everybody:
            chosen = draw_choices(
                "Show it to",
                [one for one in others if one not in shown],
                key=f"{key}_people",
                format_func=lambda person: formatting.escape(others[person]),
                placeholder="Somebody by name",
            )
            st.button("Show it to them", key=f"{key}_named", disabled=not chosen, on_click=_act_for_each, args=(share, list(chosen)))
        if audience.everybody or shown:
            st.button("Show it to nobody else", key=f"{key}_none", icon=":material/visibility_off:", on_click=_act, args=(hide, None))


def _name(audience: Audience) -> str:
    if audience.everybody:
        return "Everybody sees it"
    count = len(audience.people)
    return f"{count} see{'s' if count == 1 else ''} it" if count else "Only you see it" if audience.mine else "Shown to you"


def _act_for_each(act: Act, people: Sequence[str]) -> None:
    for person in people:
        _act(act, person)


def _act(act: Act, person: str | None) -> None:
    try:
        act(person)
    except StratloopError as error:
        st.toast(formatting.escape(str(error)), icon=":material/error:")
