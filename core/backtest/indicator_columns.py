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

from backtrader.lineiterator import LineIterator

from core.backtest.bar_source import AllBars
from core.backtest.engine import Engine
from core.backtest.feed_layout import add_feeds
from core.backtest.program_shape import IndicatorStatement, ProgramShape, UnknownProgramError
from core.backtest.program_text import Number
from core.backtest.stepwise_columns import StepwiseColumns
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


KnownColumns = dict[tuple[Any, ...], IndicatorColumns]
"""Indicators on one series of bars, by all that they are made of."""


class IndicatorComputer:
    """Computes the indicators of programs of one shape, on one series of bars."""

    def __init__(self, shape: ProgramShape, bars: Bars, known: KnownColumns | None = None) -> None:
        """`known` is shared with computers of other shapes on the same bars."""
        self._shape, self._bars = shape, bars
        self._source = AllBars.from_bars(bars)
        self._known: KnownColumns = {} if known is None else known
        self._texts = shape.describe_indicators()
        self._makers: dict[tuple[str, ...], type] = {}
        self._module = _load([*shape.helpers, *shape.classes])
        self.stepwise = StepwiseColumns(self._module, shape.classes)
        """Computes what the module's own indicators do bar by bar."""
        self.stepwise.install()

    def compute(self, numbers: Mapping[str, Number]) -> dict[str, IndicatorColumns]:
        """Compute all indicators with the program's numbers. Raises UnknownProgramError where the usual way has to be taken."""
        keys = {name: self._name(name, one, numbers) for name, one in self._shape.indicators.items()}
        missing = tuple(name for name, key in keys.items() if key not in self._known)
        if missing:
            found = self._play(missing, numbers)
            while self._known and (len(self._known) + len(missing)) * len(self._bars) > MOST_VALUES:
                del self._known[next(iter(self._known))]
            kept = {name: self._known[key] for name, key in keys.items() if key in self._known}
            if len(kept) + len(missing) < len(keys):
                return self._play(tuple(keys), numbers)
            self._known.update((keys[name], one) for name, one in found.items())
            return {name: found[name] if name in found else kept[name] for name in keys}
        return {name: self._known[key] for name, key in keys.items()}

    def _name(self, name: str, wanted: IndicatorStatement, numbers: Mapping[str, Number]) -> tuple[Any, ...]:
        return (*self._texts[name], *((type(numbers[entry]), numbers[entry]) for entry in wanted.numbers))

    def _play(self, names: tuple[str, ...], numbers: Mapping[str, Number]) -> dict[str, IndicatorColumns]:
        """Have Backtrader compute some of the indicators, with all that they are made of."""
        from core.backtest.line_guard import guard_lines
        from core.backtest.method_overrides import install_patches

        known = self._shape.indicators
        needed = {one for name in names for one in (*known[name].sources, name)}
        ordered = tuple(name for name in known if name in needed)
        maker = self._makers.get(ordered)
        if maker is None:
            maker = self._makers[ordered] = self._make_strategy(ordered)
        sys.modules[MODULE] = self._module
        cerebro = _ColumnEngine(stdstats=False, preload=True, runonce=True)
        add_feeds(cerebro, self._source, (), {})
        cerebro.addstrategy(maker, **{entry: numbers[entry] for name in ordered for entry in known[name].numbers})
        install_patches()
        with guard_lines() as reads:
            reads.feeds = tuple(cerebro.datas)
            strategy = cerebro.run()[0]
        if reads.lines or reads.lengths:
            raise UnknownProgramError("an indicator reads what needs a word")
        own = self._measure_warm_ups(strategy, ordered)
        return {name: self._read(getattr(strategy, name), max(own[one] for one in (*known[name].sources, name))) for name in names}

    def _measure_warm_ups(self, strategy: Any, names: Sequence[str]) -> dict[str, int]:
        """Measure the longest warm-up of what each statement made; together they are that of the strategy."""
        made = strategy._lineiterators[LineIterator.IndType]
        ends = [*strategy.made_so_far, len(made)]
        found = {
            name: max((int(one._minperiod) for one in made[ends[place] : ends[place + 1]]), default=1) for place, name in enumerate(names)
        }
        if max(found.values()) != int(strategy._minperiods[0]):
            raise UnknownProgramError("the warm-up is not that of the indicators")
        return found

    def _make_strategy(self, names: Sequence[str]) -> type:
        """Make the class of a strategy that has these indicators, and does nothing; it notes how many it had before each."""
        entries = ", ".join(
            f"{entry}=None" for entry in sorted({entry for name in names for entry in self._shape.indicators[name].numbers})
        )
        count = ast.parse("self.made_so_far.append(len(self._lineiterators[self.IndType]))").body
        made: Any = ast.parse(
            f"class Columns(bt.Strategy):\n    params = dict({entries})\n    def __init__(self):\n        self.made_so_far = []"
        )
        body = made.body[0].body[1].body
        for name in names:
            body += [*count, self._shape.indicators[name].statement]
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
