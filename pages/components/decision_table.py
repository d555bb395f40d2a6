"""The table of a comparison: drawn in the browser from the values of `core.report.comparison`, with folding groups and marked cells."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.report.comparison import Cell, CellState, Column, Comparison, ComparisonRow, ParticipantKind
from pages.components.browser_code import read_browser_code

LOOK_ROW = "hold_out_sharpe"
"""Row whose locked cells hold the way to a look."""
LONG = 28
"""Characters from which words stand to the left in their cells."""
NARROW = 10
"""Characters that have room in a cell on a phone; the cells of a row with longer ones stand below each other there."""

_draw = st.components.v2.component(
    "stratloop_decision_table",
    html=read_browser_code("decision_table.html"),
    css=read_browser_code("decision_table.css"),
    js=read_browser_code("lock.js", "decision_table.js"),
)


def draw_decision_table(
    found: Comparison, *, colors: dict[str, str], dark: bool, differences_only: bool, bars: bool, key: str
) -> str | None:
    """Draw the table; gives the id of the column whose hold-out is to be looked at."""
    corner, asset, author = describe_corner(found.columns)
    reported = _draw(
        data={
            "columns": [_describe_column(column, colors[column.id], asset=asset, author=author) for column in found.columns],
            "groups": [
                {"name": group.name, "about": group.about, "rows": [_describe_row(row) for row in group.rows]} for group in found.groups
            ],
            "baseline": found.baseline,
            "corner": corner,
            "dark": dark,
            "differencesOnly": differences_only,
            "bars": bars,
        },
        key=key,
        on_look_change=lambda: None,
    )
    looked: str | None = reported.look
    return looked


def describe_corner(columns: Sequence[Column]) -> tuple[str, str, str]:
    """Describe what all columns share, for the corner of the table: the words, the instrument and the author; empty where they differ."""
    assets = {column.asset for column in columns}
    authors = {column.model for column in columns if column.kind is ParticipantKind.ITERATION}
    asset = assets.pop() if len(assets) == 1 else ""
    author = authors.pop() if len(authors) == 1 else ""
    return "\n".join(filter(None, (asset, author))), asset, author


def shorten(identity: str, kind: ParticipantKind) -> str:
    """Shorten a column's name to what a phone has room for.

    >>> shorten("3f2a:4", ParticipantKind.ITERATION)
    '4'
    """
    return "B&H" if kind is ParticipantKind.MARKET else identity.rpartition(":")[2]


def _describe_column(column: Column, color: str, *, asset: str, author: str) -> dict[str, Any]:
    market = column.kind is ParticipantKind.MARKET
    own = ("" if column.asset == asset else column.asset, "" if market or column.model == author else column.model)
    return {
        "id": column.id,
        "name": column.name,
        "short": shorten(column.id, column.kind),
        "color": color,
        "dashed": market,
        "badges": [badge.value for badge in column.badges],
        "why": column.why,
        "about": " · ".join(filter(None, own)),
        "error": column.error,
        "lookable": column.kind is ParticipantKind.ITERATION,
    }


def _describe_row(row: ComparisonRow) -> dict[str, Any]:
    return {
        "label": row.label,
        "meaning": row.meaning,
        "same": row.same,
        "numeric": any(cell.value is not None for cell in row.cells),
        "long": any(len(cell.text) > LONG for cell in row.cells),
        "wordy": any(len(cell.text) > NARROW for cell in row.cells if cell.state is CellState.VALUE),
        "place_is_spot": row.place_is_spot,
        "offersLook": row.name == LOOK_ROW,
        "cells": [_describe_cell(cell) for cell in row.cells],
    }


def _describe_cell(cell: Cell) -> dict[str, Any]:
    return cell.model_dump(mode="json", exclude={"value"})
