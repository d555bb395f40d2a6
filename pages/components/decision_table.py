"""The table of a comparison: drawn in the browser from the values of `core.report.comparison`, with folding groups and marked cells."""

from typing import Any

import streamlit as st

from core.report.comparison import Cell, Column, Comparison, ComparisonRow, ParticipantKind
from pages.components.browser_code import read_browser_code

LOOK_ROW = "hold_out_sharpe"
"""Row whose locked cells hold the way to a look."""
LONG = 28
"""Characters from which words stand to the left in their cells."""

_draw = st.components.v2.component(
    "stratloop_decision_table",
    html=read_browser_code("decision_table.html"),
    css=read_browser_code("decision_table.css"),
    js=read_browser_code("decision_table.js"),
)


def draw_decision_table(
    found: Comparison, *, colors: dict[str, str], dark: bool, differences_only: bool, bars: bool, key: str
) -> tuple[str | None, str | None]:
    """Draw the table; gives the id of the column that was asked to be removed, and of the one whose hold-out is to be looked at."""
    reported = _draw(
        data={
            "columns": [_describe_column(column, colors[column.id]) for column in found.columns],
            "groups": [
                {"name": group.name, "about": group.about, "rows": [_describe_row(row) for row in group.rows]} for group in found.groups
            ],
            "baseline": found.baseline,
            "corner": "",
            "dark": dark,
            "differencesOnly": differences_only,
            "bars": bars,
        },
        key=key,
        on_remove_change=lambda: None,
        on_look_change=lambda: None,
    )
    return reported.remove, reported.look


def _describe_column(column: Column, color: str) -> dict[str, Any]:
    market = column.kind is ParticipantKind.MARKET
    return {
        "id": column.id,
        "name": column.name,
        "color": color,
        "dashed": market,
        "badges": [badge.value for badge in column.badges],
        "why": column.why,
        "about": column.asset if market else f"{column.asset} · {column.model}",
        "error": column.error,
        "removable": column.kind is ParticipantKind.ITERATION,
    }


def _describe_row(row: ComparisonRow) -> dict[str, Any]:
    return {
        "label": row.label,
        "meaning": row.meaning,
        "same": row.same,
        "numeric": any(cell.value is not None for cell in row.cells),
        "long": any(len(cell.text) > LONG for cell in row.cells),
        "place_is_spot": row.place_is_spot,
        "offersLook": row.name == LOOK_ROW,
        "cells": [_describe_cell(cell) for cell in row.cells],
    }


def _describe_cell(cell: Cell) -> dict[str, Any]:
    return cell.model_dump(mode="json", exclude={"value"})
