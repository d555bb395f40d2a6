"""Preview of a workflow on real bars: price with its trades, and for each row how often it was true and what blocked the rest."""

from collections import Counter
from datetime import date

import streamlit as st

from core import language
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.errors import Severity, StratloopError
from core.domain.workflow import Workflow
from core.language import FunnelStep
from core.report import labels
from core.report.number_format import format_count
from core.services import services
from core.services.workbench import SignalPreview
from pages.components import asset, form_state, formatting, frame, plan_rules
from pages.components.fields import draw_switch
from pages.components.person_cache import cache_resource

CANDLES = 2_500
"""Most candles beside the table: ten years of days stay days."""
SHOWN = 240
"""Candles that one begins with: so few can be told apart there, with or without the lines of the rows."""
DEFAULTS = {
    "preview_symbol": "AAPL",
    "preview_start": date(2003, 1, 1),
    "preview_end": date(2010, 12, 31),
    "preview_timeframe": "1d",
    "preview_on": False,
}


@cache_resource(ttl=1800, max_entries=24, show_spinner=False)
def run_signals(document: str, request_json: str, hold_out: float, opened: bool) -> SignalPreview:
    """Run the compiled workflow once; the same table on the same bars is not run again. Raises StratloopError."""
    return services().workbench.preview_signals(
        language.parse(document),
        BarsRequest.model_validate_json(request_json),
        BacktestPlan(),
        hold_out=hold_out,
        opened=opened,
    )


@st.fragment
def draw_preview(workflow: Workflow, readings: dict[str | None, str]) -> None:
    """The preview card; runs only while it is switched on."""
    form_state.restore("builder", DEFAULTS)
    with st.container(border=True, key="builder_preview"):
        on = draw_switch("Preview on prices", key="builder_preview_on", help="Runs the compiled table on bars, without any model.")
        if on:
            request = _request()
            if request is not None:
                _show(workflow, request, readings)
        else:
            st.caption("Where would it buy and sell, how often is each row true, and which row blocks the rest?")
        form_state.store("builder", DEFAULTS)


def _request() -> BarsRequest | None:
    chosen = asset.draw_asset_field("builder_preview")
    span = asset.draw_range("builder_preview", chosen)
    if span.reversed:
        st.error("“From” lies after “To”. Swap the two dates.", icon=":material/event_busy:")
        return None
    if chosen is None:
        return None
    return BarsRequest(symbol=asset.read_symbol("builder_preview", chosen), start=span.start, end=span.end, timeframe=span.timeframe)


def _show(workflow: Workflow, request: BarsRequest, readings: dict[str | None, str]) -> None:
    from pages.components.trade_chart import Overlay, draw_trade_chart

    if any(problem.severity is Severity.ERROR for problem in language.check(workflow)):
        st.caption(":material/error: The preview waits until no row has an error.")
        return
    try:
        with st.spinner("Running the table", show_time=False):
            request = request.add_others(language.list_other_instruments(workflow))
            found = run_signals(language.dump(workflow), request.model_dump_json(), _read_hold_out(), _is_opened(request))
    except StratloopError as error:
        frame.show_problem(error)
        return
    outcome = found.outcome
    if not outcome.ok:
        st.error(formatting.escape(outcome.error.message if outcome.error else labels.OUTCOME[outcome.status]), icon=":material/error:")
        return
    bounds = services().market.compute_session_bounds(found.bars)
    overlays = [Overlay(name, value) for name, value in language.compute_overlays(workflow, found.bars).items()]
    fills = [fill for fill in outcome.fills if not fill.instrument]
    drawn = draw_trade_chart(
        found.bars,
        bounds,
        fills,
        [trade for trade in outcome.trades if not trade.instrument],
        key="builder_preview_price",
        overlays=overlays,
        price_height=230,
        limit=CANDLES,
        shown=SHOWN,
    )
    _draw_lock(found, request)
    closed = sum(trade.exit_bar is not None for trade in outcome.trades)
    st.caption(
        f"{drawn.name} candles of {format_count(len(found.bars), 'bar')}, {format_count(len(outcome.fills), 'fill')}, "
        f"{format_count(closed, 'closed trade')}."
        + (f" The last {SHOWN} are shown: widen the strip below the chart, or Ctrl and the wheel." if len(drawn) > SHOWN else "")
    )
    _name_problems(workflow, found.bars)
    draw_funnel(language.build_funnel(outcome.signals, workflow), readings)


def _name_problems(workflow: Workflow, bars: Bars) -> None:
    """Say what is wrong with the table on these bars, beyond what is wrong with it everywhere."""
    known = language.check(workflow)
    for problem in language.check_on(workflow, bars):
        if problem not in known:
            row = f"Row {problem.row}: " if problem.row else ""
            st.caption(f":orange[:material/warning: {formatting.escape(f'{row}{problem.message} {problem.remedy}')}]")


def _read_hold_out() -> float:
    """The part of the bars that LLM driving would lock: that of its form."""
    return float(form_state.read_value("driving", "hold_out", plan_rules.DEFAULTS["hold_out"])) / 100


def _is_opened(request: BarsRequest) -> bool:
    return bool(st.session_state.get("builder_preview_opened") == request.model_dump_json())


def _open(request: BarsRequest) -> None:
    st.session_state["builder_preview_opened"] = request.model_dump_json()


def _draw_lock(found: SignalPreview, request: BarsRequest) -> None:
    """Say that the last bars stay locked, and let them be opened knowingly."""
    if found.looks:
        st.caption(
            f":orange[:material/lock_open: The held-out bars are open: {format_count(found.looks, 'look')} at them so far. "
            "Each look makes what they say about a run worth less.]"
        )
    elif found.locked_bars:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                f":material/lock: The last {format_count(found.locked_bars, 'bar')} stay locked: a run proves itself on them.",
                width="stretch",
            )
            with st.popover("Open them", icon=":material/lock_open:", type="tertiary", key="builder_preview_unlock"):
                st.write(
                    "A table that was tried on the held-out bars has seen them: what they say about a later run counts less. "
                    "Opening them is counted as a look, for every run on these bars."
                )
                st.button("Open, and count the look", key="builder_preview_open", type="primary", on_click=_open, args=(request,))


def draw_funnel(steps: tuple[FunnelStep, ...], readings: dict[str | None, str]) -> None:
    """For each row: bars on which it was true, and on which its group held up to it."""
    from pages.components import charts

    if not steps:
        return
    st.markdown("**Funnel**, bars on which each row was true")
    charts.draw_funnel(
        [
            charts.FunnelBar(f"{step.row} ({step.group})", readings.get(step.row, "")[:160], step.true, step.joint, step.blocked)
            for step in steps
        ],
        key="builder_funnel",
    )
    _name_blocker(steps)


def _name_blocker(steps: tuple[FunnelStep, ...]) -> None:
    """Name the row that keeps its group from being true most often; a row that stands alone blocks nobody."""
    groups = Counter((step.section, step.group) for step in steps)
    shared = [step for step in steps if groups[step.section, step.group] > 1 and step.blocked]
    if shared:
        worst = max(shared, key=lambda step: step.blocked)
        st.caption(
            f"Row {formatting.escape(worst.row)} blocks most: on {format_count(worst.blocked, 'bar')} "
            "every other row of its group was true and it was not."
        )
