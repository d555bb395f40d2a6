"""The free numbers of a workflow: their names and search ranges, the same every time and shared by identical indicators."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from core.domain.workflow import Parameter, Row, Section, Workflow
from core.language.analysis.units import Scale, infer_scale
from core.language.catalogue import CATALOGUE, Param, Unit
from core.language.catalogue.rules import Slot
from core.language.syntax.definition import Condition, Definition, Instruction, read_definition
from core.language.syntax.nodes import Arithmetic, Call, ClockOperand, Compare, Function, Node, Number, children, rebuild

SECTION_PREFIXES = {
    Section.ENTRY_LONG: "entry",
    Section.EXIT_LONG: "exit",
    Section.ENTRY_SHORT: "short_entry",
    Section.EXIT_SHORT: "short_exit",
    Section.DEFINE: "define",
    Section.FILTER: "filter",
    Section.SIZING: "size",
    Section.RISK: "risk",
}
STRUCTURAL = frozenset({0.0, 1.0, -1.0, 100.0})
"""Numbers that are part of a formula rather than a choice."""


@dataclass(frozen=True, slots=True)
class NamedDefinition:
    """A definition whose free numbers carry names."""

    definition: Definition
    parameters: tuple[Parameter, ...]
    calls: dict[Call, tuple[str, ...]]
    """Indicator instance (see `drop_output_line`) to the names of its parameters, in the catalogue's order."""
    stems: dict[Call, str]
    """Indicator instance to the readable name of the indicator itself."""


def drop_output_line(call: Call) -> Call:
    """Drop the output line of a call, which leaves the indicator behind it: calls that differ only in the line are one."""
    return replace(call, line="")


def parameters(workflow: Workflow) -> tuple[Parameter, ...]:
    """Every free number with a readable, stable name and a sensible search range; rows that cannot be read contribute none."""
    definition, _ = read_definition(workflow)
    return name_parameters(definition).parameters


def name_parameters(definition: Definition) -> NamedDefinition:
    """Give every free number a name and a search range."""
    return _Namer(definition).run()


class _Namer:
    """Collects names in the table's order, so that the same workflow always gets the same ones."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.parameters: dict[str, Parameter] = {}
        self.calls: dict[Call, tuple[str, ...]] = {}
        self.stems: dict[Call, str] = {}
        self.known: dict[Node, Node] = {}
        """Expressions whose numbers have names: the same expression has the same ones wherever it stands."""

    def run(self) -> NamedDefinition:
        self.name_calls()
        conditions = tuple(self.condition(item) for item in self.definition.conditions)
        instructions = tuple(self.instruction(item) for item in self.definition.instructions)
        definition = replace(self.definition, conditions=conditions, instructions=instructions)
        return NamedDefinition(definition, tuple(self.parameters.values()), self.calls, self.stems)

    def name_calls(self) -> None:
        """Indicators first: `sma_fast` and `sma_slow` can only be told apart when all of one name are known."""
        rows: dict[Call, str] = {}
        for row, node in _roots(self.definition):
            for call in _calls(node):
                rows.setdefault(drop_output_line(call), row.id)
        by_name: dict[str, list[Call]] = {}
        for call in rows:
            by_name.setdefault(call.indicator, []).append(call)
        for name, calls in by_name.items():
            for call, suffix in zip(_ordered(calls), _suffixes(calls), strict=True):
                self.stems[call] = f"{name}_{suffix}" if suffix else name
        for call, row_id in rows.items():
            self.calls[call] = self.call_parameters(call, row_id)
        self.separate(by_name)

    def call_parameters(self, call: Call, row: str) -> tuple[str, ...]:
        entry, stem = CATALOGUE[call.indicator], self.stems[call]
        names = []
        for param, value in zip(entry.params, call.arguments, strict=True):
            short = stem if len(entry.params) == 1 and stem != call.indicator else f"{stem}_{param.name}"
            low, high = _search_range(param, value)
            names.append(self.add(short, row, value, low, high, param.integer))
        self.ordered(entry.ordered, [param.name for param in entry.params], names)
        return tuple(names)

    def ordered(self, ordered: tuple[str, ...], params: list[str], names: list[str]) -> None:
        """Parameters that must ascend get ranges that cannot meet."""
        mine = [names[params.index(name)] for name in ordered]
        for first, second in pairwise(mine):
            self.split(first, second)

    def separate(self, by_name: dict[str, list[Call]]) -> None:
        """Fast and slow copies of one indicator get ranges that cannot meet."""
        for calls in by_name.values():
            chain = _ordered(calls)
            for first, second in pairwise(chain):
                if self.calls[first] and self.calls[second] and first.arguments[0] < second.arguments[0]:
                    self.split(self.calls[first][0], self.calls[second][0])

    def split(self, first: str, second: str) -> None:
        small, large = self.parameters[first], self.parameters[second]
        if not small.default < large.default:
            return
        middle = math.sqrt(max(small.default, 0.0) * max(large.default, 0.0))
        middle = min(max(math.floor(middle), small.default), large.default - 1) if small.integer else middle
        step = 1 if small.integer else 0
        self.parameters[first] = small.changed(high=min(small.high, middle))
        self.parameters[second] = large.changed(low=max(large.low, middle + step))

    def add(self, name: str, row: str, value: float, low: float, high: float, integer: bool) -> str:
        name = re.sub(r"\W+", "_", name).strip("_").lower()
        unique, number = name, 2
        while unique in self.parameters:
            unique, number = f"{name}_{number}", number + 1
        low, high = min(low, value), max(high, value)
        self.parameters[unique] = Parameter(name=unique, row=row, default=value, low=low, high=high, integer=integer)
        return unique

    def condition(self, item: Condition) -> Condition:
        return replace(item, node=self.free(item.node, item.row, SECTION_PREFIXES[item.row.section]))

    def instruction(self, item: Instruction) -> Instruction:
        values: dict[str, Node] = {}
        for slot in item.slots():
            node = item.values[slot.name]
            if isinstance(node, Number):
                values[slot.name] = self.slot(item, slot, node)
            else:
                values[slot.name] = self.free(node, item.row, item.rule.name)
        return replace(item, values=values)

    def slot(self, item: Instruction, slot: Slot, node: Number) -> Number:
        if slot.sort != "number" or not slot.free or (slot.optional and node.value == 0):
            return node
        low, high = _around(node.value, slot.integer)
        low = max(low, slot.low + 1e-6) if slot.above else max(low, slot.low)
        name = self.add(f"{item.rule.name}_{slot.name}", item.row.id, node.value, low, min(high, slot.high, slot.most), slot.integer)
        return replace(node, name=name)

    def free(self, node: Node, row: Row, prefix: str) -> Node:
        """The node with every free number named; indicators' own numbers are named already."""
        if isinstance(node, Compare | Function | Arithmetic):
            if node not in self.known:
                self.known[node] = self.name_numbers(node, row, prefix)
            return self.known[node]
        parts = tuple(self.free(child, row, prefix) for child in children(node))
        return rebuild(node, parts) if parts else node

    def name_numbers(self, node: Compare | Function | Arithmetic, row: Row, prefix: str) -> Node:
        if not isinstance(node, Arithmetic):
            return self.comparison(node, row, prefix)
        left = self.factor(node, node.left, node.right, row, prefix)
        return replace(node, left=left, right=self.factor(node, node.right, node.left, row, prefix))

    def comparison(self, node: Compare | Function, row: Row, prefix: str) -> Node:
        parts = _tied(node)
        named = []
        for index, part in enumerate(parts):
            if not isinstance(part, Number):
                named.append(self.free(part, row, prefix))
            elif isinstance(node, Function) and node.name in ("count", "rising", "falling", "sequence"):
                named.append(self.bars(node, part, row, prefix))
            else:
                named.append(self.threshold(node, index, part, row, prefix))
        return rebuild(node, tuple(named))

    def bars(self, node: Function, number: Number, row: Row, prefix: str) -> Number:
        if number.at < 0:
            return number
        low, high = _around(number.value, True)
        return replace(number, name=self.add(f"{prefix}_{node.name}_bars", row.id, number.value, max(1, low), high, True))

    def threshold(self, node: Compare | Function, index: int, number: Number, row: Row, prefix: str) -> Number:
        parts = children(node)
        other = next((part for part in parts if not isinstance(part, Number)), number)
        if isinstance(node, Function) and node.name not in ("crosses_above", "crosses_below", "between", "outside", "near"):
            return number
        if (
            number.value == 0.0
            or number.at < 0
            or isinstance(other, ClockOperand)
            or (isinstance(node, Compare) and "==" in node.operators)
        ):
            return number
        scaled = infer_scale(other)
        if scaled.unit is Unit.FLAG:
            return number
        integer = scaled.unit is Unit.COUNT and number.value == int(number.value)
        share = isinstance(node, Function) and node.name == "near" and index == 2
        low, high = _around(number.value, False) if share else _threshold_range(number.value, scaled, integer)
        integer = integer and not share
        name = f"{prefix}_{_stem(other, self.stems)}_{_sense(node, index)}"
        return replace(number, name=self.add(name, row.id, number.value, low, high, integer))

    def factor(self, node: Arithmetic, part: Node, other: Node, row: Row, prefix: str) -> Node:
        if not isinstance(part, Number):
            return self.free(part, row, prefix)
        divisor = node.operator == "/" and part is node.right and part.value in (2.0, 3.0, 4.0)
        if node.operator not in "*/" or part.value in STRUCTURAL or divisor or part.at < 0 or part.value <= 0:
            return part
        low, high = _factor_range(part.value, near_one=infer_scale(other).unit is Unit.LEVEL)
        return replace(part, name=self.add(f"{prefix}_{_stem(other, self.stems)}_factor", row.id, part.value, low, high, False))


def _tied(node: Compare | Function) -> tuple[Node, ...]:
    """The operands; `count(x, 3) == 3` says on each of three bars, so that its two numbers are one and neither is free."""
    parts = children(node)
    if not isinstance(node, Compare) or node.operators != ("==",):
        return parts
    numbers = [part.value for part in parts if isinstance(part, Number)]
    tied = []
    for part in parts:
        if isinstance(part, Function) and part.name == "count" and isinstance(part.arguments[1], Number):
            bars = part.arguments[1]
            part = replace(part, arguments=(part.arguments[0], replace(bars, at=-1))) if bars.value in numbers else part
        tied.append(part)
    return tuple(tied)


def _roots(definition: Definition) -> Iterator[tuple[Row, Node]]:
    for condition in definition.conditions:
        yield condition.row, condition.node
    for item in definition.instructions:
        for node in item.values.values():
            yield item.row, node


def _calls(node: Node) -> Iterator[Call]:
    """Indicators of a tree, inner ones first."""
    for child in children(node):
        yield from _calls(child)
    if isinstance(node, Call):
        yield node


def _ordered(calls: list[Call]) -> list[Call]:
    """Copies of one indicator by their numbers, smallest first; equal ones stay in the table's order."""
    return sorted(calls, key=lambda call: call.arguments)


def _suffixes(calls: list[Call]) -> list[str]:
    firsts = sorted(call.arguments[:1] for call in calls)
    distinct = len(set(firsts)) == len(calls) and all(firsts)
    if len(calls) == 1:
        return [""]
    if distinct and len(calls) <= 3:
        return ["fast", "slow"] if len(calls) == 2 else ["fast", "mid", "slow"]
    return [str(number) for number in range(1, len(calls) + 1)]


def _search_range(param: Param, value: float) -> tuple[float, float]:
    low, high = _around(value, param.integer)
    return max(low, param.low), min(high, param.high)


def _around(value: float, integer: bool) -> tuple[float, float]:
    """Half to double; whole numbers move by at least one."""
    if integer:
        return float(min(value - 1, math.floor(value / 2))) if value > 1 else 1.0, float(max(value + 1, math.ceil(value * 2)))
    return (value / 2, value * 2) if value >= 0 else (value * 2, value / 2)


def _factor_range(value: float, *, near_one: bool) -> tuple[float, float]:
    """A factor of a price keeps its side of one; another is halved and doubled."""
    if near_one and abs(value - 1) < 0.25:
        away = value - 1
        return (1 + away / 4, 1 + away * 2.5) if away > 0 else (1 + away * 2.5, 1 + away / 4)
    return value / 2, value * 2


def _threshold_range(value: float, scaled: Scale, integer: bool) -> tuple[float, float]:
    """For a bounded reading: from two thirds of the way to the near bound up to three quarters of the way to the middle."""
    if scaled.low is None or scaled.high is None or not scaled.low <= value <= scaled.high:
        return _around(value, integer)
    middle, near = (scaled.low + scaled.high) / 2, scaled.low if value <= (scaled.low + scaled.high) / 2 else scaled.high
    if integer:
        return max(scaled.low, value - max(1, value // 2)), min(scaled.high, value + max(1, value // 2))
    if value == middle:
        reach = (scaled.high - scaled.low) * 0.15
        return value - reach, value + reach
    ends = (near + (value - near) / 3, value + (middle - value) * 0.75)
    low, high = _around(value, False)
    return round(max(min(ends), low), 6), round(min(max(ends), high), 6)


def _stem(node: Node, stems: dict[Call, str]) -> str:
    """A word for the operand that a number belongs to."""
    if isinstance(node, Call):
        return stems.get(drop_output_line(node), node.indicator)
    for attribute in ("name", "node"):
        inner = getattr(node, attribute, None)
        if isinstance(inner, str) and not isinstance(node, Number):
            return inner
        if inner is not None and not isinstance(inner, str):
            return _stem(inner, stems)
    inner_calls = list(_calls(node))
    return stems.get(drop_output_line(inner_calls[0]), inner_calls[0].indicator) if inner_calls else "level"


def _sense(node: Compare | Function, index: int) -> str:
    if isinstance(node, Function):
        senses = {"crosses_above": "above", "crosses_below": "below", "near": "near_percent" if index == 2 else "near"}
        return senses.get(node.name, "low" if index == 1 else "high")
    operator = node.operators[min(max(index - 1, 0), len(node.operators) - 1)]
    above = operator.startswith(">") if index else operator.startswith("<")
    return "above" if above else "below"
