"""The language's own functions: how many operands each takes and of which sort. Indicators are in the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Signature:
    """Operands that one function takes. Sorts: `number`, `condition`, `bars` (a whole number of bars, 1 or more)."""

    sorts: tuple[str, ...]
    explanation: str
    example: str
    optional: int = 0
    """Number of operands at the end that may be left out; a missing `bars` is 1."""
    many: bool = False
    """The last sort may repeat."""
    keyword: str = ""
    """Name of a `bars` operand that is written with its name, such as `within=10`."""


FUNCTIONS: Mapping[str, Signature] = MappingProxyType(
    {
        "abs": Signature(("number",), "the value without its sign", "abs(close - open)"),
        "min": Signature(("number", "number"), "the smallest of several values", "min(close, open)", many=True),
        "max": Signature(("number", "number"), "the largest of several values", "max(close, open)", many=True),
        "sqrt": Signature(("number",), "the square root; no value below zero", "sqrt(volume)"),
        "log": Signature(("number",), "the natural logarithm; no value at or below zero", "log(close / close[1])"),
        "sign": Signature(("number",), "1 above zero, -1 below, 0 at zero", "sign(close - open)"),
        "crosses_above": Signature(
            ("number", "number"), "was at or below on the bar before and is above now", "crosses_above(close, sma(50))"
        ),
        "crosses_below": Signature(
            ("number", "number"), "was at or above on the bar before and is below now", "crosses_below(rsi(14), 30)"
        ),
        "rising": Signature(
            ("number", "bars"), "higher on each of the last n bars than on the bar before it", "rising(close, 3)", optional=1
        ),
        "falling": Signature(
            ("number", "bars"), "lower on each of the last n bars than on the bar before it", "falling(close, 3)", optional=1
        ),
        "between": Signature(("number", "number", "number"), "within two limits, both included", "between(rsi(14), 40, 60)"),
        "outside": Signature(("number", "number", "number"), "below the first or above the second limit", "outside(rsi(14), 30, 70)"),
        "near": Signature(
            ("number", "number", "number"),
            "no more than so many percent of the second value away from it, 1 percent without a number",
            "near(close, sma(50), 2)",
            optional=1,
        ),
        "since": Signature(
            ("condition",), "bars since the condition was last true: 0 now, infinitely many before the first time", "since(close > sma(50))"
        ),
        "count": Signature(("condition", "bars"), "on how many of the last n bars the condition was true", "count(close > open, 5)"),
        "sequence": Signature(
            ("condition", "condition"),
            "the conditions came true one after the other, the last one now, each within n bars of the one before",
            "sequence(rsi(14) < 30, crosses_above(rsi(14), 50), within=10)",
            many=True,
            keyword="within",
        ),
        "value_when": Signature(
            ("condition", "number"), "the value on the bar on which the condition was last true", "value_when(bar_of_day == 1, high)"
        ),
        "highest_since": Signature(
            ("condition", "number"),
            "the largest value since, and including, the bar on which the condition was last true",
            "highest_since(bar_of_day == 1, high)",
        ),
        "sum_since": Signature(
            ("condition", "number"),
            "the sum of the values since, and including, the bar on which the condition was last true",
            "sum_since(bar_of_day == 1, volume)",
        ),
        "lowest_since": Signature(
            ("condition", "number"),
            "the smallest value since, and including, the bar on which the condition was last true",
            "lowest_since(bar_of_day == 1, low)",
        ),
    }
)

MEMORY = frozenset({"since", "count", "sequence", "value_when", "highest_since", "lowest_since", "sum_since"})
"""Functions that need what happened on earlier bars."""
