"""Checks of one operand by itself: units that fit, ranges that can be reached, things that exist where they are used."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from core.domain.instrument import Timeframe
from core.domain.workflow import Section
from core.language.analysis.units import describe_scale, infer_scale, is_comparable
from core.language.catalogue import CATALOGUE, Unit
from core.language.catalogue.functions import MEMORY
from core.language.catalogue.rules import ENTRIES, EXITS
from core.language.syntax.nodes import (
    BarField,
    Call,
    ClockOperand,
    Compare,
    Function,
    HigherTimeframe,
    Node,
    Number,
    OtherInstrument,
    PositionOperand,
    children,
    is_condition,
    walk,
)
from core.language.syntax.plain_words import find_days_in_words
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES, describe_timeframe

COMPARISON_FUNCTIONS = ("crosses_above", "crosses_below", "between", "outside", "near")
TIME_OF_DAY = ("hour", "minute", "minute_of_day", "minutes_since_open", "minutes_to_close")
LINE_FUNCTIONS = frozenset({"abs", "min", "max", "sqrt", "log", "sign"})
"""Functions that a series may be built from, so that an indicator can be taken of it."""


@dataclass(frozen=True, slots=True)
class OperandFault:
    """One fault of an operand, and the remedy."""

    message: str
    remedy: str
    warning: bool = False
    about_timeframe: bool = False


def find_faults(node: Node, section: Section, *, adding: bool = False) -> Iterator[OperandFault]:
    """Find everything that is wrong with a condition or a price in that section; `adding` says that entries may add to an open trade."""
    trading = section in (*EXITS, Section.RISK) or (adding and section in (*ENTRIES, Section.SIZING))
    for part in walk(node):
        yield from _check_comparisons(part)
        yield from _check_extremes(part)
        if isinstance(part, Function) and part.name in ("min", "max"):
            yield from _check_min_max(part)
        if isinstance(part, Call):
            yield from _call(part)
        if isinstance(part, HigherTimeframe):
            yield from _higher(part)
        if isinstance(part, OtherInstrument):
            yield from _other(part)
        if isinstance(part, PositionOperand) and not part.past and not trading:
            remedy = "Use it in exit rows and risk rows; in entry rows only together with `pyramiding`."
            yield OperandFault(f"`{part.name}` exists only while a position is open.", remedy)
    if is_condition(node) and not any(isinstance(part, BarField | Call | ClockOperand | PositionOperand) for part in walk(node)):
        yield OperandFault("the condition is the same on every bar.", "Compare a price, an indicator or a time.", warning=True)


def find_timeframe_faults(node: Node, timeframe: Timeframe) -> Iterator[OperandFault]:
    """Find everything that cannot work on bars of that length."""
    for part in walk(node):
        if isinstance(part, HigherTimeframe):
            yield from _longer(part.timeframe, timeframe)
        if isinstance(part, ClockOperand) and part.name in TIME_OF_DAY and not timeframe.intraday:
            yield OperandFault(
                f"`{part.name}` means nothing on {timeframe.adjective} bars: they have no time of day.", "Choose bars shorter than a day."
            )
        if isinstance(part, Call) and CATALOGUE[part.indicator].intraday and not timeframe.intraday:
            yield OperandFault(f"`{part.indicator}` needs bars shorter than a day.", "Choose an intraday timeframe, or another indicator.")


def find_day_fault(text: str, timeframe: Timeframe) -> OperandFault | None:
    """Find a cell that counts days in words (`3 up days`, `20 day moving average`) on bars that are none: it counts bars."""
    days = find_days_in_words(text) if timeframe is not Timeframe.D1 else ""
    if not days:
        return None
    remedy = 'Say bars, or write days as longer bars: `tf("1d", rising(close, 3))`.'
    return OperandFault(f"`{days}` counts bars of the run, which are {timeframe.adjective} bars and no days.", remedy, warning=True)


def _longer(frame: str, timeframe: Timeframe) -> Iterator[OperandFault]:
    minutes = HIGHER_TIMEFRAMES[frame]
    if minutes <= timeframe.minutes:
        longer = ", ".join(name for name, length in HIGHER_TIMEFRAMES.items() if length > timeframe.minutes) or "none"
        message = f"the timeframe {frame} is not longer than the run's own {timeframe.value}."
        yield OperandFault(message, f"Longer ones: {longer}.", about_timeframe=True)
    elif minutes < 1440 and minutes % timeframe.minutes:
        message = f"{describe_timeframe(frame)} bars cannot be made of {timeframe.adjective} bars."
        yield OperandFault(message, "Choose a multiple of the run's own timeframe.", about_timeframe=True)


def _check_comparisons(node: Node) -> Iterator[OperandFault]:
    if isinstance(node, Compare):
        pairs = list(zip(pairwise(node.operands), node.operators, strict=True))
    elif isinstance(node, Function) and node.name in COMPARISON_FUNCTIONS:
        others = node.arguments[1:2] if node.name == "near" else node.arguments[1:]
        pairs = [((node.arguments[0], other), "") for other in others]
        low, high = node.arguments[-2:]
        if node.name in ("between", "outside") and isinstance(low, Number) and isinstance(high, Number) and low.value >= high.value:
            yield OperandFault(f"the limits {low.value:g} and {high.value:g} are in the wrong order.", "Write the lower limit first.")
        if node.name == "near" and not (isinstance(high, Number) and 0 < high.value <= 100):
            remedy = "Write `near(close, sma(50), 1)` for 1%, or `abs(close - sma(50)) < 0.5 * atr(14)` for half an average true range."
            yield OperandFault("how near is a number of percent, above 0 and up to 100.", remedy)
    else:
        return
    for (left, right), operator in pairs:
        first, second = infer_scale(left), infer_scale(right)
        if not is_comparable(first, second):
            yield OperandFault(f"{describe_scale(first)} is compared with {describe_scale(second)}.", "Compare values of the same kind.")
        elif left == right and not isinstance(left, Number):
            yield OperandFault("a value is compared with itself.", "Compare two different values.", warning=operator in (">=", "<=", "=="))
        else:
            yield from _check_bounds(left, right)


def _check_bounds(left: Node, right: Node) -> Iterator[OperandFault]:
    number, other = (right, left) if isinstance(right, Number) else (left, right)
    if not isinstance(number, Number) or isinstance(other, Number):
        return
    bounds = infer_scale(other)
    low, high = bounds.low, bounds.high
    if (low is not None and number.value < low) or (high is not None and number.value > high):
        limits = f"It lies between {low:g} and {high:g}." if low is not None and high is not None else "It is never below 0."
        yield OperandFault(f"the threshold {number.value:g} is outside what the value can reach.", limits)


EXTREMES = {"highest": ">", "all_time_high": ">", "lowest": "<", "all_time_low": "<"}
"""Indicators that no value which they are taken of lies beyond, and the sign for beyond."""


def _check_extremes(node: Node) -> Iterator[OperandFault]:
    """`close > highest(high, 20)` is never true: the highest of the last bars includes this one."""
    if isinstance(node, Compare) and len(node.operators) == 1:
        (left, right), sign = node.operands, node.operators[0]
        if isinstance(left, Call):
            left, right, sign = right, left, {">": "<", "<": ">"}.get(sign, sign)
    elif isinstance(node, Function) and node.name in ("crosses_above", "crosses_below"):
        (left, right), sign = node.arguments, ">" if node.name == "crosses_above" else "<"
    else:
        return
    if not (isinstance(right, Call) and EXTREMES.get(right.indicator) == sign and isinstance(left, BarField)):
        return
    (source,) = right.sources
    if left == source or (isinstance(source, BarField) and source.name == {">": "high", "<": "low"}[sign] and left.name in PRICES):
        numbers = ", ".join(f"{number:g}" for number in right.arguments)
        series = source.name if isinstance(source, BarField) else left.name
        written = f"{right.indicator}({series}{', ' if numbers else ''}{numbers})[1]"
        message = f"the {left.name} is never beyond the {right.indicator.replace('_', '-')} of bars that include its own."
        yield OperandFault(message, f"Write `{written}`: of the bars before this one.", warning=True)


PRICES = ("open", "high", "low", "close")


def _check_min_max(node: Function) -> Iterator[OperandFault]:
    """`min(low, 5)` is read as the smaller of two values, and seldom meant so."""
    series = [part for part in node.arguments if infer_scale(part).unit in (Unit.LEVEL, Unit.VOLUME) and not isinstance(part, Number)]
    numbers = [part.value for part in node.arguments if isinstance(part, Number)]
    if len(series) == len(numbers) == 1 and 2 <= numbers[0] <= 500 and numbers[0] == int(numbers[0]):
        word, right = ("smaller", "lowest") if node.name == "min" else ("larger", "highest")
        name = series[0].name if isinstance(series[0], BarField) else "close"
        message = f"`{node.name}` gives the {word} of a price and {numbers[0]:g}."
        yield OperandFault(message, f"For the {right} of the last bars write `{right}({name}, {numbers[0]:g})`.", warning=True)


def _call(node: Call) -> Iterator[OperandFault]:
    entry = CATALOGUE[node.indicator]
    values = dict(zip((param.name for param in entry.params), node.arguments, strict=True))
    for first, second in pairwise(entry.ordered):
        if values[first] >= values[second]:
            message = f"`{entry.name}`: {first} is {values[first]:g}, but {second} is {values[second]:g}."
            yield OperandFault(message, f"{first.capitalize()} must be smaller than {second}.")
    for source in node.sources:
        for part in walk(source):
            if isinstance(part, PositionOperand | ClockOperand | HigherTimeframe) or (
                isinstance(part, Function) and part.name not in LINE_FUNCTIONS
            ):
                name = part.name if not isinstance(part, HigherTimeframe) else "tf"
                remedy = (
                    f"Write `tf(..., {entry.name}(...))`, the timeframe outside."
                    if name == "tf"
                    else "Use `count`, `value_when` or a row of its own."
                )
                yield OperandFault(f"`{entry.name}` cannot be taken of `{name}`: it needs a series of prices or indicators.", remedy)


def _other(node: OtherInstrument) -> Iterator[OperandFault]:
    example = f'Write `other("{node.symbol}").close`, or an indicator in place of `close`.'
    for part in walk(node.node):
        if isinstance(part, OtherInstrument):
            yield OperandFault("an instrument stands inside another instrument.", example)
        elif isinstance(part, HigherTimeframe):
            yield OperandFault(f"longer bars of {node.symbol} are not there.", "Read it on the run's own bars.")
        elif isinstance(part, PositionOperand | ClockOperand):
            yield OperandFault(f"`{part.name}` is not a fact of {node.symbol}.", f"{example} Positions are those of the first instrument.")
        elif isinstance(part, Function) and part.name in MEMORY:
            yield OperandFault(f"`{part.name}` counts bars of the run.", f"Write the instrument inside: `{part.name}(other(...), ...)`.")


def _higher(node: HigherTimeframe) -> Iterator[OperandFault]:
    for child in children(node):
        for part in walk(child):
            if isinstance(part, OtherInstrument):
                yield OperandFault(f"longer bars of {part.symbol} are not there.", "Put it in a row without a timeframe.")
            elif isinstance(part, HigherTimeframe):
                yield OperandFault("a timeframe stands inside another timeframe.", "Use the row's timeframe or `tf`, not both.")
            elif isinstance(part, ClockOperand):
                yield OperandFault(f"`{part.name}` is a time of the run's own bars.", "Put it in a row without a timeframe.")
            elif isinstance(part, Function) and part.name in MEMORY:
                yield OperandFault(f"`{part.name}` counts bars of the run.", f"Write the timeframe inside: `{part.name}(tf(...), ...)`.")
