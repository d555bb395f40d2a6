"""Checks of the program's text: what a rule cannot know from its bars."""

import ast
import re

from core.domain.iteration import Finding
from core.domain.python_syntax import parse_module_tree
from core.evidence.check_case import Case

_DATE = re.compile(r"\b(?:19|20)\d\d[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:[0-2]\d|3[01])\b")
_DATE_CONSTRUCTORS = ("date", "datetime", "strptime", "fromisoformat", "Timestamp", "datetime64")


def dates_in_code(case: Case) -> Finding | None:
    """The program names calendar dates: it remembers history instead of reading bars."""
    lines = _dated_lines(case.outcome.code_ran)
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


def _dated_lines(code: str) -> list[int]:
    try:
        tree = parse_module_tree(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return sorted({node.lineno for node in ast.walk(tree) if isinstance(node, ast.expr) and _dated(node)})


def _dated(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return len(text) < 40 and _DATE.search(text) is not None
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=int(year)), *_]):
            return name in _DATE_CONSTRUCTORS and 1900 <= year <= 2100
        case ast.Compare(left=left, comparators=others):
            return any(isinstance(each, ast.Attribute) and each.attr == "year" for each in (left, *others))
    return False
