"""Figures of runs and iterations as metrics, badges and tables."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.domain.backtest import Certificate, Trade, Verdict
from core.domain.bars import Bars
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import Objective
from pages.components import formatting

ROWS: tuple[tuple[str, str, str], ...] = (
    ("Total return", "total_return", "percent"),
    ("Growth a year", "cagr", "percent"),
    ("Sharpe ratio", "sharpe", "ratio"),
    ("Sortino ratio", "sortino", "ratio"),
    ("Calmar ratio", "calmar", "ratio"),
    ("Volatility a year", "volatility", "percent"),
    ("Maximum drawdown", "max_drawdown", "percent"),
    ("Longest drawdown, days", "max_drawdown_days", "whole"),
    ("Closed trades", "trades", "whole"),
    ("Win rate", "win_rate", "percent"),
    ("Profit factor", "profit_factor", "ratio"),
    ("Mean profit of a trade", "expectancy", "money"),
    ("Time in the market", "exposure", "percent"),
    ("Turnover a year", "turnover", "ratio"),
    ("Commission paid", "costs", "money"),
    ("Final value", "final_value", "money"),
)

SHORT = ("total_return", "cagr", "sharpe", "max_drawdown", "trades", "exposure")


def format_figure(metrics: Metrics | None, field: str, kind: str, currency: str = "USD") -> str:
    """Format one figure; a dash without figures."""
    value = None if metrics is None else getattr(metrics, field)
    if kind == "percent":
        return formatting.percent(value)
    if kind == "money":
        return formatting.money(value, currency, 0 if value is not None and abs(value) >= 1000 else 2)
    if kind == "whole":
        return formatting.DASH if value is None else f"{value:,.0f}"
    return formatting.ratio(value)


def draw_figures_table(columns: Mapping[str, Metrics | None], *, key: str, currency: str = "USD", short: bool = False) -> None:
    """Figures as rows, one column for each name; `short` keeps those that are read first."""
    rows = [row for row in ROWS if not short or row[1] in SHORT]
    data = {"Figure": [label for label, _, _ in rows]}
    for name, metrics in columns.items():
        data[name] = [format_figure(metrics, field, kind, currency) for _, field, kind in rows]
    config: dict[str, Any] = {"Figure": st.column_config.TextColumn(pinned=True)}
    config |= {name: st.column_config.TextColumn(alignment="right") for name in columns}
    st.dataframe(pd.DataFrame(data), hide_index=True, column_config=config, key=key, height="content", alt="Figures side by side")


def draw_headline(metrics: Metrics | None, against: Metrics | None = None, *, name: str = "") -> None:
    """The four figures that are read first, with the difference to a reference."""
    with st.grid(4, min_column_width=150):
        for label, field, kind in (ROWS[2], ROWS[6], ROWS[0], ROWS[8]):
            st.metric(
                label,
                format_figure(metrics, field, kind),
                border=True,
                height="stretch",
                **build_delta(metrics, against, field, kind, name),
            )


def build_delta(metrics: Metrics | None, against: Metrics | None, field: str, kind: str, name: str) -> dict[str, Any]:
    """Build the `delta` arguments of a metric: its distance from a reference; nothing when either is missing."""
    if metrics is None or against is None:
        return {}
    value, other = getattr(metrics, field), getattr(against, field)
    if value is None or other is None:
        return {}
    gap = float(value - other)
    text = {"percent": f"{gap * 100:+,.1f} pp", "ratio": f"{gap:+.2f}"}.get(kind, f"{gap:+,.0f}")
    if not any(digit in "123456789" for digit in text):
        return {"delta": 0, "delta_description": f"as {name}"} if name else {}
    color = "off" if kind == "whole" else "normal"
    return {"delta": text, "delta_color": color, "delta_description": f"vs. {name}" if name else None}


def draw_certificate_badges(certificate: Certificate | None, isolation_level: int | None) -> None:
    """Draw the checks made on an iteration, as badges."""
    if certificate is None:
        return
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(
            formatting.VERDICT[certificate.verdict],
            icon=":material/visibility_off:" if certificate.verdict is Verdict.CLEAN else ":material/visibility:",
            color=formatting.VERDICT_COLOR[certificate.verdict],
            help=formatting.escape(certificate.checked) or None,
        )
        if certificate.ledger_checked:
            st.badge("Ledger checked", icon=":material/calculate:", color="green", help="Every fill was computed a second time.")
        if certificate.altered:
            st.badge(
                "Code altered the engine",
                icon=":material/warning:",
                color="orange",
                help="What the code claims about itself differs from the platform's figures. Only the platform's are shown.",
            )
        if isolation_level is not None:
            level, color = formatting.LEVEL[isolation_level], formatting.LEVEL_COLOR[isolation_level]
            st.badge(level, icon=":material/shield:", color=color, help="The sandbox's level when this ran.")


WITHOUT_COLUMN = (Objective.SORTINO, Objective.CALMAR, Objective.FORMULA)
"""Objectives whose score no column shows otherwise."""


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
    returns = [row["Return"] for row in rows if row["Return"] is not None]
    config = {
        "Iteration": st.column_config.NumberColumn(width=78, pinned=True, format="%d"),
        "Status": st.column_config.TextColumn(width=120),
        "Score": st.column_config.NumberColumn(format="%.3f", width=75, help="By this the loop ranks.")
        if objective in WITHOUT_COLUMN
        else None,
        "Sharpe": st.column_config.NumberColumn(format="%.2f", width=75),
        "Max DD": st.column_config.NumberColumn(format="%.1f%%", width=80),
        "Return": st.column_config.ProgressColumn(
            format="%.1f%%", min_value=min([0.0, *returns]), max_value=max([1.0, *returns]), width=150
        ),
        "Trades": st.column_config.NumberColumn(format="%d", width=65),
        "Cost": st.column_config.TextColumn(width=80, alignment="right"),
        "Equity": st.column_config.LineChartColumn(width=150),
        "Hypothesis": st.column_config.TextColumn(width=100, help="What the score says of why it was changed.") if judged else None,
        "Change": st.column_config.TextColumn(width="large"),
    }
    options: dict[str, Any] = {"on_select": "rerun", "selection_mode": "multi-row"} if selectable else {}
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config=config,
        key=key,
        height="content" if len(rows) <= 12 else 440,
        alt="Iterations",
        placeholder=formatting.DASH,
        **options,
    )
    if not selectable:
        return []
    return [newest[index].number for index in event.selection.rows if index < len(newest)]


def _row(iteration: Iteration, preview: Sequence[float], best: int | None, rejected: bool) -> dict[str, Any]:
    metrics = iteration.metrics if iteration.error is None else None
    status = "best" if iteration.number == best and best != 0 else "not repeatable" if rejected else formatting.verdict(iteration)
    return {
        "Iteration": iteration.number,
        "Status": status,
        "Score": iteration.score,
        "Sharpe": metrics.sharpe if metrics else None,
        "Max DD": metrics.max_drawdown * 100 if metrics else None,
        "Return": metrics.total_return * 100 if metrics else None,
        "Trades": metrics.trades if metrics else None,
        "Cost": formatting.cost([iteration]),
        "Equity": list(preview) if metrics else [],
        "Hypothesis": iteration.verdict if iteration.states_hypothesis else "",
        "Change": iteration.error.message if iteration.error else iteration.change,
    }


def draw_trades_table(trades: Sequence[Trade], bars: Bars, *, key: str) -> None:
    """Round trips, the first one on top."""
    if not trades:
        st.caption("No trade was closed.")
        return
    stamp = "datetime64[m]" if bars.timeframe.intraday else "datetime64[D]"
    times = bars.time.astype(stamp).astype(str)

    def when(index: int | None) -> str:
        return "still open" if index is None else str(times[index]).replace("T", " ") if index < len(times) else formatting.DASH

    frame = pd.DataFrame(
        {
            "Entry": [when(trade.entry_bar) for trade in trades],
            "Exit": [when(trade.exit_bar) for trade in trades],
            "Side": ["long" if trade.size > 0 else "short" for trade in trades],
            "Units": [abs(trade.size) for trade in trades],
            "In at": [trade.entry_price for trade in trades],
            "Out at": [trade.exit_price for trade in trades],
            "Profit": [trade.profit for trade in trades],
            "Commission": [trade.commission for trade in trades],
        }
    )
    config = {
        "Units": st.column_config.NumberColumn(format="%.6g"),
        "In at": st.column_config.NumberColumn(format="%.6g"),
        "Out at": st.column_config.NumberColumn(format="%.6g"),
        "Profit": st.column_config.NumberColumn(format="%.2f"),
        "Commission": st.column_config.NumberColumn(format="%.2f"),
    }
    st.dataframe(frame, hide_index=True, column_config=config, key=key, height="content" if len(frame) <= 10 else 380, alt="Trades")
