"""Nodes in plain English. Whole sentences for rows are `explainer`'s work."""

from dataclasses import replace
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
TIME_RELATIONS = {">": "is after", "<": "is before", ">=": "is at or after", "<=": "is at or before", "==": "is"}
DAY_RELATIONS = {">": "is after", "<": "is before", ">=": "is on or after", "<=": "is on or before", "==": "is", "!=": "is not"}
DATE_RELATIONS = {"==": "is", "!=": "is not"}
SIGNS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo", "**": "to the power of"}
FUNCTION_WORDS = {"sqrt": "square root", "log": "logarithm", "sign": "sign"}
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def format_number(value: float) -> str:
    """Format a number as people write it."""
    return f"{value:,.10g}".replace(",", " ") if abs(value) >= 10_000 else f"{value:.10g}"


def format_bars(bars: float) -> str:
    """Format a number of bars: `1 bar`, `5 bars`."""
    return f"{bars:g} bar" if bars == 1 else f"{bars:g} bars"


def describe_node(node: Node) -> str:
    """Describe a value or a condition in words, with its article."""
    match node:
        case Number():
            return format_number(node.value)
        case BarField():
            return f"the {BLENDS.get(node.name, node.name)}"
        case Call():
            return _indicator(node)
        case Past():
            as_of = "" if isinstance(node.node, BarField) else "as of "
            return f"{_inner(node.node)} {as_of}{format_bars(node.bars)} ago"
        case PositionOperand():
            return (POSITION_OPERANDS | HISTORY_OPERANDS)[node.name]
        case ClockOperand():
            return CLOCK_OPERANDS[node.name]
        case ZonedTime():
            return f"{format_time_of_day(node.minutes)} {node.zone}"
        case HigherTimeframe():
            frame = f"{describe_timeframe(node.timeframe)} bars"
            return f"on {frame} {describe_node(node.node)}" if is_condition(node.node) else f"{_inner(node.node)} ({frame})"
        case OtherInstrument():
            if isinstance(node.node, BarField):
                return f"{node.symbol}'s {describe_node(node.node).removeprefix('the ')}"
            return f"on {node.symbol} {describe_node(node.node)}" if is_condition(node.node) else f"{_inner(node.node)} of {node.symbol}"
        case Arithmetic():
            return _arithmetic(node)
        case Compare():
            return _comparison(node)
        case Logic():
            return f" {node.operator} ".join(
                f"({describe_node(part)})" if isinstance(part, Logic) else describe_node(part) for part in node.operands
            )
        case Not():
            return f"it is not the case that {_inner(node.node)}"
        case Choice():
            return f"{describe_node(node.then)} if {describe_node(node.condition)}, else {describe_node(node.otherwise)}"
        case Function():
            return _function(node)


def _closed(node: Node) -> str:
    """A condition in words, in parentheses when `and` or `or` could be read beyond it."""
    return f"({describe_node(node)})" if isinstance(node, Logic) else describe_node(node)


def _inner(node: Node) -> str:
    return f"({describe_node(node)})" if isinstance(node, Arithmetic | Logic | Choice | Compare) else describe_node(node)


def _arithmetic(node: Arithmetic) -> str:
    if node.operator == "-" and node.left == Number(0.0):
        return f"minus {_inner(node.right)}"
    return f"{_inner(node.left)} {SIGNS[node.operator]} {_inner(node.right)}"


def _indicator(node: Call) -> str:
    entry = CATALOGUE[node.indicator]
    fields = {param.name: format_number(value) for param, value in zip(entry.params, node.arguments, strict=True)}
    sources = [describe_node(source).removeprefix("the ") for source in node.sources]
    if sources:
        default = node.sources[0] == parse_expression(entry.sources[0])
        fields |= {"source": sources[0], "source2": sources[-1], "of": "" if default else f" of the {sources[0]}"}
    text = entry.phrase.format(**fields) + _unsaid(node, entry, fields)
    line = entry.line(node.line)
    if line is None or line.phrase in ("", "line"):
        return f"the {text}"
    return f"the {line.phrase.format(**fields)} of the {text}"


def _unsaid(node: Call, entry: Indicator, fields: dict[str, str]) -> str:
    """The numbers that the indicator's phrase leaves out, where they are not the usual ones: no number is lost."""
    phrases = (entry.phrase, *(line.phrase for line in entry.lines))
    said = {name for phrase in phrases for _, name, _, _ in Formatter().parse(phrase) if name}
    left = [
        f"{param.meaning or param.name.replace('_', ' ')} {fields[param.name]}"
        for param, value in zip(entry.params, node.arguments, strict=True)
        if param.name not in said and value != param.default
    ]
    return f" ({', '.join(left)})" if left else ""


def _comparison(node: Compare) -> str:
    if len(node.operators) == 1:
        special = _pattern(node) or _counted(node) or _calendar(node)
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
        parts.append(f"{describe_node(left)} {relations.get(sign, RELATIONS[sign])} {_against(left, right)}")
    return " and ".join(parts)


def _calendar(node: Compare) -> str:
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
    if isinstance(first, Call) and first.line == "direction" and second == Number(0.0):
        name = describe_node(replace(first, line=CATALOGUE[first.indicator].lines[0].name))
        name = name.removeprefix("the line of ")
        return {">": f"{name} points up", "<": f"{name} points down"}.get(node.operators[0], "")
    return ""


def _pattern(node: Compare) -> str:
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
    name = f"{entry.article} {describe_node(first).removeprefix('the ')}".strip()
    one, several = ("was", "were") if ago else ("is", "are")
    return f"{frame}{name} {one if entry.article else several} seen{ago}"


def _counted(node: Compare) -> str:
    """The words for `count(...) >= n` and `since(...) < n`, which read badly as comparisons."""
    first, second = node.operands
    if not (isinstance(first, Function) and isinstance(second, Number)):
        return ""
    number, sign = second.value, node.operators[0]
    if first.name == "count":
        words = {">=": f"at least {number:g}", ">": f"more than {number:g}", "<=": f"at most {number:g}", "<": f"fewer than {number:g}"}
        words |= {"==": f"exactly {number:g}", "!=": f"other than {number:g}"}
        return f"on {words[sign]} of the last {describe_node(first.arguments[1])} bars {_closed(first.arguments[0])}"
    if first.name == "since":
        words = {">=": "at least ", ">": "more than ", "<=": "at most ", "<": "fewer than ", "==": "", "!=": "other than "}
        return f"it is {words[sign]}{format_bars(number)} since {_closed(first.arguments[0])}"
    return ""


def _against(left: Node, right: Node) -> str:
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
    return describe_node(right)


def format_time_of_day(minutes: float) -> str:
    """Format minutes after midnight as a time of day."""
    return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"


def _function(node: Function) -> str:
    parts = [describe_node(part) for part in node.arguments]
    inner = [_inner(part) for part in node.arguments]
    limits = [_against(node.arguments[0], part) for part in node.arguments[1:]]
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
            return _trend(node, parts[0])
        case "between":
            return f"{parts[0]} is between {limits[0]} and {limits[1]}"
        case "outside":
            return f"{parts[0]} is below {limits[0]} or above {limits[1]}"
        case "near":
            return f"{parts[0]} is within {parts[2]} % of {inner[1]}"
        case "since":
            return f"the number of bars since {_closed(node.arguments[0])}"
        case "count":
            return f"the number of the last {parts[1]} bars on which {_closed(node.arguments[0])}"
        case "sequence":
            within = format_bars(_value(node.arguments[-1]))
            return "first " + ", then ".join(_closed(part) for part in node.arguments[:-1]) + f" (each within {within} of the one before)"
        case "value_when":
            return f"{inner[1]} on the bar on which {_closed(node.arguments[0])} last"
        case _:
            sort = "sum" if node.name == "sum_since" else f"{node.name.split('_')[0]} value"
            return f"the {sort} of {inner[1]} since {_closed(node.arguments[0])} last"


def _trend(node: Function, source: str) -> str:
    bars = _value(node.arguments[1])
    if bars == 1:
        return f"{source} is {'higher' if node.name == 'rising' else 'lower'} than one bar ago"
    return f"{source} has {'risen' if node.name == 'rising' else 'fallen'} on each of the last {format_bars(bars)}"


def _value(node: Node) -> float:
    return node.value if isinstance(node, Number) else 0.0
