"""Generators of a script that is played: they go on where they stopped, each time something is asked of them."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.gate.played_values import LoopLeftError, LostTrackError, NextRoundError, ReturnedError, Scope, Value, is_plain

if TYPE_CHECKING:
    from core.gate.play_objects import ObjectPlay

_NOT_ENTERED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Managed:
    """The result of a function marked with `contextmanager`: its body up to the `yield`, and the rest behind the block."""

    steps: Iterator[Value]


def gives_one_by_one(body: Sequence[ast.AST]) -> bool:
    """True for statements that yield, those of inner functions aside."""
    return any(
        isinstance(node, ast.Yield | ast.YieldFrom)
        or (not isinstance(node, _NOT_ENTERED) and gives_one_by_one([*ast.iter_child_nodes(node)]))
        for node in body
    )


def go_through(value: Value) -> Iterator[Value]:
    """Go through a table or what gives its elements one by one; nothing can be told of anything else."""
    if not is_plain(value) and not hasattr(value, "__next__"):
        raise LostTrackError
    yield from value


def play_generator(player: "ObjectPlay", body: Sequence[ast.stmt], scope: Scope) -> Iterator[Value]:
    """Values that a function yields, one by one."""
    try:
        yield from _step(player, body, scope)
    except ReturnedError:
        return


def _step(player: "ObjectPlay", body: Sequence[ast.stmt], scope: Scope) -> Iterator[Value]:
    for node in body:
        if not gives_one_by_one([node]):
            player.run([node], scope)
            continue
        player.count_step()
        match node:
            case ast.Expr(value=ast.Yield(value=value)):
                yield None if value is None else player.read(value, scope)
            case ast.Expr(value=ast.YieldFrom(value=value)):
                yield from go_through(player.read(value, scope))
            case ast.If():
                yield from _step(player, node.body if _decide(player, node.test, scope) else node.orelse, scope)
            case ast.While() | ast.For():
                yield from _go_round(player, node, scope)
            case ast.Try(handlers=[]):
                yield from _step(player, node.body, scope)
                yield from _step(player, node.finalbody, scope)
            case _:
                raise LostTrackError


def _go_round(player: "ObjectPlay", node: ast.While | ast.For, scope: Scope) -> Iterator[Value]:
    rounds = go_through(player.read(node.iter, scope)) if isinstance(node, ast.For) else _repeat(player, node.test, scope)
    for each in rounds:
        if isinstance(node, ast.For):
            player.set(node.target, each, scope)
        try:
            yield from _step(player, node.body, scope)
        except LoopLeftError:
            return
        except NextRoundError:
            continue
    yield from _step(player, node.orelse, scope)


def _repeat(player: "ObjectPlay", test: ast.expr, scope: Scope) -> Iterator[Value]:
    while _decide(player, test, scope):
        yield None


def _decide(player: "ObjectPlay", test: ast.expr, scope: Scope) -> bool:
    met = player.is_true(player.read(test, scope))
    if met is None:
        raise LostTrackError
    return met
