"""The free numbers of a strategy, read from its source without running it."""

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import isfinite

from core.prompts.answer_code import is_strategy, parse


def read_parameters(code: str) -> dict[str, float]:
    """Read the numeric `params` of the strategy in the order they are written; empty without any or when the code does not parse.

    Reads `params = dict(...)`, a literal dict, and a tuple or list of pairs; a strategy derived from another one in the
    same file adds to its parameters. Of several strategies the last one counts, as when the code is run.

    >>> read_parameters("import backtrader as bt\\nclass A(bt.Strategy):\\n    params = dict(fast=10, stop=2.5, debug=False)")
    {'fast': 10.0, 'stop': 2.5}
    """
    return dict(_read(code))


@lru_cache(maxsize=1024)
def _read(code: str) -> tuple[tuple[str, float], ...]:
    """Read a program once: a loop asks for the numbers of all of its programs in each turn."""
    return tuple((name, number) for name, node in _find_nodes(code).items() if (number := _number(node)) is not None)


def set_parameters(code: str, values: Mapping[str, float]) -> str:
    """Set numeric `params` of the strategy in its source, and nothing else; names that it does not have are passed over.

    >>> print(set_parameters("import backtrader as bt\\nclass A(bt.Strategy):\\n    params = dict(fast=10, stop=2.5)", {"fast": 12.0}))
    import backtrader as bt
    class A(bt.Strategy):
        params = dict(fast=12, stop=2.5)
    """
    lines = code.encode("utf-8").splitlines(keepends=True)
    nodes = [(node, values[name]) for name, node in _find_nodes(code).items() if name in values]
    for node, value in sorted(nodes, key=lambda pair: (pair[0].lineno, pair[0].col_offset), reverse=True):
        if node.end_lineno != node.lineno or node.end_col_offset is None:
            continue
        whole = float(value).is_integer() and isinstance(ast.literal_eval(node), int)
        line = lines[node.lineno - 1]
        text = repr(int(value)) if whole else repr(float(value))
        lines[node.lineno - 1] = line[: node.col_offset] + text.encode() + line[node.end_col_offset :]
    return b"".join(lines).decode("utf-8")


def _find_nodes(code: str) -> dict[str, ast.expr]:
    tree = parse(code)
    if tree is None:
        return {}
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    strategies = [node for node in classes.values() if is_strategy(node) or _inherits(node, classes)]
    found = _nodes(strategies[-1], classes, depth=0) if strategies else {}
    return {name: node for name, node in found.items() if _number(node) is not None}


def _inherits(node: ast.ClassDef, classes: dict[str, ast.ClassDef], depth: int = 0) -> bool:
    if is_strategy(node):
        return True
    return depth < len(classes) and any(_inherits(classes[name], classes, depth + 1) for name in _bases(node) if name in classes)


def _nodes(node: ast.ClassDef, classes: dict[str, ast.ClassDef], *, depth: int) -> dict[str, ast.expr]:
    values: dict[str, ast.expr] = {}
    for name in _bases(node):
        if name in classes and depth < len(classes):
            values |= _nodes(classes[name], classes, depth=depth + 1)
    for statement in node.body:
        if _assigns_params(statement):
            values |= dict(_pairs(statement.value))  # type: ignore[attr-defined]
    return values


def _bases(node: ast.ClassDef) -> list[str]:
    return [base.id for base in node.bases if isinstance(base, ast.Name)]


def _assigns_params(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id in ("params", "parameters") for target in targets)


def _pairs(value: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    items: list[tuple[str | None, ast.expr]] = []
    if isinstance(value, ast.Call):
        items = [(keyword.arg, keyword.value) for keyword in value.keywords]
    elif isinstance(value, ast.Dict):
        items = [(_text(key), item) for key, item in zip(value.keys, value.values, strict=True)]
    elif isinstance(value, ast.Tuple | ast.List):
        pairs = [pair.elts for pair in value.elts if isinstance(pair, ast.Tuple | ast.List) and len(pair.elts) == 2]
        items = [(_text(key), item) for key, item in pairs]
    for name, item in items:
        if name is not None and _number(item) is not None:
            yield name, item


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _number(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        return None
    return float(value) if isfinite(value) else None
