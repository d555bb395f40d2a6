"""Columns of a table into a series of numbers: prices, volume, adjustment, and the order of columns that have no names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.bars import FloatArray, TimeArray
from core.domain.instrument import AssetClass, Instrument
from core.domain.readings import Corrections
from core.market.factor_columns import divide_adjusted, follows_close, read_factor
from core.market.fraction_quotes import parse_quotes, suspect_quotes
from core.market.headers import PRICES, VOLUMES, Columns, find_role, tell_language
from core.market.number_parsing import (
    AmbiguousNumbersError,
    groups_thousands,
    parse_numbers,
    uses_decimal_comma,
)
from core.market.price_series import PriceSeries, make_series
from core.market.table import Table, counts_rows
from core.market.volume_units import find_scale, names_money
from core.market.wall_times import count_weekend_days

OTHER_ORDERS = (
    ("low", "high", "open", "close"),
    ("high", "low", "open", "close"),
    ("open", "close", "high", "low"),
    ("open", "close", "low", "high"),
    ("volume", "close", "high", "low", "open"),
)
"""Orders of the columns behind the time that services use where it is not open, high, low, close; their values tell which."""
FIXED_POINTS = 1_000_000_000
"""Parts of a unit in which Databento's raw files write prices."""
LEAN_POINTS, LEAN_LEAST = 10_000, 200_000
"""Parts of a dollar in which Lean writes the prices of shares, and the least number that is read so: below it other prices look like it."""
TIME_OF_DAY = r"\d{3,6}|\d{1,2}:\d{2}(?::\d{2})?(?:[.,:]\d+)?(?: ?[APap]\.?[Mm]\.?)?"
DATED = r"(?:19|20)\d{6}|[0-3]\d[01]\d(?:19|20)\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?"
SHARES = (AssetClass.EQUITY, AssetClass.ETF, AssetClass.INDEX)
HALVES = (
    ("up", "down"),
    *(
        (f"{one}{mark}volume", f"{other}{mark}volume")
        for one, other in (("buy", "sell"), ("up", "down"), ("bid", "ask"))
        for mark in (" ", "_", "")
    ),
)
"""Names of the parts into which services split a volume, the first of them TradeStation."""
FEWEST_TRADED = 5
"""Rows that tell whether a volume is money."""
COMMA_ELSEWHERE = r"[+-]?\d[\d.]*,\d{1,2}\s*[%KMB]?|\d{1,3}(?:\.\d{3}){2,}"
DOT_ELSEWHERE = r"[+-]?\d[\d,]*\.\d{1,2}\s*[%KMB]?|\d{1,3}(?:,\d{3}){2,}"
"""Numbers that tell the decimal mark, as percentages and counts of millions do."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The series as it stands in the file, how many of its price cells are no numbers, and what is worth telling."""

    series: PriceSeries
    unreadable: int
    decimal_comma: bool
    notes: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    units: int | None = None
    """Place of the column that holds the volume where it is another than its name tells."""


def read_numbers(table: Table, places: Mapping[str, int], time: TimeArray, said: Corrections, known: Instrument | None) -> Numbers:
    """Read prices and volume. Raises AmbiguousNumbersError where a comma could be either mark."""
    prices = [table.columns[places[role]] for role in PRICES]
    quoted = parse_quotes(prices)
    dotted = quoted is None and not said.decimal and _dots_group_thousands(table, prices)
    comma = dotted or (quoted is None and (said.decimal == "," if said.decimal else _is_comma_decimal(table, prices)))
    columns, unreadable = quoted[0] if quoted else [], 0
    if quoted is None:
        read = {place: parse_numbers(table.columns[place], decimal_comma=comma) for place in dict.fromkeys(places[role] for role in PRICES)}
        columns = [read[places[role]][0] for role in PRICES]
        unreadable = sum(bad for _, bad in read.values())
    notes = ["decimal comma"] if comma else [quoted[1]] if quoted else []
    if {"rtype", "publisher_id"} <= {name.strip().split(".")[-1] for name in table.names} and all(
        np.nanmedian(values) > 1e6 for values in columns
    ):
        columns = [values / FIXED_POINTS for values in columns]
        notes.append("prices are whole numbers of a billionth, as Databento writes them")
    elif _is_of_lean(table, places, columns):
        columns = [values / LEAN_POINTS for values in columns]
        notes.append("prices are whole numbers of a ten-thousandth, as Lean writes those of shares")
    round_the_clock = known.calendar == "24/7" if known else count_weekend_days(time) > 0.2 * len(time)
    volume, told, repaired = _volume(table, places, comma=comma, dotted=not round_the_clock)
    units = None if volume is None else _units_beside(table, places, volume, columns, comma=comma)
    if units:
        volume, repaired = units[0], (*repaired, units[1])
    factor: FloatArray | None = None
    remarks = () if quoted else (*suspect_quotes(columns), *_suspect_thousands(prices, comma=comma, known=known))
    if "adjusted" in places:
        adjusted, _ = parse_numbers(table.columns[places["adjusted"]], decimal_comma=comma)
        factor, left = divide_adjusted(adjusted, columns[3])
        if left:
            shown = table.names[places["adjusted"]].strip() or "adjusted close"
            remarks += (f"'{shown}' {left}: the prices are as they stand",)
        else:
            notes.append("adjusted close used to adjust all prices")
    else:
        adjustment = read_factor(table, places, time, columns[0], columns[3], comma=comma)
        factor = adjustment.factor
        notes += [adjustment.note] if adjustment.note else []
        remarks += (adjustment.remark,) if adjustment.remark else ()
    series = make_series(time, columns[0], columns[1], columns[2], columns[3], volume, factor)
    return Numbers(series, unreadable, comma, (*notes, *told), repaired, remarks, units[2] if units else None)


def _dots_group_thousands(table: Table, prices: list[Any]) -> bool:
    """True where every price has a dot before each third digit and other columns write fractions with a comma: `7.625` beside `0,25%`."""
    if not all(groups_thousands(column) for column in prices):
        return False
    others = [column.head(50).astype(str).str.strip() for column in table.columns if not any(column is price for price in prices)]
    return any(column.str.fullmatch(COMMA_ELSEWHERE).mean() > 0.5 for column in others)


def _suspect_thousands(prices: list[Any], *, comma: bool, known: Instrument | None) -> tuple[str, ...]:
    """Remark on prices with three digits behind the dot on every row, which shares and indices do not have."""
    if comma or (known and known.asset_class not in SHARES) or not all(groups_thousands(column) for column in prices):
        return ()
    cell = str(prices[0].iloc[0]).strip()
    return (
        f"every price has three digits behind its dot, and {cell} is read with a fraction: if the dot groups thousands, say decimal ','",
    )


def _is_comma_decimal(table: Table, prices: list[Any]) -> bool:
    """True where prices have decimal commas; where they do not tell, by what other columns and the signs of East Asia say of the marks."""
    try:
        return uses_decimal_comma(prices)
    except AmbiguousNumbersError:
        others = [column.head(50).astype(str).str.strip() for column in table.columns if not any(column is price for price in prices)]
        dots, commas = (any(column.str.fullmatch(form).mean() > 0.5 for column in others) for form in (DOT_ELSEWHERE, COMMA_ELSEWHERE))
        if any(re.search(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]", name) for name in table.names):
            dots = True
        if dots == commas:
            raise
        return commas


def _is_of_lean(table: Table, places: Mapping[str, int], columns: list[FloatArray]) -> bool:
    """True for what QuantConnect's engine stores: no header, `20230103 00:00`, and cents as hundreds of a ten-thousandth."""
    if any(table.names) or not all(len(values) and np.nanmin(values) >= LEAN_LEAST for values in columns):
        return False
    every = np.concatenate(columns)
    every = every[~np.isnan(every)]
    stamped = table.columns[places["date"]].head(50).astype(str).str.fullmatch(r"\d{8} \d{2}:\d{2}").all()
    return bool(stamped) and not np.any(every % 100) and bool(np.any(every % 500))


def guess_columns(table: Table) -> Columns:
    """Columns without a header: perhaps a symbol, date, perhaps time, prices, perhaps volume, in an order that fits their values.

    Row numbers and words that stand on every row before the date are no part of a bar.
    """
    named = len(table.columns) > 5 and _reads_as_symbol(table.columns[0])
    first = _find_first_date(table) or int(named)
    second = table.columns[first + 1].head(50).astype(str).str.strip() if len(table.columns) > first + 1 else None
    timed = second is not None and second.str.fullmatch(TIME_OF_DAY).mean() > 0.9 and len(table.columns) > first + 5
    if timed and second is not None and not second.str.contains(":").any() and not _reads_as_date(table.columns[first]):
        timed = False
    order = ["date", *(["time"] if timed else []), *PRICES, "volume"]
    places = {role: first + place for place, role in enumerate(order) if first + place < len(table.columns)}
    if named:
        places["symbol"] = 0
    if not places.keys() >= set(PRICES) or _fits(table, places["open"], PRICES):
        return Columns(_with_volume(table, places))
    start = places["open"]
    for found in OTHER_ORDERS:
        prices = [role for role in found if role != "volume"]
        if found[0] == "volume" and start + 4 < len(table.columns) and _fits(table, start + 1, tuple(prices)):
            places |= {role: start + number for number, role in enumerate(found)}
            return Columns(places, (f"the columns stand in the order {', '.join(found)}",))
        if found[0] != "volume" and _fits(table, start, found):
            places |= {role: start + number for number, role in enumerate(found)}
            return Columns(_with_volume(table, places), (f"the prices stand in the order {', '.join(found)}",))
    return Columns(places)


def _find_first_date(table: Table) -> int:
    """The place of the first dates, where all columns before them say one thing on every row, or count the rows; 0 where there are none."""
    for place, column in enumerate(table.columns[: len(table.columns) - len(PRICES)]):
        if _reads_as_date(column):
            return place
        head = column.head(50).astype(str).str.strip()
        if head.nunique() > 1 and not counts_rows(head):
            return 0
    return 0


def _with_volume(table: Table, places: dict[str, int]) -> dict[str, int]:
    """The places, with the volume behind an average price or an adjusted close where one stands before it."""
    at = places.get("volume", 0)
    if not places.keys() >= set(PRICES) or not at or at + 1 >= len(table.columns):
        return places
    high, low, between = (parse_numbers(table.columns[place].head(500))[0] for place in (places["high"], places["low"], at))
    with np.errstate(invalid="ignore"):
        inside = np.mean((between >= low * 0.999) & (between <= high * 1.001)) > 0.9
    if not inside and follows_close(between, parse_numbers(table.columns[places["close"]].head(500))[0]):
        return places | {"volume": at + 1, "adjusted": at}
    return places | {"volume": at + 1} if inside or _is_running_total(table, at) else places


def _is_running_total(table: Table, at: int) -> bool:
    """True for a volume of the day so far, whose steps are the next column."""
    total, part = (parse_numbers(table.columns[place].head(500))[0] for place in (at, at + 1))
    fell = np.diff(total) < 0
    steps = np.where(fell, total[1:], np.diff(total))
    with np.errstate(invalid="ignore"):
        return len(steps) >= FEWEST_TRADED and bool(np.mean(steps == part[1:]) > 0.9) and bool((part[1:] > 0).any())


def _reads_as_symbol(column: Any) -> bool:
    head = column.head(50).astype(str).str.strip()
    return bool(head.str.fullmatch(r"[A-Za-z^#$][A-Za-z0-9.:/_=^-]{0,19}").mean() > 0.9) and len(set(head)) <= max(1, len(head) // 3)


def _reads_as_date(column: Any) -> bool:
    head = column.head(50).astype(str).str.strip()
    return bool(head.str.fullmatch(DATED).mean() > 0.9)


def _fits(table: Table, start: int, order: tuple[str, ...]) -> bool:
    """True when, with the prices in this order, high is the highest and low the lowest on nearly all rows."""
    columns = {role: parse_numbers(table.columns[start + number].head(500))[0] for number, role in enumerate(order)}
    every = np.stack(list(columns.values()))
    with np.errstate(invalid="ignore"):
        fits = (columns["high"] >= every.max(axis=0)) & (columns["low"] <= every.min(axis=0))
    return bool(np.mean(fits) > 0.95)


def _units_beside(
    table: Table, places: Mapping[str, int], volume: FloatArray, prices: list[FloatArray], *, comma: bool
) -> tuple[FloatArray, str, int] | None:
    """The number of units, words about it and its place, where what was taken for it is that times the price: `vol` is used for both."""
    taken = set(places.values())
    named = any(table.names)
    for place, column in enumerate(table.columns):
        if place in taken or (named and find_role(table.names[place]) not in ("turnover", *VOLUMES)):
            continue
        units, _ = parse_numbers(column, decimal_comma=comma)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = volume / units
            inside = (each >= prices[2] * 0.99) & (each <= prices[1] * 1.01) & (np.abs(each - 1) > 0.05)
        traded = (units > 0) & (volume > 0)
        if traded.sum() >= FEWEST_TRADED and np.mean(inside[traded]) > 0.9:
            name = table.names[place].strip() or f"column {place + 1}"
            said = f"volume is '{name}': what has the name or the place of it is that times the price"
            return units, said, place
    return None


def _volume(
    table: Table, places: Mapping[str, int], *, comma: bool, dotted: bool
) -> tuple[FloatArray | None, tuple[str, ...], tuple[str, ...]]:
    """Volume, or the number of ticks where the file has no volume worth the name."""
    columns: dict[str, FloatArray] = {}
    notes, repaired = [], []
    named = {name.strip().lower(): place for place, name in enumerate(table.names)}
    pair = next((pair for pair in HALVES if set(pair) <= set(named)), None)
    if pair and not {"volume", "ticks"} & set(places):
        halves = [np.nan_to_num(parse_numbers(table.columns[named[half]], decimal_comma=comma)[0]) for half in pair]
        first, second = (table.names[named[half]].strip() for half in pair)
        return halves[0] + halves[1], (f"volume is '{first}' and '{second}' together",), ()
    for role in ("volume", "ticks"):
        if role not in places:
            continue
        if role == "volume" and table.volume_unit and names_money(f"volume ({table.volume_unit})"):
            notes.append(f"the volume is money ({table.volume_unit})")
            continue
        column = table.columns[places[role]]
        scale = find_scale(f"{table.names[places[role]]} ({table.volume_unit})", tell_language(table.names))
        thousands = not comma and dotted and scale == 1 and groups_thousands(column)
        columns[role], bad = parse_numbers(column, decimal_comma=comma or thousands)
        if bad == len(column):  # the other mark, as in `0.81M` beside prices with a comma
            columns[role], bad = parse_numbers(column, decimal_comma=not (comma or thousands))
        if scale != 1 and not column.astype(str).str.contains(r"[^\W\d]", regex=True).any():
            columns[role] = columns[role] * scale
            repaired.append(f"volume multiplied by {scale:,.0f}, as '{table.volume_unit or table.names[places[role]].strip()}' says")
        if thousands:
            notes.append("the dots in the volume are thousands marks")
        if bad and role == "volume":
            repaired.append(f"volume of {bad} row{'s' * (bad > 1)} is no number and set to 0")
    if "volume" in columns and len(columns["volume"]) and (columns["volume"] == -1).all():
        del columns["volume"]
        notes.append("a volume of -1 on every row stands for none")
    traded, counted = (float(np.mean(np.nan_to_num(columns[role]) > 0)) if role in columns else 0.0 for role in ("volume", "ticks"))
    if counted > 0 and traded < counted / 2:
        return columns["ticks"], (*notes, "tick count taken as volume"), ()
    return columns.get("volume"), (*notes, *([] if "volume" in columns else ["no volume column"])), tuple(repaired)
