"""Parts below the table of a comparison: all iterations, trades that differ, months, code."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core import evidence, language
from core.domain.backtest import Trade
from core.domain.bars import Bars, FloatArray
from core.domain.metrics import period_returns
from core.report.comparison import Participant
from core.report.number_format import format_count
from core.report.trade_pairs import TradePair, compute_move, pair_trades
from core.services import services
from pages.components import cached_queries, formatting
from pages.components.code_difference import count_changes, draw_code_difference
from pages.components.compare_candles import draw_compare_candles
from pages.components.compare_charts import draw_all_iterations
from pages.components.evidence_view import MONTHS, color_cell
from pages.components.fields import draw_choice


def draw_details(participants: Sequence[Participant], colors: dict[str, str]) -> None:
    """Draw the trades on the price, all iterations, trades that differ, months and code of a comparison."""
    shown = [one for one in participants if one.detail is not None]
    traded = [one for one in shown if one.metrics is not None]
    if len(traded) > 1:
        with st.container(border=True):
            st.markdown("**Trades on the price**")
            draw_compare_candles(*_choose_two(traded, "compare_candles"), colors, key="compare_candles_chart")
    left, right = st.columns([2, 3], gap="medium")
    with left, st.container(border=True, height="stretch"):
        _draw_scatter(shown, colors)
    with right, st.container(border=True, height="stretch"):
        _draw_trades(shown)
    with st.container(border=True):
        _draw_months(participants)
    with st.container(border=True):
        _draw_code(shown)


def compute_rolling_sharpe(one: Participant) -> FloatArray | None:
    """Compute the Sharpe ratio of the year before each bar, shape (n,); None for bars within the day and for less than two years."""
    if one.bars is None or one.equity is None or one.bars.timeframe.intraday:
        return None
    periods = one.bars.instrument.periods_per_year(one.bars.timeframe)
    if len(one.equity) < 2 * periods:
        return None
    returns = period_returns(one.equity, start_value=one.start_value)
    found = evidence.rolling_sharpe(returns, window=periods, periods_per_year=periods)
    return np.concatenate((np.full(len(one.equity) - len(found), np.nan), found))


def _draw_scatter(shown: Sequence[Participant], colors: dict[str, str]) -> None:
    runs = {one.run.id: one.run for one in shown}
    names = {run.id: f"{run.plan.workflow.name or run.plan.bars.subject} {run.id[:4]}" for run in runs.values()}
    run_id = next(iter(runs))
    if len(runs) > 1:
        run_id = draw_choice("Run", list(runs), format_func=names.__getitem__, key="compare_scatter_run") or run_id
    iterations = services().store.list_iterations(run_id)
    st.markdown(f"**All {format_count(len(iterations), 'iteration')} of the run**, size: closed trades")
    chosen = {one.detail.iteration.number: (one.name, colors[one.id]) for one in shown if one.run.id == run_id and one.detail is not None}
    draw_all_iterations(iterations, chosen, key="compare_all")


def _choose_two(shown: Sequence[Participant], key: str) -> tuple[Participant, Participant]:
    names = {one.id: one.name for one in shown}
    first, second = st.columns(2)
    left = draw_choice("First", list(names), key=f"{key}_first", place=first, format_func=names.__getitem__)
    right = draw_choice("Second", list(names), index=len(names) - 1, key=f"{key}_second", place=second, format_func=names.__getitem__)
    found = {one.id: one for one in shown}
    return found[left or shown[0].id], found[right or shown[-1].id]


def _draw_trades(shown: Sequence[Participant]) -> None:
    st.markdown("**Trades that differ**")
    if len(shown) < 2:
        st.caption("There is only one strategy here.")
        return
    one, other = _choose_two(shown, "compare_trades")
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
        pd.DataFrame([_describe_pair(pair, bars) for pair in differing]),
        hide_index=True,
        key="compare_trade_pairs",
        height=330,
        placeholder="",
        alt="Trades that differ",
        column_config={
            "First": st.column_config.TextColumn(help=one.name),
            "Move, %": st.column_config.NumberColumn(format="%+.1f"),
            "Second": st.column_config.TextColumn(help=other.name),
            "Move , %": st.column_config.NumberColumn(format="%+.1f"),
            "Apart, pp": st.column_config.NumberColumn(format="%+.1f"),
        },
    )


def _describe_pair(pair: TradePair, bars: Bars) -> dict[str, object]:
    first, second = compute_move(pair.first), compute_move(pair.second)
    return {
        "First": _describe_trade(pair.first, bars),
        "Move, %": None if first is None else first * 100,
        "Second": _describe_trade(pair.second, bars),
        "Move , %": None if second is None else second * 100,
        "Apart, pp": pair.gap * 100,
    }


def _describe_trade(trade: Trade | None, bars: Bars) -> str:
    if trade is None:
        return "no trade"
    unit = "datetime64[m]" if bars.timeframe.intraday else "datetime64[D]"
    ends = ["open" if place is None else str(bars.time[place].astype(unit)) for place in (trade.entry_bar, trade.exit_bar)]
    return f"{' → '.join(end.replace('T', ' ') for end in ends)}{'' if trade.size > 0 else ', short'}"


def _draw_months(participants: Sequence[Participant]) -> None:
    st.markdown("**Monthly returns, %**, training bars; full color at ±15 %")
    with st.grid(3, min_column_width=420):
        for one in participants:
            if one.bars is None or one.equity is None:
                continue
            with st.container(gap="xsmall"):
                st.caption(formatting.escape(one.name))
                _draw_month_table(one, one.bars, one.equity)


def _draw_month_table(one: Participant, bars: Bars, equity: FloatArray) -> None:
    monthly = evidence.monthly_returns(equity, bars.time, start_value=one.start_value)
    yearly = {each.year: each.value for each in evidence.yearly_returns(equity, bars.time, start_value=one.start_value)}
    moves = {(each.year, each.month): each.value * 100 for each in monthly}
    years = sorted(yearly)
    columns = {
        name[0] + "\u200b" * month: np.array([moves.get((year, month), np.nan) for year in years]) for month, name in enumerate(MONTHS, 1)
    }
    table = pd.DataFrame({"Year": years, **columns, "Year, %": [yearly[year] * 100 for year in years]})
    months = list(columns)
    config = {name: st.column_config.NumberColumn(format="%.0f", width=28) for name in months}
    config |= {
        "Year": st.column_config.NumberColumn(format="%d", pinned=True, width=46),
        "Year, %": st.column_config.NumberColumn(format="%.1f"),
    }
    st.dataframe(
        table.style.map(color_cell, subset=months),
        hide_index=True,
        column_config=config,
        key=f"compare_months_{one.id}",
        height="content",
        placeholder="",
        alt=f"Monthly returns of {one.name}",
    )


def _draw_code(shown: Sequence[Participant]) -> None:
    st.markdown("**Code**")
    if len(shown) < 2:
        st.caption("There is only one program here.")
        return
    ordered = [
        *(one for one in shown if one.detail and one.detail.iteration.is_baseline),
        *(one for one in shown if one.detail and not one.detail.iteration.is_baseline),
    ]
    before, after = _choose_two(ordered, "compare_code")
    if before.detail is None or after.detail is None:
        return
    old, new = before.detail.iteration.code, after.detail.iteration.code
    out, into = count_changes(old, new)
    st.caption(f"{format_count(out, 'line')} out, {format_count(into, 'line')} in, of {len(new.splitlines())}.")
    readings = {sentence.row: sentence.text for sentence in language.explain(after.run.plan.workflow) if sentence.row}
    draw_code_difference(old, new, readings, key="compare_difference")
