"""A person's own marks: star, note and tags of a run; an iteration kept as a strategy; the list of what is kept."""

from collections.abc import Iterable

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.iteration import Iteration
from core.domain.remark import MOST_WORDS, KeptStrategy, RunRemark
from core.domain.run import Run
from core.report import labels
from core.report.figures import LEAD_FIGURES
from core.services import services
from pages.components import cached_queries, formatting, frame
from pages.components.fields import bind, draw_choices, draw_switch, draw_text
from pages.components.navigation import screen


def draw_marks_button(run: Run, known_tags: Iterable[str], *, key: str) -> None:
    """Draw the star, the note and the tags of a run; each is kept as it is changed."""
    said = services().remarks.read_remark(run.id)
    with st.popover("Star, note, tags", icon=":material/star:" if said.starred else ":material/star_border:", key=f"{key}_marks"):
        starred, note, tags = (f"{key}_{name}_{run.id}" for name in ("starred", "note", "tags"))
        draw_switch("Starred", key=bind(starred, said.starred), on_change=_save, args=(run.id, "starred", starred))
        draw_text("Note", key=bind(note, said.note), max_chars=MOST_WORDS, on_change=_save, args=(run.id, "note", note))
        draw_choices(
            "Tags",
            sorted({*known_tags, *said.tags}),
            key=bind(tags, list(said.tags)),
            accept_new_options=True,
            placeholder="Choose or type",
            on_change=_save,
            args=(run.id, "tags", tags),
        )


def _save(run_id: str, part: str, key: str) -> None:
    value = st.session_state[key]
    if value is not None:
        services().remarks.save_remark(run_id, **{part: value})


def draw_keep_button(run: Run, iteration: Iteration, *, key: str) -> None:
    """Draw the way to keep an iteration as a strategy, with a name and a note."""
    identity = f"{key}_keep_{run.id}_{iteration.number}"
    with st.popover("Save as strategy", icon=":material/bookmark_add:", key=identity), st.form(f"{identity}_form", border=False):
        name = st.text_input("Name", value=run.plan.workflow.name, max_chars=120, key=f"{identity}_name")
        note = st.text_area("Note", max_chars=MOST_WORDS, height=80, key=f"{identity}_note", placeholder="Why it is worth keeping")
        pressed = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if pressed:
        try:
            kept = services().remarks.keep_strategy(run.id, iteration.number, name=name or "", note=note or "")
        except StratloopError as error:
            frame.show_problem(error)
        else:
            st.toast(f"“{formatting.escape(kept.name)}” stands in the library, under Strategies.", icon=":material/bookmark_added:")


def draw_strategies() -> None:
    """Draw every kept strategy with its run, its verdict and its note."""
    found = services().remarks.list_strategies()
    frame.draw_left_out(found)
    if not found:
        empty = frame.draw_empty_state(
            "No strategy is kept yet",
            "“Save as strategy” stands at every iteration that ran. What is kept stays here with its run, its verdict and your notes.",
            icon=":material/bookmark:",
        )
        empty.page_link(screen("driving"), label="Open LLM driving", icon=":material/autorenew:")
        return
    with st.grid(2, min_column_width=360):
        for kept in found:
            _draw_strategy(kept)


def _draw_strategy(kept: KeptStrategy) -> None:
    with st.container(border=True, height="stretch", gap="small"):
        try:
            run = services().store.read_run(kept.run_id)
            assessment = cached_queries.load_assessment(run, kept.iteration)
        except StratloopError as error:
            st.markdown(f"**{formatting.escape(kept.name)}**")
            frame.show_problem(error)
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{formatting.escape(kept.name)}**", width="stretch")
            if kept.iteration == run.best and assessment.verdict:
                st.badge(labels.CONCLUSION[assessment.verdict.verdict], color="gray")
            for tag in kept.tags:
                st.badge(formatting.escape_badge(tag), color="blue")
        metrics = assessment.metrics
        st.caption(formatting.escape(" · ".join(f"{figure.short} {figure.format_from(metrics)}" for figure in LEAD_FIGURES)))
        st.caption(f"{formatting.format_subject(run)} · iteration {kept.iteration} · {formatting.format_age(kept.created)}")
        if kept.note:
            st.text(kept.note)
        st.space("stretch")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(screen("driving"), label="Its run", icon=":material/autorenew:", query_params={"run": run.id})
            st.page_link(
                screen("compare"),
                label="Compare with the workflow",
                icon=":material/compare_arrows:",
                query_params={"it": f"{run.id}:{kept.iteration},{run.id}:0"},
            )
            st.button(
                "Forget",
                key=f"library_forget_{kept.run_id}_{kept.iteration}",
                type="tertiary",
                icon=":material/delete:",
                help="Takes it out of this list. The run and its program stay.",
                on_click=services().remarks.forget_strategy,
                args=(kept,),
            )


def collect_tags(remarks: Iterable[RunRemark]) -> list[str]:
    """Collect every tag that is in use."""
    return sorted({tag for remark in remarks for tag in remark.tags})
