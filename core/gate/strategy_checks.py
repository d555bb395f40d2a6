"""Remarks on the strategy as a whole: orders, sizes, callbacks, timeframes, warm-up."""

import ast
import re
from collections.abc import Iterator

from core.domain.annotation import Annotation, AnnotationCode
from core.domain.instrument import Timeframe
from core.gate.api_names import INDICATORS
from core.gate.line_kinds import LINE, ExpressionKinds
from core.gate.parsed_source import SCRIPT_RUN, ParsedCode
from core.gate.remarks import build_warning, collect_bases, is_own_call, read_constant
from core.gate.scope import stored_names
from core.gate.unreached import ORDER_CALLS, check_unreached


def check_strategy(source: ParsedCode, strategy: ast.ClassDef, instruments: int = 1) -> Iterator[Annotation]:
    """Remark on the class that will run and those of its bases that the code defines."""
    family = collect_bases(source, strategy)
    calls = [part for node in family for part in ast.walk(node) if isinstance(part, ast.Call)]
    names = {part.attr for node in family for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    functions = {part.func.id for part in calls if isinstance(part.func, ast.Name)}
    by_signals = any("SignalStrategy" in ast.unparse(base) for node in family for base in node.bases)
    library = any(source.resolve_name(base).startswith("backtrader.strategies.") for node in family for base in node.bases)
    mixed = any(not source.resolve_name(base) for node in family for base in node.bases)
    if not names & ORDER_CALLS and "getattr" not in functions and not by_signals and not library and not mixed:
        yield build_warning(strategy, "The strategy places no order.", "Call self.buy(), self.sell() or self.close() in next().")
    if not by_signals and not library and not mixed:
        yield from check_unreached(family)
    yield from _check_sizes(family, calls)
    yield from _check_callbacks(family)
    yield from _check_timeframes(family, instruments + _count_longer(source))
    yield from _check_warm_up(source, family, calls)


def _check_sizes(family: list[ast.ClassDef], calls: list[ast.Call]) -> Iterator[Annotation]:
    """A purchase of n units and a bare `sell()` of one: no trade ever closes."""
    own = {name: [call for call in calls if is_own_call(call.func, name)] for name in ("buy", "sell", "close", "setsizer")}
    sized = any(_has_size(call) for call in own["buy"])
    targets = any(isinstance(call.func, ast.Attribute) and call.func.attr.startswith("order_target") for call in calls)
    if sized and not own["close"] and not own["setsizer"] and not targets:
        for call in own["sell"]:
            if not call.args and not call.keywords:
                yield build_warning(
                    call, "A bare sell() sells one unit, but buy() was given a size.", "Use self.close() to leave the whole position."
                )


def _check_callbacks(family: list[ast.ClassDef]) -> Iterator[Annotation]:
    """Callbacks of cheat-on-open, which is not done here."""
    for node in family:
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name in ("next_open", "prenext_open", "nextstart_open"):
                message = f"{part.name}() is only called with cheat_on_open, which is not done here: it never runs."
                hint = "Place the orders in next(); they fill at the next bar's open."
                yield build_warning(part, message, hint, AnnotationCode.FIGURES)


def _has_size(call: ast.Call) -> bool:
    return len(call.args) > 1 or any(keyword.arg == "size" for keyword in call.keywords)


def _check_timeframes(family: list[ast.ClassDef], instruments: int) -> Iterator[Annotation]:
    known = {frame.value for frame in Timeframe}
    asked = [part for node in family for part in node.body if isinstance(part, ast.Assign) and "timeframes" in stored_names(part)]
    for part in asked:
        for value in ast.walk(part.value):
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value not in known:
                message = f"Unknown timeframe {value.value[:40]!r}."
                yield Annotation(line=value.lineno, severity="error", message=message, hint=f"Known are {', '.join(sorted(known))}.")
    if not asked:
        for place in (place for node in family for place in ast.walk(node)):
            number = _find_feed_number(place)
            if number >= instruments:
                hint = 'Choose it as a further instrument (--with SPY); for longer bars write timeframes = ("1w",) in the class.'
                count = "a second instrument" if number == 1 else f"{number + 1} instruments"
                yield build_warning(place, f"For self.data{number} the run needs {count}, or longer bars.", hint)


def _count_longer(source: ParsedCode) -> int:
    """Feeds of longer bars that the script makes."""
    runs = [node.value for node in source.definitions(SCRIPT_RUN) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)]
    pairs = [(key, value) for run in runs for key, value in zip(run.keys, run.values, strict=True)]
    return sum(len(value.elts) for key, value in pairs if isinstance(value, ast.Tuple) and ast.unparse(key or value) == "'timeframes'")


def _find_feed_number(node: ast.AST) -> int:
    """The number of a feed beyond the first that `self.data1` or `self.data1_close` reads; 0 for anything else."""
    found = re.fullmatch(r"data([1-9]\d?)(_\w+)?", node.attr) if isinstance(node, ast.Attribute) and is_own_call(node, node.attr) else None
    return int(found[1]) if found else 0


def _check_warm_up(source: ParsedCode, family: list[ast.ClassDef], calls: list[ast.Call]) -> Iterator[Annotation]:
    """`close[-1]` on the first bar: only when nothing in the class could have delayed or guarded next()."""
    if any(_is_indicator(source, call) for call in calls) or any(_is_length(call) for call in calls):
        return
    if any(isinstance(part, ast.FunctionDef) and part.name in ("prenext", "nextstart") for node in family for part in node.body):
        return
    for node in family:
        lines = ExpressionKinds(source, node)
        for part in ast.walk(node):
            if isinstance(part, ast.Subscript) and read_constant(part.slice) in range(-10_000, 0) and lines.classify(part.value) == LINE:
                hint = f"Begin next() with: if len(self) < {1 - int(read_constant(part.slice) or 0)}: return"
                yield build_warning(part, "On the first bars there is no earlier bar to read; the platform gives NaN there.", hint)
                return


def _is_indicator(source: ParsedCode, call: ast.Call) -> bool:
    name = source.resolve_name(call.func)
    return (
        name.startswith(("backtrader.ind", "backtrader.talib"))
        or name.rpartition(".")[2] in INDICATORS
        or name in source.classes
        or not name
    )


def _is_length(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "len"
