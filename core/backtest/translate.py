"""Turns what Python and Backtrader raise into words, a line of the strategy and a hint with the real names.

Each rule looks at one kind of message. What no rule knows keeps Python's own words, with the line.
"""

import ast
import builtins
import re
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

from core.backtest.error_case import ONE_FEED, ErrorCase, Explanation, find_line, is_own, list_names, suggest_names
from core.backtest.faults import StrategyFaultError
from core.backtest.introspection import all_names, find_owner, params_of, short_name
from core.backtest.missing_attributes import explain_attribute
from core.backtest.strategy_module import FILENAME, MODULE
from core.domain.backtest import CodeFault
from core.domain.python_syntax import parse_module_tree
from core.domain.talib_equivalents import suggest_equivalents

_MOST = 1_000
SAFE = {
    "RelativeStrengthIndex": "Use bt.ind.RSI_Safe, or bt.ind.RSI(safediv=True).",
    "StochasticFast": "Use bt.ind.StochasticFast(safediv=True).",
    "Stochastic": "Use bt.ind.Stochastic(safediv=True).",
    "StochasticFull": "Use bt.ind.StochasticFull(safediv=True).",
}
_NO_COMMAND_LINE = "Give the option a default (and leave required=True out), or write the value into params."
_FLAT = (
    "Bars with high equal to low, or without movement, make the divisor zero; it has no safe variant: compute it in next() behind a check."
)


def translate(error: BaseException, code: str) -> CodeFault:
    """Translate an exception of the code for its author: the strategy's own line, a clean message, a hint."""
    steps = list(traceback.walk_tb(error.__traceback__))
    own = [number for frame, number in steps if frame.f_code.co_filename == FILENAME]
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == FILENAME else (own[-1] if own else None)
    if isinstance(error, StrategyFaultError):
        return CodeFault(message=error.message, line=line, hint=error.hint, kind="StrategyFault")
    case = ErrorCase(error, _read_message(error), tuple(frame for frame, _ in steps), line, code)
    answer = _explain(case)
    return CodeFault(
        message=answer.message[:_MOST], line=answer.line if answer.line is not None else line, hint=answer.hint, kind=type(error).__name__
    )


def _explain(case: ErrorCase) -> Explanation:
    for kinds, rule in _RULES:
        if isinstance(case.error, kinds):
            try:
                answer = rule(case)
            except (AttributeError, TypeError, ValueError, LookupError, RecursionError):
                continue  # the objects in an error's frames are the strategy's own and can be anything
            if answer is not None:
                return answer
    name = type(case.error).__name__
    return Explanation(f"{name}: {case.text}" if case.text else name)


def _read_message(error: BaseException) -> str:
    try:
        return str(error).strip()
    except Exception:  # noqa: BLE001 - an exception class of the strategy may have a broken __str__
        return ""


def _syntax(case: ErrorCase) -> Explanation:
    assert isinstance(case.error, SyntaxError)
    return Explanation(f"This is not Python: {case.error.msg}.")


def _type(case: ErrorCase) -> Explanation | None:
    text = case.text
    if "__bool__ should return bool" in text:
        hint = "Use bt.And(a, b), bt.Or(a, b) for lines; or compare values, a[0] > b[0], in next()."
        return Explanation("`and`, `or`, `not` and `if` do not work on whole lines.", hint)
    if keyword := re.search(r"unexpected keyword argument '(\w+)'", text):
        return _keyword(case, keyword.group(1))
    if missing := re.search(r"(\w+)\.__init__\(\) missing \d+ required positional arguments?: (.+)", text):
        hint = "Backtrader creates the strategy without arguments: put them into params and read self.p.<name>."
        return Explanation(f"{missing.group(1)}.__init__() asks for {missing.group(2)}.", hint)
    if bare := re.search(r"(\w+)\.(\w+)\(\) takes 0 positional arguments but 1 was given", text):
        return Explanation(f"{bare.group(2)}() lacks its first parameter.", f"Write def {bare.group(2)}(self):")
    if "cannot be interpreted as an integer" in text or "slice indices must be integers" in text:
        return Explanation("A whole number was needed and a fraction was given.", "Periods and sizes of windows must be whole: int(value).")
    if "and 'slice'" in text:
        return Explanation("A line cannot be sliced.", "The last n values are line.get(size=n), oldest first.")
    if re.search(r"must be real number, not|argument must be a string.* or a real number, not", text):
        return Explanation("A whole line stands where a number is needed.", "Write [0] to take the value of this bar: self.data.close[0].")
    if "not supported between instances of 'NoneType'" in text or "'NoneType'" in text:
        return Explanation(f"A value is None where a number is needed ({text}).", "Check for None first.")
    return None


def _keyword(case: ErrorCase, keyword: str) -> Explanation | None:
    """Find the call in the code itself: Python names only the class behind an alias."""
    for call in _calls(case.code, case.line):
        if any(argument.arg == keyword for argument in call.keywords):
            thing = _resolve(call.func, case.innermost())
            names = params_of(thing)
            near = suggest_names(keyword, names)
            return Explanation(
                f"{ast.unparse(call.func)}() has no parameter {keyword}.", f"Its parameters are: {list_names(names)}. {near}".strip()
            )
    return None


def _calls(code: str, line: int | None) -> list[ast.Call]:
    tree = parse_module_tree(code)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if line is not None and call.lineno <= line <= (call.end_lineno or call.lineno)]


def _resolve(node: ast.AST, frame: FrameType | None) -> Any:
    """The object that a dotted name stands for in the strategy's module."""
    if isinstance(node, ast.Attribute):
        return getattr(_resolve(node.value, frame), node.attr)
    if isinstance(node, ast.Name):
        frames = [frame] if frame is not None else []
        spaces = [space for step in frames for space in (step.f_locals, step.f_globals, vars(builtins))]
        own = sys.modules.get(MODULE)
        spaces += [vars(own)] if own is not None else []
        return next(space[node.id] for space in spaces if node.id in space)
    raise ValueError("not a dotted name")


def _index(case: ErrorCase) -> Explanation | None:
    if "array assignment index out of range" in case.text:
        return Explanation(
            "An indicator needs more bars than the data has.",
            "Use shorter periods or a longer range of dates; periods add up when indicators nest.",
        )
    if "array index out of range" in case.text and case.line is None:
        return Explanation("An indicator reads outside its data.", "A period may be longer than the data, or 0.")
    if "pop from an empty deque" in case.text:
        hint = "Use buy_bracket(), or place entry and exits on the same bar: transmit=False on all but the last."
        return Explanation("Orders were attached to a parent that had been sent off already.", hint)
    if "list index out of range" in case.text and case.line is not None and "self.datas[" in find_line(case):
        return Explanation("The run has fewer feeds than self.datas is asked for.", ONE_FEED)
    return None


def _feed_name(case: ErrorCase) -> Explanation | None:
    """A feed that is asked for by a name that no feed has: `getdatabyname("SPY")`, `self.dnames.SPY`."""
    frame = case.innermost()
    if frame is None or frame.f_code.co_name not in ("getdatabyname", "__getattr__") or is_own(frame):
        return None
    owner = frame.f_locals["self"]
    feeds = owner.env.datasbyname if frame.f_code.co_name == "getdatabyname" else owner
    names = ", ".join(sorted(str(name) for name in feeds))
    return Explanation(f"There is no feed called {case.text}: the run has {names}.", ONE_FEED)


def _division(case: ErrorCase) -> Explanation | None:
    """Inside Backtrader: say which indicator it was, and where the strategy creates it."""
    if case.line is not None and is_own(case.frames[-1]):
        return Explanation("Division by zero.", "Check the divisor first; on a flat bar high equals low.")
    things = (step.f_locals.get(name) for step in reversed(case.frames) for name in ("self", "line"))
    thing = next((owner for candidate in things if (owner := find_owner(candidate)) is not None), None)
    if thing is None:
        return Explanation("Division by zero between lines.", "Use bt.DivByZero(a, b, zero=0.0) where b can be zero.")
    name = short_name(thing)
    return Explanation(
        f"{name} divides by zero on a flat stretch of prices.",
        next((SAFE[other] for other in all_names(thing) if other in SAFE), _FLAT),
        _created(case.code, type(thing)),
    )


def _created(code: str, kind: type) -> int | None:
    """The line that creates an indicator of that class, when exactly one does."""
    names = {step.__name__ for step in kind.__mro__ if step.__module__ == kind.__module__} | set(getattr(kind, "alias", ()))
    names |= {str(alias[0]) if isinstance(alias, tuple) else str(alias) for alias in getattr(kind, "alias", ())}
    found = [
        node.lineno
        for node in ast.walk(parse_module_tree(code))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and ast.unparse(node.func).rpartition(".")[2] in names
    ]
    return found[0] if len(found) == 1 else None


def _name(case: ErrorCase) -> Explanation | None:
    assert isinstance(case.error, NameError)
    name = str(case.error.name)
    if name in ("bt", "backtrader"):
        return Explanation(f"The name {name} is not defined.", "Begin the file with: import backtrader as bt")
    frame = case.innermost()
    known = [*frame.f_locals, *frame.f_globals, *dir(builtins)] if frame else []
    return Explanation(f"The name {name} is not defined.", suggest_names(name, known) or "Define it in this file, or read it from self.")


def _import(case: ErrorCase) -> Explanation:
    assert isinstance(case.error, ImportError)
    module = str(case.error.name or "")
    name = module.partition(".")[0]
    hints = {
        "talib": suggest_equivalents(case.code),
        "yfinance": "The platform delivers the bars as self.data.",
        "backtrader": "This version of Backtrader (1.9.78) has no such part. Paste what is used into this file.",
    }
    if missing := re.search(r"cannot import name '(\w+)' from '([\w.]+)'", case.text):
        return Explanation(f"{missing.group(2)} has no {missing.group(1)}.", hints.get(missing.group(2).partition(".")[0], ""))
    if optional := re.search(r"[Mm]issing optional dependency '([\w.]+)'|`Import (\w+)` failed", case.text):
        needed = optional.group(1) or optional.group(2)
        return Explanation(f"This function needs {needed}, which is not here.", "Use another one: print() of a table goes to the log.")
    message = (
        f"{module} cannot be imported here." if isinstance(case.error, ModuleNotFoundError) and name else f"The import failed: {case.text}."
    )
    return Explanation(message, hints.get(name, "Only parts of the standard library, numpy, pandas and backtrader are there."))


def _file(case: ErrorCase) -> Explanation:
    """Files, networks and other programs: what an operating system refuses."""
    assert isinstance(case.error, OSError)
    name = str(case.error.filename or "")
    what = f"There is no file {name[:80]!r} here" if name else f"There is nothing to do that with here ({type(case.error).__name__})"
    return Explanation(
        f"{what}: no files, no network, no other program.", "Bars are self.data; write other numbers into params; print() goes to the log."
    )


def _value(case: ErrorCase) -> Explanation | None:
    if "cannot convert float NaN to integer" in case.text:
        return Explanation(
            "A value is NaN where a whole number is needed.", "An indicator before its warm-up is NaN; check math.isnan(value) first."
        )
    unpacked = "to unpack" in case.text or "dictionary update sequence" in case.text
    if unpacked and case.line is not None and re.match(r"\s*class\b", find_line(case)):
        return Explanation(
            "params are not written as pairs.", "Write params = dict(period=14) or params = (('period', 14),) with both commas."
        )
    return None


def _ended(case: ErrorCase) -> Explanation:
    parsers = [frame for frame in case.frames if frame.f_code.co_filename.endswith("argparse.py")]
    if parsers:
        said = next((str(frame.f_locals["message"]) for frame in parsers if "message" in frame.f_locals), "")
        _, required, names = said.partition("required: ")
        which = names if required else "an argument that the script requires"
        return Explanation(f"There is no command line here, and the script requires {which}.", _NO_COMMAND_LINE)
    return Explanation("The code ends the interpreter.", "Leave exit(), quit() and sys.exit() out; a run ends with its last bar.")


def _interrupted(case: ErrorCase) -> Explanation:
    name = type(case.error).__name__
    return Explanation(f"The code raises {name}, which ends a program.", "Raise a ValueError, or return from next(), instead.")


def _recursion(case: ErrorCase) -> Explanation:
    return Explanation(
        "Functions call each other without end.", "Look for a method that calls itself, for example self.next() inside next()."
    )


def _buffer(case: ErrorCase) -> Explanation | None:
    """A view of a line's own memory that is kept from bar to bar: the line cannot grow."""
    if "cannot resize an array that is exporting buffers" not in case.text:
        return None
    return Explanation(
        "The code keeps a view of a line's own memory, so that no further bar can come.", "Copy it: np.array(line.get(size=n))."
    )


def _memory(case: ErrorCase) -> Explanation:
    return Explanation("MemoryError: the memory limit was reached.", "Keep the last n values only, for example in a deque(maxlen=n).")


_Rule = Callable[[ErrorCase], Explanation | None]
_RULES: tuple[tuple[type[BaseException], _Rule], ...] = (
    (SyntaxError, _syntax),
    (AttributeError, explain_attribute),
    (TypeError, _type),
    (IndexError, _index),
    (KeyError, _feed_name),
    (ZeroDivisionError, _division),
    (NameError, _name),
    (ImportError, _import),
    (OSError, _file),
    (ValueError, _value),
    (SystemExit, _ended),
    (KeyboardInterrupt, _interrupted),
    (GeneratorExit, _interrupted),
    (RecursionError, _recursion),
    (MemoryError, _memory),
    (BufferError, _buffer),
)
