"""Shape of code in an answer: a whole strategy, or one that is elided, cut off, without `next`, or not Python. Read, never run."""

import ast
import builtins
import codeop
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from core.domain.python_syntax import ignore_warnings, list_nodes, read_module_tree
from core.prompts.answer_gaps import find_gap


class Shape(IntEnum):
    """Shape of a piece of code, the more useful the higher."""

    OTHER = 0
    """Nothing that looks like a strategy."""
    BROKEN = 1
    """A strategy that does not parse."""
    CUT = 2
    """A strategy that ends in the middle of a statement."""
    NO_NEXT = 3
    """A strategy that never acts."""
    ELIDED = 4
    """A strategy of which parts are left out ("rest unchanged")."""
    WHOLE = 5


@dataclass(frozen=True, slots=True)
class CodeReading:
    """Shape of a piece of code, and in words where it falls short."""

    shape: Shape
    where: str = ""


_INCOMPLETE: int = getattr(codeop, "PyCF_ALLOW_INCOMPLETE_INPUT", 0)
_ACTING = frozenset({"next", "next_open", "nextstart", "prenext", "notify_timer"})
"""Methods in which a strategy can act; a class without any of them never does."""
_CLASS = re.compile(r"\bclass\s+\w+\s*\([^)]*Strategy\s*\)")


def parse(code: str) -> ast.Module | None:
    """The syntax tree; None when there is none (an error, or nesting too deep to read)."""
    try:
        return parse_quietly(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parse_quietly(code: str) -> ast.Module:
    """Parse without a word about odd escapes, which are for the gate to mention. Raises what `ast.parse` raises."""
    with ignore_warnings():
        return read_module_tree(code)


def read_code(code: str) -> CodeReading:
    """Read the shape of a piece of code."""
    try:
        tree = parse_quietly(code)
    except SyntaxError as error:
        return _read_broken(code, error)
    except (ValueError, RecursionError, MemoryError):
        return CodeReading(Shape.BROKEN if mentions_strategy(code) else Shape.OTHER, "it cannot be read")
    strategies = find_strategies(tree)
    if not strategies:
        return CodeReading(Shape.OTHER)
    if (elision := find_gap(code, tree)) is not None:
        return CodeReading(Shape.ELIDED, f"line {elision[0]}: `{elision[1]}`")
    if not _can_act(strategies[-1], tree):
        return CodeReading(Shape.NO_NEXT, f"class {strategies[-1].name}")
    return CodeReading(Shape.WHOLE)


def mentions_strategy(code: str) -> bool:
    """True when code that may not parse seems to hold a strategy."""
    return _CLASS.search(code) is not None or ("backtrader" in code and re.search(r"^class\s", code, re.MULTILINE) is not None)


def is_strategy(node: ast.ClassDef) -> bool:
    """True for a class derived from something named `...Strategy`."""
    return any(_find_last_name(base).endswith("Strategy") for base in node.bases)


def _find_last_name(base: ast.expr) -> str:
    """Find what stands behind the last point of a base as it is written."""
    if isinstance(base, ast.Name):
        return base.id
    return base.attr if isinstance(base, ast.Attribute) else ast.unparse(base).split(".")[-1]


def find_strategies(tree: ast.Module) -> list[ast.ClassDef]:
    """Find the strategy classes in the order they stand, also those derived from another one or from an import under another name."""
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    names = {alias.asname for node in imports for alias in node.names if alias.asname and alias.name.endswith("Strategy")}
    found: list[ast.ClassDef] = []
    for node in list_nodes(tree):
        if isinstance(node, ast.ClassDef) and (
            is_strategy(node) or any(isinstance(base, ast.Name) and base.id in names for base in node.bases)
        ):
            names.add(node.name)
            found.append(node)
    return sorted(found, key=lambda node: node.lineno)


def find_undefined(tree: ast.Module) -> set[str]:
    """Find names that are read somewhere and bound nowhere in the code, builtins aside."""
    bound, read = set(dir(builtins)) | {"__name__", "__file__", "__class__"}, set[str]()
    for node in list_nodes(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs) and node.name:
            bound.add(node.name)
    return read - bound


def find_defined(tree: ast.Module) -> set[str]:
    """Find the names that code binds at its top level."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def _read_broken(code: str, error: SyntaxError) -> CodeReading:
    if not mentions_strategy(code):
        return CodeReading(Shape.OTHER)
    where = f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)
    return CodeReading(Shape.CUT if ends_midway(code) else Shape.BROKEN, where)


def ends_midway(code: str) -> bool:
    """True when code does not parse because more of it should have come."""
    try:
        with ignore_warnings():
            compile(code.rstrip() + "\n", "<answer>", "exec", ast.PyCF_ONLY_AST | _INCOMPLETE)
    except SyntaxError as error:
        last = len(code.rstrip().split("\n"))
        return "incomplete input" in str(error.msg) or (error.lineno or 0) >= last
    except (ValueError, RecursionError, MemoryError, SystemError):
        return False
    return False


def _can_act(strategy: ast.ClassDef, tree: ast.Module) -> bool:
    """False only where every ancestor is known and none of them has a method in which it could act."""
    classes = {node.name: node for node in list_nodes(tree) if isinstance(node, ast.ClassDef)}
    waiting, seen = [strategy], set[str]()
    while waiting:
        node = waiting.pop()
        if node.name in seen:
            continue
        seen.add(node.name)
        if node.decorator_list or _ACTING & {name for item in node.body for name in _bound(item)}:
            return True
        for base in node.bases:
            name = _find_last_name(base)
            if name in classes:
                waiting.append(classes[name])
            elif name not in ("Strategy", "object"):
                return True  # an ancestor from elsewhere may do it
    return False


def _does_nothing(item: ast.stmt) -> bool:
    return isinstance(item, ast.Pass) or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))


def _bound(item: ast.stmt) -> Iterable[str]:
    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
        if not all(_does_nothing(each) for each in item.body):
            yield item.name
    elif isinstance(item, ast.Assign):
        yield from (target.id for target in item.targets if isinstance(target, ast.Name))
    elif isinstance(item, ast.If | ast.With | ast.Try):
        for inner in item.body:
            yield from _bound(inner)
