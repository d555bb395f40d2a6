"""Indicators of proved programs as columns: Backtrader computes each once, and programs that differ in other numbers share them.

Imports Backtrader.
"""

import ast
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from core.backtest.bar_source import AllBars
from core.backtest.engine import Engine
from core.backtest.feed_layout import add_feeds
from core.backtest.program_shape import IndicatorStatement, ProgramShape, UnknownProgramError
from core.backtest.program_text import Number
from core.backtest.strategy_module import FILENAME, MODULE
from core.domain.bars import Bars, FloatArray

MOST_VALUES = 8_000_000
"""Values of indicators that are kept together at most, sixteen bytes each."""


@dataclass(frozen=True, slots=True)
class IndicatorColumns:
    """One indicator on all bars."""

    lines: Mapping[str, FloatArray]
    """By the name of each line, the first one at the front."""
    values: "Mapping[str, array[float]]"
    """The same, for reading one by one."""
    warm_up: int
    """Bars from which on it, and all that it is made of, has a value."""


class _ColumnEngine(Engine):
    """An engine that stops where bars would go by."""

    def _runonce(self, runstrats: Any) -> None:
        strategy = runstrats[0]
        if strategy._minperiod > self.datas[0].buflen():
            raise UnknownProgramError("the warm-up is longer than the data")
        strategy._once()


class IndicatorComputer:
    """Computes the indicators of programs of one shape, on one series of bars."""

    def __init__(self, shape: ProgramShape, bars: Bars) -> None:
        self._shape, self._bars = shape, bars
        self._source = AllBars.from_bars(bars)
        self._known: dict[tuple[Any, ...], IndicatorColumns] = {}
        self._makers: dict[str, type] = {}
        self._module = _load([*shape.helpers, *shape.classes])

    def compute(self, name: str, numbers: Mapping[str, Number]) -> IndicatorColumns:
        """Compute one indicator with the program's numbers. Raises UnknownProgramError where the usual way has to be taken."""
        wanted = self._shape.indicators[name]
        own = {entry: numbers[entry] for entry in wanted.numbers}
        key = (name, *((type(value), value) for value in own.values()))
        found = self._known.get(key)
        if found is None:
            while self._known and len(self._known) * len(self._bars) >= MOST_VALUES:
                del self._known[next(iter(self._known))]
            found = self._known[key] = self._play(name, wanted, own)
        return found

    def _play(self, name: str, wanted: IndicatorStatement, numbers: Mapping[str, Number]) -> IndicatorColumns:
        from core.backtest.line_guard import guard_lines
        from core.backtest.method_overrides import install_patches

        maker = self._makers.get(name)
        if maker is None:
            maker = self._makers[name] = self._make_strategy(name, wanted)
        sys.modules[MODULE] = self._module
        cerebro = _ColumnEngine(stdstats=False, preload=True, runonce=True)
        add_feeds(cerebro, self._source, (), {})
        cerebro.addstrategy(maker, **numbers)
        install_patches()
        with guard_lines() as reads:
            reads.feeds = tuple(cerebro.datas)
            strategy = cerebro.run()[0]
        if reads.lines or reads.lengths:
            raise UnknownProgramError("an indicator reads what needs a word")
        return self._read(getattr(strategy, name), int(strategy._minperiods[0]))

    def _make_strategy(self, name: str, wanted: IndicatorStatement) -> type:
        """Make the class of a strategy that has this indicator, and does nothing."""
        entries = ", ".join(f"{entry}=None" for entry in wanted.numbers)
        made: Any = ast.parse(f"class Columns(bt.Strategy):\n    params = dict({entries})\n    def __init__(self):\n        pass")
        made.body[0].body[1].body = [self._shape.indicators[one].statement for one in (*wanted.sources, name)]
        exec(compile(made, FILENAME, "exec"), self._module.__dict__)
        kind: type = self._module.__dict__.pop("Columns")
        return kind

    def _read(self, indicator: Any, warm_up: int) -> IndicatorColumns:
        import numpy as np
        from backtrader.linebuffer import LineBuffer

        if isinstance(indicator, LineBuffer):
            lines = {"line": indicator}
        else:
            lines = dict(zip(indicator.lines._getlines(), indicator.lines.lines, strict=False))
        if not lines or any(len(line.array) != len(self._bars) or line.mode for line in lines.values()):
            raise UnknownProgramError("an indicator has bars of its own")
        columns = {name: np.array(line.array, dtype=np.float64) for name, line in lines.items()}
        return IndicatorColumns(columns, {name: array("d", column.tobytes()) for name, column in columns.items()}, warm_up)


def _load(body: Sequence[ast.stmt]) -> ModuleType:
    module = ModuleType(MODULE)
    module.__file__ = FILENAME
    sys.modules[MODULE] = module
    exec(compile(ast.Module(body=list(body), type_ignores=[]), FILENAME, "exec"), module.__dict__)
    return module
