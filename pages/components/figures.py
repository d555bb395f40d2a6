"""Figures of runs and iterations as metrics, badges and tables."""

from collections.abc import Collection, Mapping, Sequence
from math import floor, log10
from typing import Any

import pandas as pd
import streamlit as st

from core.domain.backtest import Certificate, Fill, Trade
from core.domain.bars import Bars
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import Objective
from core.report import labels, trade_words
from core.report.call_costs import format_cost
from core.report.figures import COST, LEAD_FIGURES, SCORE, SUMMARY_FIGURES, TABLE_FIGURES, Better, Figure, Form, choose_figures, find_figure
from core.report.number_format import DASH, MINUS, format_percent
from pages.components import formatting
from pages.components.number_cells import OF_FORM, Writer, write_cells, write_number, write_short


def draw_figures_table(
    columns: Mapping[str, Metrics | None], *, key: str, currency: str = "USD", short: bool = False, alt: str = "Figures side by side"
) -> None:
    """Figures as rows, one column for each name; `short` keeps those that are read first."""
    rows = choose_figures(SUMMARY_FIGURES if short else TABLE_FIGURES, columns.values())
    data = {"Figure": [figure.label for figure in rows]}
    for name, metrics in columns.items():
        data[name] = [figure.format_from(metrics, currency=currency) for figure in rows]
    config: dict[str, Any] = {"Figure": st.column_config.TextColumn(pinned=True)}
    config |= {name: st.column_config.TextColumn(alignment="right") for name in columns}
    st.dataframe(pd.DataFrame(data), hide_index=True, column_config=config, key=key, height="content", alt=alt)


def build_delta(figure: Figure, metrics: Metrics | None, against: Metrics | None, name: str) -> dict[str, Any]:
    """Build the `delta` arguments of a metric: its distance from a reference; nothing when either is missing."""
    value, other = figure.read(metrics), figure.read(against)
    if value is None or other is None:
        return {}
    gap = figure.format_gap(value, other)
    if not gap:
        return {"delta": 0, "delta_description": f"as {name}"}
    return {**point_change(gap, figure.better), "delta_description": f"vs. {name}"}


def point_change(change: str, better: Better = Better.HIGHER) -> dict[str, Any]:
    """Point the arrow and the color of a metric by the sign of a change; Streamlit itself would take a minus for a gain.

    >>> point_change("−51.9%"), point_change("+2.1 pp", Better.LOWER)["delta_color"]
    ({'delta': '−51.9%', 'delta_arrow': 'down', 'delta_color': 'red'}, 'red')
    """
    falls = change.startswith(MINUS)
    good = {Better.HIGHER: not falls, Better.LOWER: falls, Better.NEITHER: None}[better]
    color = "gray" if good is None else "green" if good else "red"
    return {"delta": change, "delta_arrow": "down" if falls else "up", "delta_color": color}


def read_column(figure: Figure, metrics: Metrics | None) -> float | None:
    """Read a figure as the number that its column shows."""
    value = figure.read(metrics)
    return value * 100 if value is not None and figure.form is Form.PERCENT else value


def draw_certificate_badges(certificate: Certificate | None, isolation_level: int | None) -> None:
    """Draw the checks made on an iteration, as badges."""
    if certificate is None:
        return
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(
            labels.label_certificate(certificate),
            icon=":material/visibility_off:" if certificate.confirmed else ":material/visibility:",
            color=formatting.VERDICT_COLOR[certificate.verdict],
            help=formatting.escape(certificate.checked) or None,
        )
        if certificate.fills_checked:
            st.badge("Fills checked", icon=":material/calculate:", color="green", help="Every fill was computed a second time.")
        if certificate.altered:
            st.badge(
                "Code altered the engine",
                icon=":material/warning:",
                color="orange",
                help="What the code claims about itself differs from the platform's figures. Only the platform's are shown.",
            )
        if isolation_level is not None:
            level, color = labels.ISOLATION[isolation_level], formatting.LEVEL_COLOR[isolation_level]
            st.badge(level, icon=":material/shield:", color=color, help="The sandbox's level when this ran.")


WITHOUT_COLUMN = tuple(objective for objective in Objective if objective.value not in {figure.name for figure in LEAD_FIGURES})
"""Objectives whose score no column shows otherwise."""


AGREEMENT = "Agreement"
"""Head of the column with the agreement of code and rows."""


def draw_iteration_table(
    iterations: Sequence[Iteration],
    previews: Mapping[int, Sequence[float]],
    *,
    best: int | None,
    key: str,
    selectable: bool,
    objective: Objective = Objective.SHARPE,
    rejected: Collection[int] = (),
) -> list[int]:
    """Iterations, the newest first, with a column for the score where no figure says it; gives the numbers of the selected ones."""
    newest = sorted(iterations, key=lambda iteration: -iteration.number)
    rows = [_row(iteration, previews.get(iteration.number, ()), best, iteration.number in rejected) for iteration in newest]
    judged = any(iteration.states_hypothesis for iteration in iterations)
    total = find_figure("total_return")
    returns = [row[total.short] for row in rows if row[total.short] is not None]
    config = {
        "Iteration": st.column_config.NumberColumn(width=78, pinned=True, format="%d"),
        "Status": st.column_config.TextColumn(width=120),
        SCORE.short: st.column_config.NumberColumn(width=75, help=SCORE.meaning) if objective in WITHOUT_COLUMN else None,
        **{figure.short: st.column_config.NumberColumn(width=80, help=figure.meaning) for figure in LEAD_FIGURES},
        total.short: st.column_config.ProgressColumn(
            format="%.1f%%", min_value=min([0.0, *returns]), max_value=max([1.0, *returns]), width=150
        ),
        COST.short: st.column_config.TextColumn(width=80, alignment="right", help=COST.meaning),
        AGREEMENT: st.column_config.NumberColumn(width=95, help="Share of entries and exits that agree with the rows of the workflow.")
        if any(iteration.conformity is not None for iteration in iterations)
        else None,
        "Equity": st.column_config.LineChartColumn(width=150),
        "Hypothesis": st.column_config.TextColumn(width=100, help="What the score says of why it was changed.") if judged else None,
        "Change": st.column_config.TextColumn(width="large"),
    }
    writers = {figure.short: OF_FORM[figure.form] for figure in LEAD_FIGURES if figure is not total}
    writers |= {SCORE.short: write_number(3), AGREEMENT: format_percent}
    options: dict[str, Any] = {"on_select": "rerun", "selection_mode": "multi-row"} if selectable else {}
    event = st.dataframe(
        write_cells(pd.DataFrame(rows), writers),
        hide_index=True,
        column_config=config,
        key=key,
        height="content" if len(rows) <= 12 else 440,
        alt="Iterations",
        placeholder=DASH,
        **options,
    )
    if not selectable:
        return []
    return [newest[index].number for index in event.selection.rows if index < len(newest)]


def _row(iteration: Iteration, preview: Sequence[float], best: int | None, rejected: bool) -> dict[str, Any]:
    metrics = iteration.metrics if iteration.error is None else None
    status = "best" if iteration.number == best and best != 0 else "not repeatable" if rejected else labels.label_iteration(iteration)
    return {
        "Iteration": iteration.number,
        "Status": status,
        SCORE.short: iteration.score,
        **{figure.short: read_column(figure, metrics) for figure in LEAD_FIGURES},
        COST.short: format_cost([iteration]),
        AGREEMENT: iteration.conformity,
        "Equity": list(preview) if metrics else [],
        "Hypothesis": iteration.verdict if iteration.states_hypothesis else "",
        "Change": iteration.error.message if iteration.error else iteration.change,
    }


def draw_trades_table(trades: Sequence[Trade], fills: Sequence[Fill], bars: Bars, *, key: str, alt: str = "Trades") -> int | None:
    """Round trips, the first one on top; gives the place of the one that is ticked."""
    if not trades:
        st.caption("No trade was closed.")
        return None
    event = st.dataframe(
        write_cells(build_trades_table(trades, fills, bars), TRADE_WRITERS | build_price_writers(trades)),
        hide_index=True,
        column_config=TRADE_COLUMNS,
        key=key,
        height="content" if len(trades) <= 10 else 380,
        on_select="rerun",
        selection_mode="single-row",
        placeholder=DASH,
        alt=alt,
    )
    return read_ticked_trade(event)


def read_ticked_trade(event: Any) -> int | None:
    """Read which trade is ticked, from the table or from its state before it is drawn."""
    rows = ((event or {}).get("selection") or {}).get("rows") or []
    return int(rows[0]) if rows else None


def build_trades_table(trades: Sequence[Trade], fills: Sequence[Fill], bars: Bars) -> pd.DataFrame:
    """Build the table of round trips; money in account currency, returns as fractions of what the position cost."""
    stamp = "datetime64[m]" if bars.timeframe.intraday else "datetime64[D]"
    times = bars.time.astype(stamp).astype(str)

    def when(index: int | None) -> str:
        return "still open" if index is None else str(times[index]).replace("T", " ") if index < len(times) else DASH

    return pd.DataFrame(
        ({"Instrument": [trade.instrument or bars.instrument.symbol for trade in trades]} if bars.others else {})
        | {
            "Entry": [when(trade.entry_bar) for trade in trades],
            "Exit": [when(trade.exit_bar) for trade in trades],
            "Side": ["long" if trade.size > 0 else "short" for trade in trades],
            "Return": [trade_words.compute_return(trade) for trade in trades],
            "Profit": [round(trade.profit, 2) for trade in trades],
            "Held": [trade_words.format_held(trade, bars) for trade in trades],
            "Why it ended": [trade_words.label_exit(trade, trade_words.find_exit_fill(trade, fills)) for trade in trades],
            "Units": [abs(trade.size) for trade in trades],
            "In at": [trade.entry_price for trade in trades],
            "Out at": [trade.exit_price for trade in trades],
            "Commission": [round(trade.commission, 2) for trade in trades],
        }
    )


def build_price_writers(trades: Sequence[Trade]) -> dict[str, Writer]:
    """Build the writers of the prices, all with as many digits as the smallest price needs to keep six."""
    prices = [price for trade in trades for price in (trade.entry_price, trade.exit_price) if price]
    digits = min(max(5 - floor(log10(abs(min(prices, key=abs)))), 2), 8) if prices else 2
    return dict.fromkeys(("In at", "Out at"), write_number(digits))


TRADE_COLUMNS = {
    "Return": st.column_config.NumberColumn(help="Profit over what the position cost, commission counted."),
    "Why it ended": st.column_config.TextColumn(help="By the type of the order that closed it. Its rows are those of the program."),
}
TRADE_WRITERS: dict[str, Writer] = {
    "Return": lambda value: format_percent(value, 2),
    "Profit": write_number(2),
    "Units": write_short,
    "Commission": write_number(2),
}
