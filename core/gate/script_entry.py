"""Ways of a script: the function through which it begins (plain, waiting, a lambda, one of a command line), its engines, cases."""

import ast
from collections.abc import Iterator

from core.gate.parsed_source import ParsedCode, dotted_name
from core.gate.refusals import is_absent

ADDING = ("addstrategy", "optstrategy", "add_signal")
"""Methods of an engine that give it something to trade."""
PARTS = ("addanalyzer", "addindicator", "addobserver", "add_timer")
"""Methods of an engine that give it something which runs beside the strategy."""
SETTINGS = ("resampledata", "setcash", "set_cash", "setcommission", "set_slippage_perc", "set_slippage_fixed")
"""Methods of an engine and its broker of which the numbers count."""
_DATA_CLASSES = frozenset(("dataclass", "BaseModel", "BaseSettings", "NamedTuple"))


def find_function(source: ParsedCode, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Find the script's own function of this name; a lambda becomes one whose body is its expression."""
    for node in source.definitions(name):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return node
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            body = ast.copy_location(ast.Expr(value=node.value.body), node)
            return ast.copy_location(ast.FunctionDef(name=name, args=node.value.args, body=[body], decorator_list=[]), node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id != name:  # run = _run
            return find_function(source, node.value.id)
    return None


def list_option_defaults(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.keyword]:
    """Defaults of a command line's options that decorators (`@click.option("--n", default=15)`) or the function's own defaults give."""
    found = {}
    for call in function.decorator_list:
        if not isinstance(call, ast.Call) or dotted_name(call.func).rpartition(".")[2] not in ("option", "argument"):
            continue
        texts = [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        default = next((word.value for word in call.keywords if word.arg == "default"), None)
        if texts and default is not None:
            found[max(texts, key=len).partition("/")[0].lstrip("-").replace("-", "_")] = default  # "--plot/--no-plot"
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    for name, value in zip(names[len(names) - len(function.args.defaults) :], function.args.defaults, strict=True):
        if isinstance(value, ast.Call) and value.args and dotted_name(value.func).rpartition(".")[2] in ("Option", "Argument"):
            found[name] = value.args[0]
    return [ast.keyword(arg=name, value=value) for name, value in found.items()]


def list_config_defaults(source: ParsedCode, function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.keyword]:
    """Settings that a command line's library makes for a function: `cfg: Config`, a class of the script whose every field has a default."""
    found = []
    for argument in (*function.args.args, *function.args.kwonlyargs):
        owner = source.classes.get(dotted_name(argument.annotation)) if argument.annotation is not None else None
        if owner is not None and _has_every_default(owner):
            made = ast.Call(func=ast.Name(id=owner.name, ctx=ast.Load()), args=[], keywords=[])
            found.append(ast.keyword(arg=argument.arg, value=made))
    return found


def _has_every_default(node: ast.ClassDef) -> bool:
    """True for a data class that can be made without an argument."""
    return is_of_data(node) and all(part.value is not None for part in node.body if isinstance(part, ast.AnnAssign))


def is_of_data(node: ast.ClassDef) -> bool:
    """True for a class whose objects are made of its fields."""
    marks = [part.func if isinstance(part, ast.Call) else part for part in node.decorator_list]
    return any(dotted_name(each).rpartition(".")[2] in _DATA_CLASSES for each in (*marks, *node.bases))


def list_commands(source: ParsedCode) -> list[str]:
    """Functions that a decorator makes commands of a program: `@app.command()` begins without a call."""
    made = [node for node in source.tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    marks = {node.name: [part.func if isinstance(part, ast.Call) else part for part in node.decorator_list] for node in made}
    return [name for name, parts in marks.items() if any(dotted_name(part).endswith((".command", ".callback")) for part in parts)]


def find_by_name(node: ast.expr, names: tuple[str, ...]) -> ast.expr:
    """A class that is looked up by its name (`globals()["A"]`, `getattr(module, "A")`, `eval("A")`); anything else as it is."""
    key: ast.expr | None = None
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Call)
        and dotted_name(node.value.func) in ("globals", "locals", "vars")
    ):
        key = node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "eval") and node.args:
        key = node.args[1] if node.func.id == "getattr" and len(node.args) > 1 else node.args[0]
    if isinstance(key, ast.Constant) and key.value in names:
        return ast.copy_location(ast.Name(id=str(key.value), ctx=ast.Load()), node)
    return node


def find_engine(source: ParsedCode, node: ast.AST, line: int) -> tuple[int, int] | None:
    """Find where the engine was made that something is asked of on a line (`cerebro.broker`): the place of its `Cerebro()`, if plain."""
    while isinstance(node, ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        before = [made for made in source.definitions(node.id) if made.lineno <= line]
        node = before[-1].value if before and isinstance(before[-1], ast.Assign) else node
    made_here = isinstance(node, ast.Call) and source.resolve_name(node.func).rpartition(".")[2] == "Cerebro"
    return (node.lineno, node.col_offset) if isinstance(node, ast.Call) and made_here else None


def list_case_tests(node: ast.Match) -> Iterator[tuple[ast.match_case, list[ast.expr]]]:
    """Each case of a `match` with what must hold for it to be met, as far as plain values tell: its own value, and none of those before."""
    before: list[ast.expr] = []
    for case in node.cases:
        values = [part.value for part in _alternatives(case.pattern) if isinstance(part, ast.MatchValue)]
        met = ast.Compare(left=node.subject, ops=[ast.In()], comparators=[ast.Tuple(elts=values, ctx=ast.Load())])
        plain = len(values) == len(_alternatives(case.pattern))
        yield case, [*before, *([met] if plain else []), *([case.guard] if case.guard else [])]
        before += [ast.UnaryOp(op=ast.Not(), operand=met)] if plain and not case.guard else []


def _alternatives(pattern: ast.pattern) -> list[ast.pattern]:
    return pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]


def imports_absent(node: ast.stmt) -> bool:
    """True for an import of what is not there."""
    if isinstance(node, ast.ImportFrom):
        return is_absent(node.module or "")
    return isinstance(node, ast.Import) and any(is_absent(alias.name) for alias in node.names)


def adds_in_loop(source: ParsedCode, line: int) -> bool:
    """True for a line that adds a feed in a loop whose rounds share one engine."""
    return any(first <= line <= last for first, last in list_sharing_loops(source))


def list_sharing_loops(source: ParsedCode) -> list[tuple[int, int]]:
    """First and last line of each loop whose rounds share one engine."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.For | ast.While | ast.ListComp | ast.GeneratorExp):
            calls = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
            if not any(dotted_name(call).rpartition(".")[2] in ("Cerebro", "run") for call in calls):
                found.append((node.lineno, node.end_lineno or 0))
    return found


def adds_strategy(source: ParsedCode, node: ast.AST) -> bool:
    """True for a statement that adds a strategy, itself or through functions and classes of the script."""
    called = {part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
    made = [node, *(each for name in source.reach(called) for each in source.definitions(name) if name not in source.imports)]
    return any(isinstance(part, ast.Attribute) and part.attr in ADDING for each in made for part in ast.walk(each))


def goes_through_all(node: ast.For | ast.AsyncFor) -> bool:
    """True for a loop that nothing in it leaves, or goes on with before the end of a round."""
    leaving = (ast.Break, ast.Continue, ast.Return, ast.Raise, ast.Yield, ast.YieldFrom)
    return not any(isinstance(part, leaving) for part in ast.walk(node))
