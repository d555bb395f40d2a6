"""Rows that ask for the last trading days of a month, where holidays are known and where they are not."""

import numpy as np
import pytest

from core.domain.errors import Problem
from core.domain.instrument import Instrument
from core.domain.workflow import Operator, Row, Section, Workflow
from core.language import check
from core.language.analysis.month_ends import count_missed_month_ends


def _check(calendar: str, exchange: str, month_ends: tuple[int, int] | None = None) -> list[Problem]:
    rows = (
        Row(id="in", section=Section.ENTRY_LONG, indicators=("last_trading_day_of_month",), operator=Operator.IS_TRUE),
        Row(id="out", section=Section.EXIT_LONG, indicators=("trading_day_of_month == 3",), operator=Operator.IS_TRUE),
    )
    found = check(
        Workflow(name="Turn", rows=rows), instrument=Instrument(symbol="X", calendar=calendar, exchange=exchange), month_ends=month_ends
    )
    return [problem for problem in found if "holidays" in problem.message]


@pytest.mark.parametrize("calendar", ["XNYS", "XNAS", "ARCX", "US", "XLON", "XETR", "XPAR", "24/5", "24/7"])
def test_where_month_ends_are_known_nothing_is_said(calendar: str) -> None:
    assert _check(calendar, "Somewhere") == []


def test_of_other_exchanges_the_row_is_warned_of_with_the_months_that_the_bars_missed() -> None:
    (told,) = _check("XTKS", "Tokyo", (7, 36))

    assert told.row == "in"
    assert "Tokyo" in told.message
    assert "7 of 36 months" in told.message


def test_a_month_is_missed_where_its_last_bar_is_not_of_the_last_weekday() -> None:
    time = np.array(["2024-03-27", "2024-03-28", "2024-04-29", "2024-04-30", "2024-05-02"], dtype="datetime64[s]")

    assert count_missed_month_ends(time) == (1, 2)
    assert count_missed_month_ends(time[:0]) == (0, 0)
