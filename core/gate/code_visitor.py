"""Remarks on single statements: calls, reads, imports and assignments, each with the class and the method that it stands in."""

import ast
import difflib
from collections.abc import Iterator, Sequence

from core.domain.annotation import Annotation, AnnotationCode
from core.domain.pandas_members import INSTEAD_OF_PANDAS, PANDAS_MEMBERS
from core.domain.talib_equivalents import suggest_equivalent
from core.gate.api_names import INDICATORS, ORDER_ARGUMENTS, OTHER_IN_INDICATORS
from core.gate.line_kinds import DATA, LINE, ExpressionKinds
from core.gate.parsed_source import ParsedCode
from core.gate.refusals import ALWAYS_CALLED, describe_absence, is_absent, is_refused, list_certain, walk_certain
from core.gate.remarks import build_warning, collect_bases, is_own_call, read_constant
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


class CodeVisitor(ast.NodeVisitor):
    """Walks one top-level statement and knows, at every node, the class, the method and whether a `try` catches."""

    def __init__(self, source: ParsedCode) -> None:
        self._source = source
        self._remarks: list[Annotation] = []
        self._owner: ast.ClassDef | None = None
        self._lines: ExpressionKinds | None = None
        self._method = ""
        self._guarded = 0
        self._asked_for: frozenset[str] = frozenset()
        """Names of indicators that `hasattr()` has found where the walk is: none of them if Backtrader has it not."""
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

    def visit_If(self, node: ast.If) -> None:
        self._visit_branches(node.test, node.body, node.orelse)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._visit_branches(node.test, [node.body], [node.orelse])

    def _visit_branches(self, test: ast.expr, body: Sequence[ast.AST], otherwise: Sequence[ast.AST]) -> None:
        """Visit both ways of a condition; the one that `hasattr(bt.ind, "X")` opens is never gone where there is no X."""
        self.visit(test)
        turned = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        before = self._asked_for
        found = _list_asked_for(test.operand if isinstance(test, ast.UnaryOp) else test, self._source)
        for parts, opened in ((body, not turned), (otherwise, turned)):
            self._asked_for = before | found if opened else before
            for part in parts:
                self.visit(part)
        self._asked_for = before

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
        if self._classify(node.func) == LINE and node.args and (read_constant(node.args[0]) or 0) > 0:
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
        index = read_constant(node.slice)
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
            hint = "Buy from the cash of the account: an `add_cash` row of the workflow pays into it, the platform does it."
            self._warn(node, "add_cash(): cash cannot be added here; the figures are without it.", hint, AnnotationCode.FIGURES)
        elif func.attr in ACCOUNT_SETTERS:
            self._warn(node, f"{func.attr}() has no effect on the reported figures: cash and costs are those of the run.", "")
        elif func.attr in ("buy", "sell") and is_own_call(func, func.attr):
            for keyword in node.keywords:
                if keyword.arg is not None and keyword.arg not in ORDER_ARGUMENTS:
                    hint = "Use buy_bracket(stopprice=..., limitprice=...), or a second order with exectype=bt.Order.Stop."
                    self._warn(node, f"{func.attr}() has no argument {keyword.arg}: Backtrader stores it and does nothing.", hint)
        elif func.attr == "get" and self._classify(func.value) == LINE:
            ago = [keyword.value for keyword in node.keywords if keyword.arg == "ago"] or node.args[:1]
            if ago and (read_constant(ago[0]) or 0) > 0:
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
        spared = self._guarded or name in self._asked_for
        self._remark(node, "info" if spared else "error", f"Backtrader has no indicator {name[:60]}.", hint)

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
        self._remarks.append(build_warning(node, message, hint, code))

    def _remark(self, node: ast.AST, severity: str, message: str, hint: str) -> None:
        self._remarks.append(Annotation(line=getattr(node, "lineno", 0), severity=severity, message=message, hint=hint))


def _list_asked_for(test: ast.expr, source: ParsedCode) -> frozenset[str]:
    """Names of indicators that must be there for a condition to hold: `hasattr(bt.ind, "X")`, alone or joined by `and`."""
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    asked = [
        part.args for part in parts if isinstance(part, ast.Call) and source.resolve_name(part.func) == "hasattr" and len(part.args) == 2
    ]
    named = [name for owner, name in asked if source.resolve_name(owner) in ("backtrader.ind", "backtrader.indicators")]
    return frozenset(name.value for name in named if isinstance(name, ast.Constant) and isinstance(name.value, str))


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
        for owner in collect_bases(source, source.chosen_strategy):
            for method in owner.body:
                if isinstance(method, ast.FunctionDef) and method.name in ALWAYS_CALLED:
                    yield from list_certain(method.body)


def _call_hint(name: str) -> str:
    if name in ("exit", "quit", "sys.exit", "os._exit"):
        return "Leave it out; a run ends with its last bar."
    if name.startswith("pandas.read"):
        return "Bars are self.data; a text can be read with io.StringIO; write other numbers into params."
    if name in ("open",) or name.startswith("numpy."):
        return "Write numbers into params; print() goes to the log."
    return "Leave it out."
