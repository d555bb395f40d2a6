"""Numbers of columns that are sorted: written for people, kept as numbers."""

import re
from pathlib import Path

import pandas as pd

from core.report.number_format import format_ratio
from pages.components.number_cells import write_cells, write_percent, write_points, write_short

PAGES = Path(__file__).resolve().parents[2] / "pages"
WITHOUT_SIGN = ("%d", "$%.4g")
"""Formats of numbers that are years, places and prices: never below zero, and none with thousands."""


def test_cells_have_a_true_minus_and_thousands_while_the_column_stays_one_of_numbers() -> None:
    table = pd.DataFrame({"Return": [-1758.44, 2187.7, None], "Gap": [-1303.3, 23.2, None], "Sharpe": [-0.14, 1.6, None]})
    cells = write_cells(table, {"Return": write_percent, "Gap": write_points, "Sharpe": format_ratio, "not there": write_short})
    lines = cells.to_string(delimiter="|").splitlines()
    assert lines[1:] == ["0|−1,758.4%|−1,303.3 pp|−0.14", "1|2,187.7%|+23.2 pp|1.60", "2|||"]
    assert cells.data.dtypes.tolist() == [float, float, float]


def test_no_column_of_numbers_has_a_format_that_would_write_a_hyphen_or_leave_thousands_together() -> None:
    found = [
        (path.name, form)
        for path in PAGES.rglob("*.py")
        for form in re.findall(r"NumberColumn\([^)]*?format=\"([^\"]+)\"", path.read_text(encoding="utf-8"))
        if form not in WITHOUT_SIGN
    ]
    assert found == []
