"""Text of an operand in, `Node` out: Python's own parser reads it, nothing is ever evaluated. Units and ranges are the work of `units`."""

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from core.language.catalogue import CATALOGUE
from core.language.catalogue.functions import FUNCTIONS
from core.language.syntax.calls import read_call, read_day, read_other_instrument
from core.language.syntax.comparisons import read_comparison
from core.language.syntax.hints import suggest_name
from core.language.syntax.indicator_calls import read_indicator, read_line
from core.language.syntax.nodes import (
    BAR_BLENDS,
    BAR_FIELDS,
    CLOCK_CONDITIONS,
    CLOCK_OPERANDS,
    HISTORY_OPERANDS,
    POSITION_OPERANDS,
    Arithmetic,
    BarField,
    Call,
    Choice,
    ClockOperand,
    Compare,
    Logic,
    Node,
    Not,
    Number,
    OtherInstrument,
    Past,
    PositionOperand,
)
from core.language.syntax.operand_tree import SEE_REFERENCE, ExpressionError, clip, complete_conditions, read_other, read_tree
from core.language.syntax.reader import MAX_BARS_AGO, NO_NAMES, OperandReader
from core.language.syntax.spelling import detect_pitfall, respell, suggest_syntax
from core.language.syntax.synonyms import CONSTANTS, ResolvedName, resolve_name

MAX_LENGTH = 1_000
MAX_DEPTH = 40

ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.Pow: "**"}


@lru_cache(maxsize=8_192)
def find_meaning(text: str) -> Node | None:
    """The meaning of one operand; None for a text that is none. Kept: menus ask for every beginning of every entry, on every draw."""
    try:
        return parse_expression(text)
    except ExpressionError:
        return None


def parse_expression(text: str, names: Mapping[str, Node] = NO_NAMES) -> Node:
    """The meaning of one operand. Raises ExpressionError for anything that the language does not know.

    `names` are those that the workflow itself defines. Common spellings of other programs are taken as what they mean; see `spelling` and
    `synonyms`.
    """
    if not text.strip():
        raise ExpressionError("the operand is empty.", "Write a number or an expression such as `close` or `sma(20)`.")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the operand has {len(text)} characters, {MAX_LENGTH} are allowed.", "Split it over several rows.")
    if remedy := detect_pitfall(text):
        raise ExpressionError(f"`{clip(text)}` cannot be read.", remedy)
    spelled = respell(text)
    if not spelled.text:
        raise ExpressionError(f"`{clip(text)}` cannot be read.", "Write a number or an expression such as `close` or `sma(20)`.")
    return _ExpressionReader(spelled.text, names, crossing=spelled.crossing).read(read_tree(spelled.text, text.strip()), 0)


class _ExpressionReader(OperandReader):
    """Turns Python's syntax tree into nodes; one instance reads one text."""

    def read(self, tree: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.fail("the expression is nested too deeply.", "Split it over several rows.", tree)
        match tree:
            case ast.Constant():
                return self.number(tree)
            case ast.Name():
                return self.name(tree)
            case ast.Attribute():
                return self.output(tree, depth)
            case ast.Call():
                return read_call(self, tree, depth)
            case ast.Subscript():
                return self.past(tree, depth)
            case ast.UnaryOp():
                return self.unary(tree, depth)
            case ast.BinOp():
                return self.arithmetic(tree, depth)
            case ast.Compare():
                return read_comparison(self, tree, depth)
            case ast.BoolOp():
                operands = tuple(self.condition(value, depth + 1) for value in complete_conditions(tree.values))
                return Logic("and" if isinstance(tree.op, ast.And) else "or", operands)
            case ast.IfExp():
                then, otherwise = self.value(tree.body, depth + 1), self.value(tree.orelse, depth + 1)
                return Choice(self.condition(tree.test, depth + 1), then, otherwise)
        remedy = suggest_syntax(self.text(tree)) or "Use numbers, series, indicators and the functions of the reference."
        raise self.fail(f"`{self.text(tree)}` is not part of the language.", remedy, tree)

    def read_default(self, text: str) -> Node:
        """The meaning of an operand of the catalogue."""
        return parse_expression(text)

    def number(self, tree: ast.Constant) -> Number:
        if isinstance(tree.value, str) and tree.value.lower() in CONSTANTS:
            return Number(CONSTANTS[tree.value.lower()], tree.col_offset)
        if isinstance(tree.value, str) and (day := ISO_DAY.fullmatch(tree.value.strip())):
            numbers: list[ast.expr] = [ast.Constant(int(part)) for part in day.groups()]
            return read_day(self, ast.copy_location(ast.Call(ast.Name("date_of"), numbers, []), tree))
        if isinstance(tree.value, bool):
            raise self.fail(f"`{self.text(tree)}` is no condition of the bars.", suggest_name(self.text(tree)), tree)
        if not isinstance(tree.value, int | float):
            raise self.fail(f"`{self.text(tree)}` is not a number.", "Write numbers without quotes.", tree)
        try:
            value = float(tree.value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise self.fail("the number is too large.", "Use a number below 1e15.", tree)
        return Number(value, tree.col_offset)

    def name(self, tree: ast.Name) -> Node:
        if tree.id in self.names:
            return self.names[tree.id]
        if tree.id.lower() in ("time", "time_of_day") and "time(" not in self.source:
            raise self.fail(f"`{tree.id}` needs a time to be compared with.", "Write `minute_of_day >= time(9, 30)`.", tree)
        right = resolve_name(tree.id) or ResolvedName(tree.id)
        name = right.name
        if name in BAR_FIELDS or name in BAR_BLENDS:
            return BarField(name)
        if name in POSITION_OPERANDS or name in HISTORY_OPERANDS:
            return PositionOperand(name)
        if name in CLOCK_OPERANDS:
            return ClockOperand(name)
        if name in CLOCK_CONDITIONS:
            operand, value = CLOCK_CONDITIONS[name]
            return Compare(("==",), (ClockOperand(operand), Number(float(value), -1)))
        if name in CATALOGUE:
            return read_indicator(self, CATALOGUE[name], [], [], tree, 0, right)
        if name in FUNCTIONS:
            raise self.fail(f"`{name}` is a function and needs operands.", f"For example `{FUNCTIONS[name].example}`.", tree)
        if name.lower() in CONSTANTS:
            return Number(CONSTANTS[name.lower()], tree.col_offset)
        raise self.fail(f"`{clip(name)}` is not known.", suggest_name(name) or SEE_REFERENCE, tree)

    def output(self, tree: ast.Attribute, depth: int) -> Node:
        if (symbol := read_other(tree.value)) is not None:
            return read_other_instrument(self, symbol, ast.copy_location(ast.Name(tree.attr), tree), depth)
        node = self.read(tree.value, depth + 1)
        if isinstance(node, OtherInstrument) and isinstance(node.node, Call):
            return replace(node, node=read_line(self, node.node, tree))
        if not isinstance(node, Call):
            raise self.fail(
                f"`{self.text(tree.value)}` has no output lines.", "Only indicators have, for example `bbands(20, 2).upper`.", tree
            )
        return read_line(self, node, tree)

    def past(self, tree: ast.Subscript, depth: int) -> Node:
        node = self.read(tree.value, depth + 1)
        index = tree.slice
        if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub):
            ago = index.operand.value if isinstance(index.operand, ast.Constant) and type(index.operand.value) is int else 1
            remedy = f"Write `{self.text(tree.value)}[{ago}]` for {'one bar' if ago == 1 else f'{ago} bars'} ago."
            raise self.fail("an index counts bars ago and is never negative: the future cannot be written.", remedy, tree)
        if not (isinstance(index, ast.Constant) and type(index.value) is int):
            raise self.fail(f"`{self.text(index)}` is not a whole number of bars.", "Write `close[1]` for one bar ago.", tree)
        if index.value > MAX_BARS_AGO:
            raise self.fail(f"{index.value} bars ago is too far back.", f"At most {MAX_BARS_AGO} bars.", tree)
        return Past(node, index.value) if index.value else node

    def unary(self, tree: ast.UnaryOp, depth: int) -> Node:
        if isinstance(tree.op, ast.Not):
            return Not(self.condition(tree.operand, depth + 1))
        operand = self.value(tree.operand, depth + 1)
        if isinstance(tree.op, ast.UAdd):
            return operand
        if not isinstance(tree.op, ast.USub):
            raise self.fail("`~` is not part of the language.", "Write `not` for the opposite of a condition.", tree)
        if isinstance(operand, Number):
            return Number(-operand.value, tree.col_offset)
        return Arithmetic("-", Number(0.0, tree.col_offset), operand)

    def arithmetic(self, tree: ast.BinOp, depth: int) -> Node:
        operator = ARITHMETIC.get(type(tree.op))
        if operator is None:
            remedy = "Write `and` or `or` between conditions." if isinstance(tree.op, ast.BitAnd | ast.BitOr) else "Use + - * / % **."
            raise self.fail(f"the operator in `{self.text(tree)}` is not part of the language.", remedy, tree)
        left, right = self.value(tree.left, depth + 1), self.value(tree.right, depth + 1)
        if operator == "**" and not (isinstance(right, Number) and abs(right.value) <= 10):
            raise self.fail("a power needs a plain number from -10 to 10.", "For example `x ** 2`, or `sqrt(x)`.", tree)
        if isinstance(left, Number) and isinstance(right, Number):
            return Number(self.folded(operator, left.value, right.value, tree), tree.col_offset)
        return Arithmetic(operator, left, right)

    def folded(self, operator: str, left: float, right: float, tree: ast.expr) -> float:
        try:
            value = apply_arithmetic(operator, left, right)
        except (ZeroDivisionError, OverflowError, TypeError):
            value = math.nan
        if not math.isfinite(value):
            raise self.fail(f"`{self.text(tree)}` has no value.", "Do not divide by zero.", tree)
        return value


def apply_arithmetic(operator: str, left: float, right: float) -> float:
    """Value of a binary operation on plain numbers. Raises ZeroDivisionError and OverflowError as Python does."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator == "/":
        return left / right
    if operator == "%":
        return left % right
    return float(left**right)
