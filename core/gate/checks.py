"""Remarks on the code that will run: what is bound to fail (errors) and what runs but is probably wrong (warnings).

A check looks at the shape of the code only. It errs on the side of silence: honest strategies of every style pass without a word.
"""

import ast
import difflib
from collections.abc import Iterator

from core.domain.backtest import Annotation, AnnotationCode
from core.domain.instrument import Timeframe
from core.domain.pandas_members import INSTEAD_OF_PANDAS, PANDAS_MEMBERS
from core.domain.talib_equivalents import suggest_equivalent
from core.gate.api_names import INDICATORS, ORDER_ARGUMENTS, OTHER_IN_INDICATORS
from core.gate.line_kinds import DATA, LINE, ExpressionKinds
from core.gate.parsed_source import SCRIPT_RUN, ParsedCode
from core.gate.refusals import describe_absence, is_absent, is_refused, list_certain, walk_certain
from core.gate.scope import stored_names

MAX_REMARKS = 50
"""Remarks that are made on one piece of code."""
ACCOUNT_SETTERS = frozenset(
    (
        *("set_cash", "setcash", "add_cash", "setcommission", "addcommissioninfo", "set_slippage_perc", "set_slippage_fixed", "set_coc"),
        *("set_coo", "set_checksubmit", "set_shortcash", "set_filler", "set_int2pnl", "set_fundmode", "set_eosbar", "add_order_history"),
    )
)
LOOKAHEAD_READS = {
    "array": "The array behind a line holds the whole data, later bars included",
    "getzero": "getzero() counts from the first bar of the data, later bars included",
    "getzeroval": "getzeroval() counts from the first bar of the data, later bars included",
    "plotrange": "plotrange() reaches any bar of the data, later ones included",
    "buflen": "buflen() tells how many bars the data has: knowledge of the end. Here it gives the number of bars so far",
    "chikou_span": "Ichimoku's chikou_span is the close of 26 bars later",
}
HARMLESS_READS = frozenset(("buflen",))
"""Those that give nothing of later bars away here."""
CLOCK_CALLS = frozenset(
    ("datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today", "time.time")
)
STRATEGY_CALLBACKS = frozenset(
    ("next", "nextstart", "prenext", "next_open", "notify_order", "notify_trade", "notify_timer", "notify_cashvalue", "start")
)
ORDER_CALLS = frozenset(
    ("buy", "sell", "close", "buy_bracket", "sell_bracket", "order_target_size", "order_target_value", "order_target_percent")
)


def check_code(source: ParsedCode) -> tuple[Annotation, ...]:
    """Every remark on the code, errors and warnings, unsorted."""
    if not source.strategy_names and SCRIPT_RUN not in source.roots:
        return (_describe_no_strategy(source),)
    strategy = source.chosen_strategy
    remarks = [] if strategy is None else [*_strategy_remarks(source, strategy)]
    reader = _CodeVisitor(source)
    for node in source.tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name in source.live:
            remarks.extend(reader.read(node))
    return tuple(remarks[:MAX_REMARKS])


def _describe_no_strategy(source: ParsedCode) -> Annotation:
    """Explain why there is nothing to run: a base class from another file, a class inside a function, or no class at all."""
    for node in source.classes.values():
        for base in node.bases:
            name = source.resolve_name(base)
            module, _, last = name.rpartition(".")
            if module and is_absent(module):
                message = f"{node.name} derives from {ast.unparse(base)}, which is imported from {module}; that file is not here."
                return Annotation(line=node.lineno, severity="error", message=message, hint=f"Paste the class {last} into this file.")
    for inner in ast.walk(source.tree):
        if isinstance(inner, ast.ClassDef) and source.is_strategy(inner):
            message = f"The class {inner.name} stands inside a function, and nothing here runs the function."
            return Annotation(line=inner.lineno, severity="error", message=message, hint="Move the class to the left margin.")
    imported = next((name for name in source.imports.values() if is_absent(name.rpartition(".")[0] or name)), "")
    if any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "addstrategy"
        for node in ast.walk(source.tree)
    ):
        where = f" It may be in {imported}, which is not here." if imported else ""
        return Annotation(
            line=0,
            severity="error",
            message=f"There is no strategy class: the script adds one from another file.{where}",
            hint="Paste the strategy class into this file.",
        )
    message = "There is no strategy class."
    hint = "Define one class that derives from bt.Strategy and place the orders in its next()."
    unsure = any(node.bases and not source.resolve_name(node.bases[0]) for node in source.classes.values())
    return Annotation(line=0, severity="warning" if unsure else "error", message=message, hint=hint)


def _strategy_remarks(source: ParsedCode, strategy: ast.ClassDef) -> Iterator[Annotation]:
    family = _collect_bases(source, strategy)
    calls = [part for node in family for part in ast.walk(node) if isinstance(part, ast.Call)]
    names = {part.attr for node in family for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    functions = {part.func.id for part in calls if isinstance(part.func, ast.Name)}
    by_signals = any("SignalStrategy" in ast.unparse(base) for node in family for base in node.bases)
    library = any(source.resolve_name(base).startswith("backtrader.strategies.") for node in family for base in node.bases)
    mixed = any(not source.resolve_name(base) for node in family for base in node.bases)
    if not names & ORDER_CALLS and "getattr" not in functions and not by_signals and not library and not mixed:
        yield _warning(strategy, "The strategy places no order.", "Call self.buy(), self.sell() or self.close() in next().")
    yield from _check_sizes(family, calls)
    yield from _check_callbacks(family)
    yield from _check_timeframes(family)
    yield from _check_warm_up(source, family, calls)


def _collect_bases(source: ParsedCode, strategy: ast.ClassDef) -> list[ast.ClassDef]:
    """The strategy and those of its bases that the code defines."""
    found = [strategy]
    for node in found:
        found.extend(
            other for base in node.bases if (other := source.classes.get(source.resolve_name(base))) is not None and other not in found
        )
    return found


def _check_sizes(family: list[ast.ClassDef], calls: list[ast.Call]) -> Iterator[Annotation]:
    """A purchase of n units and a bare `sell()` of one: no trade ever closes."""
    own = {name: [call for call in calls if _is_self(call.func, name)] for name in ("buy", "sell", "close", "setsizer")}
    sized = any(_has_size(call) for call in own["buy"])
    targets = any(isinstance(call.func, ast.Attribute) and call.func.attr.startswith("order_target") for call in calls)
    if sized and not own["close"] and not own["setsizer"] and not targets:
        for call in own["sell"]:
            if not call.args and not call.keywords:
                yield _warning(
                    call, "A bare sell() sells one unit, but buy() was given a size.", "Use self.close() to leave the whole position."
                )


def _check_callbacks(family: list[ast.ClassDef]) -> Iterator[Annotation]:
    """Callbacks of cheat-on-open, which is not done here."""
    for node in family:
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name in ("next_open", "prenext_open", "nextstart_open"):
                message = f"{part.name}() is only called with cheat_on_open, which is not done here: it never runs."
                hint = "Place the orders in next(); they fill at the next bar's open."
                yield _warning(part, message, hint, AnnotationCode.FIGURES)


def _has_size(call: ast.Call) -> bool:
    return len(call.args) > 1 or any(keyword.arg == "size" for keyword in call.keywords)


def _check_timeframes(family: list[ast.ClassDef]) -> Iterator[Annotation]:
    known = {frame.value for frame in Timeframe}
    asked = [part for node in family for part in node.body if isinstance(part, ast.Assign) and "timeframes" in stored_names(part)]
    for part in asked:
        for value in ast.walk(part.value):
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value not in known:
                message = f"Unknown timeframe {value.value[:40]!r}."
                yield Annotation(line=value.lineno, severity="error", message=message, hint=f"Known are {', '.join(sorted(known))}.")
    if not asked:
        for place in (place for node in family for place in ast.walk(node)):
            if isinstance(place, ast.Attribute) and place.attr in ("data1", "data1_close", "data2") and _is_self(place, place.attr):
                hint = 'Choose it as a further instrument (--with SPY); for longer bars write timeframes = ("1w",) in the class.'
                yield _warning(place, f"For self.{place.attr} the run needs a second instrument, or longer bars.", hint)


def _check_warm_up(source: ParsedCode, family: list[ast.ClassDef], calls: list[ast.Call]) -> Iterator[Annotation]:
    """`close[-1]` on the first bar: only when nothing in the class could have delayed or guarded next()."""
    if any(_is_indicator(source, call) for call in calls) or any(_is_length(call) for call in calls):
        return
    if any(isinstance(part, ast.FunctionDef) and part.name in ("prenext", "nextstart") for node in family for part in node.body):
        return
    for node in family:
        lines = ExpressionKinds(source, node)
        for part in ast.walk(node):
            if isinstance(part, ast.Subscript) and _constant(part.slice) in range(-10_000, 0) and lines.classify(part.value) == LINE:
                hint = f"Begin next() with: if len(self) < {1 - int(_constant(part.slice) or 0)}: return"
                yield _warning(part, "On the first bars there is no earlier bar to read; the platform gives NaN there.", hint)
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


class _CodeVisitor(ast.NodeVisitor):
    """Walks one top-level statement and knows, at every node, the class, the method and whether a `try` catches."""

    def __init__(self, source: ParsedCode) -> None:
        self._source = source
        self._remarks: list[Annotation] = []
        self._owner: ast.ClassDef | None = None
        self._lines: ExpressionKinds | None = None
        self._method = ""
        self._guarded = 0
        self._defined = frozenset().union(*(stored_names(part) for part in source.tree.body))
        self._own_lines = _list_own_lines(source)
        self._certain = frozenset(id(part) for part in _list_certain_nodes(source))

    def read(self, node: ast.stmt) -> list[Annotation]:
        """Remarks on the statement and everything in it."""
        self._remarks = []
        self.visit(node)
        return self._remarks

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before = self._owner, self._lines
        self._owner, self._lines = node, ExpressionKinds(self._source, node)
        self.generic_visit(node)
        self._owner, self._lines = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._enter(node, node.name)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        if self._owner is not None and node.name in STRATEGY_CALLBACKS:
            self._error(node, f"{node.name}() is async, so Backtrader never runs it.", "Write it as a plain def.")
        self._enter(node, node.name)

    def visit_Try(self, node: ast.Try) -> None:
        self._guarded += 1
        for part in node.body:
            self.visit(part)
        self._guarded -= 1
        for rest in [*node.handlers, *node.orelse, *node.finalbody]:
            self.visit(rest)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._check_import(node, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level:
            self._error(node, "A relative import has nothing to refer to: the code is one file.", "Put everything into this file.")
        else:
            self._check_import(node, node.module or "")
        if (node.module or "") in ("backtrader.indicators", "backtrader.ind"):
            for alias in node.names:
                self._check_indicator(node, alias.name)

    def visit_Call(self, node: ast.Call) -> None:
        name = self._source.resolve_name(node.func)
        if is_refused(node, self._source) and not self._shadowed(name):
            certain = id(node) in self._certain
            words = f"{name}() has nothing to work with here: there are no files, no terminal and no other program."
            severity = "info" if self._guarded else ("error" if certain else "warning")
            self._remark(node, severity, words if certain else f"If it is reached, the run ends: {words}", _call_hint(name))
        elif name in ("eval", "exec") and not self._shadowed(name):
            self._warn(node, f"{name}() runs text as code; what it does cannot be read beforehand.", "Write it out as code.")
        elif name in CLOCK_CALLS:
            self._warn(node, "The real clock has nothing to do with the bars.", "The bar's time is self.data.datetime.datetime(0).")
        elif isinstance(node.func, ast.Attribute):
            self._check_method_call(node, node.func)
        if self._classify(node.func) == LINE and node.args and (_constant(node.args[0]) or 0) > 0:
            self._warn_of_later(node)
        self.generic_visit(node)

    def _warn_of_later(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in ("date", "time", "datetime", "dt"):
            hint = (
                "In __init__ there is no bar yet: read the date in nextstart() or next()."
                if self._method == "__init__"
                else "date(0) is this bar's."
            )
            self._warn(node, f"{name}() of a later bar: it has not happened yet.", hint, AnnotationCode.LOOKAHEAD)
        else:
            hint = "Use a negative number: close(-1) is one bar ago."
            self._warn(node, "A line delayed by a positive number is the future.", hint, AnnotationCode.LOOKAHEAD)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        index = _constant(node.slice)
        if index is not None and index > 0 and self._classify(node.value) and self._method not in ("once", "oncestart", "preonce"):
            self._warn(
                node, f"[{index:g}] reads a bar that has not happened yet; the run will stop here.", "[0] is this bar, [-1] the one before."
            )
        elif index == 0 and self._method == "__init__" and self._classify(node.value) == LINE and isinstance(node.ctx, ast.Load):
            hint = "In __init__ write the line without an index; take values with [0] in next()."
            self._warn(node, "There is no bar yet in __init__: this is NaN, or the last bar in plain Backtrader.", hint)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        dotted = self._source.resolve_name(node)
        if dotted.startswith(("backtrader.ind.", "backtrader.indicators.")):
            self._check_indicator(node, dotted.split(".")[2])
        elif dotted.startswith("backtrader.talib."):
            severity = "info" if self._guarded or self._source.tries_talib else "error"
            self._remark(node, severity, "bt.talib is not there: TA-Lib is not installed.", suggest_equivalent(dotted.split(".")[2]))
        elif (
            node.attr in LOOKAHEAD_READS
            and self._classify(node.value) in (LINE, DATA)
            and self._method not in ("once", "oncestart", "preonce")
        ):
            code = AnnotationCode.OTHER if node.attr in HARMLESS_READS else AnnotationCode.LOOKAHEAD
            self._warn(node, f"{LOOKAHEAD_READS[node.attr]}.", "Use [0], [-1] or get(size=n): they see what has happened.", code)
        elif node.attr in PANDAS_MEMBERS - self._own_lines and self._classify(node.value) == LINE:
            message = f"A line is no pandas Series: it has no {node.attr}."
            self._remark(node, "info" if self._guarded else "error", message, INSTEAD_OF_PANDAS)
        elif dotted in ("self.cerebro.runstop", "self.env.runstop"):
            hint = "Close the position, set a flag in self, and return at the top of next() from then on."
            self._warn(node, "runstop() ends the strategy, not the account: what is held goes on to the last bar.", hint)
        elif dotted.startswith(("self.cerebro", "self.env.")) and isinstance(node.value, ast.Name):
            self._warn(node, "The engine belongs to the platform; what is changed there has no effect on the figures.", "")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._check_assignment(target)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._check_assignment(node.target)
        self.generic_visit(node)

    def _check_assignment(self, target: ast.AST) -> None:
        if isinstance(target, ast.Attribute) and self._source.resolve_name(target).startswith("self.broker."):
            self._warn(target, "The account belongs to the platform; this has no effect on the reported figures.", "")
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Attribute) and self._classify(target.value.value) == DATA:
            self._warn(target, "The bars belong to the platform; what is written over them has no effect on the reported figures.", "")

    def _check_method_call(self, node: ast.Call, func: ast.Attribute) -> None:
        if func.attr == "add_cash":
            hint = "Buy from the cash that the run begins with."
            self._warn(node, "add_cash(): cash cannot be added here; the figures are without it.", hint, AnnotationCode.FIGURES)
        elif func.attr in ACCOUNT_SETTERS:
            self._warn(node, f"{func.attr}() has no effect on the reported figures: cash and costs are those of the run.", "")
        elif func.attr in ("buy", "sell") and _is_self(func, func.attr):
            for keyword in node.keywords:
                if keyword.arg is not None and keyword.arg not in ORDER_ARGUMENTS:
                    hint = "Use buy_bracket(stopprice=..., limitprice=...), or a second order with exectype=bt.Order.Stop."
                    self._warn(node, f"{func.attr}() has no argument {keyword.arg}: Backtrader stores it and does nothing.", hint)
        elif func.attr == "get" and self._classify(func.value) == LINE:
            ago = [keyword.value for keyword in node.keywords if keyword.arg == "ago"] or node.args[:1]
            if ago and (_constant(ago[0]) or 0) > 0:
                self._warn(node, "get() with a positive ago reads bars that have not happened yet.", "ago=0 ends the slice at this bar.")
        elif func.attr == "plot" and self._classify(func.value) == LINE:
            message = "plot() of a line gives the whole data, later bars included."
            self._warn(node, message, "Use get(size=n).", AnnotationCode.LOOKAHEAD)

    def _check_import(self, node: ast.stmt, module: str) -> None:
        if is_absent(module) and self._owner is not None:
            hint = describe_absence(module)
            self._remark(node, "info" if self._guarded else "error", f"{module} cannot be imported here.", hint)

    def _check_indicator(self, node: ast.AST, name: str) -> None:
        if (
            len(self._remarks) > MAX_REMARKS
            or name == "*"
            or name in INDICATORS
            or name in OTHER_IN_INDICATORS
            or (name.startswith("__") and name.endswith("__"))
        ):
            return
        near = difflib.get_close_matches(name, INDICATORS, n=2)
        hint = f"Nearest names: {', '.join(near)}." if near else "Write it as a class derived from bt.Indicator in this file."
        self._remark(node, "info" if self._guarded else "error", f"Backtrader has no indicator {name[:60]}.", hint)

    def _enter(self, node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> None:
        before = self._method
        self._method = name if self._owner is not None else ""
        if self._lines is not None:
            self._lines.enter(node)
        self.generic_visit(node)
        self._method = before

    def _classify(self, node: ast.AST) -> str:
        return self._lines.classify(node) if self._lines is not None else ""

    def _shadowed(self, name: str) -> bool:
        """Check whether the code gives that name a meaning of its own."""
        return "." not in name and name in self._defined

    def _error(self, node: ast.AST, message: str, hint: str) -> None:
        self._remark(node, "info" if self._guarded else "error", message, hint)

    def _warn(self, node: ast.AST, message: str, hint: str, code: AnnotationCode = AnnotationCode.OTHER) -> None:
        self._remarks.append(_warning(node, message, hint, code))

    def _remark(self, node: ast.AST, severity: str, message: str, hint: str) -> None:
        self._remarks.append(Annotation(line=getattr(node, "lineno", 0), severity=severity, message=message, hint=hint))


def _list_own_lines(source: ParsedCode) -> frozenset[str]:
    """Names that the code's own indicators give their lines: one may be called diff or mean."""
    bodies = [part for node in source.classes.values() for part in node.body]
    named = [part.value for part in bodies if isinstance(part, ast.Assign) and "lines" in stored_names(part)]
    return frozenset(
        part.value for value in named for part in ast.walk(value) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def _list_certain_nodes(source: ParsedCode) -> Iterator[ast.AST]:
    """List what is executed in every run: top-level statements, and the beginnings of the methods that are always called."""
    for node in source.tree.body:
        yield from walk_certain(node)
    if source.chosen_strategy is not None:
        for owner in _collect_bases(source, source.chosen_strategy):
            for method in owner.body:
                if isinstance(method, ast.FunctionDef) and method.name in ("__init__", "start", "next", "stop"):
                    yield from list_certain(method.body)


def _warning(node: ast.AST, message: str, hint: str, code: AnnotationCode = AnnotationCode.OTHER) -> Annotation:
    return Annotation(line=getattr(node, "lineno", 0), severity="warning", message=message, hint=hint, code=code)


def _call_hint(name: str) -> str:
    if name in ("exit", "quit", "sys.exit", "os._exit"):
        return "Leave it out; a run ends with its last bar."
    if name.startswith("pandas.read"):
        return "Bars are self.data; a text can be read with io.StringIO; write other numbers into params."
    if name in ("open",) or name.startswith("numpy."):
        return "Write numbers into params; print() goes to the log."
    return "Leave it out."


def _is_self(func: ast.AST, name: str) -> bool:
    return isinstance(func, ast.Attribute) and func.attr == name and isinstance(func.value, ast.Name) and func.value.id == "self"


def _constant(node: ast.AST) -> float | None:
    """The number that an expression plainly is; None for anything that has to be computed."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _constant(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    return None
