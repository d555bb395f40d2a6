"""Functions of Python and its library that a played script may ask about its own objects."""

import ast
import copy
from collections import ChainMap, defaultdict
from collections.abc import Callable
from typing import Any

from core.gate.play_generators import go_through
from core.gate.play_objects import ObjectPlay
from core.gate.played_values import (
    UNKNOWN,
    Library,
    LostTrackError,
    PlayedClass,
    PlayedObject,
    Unknown,
    Value,
    copy_deep,
    is_plain,
)

ENVIRONMENT = Library("os.environ")


def _read_by_name(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    owner, name, *rest = args
    if not isinstance(name, str):
        raise LostTrackError
    if isinstance(owner, Unknown | Library):
        return UNKNOWN
    if isinstance(owner, PlayedObject) and rest and name not in owner.attributes and isinstance(owner.made_of.find(name), Unknown):
        return rest[0]
    return player.get_attribute(owner, name)


def _set_by_name(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if not isinstance(args[1], str):
        raise LostTrackError
    player.set_attribute(args[0], args[1], args[2])


def _has(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    owner = args[0]
    if not isinstance(owner, PlayedObject) or not isinstance(args[1], str):
        return UNKNOWN
    return args[1] in owner.attributes or not isinstance(owner.made_of.find(args[1]), Unknown)


def _list_attributes(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if args and isinstance(args[0], PlayedObject):
        return args[0].attributes
    if args and isinstance(args[0], Unknown):
        return UNKNOWN
    raise LostTrackError


def _copy(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if isinstance(args[0], PlayedObject):
        return PlayedObject(args[0].made_of, dict(args[0].attributes))
    return copy.copy(args[0]) if is_plain(args[0]) else UNKNOWN


def _as_table(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if isinstance(args[0], PlayedObject) and args[0].made_of.fields is not None:
        if any(isinstance(value, PlayedObject) for value in args[0].attributes.values()):
            raise LostTrackError
        return {name: copy_deep(args[0].attributes[name]) for name in args[0].made_of.fields}
    raise LostTrackError


def _replace(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if not isinstance(args[0], PlayedObject) or args[0].made_of.fields is None:
        raise LostTrackError
    kept = {name: args[0].attributes[name] for name in args[0].made_of.fields}
    return player.make_object(args[0].made_of, [], kept | words, ast.Pass())


def _make_namespace(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    return PlayedObject(PlayedClass("SimpleNamespace", [], {}), dict(words))


def _make_default_table(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    kinds: dict[str, Callable[[], Any]] = {"builtins.dict": dict, "builtins.list": list, "builtins.int": int, "builtins.float": float}
    if len(args) != 1 or not isinstance(args[0], Library) or args[0].name not in kinds:
        raise LostTrackError
    return defaultdict(kinds[args[0].name])


def _make_chain(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if all(isinstance(each, dict | ChainMap) for each in args):
        return ChainMap(*args)
    if args and not isinstance(args[0], Unknown):
        raise LostTrackError  # what is set of the chain is set of its first table
    return UNKNOWN


def _next(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if hasattr(args[0], "__next__") or (isinstance(args[0], list) and not words):
        return next(args[0], *args[1:]) if hasattr(args[0], "__next__") else args[0].pop(0)
    if isinstance(args[0], Unknown):
        return UNKNOWN
    raise LostTrackError


def set_variable(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> None:
    """Set a variable of the environment."""
    if not isinstance(args[0], str):
        raise LostTrackError
    player.environment[args[0]] = args[1]


def read_variable(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    """A variable of the environment, where the script itself sets it."""
    return player.environment.get(args[0], UNKNOWN) if isinstance(args[0], str) else UNKNOWN


def _set_missing_variable(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if read_variable(player, args, {}) is UNKNOWN:
        set_variable(player, args, {})
    return player.environment[args[0]]


def _set_variables(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> None:
    given = dict(*args, **words) if all(map(is_plain, args)) else {None: UNKNOWN}
    for name, value in given.items():
        set_variable(player, [name, value], {})


def _remove_variable(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if read_variable(player, args, {}) is UNKNOWN:
        raise LostTrackError
    return player.environment.pop(args[0])


def _map(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if len(args) != 2 or isinstance(args[1], Unknown | Library):
        player.check_handed(args)
        return UNKNOWN
    return (player.call(args[0], [each], {}, ast.Pass()) for each in go_through(args[1]))


def _filter(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if isinstance(args[1], Unknown | Library):
        player.check_handed(args)
        return UNKNOWN
    return (
        each
        for each in go_through(args[1])
        if _is_certain(player, each if args[0] is None else player.call(args[0], [each], {}, ast.Pass()))
    )


def _is_certain(player: ObjectPlay, value: Value) -> bool:
    met = player.is_true(value)
    if met is None:
        raise LostTrackError
    return met


def _is_of_kind(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    kinds: dict[str, type] = {f"builtins.{kind.__name__}": kind for kind in (int, float, str, bool, list, dict, tuple, set)}
    wanted = args[1] if isinstance(args[1], tuple) else (args[1],)
    if not is_plain(args[0]) or not all(isinstance(each, Library) and each.name in kinds for each in wanted):
        return UNKNOWN
    return isinstance(args[0], tuple(kinds[each.name] for each in wanted))


def _count(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if not all(type(each) is int for each in args):
        return UNKNOWN
    return range(*args)


OWN_FUNCTIONS: dict[str, Callable[[ObjectPlay, list[Value], dict[str, Value]], Value]] = {
    "builtins.getattr": _read_by_name,
    "builtins.setattr": _set_by_name,
    "builtins.hasattr": _has,
    "builtins.vars": _list_attributes,
    "builtins.next": _next,
    "builtins.isinstance": _is_of_kind,
    "builtins.range": _count,
    "os.getenv": read_variable,
    "os.environ.get": read_variable,
    "os.environ.setdefault": _set_missing_variable,
    "os.environ.update": _set_variables,
    "os.environ.pop": _remove_variable,
    "collections.ChainMap": _make_chain,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "copy.copy": _copy,
    "copy.deepcopy": lambda player, args, words: copy_deep(args[0]) if is_plain(args[0]) or isinstance(args[0], PlayedObject) else UNKNOWN,
    "dataclasses.asdict": _as_table,
    "dataclasses.replace": _replace,
    "types.SimpleNamespace": _make_namespace,
    "collections.defaultdict": _make_default_table,
}
