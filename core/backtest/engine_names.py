"""The names under which the objects of a run have parts: those of Backtrader, and of the engine around it.

What a program finds under another name it has put there itself. Found in the classes and the compiled code that are loaded, so nothing
here is ever older than they are. Imports Backtrader.
"""

import dis
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import CodeType, FunctionType
from typing import Any

import backtrader as bt

_OF_BACKTRADER = """
broker brokers.bbroker cerebro comminfo dataseries errors feed fillers functions indicator linebuffer lineiterator lineroot lineseries
mathsupport metabase order position resamplerfilter sizer sizers.fixedsize sizers.percents_sizer strategy trade
"""
_OF_THE_ENGINE = """
bar_source engine feed lazy_position lean_broker lean_loop lean_orders leaps own_account recorder resting shared_clock
"""
_OBJECTS = (
    *(f"backtrader.{name}" for name in _OF_BACKTRADER.split()),
    *(f"core.backtest.{name}" for name in _OF_THE_ENGINE.split()),
)
"""Modules whose objects a strategy can come by, one through the other."""
_OF_STRATEGIES = frozenset(
    (
        *("backtrader.cerebro", "backtrader.lineiterator", "backtrader.lineroot", "backtrader.lineseries", "backtrader.metabase"),
        *("backtrader.strategy", "core.backtest.engine", "core.backtest.lean_loop"),
    )
)
"""Those that give parts to a strategy."""
_MADE = ("AutoInfoClass_", "Lines_")
"""Classes of parameters and lines, which Backtrader lays beside these two for whatever class is made anywhere."""
_NAMING = frozenset(("backtrader.metabase", "backtrader.lineiterator", "backtrader.lineseries", "backtrader.strategy"))
"""Those that also name parts by texts."""


@dataclass(frozen=True, slots=True)
class EngineNames:
    """Names of parts, by what has them."""

    objects: frozenset[str]
    """Of anything that a strategy can come by, lines and numbers of indicators left out."""
    strategies: frozenset[str]
    """Of a strategy."""
    lines: frozenset[str]
    """Lines and parameters of Backtrader's indicators, which a strategy may read."""


@cache
def collect_engine_names() -> EngineNames:
    """Collect the names from the classes that are loaded."""
    kinds: list[Any] = [kind for kind in vars(bt.indicators).values() if isinstance(kind, type) and issubclass(kind, bt.Indicator)]
    lines = frozenset(name for kind in kinds for name in (*kind.params._getkeys(), *kind.lines._getlines()))
    of_indicators = sorted({kind.__module__ for kind in kinds if kind.__module__.startswith("backtrader.")})
    return EngineNames(_collect((*_OBJECTS, *of_indicators)) - lines, _collect(_OF_STRATEGIES), lines)


def _collect(modules: Iterable[str]) -> frozenset[str]:
    collector = _Collector(frozenset(modules))
    for name in modules:
        for own, value in vars(import_module(name)).items():
            if not own.startswith(_MADE):
                collector.add(value)
    return frozenset(collector.names)


class _Collector:
    """Names that classes define and functions write to or have as texts, each looked at once."""

    def __init__(self, modules: frozenset[str]) -> None:
        self.names: set[str] = set()
        self._modules = modules
        self._seen: set[int] = set()
        self._texts = False

    def add(self, value: object) -> None:
        """Add what a class, a function or a property gives names to."""
        read = _READERS.get(type(value))
        if read is None and isinstance(value, type):
            read = _Collector._add_class
        if read is not None and id(value) not in self._seen:
            self._seen.add(id(value))
            read(self, value)

    def _add_class(self, kind: Any) -> None:
        if kind.__module__ not in self._modules:
            return
        self._texts = kind.__module__ in _NAMING
        self.names.update(vars(kind))
        for part in (*kind.__bases__, type(kind), *vars(kind).values()):
            self.add(part)
        parameters = vars(kind).get("params")
        if isinstance(parameters, type) and hasattr(parameters, "_getkeys"):
            self.names.update(parameters._getkeys())

    def _add_code(self, code: Any) -> None:
        self.names.update(list_written_parts(code))
        for constant in code.co_consts:
            self.add(constant)

    def _add_text(self, text: Any) -> None:
        if self._texts and text.isidentifier():
            self.names.add(text)

    def _add_parts(self, parts: Any) -> None:
        for part in parts:
            self.add(part)

    def _add_property(self, value: Any) -> None:
        self.add(value.fget)
        self.add(value.fset)


def list_written_parts(code: CodeType) -> Iterator[str]:
    """List the names of the parts to which a piece of compiled code writes (`something.name = ...`), the functions in it left out."""
    instructions, high = code.co_code, 0
    for place in range(0, len(instructions), 2):
        operation, number = instructions[place], instructions[place + 1] | high
        high = number << 8 if operation == dis.EXTENDED_ARG else 0
        if operation == _STORE_ATTR:
            yield code.co_names[number]


_STORE_ATTR = dis.opmap["STORE_ATTR"]
_READERS: dict[type, Callable[[_Collector, Any], None]] = {
    FunctionType: lambda collector, value: collector._add_code(value.__code__),
    CodeType: _Collector._add_code,
    staticmethod: lambda collector, value: collector.add(value.__func__),
    classmethod: lambda collector, value: collector.add(value.__func__),
    property: _Collector._add_property,
    str: _Collector._add_text,
    tuple: _Collector._add_parts,
    frozenset: _Collector._add_parts,
}
