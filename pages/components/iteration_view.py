"""One iteration in full: what was changed and why, figures, curves, trades, code, log.

Everything that a strategy or a model wrote is shown as plain text.
"""

from collections.abc import Callable

import streamlit as st

from core.domain.bars import Bars
from core.domain.errors import StratloopError
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run
from core.report import labels
from core.report.basket_report import build_basket_report
from core.report.deposit_words import describe_paid_account
from core.report.number_format import format_count, format_duration, write_minus_within
from core.services import services
from pages.components import asked_answered, cached_queries, charts, evidence_view, figures, formatting, frame
from pages.components.basket_view import draw_basket_card
from pages.components.export_dialog import show_export_dialog
from pages.components.fields import draw_switch
from pages.components.library_marks import draw_keep_button
from pages.components.navigation import screen
from pages.components.trade_chart import AccountCurve, draw_trade_chart


def draw_iteration(run: Run, number: int, *, key: str) -> None:
    """Everything about one iteration of a run, in tabs; only the open tab is computed."""
    try:
        found = cached_queries.load_detail(run.id, number)
    except StratloopError as error:
        frame.show_problem(error)
        return
    iteration = found.iteration
    with st.container(border=True, key=f"{key}_card"):
        _title(run, iteration, key)
        _story(iteration)
        _tabs(run, found, key)
        frame.draw_risk_line()


def _tabs(run: Run, found: IterationDetail, key: str) -> None:
    identity = f"{key}_{run.id}_{found.iteration.number}"
    names = ["Figures", "Price and trades", "Months", "Luck", "Rows", "Code", "Asked and answered", "Log"]
    tabs = dict(zip(names, st.tabs(names, key=f"{key}_tabs_{run.id}_{found.iteration.number}", on_change="rerun"), strict=True))
    drawn: dict[str, Callable[[], None]] = {
        "Figures": lambda: _figures(run, found, key),
        "Price and trades": lambda: _market(run, found, identity),
        "Months": lambda: _months(run, found, identity),
        "Luck": lambda: evidence_view.draw_luck(run, found, key=identity),
        "Rows": lambda: evidence_view.draw_rows(run, found.iteration, key=identity),
        "Code": lambda: _code(found.iteration),
        "Asked and answered": lambda: asked_answered.draw_asked_and_answered(run, found.iteration, key=identity),
        "Log": lambda: _log(found.iteration),
    }
    for name, tab in tabs.items():
        if tab.open:
            with tab, frame.show_errors():
                drawn[name]()


def _months(run: Run, found: IterationDetail, key: str) -> None:
    evidence_view.draw_months(run, found, key=key)
    evidence_view.draw_rolling_sharpe(run, found, key=key)


def _code(iteration: Iteration) -> None:
    st.code(iteration.code or iteration.answer or "(no code)", language="python", line_numbers=True, height=460)


def _title(run: Run, iteration: Iteration, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(f"Iteration {iteration.number}", anchor=False, width="content")
        if iteration.number == run.best and run.iterations > 1:
            st.badge("Best", icon=":material/trophy:", color="green")
        st.badge(formatting.escape_badge(labels.label_origin(iteration)), color="gray")
        st.space("stretch")
        _actions(run, iteration, key)
    figures.draw_certificate_badges(iteration.certificate, iteration.isolation_level)


def _actions(run: Run, iteration: Iteration, key: str) -> None:
    draw_edit_button(run, iteration, key=key)
    if iteration.metrics is not None:
        draw_keep_button(run, iteration, key=key)
        draw_export_buttons(run, iteration, key=key)


def draw_edit_button(run: Run, iteration: Iteration, *, key: str) -> None:
    """Draw a button that takes an iteration's code to the editor; what was there stays among its revisions."""
    if not iteration.code:
        return
    if st.button("Edit this code", key=f"{key}_edit_{run.id}_{iteration.number}", icon=":material/edit:"):
        source = services().workbench.find_source(run.id, iteration.number)
        origin = f"run {run.id} iteration {iteration.number}"
        st.session_state["code_incoming"] = {"code": iteration.code, "origin": origin, "source": source}
        st.switch_page(screen("code"))


_WHY_EXPORT = "A program for plain Backtrader, run there once before you get it; with its bars, orders, trades and workflow."
_WHY_CONFIRM = "It was run with all bars at once. Run bar by bar it cannot read later ones; after that it can be exported."


def _confirm(run: Run, number: int) -> None:
    with frame.show_errors(), st.spinner("Running bar by bar"):
        try:
            services().runs.confirm(run.id, number)
        finally:
            cached_queries.load_detail.clear()
        st.rerun()


def draw_export_buttons(run: Run, iteration: Iteration, *, key: str) -> None:
    """The way to what is handed out of an iteration: a program for plain Backtrader that was proved, and what belongs to it.

    What nobody ran bar by bar is not exported: there is a button that does that first.
    """
    number = iteration.number
    if iteration.awaits_confirmation:
        if st.button("Confirm bar by bar", key=f"{key}_confirm_{run.id}_{number}", icon=":material/verified:", help=_WHY_CONFIRM):
            _confirm(run, number)
        return
    if st.button("Export", key=f"{key}_export_{run.id}_{number}", icon=":material/download:", help=_WHY_EXPORT):
        show_export_dialog(run.id, number)


def _story(iteration: Iteration) -> None:
    if iteration.change:
        st.text(iteration.change)
    if iteration.hypothesis and not iteration.states_hypothesis:
        st.caption(f"No hypothesis{formatting.escape(iteration.hypothesis[4:])}")
    elif iteration.hypothesis:
        st.caption(f"Hypothesis{', ' + iteration.verdict if iteration.verdict else ''}")
        st.text(iteration.hypothesis)
    if iteration.error is not None:
        where = f" in line {iteration.error.line}" if iteration.error.line else ""
        hint = f"\n\n{formatting.escape(iteration.error.hint)}" if iteration.error.hint else ""
        st.error(
            f"Stopped while {labels.STAGE[iteration.stage]}{where}: {formatting.escape(iteration.error.message)}{hint}",
            icon=":material/error:",
        )
    elif iteration.score is None and iteration.metrics is not None:
        st.warning(formatting.escape(iteration.no_score or "No score: the objective is not defined for it."), icon=":material/info:")


def _figures(run: Run, found: IterationDetail, key: str) -> None:
    iteration = found.iteration
    if iteration.metrics is None:
        st.caption("There are no figures, because it did not run to its end.")
        return
    curve = cached_queries.build_equity_curve(run, iteration.number, f"Iteration {iteration.number}")
    hold = cached_queries.build_benchmark_curve(run)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.caption(f"{'Value of a unit of the account' if run.plan.backtest.deposits else 'Account value'}, training bars")
        charts.draw_lines([curve, hold], key=f"{key}_equity", title="Value", alt_text="Account value and buy and hold", main=curve.name)
        charts.draw_drawdown([_drawdown(curve, run), _drawdown(hold, run)], key=f"{key}_drawdown", main=curve.name)
    with right:
        figures.draw_figures_table(
            {f"Iteration {iteration.number}": iteration.metrics, "Buy and hold": run.benchmark},
            key=f"{key}_table",
            currency=cached_queries.load_training_bars(run.plan).instrument.currency,
        )
    currency = cached_queries.load_training_bars(run.plan).instrument.currency if run.plan.backtest.deposits else ""
    if told := describe_paid_account(run.plan.backtest, iteration.metrics, currency=currency):
        st.caption(formatting.escape(told))
    if iteration.number != run.best:  # that of the best stands with the result
        draw_basket_card(build_basket_report(run, iteration), key=key)
    _findings(iteration)


def _findings(iteration: Iteration) -> None:
    if not iteration.findings:
        return
    st.markdown("**Findings**")
    for finding in iteration.findings:
        color, icon = {3: ("red", "error"), 2: ("orange", "warning")}.get(finding.severity, ("gray", "info"))
        st.markdown(
            f":{color}[:material/{icon}:] {formatting.format_sentence(write_minus_within(finding.message))} "
            f":gray[{formatting.format_sentence(finding.fix)}]"
        )


def _drawdown(curve: charts.Curve, run: Run) -> charts.Curve:
    from core.domain.metrics import drawdown_series

    return charts.Curve(curve.name, curve.time, drawdown_series(curve.value, start_value=run.plan.backtest.cash), curve.dashed)


def _market(run: Run, found: IterationDetail, key: str) -> None:
    """Candles with the trades, and the trades as a table: ticking one takes the chart there."""
    bars = cached_queries.load_training_bars(run.plan)
    ticked = figures.read_ticked_trade(st.session_state.get(f"{key}_trades"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "Drag to move, Ctrl and the wheel to zoom, or mark a stretch below. Tick a trade in the table to go to it.", width="stretch"
        )
        log = draw_switch("Logarithmic account", key=f"{key}_log")
    trade = found.trades[ticked] if ticked is not None and ticked < len(found.trades) else None
    symbol = trade.instrument if trade else charts.choose_instrument(bars, key=f"{key}_instrument")
    shown = bars.find_instrument(symbol)
    fills = [fill for fill in found.fills if fill.instrument == symbol]
    trades = [one for one in found.trades if one.instrument == symbol]
    candles = draw_trade_chart(
        shown,
        services().market.compute_session_bounds(shown),
        fills,
        trades,
        key=f"{key}_price_{ticked}_{log}",
        curves=_account_curves(run, found, bars),
        overlays=[] if symbol and not bars.members else cached_queries.load_overlays(run.plan, found.iteration.code, symbol),
        chosen=trades.index(trade) if trade else None,
        log=log,
        start_value=run.plan.backtest.cash,
    )
    st.caption(f"{candles.name} candles, {format_count(len(fills), 'fill')}, {format_count(len(trades), 'trade')}.")
    figures.draw_trades_table(found.trades, found.fills, bars, key=f"{key}_trades")


def _account_curves(run: Run, found: IterationDetail, bars: Bars) -> list[AccountCurve]:
    """The account and that of buy and hold, where both have a value at each bar."""
    hold = cached_queries.build_benchmark_curve(run)
    if len(found.equity) != len(bars):
        return []
    return [AccountCurve(f"Iteration {found.iteration.number}", found.equity), AccountCurve(hold.name, hold.value, dashed=True)]


def _log(iteration: Iteration) -> None:
    for note in iteration.notes:
        st.text(note)
    counts = iteration.orders
    st.caption(
        f"Orders: {counts.placed} placed, {counts.filled} filled, {counts.cancelled} cancelled, {counts.describe_expired()}, "
        f"{counts.margin_rejected} rejected for margin, {counts.open_at_end} open at the end. "
        f"Written in {format_duration(iteration.generate_seconds)}, run in {format_duration(iteration.backtest_seconds)}."
    )
    st.caption("What the strategy printed")
    st.code(iteration.log or "(nothing)", language=None, height=240)
