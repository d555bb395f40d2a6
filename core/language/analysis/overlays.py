"""Lines of a workflow that can be drawn over prices: averages, bands and channels of its rows, computed for the picture alone.

Nothing is decided by them: the program's own indicators are Backtrader's. A test holds both against each other.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import Bars
from core.domain.workflow import Measure, Workflow
from core.language.syntax.condition_rows import list_cells
from core.language.syntax.expression import parse_expression
from core.language.syntax.nodes import BarField, Call, Node, OtherInstrument, walk
from core.language.syntax.operand_tree import ExpressionError

Line = NDArray[np.float64]
MOST = 4
"""Most lines of one picture."""
PRICES = ("open", "high", "low", "close")


def compute_overlays(workflow: Workflow, bars: Bars) -> dict[str, Line]:
    """Compute the lines of enabled rows by their names, each of shape (bars,), NaN before its first value; at most four of them."""
    found: dict[str, Line] = {}
    for node in _list_operands(workflow):
        for call in _list_calls(node):
            name = _name(call)
            if name not in found and len(found) < MOST and (line := _compute(call, bars)) is not None:
                found[name] = line
    return found


def _list_operands(workflow: Workflow) -> Iterator[Node]:
    for row in workflow.rows:
        if row.enabled and row.timeframe is None and not isinstance(row.operator, Measure):
            for text in (cell for cells in list_cells(row) for cell in cells):
                try:
                    yield parse_expression(text)
                except ExpressionError:
                    continue  # the table says what is wrong with it


def _list_calls(node: Node) -> Iterator[Call]:
    """Indicators of the traded instrument's own prices."""
    foreign = {inner for part in walk(node) if isinstance(part, OtherInstrument) for inner in walk(part.node)}
    for part in walk(node):
        if isinstance(part, Call) and part not in foreign:
            yield part


def _name(call: Call) -> str:
    source = call.sources[0] if call.sources else None
    field = [source.name] if isinstance(source, BarField) and source.name != "close" else []
    inner = ", ".join([*field, *(f"{argument:g}" for argument in call.arguments)])
    return f"{call.indicator}({inner}){f'.{call.line}' if call.line in BAND_LINES else ''}"


BAND_LINES = ("upper", "lower", "mid")


def _compute(call: Call, bars: Bars) -> Line | None:
    if call.indicator == "donchian":
        return _channel(call, bars)
    source = call.sources[0] if len(call.sources) == 1 else None
    if not isinstance(source, BarField) or source.name not in PRICES or not call.arguments:
        return None
    value: Line = getattr(bars, source.name)
    period = int(call.arguments[0])
    if not 1 <= period <= len(value):
        return None
    if call.indicator == "bbands" and call.line in BAND_LINES:
        side = {"upper": 1.0, "lower": -1.0, "mid": 0.0}[call.line]
        return _mean(value, period) + side * call.arguments[1] * _windows(value, period, lambda part: part.std(axis=1))
    formula = FORMULAS.get(call.indicator)
    return formula(value, period) if formula else None


def _channel(call: Call, bars: Bars) -> Line | None:
    period = int(call.arguments[0])
    if not 1 <= period < len(bars) or call.line not in BAND_LINES:
        return None
    upper, lower = _highest(bars.high, period), _lowest(bars.low, period)
    line = {"upper": upper, "lower": lower, "mid": (upper + lower) / 2}[call.line]
    return np.concatenate(([np.nan], line[:-1]))


def _windows(value: Line, period: int, reduce: Callable[[Line], Line]) -> Line:
    parts = np.lib.stride_tricks.sliding_window_view(value, period)
    return np.concatenate((np.full(period - 1, np.nan), reduce(parts)))


def _mean(value: Line, period: int) -> Line:
    return _windows(value, period, lambda part: part.mean(axis=1))


def _weighted(value: Line, period: int) -> Line:
    weights = np.arange(1, period + 1) / (period * (period + 1) / 2)
    return _windows(value, period, lambda part: part @ weights)


def _highest(value: Line, period: int) -> Line:
    return _windows(value, period, lambda part: part.max(axis=1))


def _lowest(value: Line, period: int) -> Line:
    return _windows(value, period, lambda part: part.min(axis=1))


def _exponential(value: Line, period: int) -> Line:
    """Seeded with the simple average of the first period."""
    line = np.full(len(value), np.nan)
    share = 2.0 / (period + 1)
    line[period - 1] = value[:period].mean()
    for place in range(period, len(value)):
        line[place] = line[place - 1] + share * (value[place] - line[place - 1])
    return line


FORMULAS: dict[str, Callable[[Line, int], Line]] = {
    "sma": _mean,
    "ema": _exponential,
    "wma": _weighted,
    "highest": _highest,
    "lowest": _lowest,
}
"""Indicators in units of a price that are drawn, by name."""
