"""Rows that ask for the last trading days of a month, on exchanges whose holidays nobody here knows beforehand."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from core.domain.errors import Problem, Severity
from core.domain.instrument import Instrument
from core.language.catalogue.exchanges import EVERY_WEEKDAY, HOLIDAYS
from core.language.syntax.definition import Definition
from core.language.syntax.nodes import ClockOperand, Node, walk

if TYPE_CHECKING:
    from core.domain.bars import TimeArray

EPOCH = date(1970, 1, 1).toordinal()


def find_month_end_problems(definition: Definition, instrument: Instrument, missed: tuple[int, int] | None = None) -> Iterator[Problem]:
    """Find rows that count the days left in a month where holidays are not known; `missed` is what `count_missed_month_ends` gives."""
    if instrument.calendar in HOLIDAYS or instrument.calendar in EVERY_WEEKDAY:
        return
    read: list[tuple[str, tuple[Node, ...]]] = [(item.row.id, (item.node,)) for item in definition.conditions]
    read += [(item.row.id, tuple(item.values.values())) for item in definition.instructions]
    where = (
        f"of {instrument.exchange or instrument.calendar}"
        if instrument.exchange or instrument.calendar
        else f"of {instrument.symbol}'s exchange"
    )
    message = f"the holidays {where} are not known: in a month whose last weekday is one, this row is true too late or not at all."
    if missed is not None and missed[1]:
        message += f" On these bars that is so in {missed[0]} of {missed[1]} months."
    remedy = "Write `first_trading_day_of_month`, or `trading_day_of_month >= 20`: days that are over are counted from the bars themselves."
    for row in dict.fromkeys(row for row, nodes in read if any(_counts_days_left(node) for node in nodes)):
        yield Problem(severity=Severity.WARNING, row=row, column="indicators", message=message, remedy=remedy)


def _counts_days_left(node: Node) -> bool:
    return any(isinstance(part, ClockOperand) and part.name == "trading_days_left" for part in walk(node))


def count_missed_month_ends(time: "TimeArray") -> tuple[int, int]:
    """Count the months whose last bar is not of the last weekday, and all whole months; seen from afterwards, for people alone."""
    days = [date.fromordinal(EPOCH + day) for day in sorted(set(time.astype("datetime64[D]").astype("int64").tolist()))]
    last = [day for day, after in pairwise(days) if (day.year, day.month) != (after.year, after.month)]
    return sum(_has_weekday_after(day) for day in last), len(last)


def _has_weekday_after(day: date) -> bool:
    return any(day.replace(day=later).weekday() < 5 for later in range(day.day + 1, monthrange(day.year, day.month)[1] + 1))
