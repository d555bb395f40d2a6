"""From source text to a strategy class: a real module, real line numbers in tracebacks, fixed seeds. Imports Backtrader on use."""

import linecache
import random
import re
import sys
from types import ModuleType
from typing import Any

import numpy as np

from core.backtest.faults import StrategyFaultError
from core.domain.instrument import Timeframe

MODULE = "strategy"
FILENAME = "strategy.py"
SEED = 0


def load_module(code: str) -> ModuleType:
    """Run the code as module `strategy`, with `random` and numpy seeded. Raises whatever the code raises.

    The module is in `sys.modules` because Backtrader's metaclasses look it up there, and its source is in `linecache` so that
    tracebacks show the line.
    """
    random.seed(SEED)
    np.random.seed(SEED)
    module = ModuleType(MODULE)
    module.__file__ = FILENAME
    linecache.cache[FILENAME] = (len(code), None, code.splitlines(keepends=True), FILENAME)
    compiled = compile(code, FILENAME, "exec")
    sys.modules[MODULE] = module
    exec(compiled, module.__dict__)
    return module


def find_strategy_class(module: ModuleType) -> Any:
    """Find the last Backtrader strategy that the module itself defines. Raises StrategyFaultError when there is none."""
    import backtrader as bt

    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, bt.Strategy) and value.__module__ == module.__name__
    ]
    if not found:
        raise StrategyFaultError(
            "the code defines no strategy class", hint="Define one class that derives from bt.Strategy and place the orders in its next()."
        )
    return found[-1]


def read_timeframes(strategy: Any, own: Timeframe) -> tuple[Timeframe, ...]:
    """Read the higher timeframes that the class asks for in `timeframes`. Raises StrategyFaultError when they cannot be had."""
    asked = getattr(strategy, "timeframes", ())
    names = (asked,) if isinstance(asked, str) else asked
    if not isinstance(names, tuple | list) or len(names) > 8:
        raise StrategyFaultError("the class attribute timeframes must be a tuple of names", hint='For example timeframes = ("1w",).')
    return tuple(_parse_timeframe(name, own) for name in names)


def _parse_timeframe(name: object, own: Timeframe) -> Timeframe:
    known = {frame.value: frame for frame in Timeframe}
    frame = known.get(str(name))
    if frame is None:
        raise StrategyFaultError(f"unknown timeframe {str(name)[:40]!r}", hint=f"Known are {', '.join(known)}.")
    if frame.minutes <= own.minutes:
        raise StrategyFaultError(
            f"timeframe {frame.value} is not longer than the run's own ({own.value})", hint="The run's own bars are self.data already."
        )
    return frame


def uses_observers(module: ModuleType) -> bool:
    """True when the code reads Backtrader's default observers (`self.stats.broker.value[0]`); they cost time and are there only then."""
    return bool(re.search(r"\.(stats|observers)\b", "".join(linecache.getlines(str(module.__file__)))))
