"""Prices of stops, targets and waiting orders: that they are prices, and on the side of the market where such an order can wait."""

from collections.abc import Iterator

from core.domain.errors import Problem, Severity
from core.domain.workflow import Measure, Section
from core.language.analysis.units import describe_scale, infer_scale
from core.language.catalogue import Unit
from core.language.catalogue.rules import ENTRIES, PRICE_ORDERS
from core.language.syntax.definition import Definition, Instruction
from core.language.syntax.nodes import Arithmetic, BarField, Call, Function, Node, Number, PositionOperand
from core.language.syntax.wording import describe_node

NO_PRICES = frozenset({Unit.DISTANCE, Unit.OSCILLATOR, Unit.PERCENT, Unit.RATIO, Unit.VOLUME, Unit.COUNT, Unit.FLAG})
WIDTHS = frozenset({"atr", "true_range", "stddev"})
"""Indicators that are distances and never negative."""
LOSING = ("stop_loss", "trailing_stop")
WINNING = ("take_profit", "partial_exit")
ABOVE, BELOW, LEVEL = 1, -1, 0


def find_level_problems(definition: Definition) -> Iterator[Problem]:
    """Find prices that are no prices, and prices that lie on the wrong side of the market for what the order does."""
    for item in definition.instructions:
        if item.measure is Measure.PRICE:
            yield from _check_price(item)
            yield from _check_side(definition, item)


def _check_price(item: Instruction) -> Iterator[Problem]:
    node = item.values["price"]
    scale = infer_scale(node)
    if scale.unit in NO_PRICES:
        what = "a distance" if scale.unit is Unit.DISTANCE else describe_scale(scale)
        measures = [measure.value for measure in item.rule.forms if measure in (Measure.ATR, Measure.POINTS, Measure.PERCENT)]
        other = f", or choose the measure {', '.join(measures)}" if measures else ""
        message = f"{describe_node(node)} is {what}, not a price at which an order can wait."
        yield _problem(item, message, f"Write a price, for example `close - 2 * atr(14)`{other}.")
    elif isinstance(node, Number):
        message = f"{node.value:g} is the same price for every trade, whatever the market does."
        remedy = "Choose the measure points for a distance of so much, percent for a share, or write a price such as `lowest(low, 10)`."
        yield _problem(item, message, remedy, warning=item.rule.name != "trailing_stop")


def _check_side(definition: Definition, item: Instruction) -> Iterator[Problem]:
    place = find_place(item.values["price"])
    if not place or item.rule.name == "limit_on_open":
        return  # an open may be asked to lie on either side of the close
    longs, shorts = (bool(_traded(definition, section)) for section in ENTRIES)
    where = "above" if place > 0 else "below"
    if item.rule.name in (*LOSING, *WINNING):
        fits_longs = (place < 0) == (item.rule.name in LOSING)
        if (fits_longs and longs) or (not fits_longs and shorts):
            return
        side = "long" if longs else "short"
        other = {"stop_loss": "take_profit", "trailing_stop": "take_profit"}.get(item.rule.name, "stop_loss")
        message = f"this price lies {where} the market, where a {side} trade has no {'stop' if item.rule.name in LOSING else 'target'}."
        others = [row for row in definition.rules(item.rule.name) if row is not item]
        yield _problem(item, message, f"Write a price on the other side, or use `{other}`.", warning=bool(others))
        return
    buys = item.row.section in (Section.ENTRY_LONG, Section.EXIT_SHORT)
    fits = (place > 0) == (buys == (item.rule.name == "stop_order"))
    if not fits:
        other = "limit_order" if item.rule.name == "stop_order" else "stop_order"
        kind = f"a {'buy' if buys else 'sell'} {'stop' if item.rule.name == 'stop_order' else 'limit'}"
        message = f"this price lies {where} the market, where {kind} would be filled at once."
        yield _problem(item, message, f"Use `{other}`, or a price on the other side.")


def _traded(definition: Definition, section: Section) -> bool:
    ordered = any(item.row.section is section for item in definition.rules(*PRICE_ORDERS))
    return bool(definition.section(section)) or ordered


def _problem(item: Instruction, message: str, remedy: str, *, warning: bool = False) -> Problem:
    severity = Severity.WARNING if warning else Severity.ERROR
    return Problem(severity=severity, row=item.row.id, column="thresholds", message=message, remedy=remedy)


def find_place(node: Node) -> int:
    """Find where a price must lie: 1 above the close or the entry, -1 below, 0 where nobody can tell.

    >>> find_place(Arithmetic("*", BarField("close"), Number(1.02)))
    1
    """
    low, high = _bounds(node)
    strict = _is_strict(node)
    if low == LEVEL == high or not strict:
        return 0
    return ABOVE if low is not None and low >= 0 and high != LEVEL else BELOW if high is not None and high <= 0 else 0


def _bounds(node: Node) -> tuple[int | None, int | None]:
    """Bounds of a price: never below (first is 0) or never above (second is 0) the close; both for the close itself."""
    if isinstance(node, BarField):
        return {"close": (0, 0), "high": (0, None), "low": (None, 0)}.get(node.name, (None, None))
    if isinstance(node, PositionOperand):
        return (0, 0) if node.name == "entry_price" else (None, None)
    if isinstance(node, Call) and node.indicator in ("highest", "lowest") and isinstance(node.sources[0], BarField):
        if node.indicator == "highest" and node.sources[0].name in ("high", "close"):
            return 0, None
        if node.indicator == "lowest" and node.sources[0].name in ("low", "close"):
            return None, 0
        return None, None
    if isinstance(node, Arithmetic):
        return _arithmetic(node)
    if isinstance(node, Function) and node.name in ("min", "max"):
        found = [_bounds(part) for part in node.arguments]
        if node.name == "max":
            return (0 if any(low == 0 for low, _ in found) else None), (0 if all(high == 0 for _, high in found) else None)
        return (0 if all(low == 0 for low, _ in found) else None), (0 if any(high == 0 for _, high in found) else None)
    return None, None


def _arithmetic(node: Arithmetic) -> tuple[int | None, int | None]:
    left, right = node.left, node.right
    if node.operator == "*" and isinstance(left, Number):
        left, right = right, left
    low, high = _bounds(left)
    if node.operator == "*" and isinstance(right, Number):
        return _moved(low, high, up=right.value > 1)
    if node.operator in "+-" and _is_width(right):
        return _moved(low, high, up=node.operator == "+")
    return None, None


def _moved(low: int | None, high: int | None, *, up: bool) -> tuple[int | None, int | None]:
    return (low, None) if up else (None, high)


def _is_width(node: Node) -> bool:
    if isinstance(node, Number):
        return node.value > 0
    if isinstance(node, Call):
        return node.indicator in WIDTHS
    return isinstance(node, Arithmetic) and node.operator == "*" and _is_width(node.left) and _is_width(node.right)


def _is_strict(node: Node) -> bool:
    """True when a price is moved away from the close, or is an extreme of several bars; the bar's own high may be the close."""
    if isinstance(node, Arithmetic):
        return True
    if isinstance(node, Function):
        return any(_is_strict(part) for part in node.arguments)
    return isinstance(node, Call) and node.arguments[:1] != (1.0,)
