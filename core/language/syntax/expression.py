"""Text of an operand in, `Node` out: Python's own parser reads it, nothing is ever evaluated. Units and ranges are the work of `units`."""

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from core.domain.python_syntax import parse_expression_tree
from core.language.catalogue import CATALOGUE, Indicator, Param, Unit
from core.language.catalogue.functions import FUNCTIONS, Signature
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
    Function,
    HigherTimeframe,
    Logic,
    Node,
    Not,
    Number,
    OtherInstrument,
    Past,
    PositionOperand,
    ZonedTime,
    is_condition,
)
from core.language.syntax.spelling import detect_pitfall, respell, suggest_syntax
from core.language.syntax.synonyms import (
    CONSTANTS,
    DIRECTIONS,
    KNOWN_NAMES,
    SIGN_WORDS,
    ResolvedName,
    find_typos,
    format_suggestion,
    resolve_line,
    resolve_name,
    resolve_param,
    suggest_name,
)
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES, resolve_timeframe
from core.language.syntax.zones import find_zone

MAX_LENGTH = 1_000
MAX_DEPTH = 40
MAX_BARS_AGO = 5_000

SYMBOL = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^=:_-]{0,39}")
"""A symbol as it may stand in an operand, with or without its source."""
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.Pow: "**"}
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class ExpressionError(ValueError):
    """The text of an operand cannot be read: what is wrong, what would be right, and at which column."""

    def __init__(self, message: str, remedy: str = "", at: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.at = at


def suggest_nearest(name: str, known: object) -> str:
    """Suggest the closest known words as a remedy, or an empty text."""
    words = sorted(str(word) for word in known)  # type: ignore[attr-defined]
    return format_suggestion(find_typos(name, words)[:2])


NO_NAMES: Mapping[str, Node] = MappingProxyType({})
"""No names of the workflow's own."""


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
        raise ExpressionError(f"`{_clip(text)}` cannot be read.", remedy)
    spelled = respell(text)
    if not spelled.text:
        raise ExpressionError(f"`{_clip(text)}` cannot be read.", "Write a number or an expression such as `close` or `sma(20)`.")
    return _ExpressionReader(spelled.text, names, crossing=spelled.crossing).read(_syntax(spelled.text, text.strip()), 0)


RUN_TOGETHER = re.compile(r"(?<![\w.])\d[\d.]*(?>(?:e[+-]?\d+)?)[^\W\d]", re.IGNORECASE)
"""A number with a letter right behind it, which Python reads with a warning only."""


def _syntax(source: str, typed: str) -> ast.expr:
    """The tree of the rewritten text; messages quote what was typed."""
    if "\\" in source:
        raise ExpressionError("a backslash is not part of the language.", "Take it out.", source.index("\\"))
    outside_quotes = re.sub(r"'[^']*'|\"[^\"]*\"", "''", source)
    if found := RUN_TOGETHER.search(outside_quotes):
        remedy = suggest_syntax(source) or "Put a space or an operator after the number."
        raise ExpressionError(f"`{_clip(found.group())}` is neither a number nor a name.", remedy)
    try:
        return parse_expression_tree(source)
    except SyntaxError as error:
        at = max(0, (error.offset or 1) - 1)
        raise ExpressionError(f"`{_clip(typed)}` cannot be read: {_reason(source, error)}", _syntax_remedy(source), at) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"`{_clip(typed)}` cannot be read.", "Use plain characters and fewer nested parentheses.") from None


def _reason(source: str, error: SyntaxError) -> str:
    if source.count("(") != source.count(")"):
        return "the parentheses do not match."
    return f"{(error.msg or 'syntax error').rstrip('.')}."


def _syntax_remedy(source: str) -> str:
    return suggest_syntax(source) or "Examples: `sma(20)`, `close[1] * 1.02`, `rsi(14) < 30 and close > sma(200)`."


def _clip(text: str) -> str:
    cleaned = "".join(char if char.isprintable() else "?" for char in text)
    return cleaned if len(cleaned) <= 60 else cleaned[:57] + "..."


class _ExpressionReader:
    """Turns Python's syntax tree into nodes; one instance reads one text."""

    def __init__(self, source: str, names: Mapping[str, Node], *, crossing: bool = False) -> None:
        self.source = source
        self.names = names
        self.crossing = crossing

    def fail(self, message: str, remedy: str, tree: ast.AST) -> ExpressionError:
        return ExpressionError(message, remedy, getattr(tree, "col_offset", 0))

    def text(self, tree: ast.AST) -> str:
        return _clip(ast.get_source_segment(self.source, tree) or "this")

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
                return self.call(tree, depth)
            case ast.Subscript():
                return self.past(tree, depth)
            case ast.UnaryOp():
                return self.unary(tree, depth)
            case ast.BinOp():
                return self.arithmetic(tree, depth)
            case ast.Compare():
                return self.compare(tree, depth)
            case ast.BoolOp():
                operands = tuple(self.condition(value, depth + 1) for value in _complete(tree.values))
                return Logic("and" if isinstance(tree.op, ast.And) else "or", operands)
            case ast.IfExp():
                then, otherwise = self.value(tree.body, depth + 1), self.value(tree.orelse, depth + 1)
                return Choice(self.condition(tree.test, depth + 1), then, otherwise)
        remedy = suggest_syntax(self.text(tree)) or "Use numbers, series, indicators and the functions of the reference."
        raise self.fail(f"`{self.text(tree)}` is not part of the language.", remedy, tree)

    def value(self, tree: ast.expr, depth: int) -> Node:
        """A node that is a number."""
        node = self.read(tree, depth)
        if is_condition(node):
            raise self.fail(
                f"`{self.text(tree)}` is true or false, a number is needed here.", "Compare it on its own, or use `count(...)`.", tree
            )
        return node

    def condition(self, tree: ast.expr, depth: int) -> Node:
        """A node that is true or false."""
        node = to_condition(self.read(tree, depth))
        if node is None:
            raise self.fail(
                f"`{self.text(tree)}` is a number, a condition is needed here.", "Compare it with something, for example `> 0`.", tree
            )
        return node

    def number(self, tree: ast.Constant) -> Number:
        if isinstance(tree.value, str) and tree.value.lower() in CONSTANTS:
            return Number(CONSTANTS[tree.value.lower()], tree.col_offset)
        if isinstance(tree.value, str) and (day := ISO_DAY.fullmatch(tree.value.strip())):
            numbers: list[ast.expr] = [ast.Constant(int(part)) for part in day.groups()]
            return self.day(ast.copy_location(ast.Call(ast.Name("date_of"), numbers, []), tree))
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
            return self.indicator(CATALOGUE[name], [], [], tree, 0, right)
        if name in FUNCTIONS:
            raise self.fail(f"`{name}` is a function and needs operands.", f"For example `{FUNCTIONS[name].example}`.", tree)
        if name.lower() in CONSTANTS:
            return Number(CONSTANTS[name.lower()], tree.col_offset)
        raise self.fail(f"`{_clip(name)}` is not known.", suggest_name(name) or "The reference lists every name.", tree)

    def output(self, tree: ast.Attribute, depth: int) -> Node:
        if (symbol := _read_other(tree.value)) is not None:
            return self.other(symbol, ast.copy_location(ast.Name(tree.attr), tree), depth)
        node = self.read(tree.value, depth + 1)
        if isinstance(node, OtherInstrument) and isinstance(node.node, Call):
            return replace(node, node=self.line(node.node, tree))
        if not isinstance(node, Call):
            raise self.fail(
                f"`{self.text(tree.value)}` has no output lines.", "Only indicators have, for example `bbands(20, 2).upper`.", tree
            )
        return self.line(node, tree)

    def line(self, node: Call, tree: ast.Attribute) -> Call:
        """One output line of an indicator, by its name."""
        indicator = CATALOGUE[node.indicator]
        found = resolve_line(indicator, tree.attr)
        if found is None:
            lines = [line.name for line in indicator.lines]
            remedy = suggest_nearest(tree.attr, lines) or f"It has {', '.join(f'`{line}`' for line in lines)}."
            raise self.fail(f"`{indicator.name}` has no line `{_clip(tree.attr)}`.", remedy, tree)
        return Call(node.indicator, node.sources, node.arguments, found.name)

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

    def compare(self, tree: ast.Compare, depth: int) -> Node:
        if self.crossing and len(tree.ops) == 1 and isinstance(tree.ops[0], ast.In | ast.NotIn):
            name = "crosses_above" if isinstance(tree.ops[0], ast.In) else "crosses_below"
            return Function(name, (self.value(tree.left, depth + 1), self.value(tree.comparators[0], depth + 1)))
        if (found := self.worded(tree, depth)) is not None:
            return found
        operators = []
        for operator in tree.ops:
            if type(operator) not in COMPARISONS:
                raise self.fail(
                    f"`{self.text(tree)}` uses a comparison that is not known.", "Use < <= > >= == or `between(x, low, high)`.", tree
                )
            operators.append(COMPARISONS[type(operator)])
        operands = tuple(self.value(value, depth + 1) for value in (tree.left, *tree.comparators))
        return Compare(tuple(operators), operands)

    def worded(self, tree: ast.Compare, depth: int) -> Node | None:
        """Comparisons of other programs and of plain speech: `weekday in (0, 4)`, `supertrend is up`, `crossover(a, b) > 0`, `roc > 3%`."""
        if len(tree.ops) != 1:
            return None
        operator, left, right = tree.ops[0], tree.left, tree.comparators[0]
        several = right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else [right] if _is_fixed(right) else []
        if isinstance(operator, ast.In | ast.NotIn) and several and not self.crossing:
            first = self.value(left, depth + 1)
            parts = tuple(Compare(("==",), (first, self.value(one, depth + 1))) for one in several)
            node = parts[0] if len(parts) == 1 else Logic("or", parts)
            return Not(node) if isinstance(operator, ast.NotIn) else node
        opposite = isinstance(operator, ast.IsNot | ast.NotEq)
        side = DIRECTIONS.get(right.id.lower(), 0) if isinstance(right, ast.Name) else 0
        equal = isinstance(operator, ast.Is | ast.IsNot | ast.Eq | ast.NotEq)
        if side and equal and (said := self.directed(left, side, depth)) is not None:
            return Not(said) if opposite else said
        if equal and isinstance(right, ast.Name) and right.id.lower() in SIGN_WORDS:
            found = Compare((SIGN_WORDS[right.id.lower()],), (self.value(left, depth + 1), Number(0.0, -1)))
            return Not(found) if opposite else found
        if isinstance(operator, ast.Is | ast.IsNot):
            if (held := self.truth(ast.NotEq() if opposite else ast.Eq(), left, right, depth)) is not None:
                return held
            pair = (self.value(left, depth + 1), self.value(right, depth + 1))
            return Compare(("!=" if opposite else "==",), pair)
        share = _read_share(right)
        if share is not None and type(operator) in COMPARISONS:
            return self.in_percent(tree, COMPARISONS[type(operator)], share, depth)
        return self.truth(operator, left, right, depth)

    def directed(self, left: ast.expr, side: int, depth: int) -> Node | None:
        """`supertrend is up`: the direction of a line that has one, otherwise whether a value is higher than a bar ago."""
        node = self.read(left, depth + 1)
        if is_condition(node):
            return None
        if isinstance(node, Call) and (line := CATALOGUE[node.indicator].line("direction")):
            return Compare((">" if side > 0 else "<",), (replace(node, line=line.name), Number(0.0, -1)))
        if isinstance(node, Call) and node.indicator == "heikin_ashi":
            return Compare((">" if side > 0 else "<",), (replace(node, line="close"), replace(node, line="open")))
        if isinstance(node, PositionOperand) and node.name == "position":
            return Compare((">" if side > 0 else "<",), (node, Number(0.0, -1)))
        return Function("rising" if side > 0 else "falling", (node, Number(1.0, -1)))

    def in_percent(self, tree: ast.Compare, operator: str, share: float, depth: int) -> Node:
        """`roc(10) > 3%`, where the value itself is in percent."""
        node = self.value(tree.left, depth + 1)
        line = CATALOGUE[node.indicator].line(node.line) if isinstance(node, Call) else None
        percent = (line is not None and line.unit == "percent") or (
            isinstance(node, PositionOperand) and node.name in ("open_profit", "last_profit")
        )
        if not percent:
            raise self.fail(f"`{self.text(tree.left)}` is not in percent.", suggest_syntax(f"{share:g}%"), tree)
        return Compare((operator,), (node, Number(share, tree.col_offset)))

    def truth(self, operator: ast.cmpop, left: ast.expr, right: ast.expr, depth: int) -> Node | None:
        """A condition that is compared with 0, 1, -1, True or False, as code does; `crossover` below 0 is a cross below."""
        number = _read_truth(right)
        sign = COMPARISONS.get(type(operator))
        if number is None or sign is None:
            return None
        node = to_condition(self.read(left, depth + 1))
        worded = isinstance(right, ast.Name)
        if node is None or not (worded or is_condition(self.read(left, depth + 1))):
            return None
        wanted = [value for value in (1, 0, -1) if _holds(value, sign, number)]
        if isinstance(node, Function) and node.name == "crosses_above" and wanted == [-1]:
            return Function("crosses_below", node.arguments)
        if 1 in wanted and 0 not in wanted:
            return node
        return Not(node) if 0 in wanted and 1 not in wanted else None

    def call(self, tree: ast.Call, depth: int) -> Node:
        if isinstance(tree.func, ast.Attribute) and (symbol := _read_other(tree.func.value)) is not None:
            inner = ast.Call(ast.copy_location(ast.Name(tree.func.attr), tree), tree.args, tree.keywords)
            return self.other(symbol, ast.copy_location(inner, tree), depth)
        if not isinstance(tree.func, ast.Name):
            if (turned := _turn_line(tree)) is not None:
                return self.read(turned, depth)
            if isinstance(tree.func, ast.Attribute) and (remedy := suggest_name(tree.func.attr)):
                raise self.fail(f"`{self.text(tree.func)}` is not known.", remedy, tree)
            raise self.fail(
                f"`{self.text(tree.func)}` cannot be called.", "Write an output line after the parameters: `macd(12, 26, 9).signal`.", tree
            )
        word = tree.func.id
        right = ResolvedName(word) if word in ("tf", "timeframe", "time") else resolve_name(word) or ResolvedName(word)
        name = right.name
        if any(isinstance(argument, ast.Starred) for argument in tree.args) or any(keyword.arg is None for keyword in tree.keywords):
            raise self.fail("`*` is not allowed in the parentheses.", "List the numbers one by one.", tree)
        if name in ("tf", "timeframe"):
            return self.higher(tree, depth)
        if word.lower() == "other":
            return self.beside(tree, depth)
        if name == "time":
            return self.time_of_day(tree)
        if name in FUNCTIONS:
            return self.function(name, FUNCTIONS[name], tree, depth)
        if name in CATALOGUE:
            return self.indicator(CATALOGUE[name], tree.args, tree.keywords, tree, depth, right)
        if name.lower() in ("all_of", "any_of") and len(tree.args) > 1:
            return Logic("and" if name == "all_of" else "or", tuple(self.condition(part, depth + 1) for part in tree.args))
        if name.lower() in ("iif", "iff", "ifelse") and len(tree.args) == 3:
            test, then, otherwise = tree.args
            return Choice(self.condition(test, depth + 1), self.value(then, depth + 1), self.value(otherwise, depth + 1))
        if name in KNOWN_NAMES:
            raise self.fail(f"`{name}` takes no parentheses.", f"Write `{name}`, or `{name}[1]` for one bar ago.", tree)
        if name == "percent_of":
            raise self.fail(f"`{_clip(numbers_of(tree))}%` is a share of something.", suggest_syntax("3%"), tree)
        if name == "date_of":
            return self.day(tree)
        numbers = [self.text(argument) for argument in tree.args if isinstance(argument, ast.Constant)]
        remedy = suggest_name(name, numbers) or "The reference lists every indicator and function."
        raise self.fail(f"`{_clip(name)}` is not known.", remedy, tree)

    def day(self, tree: ast.Call) -> Number:
        """A date, as the number of its day."""
        numbers = [argument.value for argument in tree.args if isinstance(argument, ast.Constant) and type(argument.value) is int]
        try:
            return Number(float(date(*numbers).toordinal()), -1)
        except (TypeError, ValueError, OverflowError):
            raise self.fail("there is no such day.", "Write for example `date >= 2025-11-01`.", tree) from None

    def higher(self, tree: ast.Call, depth: int) -> Node:
        example = 'Write for example `tf("1w", sma(20))`.'
        if len(tree.args) != 2 or tree.keywords:
            raise self.fail("`tf` takes a timeframe and an expression.", example, tree)
        frame = tree.args[0]
        if not (isinstance(frame, ast.Constant) and isinstance(frame.value, str)):
            raise self.fail("the timeframe is written in quotes.", example, tree)
        name = resolve_timeframe(frame.value)
        if name not in HIGHER_TIMEFRAMES:
            remedy = suggest_nearest(frame.value, HIGHER_TIMEFRAMES) or f"One of {', '.join(HIGHER_TIMEFRAMES)}."
            raise self.fail(f"`{_clip(frame.value)}` is not a timeframe.", remedy, tree)
        node = self.read(tree.args[1], depth + 1)
        return HigherTimeframe(name, node)

    def beside(self, tree: ast.Call, depth: int) -> Node:
        """`other("SPY", sma(20))`; alone, `other("SPY")` is no value."""
        example = 'Write for example `other("SPY").close` or `other("SPY").sma(20)`.'
        symbol = _read_other(ast.Call(tree.func, tree.args[:1], [])) if len(tree.args) == 2 and not tree.keywords else None
        if symbol is None:
            raise self.fail("`other` takes a symbol in quotes, and what is read of it.", example, tree)
        return self.other(symbol, tree.args[1], depth)

    def other(self, symbol: str, tree: ast.expr, depth: int) -> Node:
        """Read an expression on the bars of a further instrument."""
        if not SYMBOL.fullmatch(symbol):
            raise self.fail(f"`{_clip(symbol)}` is no symbol.", 'Write for example `other("SPY").close`.', tree)
        return OtherInstrument(symbol.rpartition(":")[2].upper(), self.read(tree, depth + 1))

    def time_of_day(self, tree: ast.Call) -> Node:
        if len(tree.args) == 3 and not tree.keywords:
            return self.time_in_zone(tree)
        numbers = [argument.value for argument in tree.args if isinstance(argument, ast.Constant) and type(argument.value) is int]
        hour, minute = (numbers[0], numbers[1]) if len(numbers) == 2 and len(tree.args) == 2 else (-1, -1)
        if tree.keywords or not (0 <= hour <= 23 and 0 <= minute <= 59):
            raise self.fail("`time` takes an hour and a minute.", "For example `minute_of_day >= time(10, 30)`.", tree)
        return Number(float(hour * 60 + minute), tree.col_offset)

    def time_in_zone(self, tree: ast.Call) -> Node:
        """A time of the day on the clocks of another zone: `time(13, 10, "UTC")`."""
        *numbers, zone = [argument.value if isinstance(argument, ast.Constant) else None for argument in tree.args]
        hour, minute = numbers
        if not (type(hour) is int and type(minute) is int and 0 <= hour <= 23 and 0 <= minute <= 59 and isinstance(zone, str)):
            raise self.fail("`time` takes an hour, a minute and a zone.", 'For example `time(13, 10, "UTC")`.', tree)
        name = find_zone(zone)
        if name is None:
            remedy = "Write `UTC`, or a name such as `Europe/London` or `America/New_York`."
            raise self.fail(f"`{_clip(zone)}` is not a time zone.", remedy, tree)
        return ZonedTime(hour * 60 + minute, name)

    def function(self, name: str, signature: Signature, tree: ast.Call, depth: int) -> Node:
        example = f"For example `{signature.example}`."
        arguments = list(tree.args)
        for keyword in tree.keywords:
            if keyword.arg != signature.keyword or not signature.keyword:
                raise self.fail(f"`{name}` has no operand named `{_clip(str(keyword.arg))}`.", example, tree)
        least, most = len(signature.sorts) - signature.optional, len(signature.sorts)
        if len(arguments) < least or (len(arguments) > most and not signature.many) or len(arguments) > 12:
            raise self.fail(f"`{name}` takes {_amount(least, most, signature.many)}, here are {len(arguments)}.", example, tree)
        sorts = signature.sorts + signature.sorts[-1:] * (len(arguments) - most)
        nodes = [self.operand(sort, argument, depth) for sort, argument in zip(sorts, arguments, strict=False)]
        nodes += [Number(1.0, -1)] * (most - len(nodes) if not signature.many else 0)
        if signature.keyword:
            within = [self.bars(keyword.value, depth) for keyword in tree.keywords]
            nodes.append(within[0] if within else Number(20.0, -1))
        return Function(name, tuple(nodes))

    def operand(self, sort: str, tree: ast.expr, depth: int) -> Node:
        if sort == "condition":
            return self.condition(tree, depth + 1)
        return self.bars(tree, depth) if sort == "bars" else self.value(tree, depth + 1)

    def bars(self, tree: ast.expr, depth: int) -> Number:
        node = self.read(tree, depth + 1)
        if not (isinstance(node, Number) and node.value == int(node.value) and 1 <= node.value <= MAX_BARS_AGO):
            raise self.fail(f"`{self.text(tree)}` is not a number of bars.", f"Write a whole number from 1 to {MAX_BARS_AGO}.", tree)
        return node

    def indicator(
        self, entry: Indicator, args: list[ast.expr], keywords: list[ast.keyword], tree: ast.expr, depth: int, right: ResolvedName
    ) -> Node:
        sources: list[Node] = [BarField(right.source)] if right.source else []
        numbers: list[float] = [] if right.number is None else [right.number]
        for argument in args:
            node = self.value(argument, depth + 1)
            if isinstance(node, Number):
                numbers.append(node.value)
            elif numbers:
                raise self.fail(
                    f"in `{self.text(tree)}` the series comes first, then the numbers.", f"For example `{format_example(entry)}`.", tree
                )
            else:
                sources.append(node)
        if len(sources) > len(entry.sources):
            takes = f"{len(entry.sources)} series" if entry.sources else "no series, it reads whole bars"
            raise self.fail(f"`{entry.name}` takes {takes}.", f"For example `{format_example(entry)}`.", tree)
        own = next((param.name for param in entry.params if right.line and right.line.startswith(param.name)), "")
        if own and len(numbers) == 1:
            keywords = [*keywords, ast.keyword(own, ast.copy_location(ast.Constant(numbers.pop()), tree))]
        sources += [parse_expression(default) for default in entry.sources[len(sources) :]]
        arguments = self.arguments(entry, numbers, keywords, tree)
        return Call(entry.name, tuple(sources), arguments, right.line or entry.lines[0].name)

    def arguments(self, entry: Indicator, numbers: list[float], keywords: list[ast.keyword], tree: ast.expr) -> tuple[float, ...]:
        if len(numbers) > len(entry.params):
            raise self.fail(
                f"`{entry.name}` takes {_count(len(entry.params), 'number')}, here are {len(numbers)}.",
                f"For example `{format_example(entry)}`.",
                tree,
            )
        given = dict(zip((param.name for param in entry.params), numbers, strict=False))
        for keyword in keywords:
            name, node = resolve_param(entry, str(keyword.arg)), self.read(keyword.value, 1)
            if name not in (param.name for param in entry.params):
                remedy = suggest_nearest(name, [param.name for param in entry.params]) or f"For example `{format_example(entry)}`."
                raise self.fail(f"`{entry.name}` has no parameter `{_clip(name)}`.", remedy, tree)
            if name in given or not isinstance(node, Number):
                raise self.fail(f"the parameter `{_clip(name)}` needs exactly one number.", f"For example `{format_example(entry)}`.", tree)
            given[name] = node.value
        return tuple(self.checked(entry, param, given.get(param.name, param.default), tree) for param in entry.params)

    def checked(self, entry: Indicator, param: Param, value: float, tree: ast.expr) -> float:
        whole = not param.integer or value == int(value)
        if not whole or not param.low <= value <= param.high:
            sort = "a whole number" if param.integer else "a number"
            message = f"`{entry.name}`: {param.name} is {value:g}, outside its range."
            raise self.fail(message, f"Write {sort} from {param.low:g} to {param.high:g}.", tree)
        return value


def numbers_of(tree: ast.Call) -> str:
    """The number in the parentheses of a call, as it was typed."""
    return ast.unparse(tree.args[0]) if tree.args else ""


def _turn_line(tree: ast.Call) -> ast.expr | None:
    """`bbands.upper(20, 2)` as `bbands(20, 2).upper`; None where the line is not an indicator's."""
    func = tree.func
    if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)):
        return None
    right = resolve_name(func.value.id)
    entry = CATALOGUE.get(right.name) if right else None
    if entry is None or resolve_line(entry, func.attr) is None:
        return None
    call = ast.copy_location(ast.Call(func.value, tree.args, tree.keywords), tree)
    return ast.copy_location(ast.Attribute(call, func.attr), tree)


def _is_fixed(tree: ast.expr) -> bool:
    """True for a number, or a weekday or month by name."""
    if isinstance(tree, ast.Name):
        return tree.id.lower() in CONSTANTS
    return isinstance(tree, ast.Constant) and type(tree.value) is int


def _read_share(tree: ast.expr) -> float | None:
    """The number of `3%`, which spelling has made `percent_of(3)`."""
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "percent_of" and len(tree.args) == 1:
        part, sign = tree.args[0], 1.0
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
            part, sign = part.operand, -1.0
        return sign * float(part.value) if isinstance(part, ast.Constant) and isinstance(part.value, int | float) else None
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = _read_share(tree.operand)
        return None if inner is None else -inner
    return None


def _read_truth(tree: ast.expr) -> int | None:
    """0, 1 or -1, also written True or False; None for anything else."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = _read_truth(tree.operand)
        return None if inner is None else -inner
    if isinstance(tree, ast.Name):
        return {"true": 1, "false": 0}.get(tree.id.lower())
    return int(bool(tree.value)) if isinstance(tree, ast.Constant) and tree.value in (0, 1) else None


def _holds(value: int, sign: str, number: int) -> bool:
    signs = {">": value > number, "<": value < number, ">=": value >= number, "<=": value <= number, "==": value == number}
    return signs.get(sign, value != number)


def _complete(values: list[ast.expr]) -> list[ast.expr]:
    """`weekday is monday or friday`: a day alone stands for the same comparison with it."""
    done: list[ast.expr] = []
    for value in values:
        before = done[-1] if done else None
        alone = isinstance(value, ast.Name) and value.id.lower() in CONSTANTS
        if alone and isinstance(before, ast.Compare) and len(before.ops) == 1 and isinstance(before.ops[0], ast.Eq | ast.Is):
            value = ast.copy_location(ast.Compare(before.left, before.ops, [value]), value)
        done.append(value)
    return done


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


def format_example(entry: Indicator) -> str:
    """Format an indicator with its defaults: `macd(12, 26, 9)`."""
    numbers = ", ".join(f"{param.default:g}" for param in entry.params)
    call = f"{entry.name}({numbers})" if numbers else entry.name
    return f"{call}.{entry.lines[0].name}" if len(entry.lines) > 1 else call


def _read_other(tree: ast.AST) -> str | None:
    """The symbol in `other("SPY")`; None for anything else."""
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name) or tree.func.id.lower() != "other":
        return None
    symbol = tree.args[0] if len(tree.args) == 1 and not tree.keywords else None
    return symbol.value.strip() if isinstance(symbol, ast.Constant) and isinstance(symbol.value, str) else None


def to_condition(node: Node) -> Node | None:
    """The node as a condition: itself, or `> 0` for a reading that is 0 or 1 by definition; None for other numbers."""
    if is_condition(node):
        return node
    return Compare((">",), (node, Number(0.0, -1))) if _flag(node) else None


def _flag(node: Node) -> bool:
    if isinstance(node, Past | HigherTimeframe | OtherInstrument):
        return _flag(node.node)
    if not isinstance(node, Call):
        return False
    line = CATALOGUE[node.indicator].line(node.line)
    return line is not None and line.unit is Unit.FLAG


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _amount(least: int, most: int, many: bool) -> str:
    if many:
        return f"at least {_count(least, 'operand')}"
    return _count(most, "operand") if least == most else f"{least} or {most} operands"
