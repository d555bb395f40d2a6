"""One answer of a model on its way: prompt beforehand, text as it arrives, code into the editor at the end.

The work belongs to the run worker: closing the tab loses nothing.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.events import LogEvent, ReasoningEvent, StageEvent, TextEvent
from core.domain.run import Run, RunKind, RunPlan, Status
from core.report import labels
from core.report.call_costs import format_cost
from core.report.number_format import format_dollars, format_duration
from core.report.sentences import describe_memory_of_bars
from core.services import services
from pages.components import cached_queries, editor, formatting, frame
from pages.components.person_cache import cache_data
from pages.components.plan_rules import PlanForm

POLL_SECONDS = 0.5


def draw_prompt_button(form: PlanForm) -> None:
    """Draw the button that shows the prompt and its size before anything is spent."""
    if st.button("Show the prompt", key="code_prompt", icon=":material/description:", width="stretch", type="tertiary"):
        show_prompt_dialog(form)


@st.dialog("The prompt", width="large")
def show_prompt_dialog(form: PlanForm) -> None:
    """The first prompt of the plan, as plain text."""
    plan = form.build_plan()
    if plan is None:
        st.caption("Put the marked fields right first.")
        return
    try:
        prompt = services().models.render_prompt(plan)
    except StratloopError as error:
        frame.show_problem(error)
        return
    st.caption(f"About {prompt.tokens:,} tokens. The first part never changes, so that providers can cache it. No key is in it.")
    system, user = st.tabs(["This loop", "Constant part"])
    with system:
        st.code(prompt.user, language=None, wrap_lines=True, height=460)
    with user:
        st.code(prompt.system, language=None, wrap_lines=True, height=460)


@cache_data(ttl=120, max_entries=64, show_spinner=False)
def _estimate(plan_json: str) -> tuple[float, float] | None:
    return services().models.estimate_cost(RunPlan.model_validate_json(plan_json))


def draw_estimate(plan: RunPlan | None) -> None:
    """Draw the probable cost of a run before it is started; nothing for free models, and while the plan is not complete."""
    if plan is None or services().models.describe_model(plan.model.id).free:
        return
    try:
        found = _estimate(plan.model_dump_json())
    except StratloopError:
        return  # the same plan is refused in words when it is started
    if found is None:
        st.caption(":orange[:material/help: The price of this model is unknown, so the cost cannot be estimated.]")
        return
    expected, most = found
    st.caption(formatting.escape(f"Probably {format_dollars(expected)}, at most about {format_dollars(most)}; caps are in Settings."))


def draw_generation(page: str, *, apart: Collection[str] = ()) -> None:
    """The generation that this tab started, or that is going on anyway (but none of `apart`); nothing when there is none."""
    run = _find_run(page, apart)
    if run is None:
        return
    every = None if run.status.finished else POLL_SECONDS
    st.fragment(_panel, run_every=every)(run.id, page, live=every is not None)


def _find_run(page: str, apart: Collection[str]) -> Run | None:
    identity = st.session_state.get(f"{page}_run")
    if identity is None:
        waiting = [run for run in services().store.list_open_runs() if run.kind is RunKind.GENERATE and run.id not in apart]
        if not waiting:
            return None
        identity = st.session_state[f"{page}_run"] = waiting[-1].id
    try:
        return services().store.read_run(identity)
    except StratloopError:
        del st.session_state[f"{page}_run"]
        return None


def _panel(run_id: str, page: str, *, live: bool) -> None:
    run = services().store.read_run(run_id)
    if run.status.finished:
        _load_answer(run, page)
        if live:
            st.rerun()
    with st.container(border=True, key=f"{page}_generation", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(labels.STATUS[run.status], icon=formatting.STATUS_ICON[run.status], color=formatting.STATUS_COLOR[run.status])
            st.caption(_describe_run(run), width="content")
            st.space("stretch")
            if run.status.finished:
                st.button("Close", key=f"{page}_generation_close", type="tertiary", icon=":material/close:", on_click=_close, args=(page,))
            else:
                st.button(
                    "Stop", key=f"{page}_generation_stop", icon=":material/stop_circle:", on_click=services().runs.cancel, args=(run.id,)
                )
        if run.status is Status.FAILED:
            _failure(run)
        if run.status is Status.COMPLETE and run.plan.model.is_language_model:
            with frame.show_errors():
                first = cached_queries.load_training_bars(run.plan).first.date()
                st.caption(formatting.escape(describe_memory_of_bars(run.plan.model, first)))
        if not run.status.finished:
            _draw_stream(read_stream(run_id))


@dataclass(frozen=True, slots=True)
class Stream:
    """The part of an answer that arrived so far."""

    text: str = ""
    reasoning: str = ""
    remark: str = ""
    """The last thing the platform said about it, for example why it waits."""
    seconds: float = 0.0
    """From the first piece to the last."""

    @property
    def rate(self) -> float | None:
        """Tokens a second, estimated at four letters a token; None before there is anything to divide."""
        letters = len(self.text) + len(self.reasoning)
        return letters / 4 / self.seconds if self.seconds > 0.5 and letters else None


def read_stream(run_id: str) -> Stream:
    """The pieces of a run's answer put together; a retry starts it afresh."""
    text: list[str] = []
    thoughts: list[str] = []
    remark, first, last = "", None, 0.0
    for event in services().store.list_events(run_id, limit=20_000):
        match event.body:
            case LogEvent() as told:
                remark = told.text
            case StageEvent() | TextEvent(afresh=True):
                text.clear()
                thoughts.clear()
                first = None
            case TextEvent() | ReasoningEvent() as told:
                (text if isinstance(told, TextEvent) else thoughts).append(told.text)
                last = event.created.timestamp()
                first = last if first is None else first
    return Stream("".join(text), "".join(thoughts), remark, last - first if first is not None else 0.0)


def _draw_stream(stream: Stream) -> None:
    stage = "Writing" if stream.text else "Thinking" if stream.reasoning else "Waiting for the first word"
    rate = f" · about {stream.rate:.0f} tokens a second" if stream.rate else ""
    st.caption(f"{stage}{rate}")
    if stream.remark:
        st.caption(formatting.escape(stream.remark))
    if stream.reasoning:
        with st.expander("Reasoning", icon=":material/psychology:"):
            st.code(stream.reasoning[-6000:], language=None, wrap_lines=True, height=200)
    if stream.text:
        st.code(stream.text[-6000:], language="python", height=260)


def _describe_run(run: Run) -> str:
    until = run.finished.timestamp() if run.finished else time.time()
    parts = [labels.label_model(run.plan.model.id), format_duration(max(until - run.created.timestamp(), 0.0))]
    done = services().store.list_iterations(run.id)
    if done:
        usage = done[-1].usage
        parts.append(format_cost(done))
        if usage.completion_tokens:
            parts.append(f"{usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out ({usage.source.value})")
    return formatting.escape(" · ".join(parts))


def _failure(run: Run) -> None:
    st.error(formatting.escape(run.message), icon=":material/error:")


def _load_answer(run: Run, page: str) -> None:
    """Put a finished answer into the editor, once."""
    if st.session_state.get(f"{page}_taken") == run.id:
        return
    st.session_state[f"{page}_taken"] = run.id
    done = services().store.list_iterations(run.id)
    if done and done[-1].code:
        source = services().workbench.find_source(run.id, done[-1].number)
        editor.load(done[-1].code, origin="generated", note=labels.label_model(run.plan.model.id), source=source)


def _close(page: str) -> None:
    st.session_state.pop(f"{page}_run", None)
