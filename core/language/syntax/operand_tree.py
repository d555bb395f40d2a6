"""Python's own tree of an operand's text, and the shapes of it that mean something of their own. Nothing is ever evaluated."""

import ast
import re

from core.domain.python_syntax import parse_expression_tree
from core.language.catalogue import CATALOGUE
from core.language.syntax.spelling import suggest_syntax
from core.language.syntax.synonyms import CONSTANTS, resolve_line, resolve_name

RUN_TOGETHER = re.compile(r"(?<![\w.])\d[\d.]*(?>(?:e[+-]?\d+)?)[^\W\d]", re.IGNORECASE)
"""A number with a letter right behind it, which Python reads with a warning only."""

SEE_REFERENCE = "The reference lists every name."
"""Remedy for a name of which nothing is known."""


class ExpressionError(ValueError):
    """The text of an operand cannot be read: what is wrong, what would be right, and at which column."""

    def __init__(self, message: str, remedy: str = "", at: int = 0, *, unread: bool = False) -> None:
        super().__init__(message)
        self.unread = unread
        """True for a text that is no expression at all."""
        self.general = remedy == SEE_REFERENCE
        """True when nothing is known of what was meant."""
        self.message = message
        self.remedy = remedy
        self.at = at


def read_tree(source: str, typed: str) -> ast.expr:
    """The tree of the rewritten text; messages quote what was typed."""
    if "\\" in source:
        raise ExpressionError("a backslash is not part of the language.", "Take it out.", source.index("\\"))
    outside_quotes = re.sub(r"'[^']*'|\"[^\"]*\"", "''", source)
    if found := RUN_TOGETHER.search(outside_quotes):
        remedy = suggest_syntax(source) or "Put a space or an operator after the number."
        raise ExpressionError(f"`{clip(found.group())}` is neither a number nor a name.", remedy)
    try:
        return parse_expression_tree(source)
    except SyntaxError as error:
        at = max(0, (error.offset or 1) - 1)
        raise ExpressionError(
            f"`{clip(typed)}` cannot be read: {_reason(source, error)}", _syntax_remedy(source), at, unread=True
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"`{clip(typed)}` cannot be read.", "Use plain characters and fewer nested parentheses.") from None


def _reason(source: str, error: SyntaxError) -> str:
    if source.count("(") != source.count(")"):
        return "the parentheses do not match."
    return f"{(error.msg or 'syntax error').rstrip('.')}."


def _syntax_remedy(source: str) -> str:
    return suggest_syntax(source) or "Examples: `sma(20)`, `close[1] * 1.02`, `rsi(14) < 30 and close > sma(200)`."


def clip(text: str) -> str:
    """Clip what was typed to a length that fits into a message."""
    cleaned = "".join(char if char.isprintable() else "?" for char in text)
    return cleaned if len(cleaned) <= 60 else cleaned[:57] + "..."


def quote_argument(tree: ast.Call) -> str:
    """The number in the parentheses of a call, as it was typed."""
    return ast.unparse(tree.args[0]) if tree.args else ""


def turn_line(tree: ast.Call) -> ast.expr | None:
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


def is_fixed(tree: ast.expr) -> bool:
    """True for a number, or a weekday or month by name."""
    if isinstance(tree, ast.Name):
        return tree.id.lower() in CONSTANTS
    return isinstance(tree, ast.Constant) and type(tree.value) is int


def read_share(tree: ast.expr) -> float | None:
    """The number of `3%`, which spelling has made `percent_of(3)`."""
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "percent_of" and len(tree.args) == 1:
        part, sign = tree.args[0], 1.0
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
            part, sign = part.operand, -1.0
        return sign * float(part.value) if isinstance(part, ast.Constant) and isinstance(part.value, int | float) else None
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = read_share(tree.operand)
        return None if inner is None else -inner
    return None


def read_truth(tree: ast.expr) -> int | None:
    """0, 1 or -1, also written True or False; None for anything else."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = read_truth(tree.operand)
        return None if inner is None else -inner
    if isinstance(tree, ast.Name):
        return {"true": 1, "false": 0}.get(tree.id.lower())
    return int(bool(tree.value)) if isinstance(tree, ast.Constant) and tree.value in (0, 1) else None


def complete_conditions(values: list[ast.expr]) -> list[ast.expr]:
    """`weekday is monday or friday`: a day alone stands for the same comparison with it."""
    done: list[ast.expr] = []
    for value in values:
        before = done[-1] if done else None
        alone = isinstance(value, ast.Name) and value.id.lower() in CONSTANTS
        if alone and isinstance(before, ast.Compare) and len(before.ops) == 1 and isinstance(before.ops[0], ast.Eq | ast.Is):
            value = ast.copy_location(ast.Compare(before.left, before.ops, [value]), value)
        done.append(value)
    return done


def read_letter(tree: ast.AST) -> str:
    """The letter of a group, as in `setup is B`; empty for anything else."""
    letter = tree.id if isinstance(tree, ast.Name) else tree.value if isinstance(tree, ast.Constant) else ""
    return letter.upper() if isinstance(letter, str) and re.fullmatch(r"[A-Za-z]", letter, re.ASCII) else ""


def read_other(tree: ast.AST) -> str | None:
    """The symbol in `other("SPY")`; None for anything else."""
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name) or tree.func.id.lower() != "other":
        return None
    symbol = tree.args[0] if len(tree.args) == 1 and not tree.keywords else None
    return symbol.value.strip() if isinstance(symbol, ast.Constant) and isinstance(symbol.value, str) else None


def format_count(number: int, noun: str) -> str:
    """Format a number of things: `1 operand`, `2 operands`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
