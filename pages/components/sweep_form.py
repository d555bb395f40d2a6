"""The form of a sweep: workflow, instruments, timeframes, the numbers that vary and how their points are chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from core import language
from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.cost_words import apply_usual_costs
from core.domain.errors import InputError, Severity
from core.domain.instrument import Listing, Timeframe
from core.domain.run import RunPlan
from core.domain.sweep import MOST_GUIDED, MOST_POINTS, Axis, SweepPlan, SweepSearch, build_axis, propose_axis
from core.domain.workflow import Parameter
from core.report import labels
from pages.components import cached_queries, form_state, picker, plan_rules
from pages.components.asset import EARLIEST, LATEST, find_only_match, name_with_source
from pages.components.fields import draw_choices, draw_date, draw_number, draw_segments
from pages.components.plan_fields import get_label
from pages.components.plan_form import CASH
from pages.components.plan_rules import PlanForm
from pages.components.problem_words import describe_problem

PAGE = "sweep"
OFFERED = 20
SEARCHES = {word: search for search, word in labels.SEARCH.items()}
SEARCH_WORDS = {
    SweepSearch.GRID: "Every point of the grid.",
    SweepSearch.RANDOM: "So many points of the grid, drawn at random.",
    SweepSearch.GUIDED: "So many points, each chosen by the built-in optimizer from the scores before it.",
}
DEFAULTS: dict[str, Any] = {
    "workflow": None,
    "symbols": ["AAPL"],
    "timeframes": [Timeframe.D1.value],
    "start": date(2003, 1, 1),
    "end": date(2010, 12, 31),
    "choice": "Grid",
    "points": 100,
    "cash": CASH.default,
    **plan_rules.DEFAULTS,
}
"""Value of a field before anybody touched it."""
FIRST_CHOSEN = 2
"""Numbers that are chosen before anybody has."""


@dataclass(frozen=True, slots=True)
class SweepForm:
    """Values read from the fields."""

    plans: tuple[RunPlan, ...]
    """One for each series of bars; none while a field is empty or wrong."""
    form: PlanForm


def draw_sweep_form() -> SweepForm:
    """Draw the fields `sweep_...`; says at the field what is wrong."""
    form_state.restore(PAGE, DEFAULTS)
    form = PlanForm()
    form.workflow = picker.draw_workflow_field(PAGE, picker.load_workflow_options(st.session_state.get("sweep_workflow")))
    free = _list_free_numbers(form)
    listings = _draw_symbols(form)
    frames = draw_choices(
        "Timeframes", [one.value for one in Timeframe], key="sweep_timeframes", format_func=lambda value: labels.TIMEFRAME[Timeframe(value)]
    )
    if not frames:
        form.mark("sweep_timeframes", "Choose at least one length of a bar.")
    start, end = _draw_dates(form)
    axes = _draw_axes(free, form)
    search, points = _draw_search()
    with st.expander("More settings", key="sweep_more", icon=":material/tune:"):
        cash = CASH.draw(PAGE)
        plan_rules.draw_rules(PAGE, form)
        st.caption("Costs are those that are usual for each instrument.")
    names = [name for one in free for name in _fields(one.name)]
    form_state.store(PAGE, [*DEFAULTS, *(name for name in names if f"{PAGE}_{name}" in st.session_state)])
    if form.problems or form.workflow is None or not axes or not listings:
        return SweepForm((), form)
    sweep = SweepPlan(axes=tuple(axes), search=search, points=0 if search is SweepSearch.GRID else points)
    others = language.list_other_instruments(form.workflow)
    plans = tuple(
        RunPlan(
            workflow=form.workflow,
            bars=BarsRequest(symbol=symbol, start=start, end=end, timeframe=Timeframe(frame)).add_others(others),
            backtest=apply_usual_costs(BacktestPlan(cash=cash), listing.instrument),
            sweep=sweep,
            **{**form.loop, "loops": 0},
        )
        for symbol, listing in listings.items()
        for frame in frames
    )
    return SweepForm(plans, form)


def _list_free_numbers(form: PlanForm) -> tuple[Parameter, ...]:
    """The numbers of the chosen workflow that may vary; none, and a word at the field, where it cannot be used."""
    if form.workflow is None:
        form.mark("sweep_workflow", "Choose a workflow.")
        return ()
    errors = [problem for problem in language.check(form.workflow) if problem.severity is Severity.ERROR]
    if errors:
        form.mark("sweep_workflow", describe_problem(errors[0]))
        return ()
    return language.parameters(form.workflow)


def _draw_symbols(form: PlanForm) -> dict[str, Listing]:
    """The field for instruments; gives the listing of each by the symbol to ask for."""
    here = [listing.instrument.symbol for listing in cached_queries.search("", OFFERED)]
    typed = [str(text) for text in st.session_state.get("sweep_symbols") or ()]
    chosen = draw_choices(
        "Instruments",
        list(dict.fromkeys([*here, *typed])),
        key="sweep_symbols",
        accept_new_options=True,
        placeholder="Symbols or companies",
        help="Each is swept by itself, with an account of its own.",
    )
    found: dict[str, Listing] = {}
    for text in (str(one).strip() for one in chosen):
        listing = cached_queries.find_listing(text) or find_only_match(text, cached_queries.search(text))
        if listing is None:
            form.mark("sweep_symbols", f"“{text}” names no one instrument. Type its symbol, for example MSFT.")
        else:
            found[name_with_source(text, listing)] = listing
    if not chosen:
        form.mark("sweep_symbols", "Choose at least one instrument.")
    return found


def _draw_dates(form: PlanForm) -> tuple[date | None, date | None]:
    left, right = st.columns(2)
    bounds = {"min_value": EARLIEST, "max_value": LATEST, "format": "YYYY-MM-DD"}
    start = draw_date(get_label(BarsRequest, "start"), key="sweep_start", place=left, **bounds)
    end = draw_date(get_label(BarsRequest, "end"), key="sweep_end", place=right, **bounds)
    if start is not None and end is not None and start > end:
        form.mark("sweep_start", "“From” lies after “To”. Swap the two dates.")
    return start, end


def _draw_axes(free: Sequence[Parameter], form: PlanForm) -> list[Axis]:
    """The numbers to vary, and for each its first value, its last and the step."""
    if not free:
        if form.workflow is not None and not form.problems:
            form.mark("sweep_vary", "This workflow has no number that could be varied.")
        return []
    names = [one.name for one in free]
    if "sweep_vary" not in st.session_state or not set(st.session_state["sweep_vary"]) <= set(names):
        st.session_state["sweep_vary"] = names[:FIRST_CHOSEN]
    chosen = draw_choices("Numbers that vary", names, key="sweep_vary")
    if not chosen:
        form.mark("sweep_vary", "Choose at least one number.")
    known = {one.name: one for one in free}
    return [axis for name in chosen if (axis := _draw_axis(known[name], form)) is not None]


def _draw_axis(one: Parameter, form: PlanForm) -> Axis | None:
    proposed = propose_axis(one)
    values = dict(zip(_fields(one.name), (proposed.start, proposed.stop, proposed.step), strict=True))
    form_state.restore(PAGE, _as_kind(values, whole=one.integer))
    st.caption(f"**{one.name}**, {one.default:g} in the workflow")
    style = {"step": 1, "format": "%d"} if one.integer else {"step": proposed.step, "format": "%g"}
    numbers = [
        draw_number(word, key=f"{PAGE}_{name}", place=place, **style)
        for word, name, place in zip(("From", "To", "Step"), values, st.columns(3), strict=True)
    ]
    if any(number is None for number in numbers):
        form.mark(f"{PAGE}_{one.name}", f"Fill in from, to and step of {one.name}.")
        return None
    try:
        return build_axis(one.name, *map(float, numbers))
    except InputError as error:
        form.mark(f"{PAGE}_{one.name}", error.message)
        return None


def _fields(name: str) -> tuple[str, str, str]:
    return f"from_{name}", f"to_{name}", f"by_{name}"


def _as_kind(values: Mapping[str, float], *, whole: bool) -> dict[str, Any]:
    return {name: round(value) if whole else float(value) for name, value in values.items()}


def _draw_search() -> tuple[SweepSearch, int]:
    chosen = draw_segments(
        "Search",
        list(SEARCHES),
        key="sweep_choice",
        required=True,
        width="stretch",
    )
    search = SEARCHES[chosen or "Grid"]
    st.caption(SEARCH_WORDS[search])
    if search is SweepSearch.GRID:
        return search, 0
    most = MOST_GUIDED if search is SweepSearch.GUIDED else MOST_POINTS
    st.session_state["sweep_points"] = min(int(st.session_state.get("sweep_points") or 100), most)
    return search, int(draw_number("Points", 1, most, key="sweep_points", step=10) or 1)
