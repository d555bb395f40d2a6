"""From source text to a strategy class: a real module, real line numbers in tracebacks, fixed seeds. Imports Backtrader on use."""

import linecache
import random
import re
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from core.backtest.faults import StrategyFaultError
from core.domain.instrument import Timeframe

MODULE = "strategy"
SCRIPT_RUN = "SCRIPT_RUN"
"""The name of the gate's record of a script; a test holds it against the gate's."""
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
    """Find the strategy that runs: the one that the script names, else the last that the module itself makes.

    Raises StrategyFaultError when there is none.
    """
    import backtrader as bt

    script = read_script_run(module)
    chosen = script.get("strategy")
    if chosen is not None:
        if isinstance(chosen, type) and issubclass(chosen, bt.Strategy):
            return chosen
        raise StrategyFaultError(
            f"the script adds {str(chosen)[:80]}, which is no strategy class",
            hint="Give addstrategy() a class that derives from bt.Strategy.",
        )
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, bt.Strategy) and not _is_of_the_library(value)
    ]
    if found:
        return found[-1]
    if script.get("signals"):
        return bt.SignalStrategy
    raise StrategyFaultError(
        "the code defines no strategy class", hint="Define one class that derives from bt.Strategy and place the orders in its next()."
    )


def _is_of_the_library(kind: type) -> bool:
    """True for Backtrader's own classes; one that `type()` makes names a module of Backtrader too, but is not in it."""
    return kind.__module__.startswith("backtrader") and getattr(sys.modules[kind.__module__], kind.__name__, None) is kind


def read_script_run(module: ModuleType) -> Mapping[str, Any]:
    """Read what the script around the strategy says about the run; the gate wrote it down, and nothing of it is believed."""
    said = getattr(module, SCRIPT_RUN, {})
    return said if isinstance(said, dict) else {}


def read_timeframes(strategy: Any, own: Timeframe) -> tuple[Timeframe, ...]:
    """Read the higher timeframes that the class, or the script, asks for. Raises StrategyFaultError when they cannot be had."""
    module = sys.modules.get(MODULE)
    asked = getattr(strategy, "timeframes", ()) or (read_script_run(module).get("timeframes", ()) if module is not None else ())
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


def needs_steps(strategy: Any, module: ModuleType) -> bool:
    """True when bulk computing would leave lines empty: the strategy's own lines, and those of a LinePlotterIndicator."""
    own = [name for name in strategy.lines._getlines() if name != "datetime"]
    return bool(own) or "LinePlotterIndicator" in "".join(linecache.getlines(str(module.__file__)))


def uses_observers(module: ModuleType) -> bool:
    """True when the code reads Backtrader's default observers (`self.stats.broker.value[0]`); they cost time and are there only then."""
    return bool(re.search(r"\.(stats|observers)\b", "".join(linecache.getlines(str(module.__file__)))))
