"""Units and bounds of values: the grounds on which unlike or impossible comparisons are refused."""

from dataclasses import dataclass

from core.language.catalogue import CATALOGUE, Unit
from core.language.syntax.nodes import (
    Arithmetic,
    BarField,
    Call,
    Choice,
    ClockOperand,
    Function,
    HigherTimeframe,
    Node,
    Number,
    OtherInstrument,
    Past,
    PositionOperand,
    ZonedTime,
)

CLOCK_BOUNDS = {
    "hour": (0, 23),
    "minute": (0, 59),
    "minute_of_day": (0, 1439),
    "weekday": (0, 6),
    "day": (1, 31),
    "month": (1, 12),
    "year": (1, 9999),
    "date": (1, 3_652_059),
    "bar_of_week": (1, 10_080),
    "trading_day_of_month": (1, 31),
    "trading_days_left": (0, 31),
    "bar_of_day": (1, 1440),
    "bar_of_month": (1, 44_640),
    "minutes_since_open": (0, 1440),
    "minutes_to_close": (0, 1440),
}
POSITION_UNITS = {
    "entry_price": Unit.LEVEL,
    "last_entry_price": Unit.LEVEL,
    "bars_in_trade": Unit.COUNT,
    "entries_in_trade": Unit.COUNT,
    "open_profit": Unit.PERCENT,
    "open_r": Unit.RATIO,
    "highest_since_entry": Unit.LEVEL,
    "lowest_since_entry": Unit.LEVEL,
    "stop_price": Unit.LEVEL,
    "setup": Unit.COUNT,
    "bars_since_entry": Unit.COUNT,
    "bars_since_exit": Unit.COUNT,
    "trades_today": Unit.COUNT,
    "position": Unit.COUNT,
    "equity": Unit.ANY,
    "last_profit": Unit.PERCENT,
    "losses_in_row": Unit.COUNT,
    "wins_in_row": Unit.COUNT,
}
LOWEST: dict[str, float | None] = {"open_profit": None, "open_r": None, "last_profit": None, "position": -1.0}
"""Operands of the trade that go below zero."""
PRICE_UNITS = frozenset({Unit.LEVEL, Unit.DISTANCE})


@dataclass(frozen=True, slots=True)
class Scale:
    """Unit of a value and, where the definition gives them, its bounds."""

    unit: Unit
    low: float | None = None
    high: float | None = None


ANY_SCALE = Scale(Unit.ANY)


def infer_scale(node: Node) -> Scale:
    """Infer the scale that a number lies on."""
    match node:
        case Number():
            return Scale(Unit.ANY, node.value, node.value)
        case BarField():
            return Scale(Unit.VOLUME, low=0) if node.name == "volume" else Scale(Unit.LEVEL, low=0)
        case Call():
            return _indicator(node)
        case Past() | HigherTimeframe() | OtherInstrument():
            return infer_scale(node.node)
        case PositionOperand():
            return Scale(POSITION_UNITS[node.name], low=LOWEST.get(node.name, 0.0), high=1.0 if node.name == "position" else None)
        case ClockOperand():
            low, high = CLOCK_BOUNDS[node.name]
            return Scale(Unit.COUNT, low, high)
        case ZonedTime():
            return Scale(Unit.COUNT, 0, 1439)
        case Arithmetic():
            return _arithmetic(node.operator, infer_scale(node.left), infer_scale(node.right))
        case Function():
            return _function(node)
        case Choice():
            then, otherwise = infer_scale(node.then), infer_scale(node.otherwise)
            return Scale(then.unit if then.unit == otherwise.unit else Unit.ANY)
        case _:
            return ANY_SCALE


def _indicator(node: Call) -> Scale:
    line = CATALOGUE[node.indicator].line(node.line)
    if line is None:
        return ANY_SCALE
    if line.unit is Unit.ANY and node.sources:
        source = infer_scale(node.sources[0])
        return source if len(CATALOGUE[node.indicator].lines) == 1 else Scale(source.unit)
    if line.unit is Unit.DISTANCE and node.sources and infer_scale(node.sources[0]).unit not in PRICE_UNITS:
        return Scale(Unit.ANY, line.low, line.high)
    return Scale(line.unit, line.low, line.high)


def _arithmetic(operator: str, left: Scale, right: Scale) -> Scale:
    if operator in "+-" and len(operator) == 1:
        return _sum(operator, left, right)
    if operator == "/" and left.unit == right.unit and left.unit is not Unit.ANY:
        return Scale(Unit.RATIO)
    if operator in ("*", "/") and left.unit is Unit.LEVEL and _constant_value(right) is not None:
        factor = abs(_constant_value(right) or 0.0)
        factor = 1 / factor if operator == "/" and factor else factor
        return Scale(Unit.LEVEL if 0.5 <= factor <= 2.0 else Unit.ANY)
    if operator == "*" and _constant_value(left) is not None and right.unit is Unit.LEVEL:
        return _arithmetic("*", right, left)
    if operator in ("*", "/") and left.unit is Unit.DISTANCE and _constant_value(right) is not None:
        return Scale(Unit.DISTANCE)
    if operator == "*" and _constant_value(left) is not None and right.unit is Unit.DISTANCE:
        return Scale(Unit.DISTANCE)
    return ANY_SCALE


def _sum(operator: str, left: Scale, right: Scale) -> Scale:
    if left.unit is Unit.LEVEL and right.unit is Unit.LEVEL:
        return Scale(Unit.DISTANCE) if operator == "-" else ANY_SCALE
    if {left.unit, right.unit} == {Unit.LEVEL, Unit.DISTANCE}:
        return Scale(Unit.LEVEL) if left.unit is Unit.LEVEL else ANY_SCALE
    if left.unit == right.unit:
        return Scale(left.unit)
    if _constant_value(right) is not None:
        return Scale(left.unit)
    return Scale(right.unit) if _constant_value(left) is not None and operator == "+" else ANY_SCALE


def _constant_value(value: Scale) -> float | None:
    return value.low if value.unit is Unit.ANY and value.low is not None and value.low == value.high else None


def _function(node: Function) -> Scale:
    if node.name in ("min", "max"):
        kinds = {infer_scale(argument).unit for argument in node.arguments} - {Unit.ANY}
        return Scale(kinds.pop()) if len(kinds) == 1 else ANY_SCALE
    if node.name == "abs":
        inner = infer_scale(node.arguments[0])
        return Scale(
            inner.unit, low=0, high=max(abs(inner.low), abs(inner.high)) if inner.low is not None and inner.high is not None else None
        )
    if node.name == "count":
        bars = node.arguments[1]
        return Scale(Unit.COUNT, 0, bars.value if isinstance(bars, Number) else None)
    if node.name == "since":
        return Scale(Unit.COUNT, 0)
    if node.name == "sum_since":
        kind = infer_scale(node.arguments[1]).unit
        return Scale(kind if kind is Unit.VOLUME else Unit.ANY)
    if node.name in ("value_when", "highest_since", "lowest_since"):
        return infer_scale(node.arguments[1])
    return Scale(Unit.RATIO, -1, 1) if node.name == "sign" else ANY_SCALE


def is_comparable(left: Scale, right: Scale) -> bool:
    """True when comparing two values makes sense: one unit, or one of them a plain number."""
    return left.unit == right.unit or Unit.ANY in (left.unit, right.unit)


def describe_scale(value: Scale) -> str:
    """Describe a scale for a message: `an oscillator from 0 to 100`, `a price`."""
    names = {
        Unit.LEVEL: "a price",
        Unit.DISTANCE: "a price difference",
        Unit.OSCILLATOR: "an oscillator",
        Unit.PERCENT: "a percentage",
        Unit.RATIO: "a ratio",
        Unit.VOLUME: "a volume",
        Unit.COUNT: "a count",
        Unit.FLAG: "a pattern (0 or 1)",
        Unit.ANY: "a number",
    }
    if value.unit is Unit.OSCILLATOR and value.low is not None and value.high is not None:
        return f"an oscillator from {value.low:g} to {value.high:g}"
    return names[value.unit]
