"""Calls in an operand: functions of the language, longer timeframes, further instruments, times and days."""

import ast
import re
from datetime import date

from core.domain.bars_request import read_ticker
from core.language.catalogue import CATALOGUE
from core.language.catalogue.functions import FUNCTIONS, Signature
from core.language.syntax.hints import suggest_name
from core.language.syntax.indicator_calls import read_indicator
from core.language.syntax.nodes import Choice, Function, HigherTimeframe, Logic, Node, Number, OtherInstrument, ZonedTime
from core.language.syntax.operand_tree import clip, format_count, quote_argument, read_other, turn_line
from core.language.syntax.reader import MAX_BARS_AGO, OperandReader
from core.language.syntax.slips import suggest_nearest
from core.language.syntax.spelling import suggest_syntax
from core.language.syntax.synonyms import KNOWN_NAMES, ResolvedName, resolve_name
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES, resolve_timeframe
from core.language.syntax.zones import find_zone

SYMBOL = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^=:_-]{0,39}")
"""A symbol as it may stand in an operand, with or without its source."""


def read_call(reader: OperandReader, tree: ast.Call, depth: int) -> Node:
    """Read a name with parentheses: an indicator, a function, or one of the forms of their own. Raises ExpressionError."""
    if isinstance(tree.func, ast.Attribute) and (symbol := read_other(tree.func.value)) is not None:
        inner = ast.Call(ast.copy_location(ast.Name(tree.func.attr), tree), tree.args, tree.keywords)
        return read_other_instrument(reader, symbol, ast.copy_location(inner, tree), depth)
    if not isinstance(tree.func, ast.Name):
        if (turned := turn_line(tree)) is not None:
            return reader.read(turned, depth)
        if isinstance(tree.func, ast.Attribute) and (remedy := suggest_name(tree.func.attr)):
            raise reader.fail(f"`{reader.text(tree.func)}` is not known.", remedy, tree)
        raise reader.fail(
            f"`{reader.text(tree.func)}` cannot be called.", "Write an output line after the parameters: `macd(12, 26, 9).signal`.", tree
        )
    word = tree.func.id
    right = ResolvedName(word) if word in ("tf", "timeframe", "time") else resolve_name(word) or ResolvedName(word)
    name = right.name
    if any(isinstance(argument, ast.Starred) for argument in tree.args) or any(keyword.arg is None for keyword in tree.keywords):
        raise reader.fail("`*` is not allowed in the parentheses.", "List the numbers one by one.", tree)
    if name in ("tf", "timeframe"):
        return _read_higher(reader, tree, depth)
    if word.lower() == "other":
        return _read_beside(reader, tree, depth)
    if name == "time":
        return _read_time_of_day(reader, tree)
    if name in FUNCTIONS:
        return _read_function(reader, name, FUNCTIONS[name], tree, depth)
    if name in CATALOGUE:
        return read_indicator(reader, CATALOGUE[name], tree.args, tree.keywords, tree, depth, right)
    if name.lower() in ("all_of", "any_of") and len(tree.args) > 1:
        return Logic("and" if name == "all_of" else "or", tuple(reader.condition(part, depth + 1) for part in tree.args))
    if name.lower() in ("iif", "iff", "ifelse") and len(tree.args) == 3:
        test, then, otherwise = tree.args
        return Choice(reader.condition(test, depth + 1), reader.value(then, depth + 1), reader.value(otherwise, depth + 1))
    if name in KNOWN_NAMES:
        raise reader.fail(f"`{name}` takes no parentheses.", f"Write `{name}`, or `{name}[1]` for one bar ago.", tree)
    if name == "percent_of":
        raise reader.fail(f"`{clip(quote_argument(tree))}%` is a share of something.", suggest_syntax("3%"), tree)
    if name == "date_of":
        return read_day(reader, tree)
    numbers = [reader.text(argument) for argument in tree.args if isinstance(argument, ast.Constant)]
    remedy = suggest_name(name, numbers) or "The reference lists every indicator and function."
    raise reader.fail(f"`{clip(name)}` is not known.", remedy, tree)


def read_day(reader: OperandReader, tree: ast.Call) -> Number:
    """A date, as the number of its day."""
    numbers = [argument.value for argument in tree.args if isinstance(argument, ast.Constant) and type(argument.value) is int]
    try:
        return Number(float(date(*numbers).toordinal()), -1)
    except (TypeError, ValueError, OverflowError):
        raise reader.fail("there is no such day.", "Write for example `date >= 2025-11-01`.", tree) from None


def _read_higher(reader: OperandReader, tree: ast.Call, depth: int) -> Node:
    example = 'Write for example `tf("1w", sma(20))`.'
    if len(tree.args) != 2 or tree.keywords:
        raise reader.fail("`tf` takes a timeframe and an expression.", example, tree)
    frame = tree.args[0]
    if not (isinstance(frame, ast.Constant) and isinstance(frame.value, str)):
        raise reader.fail("the timeframe is written in quotes.", example, tree)
    name = resolve_timeframe(frame.value)
    if name not in HIGHER_TIMEFRAMES:
        remedy = suggest_nearest(frame.value, HIGHER_TIMEFRAMES) or f"One of {', '.join(HIGHER_TIMEFRAMES)}."
        raise reader.fail(f"`{clip(frame.value)}` is not a timeframe.", remedy, tree)
    node = reader.read(tree.args[1], depth + 1)
    return HigherTimeframe(name, node)


def _read_beside(reader: OperandReader, tree: ast.Call, depth: int) -> Node:
    """`other("SPY", sma(20))`; alone, `other("SPY")` is no value."""
    example = 'Write for example `other("SPY").close` or `other("SPY").sma(20)`.'
    symbol = read_other(ast.Call(tree.func, tree.args[:1], [])) if len(tree.args) == 2 and not tree.keywords else None
    if symbol is None:
        raise reader.fail("`other` takes a symbol in quotes, and what is read of it.", example, tree)
    return read_other_instrument(reader, symbol, tree.args[1], depth)


def read_other_instrument(reader: OperandReader, symbol: str, tree: ast.expr, depth: int) -> Node:
    """Read an expression on the bars of a further instrument."""
    if not SYMBOL.fullmatch(symbol):
        raise reader.fail(f"`{clip(symbol)}` is no symbol.", 'Write for example `other("SPY").close`.', tree)
    return OtherInstrument(read_ticker(symbol), reader.read(tree, depth + 1))


def _read_time_of_day(reader: OperandReader, tree: ast.Call) -> Node:
    if len(tree.args) == 3 and not tree.keywords:
        return _read_time_in_zone(reader, tree)
    numbers = [argument.value for argument in tree.args if isinstance(argument, ast.Constant) and type(argument.value) is int]
    hour, minute = (numbers[0], numbers[1]) if len(numbers) == 2 and len(tree.args) == 2 else (-1, -1)
    if tree.keywords or not (0 <= hour <= 23 and 0 <= minute <= 59):
        raise reader.fail("`time` takes an hour and a minute.", "For example `minute_of_day >= time(10, 30)`.", tree)
    return Number(float(hour * 60 + minute), tree.col_offset)


def _read_time_in_zone(reader: OperandReader, tree: ast.Call) -> Node:
    """A time of the day on the clocks of another zone: `time(13, 10, "UTC")`."""
    *numbers, zone = [argument.value if isinstance(argument, ast.Constant) else None for argument in tree.args]
    hour, minute = numbers
    if not (type(hour) is int and type(minute) is int and 0 <= hour <= 23 and 0 <= minute <= 59 and isinstance(zone, str)):
        raise reader.fail("`time` takes an hour, a minute and a zone.", 'For example `time(13, 10, "UTC")`.', tree)
    name = find_zone(zone)
    if name is None:
        remedy = "Write `UTC`, or a name such as `Europe/London` or `America/New_York`."
        raise reader.fail(f"`{clip(zone)}` is not a time zone.", remedy, tree)
    return ZonedTime(hour * 60 + minute, name)


def _read_function(reader: OperandReader, name: str, signature: Signature, tree: ast.Call, depth: int) -> Node:
    example = f"For example `{signature.example}`."
    arguments = list(tree.args)
    for keyword in tree.keywords:
        if keyword.arg != signature.keyword or not signature.keyword:
            raise reader.fail(f"`{name}` has no operand named `{clip(str(keyword.arg))}`.", example, tree)
    least, most = len(signature.sorts) - signature.optional, len(signature.sorts)
    if len(arguments) < least or (len(arguments) > most and not signature.many) or len(arguments) > 12:
        raise reader.fail(f"`{name}` takes {_amount(least, most, signature.many)}, here are {len(arguments)}.", example, tree)
    sorts = signature.sorts + signature.sorts[-1:] * (len(arguments) - most)
    nodes = [_read_operand(reader, sort, argument, depth) for sort, argument in zip(sorts, arguments, strict=False)]
    nodes += [Number(1.0, -1)] * (most - len(nodes) if not signature.many else 0)
    if signature.keyword:
        within = [_read_bars(reader, keyword.value, depth) for keyword in tree.keywords]
        nodes.append(within[0] if within else Number(20.0, -1))
    return Function(name, tuple(nodes))


def _read_operand(reader: OperandReader, sort: str, tree: ast.expr, depth: int) -> Node:
    if sort == "condition":
        return reader.condition(tree, depth + 1)
    return _read_bars(reader, tree, depth) if sort == "bars" else reader.value(tree, depth + 1)


def _read_bars(reader: OperandReader, tree: ast.expr, depth: int) -> Number:
    node = reader.read(tree, depth + 1)
    if not (isinstance(node, Number) and node.value == int(node.value) and 1 <= node.value <= MAX_BARS_AGO):
        raise reader.fail(f"`{reader.text(tree)}` is not a number of bars.", f"Write a whole number from 1 to {MAX_BARS_AGO}.", tree)
    return node


def _amount(least: int, most: int, many: bool) -> str:
    if many:
        return f"at least {format_count(least, 'operand')}"
    return format_count(most, "operand") if least == most else f"{least} or {most} operands"
