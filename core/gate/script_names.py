"""Names of a script while it is followed: what each stands for, through branches, changes in place, and the arguments of a call."""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, product

from core.gate.parsed_source import dotted_name
from core.gate.script_entry import is_of_data
from core.gate.substitution import UNKNOWN, find_unchanged, is_known, limit, make_unknown, mark_changed

Names = dict[str, ast.expr]
Function = ast.FunctionDef | ast.AsyncFunctionDef
SELF = "self."
_CHANGING = frozenset(
    ("update", "setdefault", "append", "extend", "pop", "popitem", "clear", "insert", "remove", "discard", "add", "sort", "reverse")
)
"""Methods by which a table or a list changes."""
SETTING = frozenset(("read_string", "read_dict", "add_section", "set", "add_option", "set_defaults", "seed"))
"""Methods by which an object of `SETTLED` changes."""
SETTLED = frozenset(
    ("configparser.ConfigParser", "configparser.RawConfigParser", "configparser.SafeConfigParser", "optparse.OptionParser", "random.Random")
)
"""Classes of the standard library whose objects are made step by step."""
MOST_ROUNDS = 64
"""Rounds of a loop that are looked at for the first which adds a strategy."""
_LEAVING = frozenset(("sys.exit", "exit", "quit", "os._exit"))


def bind(target: ast.expr, value: ast.expr, names: Names) -> None:
    """Let the names of an assignment's target stand for its value, or for parts of it; `table["x"] = 1` changes what `table` stands for."""
    if isinstance(target, ast.Name):
        for kept in [name for name in names if name.startswith(f"{target.id}.")]:
            del names[kept]
        names[target.id] = value
    elif isinstance(target, ast.Attribute) and (kept := dotted_name(target)).startswith(SELF):
        names[kept] = value
    elif isinstance(target, ast.Subscript) and (kept := dotted_name(target.value)) in names:
        names[kept] = limit(change_entry(names[kept], target.slice, value))
    elif isinstance(target, ast.Tuple | ast.List):
        if _goes_by_once(value):
            value = ast.Tuple(elts=[ast.Starred(value=value, ctx=ast.Load())], ctx=ast.Load())
        written = isinstance(value, ast.Tuple | ast.List) and not any(isinstance(part, ast.Starred) for part in value.elts)
        rest = next((place for place, part in enumerate(target.elts) if isinstance(part, ast.Starred)), len(target.elts))
        for place, part in enumerate(target.elts):
            if place >= rest:
                bind(part.value if isinstance(part, ast.Starred) else part, make_unknown(), names)
            elif written and place < len(value.elts):  # type: ignore[attr-defined]
                bind(part, value.elts[place], names)  # type: ignore[attr-defined]
            else:
                bind(part, ast.Subscript(value=value, slice=ast.Constant(place), ctx=ast.Load()), names)


def _goes_by_once(value: ast.expr) -> bool:
    """True for what has elements in an order and gives none by its place: `map(int, parts)`, `table.values()`."""
    if isinstance(value, ast.Call):
        return dotted_name(value.func) in ("map", "filter", "zip", "reversed", "iter", "enumerate", "set") or (
            isinstance(value.func, ast.Attribute) and value.func.attr in ("values", "keys", "items") and not value.args
        )
    return isinstance(value, ast.GeneratorExp | ast.SetComp | ast.Set | ast.Dict | ast.DictComp)


def change_entry(table: ast.expr, key: ast.expr, value: ast.expr) -> ast.expr:
    """The table, or the list, with one entry set; unknown where it may be something else."""
    if isinstance(table, ast.Name) and table.id == UNKNOWN and not is_known(value):
        return table
    place = key.value if isinstance(key, ast.Constant) and type(key.value) is int else None
    if isinstance(table, ast.List) and place is not None and -len(table.elts) <= place < len(table.elts):
        if any(isinstance(part, ast.Starred) for part in table.elts):
            return make_unknown()
        elements = list(table.elts)
        elements[place] = value
        return ast.List(elts=elements, ctx=ast.Load())
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        return make_unknown()
    return _join_tables(table, ast.Dict(keys=[key], values=[value]))


def change_in_place(value: ast.expr, method: str, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> ast.expr | None:
    """The value after a call of one of its methods; None where that changes nothing."""
    if method not in _CHANGING:
        return None
    if method == "update" and len(args) < 2 and _is_table(value):
        keys: list[ast.expr | None] = [ast.Constant(word.arg) if word.arg else None for word in keywords]
        return _join_tables(value, *args, ast.Dict(keys=keys, values=[word.value for word in keywords]))
    if method == "setdefault" and len(args) == 2 and _is_table(value):
        return _join_tables(ast.Dict(keys=[args[0]], values=[args[1]]), value)
    if method == "pop" and isinstance(value, ast.Call) and dotted_name(value.func) == "dict" and not value.args:
        value = ast.Dict(
            keys=[ast.Constant(word.arg) if word.arg else None for word in value.keywords], values=[w.value for w in value.keywords]
        )
    if method == "pop" and args and isinstance(value, ast.Dict) and isinstance(args[0], ast.Constant) and None not in value.keys:
        pairs = [(key, each) for key, each in zip(value.keys, value.values, strict=True) if ast.dump(key) != ast.dump(args[0])]  # type: ignore[arg-type]
        return ast.Dict(keys=[key for key, _ in pairs], values=[each for _, each in pairs])
    if method == "append" and isinstance(value, ast.List) and len(args) == 1:
        return ast.List(elts=[*value.elts, args[0]], ctx=ast.Load())
    if method == "extend" and isinstance(value, ast.List) and len(args) == 1:
        return ast.List(elts=[*value.elts, ast.Starred(value=args[0], ctx=ast.Load())], ctx=ast.Load())
    return make_unknown()


def _join_tables(*tables: ast.expr) -> ast.expr:
    """One table of several, of which the later ones count."""
    keys: list[ast.expr | None] = []
    values: list[ast.expr] = []
    for table in tables:
        keys += table.keys if isinstance(table, ast.Dict) else [None]
        values += table.values if isinstance(table, ast.Dict) else [table]
    return ast.Dict(keys=keys, values=values)


def _is_table(value: ast.expr) -> bool:
    return isinstance(value, ast.Dict | ast.Name) or (isinstance(value, ast.Call) and dotted_name(value.func) == "dict")


def merge_branches(test: ast.expr, met: Names, otherwise: Names, is_global: Callable[[str], bool]) -> Names:
    """Give what each name stands for behind a condition: one value where both ways agree, else the one that the condition chooses."""
    merged: Names = {}
    for name in {**otherwise, **met}:
        one, other = (way.get(name) or _read_unset(name, way) for way in (met, otherwise))
        if (one is None or other is None) and is_global(name):
            one, other = (each if each is not None else ast.Name(id=name, ctx=ast.Load()) for each in (one, other))
        if one is None or other is None:
            merged[name] = one if one is not None else other or make_unknown()
        elif one is other or ast.dump(one) == ast.dump(other):
            merged[name] = one
        elif ast.dump(before := find_unchanged(one)) == ast.dump(find_unchanged(other)):
            merged[name] = mark_changed(before)
        else:
            merged[name] = choose(test, one, other)
    return merged


def _read_unset(name: str, names: Names) -> ast.expr | None:
    """The value that an object has under a dotted name where nothing was set under it: its own attribute; None for any other name."""
    root, dot, attribute = name.rpartition(".")
    if not dot or root not in names or root == "self":
        return None
    return ast.Attribute(value=find_unchanged(names[root]), attr=attribute, ctx=ast.Load())


def choose(test: ast.expr, met: ast.expr, otherwise: ast.expr) -> ast.expr:
    """The expression that a condition chooses; unknown where a part of it is."""
    chosen = ast.IfExp(test=test, body=met, orelse=otherwise)
    return chosen if is_known(chosen) else make_unknown()


def forget_changed(before: Mapping[str, ast.expr], names: Names) -> None:
    """Make unknown what a loop has changed: its last round is not followed."""
    for name, value in names.items():
        if before.get(name) is not value:
            names[name] = make_unknown()


def ends(body: Sequence[ast.stmt]) -> bool:
    """True where nothing below the statements is reached from them."""
    last = body[-1] if body else None
    if isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break):
        return True
    if isinstance(last, ast.If):
        return ends(last.body) and ends(last.orelse)
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and dotted_name(last.value.func) in _LEAVING


def replace_names(names: Names, others: Names) -> None:
    """Let names stand for what others do, and for nothing else."""
    found = dict(others)
    names.clear()
    names.update(found)


def first_of(value: ast.expr) -> ast.expr:
    """The first element of what a loop goes through."""
    if isinstance(value, ast.Tuple | ast.List):
        return value.elts[0] if value.elts else make_unknown()
    inner = ast.Call(func=ast.Name(id="iter", ctx=ast.Load()), args=[value], keywords=[])
    return ast.Call(func=ast.Name(id="next", ctx=ast.Load()), args=[inner], keywords=[])


def list_rounds(value: ast.expr, definitions: Callable[[str], list[ast.stmt]]) -> list[ast.expr]:
    """The elements that a loop goes through, where they stand there; none where they do not, or are many."""
    if isinstance(value, ast.Name):
        made = definitions(value.id)
        value = made[0].value if len(made) == 1 and isinstance(made[0], ast.Assign) else value
    if isinstance(value, ast.Tuple | ast.List):
        return value.elts if len(value.elts) <= MOST_ROUNDS and not any(isinstance(part, ast.Starred) for part in value.elts) else []
    if isinstance(value, ast.Dict):
        return _list_entries(value, "keys", definitions)
    if not isinstance(value, ast.Call) or value.keywords:
        return []
    if isinstance(value.func, ast.Attribute) and value.func.attr in ("items", "keys", "values") and not value.args:
        return _list_entries(value.func.value, value.func.attr, definitions)
    name = dotted_name(value.func).rpartition(".")[2]
    if name == "range" and all(isinstance(part, ast.Constant) and isinstance(part.value, int) for part in value.args):
        numbers = range(*(getattr(part, "value", 0) for part in value.args))
        return [ast.Constant(number) for number in numbers[:MOST_ROUNDS]]
    parts = [list_rounds(part, definitions) for part in value.args]
    if not parts or not all(parts):
        return []
    made_of = {
        "product": product(*parts),
        "zip": zip(*parts, strict=False),
        "enumerate": ((ast.Constant(at), one) for at, one in enumerate(parts[0])),
    }
    tuples = islice(made_of.get(name, ()), MOST_ROUNDS)
    return [ast.Tuple(elts=list(one), ctx=ast.Load()) for one in tuples] or (parts[0] if name in ("list", "tuple", "tqdm") else [])


def _list_entries(table: ast.expr, kind: str, definitions: Callable[[str], list[ast.stmt]]) -> list[ast.expr]:
    """Entries of a table that is written out, as a loop goes through them."""
    if isinstance(table, ast.Name):
        made = definitions(table.id)
        table = made[0].value if len(made) == 1 and isinstance(made[0], ast.Assign) else table
    if not isinstance(table, ast.Dict) or len(table.keys) > MOST_ROUNDS:
        return []
    pairs = [(key, value) for key, value in zip(table.keys, table.values, strict=True) if key is not None]
    if len(pairs) < len(table.keys) or kind != "items":
        return [key if kind == "keys" else value for key, value in pairs] if len(pairs) == len(table.keys) else []
    return [ast.Tuple(elts=[key, value], ctx=ast.Load()) for key, value in pairs]


def list_class_values(node: ast.ClassDef) -> Names:
    """Values that every object of a class has from the beginning."""
    return {
        f"{SELF}{target.id}": part.value
        for part in node.body
        if isinstance(part, ast.Assign)
        for target in part.targets
        if isinstance(target, ast.Name)
    }


def bind_arguments(function: Function, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> Names:
    """Bind each parameter to what it stands for in one call."""
    positional = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    names: Names = dict(zip(positional[len(positional) - len(function.args.defaults) :], function.args.defaults, strict=True))
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        names[argument.arg] = default if default is not None else make_unknown()
    names = {name: names.get(name, make_unknown()) for name in positional} | names
    placed = dict(zip(positional, _spread(args, len(positional)), strict=False))
    for keyword in keywords:
        if keyword.arg is not None:
            names[keyword.arg] = keyword.value
        else:
            names |= _entries_of(keyword.value, names)
    names |= placed  # no table can give what is given by its place
    own = [*positional, *(argument.arg for argument in function.args.kwonlyargs)]
    for rest in (function.args.vararg, function.args.kwarg):
        if rest is not None:
            names[rest.arg] = _rest_of(rest is function.args.kwarg, own, args[len(positional) :], keywords)
    return names


def list_changed_parameters(function: Function) -> set[str]:
    """Parameters that a function changes in place: an entry or an attribute that it sets, a method that changes a table or a list."""
    changed: set[str] = set()
    for part in ast.walk(function):
        if isinstance(part, ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store | ast.Del):
            changed.add(dotted_name(part.value))
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in _CHANGING | SETTING:
            changed.add(dotted_name(part.func.value))
        elif isinstance(part, ast.Call) and dotted_name(part.func) == "setattr" and part.args:
            changed.add(dotted_name(part.args[0]))
    return changed & {argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}


def bind_fields(family: Iterable[ast.ClassDef], args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> Names:
    """Bind the fields of a data class to what they stand for in an object made by one call; nothing for any other class."""
    family = list(family)
    if not any(is_of_data(node) for node in family):
        return {}
    fields = {
        part.target.id: part.value
        for node in family
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    given = dict(zip(fields, args, strict=False)) | {word.arg: word.value for word in keywords if word.arg in fields}
    return {f"{SELF}{name}": given.get(name) or _read_default(default) for name, default in fields.items()}


def _read_default(default: ast.expr | None) -> ast.expr:
    """The default of a field: `5`, `field(default=5)`, `field(default_factory=dict)`."""
    if not isinstance(default, ast.Call) or dotted_name(default.func).rpartition(".")[2] not in ("field", "Field"):
        return default if default is not None else make_unknown()
    words = {word.arg: word.value for word in default.keywords}
    if "default_factory" in words:
        return ast.Call(func=words["default_factory"], args=[], keywords=[])
    return words.get("default") or (default.args[0] if default.args else make_unknown())


def _spread(args: Sequence[ast.expr], most: int) -> list[ast.expr]:
    """Arguments one by one: `*values` stands for as many as there is room for."""
    found: list[ast.expr] = []
    for argument in args:
        if not isinstance(argument, ast.Starred):
            found.append(argument)
        elif isinstance(argument.value, ast.Tuple | ast.List):
            found.extend(argument.value.elts)
        else:
            room = range(most - len(found))
            found.extend(ast.Subscript(value=argument.value, slice=ast.Constant(place), ctx=ast.Load()) for place in room)
    return found


def _entries_of(table: ast.expr, names: Names) -> Names:
    """Parameters that `**table` gives: an entry of each name, or what the name stands for without it."""
    if isinstance(table, ast.Dict) and all(isinstance(key, ast.Constant) for key in table.keys):
        pairs = zip(table.keys, table.values, strict=True)
        return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}
    found: Names = {}
    for name, otherwise in names.items():
        key = ast.Constant(name)
        if is_known(otherwise):
            get = ast.Attribute(value=table, attr="get", ctx=ast.Load())
            found[name] = ast.Call(func=get, args=[key, otherwise], keywords=[])
        else:
            found[name] = ast.Subscript(value=table, slice=key, ctx=ast.Load())
    return found


def _rest_of(by_name: bool, own: Sequence[str], others: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> ast.expr:
    if not by_name:
        return ast.Tuple(elts=list(others), ctx=ast.Load())
    rest = [keyword for keyword in keywords if keyword.arg not in own]
    return ast.Dict(
        keys=[None if keyword.arg is None else ast.Constant(keyword.arg) for keyword in rest], values=[keyword.value for keyword in rest]
    )


def find_plain_body(method: ast.FunctionDef) -> list[ast.Return]:
    """Find the one statement of a method without arguments that gives something back; empty for other methods."""
    body = [part for part in method.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    plain = len(body) == 1 and len(method.args.args) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None
    return [part for part in body if isinstance(part, ast.Return)] if plain else []


def mentions(value: ast.expr, names: Mapping[str, ast.expr]) -> bool:
    """True for an expression in which one of the names stands."""
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(value))
