"""Checks of the program's text: what a rule cannot know from its bars."""

import ast
import re

from core.domain.finding import Finding
from core.domain.python_syntax import list_nodes, read_module_tree
from core.evidence.check_case import Case

_DATE = re.compile(r"\b(?:19|20)\d\d[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:[0-2]\d|3[01])\b")
_PRICE = re.compile(r"(?:self_?)?(?:data\d*_?)?(?:open|high|low|close|price)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DATE_CONSTRUCTORS = ("date", "datetime", "strptime", "fromisoformat", "Timestamp", "datetime64")


def dates_in_code(case: Case) -> Finding | None:
    """The program names calendar dates: it remembers history instead of reading bars."""
    lines = [] if case.context.text_checked else _dated_lines(case.outcome.code_ran)
    if not lines:
        return None
    return Finding(
        code="dates_in_code",
        severity=2,
        message="The program names calendar dates: it may know from elsewhere what happened then",
        count=len(lines),
        sample=", ".join(f"line {line}" for line in lines[:5]),
        fix="decide from the bars alone; month, weekday and hour are fine, a year is not",
    )


def prices_in_code(case: Case) -> Finding | None:
    """The program holds prices against fixed levels that these bars reach, and that no row of the workflow names."""
    if case.context.is_workflow:
        return None
    lines = _leveled_lines(case.outcome.code_ran, (float(case.bars.low.min()), float(case.bars.high.max())), _named_numbers(case))
    if not lines:
        return None
    return Finding(
        code="prices_in_code",
        severity=2,
        message="The program compares prices with fixed levels: it may know from elsewhere where they turned",
        count=len(lines),
        sample=", ".join(f"line {line}" for line in lines[:5]),
        fix="compare with an average, an earlier high or low, or a distance in percent or in average ranges",
    )


def _named_numbers(case: Case) -> frozenset[float]:
    """Numbers that the workflow's rows themselves name."""
    workflow = case.context.workflow
    return frozenset(float(number) for number in _NUMBER.findall(workflow.model_dump_json())) if workflow else frozenset()


def _leveled_lines(code: str, reach: tuple[float, float], named: frozenset[float]) -> list[int]:
    tree = _parse(code)
    if tree is None:
        return []
    given = _read_params(tree)
    found = set()
    for node in list_nodes(tree):
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            levels = [level for side in sides if (level := _find_level(side, given)) is not None]
            if any(map(_is_price, sides)) and any(reach[0] <= level <= reach[1] and level not in named for level in levels):
                found.add(node.lineno)
    return sorted(found)


def _is_price(node: ast.expr) -> bool:
    """True for a price of a bar as it is: `self.data.close[0]`, `self.data_high[-1]`, `self.dataclose`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return _PRICE.fullmatch(name.lower()) is not None


def _find_level(node: ast.expr, given: dict[str, float]) -> float | None:
    """The number that a side of a comparison plainly is: itself, or a parameter of the strategy with its default."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int(number) | float(number)):
            return float(number)
        case ast.Attribute(value=ast.Attribute(attr="p" | "params"), attr=name):
            return given.get(name)
    return None


def _read_params(tree: ast.Module) -> dict[str, float]:
    """Numbers of `params` in every form that Backtrader reads, by name."""
    found: dict[str, float] = {}
    for node in list_nodes(tree):
        if not isinstance(node, ast.Assign) or not any(isinstance(target, ast.Name) and target.id == "params" for target in node.targets):
            continue
        for pair in ast.walk(node.value):
            match pair:
                case ast.keyword(arg=str(name), value=ast.Constant(value=int(number) | float(number))):
                    found[name] = float(number)
                case ast.Tuple(elts=[ast.Constant(value=str(name)), ast.Constant(value=int(number) | float(number))]):
                    found[name] = float(number)
                case ast.Dict(keys=keys, values=values):
                    for key, value in zip(keys, values, strict=True):
                        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and isinstance(value.value, int | float):
                            found[str(key.value)] = float(value.value)
    return found


def _parse(code: str) -> ast.Module | None:
    try:
        return read_module_tree(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _dated_lines(code: str) -> list[int]:
    tree = _parse(code)
    if tree is None:
        return []
    return sorted({node.lineno for node in list_nodes(tree) if isinstance(node, ast.expr) and _dated(node)})


def _dated(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return len(text) < 40 and _DATE.search(text) is not None
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=int(year)), *_]):
            return name in _DATE_CONSTRUCTORS and 1900 <= year <= 2100
        case ast.Compare(left=left, comparators=others):
            return any(isinstance(each, ast.Attribute) and each.attr == "year" for each in (left, *others))
    return False
