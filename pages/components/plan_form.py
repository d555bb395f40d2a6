"""The form of a run: workflow, model, asset, account and loop. Says at the field what is wrong; gives a plan when nothing is."""

from datetime import date
from typing import Any

import streamlit as st

from core.domain.errors import Severity
from core.domain.instrument import Timeframe
from core.domain.run import BarsRequest
from core.report import labels
from core.report.number_format import format_count
from pages.components import asset, form_state, formatting, picker, plan_rules
from pages.components.navigation import screen
from pages.components.plan_rules import PlanForm

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)

DEFAULTS: dict[str, Any] = {
    "workflow": None,
    "provider": None,
    "model": None,
    "api_base": "",
    "symbol": "AAPL",
    "start": date(2003, 1, 1),
    "end": date(2010, 12, 31),
    "timeframe": Timeframe.D1.value,
    "cash": 100_000.0,
    "loops": 10,
    **plan_rules.DEFAULTS,
}
"""Value of a field before anybody touched it."""


def draw_plan_form(page: str, *, loop: bool) -> PlanForm:
    """Draw the fields `<page>_...`; `loop` adds what only LLM driving asks."""
    form_state.restore(page, DEFAULTS)
    form = PlanForm()
    _workflow(page, form)
    form.model = picker.draw_model_field(page)
    _market(page, form)
    if loop:
        form.loop["loops"] = st.slider("Loops", 1, 100, key=f"{page}_loops", help="How often a new version is written and tried.")
    with st.expander("More settings", key=f"{page}_more", icon=":material/tune:"):
        plan_rules.draw_costs(page, form)
        plan_rules.draw_rules(page, form)
        if loop:
            plan_rules.draw_constraints(page, form)
            plan_rules.draw_limits(page, form)
            plan_rules.draw_candidates(page, form)
    form_state.store(page, DEFAULTS)
    return form


def _workflow(page: str, form: PlanForm) -> None:
    from core import language

    form.workflow = picker.draw_workflow_field(page, picker.load_workflow_options())
    if form.workflow is None:
        form.wrong += 1
        return
    errors = [problem for problem in language.check(form.workflow) if problem.severity is Severity.ERROR]
    if errors:
        form.wrong += 1
        form.broken = True
        more = f" and {format_count(len(errors) - 1, 'more problem')}" if len(errors) > 1 else ""
        st.error(f"{formatting.escape(str(errors[0]))}{more}", icon=":material/error:")
        st.page_link(screen("builder"), label="Put it right in the builder", icon=":material/account_tree:")


def _market(page: str, form: PlanForm) -> None:
    chosen = asset.draw_asset_field(page)
    left, right = st.columns(2)
    start = left.date_input("From", key=f"{page}_start", min_value=EARLIEST, max_value=LATEST, value=None, format="YYYY-MM-DD")
    end = right.date_input("To", key=f"{page}_end", min_value=EARLIEST, max_value=LATEST, value=None, format="YYYY-MM-DD")
    offered = [timeframe.value for timeframe in asset.list_timeframes(chosen)]
    if st.session_state.get(f"{page}_timeframe") not in offered:
        st.session_state[f"{page}_timeframe"] = Timeframe.D1.value if Timeframe.D1.value in offered else offered[0]
    left, right = st.columns(2)
    timeframe = left.selectbox("Timeframe", offered, key=f"{page}_timeframe", format_func=lambda value: labels.TIMEFRAME[Timeframe(value)])
    cash = right.number_input("Cash", min_value=1.0, max_value=1e12, step=1_000.0, format="%.0f", key=f"{page}_cash")
    form.backtest = form.backtest.changed(cash=float(cash or DEFAULTS["cash"]))
    if start and end and start > end:
        form.wrong += 1
        st.error("“From” lies after “To”. Swap the two dates.", icon=":material/event_busy:")
        return
    if chosen is None:
        form.wrong += 1
        return
    form.instrument = chosen.instrument
    if _outside(start, end, chosen.first, chosen.last):
        st.warning(f"Bars are here from {chosen.first} to {chosen.last}; the range reaches beyond that.", icon=":material/event_note:")
    form.bars = BarsRequest(symbol=asset.read_symbol(page, chosen), start=start, end=end, timeframe=Timeframe(timeframe))


def _outside(start: date | None, end: date | None, first: date | None, last: date | None) -> bool:
    return bool((start and first and (first - start).days > 4) or (end and last and (end - last).days > 4))
