"""Choices of the builder's cells, their labels, and a row written as a formula."""

import functools
from collections.abc import Iterable
from itertools import pairwise

from core import language
from core.domain.workflow import Join, Measure, Operator, Row

OPERATOR = {
    Operator.ABOVE: "is above",
    Operator.BELOW: "is below",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
    Operator.EQUALS: "equals",
    Operator.BETWEEN: "is between",
    Operator.OUTSIDE: "is outside",
    Operator.CROSSES_ABOVE: "crosses above",
    Operator.CROSSES_BELOW: "crosses below",
    Operator.RISING: "rises for bars",
    Operator.FALLING: "falls for bars",
    Operator.IS_TRUE: "is true (formula)",
}

MEASURE = {
    Measure.UNITS: "units",
    Measure.CASH: "cash",
    Measure.PERCENT: "percent",
    Measure.ATR: "times ATR",
    Measure.R: "times risk (R)",
    Measure.PRICE: "at a price",
    Measure.BARS: "bars",
    Measure.COUNT: "number",
    Measure.TIME: "time of day",
    Measure.TIMES: "times equity",
    Measure.POINTS: "points",
    Measure.PIPS: "pips",
    Measure.CHOICE: "choice",
    Measure.DATES: "days",
    Measure.WHEN: "when",
    Measure.SWITCH: "on",
}

PRICES = ("close", "open", "high", "low", "volume", "close[1]")
TYPICAL_THRESHOLDS = ("0", "20", "25", "30", "50", "70", "80", "100", "sma(50)", "sma(200)", "close", "high[1]", "low[1]")


@functools.cache
def suggest_operands() -> tuple[str, ...]:
    """Suggest operands: prices, then every indicator of the catalogue with its usual numbers, one entry an output line."""
    found = [*PRICES]
    for name, entry in language.CATALOGUE.items():
        numbers = ", ".join(f"{param.default:g}" for param in entry.params)
        call = f"{name}({numbers})"
        found += [call] if len(entry.lines) == 1 else [f"{call}.{line.name}" for line in entry.lines]
    return put_typed_first(found)


@functools.cache
def suggest_thresholds() -> tuple[str, ...]:
    """Suggest thresholds: round numbers and operands that conditions are often held against."""
    return put_typed_first(TYPICAL_THRESHOLDS)


def put_typed_first(options: Iterable[str]) -> tuple[str, ...]:
    """The options, each behind the beginnings of it that say something else than the field would make of them.

    A field takes the first option that begins with what is typed, so `5` and Enter would become `50`: unless `5` stands before it.

    >>> put_typed_first(["50", "high[1]", "rsi(14)"])
    ('5', '50', 'h', 'high', 'high[1]', 'rsi(14)')
    """
    given = list(options)
    taken: dict[str, str] = {}
    for option in given:
        for end in range(1, len(option) + 1):
            taken.setdefault(option[:end].lower(), option)
    ordered: dict[str, None] = {}
    for option in given:
        for end in range(1, len(option)):
            typed = option[:end]
            if typed not in ordered and typed.strip() == typed:
                meaning = language.find_meaning(typed)
                if meaning is not None and meaning != language.find_meaning(taken[typed.lower()]):
                    ordered[typed] = None
        ordered[option] = None
    return tuple(ordered)


def format_formula(row: Row) -> str:
    """Format a condition row as one formula: what the row's cells say, in the language's own words.

    >>> from core.domain.workflow import Section
    >>> format_formula(Row(id="r1", section=Section.FILTER, indicators=("rsi(14)",), operator=Operator.BELOW, thresholds=("30",)))
    'rsi(14) < 30'
    """
    parts = _parts(row)
    if not parts:
        return ""
    word = " or " if row.join is not Join.ALL else " and "
    text = parts[0] if len(parts) == 1 else word.join(f"({part})" if " or " in part or " and " in part else part for part in parts)
    return f"not ({text})" if row.join is Join.NONE else text


def _parts(row: Row) -> list[str]:
    names, limits = list(row.indicators), list(row.thresholds)
    match row.operator:
        case Operator.IS_TRUE:
            return names
        case Operator.BETWEEN | Operator.OUTSIDE:
            return [f"{row.operator.value}({name}, {', '.join(limits)})" for name in names]
        case Operator.RISING | Operator.FALLING:
            return [f"{row.operator.value}({', '.join([name, *limits])})" for name in names]
    if not limits:
        pairs = list(pairwise(names))
    else:
        pairs = list(zip(names, limits if len(limits) == len(names) else limits[:1] * len(names), strict=True))
    if row.operator in (Operator.CROSSES_ABOVE, Operator.CROSSES_BELOW):
        return [f"{row.operator.value.replace(' ', '_')}({left}, {right})" for left, right in pairs]
    return [f"{left} {row.operator.value} {right}" for left, right in pairs]
