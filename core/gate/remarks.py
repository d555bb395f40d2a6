"""Parts that the checks share: a warning built, and small questions to the tree."""

import ast

from core.domain.annotation import Annotation, AnnotationCode
from core.gate.parsed_source import ParsedCode


def build_warning(node: ast.AST, message: str, hint: str, code: AnnotationCode = AnnotationCode.OTHER) -> Annotation:
    """Build a warning at the line of a piece of code."""
    return Annotation(line=getattr(node, "lineno", 0), severity="warning", message=message, hint=hint, code=code)


def is_own_call(func: ast.AST, name: str) -> bool:
    """True for `self.name` with that name."""
    return isinstance(func, ast.Attribute) and func.attr == name and isinstance(func.value, ast.Name) and func.value.id == "self"


def read_constant(node: ast.AST) -> float | None:
    """The number that an expression plainly is; None for anything that has to be computed."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = read_constant(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    return None


def collect_bases(source: ParsedCode, strategy: ast.ClassDef) -> list[ast.ClassDef]:
    """The strategy and those of its bases that the code defines."""
    found = [strategy]
    for node in found:
        found.extend(
            other for base in node.bases if (other := source.classes.get(source.resolve_name(base))) is not None and other not in found
        )
    return found
