"""Indicators in an operand: their series, parameters and output lines."""

import ast

from core.language.catalogue import CATALOGUE, Indicator, Param
from core.language.syntax.nodes import BarField, Call, Node, Number
from core.language.syntax.operand_tree import clip, format_count
from core.language.syntax.reader import OperandReader
from core.language.syntax.slips import suggest_nearest
from core.language.syntax.synonyms import ResolvedName, resolve_line, resolve_param


def read_line(reader: OperandReader, node: Call, tree: ast.Attribute) -> Call:
    """One output line of an indicator, by its name."""
    indicator = CATALOGUE[node.indicator]
    found = resolve_line(indicator, tree.attr)
    if found is None:
        lines = [line.name for line in indicator.lines]
        remedy = suggest_nearest(tree.attr, lines) or f"It has {', '.join(f'`{line}`' for line in lines)}."
        raise reader.fail(f"`{indicator.name}` has no line `{clip(tree.attr)}`.", remedy, tree)
    return Call(node.indicator, node.sources, node.arguments, found.name)


def read_indicator(
    reader: OperandReader,
    entry: Indicator,
    args: list[ast.expr],
    keywords: list[ast.keyword],
    tree: ast.expr,
    depth: int,
    right: ResolvedName,
) -> Node:
    """Read an indicator with its series and numbers, those of `right` among them. Raises ExpressionError."""
    sources: list[Node] = [BarField(right.source)] if right.source else []
    numbers: list[float] = [] if right.number is None else [right.number]
    for argument in args:
        node = reader.value(argument, depth + 1)
        if isinstance(node, Number):
            numbers.append(node.value)
        elif numbers:
            raise reader.fail(
                f"in `{reader.text(tree)}` the series comes first, then the numbers.", f"For example `{format_example(entry)}`.", tree
            )
        else:
            sources.append(node)
    if len(sources) > len(entry.sources):
        takes = f"{len(entry.sources)} series" if entry.sources else "no series, it reads whole bars"
        raise reader.fail(f"`{entry.name}` takes {takes}.", f"For example `{format_example(entry)}`.", tree)
    own = next((param.name for param in entry.params if right.line and right.line.startswith(param.name)), "")
    if own and len(numbers) == 1:
        keywords = [*keywords, ast.keyword(own, ast.copy_location(ast.Constant(numbers.pop()), tree))]
    sources += [reader.read_default(default) for default in entry.sources[len(sources) :]]
    arguments = _read_arguments(reader, entry, numbers, keywords, tree)
    return Call(entry.name, tuple(sources), arguments, right.line or entry.lines[0].name)


def _read_arguments(
    reader: OperandReader, entry: Indicator, numbers: list[float], keywords: list[ast.keyword], tree: ast.expr
) -> tuple[float, ...]:
    if len(numbers) > len(entry.params):
        raise reader.fail(
            f"`{entry.name}` takes {format_count(len(entry.params), 'number')}, here are {len(numbers)}.",
            f"For example `{format_example(entry)}`.",
            tree,
        )
    given = dict(zip((param.name for param in entry.params), numbers, strict=False))
    for keyword in keywords:
        name, node = resolve_param(entry, str(keyword.arg)), reader.read(keyword.value, 1)
        if name not in (param.name for param in entry.params):
            remedy = suggest_nearest(name, [param.name for param in entry.params]) or f"For example `{format_example(entry)}`."
            raise reader.fail(f"`{entry.name}` has no parameter `{clip(name)}`.", remedy, tree)
        if name in given or not isinstance(node, Number):
            raise reader.fail(f"the parameter `{clip(name)}` needs exactly one number.", f"For example `{format_example(entry)}`.", tree)
        given[name] = node.value
    return tuple(_check_argument(reader, entry, param, given.get(param.name, param.default), tree) for param in entry.params)


def _check_argument(reader: OperandReader, entry: Indicator, param: Param, value: float, tree: ast.expr) -> float:
    whole = not param.integer or value == int(value)
    if not whole or not param.low <= value <= param.high:
        sort = "a whole number" if param.integer else "a number"
        message = f"`{entry.name}`: {param.name} is {value:g}, outside its range."
        raise reader.fail(message, f"Write {sort} from {param.low:g} to {param.high:g}.", tree)
    return value


def format_example(entry: Indicator) -> str:
    """Format an indicator with its defaults: `macd(12, 26, 9)`."""
    numbers = ", ".join(f"{param.default:g}" for param in entry.params)
    call = f"{entry.name}({numbers})" if numbers else entry.name
    return f"{call}.{entry.lines[0].name}" if len(entry.lines) > 1 else call
