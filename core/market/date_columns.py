"""Columns by what stands in them, where no header names them: the dates, and the one price of a file that has no more."""

from dataclasses import replace
from typing import Any

import numpy as np

from core.market.date_texts import find_zone_in_words
from core.market.header_names import split_words
from core.market.headers import PRICES, Columns, find_role
from core.market.number_parsing import AmbiguousNumbersError, holds_numbers, parse_numbers, uses_decimal_comma
from core.market.price_series import PriceSeries
from core.market.table import BAD_SHARE, Table
from core.market.timestamps import Stamps, recognize_stamps

ENOUGH, MOSTLY = 500, 0.98
"""Rows by which prices are told apart, and their share that has to fit."""
FEWEST = 3
"""Rows without which a column that grows says nothing."""


ORDERS = split_words(
    "side action direction buy/sell b/s commission fee fees order type trade transaction proceeds operation p&l pnl orderid"
)
"""Headers of a list of orders, whose prices are no series."""


def find_date_column(table: Table, columns: Columns) -> Columns:
    """The columns with a date, where exactly one that has no other use holds moments that only grow or only fall.

    A count of ticks is such a column too, since one service gives that name to its times.
    """
    taken = {place for role, place in columns.places.items() if role in (*PRICES, "volume", "adjusted", "symbol")}
    filled = sum((column.astype(str) != "").astype(int) for column in table.columns) * 2 > len(table.columns)
    found = [place for place, column in enumerate(table.columns) if place not in taken and _holds_moments(column[filled])]
    if len(found) != 1:
        return columns
    places = {role: place for role, place in columns.places.items() if place != found[0]} | {"date": found[0]}
    name = table.names[found[0]].strip()
    unknown = tuple(each for each in columns.unknown if each != name)
    return replace(columns, places=places, unknown=unknown, said=(*columns.said, f"time is '{name}', the one column of moments"))


def choose_date(table: Table, first: int, second: int, said: list[str]) -> int:
    """Of two columns of moments choose the one that tells instants, unless its times are no order of bars; `said` tells which."""
    stamps = {place: recognize_stamps(table.columns[place]) for place in (first, second)}
    usable = [place for place in stamps if not stamps[place].problem]
    if len(usable) < 2:
        return usable[0] if usable else first
    missing = {place: float(np.isnat(stamps[place].written).mean()) for place in (first, second)}
    if abs(missing[first] - missing[second]) > BAD_SHARE:  # a shorter table stands beside this one
        return min(missing, key=missing.__getitem__)
    told = [place for place in (first, second) if stamps[place].utc is not None or find_zone_in_words(table.names[place])]
    exact = told[0] if told else first
    other = second if exact == first else first
    gap = (stamps[exact].written - stamps[other].written).astype(np.int64)
    steady = len(np.unique(gap)) <= 2 or bool(np.mean(gap == np.median(gap)) > 0.95)
    chosen = exact if steady else other
    if _is_end(stamps[chosen], stamps[exact if chosen == other else other]):
        chosen = exact if chosen == other else other
    left = table.names[other if chosen == exact else exact].strip()
    said.append(f"time is '{table.names[chosen].strip()}', not '{left}'")
    return chosen


def says_one_thing(column: Any) -> bool:
    """True where several rows hold one value: the length of the bars, or the day on which the file was made."""
    return len(column) > 1 and column.nunique() == 1


def lies_in_time(table: Table, date: int, time: int) -> bool:
    """True where one moment stands in the column of dates on every row, as the beginning of a query does, and the times are moments."""
    return says_one_thing(table.columns[date]) and _holds_moments(table.columns[time])


def _is_end(later: Stamps, earlier: Stamps) -> bool:
    """True for moments of which each lies behind one of the others by no more than the distance of bars: the ends of bars."""
    if (later.utc is None) != (earlier.utc is None):
        return False
    gap = (later.written - earlier.written).astype(np.int64)
    step = np.abs(np.diff(earlier.written.astype(np.int64)))
    return bool(len(step)) and bool(((gap > 0) & (gap <= np.median(step))).all())


def find_one_price(table: Table, columns: Columns) -> Columns:
    """The columns with one price as all four, where the file has a date and nothing else that could be a price: a fund's value, a rate.

    A header that nobody knows could be one of the missing prices, so that none may be left, but where its column says the same
    everywhere, or holds moments, as the ends of bars are.
    """
    if "date" not in columns.places or any(role in columns.places for role in ("open", "high", "low")):
        return columns
    others = [place for place in range(len(table.columns)) if place != columns.places["date"]]
    at = columns.places.get("close", _find_lone_number(table, columns, others))
    if at is None or at in (columns.places.get("time"), columns.places.get("volume")):
        return columns
    if ORDERS & {name.strip().lower() for name in table.names}:
        return columns
    unknown = [place for place in others if place != at and table.names[place].strip() in columns.unknown]
    if any(table.columns[place].nunique() > 1 and not _holds_moments(table.columns[place]) for place in unknown):
        return columns
    name = table.names[at].strip()
    places = {**columns.places, **dict.fromkeys(PRICES, at)}
    left = tuple(each for each in columns.unknown if each != name)
    return replace(columns, places=places, unknown=left, said=(*columns.said, f"the only price is '{name}'"))


def _find_lone_number(table: Table, columns: Columns, others: list[int]) -> int | None:
    """The place of the one column that holds numbers which change and has no other known use; None where there are several."""
    if not any(table.names):
        return None
    used = ("aside", "trades", "symbol", "ticks", "splits", "factor")
    taken = {place for role, place in columns.places.items() if role in ("time", "volume", "zone", *used)}
    free = [place for place in others if place not in taken and find_role(table.names[place]) not in used]
    found = [place for place in free if holds_numbers(table.columns[place]) and (len(others) == 1 or table.columns[place].nunique() > 1)]
    return found[0] if len(found) == 1 else None


def remark_one_price(series: PriceSeries) -> list[str]:
    """Say what follows where open, high, low and close are the same on every bar; nothing where they are not."""
    if not (series.open == series.close).all() or not (series.high == series.low).all():
        return []
    return ["each bar has one price: an order fills at that of the next bar, and what happens within a bar is not seen"]


def choose_inside(table: Table, columns: Columns) -> Columns:
    """The columns with the open and the close that lie between low and high, where those named best, as yesterday's are, do not."""
    if not columns.rivals or not columns.places.keys() >= {"high", "low"}:
        return columns
    heads = {place: column.head(ENOUGH) for place, column in enumerate(table.columns)}
    high, low = columns.places["high"], columns.places["low"]
    try:
        comma = uses_decimal_comma([heads[high], heads[low]])
    except AmbiguousNumbersError:
        return columns
    top, bottom = (parse_numbers(heads[place], decimal_comma=comma)[0] for place in (high, low))
    places, said = dict(columns.places), list(columns.said)
    for role, rivals in columns.rivals.items():
        values = {place: parse_numbers(heads[place], decimal_comma=comma)[0] for place in rivals}
        with np.errstate(invalid="ignore"):
            inside = {place: float(np.mean((value >= bottom * 0.9999) & (value <= top * 1.0001))) for place, value in values.items()}
        best = max(rivals, key=lambda place: inside[place])
        if inside[places[role]] < MOSTLY <= inside[best]:
            said = [words for words in said if not words.startswith(f"{role} is '")]
            said.append(f"{role} is '{table.names[best].strip()}': '{table.names[places[role]].strip()}' lies outside high and low")
            places[role] = best
    return replace(columns, places=places, said=tuple(said))


def find_twice(table: Table, columns: Columns) -> str:
    """The name of a price that heads two columns of different values; empty without one."""
    names = [name.strip() for name in table.names]
    for role in PRICES:
        at = columns.places.get(role)
        again = [place for place, name in enumerate(names) if at is not None and place != at and name and name == names[at]]
        if at is not None and any((table.columns[place].astype(str) != table.columns[at].astype(str)).any() for place in again):
            return names[at]
    return ""


def _holds_moments(column: Any) -> bool:
    """True for moments that only grow or only fall, in at least FEWEST rows."""
    stamps = recognize_stamps(column)
    if stamps.problem or len(column) < FEWEST or np.isnat(stamps.written).any():
        return False
    steps = np.diff(stamps.written.astype("datetime64[s]").astype(np.int64))
    return bool((steps > 0).all() or (steps < 0).all())
