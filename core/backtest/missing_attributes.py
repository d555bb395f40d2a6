"""Attributes that are not there: of a module, the strategy, a line, an indicator or one of the broker's things."""

import difflib
import re
from typing import Any

from core.backtest.error_case import ONE_FEED, ErrorCase, Explanation, is_own, list_names, suggest_names
from core.backtest.introspection import all_names, classify, lines_of, params_of, short_name
from core.domain.pandas_members import INSTEAD_OF_PANDAS, PANDAS_MEMBERS
from core.domain.talib_equivalents import suggest_equivalent

RENAMED = {
    ("Position", "avg_price"): "price",
    ("Position", "average_price"): "price",
    ("Position", "entry_price"): "price",
    ("Position", "quantity"): "size",
    ("Trade", "profit"): "pnl (pnlcomm after commission)",
    ("Trade", "entry_price"): "price",
    ("broker", "get_balance"): "getcash()",
    ("broker", "balance"): "getcash()",
    ("broker", "equity"): "getvalue()",
    ("broker", "get_position"): "getposition(self.data)",
    ("BollingerBands", "upper"): "top",
    ("BollingerBands", "lower"): "bot",
    ("BollingerBands", "middle"): "mid",
}
ELSEWHERE = {
    ("MACD", "histo"): "bt.ind.MACDHisto has it as histo.",
    ("MACD", "histogram"): "bt.ind.MACDHisto has it as histo.",
    ("MACD", "hist"): "bt.ind.MACDHisto has it as histo.",
    ("AverageDirectionalMovementIndex", "plusDI"): "bt.ind.DirectionalMovement has plusDI, minusDI and adx.",
    ("AverageDirectionalMovementIndex", "minusDI"): "bt.ind.DirectionalMovement has plusDI, minusDI and adx.",
}
_OBSERVERS = (
    "Only the observers Broker, Trades and BuySell are there, and no analyzer. Compute a drawdown from self.broker.getvalue(): "
    "self.peak = max(self.peak, value); drawdown = 100 * (1 - value / self.peak)."
)


def explain_attribute(case: ErrorCase) -> Explanation | None:
    """Explain a name that a thing does not have; None where the rules know nothing of the thing."""
    error = case.error
    assert isinstance(error, AttributeError)
    name, thing = str(error.name), error.obj
    if name == "None":
        return None
    if thing is None:
        hint = "self.buy() and its like give None when the size is 0." if "self.buy" in case.code or "self.sell" in case.code else ""
        return Explanation(f"There is nothing (None) to read {name} from.", hint)
    module = getattr(thing, "__name__", "") if type(thing).__name__ == "module" else ""
    if module:
        return _module_attribute(module, name, thing)
    kind = classify(thing)
    if kind == "ItemCollection":
        return Explanation(f"There is no observer or analyzer {name}.", _OBSERVERS)
    if kind == "params":
        return Explanation(f"The params have no {name}.", f"Defined are: {list_names(params_of(thing))}.")
    if kind == "strategy":
        return _strategy_attribute(case, name)
    if kind in ("indicator", "feed", "line"):
        return _line_attribute(kind, thing, name)
    return _object_attribute(kind, thing, name)


def _module_attribute(module: str, name: str, thing: Any) -> Explanation:
    if module == "backtrader.talib":
        return Explanation("bt.talib is not there: TA-Lib is not installed.", suggest_equivalent(name))
    what = "indicator" if module == "backtrader.indicators" else "name"
    where = "Backtrader" if module.startswith("backtrader") else module
    extra = " Write a missing indicator as a class derived from bt.Indicator in the same file." if what == "indicator" else ""
    return Explanation(f"{where} has no {what} {name}.", (suggest_names(name, dir(thing)) + extra).strip())


def _strategy_attribute(case: ErrorCase, name: str) -> Explanation:
    if re.fullmatch(r"data[1-9]\d*(_\w+)?", name):
        return Explanation(f"The strategy has no {name}: the run has no such instrument.", ONE_FEED)
    frame = case.innermost()
    own = next((step.f_locals["self"] for step in reversed(case.frames) if "self" in step.f_locals and is_own(step)), None)
    known = [*vars(own), *dir(type(own))] if own is not None else (list(frame.f_locals) if frame else [])
    return Explanation(f"The strategy has no attribute {name}.", suggest_names(name, known) or "Set it in __init__() before it is read.")


def _line_attribute(kind: str, thing: Any, name: str) -> Explanation:
    if name in PANDAS_MEMBERS:
        return Explanation(f"A line is no pandas Series: it has no {name}.", INSTEAD_OF_PANDAS)
    if kind == "line":
        return Explanation(f"A line has no {name}.", "Its value is line[0]; the one of the bar before is line[-1].")
    owner = "The feed" if kind == "feed" else short_name(thing)
    elsewhere = next((ELSEWHERE[other, name] for other in all_names(thing) if (other, name) in ELSEWHERE), None)
    if elsewhere is not None:
        return Explanation(f"{owner} has no line {name}.", elsewhere)
    names = lines_of(thing)
    if kind == "indicator" and re.fullmatch(r"data\d+", name):
        return Explanation(
            f"{owner} needs another input.", f"Give it all its inputs, for example bt.ind.{owner}(self.data.close, other_line)."
        )
    renamed = next((RENAMED[other, name] for other in all_names(thing) if (other, name) in RENAMED), None)
    instead = renamed or next(iter(difflib.get_close_matches(name, names, n=1, cutoff=0.6 if len(name) > 3 else 0.75)), "")
    hint = f"Its lines are: {list_names(names)}." + (f" Probably meant: {instead}." if instead else "")
    return Explanation(f"{owner} has no line {name}.", hint)


def _object_attribute(kind: str, thing: Any, name: str) -> Explanation | None:
    label = {"broker": "The broker", "Position": "A position", "Trade": "A trade", "order": "An order"}.get(kind)
    if label is None:
        return None
    instead = RENAMED.get((kind, name))
    hint = f"It is called {instead}." if instead else suggest_names(name, dir(thing))
    if label == "An order":
        hint = "What was executed is in order.executed (price, size, comm), what was asked for in order.created."
    return Explanation(f"{label} has no {name}.", hint)
