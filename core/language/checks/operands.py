"""Is one operand sound by itself: kinds that fit, ranges that can be reached, things that exist where they are used."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from core.domain.instrument import Timeframe
from core.domain.workflow import Section
from core.language.functions import MEMORY
from core.language.indicators import CATALOGUE, Kind
from core.language.kinds import comparable, kind_words, scale
from core.language.nodes import BarField, Call, Clock, Compare, Function, Higher, Node, Number, Position, children, is_condition, walk
from core.language.rules import EXITS
from core.language.timeframes import HIGHER_TIMEFRAMES

COMPARING = ("crosses_above", "crosses_below", "between", "outside")
TIME_OF_DAY = ("hour", "minute", "minute_of_day", "minutes_since_open", "minutes_to_close")
LINE_FUNCTIONS = frozenset({"abs", "min", "max", "sqrt", "log", "sign"})
"""Functions that a series may be built from, so that an indicator can be taken of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an operand, and what would be right."""

    message: str
    remedy: str
    warning: bool = False
    about_timeframe: bool = False


def faults(node: Node, section: Section) -> Iterator[Fault]:
    """Everything that is wrong with a condition or a price in that section."""
    for part in walk(node):
        yield from _comparisons(part)
        if isinstance(part, Function) and part.name in ("min", "max"):
            yield from _picked(part)
        if isinstance(part, Call):
            yield from _call(part)
        if isinstance(part, Higher):
            yield from _higher(part)
        if isinstance(part, Position) and not part.past and section not in (*EXITS, Section.RISK):
            yield Fault(f"`{part.name}` exists only while a position is open.", "Use it in exit rows and risk rows.")
    if is_condition(node) and not any(isinstance(part, BarField | Call | Clock | Position) for part in walk(node)):
        yield Fault("the condition is the same on every bar.", "Compare a price, an indicator or a time.", warning=True)


def timeframe_faults(node: Node, timeframe: Timeframe) -> Iterator[Fault]:
    """What cannot work on bars of that length."""
    for part in walk(node):
        if isinstance(part, Higher):
            yield from _longer(part.timeframe, timeframe)
        if isinstance(part, Clock) and part.name in TIME_OF_DAY and not timeframe.intraday:
            yield Fault(
                f"`{part.name}` means nothing on {timeframe.value} bars: they have no time of day.", "Choose bars shorter than a day."
            )
        if isinstance(part, Call) and CATALOGUE[part.indicator].intraday and not timeframe.intraday:
            yield Fault(f"`{part.indicator}` needs bars shorter than a day.", "Choose an intraday timeframe, or another indicator.")


def _longer(frame: str, timeframe: Timeframe) -> Iterator[Fault]:
    minutes = HIGHER_TIMEFRAMES[frame]
    if minutes <= timeframe.minutes:
        longer = ", ".join(name for name, length in HIGHER_TIMEFRAMES.items() if length > timeframe.minutes) or "none"
        message = f"the timeframe {frame} is not longer than the run's own {timeframe.value}."
        yield Fault(message, f"Longer ones: {longer}.", about_timeframe=True)
    elif minutes < 1440 and minutes % timeframe.minutes:
        message = f"{frame} bars cannot be made of {timeframe.value} bars."
        yield Fault(message, "Choose a multiple of the run's own timeframe.", about_timeframe=True)


def _comparisons(node: Node) -> Iterator[Fault]:
    if isinstance(node, Compare):
        pairs = list(zip(pairwise(node.operands), node.operators, strict=True))
    elif isinstance(node, Function) and node.name in COMPARING:
        pairs = [((node.arguments[0], other), "") for other in node.arguments[1:]]
        low, high = node.arguments[-2:]
        if node.name in ("between", "outside") and isinstance(low, Number) and isinstance(high, Number) and low.value >= high.value:
            yield Fault(f"the limits {low.value:g} and {high.value:g} are in the wrong order.", "Write the lower limit first.")
    else:
        return
    for (left, right), operator in pairs:
        first, second = scale(left), scale(right)
        if not comparable(first, second):
            yield Fault(f"{kind_words(first)} is compared with {kind_words(second)}.", "Compare values of the same kind.")
        elif left == right and not isinstance(left, Number):
            yield Fault("a value is compared with itself.", "Compare two different values.", warning=operator in (">=", "<=", "=="))
        else:
            yield from _reach(left, right)


def _reach(left: Node, right: Node) -> Iterator[Fault]:
    number, other = (right, left) if isinstance(right, Number) else (left, right)
    if not isinstance(number, Number) or isinstance(other, Number):
        return
    bounds = scale(other)
    low, high = bounds.low, bounds.high
    if (low is not None and number.value < low) or (high is not None and number.value > high):
        limits = f"It lies between {low:g} and {high:g}." if low is not None and high is not None else "It is never below 0."
        yield Fault(f"the threshold {number.value:g} is outside what the value can reach.", limits)


def _picked(node: Function) -> Iterator[Fault]:
    """`min(low, 5)` is read as the smaller of two values, and seldom meant so."""
    series = [part for part in node.arguments if scale(part).kind in (Kind.LEVEL, Kind.VOLUME) and not isinstance(part, Number)]
    numbers = [part.value for part in node.arguments if isinstance(part, Number)]
    if len(series) == len(numbers) == 1 and 2 <= numbers[0] <= 500 and numbers[0] == int(numbers[0]):
        word, right = ("smaller", "lowest") if node.name == "min" else ("larger", "highest")
        name = series[0].name if isinstance(series[0], BarField) else "close"
        message = f"`{node.name}` gives the {word} of a price and {numbers[0]:g}."
        yield Fault(message, f"For the {right} of the last bars write `{right}({name}, {numbers[0]:g})`.", warning=True)


def _call(node: Call) -> Iterator[Fault]:
    entry = CATALOGUE[node.indicator]
    values = dict(zip((param.name for param in entry.params), node.arguments, strict=True))
    for first, second in pairwise(entry.ordered):
        if values[first] >= values[second]:
            message = f"`{entry.name}`: {first} is {values[first]:g}, but {second} is {values[second]:g}."
            yield Fault(message, f"{first.capitalize()} must be smaller than {second}.")
    for source in node.sources:
        for part in walk(source):
            if isinstance(part, Position | Clock | Higher) or (isinstance(part, Function) and part.name not in LINE_FUNCTIONS):
                name = part.name if not isinstance(part, Higher) else "tf"
                remedy = (
                    f"Write `tf(..., {entry.name}(...))`, the timeframe outside."
                    if name == "tf"
                    else "Use `count`, `value_when` or a row of its own."
                )
                yield Fault(f"`{entry.name}` cannot be taken of `{name}`: it needs a series of prices or indicators.", remedy)


def _higher(node: Higher) -> Iterator[Fault]:
    for child in children(node):
        for part in walk(child):
            if isinstance(part, Higher):
                yield Fault("a timeframe stands inside another timeframe.", "Use the row's timeframe or `tf`, not both.")
            elif isinstance(part, Clock):
                yield Fault(f"`{part.name}` is a time of the run's own bars.", "Put it in a row without a timeframe.")
            elif isinstance(part, Function) and part.name in MEMORY:
                yield Fault(f"`{part.name}` counts bars of the run.", f"Write the timeframe inside: `{part.name}(tf(...), ...)`.")
