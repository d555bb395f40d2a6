"""Columns of adjustment: a factor beside each bar, or the ratio of each split. The prices tell how it is meant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.bars import FloatArray, TimeArray
from core.market.adjust import MIN_DIVIDEND_STEP, MIN_SPLIT_STEP
from core.market.number_parsing import parse_number, parse_numbers
from core.market.table import BAD_SHARE, FEW_ROWS, Table

CLEARLY = 3.0
"""Times by which one reading has to explain the jumps of the prices better than the others."""
MOST_FLAGS = 2
"""Different numbers that a column of flags holds at most."""
FEWEST_STEPS, EVEN, MOSTLY_EVEN = 5, 1e-3, 0.95
"""Steps of a ratio that tell whether it stays, by how much it may move, and on which share of the rows it has to stay."""
RATIO = re.compile(r"(\d+(?:\.\d+)?)\s*(?::|/|for|-for-)\s*(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The factor by which prices are multiplied, None for prices that stay as they are, with what is worth telling or asking."""

    factor: FloatArray | None = None
    note: str = ""
    remark: str = ""


def read_factor(
    table: Table, places: Mapping[str, int], time: TimeArray, opening: FloatArray, close: FloatArray, *, comma: bool
) -> Adjustment:
    """Read the factor or the splits of a file: used where the prices jump as it says, and left where they are adjusted already."""
    role = next((each for each in ("factor", "splits") if each in places), "")
    if not role:
        return Adjustment()
    name, column = table.names[places[role]].strip(), table.columns[places[role]]
    order = np.argsort(time, kind="stable")
    level = _read_levels(column, order) if role == "splits" else _fill(parse_numbers(column, decimal_comma=comma)[0][order])
    if level is None or not (level > 0).all():
        return Adjustment(remark=f"'{name}' is not used: it holds more than positive numbers")
    steps = np.diff(np.log(level))
    large = np.abs(steps) >= np.log(MIN_SPLIT_STEP)
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.log(opening[order][1:] / close[order][:-1])
    told = large & np.isfinite(moves)
    if not told.any():
        if (np.abs(steps) > MIN_DIVIDEND_STEP).any():
            return Adjustment(remark=f"'{name}' is not used: nothing tells whether the prices are adjusted by it already")
        return Adjustment()
    left = {sign: float(np.abs(moves[told] + sign * steps[told]).sum()) for sign in (1, -1, 0)}
    best = min(left, key=lambda sign: left[sign])
    if any(left[sign] < CLEARLY * left[best] for sign in left if sign != best):
        return Adjustment(remark=f"'{name}' is not used: the prices neither jump where it steps nor go on as if they were adjusted by it")
    if best == 0:
        return Adjustment(note=f"the prices are adjusted for the steps of '{name}' already")
    factor = np.empty(len(level))
    factor[order] = level if best == 1 else 1 / level
    return Adjustment(factor, f"'{name}' used to adjust all prices, which jump where it steps")


def _fill(level: FloatArray) -> FloatArray:
    """Levels in which each gap holds the one before, and a gap at the beginning the first."""
    there = np.flatnonzero(~np.isnan(level))
    if not len(there):
        return np.ones(len(level))
    before = np.searchsorted(there, np.arange(len(level)), side="right") - 1
    return np.asarray(level[there[np.maximum(before, 0)]], dtype=np.float64)


def _read_levels(column: Any, order: Any) -> FloatArray | None:
    """Shares today for one of the first day, from the ratios `4`, `4:1` or `4-for-1` of splits; 0, 1 and a blank are none."""
    known = {cell: _read_ratio(str(cell)) for cell in column.unique()}
    ratios = np.array([known[cell] for cell in column], dtype=np.float64)[order]
    return None if np.isnan(ratios).any() else np.cumprod(ratios)


def _read_ratio(cell: str) -> float:
    """The ratio of a split, NaN for what is none."""
    if found := RATIO.fullmatch(cell.strip()):
        return float(found[1]) / float(found[2]) if float(found[2]) else float("nan")
    number = parse_number(cell, decimal_comma=False)
    return float("nan") if number is None or number < 0 else 1.0 if number in (0, 1) or np.isnan(number) else number


def divide_adjusted(adjusted: FloatArray, close: FloatArray) -> tuple[FloatArray | None, str]:
    """The factor that an adjusted close makes of the close, or the reason that it is none.

    A few missing ones are those of the row before; of many nobody knows what the prices were adjusted by.
    """
    known = ~np.isnan(adjusted) & ~np.isnan(close) & (close != 0)
    missing = int((~np.isnan(close) & ~known).sum())
    if not known.any():
        return None, "holds no numbers and is left aside"
    if missing > max(FEW_ROWS, BAD_SHARE * len(close)):
        return None, f"is missing on {missing} rows and left aside"
    if len(np.unique(adjusted[known])) <= MOST_FLAGS < len(np.unique(close[known])):
        return None, "is no price and left aside"
    places = np.maximum.accumulate(np.where(known, np.arange(len(close)), -1))
    places[places < 0] = int(np.argmax(known))
    return adjusted[places] / close[places], ""


def follows_close(column: FloatArray, close: FloatArray) -> bool:
    """True for numbers that keep their ratio to the close from row to row, and are not all the close: an adjusted close without a name."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = column / close
        steps = np.abs(np.diff(ratio)) / ratio[:-1]
    filled = steps[~np.isnan(steps)]
    return len(filled) >= FEWEST_STEPS and bool(np.mean(filled < EVEN) > MOSTLY_EVEN) and bool((np.abs(ratio - 1) > EVEN).any())
