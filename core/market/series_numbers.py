"""Columns of a table into a series of numbers: prices, volume, adjustment, and the order of columns that have no names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.bars import FloatArray, TimeArray
from core.domain.instrument import Instrument
from core.domain.readings import Corrections
from core.market.headers import PRICES, Columns
from core.market.number_parsing import groups_thousands, parse_numbers, uses_decimal_comma
from core.market.price_series import PriceSeries, make_series
from core.market.tables import Table
from core.market.wall_times import count_weekend_days

COINBASE = ("low", "high", "open", "close")
"""Order of the prices behind the time where they are not open, high, low, close."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The series as it stands in the file, how many of its price cells are no numbers, and what is worth telling."""

    series: PriceSeries
    unreadable: int
    decimal_comma: bool
    notes: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()


def read_numbers(table: Table, places: Mapping[str, int], time: TimeArray, said: Corrections, known: Instrument | None) -> Numbers:
    """Read prices and volume. Raises AmbiguousNumbersError where a comma could be either mark."""
    prices = [table.columns[places[role]] for role in PRICES]
    comma = said.decimal == "," if said.decimal else uses_decimal_comma(prices)
    columns, unreadable = [], 0
    for column in prices:
        values, bad = parse_numbers(column, decimal_comma=comma)
        columns.append(values)
        unreadable += bad
    notes = ["decimal comma"] if comma else []
    round_the_clock = known.calendar == "24/7" if known else count_weekend_days(time) > 0.2 * len(time)
    volume, told, repaired = _volume(table, places, comma=comma, dotted=not round_the_clock)
    factor = None
    if "adjusted" in places:
        close, _ = parse_numbers(table.columns[places["adjusted"]], decimal_comma=comma)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(np.isnan(close) | np.isnan(columns[3]) | (columns[3] == 0), 1.0, close / columns[3])
        notes.append("adjusted close used to adjust all prices")
    series = make_series(time, columns[0], columns[1], columns[2], columns[3], volume, factor)
    return Numbers(series, unreadable, comma, (*notes, *told), repaired)


def guess_columns(table: Table) -> Columns:
    """Columns of a file without a header: date, perhaps time, open, high, low, close, perhaps volume, in the usual order."""
    second = table.columns[1].head(50).astype(str).str.strip() if len(table.columns) > 1 else None
    timed = second is not None and second.str.fullmatch(r"\d{1,2}:?\d{2}(:?\d{2})?").mean() > 0.9 and len(table.columns) > 5
    if timed and second is not None and not second.str.contains(":").any() and not _reads_as_date(table.columns[0]):
        timed = False
    order = ["date", *(["time"] if timed else []), *PRICES, "volume"]
    places = {role: place for place, role in enumerate(order) if place < len(table.columns)}
    if places.keys() >= set(PRICES) and _fits(table, places, COINBASE) and not _fits(table, places, PRICES):
        start = places["open"]
        places |= {role: start + number for number, role in enumerate(COINBASE)}
        return Columns(places, ("the prices stand in the order low, high, open, close",))
    return Columns(places)


def _reads_as_date(column: Any) -> bool:
    head = column.head(50).astype(str).str.strip()
    return bool(head.str.fullmatch(r"\d{8}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}").mean() > 0.9)


def _fits(table: Table, places: Mapping[str, int], order: tuple[str, ...]) -> bool:
    """True when, with the prices in this order, high is the highest and low the lowest on nearly all rows."""
    start = places["open"]
    columns = {role: parse_numbers(table.columns[start + number].head(500))[0] for number, role in enumerate(order)}
    every = np.stack(list(columns.values()))
    with np.errstate(invalid="ignore"):
        fits = (columns["high"] >= every.max(axis=0)) & (columns["low"] <= every.min(axis=0))
    return bool(np.mean(fits) > 0.95)


def _volume(
    table: Table, places: Mapping[str, int], *, comma: bool, dotted: bool
) -> tuple[FloatArray | None, tuple[str, ...], tuple[str, ...]]:
    """Volume, or the number of ticks where the file has no volume worth the name."""
    columns: dict[str, FloatArray] = {}
    notes, repaired = [], []
    for role in ("volume", "ticks"):
        if role not in places:
            continue
        column = table.columns[places[role]]
        thousands = not comma and dotted and groups_thousands(column)
        columns[role], bad = parse_numbers(column, decimal_comma=comma or thousands)
        if thousands:
            notes.append("the dots in the volume are thousands marks")
        if bad and role == "volume":
            repaired.append(f"volume of {bad} row{'s' * (bad > 1)} is no number and set to 0")
    traded, counted = (float(np.mean(np.nan_to_num(columns[role]) > 0)) if role in columns else 0.0 for role in ("volume", "ticks"))
    if counted > 0 and traded < counted / 2:
        return columns["ticks"], (*notes, "tick count taken as volume"), ()
    return columns.get("volume"), (*notes, *([] if "volume" in columns else ["no volume column"])), tuple(repaired)
