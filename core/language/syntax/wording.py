"""Nodes in plain English. Whole sentences for rows are `explainer`'s work."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from string import Formatter

from core.language.catalogue import CATALOGUE, Indicator, Unit
from core.language.syntax.expression import parse_expression
from core.language.syntax.nodes import (
    CLOCK_CONDITIONS,
    CLOCK_OPERANDS,
    HISTORY_OPERANDS,
    POSITION_OPERANDS,
    Arithmetic,
    BarField,
    Call,
    Choice,
    ClockOperand,
    Compare,
    Function,
    HigherTimeframe,
    Logic,
    Node,
    Not,
    Number,
    OtherInstrument,
    Past,
    PositionOperand,
    ZonedTime,
    is_condition,
)
from core.language.syntax.timeframes import describe_timeframe

BLENDS = {"hl2": "middle of high and low", "hlc3": "typical price (high, low, close)", "ohlc4": "average of open, high, low and close"}
RELATIONS = {">": "is above", "<": "is below", ">=": "is at or above", "<=": "is at or below", "==": "equals", "!=": "differs from"}
TIME_RELATIONS = {">": "begins after", "<": "begins before", ">=": "begins at or after", "<=": "begins at or before", "==": "begins at"}
TIME_RELATIONS |= {"!=": "does not begin at"}
"""Said of a bar, whose time is that at which it begins."""
DAY_RELATIONS = {">": "is after", "<": "is before", ">=": "is on or after", "<=": "is on or before", "==": "is", "!=": "is not"}
DATE_RELATIONS = {"==": "is", "!=": "is not"}
SIGNS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo", "**": "to the power of"}
REACHING = ("on each of ", "on none of ", "on at ", "on exactly ", "on other ", "it is at ", "it is fewer ", "it is more ", "first ")
"""Beginnings of a condition that could be read as if they held for what `and` adds to it."""
FUNCTION_WORDS = {"sqrt": "square root", "log": "logarithm", "sign": "sign"}
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def format_number(value: float) -> str:
    """Format a number as people write it."""
    return f"{value:,.10g}".replace(",", " ") if abs(value) >= 10_000 else f"{value:.10g}"


def format_bars(bars: float) -> str:
    """Format a number of bars: `1 bar`, `5 bars`."""
    return f"{bars:g} bar" if bars == 1 else f"{bars:g} bars"


def format_time_of_day(minutes: float) -> str:
    """Format minutes after midnight as a time of day."""
    return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"


ON_FILL = Compare(operators=("==",), operands=(PositionOperand("bars_in_trade"), Number(1.0)))
"""The condition by which a value of the bar of the fill is kept."""


def _value(node: Node) -> float:
    return node.value if isinstance(node, Number) else 0.0


def _look_back(node: Node, names: Mapping[Node, str]) -> tuple[Node, int]:
    """Find the node that is looked back upon, and by how many bars in all, up to one that a definition has named."""
    bars = 0
    while isinstance(node, Past) and node not in names:
        bars += node.bars
        node = node.node
    return node, bars


def _how_many(number: float, sign: str, total: float) -> str:
    """Say a number of so many bars: each, none, at least two."""
    least = {">=": math.ceil(number), ">": math.floor(number) + 1}.get(sign, 0)
    most = {"<=": math.floor(number), "<": math.ceil(number) - 1}.get(sign, total)
    if least == total or (sign == "==" and number == total):
        return "each"
    if most == 0 or (sign == "==" and number == 0):
        return "none"
    if sign in (">=", ">"):
        return f"at least {least}"
    return f"at most {most}" if sign in ("<=", "<") else f"{'exactly' if sign == '==' else 'other than'} {number:g}"


@dataclass(frozen=True)
class Wording:
    """Puts nodes into words; what a definition has named is said by its name."""

    names: Mapping[Node, str] = field(default_factory=dict)

    def describe(self, node: Node) -> str:
        """Describe a value or a condition in words, with its article."""
        if name := self.names.get(node):
            return f"{name} holds" if is_condition(node) else name
        return self.describe_meaning(node)

    def describe_meaning(self, node: Node) -> str:
        """Describe a node itself, also where a definition has named it."""
        match node:
            case Number():
                return format_number(node.value)
            case BarField():
                return f"the {BLENDS.get(node.name, node.name)}"
            case Call():
                return self._indicator(node)
            case Past():
                return self._past(node)
            case PositionOperand():
                return (POSITION_OPERANDS | HISTORY_OPERANDS)[node.name]
            case ClockOperand():
                return CLOCK_OPERANDS[node.name]
            case ZonedTime():
                return f"{format_time_of_day(node.minutes)} {node.zone}"
            case HigherTimeframe():
                frame = f"{describe_timeframe(node.timeframe)} bars"
                return f"on {frame} {self.describe(node.node)}" if is_condition(node.node) else f"{self._inner(node.node)} ({frame})"
            case OtherInstrument():
                if isinstance(node.node, BarField):
                    return f"{node.symbol}'s {self.describe(node.node).removeprefix('the ')}"
                return (
                    f"on {node.symbol} {self.describe(node.node)}"
                    if is_condition(node.node)
                    else f"{self._inner(node.node)} of {node.symbol}"
                )
            case Arithmetic():
                return self._arithmetic(node)
            case Compare():
                return self._comparison(node)
            case Logic():
                return f" {node.operator} ".join(self._joined(part) for part in node.operands)
            case Not():
                if name := self.names.get(node.node):
                    return f"{name} does not hold"
                return f"it is not the case that {self._inner(node.node)}"
            case Choice():
                return f"{self.describe(node.then)} if {self.describe(node.condition)}, else {self.describe(node.otherwise)}"
            case Function():
                return self._function(node)

    def _closed(self, node: Node) -> str:
        """A condition in words, in parentheses when `and` or `or` could be read beyond it."""
        return f"({self.describe(node)})" if isinstance(node, Logic) and node not in self.names else self.describe(node)

    def _joined(self, node: Node) -> str:
        """A part of `and` or `or`, in parentheses where its words would seem to reach over the next part."""
        said = self.describe(node)
        reaches = isinstance(node, Logic | HigherTimeframe | OtherInstrument) or said.startswith(REACHING)
        return f"({said})" if reaches and node not in self.names else said

    def _inner(self, node: Node) -> str:
        wide = isinstance(node, Arithmetic | Logic | Choice | Compare) and node not in self.names
        return f"({self.describe(node)})" if wide else self.describe(node)

    def _past(self, node: Past) -> str:
        inner, bars = _look_back(node, self.names)
        if bars == 1 and isinstance(inner, Call) and inner not in self.names:
            before = re.sub(r"of the last (\S+ bars)$", r"of the \1 before this one", self.describe(inner))
            if before.endswith("before this one"):
                return before
        as_of = "" if isinstance(inner, BarField) else "as of "
        return f"{self._inner(inner)} {as_of}{format_bars(bars)} ago"

    def _arithmetic(self, node: Arithmetic) -> str:
        if node.operator == "-" and node.left == Number(0.0):
            return f"minus {self._inner(node.right)}"
        return f"{self._inner(node.left)} {SIGNS[node.operator]} {self._inner(node.right)}"

    def _indicator(self, node: Call) -> str:
        entry = CATALOGUE[node.indicator]
        fields = {param.name: format_number(value) for param, value in zip(entry.params, node.arguments, strict=True)}
        sources = [self.describe(source).removeprefix("the ") for source in node.sources]
        if sources:
            default = node.sources[0] == parse_expression(entry.sources[0])
            fields |= {"source": sources[0], "source2": sources[-1], "of": "" if default else f" of the {sources[0]}"}
        text = entry.phrase.format(**fields) + self._unsaid(node, entry, fields)
        line = entry.line(node.line)
        if line is None or line.phrase in ("", "line"):
            return f"the {text}"
        return f"the {line.phrase.format(**fields)} of the {text}"

    def _unsaid(self, node: Call, entry: Indicator, fields: dict[str, str]) -> str:
        """The numbers that the indicator's phrase leaves out, where they are not the usual ones: no number is lost."""
        phrases = (entry.phrase, *(line.phrase for line in entry.lines))
        said = {name for phrase in phrases for _, name, _, _ in Formatter().parse(phrase) if name}
        left = [
            f"{param.meaning or param.name.replace('_', ' ')} {fields[param.name]}"
            for param, value in zip(entry.params, node.arguments, strict=True)
            if param.name not in said and value != param.default
        ]
        return f" ({', '.join(left)})" if left else ""

    def _comparison(self, node: Compare) -> str:
        if len(node.operators) == 1:
            special = self._pattern(node) or self._counted(node) or self._calendar(node)
            if special:
                return special
        parts = []
        for left, sign, right in zip(node.operands, node.operators, node.operands[1:], strict=False):
            relations = (
                TIME_RELATIONS
                if isinstance(left, ClockOperand) and left.name == "minute_of_day"
                else DAY_RELATIONS
                if isinstance(left, ClockOperand) and left.name == "date"
                else DATE_RELATIONS
                if isinstance(left, ClockOperand)
                else RELATIONS
            )
            subject = "the bar" if relations is TIME_RELATIONS else self._whole(left)
            parts.append(f"{subject} {relations.get(sign, RELATIONS[sign])} {self._against(left, right)}")
        return " and ".join(parts)

    def _calendar(self, node: Compare) -> str:
        """The words for the first and last bars of a day, week or month, for the side that is held, and for the direction of a line."""
        first, second = node.operands
        if isinstance(first, ClockOperand) and isinstance(second, Number) and node.operators == ("==",):
            said = {place: name.replace("_", " ").replace(" of ", " of the ") for name, place in CLOCK_CONDITIONS.items()}.get(
                (first.name, int(second.value))
            )
            return f"it is the {said}" if said else ""
        if isinstance(first, PositionOperand) and first.name == "position" and isinstance(second, Number):
            sides = {
                ("==", 0): "nothing is held",
                ("!=", 0): "a position is held",
                (">", 0): "a long position is held",
                ("<", 0): "a short position is held",
            }
            sides |= {("==", 1): sides[">", 0], ("==", -1): sides["<", 0]}
            return sides.get((node.operators[0], int(second.value)), "")
        if first == PositionOperand("setup") and isinstance(second, Number) and node.operators == ("==",):
            return f"setup {chr(int(second.value) + 64)} opened the trade"
        if isinstance(first, Call) and first.line == "direction" and second == Number(0.0):
            name = self.describe(replace(first, line=CATALOGUE[first.indicator].lines[0].name))
            name = name.removeprefix("the line of ")
            return {">": f"{name} points up", "<": f"{name} points down"}.get(node.operators[0], "")
        return ""

    def _pattern(self, node: Compare) -> str:
        """The words for a pattern that is there, which stands in the tree as `pattern > 0`."""
        first, second = node.operands
        ago, frame = "", ""
        while isinstance(first, Past | HigherTimeframe | OtherInstrument):
            if isinstance(first, Past):
                ago = f" {format_bars(first.bars)} ago"
            elif isinstance(first, OtherInstrument):
                frame = f"on {first.symbol} "
            else:
                frame = f"on {describe_timeframe(first.timeframe)} bars "
            first = first.node
        if not (isinstance(first, Call) and isinstance(second, Number) and second.at < 0):
            return ""
        entry = CATALOGUE[first.indicator]
        if entry.lines[0].unit is not Unit.FLAG:
            return ""
        name = f"{entry.article} {self.describe(first).removeprefix('the ')}".strip()
        one, several = ("was", "were") if ago else ("is", "are")
        return f"{frame}{name} {one if entry.article else several} seen{ago}"

    def _counted(self, node: Compare) -> str:
        """The words for `count(...) >= n` and `since(...) < n`, which read badly as comparisons."""
        first, second = node.operands
        first, ago = _look_back(first, self.names)
        if not (isinstance(first, Function) and isinstance(second, Number)) or first in self.names:
            return ""
        number, sign = second.value, node.operators[0]
        if first.name == "count":
            total = _value(first.arguments[1])
            span = (
                f"the last {total:g} bars"
                if not ago
                else f"the {total:g} bars {'before this one' if ago == 1 else f'up to {ago} bars ago'}"
            )
            return f"on {_how_many(number, sign, total)} of {span} {self._closed(first.arguments[0])}"
        if first.name == "since" and not ago:
            words = {">=": "at least ", ">": "more than ", "<=": "at most ", "<": "fewer than ", "==": "", "!=": "other than "}
            return f"it is {words[sign]}{format_bars(number)} since {self._closed(first.arguments[0])}"
        return ""

    def _against(self, left: Node, right: Node) -> str:
        """The right side of a comparison: weekdays and times by name."""
        if isinstance(left, ClockOperand) and isinstance(right, Number) and right.value == int(right.value):
            value = int(right.value)
            if left.name == "weekday" and 0 <= value <= 6:
                return WEEKDAYS[value]
            if left.name == "month" and 1 <= value <= 12:
                return MONTHS[value - 1]
            if left.name == "minute_of_day":
                return format_time_of_day(value)
            if left.name == "date" and 1 <= value <= date.max.toordinal():
                return date.fromordinal(value).isoformat()
        return self._whole(right)

    def _whole(self, node: Node) -> str:
        """A side of a comparison: a choice in parentheses, whose last words would run on into the relation."""
        return f"({self.describe(node)})" if isinstance(node, Choice) and node not in self.names else self.describe(node)

    def _function(self, node: Function) -> str:
        parts = [self.describe(part) for part in node.arguments]
        inner = [self._inner(part) for part in node.arguments]
        limits = [self._against(node.arguments[0], part) for part in node.arguments[1:]]
        match node.name:
            case "abs":
                return f"the absolute value of {inner[0]}"
            case "min" | "max":
                return f"the {'smaller' if node.name == 'min' else 'larger'} of {', '.join(inner[:-1])} and {inner[-1]}"
            case "sqrt" | "log" | "sign":
                return f"the {FUNCTION_WORDS[node.name]} of {inner[0]}"
            case "crosses_above" | "crosses_below":
                return f"{parts[0]} crosses {node.name[8:]} {parts[1]}"
            case "rising" | "falling":
                return self._trend(node, parts[0])
            case "between" | "outside":
                return self._between(node, parts[0], limits)
            case "near":
                return f"{parts[0]} is within {parts[2]}% of {inner[1]}"
            case "since":
                return f"the number of bars since {self._closed(node.arguments[0])}"
            case "count":
                return f"the number of the last {parts[1]} bars on which {self._closed(node.arguments[0])}"
            case "sequence":
                within = format_bars(_value(node.arguments[-1]))
                return (
                    "first "
                    + ", then ".join(self._closed(part) for part in node.arguments[:-1])
                    + f" (each within {within} of the one before)"
                )
            case "value_when":
                return self._kept(node, inner[1])
            case _:
                return self._since(node, inner[1])

    def _between(self, node: Function, subject: str, limits: list[str]) -> str:
        timed = isinstance(node.arguments[0], ClockOperand) and node.arguments[0].name == "minute_of_day"
        if node.name == "between":
            return f"{'the bar begins' if timed else f'{subject} is'} between {limits[0]} and {limits[1]}"
        return f"{'the bar begins before' if timed else f'{subject} is below'} {limits[0]} or {'after' if timed else 'above'} {limits[1]}"

    def _kept(self, node: Function, kept: str) -> str:
        """The words for a value that is kept from an earlier bar."""
        condition, value = node.arguments
        if condition != ON_FILL:
            return f"{kept} on the last bar on which {self._closed(condition)}"
        inner, bars = _look_back(value, self.names)
        return f"{self._inner(inner)} {f'{format_bars(bars)} before' if bars else 'on'} the bar of the fill"

    def _since(self, node: Function, value: str) -> str:
        """The words for the extreme or the sum of what was since a condition held."""
        condition, source = node.arguments
        start = "the fill" if condition == ON_FILL else f"the last bar on which {self._closed(condition)}"
        if node.name == "sum_since":
            if isinstance(source, Choice) and (source.then, source.otherwise) == (Number(1.0), Number(0.0)):
                return f"the number of bars on which {self._closed(source.condition)}, since {start}"
            return f"the sum of {value} since {start}"
        kind = node.name.split("_")[0]
        if isinstance(source, BarField) and source.name not in BLENDS:
            return f"the {kind} {source.name} since {start}"
        return f"the {kind} value of {value} since {start}"

    def _trend(self, node: Function, source: str) -> str:
        bars = _value(node.arguments[1])
        if bars == 1:
            return f"{source} is {'higher' if node.name == 'rising' else 'lower'} than one bar ago"
        return f"{source} has {'risen' if node.name == 'rising' else 'fallen'} on each of the last {format_bars(bars)}"


def describe_node(node: Node, names: Mapping[Node, str] | None = None) -> str:
    """Describe a value or a condition in words, with its article; `names` says what a definition has named by its name."""
    return Wording(names or {}).describe(node)
