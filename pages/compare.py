"""Two to six iterations of any runs side by side: which one, why, and what cannot be told apart. The address holds all choices."""

from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from core.domain.errors import InputError, StratloopError
from core.domain.history import ReadableRows, UnreadableRowError
from core.domain.metrics import Metrics
from core.domain.run import Run
from core.report import labels
from core.report.comparison import MOST_PARTICIPANTS, Comparison, Participant, ParticipantKind
from core.report.comparison_rows import describe_look_cost
from core.report.figures import LEAD_FIGURES
from core.services import services
from pages.components import cached_queries, compare_details, formatting, frame, iteration_view
from pages.components.compare_charts import ComparedCurve, draw_over_time, extend_curve, find_shared_hold_out, read_marked_days
from pages.components.copy_link import draw_copy_link
from pages.components.decision_table import draw_decision_table, shorten
from pages.components.fields import draw_choice, draw_choices
from pages.components.navigation import put_in_address, screen
from pages.components.participant_chips import draw_participant_chips
from pages.components.report_buttons import draw_report_buttons
from pages.components.share_button import draw_share_comparison
from pages.components.theme_colors import color_participants, is_dark


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything that the address says."""

    identities: tuple[str, ...]
    baseline: str
    span: tuple[date | None, date | None]


def read_identities() -> list[str]:
    """Read the ids `run:number` in the address, at most six, each once."""
    text = st.query_params.get("it", "")
    return list(dict.fromkeys(part for part in text.split(",") if part))[:MOST_PARTICIPANTS]


def count_left_out() -> int:
    """Count the ids in the address that are too many."""
    return len({part for part in st.query_params.get("it", "").split(",") if part}) - MOST_PARTICIPANTS


def store_identities(identities: list[str]) -> None:
    """Put a choice into the address."""
    put_in_address("it", ",".join(identities[:MOST_PARTICIPANTS]))


def read_day(name: str) -> date | None:
    """Read a day from the address; None without one that can be read."""
    try:
        return date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None


def find_known(identities: list[str]) -> list[str]:
    """Find the iterations that exist; says which ones do not."""
    known: list[str] = []
    runs: dict[str, Run] = {}
    for identity in identities:
        run_id, _, number = identity.partition(":")
        try:
            run = runs.get(run_id) or services().store.read_run(run_id)
            runs[run_id] = run
            cached_queries.load_compared(run, int(number))
        except UnreadableRowError as error:
            st.warning(formatting.escape(str(error)), icon=":material/visibility_off:")
            continue
        except (StratloopError, ValueError):
            st.warning(f"“{formatting.escape(identity[:80])}” names no iteration that is stored here.", icon=":material/search_off:")
            continue
        if (name := f"{run.id}:{int(number)}") in known:
            st.caption(f"{formatting.escape(name)} is named twice in the address, and stands here once.")
            continue
        known.append(name)
    return known


def add() -> None:
    """Take the chosen iterations into the comparison."""
    run_id, numbers = st.session_state.get("compare_run"), st.session_state.get("compare_numbers") or []
    store_identities([*read_identities(), *(identity for number in numbers if (identity := f"{run_id}:{number}") not in read_identities())])
    st.session_state["compare_numbers"] = []


def remove(identity: str) -> None:
    """Take an iteration out of the comparison."""
    store_identities([one for one in read_identities() if one != identity])


def draw_chooser(count: int) -> None:
    """Fields that add iterations of a run."""
    newest = services().store.list_runs(limit=50)
    frame.draw_left_out(newest)
    runs = {run.id: run for run in newest if run.iterations}
    if not runs:
        st.caption("No run has a finished iteration yet.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = draw_choice("Run", list(runs), key="compare_run", format_func=lambda identity: format_run_label(runs[identity]))
        stored = services().store.list_iterations(run_id) if run_id else ReadableRows()
        iterations = {one.number: one for one in stored}
        draw_choices(
            "Iterations",
            list(iterations),
            key="compare_numbers",
            max_selections=max(MOST_PARTICIPANTS - count, 1),
            format_func=lambda number: format_iteration_label(
                number, iterations[number].metrics, labels.label_iteration(iterations[number])
            ),
            placeholder="Choose iterations",
        )
        full = count >= MOST_PARTICIPANTS
        st.button(
            "Add",
            key="compare_add",
            icon=":material/add:",
            on_click=add,
            disabled=full,
            help="Six are compared already: remove one first." if full else None,
        )
    frame.draw_left_out(stored)


def format_run_label(run: Run) -> str:
    """A run in a list."""
    return f"{run.plan.workflow.name or 'untitled'} · {formatting.format_asset(run)} · {formatting.format_moment(run.created)} · {run.id}"


def format_iteration_label(number: int, metrics: Metrics | None, verdict: str) -> str:
    """An iteration in a list."""
    sharpe = LEAD_FIGURES[0]
    return f"{number} · {verdict}" if sharpe.read(metrics) is None else f"{number} · {sharpe.short} {sharpe.format_from(metrics)}"


def suggest_of_last_run() -> list[str]:
    """Suggest the best iteration and the workflow as written of the newest run that has both."""
    for run in services().store.list_runs(limit=20):
        if run.best not in (None, 0) and run.iterations > 1:
            return [f"{run.id}:{run.best}", f"{run.id}:0"]
    return []


def draw_empty_choice() -> None:
    """Draw what to do while fewer than two are chosen."""
    actions = frame.draw_empty_state(
        "Choose two to six iterations",
        "Of one run or of several: every iteration of LLM driving and every backtest from the editor can take part. "
        "The address of this page then holds your choice, so you can keep or send it.",
        icon=":material/compare_arrows:",
    )
    if suggested := suggest_of_last_run():
        actions.button(
            "Best and as written of your last run", key="compare_suggest", type="primary", on_click=store_identities, args=(suggested,)
        )
    if services().store.count_runs():
        actions.page_link(screen("library"), label="Find a run in the library", icon=":material/history:")
    else:
        actions.page_link(screen("home"), label="Run the sample first", icon=":material/play_arrow:")


def draw_chips(choice: Choice, found: Comparison, colors: dict[str, str]) -> None:
    """Draw who takes part, in one line."""
    gone, opened = draw_participant_chips(found.columns, colors=colors, dark=is_dark(), key=f"compare_chips_{len(choice.identities)}")
    if gone:
        remove(gone)
        st.rerun()
    if opened:
        run_id, _, number = opened.partition(":")
        st.session_state[f"driving_opened_{run_id}"] = int(number)
        st.switch_page(screen("driving"), query_params={"run": run_id})


def draw_words(found: Comparison) -> None:
    """Draw what cannot be told apart, above the table."""
    for warning in found.warnings:
        st.warning(formatting.escape(warning), icon=":material/info:")
    if not found.sentences:
        return
    with st.container(border=True, gap="xsmall", key="compare_words"):
        st.markdown(f"**{formatting.escape(found.sentences[0])}**")
        for sentence in found.sentences[1:]:
            st.caption(formatting.escape(sentence))


def draw_table(choice: Choice, participants: tuple[Participant, ...], found: Comparison, colors: dict[str, str]) -> None:
    """Draw the decision table with what it is set against."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_switches"):
        names = {one.id: one.name for one in participants}
        if found.same_bars:
            picked = st.selectbox(
                "Distances from", list(names), index=list(names).index(found.baseline), format_func=names.__getitem__, width=260
            )
            if picked != found.baseline:
                put_in_address("base", picked)
                st.rerun()
        differences = st.toggle("Differences only", value=st.query_params.get("all") != "1")
        put_in_address("all", "" if differences else "1")
        bars = st.toggle("Small bars", value=st.query_params.get("bars") != "0")
        put_in_address("bars", "" if bars else "0")
    looked = draw_decision_table(
        found, colors=colors, dark=is_dark(), differences_only=differences, bars=bars, key=f"compare_table_{len(choice.identities)}"
    )
    if looked:
        confirm_look(looked, next((one.name for one in participants if one.id == looked), looked), participants)


@st.dialog("Look at the hold-out?")
def confirm_look(identity: str, name: str, participants: tuple[Participant, ...]) -> None:
    """Say what a look costs before it is taken: it cannot be taken back."""
    run = next(one.run for one in participants if one.id == identity)
    looks = run.hold_out.looks if run.hold_out else 0
    st.markdown(f"**{formatting.escape(name)}** was not looked at when its run was over, so its figures there are locked.")
    st.markdown(describe_look_cost(looks))
    st.caption("It is kept with the run and counted for these bars, by whatever name they go. Do not choose by it.")
    if st.button("Look, and count it", key="compare_look", type="primary", icon=":material/lock_open:"):
        with frame.show_errors(), st.spinner("Running it bar by bar on the hold-out"):
            services().comparisons.look(identity)
            st.rerun()


def put_span(first: str, last: str) -> None:
    """Put a part of the bars into the address, as the days that it begins and ends with; empty for the ends of the bars."""
    put_in_address("from", first)
    put_in_address("to", last)


def follow_brush() -> None:
    """Take over the stretch that was marked on the chart: tables and charts are of it alone then."""
    if marked := read_marked_days(st.session_state.get("compare_over_time")):
        put_span(marked[0].isoformat(), marked[1].isoformat())


def draw_dates(participants: tuple[Participant, ...], choice: Choice) -> None:
    """Draw the field for the part of the bars that tables and charts are measured on."""
    runs = {one.run.id: one.run for one in participants if one.bars is not None}
    ends = [cached_queries.find_training_days(run.plan) for run in runs.values()]
    if not ends:
        return
    first, last = min(span[0] for span in ends), max(span[1] for span in ends)
    if first >= last:
        return
    now = (max(choice.span[0] or first, first), min(choice.span[1] or last, last))
    now = now if now[0] < now[1] else (first, last)
    picked = st.slider("Part of the training bars", first, last, value=now, format="YYYY-MM-DD")
    if picked != now:
        put_span(picked[0].isoformat() if picked[0] > first else "", picked[1].isoformat() if picked[1] < last else "")
        st.rerun()
    if choice.span != (None, None):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                ":material/content_cut: Figures of training, charts, trades and months are of this part of the bars alone; "
                "luck is not judged on parts.",
                width="stretch",
            )
            st.button(
                "All training bars", key="compare_whole", icon=":material/fit_width:", type="tertiary", on_click=put_span, args=("", "")
            )


def draw_time(participants: tuple[Participant, ...], choice: Choice, colors: dict[str, str]) -> None:
    """Draw the charts over time."""
    curves = {one.id: curve for one in participants if (curve := build_curve(one, colors[one.id])) is not None}
    if not curves:
        st.caption("The bars of these runs cannot be had any more, so there are no curves to draw over time.")
        return
    held = find_shared_hold_out(participants) if choice.span == (None, None) else None
    with st.container(horizontal=True, vertical_alignment="center"):
        log = st.toggle("Logarithmic", value=st.query_params.get("log") != "0")
        put_in_address("log", "" if log else "0")
        if held is not None and held.moments:
            further = st.toggle("With the hold-out", value=st.query_params.get("held") != "0", help="Of those that were looked at there.")
            put_in_address("held", "" if further else "0")
            if further:
                curves = {one.id: extend_curve(curves[one.id], one) for one in participants if one.id in curves}
    draw_over_time(list(curves.values()), log=log, dark=is_dark(), key="compare_over_time", on_mark=follow_brush)


def build_curve(one: Participant, color: str) -> ComparedCurve | None:
    """Build the curves of one participant; None without bars."""
    if one.bars is None or one.equity is None:
        return None
    return ComparedCurve(
        name=one.name,
        color=color,
        time=one.bars.time,
        growth=one.equity / one.start_value,
        position=one.position,
        sharpe=compare_details.compute_rolling_sharpe(one),
        dashed=one.kind is ParticipantKind.MARKET,
        short=shorten(one.id, one.kind),
    )


def draw_downloads(choice: Choice, participants: tuple[Participant, ...]) -> None:
    """Draw what can be taken away of each iteration.

    A report is made of the chosen ones, on the chosen part of the bars. It puts workflow and market beside them itself: with these
    counted, six would be too many.
    """
    draw_report_buttons(
        lambda markdown: services().reports.render_comparison(
            choice.identities, baseline=choice.baseline, span=choice.span, markdown=markdown
        ),
        file="stratloop_comparison",
        key="compare",
    )
    with st.popover("Export and edit", icon=":material/download:"):
        for one in participants:
            if one.detail is None:
                continue
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{formatting.escape(one.name)}**")
                iteration_view.draw_edit_button(one.run, one.detail.iteration, key="compare")
                if one.detail.iteration.metrics is not None:
                    iteration_view.draw_export_buttons(one.run, one.detail.iteration, key="compare")


def gather_part(choice: Choice) -> tuple[tuple[Participant, ...], Comparison, Choice]:
    """Gather the participants on the chosen part of the bars; on all of them, and said so, where that part holds none."""
    wanted = cached_queries.find_compared(choice.identities, choice.span)
    try:
        return cached_queries.gather_participants(wanted), cached_queries.build_comparison(wanted, choice.baseline), choice
    except InputError as error:
        if choice.span == (None, None):
            raise
        frame.show_problem(error)
        st.button("All training bars", key="compare_back", icon=":material/fit_width:", on_click=put_span, args=("", ""))
        return gather_part(replace(choice, span=(None, None)))


def draw_comparison(known: list[str], actions: "st.delta_generator.DeltaGenerator") -> None:
    """Draw everything about the chosen iterations."""
    choice = Choice(tuple(known), st.query_params.get("base", ""), (read_day("from"), read_day("to")))
    participants, found, choice = gather_part(choice)
    colors = color_participants(participants)
    with actions:
        draw_copy_link(key="compare_link")
        draw_share_comparison(list({one.run.id: one.run for one in participants if one.run is not None}.values()), key="compare")
        draw_downloads(choice, participants)
    draw_chips(choice, found, colors)
    draw_words(found)
    draw_table(choice, participants, found, colors)
    with st.container(border=True):
        draw_dates(participants, choice)
        draw_time(participants, choice, colors)
    compare_details.draw_details(participants, colors)


actions = frame.draw_header("Compare", ":material/compare_arrows:")
known = find_known(read_identities())
if (more := count_left_out()) > 0:
    st.warning(f"The address names {more} more than can be compared: the first {MOST_PARTICIPANTS} are shown.", icon=":material/info:")
with st.expander("Add iterations", icon=":material/add:", expanded=len(known) < 2, key="compare_chooser"):
    draw_chooser(len(known))
if not known:
    draw_empty_choice()
else:
    if len(known) == 1:
        st.caption("One iteration is chosen. It stands beside the workflow as written and buy and hold; add others above.")
    with frame.show_errors():
        draw_comparison(known, actions)
    frame.draw_risk_line()
