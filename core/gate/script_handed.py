"""Functions that a script hands to something else to be called, with the arguments they get there: threads, pools, command lines.

Fire(main)    pool.map(run, xs)    pool.starmap(run, pairs)    executor.submit(run, 7)    Thread(target=run, args=(7,))
asyncio.to_thread(run, 7)    loop.run_in_executor(None, run, 7)    Parallel()(delayed(run)(x) for x in xs)
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from core.gate.parsed_source import ParsedCode, dotted_name
from core.gate.script_entry import find_function

_MAPS = frozenset(("map", "imap", "imap_unordered", "starmap", "map_async", "starmap_async"))
_PASSING = frozenset(("submit", "to_thread", "run_in_executor", "run_sync", "call_soon", "call_later", "add_job"))
"""Methods that give the function what stands behind it."""
_APPLYING = frozenset(("apply", "apply_async"))
_STARTING = frozenset(("Thread", "Process", "Timer"))


@dataclass(frozen=True, slots=True)
class HandedFunction:
    """A function of the script, and what it is called with as far as that stands there."""

    name: str
    args: tuple[ast.expr, ...] = ()
    keywords: tuple[ast.keyword, ...] = ()

    @property
    def given(self) -> bool:
        """True when arguments are known."""
        return bool(self.args or self.keywords)


def choose_handed(found: Sequence[HandedFunction]) -> list[HandedFunction]:
    """Each function once: as it is first called with arguments, else as it is handed over."""
    chosen: dict[str, HandedFunction] = {}
    for each in found:
        if each.name not in chosen or (each.given and not chosen[each.name].given):
            chosen[each.name] = each
    return list(chosen.values())


def list_handed_over(source: ParsedCode, call: ast.Call) -> list[HandedFunction]:
    """List the script's functions that a call hands to something that is not the script's."""
    if isinstance(call.func, ast.Name) and source.definitions(call.func.id):
        return []
    if isinstance(call.func, ast.Call) and dotted_name(call.func.func).rpartition(".")[2] == "delayed":
        made = _read_function(source, call.func.args[0]) if call.func.args else None
        return [HandedFunction(made.name, (*made.args, *call.args), (*made.keywords, *call.keywords))] if made else []
    words = {word.arg: word.value for word in call.keywords}
    found = []
    for place, value in enumerate([*call.args, *(word.value for word in call.keywords)]):
        if (made := _read_function(source, value)) is not None:
            args, keywords = _find_arguments(call, place, words)
            found.append(HandedFunction(made.name, (*made.args, *args), (*made.keywords, *keywords)))
    return found


def list_set_functions(source: ParsedCode) -> dict[str, list[str]]:
    """Functions that a command line keeps under a name, `parser.set_defaults(func=run)`, to be called as `args.func(args)`."""
    calls = [part for part in ast.walk(source.tree) if isinstance(part, ast.Call) and dotted_name(part.func).endswith(".set_defaults")]
    found: dict[str, list[str]] = {}
    for word in (word for call in calls for word in call.keywords):
        if word.arg and isinstance(word.value, ast.Name) and find_function(source, word.value.id) is not None:
            found.setdefault(word.arg, []).append(word.value.id)
    return found


def list_table_functions(source: ParsedCode, node: ast.expr) -> list[tuple[ast.expr | None, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Functions of a table that is written out, `{"a": run_a, "b": lambda: run(2)}[key]`, each with the test that chooses it."""
    otherwise: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        table, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        table, key, otherwise = node.func.value, node.args[0], node.args[1] if len(node.args) > 1 else None
    else:
        return []
    made = source.definitions(table.id) if isinstance(table, ast.Name) else []
    value = made[0].value if len(made) == 1 and isinstance(made[0], ast.Assign) else table
    if not isinstance(value, ast.Dict):
        return []
    pairs = [(name, each) for name, each in zip(value.keys, value.values, strict=True) if name is not None]
    found: list[tuple[ast.expr | None, ast.expr]] = [
        (ast.Compare(left=key, ops=[ast.Eq()], comparators=[name]), each) for name, each in pairs
    ]
    if otherwise is not None:
        names = ast.Tuple(elts=[name for name, _ in pairs], ctx=ast.Load())
        found.append((ast.Compare(left=key, ops=[ast.NotIn()], comparators=[names]), otherwise))
    functions = [(test, _make_function(source, each, place)) for place, (test, each) in enumerate(found)]
    return [(test, function) for test, function in functions if function is not None]


def _make_function(source: ParsedCode, node: ast.expr, place: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    if isinstance(node, ast.Lambda):
        body = ast.copy_location(ast.Expr(value=node.body), node)
        return ast.copy_location(ast.FunctionDef(name=f"lambda {place}", args=node.args, body=[body], decorator_list=[]), node)
    return find_function(source, node.id) if isinstance(node, ast.Name) else None


def _read_function(source: ParsedCode, node: ast.expr) -> HandedFunction | None:
    """`run`, or `partial(run, m=2)`; None for what is no function of the script."""
    if isinstance(node, ast.Call) and source.resolve_name(node.func) == "functools.partial" and node.args:
        inner = _read_function(source, node.args[0])
        return inner and HandedFunction(inner.name, (*inner.args, *node.args[1:]), (*inner.keywords, *node.keywords))
    return HandedFunction(node.id) if isinstance(node, ast.Name) and find_function(source, node.id) is not None else None


def _find_arguments(call: ast.Call, place: int, words: dict[str | None, ast.expr]) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Arguments of the function that stands at a place of a call; none where they are not told."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
    behind = call.args[place + 1 :]
    if method in _MAPS and behind:
        firsts = [_first_element(value) for value in behind if not isinstance(value, ast.Constant)]  # a number is the size of chunks
        return ([ast.Starred(value=firsts[0], ctx=ast.Load())] if method.startswith("star") else firsts), []
    if method in _PASSING:
        return behind, [word for word in call.keywords if place < len(call.args)]
    if method in _APPLYING or method in _STARTING:
        args = words.get("args", behind[0] if behind else None)
        table = words.get("kwargs", words.get("kwds", behind[1] if len(behind) > 1 else None))
        starred = [ast.Starred(value=args, ctx=ast.Load())] if args is not None else []
        return [*starred], [ast.keyword(arg=None, value=table)] if table is not None else []
    return [], []


def _first_element(value: ast.expr) -> ast.expr:
    if isinstance(value, ast.Tuple | ast.List) and value.elts:
        return value.elts[0]
    inner = ast.Call(func=ast.Name(id="iter", ctx=ast.Load()), args=[value], keywords=[])
    return ast.Call(func=ast.Name(id="next", ctx=ast.Load()), args=[inner], keywords=[])


def find_partial(source: ParsedCode, name: str) -> ast.Call | None:
    """The call behind `go = functools.partial(run, ...)` at the top level."""
    bound = source.definitions(name)
    call = bound[0].value if len(bound) == 1 and isinstance(bound[0], ast.Assign) else None
    known = isinstance(call, ast.Call) and source.resolve_name(call.func) == "functools.partial" and call.args
    return call if isinstance(call, ast.Call) and known and isinstance(call.args[0], ast.Name) and call.args[0].id != name else None
