"""Comparisons in an operand: signs, and the words of other programs and of plain speech."""

import ast
from dataclasses import replace

from core.language.catalogue import CATALOGUE
from core.language.syntax.nodes import Call, Compare, Function, Logic, Node, Not, Number, PositionOperand, is_condition
from core.language.syntax.operand_tree import is_fixed, read_letter, read_share, read_truth
from core.language.syntax.reader import OperandReader, to_condition
from core.language.syntax.spelling import suggest_syntax
from core.language.syntax.synonyms import DIRECTIONS, SIGN_WORDS

COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


def read_comparison(reader: OperandReader, tree: ast.Compare, depth: int) -> Node:
    """Read a comparison, in signs or in words. Raises ExpressionError."""
    if reader.crossing and len(tree.ops) == 1 and isinstance(tree.ops[0], ast.In | ast.NotIn):
        name = "crosses_above" if isinstance(tree.ops[0], ast.In) else "crosses_below"
        return Function(name, (reader.value(tree.left, depth + 1), reader.value(tree.comparators[0], depth + 1)))
    if (found := _read_worded(reader, tree, depth)) is not None:
        return found
    operators = []
    for operator in tree.ops:
        if type(operator) not in COMPARISONS:
            raise reader.fail(
                f"`{reader.text(tree)}` uses a comparison that is not known.", "Use < <= > >= == or `between(x, low, high)`.", tree
            )
        operators.append(COMPARISONS[type(operator)])
    operands = tuple(reader.value(value, depth + 1) for value in (tree.left, *tree.comparators))
    return Compare(tuple(operators), operands)


def _read_worded(reader: OperandReader, tree: ast.Compare, depth: int) -> Node | None:
    """Comparisons of other programs and of plain speech: `weekday in (0, 4)`, `supertrend is up`, `crossover(a, b) > 0`, `roc > 3%`."""
    if len(tree.ops) != 1:
        return None
    operator, left, right = tree.ops[0], tree.left, tree.comparators[0]
    if isinstance(left, ast.Name) and left.id.lower() == "setup" and (letter := read_letter(right)):
        asked = Compare(("==",), (PositionOperand("setup"), Number(float(ord(letter) - 64), -1)))
        return Not(asked) if isinstance(operator, ast.IsNot | ast.NotEq) else asked if isinstance(operator, ast.Is | ast.Eq) else None
    several = right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else [right] if is_fixed(right) else []
    if isinstance(operator, ast.In | ast.NotIn) and several and not reader.crossing:
        first = reader.value(left, depth + 1)
        parts = tuple(Compare(("==",), (first, reader.value(one, depth + 1))) for one in several)
        node = parts[0] if len(parts) == 1 else Logic("or", parts)
        return Not(node) if isinstance(operator, ast.NotIn) else node
    opposite = isinstance(operator, ast.IsNot | ast.NotEq)
    side = DIRECTIONS.get(right.id.lower(), 0) if isinstance(right, ast.Name) else 0
    equal = isinstance(operator, ast.Is | ast.IsNot | ast.Eq | ast.NotEq)
    if side and equal and (said := _read_direction(reader, left, side, depth)) is not None:
        return Not(said) if opposite else said
    if equal and isinstance(right, ast.Name) and right.id.lower() in SIGN_WORDS:
        found = Compare((SIGN_WORDS[right.id.lower()],), (reader.value(left, depth + 1), Number(0.0, -1)))
        return Not(found) if opposite else found
    if isinstance(operator, ast.Is | ast.IsNot):
        if (held := _compare_with_truth(reader, ast.NotEq() if opposite else ast.Eq(), left, right, depth)) is not None:
            return held
        pair = (reader.value(left, depth + 1), reader.value(right, depth + 1))
        return Compare(("!=" if opposite else "==",), pair)
    share = read_share(right)
    if share is not None and type(operator) in COMPARISONS:
        return _compare_in_percent(reader, tree, COMPARISONS[type(operator)], share, depth)
    return _compare_with_truth(reader, operator, left, right, depth)


def _read_direction(reader: OperandReader, left: ast.expr, side: int, depth: int) -> Node | None:
    """`supertrend is up`: the direction of a line that has one, otherwise whether a value is higher than a bar ago."""
    node = reader.read(left, depth + 1)
    if is_condition(node):
        return None
    if isinstance(node, Call) and (line := CATALOGUE[node.indicator].line("direction")):
        return Compare((">" if side > 0 else "<",), (replace(node, line=line.name), Number(0.0, -1)))
    if isinstance(node, Call) and node.indicator == "heikin_ashi":
        return Compare((">" if side > 0 else "<",), (replace(node, line="close"), replace(node, line="open")))
    if isinstance(node, PositionOperand) and node.name == "position":
        return Compare((">" if side > 0 else "<",), (node, Number(0.0, -1)))
    return Function("rising" if side > 0 else "falling", (node, Number(1.0, -1)))


def _compare_in_percent(reader: OperandReader, tree: ast.Compare, operator: str, share: float, depth: int) -> Node:
    """`roc(10) > 3%`, where the value itself is in percent."""
    node = reader.value(tree.left, depth + 1)
    if not is_in_percent(node):
        raise reader.fail(f"`{reader.text(tree.left)}` is not in percent.", suggest_syntax(f"{share:g}%"), tree)
    return Compare((operator,), (node, Number(share, tree.col_offset)))


def is_in_percent(node: Node | None) -> bool:
    """Tell whether a value is counted in percent, so that a number with the sign is compared with it."""
    line = CATALOGUE[node.indicator].line(node.line) if isinstance(node, Call) else None
    return (line is not None and line.unit == "percent") or (
        isinstance(node, PositionOperand) and node.name in ("open_profit", "last_profit")
    )


def _compare_with_truth(reader: OperandReader, operator: ast.cmpop, left: ast.expr, right: ast.expr, depth: int) -> Node | None:
    """A condition that is compared with 0, 1, -1, True or False, as code does; `crossover` below 0 is a cross below."""
    number = read_truth(right)
    sign = COMPARISONS.get(type(operator))
    if number is None or sign is None:
        return None
    node = to_condition(reader.read(left, depth + 1))
    worded = isinstance(right, ast.Name)
    if node is None or not (worded or is_condition(reader.read(left, depth + 1))):
        return None
    wanted = [value for value in (1, 0, -1) if _holds(value, sign, number)]
    if isinstance(node, Function) and node.name == "crosses_above" and wanted == [-1]:
        return Function("crosses_below", node.arguments)
    if 1 in wanted and 0 not in wanted:
        return node
    return Not(node) if 0 in wanted and 1 not in wanted else None


def _holds(value: int, sign: str, number: int) -> bool:
    signs = {">": value > number, "<": value < number, ">=": value >= number, "<=": value <= number, "==": value == number}
    return signs.get(sign, value != number)
