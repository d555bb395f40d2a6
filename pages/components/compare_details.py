"""Parts below the table of a comparison: all iterations, trades that differ, months, code."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core import evidence, language
from core.domain.backtest import Trade
from core.domain.bars import Bars, FloatArray
from core.domain.iteration import Iteration
from core.domain.metrics import find_trading_days
from core.report.comparison import MOST_PARTICIPANTS, Participant, ParticipantKind
from core.report.figures import LEAD_FIGURES, describe_figures
from core.report.number_format import format_count
from core.report.study_words import describe_worths
from core.report.trade_pairs import TradePair, compute_move, pair_trades
from core.services import services
from core.services.compared_names import name_runs
from pages.components import cached_queries
from pages.components.code_difference import count_changes, draw_code_difference
from pages.components.compare_candles import draw_compare_candles
from pages.components.compare_charts import draw_all_iterations
from pages.components.fields import draw_choice
from pages.components.month_tables import FULL, MonthlyAccount, draw_month_tables
from pages.components.navigation import put_in_address
from pages.components.number_cells import write_cells, write_signed


def draw_details(participants: Sequence[Participant], colors: dict[str, str]) -> None:
    """Draw the trades on the price, all iterations, trades that differ, months and code of a comparison."""
    shown = [one for one in participants if one.detail is not None]
    traded = [one for one in shown if one.metrics is not None]
    if len(traded) > 1:
        with st.container(border=True):
            st.markdown("**Trades on the price**")
            draw_compare_candles(*_choose_two(traded, "candles"), colors, key="compare_candles_chart")
    left, right = st.columns([2, 3], gap="medium")
    with left, st.container(border=True, height="stretch"):
        _draw_scatter(shown, colors)
    with right, st.container(border=True, height="stretch"):
        _draw_trades(shown)
    with st.container(border=True):
        _draw_months(participants, colors)
    with st.container(border=True):
        _draw_code(shown)


def compute_rolling_sharpe(one: Participant) -> FloatArray | None:
    """Compute the Sharpe ratio of the year before each trading day's last bar, shape (n,), NaN between; None for less than two years."""
    if one.bars is None or one.equity is None or one.daily is None:
        return None
    instrument, timeframe = one.bars.instrument, one.bars.timeframe
    periods = instrument.periods_per_year(timeframe)
    if len(one.daily) < 2 * periods:
        return None
    days = find_trading_days(one.bars.time, periods_per_year=periods, day_roll=instrument.day_roll) if timeframe.intraday else one.bars.time
    found = np.full(len(one.equity), np.nan)
    found[np.append(days[1:] != days[:-1], True)] = evidence.rolling_sharpe(one.daily, window=periods, periods_per_year=periods)
    return found


def _draw_scatter(shown: Sequence[Participant], colors: dict[str, str]) -> None:
    runs = {one.run.id: one.run for one in shown}
    names = name_runs(tuple(runs.values()))
    run_id = next(iter(runs))
    if len(runs) > 1:
        run_id = draw_choice("Run", list(runs), format_func=names.__getitem__, key="compare_scatter_run") or run_id
    iterations = services().store.list_iterations(run_id)
    st.markdown(f"**All {format_count(len(iterations), 'iteration')} of the run**, size: closed trades")
    chosen = {one.detail.iteration.number: (one.name, colors[one.id]) for one in shown if one.run.id == run_id and one.detail is not None}
    pointed = draw_all_iterations(iterations, chosen, key=f"compare_all_{run_id}_{'_'.join(map(str, chosen))}")
    if pointed is None or pointed in chosen:
        st.caption("Click a circle to take that iteration into the comparison.")
    else:
        _offer(run_id, next(one for one in iterations if one.number == pointed))


def _offer(run_id: str, iteration: Iteration) -> None:
    """Offer to take an iteration into the comparison, with what it is."""
    taken = [part for part in st.query_params.get("it", "").split(",") if part]
    full = len(taken) >= MOST_PARTICIPANTS
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        figures = f": {describe_figures(iteration.metrics, LEAD_FIGURES)}" if iteration.metrics else ""
        st.caption(f"Iteration {iteration.number}{figures}.", width="stretch")
        st.button(
            f"Add iteration {iteration.number}",
            key="compare_add_pointed",
            icon=":material/add:",
            on_click=put_in_address,
            args=("it", ",".join([*taken, f"{run_id}:{iteration.number}"])),
            disabled=full,
            help=f"{MOST_PARTICIPANTS} are compared already: remove one first." if full else None,
        )


def _choose_two(shown: Sequence[Participant], name: str) -> tuple[Participant, Participant]:
    """Let two be chosen, the first and the last one unless the address names others under `name`, where the choice is kept."""
    found = {one.id: one for one in shown}
    usual = (shown[0].id, shown[-1].id)
    said = (*st.query_params.get(name, "").split(","), "")
    begin = [asked if asked in found else own for asked, own in zip(said, usual, strict=False)]
    ids = list(found)
    picked = [
        draw_choice(
            label,
            ids,
            index=ids.index(at),
            key=f"compare_{name}_{label.lower()}",
            place=place,
            format_func=lambda identity: found[identity].name,
        )
        or at
        for label, at, place in zip(("First", "Second"), begin, st.columns(2), strict=True)
    ]
    put_in_address(name, "" if tuple(picked) == usual else ",".join(picked))
    return found[picked[0]], found[picked[1]]


def _draw_trades(shown: Sequence[Participant]) -> None:
    st.markdown("**Trades that differ**")
    if len(shown) < 2:
        st.caption("There is only one strategy here.")
        return
    one, other = _choose_two(shown, "trades")
    if one.bars_key != other.bars_key or one.detail is None or other.detail is None:
        st.caption("They were measured on different bars, so their trades cannot be paired.")
        return
    bars = cached_queries.load_training_bars(one.run.plan)
    pairs = pair_trades(one.trades, other.trades, last_bar=len(bars) - 1)
    differing = sorted((pair for pair in pairs if not pair.alike), key=lambda pair: -abs(pair.gap))
    if not differing:
        st.caption("They open and close exactly the same trades.")
        return
    alike = len(pairs) - len(differing)
    part = " in this part" if one.equity is not None and len(one.equity) < len(bars) else ""
    st.caption(f"{len(one.trades)} against {len(other.trades)}{part}, {alike} alike, the widest gap first.")
    st.dataframe(
        write_cells(
            pd.DataFrame([_describe_pair(pair, bars) for pair in differing]),
            {"First moves, %": write_signed, "Second moves, %": write_signed, "Apart, pp": write_signed},
        ),
        hide_index=True,
        key="compare_trade_pairs",
        height=330,
        placeholder="",
        alt="Trades that differ",
        column_config={
            "First": st.column_config.TextColumn(one.name),
            "First moves, %": st.column_config.NumberColumn("Move, %", width="small"),
            "Second": st.column_config.TextColumn(other.name),
            "Second moves, %": st.column_config.NumberColumn("Move, %", width="small"),
            "Apart, pp": st.column_config.NumberColumn(width="small"),
        },
    )


def _describe_pair(pair: TradePair, bars: Bars) -> dict[str, object]:
    first, second = compute_move(pair.first), compute_move(pair.second)
    return {
        "First": _describe_trade(pair.first, bars),
        "First moves, %": None if first is None else first * 100,
        "Second": _describe_trade(pair.second, bars),
        "Second moves, %": None if second is None else second * 100,
        "Apart, pp": pair.gap * 100,
    }


def _describe_trade(trade: Trade | None, bars: Bars) -> str:
    if trade is None:
        return "no trade"
    unit = "datetime64[m]" if bars.timeframe.intraday else "datetime64[D]"
    ends = ["open" if place is None else str(bars.time[place].astype(unit)) for place in (trade.entry_bar, trade.exit_bar)]
    return f"{' → '.join(end.replace('T', ' ') for end in ends)}{'' if trade.size > 0 else ', short'}"


def _draw_months(participants: Sequence[Participant], colors: dict[str, str]) -> None:
    st.markdown(f"**Monthly returns, %**, training bars; full color at ±{FULL:.0f}%")
    accounts = [
        MonthlyAccount(one.name, colors[one.id], one.equity, one.bars.time, one.start_value, dashed=one.kind is ParticipantKind.MARKET)
        for one in participants
        if one.bars is not None and one.equity is not None
    ]
    if accounts:
        draw_month_tables(accounts, key="compare_months")
    else:
        st.caption("The bars of these runs cannot be had any more, so there are no months.")


def _draw_code(shown: Sequence[Participant]) -> None:
    st.markdown("**Code**")
    if len(shown) < 2:
        st.caption("There is only one program here.")
        return
    ordered = [
        *(one for one in shown if one.detail and one.detail.iteration.is_baseline),
        *(one for one in shown if one.detail and not one.detail.iteration.is_baseline),
    ]
    before, after = _choose_two(ordered, "code")
    if before.detail is None or after.detail is None:
        return
    old, new = before.detail.iteration.code, after.detail.iteration.code
    out, into = count_changes(old, new)
    st.caption(f"{format_count(out, 'line')} out, {format_count(into, 'line')} in, of {len(new.splitlines())}.")
    readings = {sentence.row: sentence.text for sentence in language.explain(after.run.plan.workflow) if sentence.row}
    draw_code_difference(old, new, readings, worths=_find_worths(before, after), key="compare_difference")


def _find_worths(before: Participant, after: Participant) -> dict[str, str]:
    """Find what each number was worth, where the workflow as written stands beside the winner of its run that was looked at closer."""
    said = after.assessment
    if said is None or before.run.id != after.run.id or before.kind is not ParticipantKind.WRITTEN or said.iteration != after.run.best:
        return {}
    return describe_worths(said.studies.what_paid, said.score, said.objective)
