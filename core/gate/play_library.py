"""Functions of Python and its library that a played script may ask about its own objects."""

import ast
import copy
from collections import defaultdict
from collections.abc import Callable
from typing import Any

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


def _next(player: ObjectPlay, args: list[Value], words: dict[str, Value]) -> Value:
    if hasattr(args[0], "__next__") or (isinstance(args[0], list) and not words):
        return next(args[0], *args[1:]) if hasattr(args[0], "__next__") else args[0].pop(0)
    if isinstance(args[0], Unknown):
        return UNKNOWN
    raise LostTrackError


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
    "copy.copy": _copy,
    "copy.deepcopy": lambda player, args, words: copy_deep(args[0]) if is_plain(args[0]) or isinstance(args[0], PlayedObject) else UNKNOWN,
    "dataclasses.asdict": _as_table,
    "dataclasses.replace": _replace,
    "types.SimpleNamespace": _make_namespace,
    "collections.defaultdict": _make_default_table,
}
