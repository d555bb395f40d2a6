"""Columns of numbers that are sorted by their value and written as everywhere else: a true minus sign, thousands apart.

A format of Streamlit's own writes a hyphen, and thousands either not at all or as the browser's language has them.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from core.report.figures import Form
from core.report.number_format import format_percent, format_ratio, format_whole

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

Writer = Callable[[float], str]


def write_cells(table: pd.DataFrame, writers: Mapping[str, Writer]) -> "Styler":
    """Write the numbers of columns for people. Their columns have no format of their own; what is missing stays missing.

    >>> write_cells(pd.DataFrame({"Gap": [-1758.44, None]}), {"Gap": write_points}).to_string(delimiter="|")
    '|Gap\\n0|−1,758.4 pp\\n1|\\n'
    """
    return table.style.format({name: _leave_gaps(write) for name, write in writers.items() if name in table})


def write_percent(value: float) -> str:
    """Write a number of percent.

    >>> write_percent(-3.84), write_percent(2187.7)
    ('−3.8%', '2,187.7%')
    """
    return format_percent(value / 100)


def write_points(value: float) -> str:
    """Write a difference in percentage points.

    >>> write_points(-1758.44), write_points(1.23)
    ('−1,758.4 pp', '+1.2 pp')
    """
    return format_percent(value / 100, sign=True).replace("%", " pp")


def write_signed(value: float) -> str:
    """Write a number of percent or of points whose unit stands in the heading."""
    return format_percent(value / 100, sign=True).removesuffix("%")


def write_number(digits: int) -> Writer:
    """Write numbers with so many digits, thousands apart.

    >>> write_number(2)(-1234.5), write_number(2)(-0.001), write_number(0)(12345.0)
    ('−1,234.50', '0.00', '12,345')
    """
    return lambda value: format_percent(value / 100, digits).removesuffix("%")


def write_short(value: float) -> str:
    """Write a number with the digits that it needs, six at the most, thousands apart.

    >>> write_short(1500.0), write_short(0.125)
    ('1,500', '0.125')
    """
    whole, _, rest = write_number(6)(value).partition(".")
    return f"{whole}.{rest.rstrip('0')}".rstrip(".")


OF_FORM: dict[Form, Writer] = {
    Form.PERCENT: write_percent,
    Form.RATIO: format_ratio,
    Form.MONEY: write_number(2),
    Form.WHOLE: format_whole,
}
"""Writers of figures by their form; percent as numbers of percent."""


def _leave_gaps(write: Writer) -> Callable[[float | None], str]:
    return lambda value: "" if value is None or pd.isna(value) else write(value)
