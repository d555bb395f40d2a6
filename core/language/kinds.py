"""On which scale a value lies and between which bounds: the grounds on which unlike or impossible comparisons are refused."""

from dataclasses import dataclass

from core.language.indicators import CATALOGUE, Kind
from core.language.nodes import Arithmetic, BarField, Call, Choice, Clock, Function, Higher, Node, Number, Past, Position

CLOCK_BOUNDS = {
    "hour": (0, 23),
    "minute": (0, 59),
    "minute_of_day": (0, 1439),
    "weekday": (0, 6),
    "day": (1, 31),
    "month": (1, 12),
    "year": (1, 9999),
    "bar_of_day": (1, 1440),
    "bar_of_month": (1, 44_640),
    "minutes_since_open": (0, 1440),
    "minutes_to_close": (0, 1440),
}
POSITION_KINDS = {
    "entry_price": Kind.LEVEL,
    "last_entry_price": Kind.LEVEL,
    "bars_in_trade": Kind.COUNT,
    "open_profit": Kind.PERCENT,
    "open_r": Kind.RATIO,
    "highest_since_entry": Kind.LEVEL,
    "lowest_since_entry": Kind.LEVEL,
    "stop_price": Kind.LEVEL,
    "bars_since_exit": Kind.COUNT,
    "last_profit": Kind.PERCENT,
    "losses_in_row": Kind.COUNT,
    "wins_in_row": Kind.COUNT,
}
MONEY = frozenset({Kind.LEVEL, Kind.DISTANCE})


@dataclass(frozen=True, slots=True)
class Scale:
    """Kind of a value and, where the definition gives them, its bounds."""

    kind: Kind
    low: float | None = None
    high: float | None = None


ANYTHING = Scale(Kind.ANY)


def scale(node: Node) -> Scale:
    """The scale that a number lies on."""
    match node:
        case Number():
            return Scale(Kind.ANY, node.value, node.value)
        case BarField():
            return Scale(Kind.VOLUME, low=0) if node.name == "volume" else Scale(Kind.LEVEL, low=0)
        case Call():
            return _indicator(node)
        case Past() | Higher():
            return scale(node.node)
        case Position():
            return Scale(POSITION_KINDS[node.name], low=None if node.name in ("open_profit", "open_r", "last_profit") else 0)
        case Clock():
            low, high = CLOCK_BOUNDS[node.name]
            return Scale(Kind.COUNT, low, high)
        case Arithmetic():
            return _arithmetic(node.operator, scale(node.left), scale(node.right))
        case Function():
            return _function(node)
        case Choice():
            then, otherwise = scale(node.then), scale(node.otherwise)
            return Scale(then.kind if then.kind == otherwise.kind else Kind.ANY)
        case _:
            return ANYTHING


def _indicator(node: Call) -> Scale:
    line = CATALOGUE[node.indicator].line(node.line)
    if line is None:
        return ANYTHING
    if line.kind is Kind.ANY and node.sources:
        source = scale(node.sources[0])
        return source if len(CATALOGUE[node.indicator].lines) == 1 else Scale(source.kind)
    if line.kind is Kind.DISTANCE and node.sources and scale(node.sources[0]).kind not in MONEY:
        return Scale(Kind.ANY, line.low, line.high)
    return Scale(line.kind, line.low, line.high)


def _arithmetic(operator: str, left: Scale, right: Scale) -> Scale:
    if operator in "+-" and len(operator) == 1:
        return _sum(operator, left, right)
    if operator == "/" and left.kind == right.kind and left.kind is not Kind.ANY:
        return Scale(Kind.RATIO)
    if operator in ("*", "/") and left.kind is Kind.LEVEL and _number(right) is not None:
        factor = abs(_number(right) or 0.0)
        factor = 1 / factor if operator == "/" and factor else factor
        return Scale(Kind.LEVEL if 0.5 <= factor <= 2.0 else Kind.ANY)
    if operator == "*" and _number(left) is not None and right.kind is Kind.LEVEL:
        return _arithmetic("*", right, left)
    if operator in ("*", "/") and left.kind is Kind.DISTANCE and _number(right) is not None:
        return Scale(Kind.DISTANCE)
    if operator == "*" and _number(left) is not None and right.kind is Kind.DISTANCE:
        return Scale(Kind.DISTANCE)
    return ANYTHING


def _sum(operator: str, left: Scale, right: Scale) -> Scale:
    if left.kind is Kind.LEVEL and right.kind is Kind.LEVEL:
        return Scale(Kind.DISTANCE) if operator == "-" else ANYTHING
    if {left.kind, right.kind} == {Kind.LEVEL, Kind.DISTANCE}:
        return Scale(Kind.LEVEL) if left.kind is Kind.LEVEL else ANYTHING
    if left.kind == right.kind:
        return Scale(left.kind)
    if _number(right) is not None:
        return Scale(left.kind)
    return Scale(right.kind) if _number(left) is not None and operator == "+" else ANYTHING


def _number(value: Scale) -> float | None:
    return value.low if value.kind is Kind.ANY and value.low is not None and value.low == value.high else None


def _function(node: Function) -> Scale:
    if node.name in ("min", "max"):
        kinds = {scale(argument).kind for argument in node.arguments} - {Kind.ANY}
        return Scale(kinds.pop()) if len(kinds) == 1 else ANYTHING
    if node.name == "abs":
        inner = scale(node.arguments[0])
        return Scale(
            inner.kind, low=0, high=max(abs(inner.low), abs(inner.high)) if inner.low is not None and inner.high is not None else None
        )
    if node.name == "count":
        bars = node.arguments[1]
        return Scale(Kind.COUNT, 0, bars.value if isinstance(bars, Number) else None)
    if node.name == "since":
        return Scale(Kind.COUNT, 0)
    if node.name == "sum_since":
        kind = scale(node.arguments[1]).kind
        return Scale(kind if kind is Kind.VOLUME else Kind.ANY)
    if node.name in ("value_when", "highest_since", "lowest_since"):
        return scale(node.arguments[1])
    return Scale(Kind.RATIO, -1, 1) if node.name == "sign" else ANYTHING


def comparable(left: Scale, right: Scale) -> bool:
    """Whether comparing two values makes sense: one kind, or one of them a plain number."""
    return left.kind == right.kind or Kind.ANY in (left.kind, right.kind)


def kind_words(value: Scale) -> str:
    """How a message calls a scale: `an oscillator from 0 to 100`, `a price`."""
    names = {
        Kind.LEVEL: "a price",
        Kind.DISTANCE: "a price difference",
        Kind.OSCILLATOR: "an oscillator",
        Kind.PERCENT: "a percentage",
        Kind.RATIO: "a ratio",
        Kind.VOLUME: "a volume",
        Kind.COUNT: "a count",
        Kind.FLAG: "a pattern (0 or 1)",
        Kind.ANY: "a number",
    }
    if value.kind is Kind.OSCILLATOR and value.low is not None and value.high is not None:
        return f"an oscillator from {value.low:g} to {value.high:g}"
    return names[value.kind]
