"""Finds Backtrader feeds, lines and indicators among a class's expressions: enough dataflow to tell `self.data.close[1]` from a list."""

import ast

from core.gate.api_names import INDICATORS, LINES
from core.gate.parsed_source import ParsedCode

DATA = "data"
LINE = "line"
_FEED = frozenset(("data", *(f"data{k}" for k in range(10))))


class ExpressionKinds:
    """Kinds of expressions inside one class."""

    def __init__(self, source: ParsedCode, owner: ast.ClassDef) -> None:
        self._source = source
        self._attributes: dict[str, str] = {}
        self._locals: dict[str, str] = {}
        self._learn(owner)

    def enter(self, function: ast.AST) -> None:
        """Learn the local names of a method before its body is read."""
        self._locals = {}
        for part in ast.walk(function):
            if isinstance(part, ast.Assign) and len(part.targets) == 1 and isinstance(part.targets[0], ast.Name):
                self._locals[part.targets[0].id] = self._merge_kinds(self._locals.get(part.targets[0].id), self.classify(part.value))
            elif isinstance(part, ast.For) and isinstance(part.target, ast.Name) and self._is_feeds(part.iter):
                self._locals[part.target.id] = DATA

    def classify(self, node: ast.AST) -> str:
        """`data` for a feed, `line` for a line or an indicator, empty for anything else."""
        if isinstance(node, ast.Name):
            return self._locals.get(node.id, "")
        if isinstance(node, ast.Attribute):
            return self._classify_attribute(node)
        if isinstance(node, ast.Subscript):
            return DATA if self._is_feeds(node.value) else ""
        if isinstance(node, ast.Call):
            return self._classify_call(node)
        if isinstance(node, ast.BinOp):
            kinds = {self.classify(node.left), self.classify(node.right)}
            return LINE if kinds & {LINE, DATA} else ""
        return ""

    def _classify_attribute(self, node: ast.Attribute) -> str:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            if node.attr in _FEED:
                return DATA
            if node.attr.partition("_")[0] in _FEED and node.attr.partition("_")[2] in LINES:
                return LINE
            return self._attributes.get(node.attr, "")
        owner = self.classify(node.value)
        if owner == DATA:
            return LINE if node.attr in LINES else (DATA if node.attr in ("lines", "l") else "")
        if owner == LINE and node.attr not in ("p", "params", "array", "plotinfo", "plotlines"):
            return LINE
        return DATA if node.attr in LINES and isinstance(node.value, ast.Attribute) and node.value.attr == "dnames" else ""

    def _classify_call(self, node: ast.Call) -> str:
        name = self._source.resolve_name(node.func)
        if name.startswith(("backtrader.ind.", "backtrader.indicators.", "backtrader.indicator.")):
            return LINE
        own = self._source.classes.get(name)
        if own is not None:
            return LINE if any(self._source.resolve_name(base).endswith("Indicator") for base in own.bases) else ""
        if self.classify(node.func) == LINE and isinstance(node.func, ast.Attribute | ast.Name):
            return LINE if node.args and not isinstance(node.func, ast.Attribute) else (LINE if self._is_delay(node) else "")
        return LINE if name in INDICATORS and name in self._source.imports else ""

    def _is_delay(self, node: ast.Call) -> bool:
        func = node.func
        return isinstance(func, ast.Attribute) and func.attr in LINES and func.attr != "datetime"

    def _is_feeds(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "datas" and isinstance(node.value, ast.Name) and node.value.id == "self"

    def _learn(self, owner: ast.ClassDef) -> None:
        """Attributes that are only ever assigned feeds or lines. Two passes: an indicator may be built on one that stands below."""
        for _ in range(2):
            found: dict[str, str] = {}
            for method in owner.body:
                self.enter(method)
                for part in ast.walk(method):
                    if isinstance(part, ast.Assign):
                        for target in part.targets:
                            self._learn_assignment(target, part.value, found)
            self._attributes = found
        self._locals = {}

    def _learn_assignment(self, target: ast.AST, value: ast.AST, found: dict[str, str]) -> None:
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
            found[target.attr] = self._merge_kinds(found.get(target.attr), self.classify(value))
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, other in zip(target.elts, value.elts, strict=True):
                self._learn_assignment(one, other, found)

    @staticmethod
    def _merge_kinds(before: str | None, now: str) -> str:
        return now if before is None or before == now else ""
