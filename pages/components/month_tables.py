"""Monthly returns of several accounts side by side, drawn in the browser: a table of numbers each, without a data frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import evidence
from core.domain.bars import FloatArray, TimeArray
from pages.components.browser_code import read_browser_code

FULL = 15.0
"""Percent from which a month has its full color."""

_draw = st.components.v2.component(
    "stratloop_month_tables",
    html=read_browser_code("month_tables.html"),
    css=read_browser_code("month_tables.css"),
    js=read_browser_code("month_tables.js"),
)


@dataclass(frozen=True, slots=True)
class MonthlyAccount:
    """One account; arrays have shape (n,)."""

    name: str
    color: str
    equity: FloatArray
    time: TimeArray
    start_value: float
    dashed: bool = False


def draw_month_tables(accounts: Sequence[MonthlyAccount], *, key: str) -> None:
    """Draw a table for each account: years down, months across, the whole year at the end."""
    _draw(data={"tables": [build_month_table(one) for one in accounts], "full": FULL}, key=key)


def build_month_table(one: MonthlyAccount) -> dict[str, Any]:
    """Build the numbers of a table, in percent; None for a month without bars."""
    yearly = evidence.yearly_returns(one.equity, one.time, start_value=one.start_value)
    moves: dict[int, list[float | None]] = {each.year: [None] * 12 for each in yearly}
    for each in evidence.monthly_returns(one.equity, one.time, start_value=one.start_value):
        if each.year in moves:
            moves[each.year][each.month - 1] = round(100 * each.value, 3)
    return {
        "name": one.name,
        "color": one.color,
        "dashed": one.dashed,
        "years": list(moves),
        "moves": list(moves.values()),
        "whole": [round(100 * each.value, 3) for each in yearly],
    }
