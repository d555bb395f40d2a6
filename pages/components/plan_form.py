"""The form of a run: workflow, model, asset, account and loop. Says at the field what is wrong; gives a plan when nothing is."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import streamlit as st

from core.domain.backtest import BacktestPlan
from core.domain.errors import InputError, Severity
from core.domain.instrument import Timeframe
from core.domain.run import BarsRequest, ModelChoice, Objective, RunPlan
from core.domain.workflow import Workflow
from core.evidence import check_formula
from pages.components import asset, picker, remembered, words
from pages.components.routes import screen

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
    "commission": 0.1,
    "slippage": 0.05,
    "loops": 10,
    "objective": Objective.SHARPE.value,
    "formula": "sharpe * (1 + max_drawdown)",
    "hold_out": 30,
    "seed": 0,
    "patience": 0,
    "minimum_trades": 5,
    "budget": 0.0,
}
"""What a field holds before anybody touched it. Percent where people think in percent; 0 in patience and budget means no limit."""


@dataclass(slots=True)
class Form:
    """What was read from the fields so far, and whether something has to be put right first."""

    workflow: Workflow | None = None
    model: ModelChoice | None = None
    bars: BarsRequest | None = None
    backtest: BacktestPlan = field(default_factory=BacktestPlan)
    loop: dict[str, Any] = field(default_factory=dict)
    wrong: int = 0
    broken: bool = False
    """The workflow itself has errors."""

    def plan(self) -> RunPlan | None:
        """The run that the fields describe; None while a field is empty or wrong."""
        if self.wrong or self.workflow is None or self.model is None or self.bars is None:
            return None
        return RunPlan(workflow=self.workflow, model=self.model, bars=self.bars, backtest=self.backtest, **self.loop)


def plan_form(page: str, *, loop: bool) -> Form:
    """Draw the fields `<page>_...`; `loop` adds what only LLM driving asks."""
    remembered.restore(page, DEFAULTS)
    form = Form()
    _workflow(page, form)
    form.model = picker.model_field(page)
    _market(page, form)
    if loop:
        form.loop["loops"] = st.slider("Loops", 1, 100, key=f"{page}_loops", help="How often a new version is written and tried.")
    with st.expander("More settings", key=f"{page}_more", icon=":material/tune:"):
        _account(page, form)
        _rules(page, form, loop=loop)
    remembered.keep(page, DEFAULTS)
    return form


def _workflow(page: str, form: Form) -> None:
    from core import language

    form.workflow = picker.workflow_field(page, picker.workflow_options())
    if form.workflow is None:
        form.wrong += 1
        return
    errors = [problem for problem in language.check(form.workflow) if problem.severity is Severity.ERROR]
    if errors:
        form.wrong += 1
        form.broken = True
        more = f" and {words.count(len(errors) - 1, 'more problem')}" if len(errors) > 1 else ""
        st.error(f"{words.escape(str(errors[0]))}{more}", icon=":material/error:")
        st.page_link(screen("builder"), label="Put it right in the builder", icon=":material/account_tree:")


def _market(page: str, form: Form) -> None:
    chosen = asset.asset_field(page)
    left, right = st.columns(2)
    start = left.date_input("From", key=f"{page}_start", min_value=EARLIEST, max_value=LATEST, value=None, format="YYYY-MM-DD")
    end = right.date_input("To", key=f"{page}_end", min_value=EARLIEST, max_value=LATEST, value=None, format="YYYY-MM-DD")
    offered = [timeframe.value for timeframe in asset.timeframes(chosen)]
    if st.session_state.get(f"{page}_timeframe") not in offered:
        st.session_state[f"{page}_timeframe"] = Timeframe.D1.value if Timeframe.D1.value in offered else offered[0]
    left, right = st.columns(2)
    timeframe = left.selectbox("Timeframe", offered, key=f"{page}_timeframe", format_func=lambda value: words.TIMEFRAME[Timeframe(value)])
    cash = right.number_input("Cash", min_value=1.0, max_value=1e12, step=1_000.0, format="%.0f", key=f"{page}_cash")
    form.backtest = form.backtest.model_copy(update={"cash": float(cash or DEFAULTS["cash"])})
    if start and end and start > end:
        form.wrong += 1
        st.error("“From” lies after “To”. Swap the two dates.", icon=":material/event_busy:")
        return
    if chosen is None:
        form.wrong += 1
        return
    if _outside(start, end, chosen.first, chosen.last):
        st.warning(f"Bars are here from {chosen.first} to {chosen.last}; the range reaches beyond that.", icon=":material/event_note:")
    form.bars = BarsRequest(symbol=chosen.instrument.symbol, start=start, end=end, timeframe=Timeframe(timeframe))


def _formula(page: str, form: Form) -> None:
    text = st.text_input("Formula over the figures", key=f"{page}_formula", placeholder="sharpe * (1 + max_drawdown)") or ""
    form.loop["formula"] = text
    try:
        check_formula(text)
    except InputError as error:
        form.wrong += 1
        st.error(words.escape(str(error)), icon=":material/function:")


def _outside(start: date | None, end: date | None, first: date | None, last: date | None) -> bool:
    return bool((start and first and (first - start).days > 4) or (end and last and (end - last).days > 4))


def _account(page: str, form: Form) -> None:
    left, right = st.columns(2)
    commission = left.number_input(
        "Commission, %", 0.0, 49.0, step=0.01, format="%.3f", key=f"{page}_commission", help="Of the traded value, each side."
    )
    slippage = right.number_input(
        "Slippage, %",
        0.0,
        49.0,
        step=0.01,
        format="%.3f",
        key=f"{page}_slippage",
        help="Of the price, against every market and stop order.",
    )
    form.backtest = form.backtest.model_copy(
        update={"commission": float(commission or 0.0) / 100, "slippage": float(slippage or 0.0) / 100}
    )


def _rules(page: str, form: Form, *, loop: bool) -> None:
    hold_out = st.slider(
        "Hold-out, %",
        0,
        80,
        step=5,
        key=f"{page}_hold_out",
        help="The last part of the bars: never shown to the loop, looked at once when it is over.",
    )
    left, right = st.columns(2)
    objectives = [objective.value for objective in Objective]
    objective = left.selectbox(
        "Objective", objectives, key=f"{page}_objective", format_func=lambda value: words.OBJECTIVE[Objective(value)]
    )
    trades = right.number_input(
        "Minimum trades", 0, 10_000, key=f"{page}_minimum_trades", help="A version that closes fewer trades than this gets no score."
    )
    form.loop |= {"hold_out": hold_out / 100, "objective": Objective(objective), "minimum_trades": int(trades or 0)}
    if objective == Objective.FORMULA.value:
        _formula(page, form)
    if not loop:
        form.loop["seed"] = int(st.session_state.get(f"{page}_seed") or 0)
        return
    left, right = st.columns(2)
    seed = left.number_input("Seed", 0, 2**32 - 1, key=f"{page}_seed", help="The same seed gives the same run with the built-in optimiser.")
    patience = right.number_input(
        "Patience", 0, 1000, key=f"{page}_patience", help="Loops without a better score after which the run stops; 0 never stops early."
    )
    budget = st.number_input(
        "Most to spend, $",
        0.0,
        100_000.0,
        step=0.5,
        format="%.2f",
        key=f"{page}_budget",
        help="The run stops before it costs more; 0 sets no limit.",
    )
    form.loop |= {"seed": int(seed or 0), "patience": int(patience or 0) or None, "budget_usd": float(budget or 0.0) or None}
