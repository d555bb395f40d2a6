"""Plays a script with plain values alone, up to its first run: what does the engine get?

Numbers, texts, tables, functions, classes and objects of the script are what they are, with all that is changed of them on the way. All
else (libraries, feeds, files, the command line) is unknown. Where something unknown decides what happens, the play ends without an
answer. No code of the script is run.
"""

import ast
import copy
from collections.abc import Sequence

from core.gate.parsed_source import ParsedCode
from core.gate.play_expressions import EndOfPlayError, ExpressionPlay, PlayedCall
from core.gate.play_generators import Managed, go_through
from core.gate.played_values import (
    UNKNOWN,
    Library,
    LoopLeftError,
    LostTrackError,
    NextRoundError,
    PlayedObject,
    ReturnedError,
    Scope,
    Unknown,
    Value,
    compute,
    is_plain,
)

_FAILING = (KeyError, IndexError, ValueError, TypeError, ZeroDivisionError, AttributeError, OverflowError, StopIteration, RuntimeError)


def play_script(source: ParsedCode) -> list[PlayedCall]:
    """The calls that give something to the engine, up to its first run, as far as they can be told with certainty."""
    return play_to_run(source)[0]


def play_to_run(source: ParsedCode) -> tuple[list[PlayedCall], frozenset[int] | None]:
    """The calls, and where the play has reached the run the lines of which it cannot be told whether they happened; None otherwise."""
    player = _Player(source)
    try:
        player.play()
    except EndOfPlayError:
        return player.calls, frozenset(player.skipped)
    except (LostTrackError, RecursionError, ReturnedError, LoopLeftError, NextRoundError, *_FAILING):
        return player.calls, None
    return player.calls, None


class _Player(ExpressionPlay):
    def __init__(self, source: ParsedCode) -> None:
        super().__init__()
        self._source = source
        self._top = Scope({"__name__": "__main__"})

    def play(self) -> None:
        self.run(self._source.tree.body, self._top)

    def run(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        for node in body:
            self.count_step()
            self.run_one(node, scope)

    def run_one(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Expr():
                self.read(node.value, scope)
            case ast.Assign():
                value = self.read(node.value, scope)
                for target in node.targets:
                    self.set(target, value, scope)
            case ast.AnnAssign():
                if node.value is not None:
                    self.set(node.target, self.read(node.value, scope), scope)
            case ast.AugAssign():
                target = copy.copy(node.target)
                target.ctx = ast.Load()
                before = self.read(target, scope)
                self.set(node.target, compute(type(node.op), before, self.read(node.value, scope), in_place=True), scope)
            case ast.FunctionDef():
                scope.set(node.name, self.make_function(node, scope))
            case ast.ClassDef():
                scope.set(node.name, self.make_class(node, scope))
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.If():
                met = self.is_true(self.read(node.test, scope))
                if met is None:
                    self._skip([*node.body, *node.orelse], scope)
                else:
                    self.run(node.body if met else node.orelse, scope)
            case ast.For():
                self._loop(node, scope)
            case ast.While():
                self._repeat(node, scope)
            case ast.Match():
                self._match(node, scope)
            case ast.With():
                self._manage(node, scope)
            case ast.Try():
                self._try(node, scope)
            case ast.Return():
                raise ReturnedError(None if node.value is None else self.read(node.value, scope))
            case ast.Break():
                raise LoopLeftError
            case ast.Continue():
                raise NextRoundError
            case ast.Global() | ast.Nonlocal():
                for name in node.names:
                    outer = scope.outer.find(name) if scope.outer is not None and isinstance(node, ast.Nonlocal) else self._top
                    scope.elsewhere[name] = outer or self._top
            case ast.Assert():
                if self.is_true(self.read(node.test, scope)) is False:
                    raise LostTrackError
            case ast.Delete():
                self._delete(node, scope)
            case ast.Pass():
                pass
            case _:
                raise LostTrackError

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            root = alias.name.partition(".")[0]
            if alias.name == "*" and not module.startswith("backtrader"):
                raise LostTrackError
            if alias.name != "*":
                scope.set(alias.asname or root, Library(f"{module}{alias.name if module or alias.asname else root}"))

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            owner = self.read(target.value, scope) if isinstance(target, ast.Subscript) else None
            if isinstance(target, ast.Name):
                scope.names.pop(target.id, None)
            elif isinstance(target, ast.Subscript) and owner is not None and is_plain(owner):
                del owner[self.read(target.slice, scope)]
            else:
                raise LostTrackError

    def _match(self, node: ast.Match, scope: Scope) -> None:
        subject = self.read(node.subject, scope)
        for place, case in enumerate(node.cases):
            met = self._fits(case.pattern, subject, scope)
            met = self.is_true(self.read(case.guard, scope)) if met and case.guard is not None else met
            if met is None:
                self._skip(node.cases[place:], scope)
                return
            if met:
                self.run(case.body, scope)
                return

    def _fits(self, pattern: ast.pattern, subject: Value, scope: Scope) -> bool | None:
        match pattern:
            case ast.MatchAs():
                met = True if pattern.pattern is None else self._fits(pattern.pattern, subject, scope)
                if met and pattern.name is not None:
                    scope.set(pattern.name, subject)
                return met
            case ast.MatchOr():
                found = [self._fits(each, subject, scope) for each in pattern.patterns]
                return True if True in found else None if None in found else False
            case ast.MatchValue():
                return self.is_true(compute(ast.Eq, subject, self.read(pattern.value, scope)))
            case ast.MatchSingleton() if is_plain(subject):
                return subject is pattern.value
            case _:
                raise LostTrackError

    def _repeat(self, node: ast.While, scope: Scope) -> None:
        while (met := self.is_true(self.read(node.test, scope))) is not False:
            if met is None:
                self._skip(node.body, scope)
                return
            if not self._go_round(node.body, scope):
                return
        self.run(node.orelse, scope)

    def _loop(self, node: ast.For, scope: Scope) -> None:
        rounds = self.read(node.iter, scope)
        if isinstance(rounds, Unknown | Library):
            self._skip(node.body, scope)
            self.set(node.target, UNKNOWN, scope)
            return
        for each in go_through(rounds):
            self.set(node.target, each, scope)
            if not self._go_round(node.body, scope):
                return
        self.run(node.orelse, scope)

    def _go_round(self, body: Sequence[ast.stmt], scope: Scope) -> bool:
        try:
            self.run(body, scope)
        except LoopLeftError:
            return False
        except NextRoundError:
            return True
        return True

    def _manage(self, node: ast.With, scope: Scope) -> None:
        managers: list[PlayedObject | Managed] = []
        for item in node.items:
            manager = self.read(item.context_expr, scope)
            given: Value = UNKNOWN
            if isinstance(manager, Managed):
                given = next(manager.steps)
            elif isinstance(manager, PlayedObject):
                given = self.call(self.get_attribute(manager, "__enter__"), [], {}, node)
            managers += [manager] if isinstance(manager, PlayedObject | Managed) else []
            if item.optional_vars is not None:
                self.set(item.optional_vars, given, scope)
        try:
            self.run(node.body, scope)
        except (ReturnedError, LoopLeftError, NextRoundError):
            self._leave(managers, node)
            raise
        self._leave(managers, node)

    def _leave(self, managers: Sequence[PlayedObject | Managed], node: ast.With) -> None:
        for manager in reversed(managers):
            if isinstance(manager, PlayedObject):
                self.call(self.get_attribute(manager, "__exit__"), [None, None, None], {}, node)
            elif next(manager.steps, Managed) is not Managed:
                raise LostTrackError

    def _try(self, node: ast.Try, scope: Scope) -> None:
        caught = [part for handler in node.handlers for part in handler.body]
        plain = all(isinstance(part, ast.Import | ast.ImportFrom) for part in node.body)
        self.check_without_effect(caught, scope)
        if not plain and any(isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) for each in caught for part in ast.walk(each)):
            raise LostTrackError  # what a name is depends on whether the library fails
        self._trying += bool(caught)
        try:
            self.run([*node.body, *node.orelse], scope)
        except (ReturnedError, LoopLeftError, NextRoundError):
            self.run(node.finalbody, scope)
            raise
        self._trying -= bool(caught)
        for each in caught:
            self._forget(each, scope)
        if plain:
            for each in node.body:
                self._forget(each, scope)
        self.run(node.finalbody, scope)

    def _skip(self, body: Sequence[ast.AST], scope: Scope) -> None:
        """Statements of which nobody can tell whether they run: they must change nothing but names, which are unknown behind them."""
        self.check_without_effect(body, scope)
        for node in body:
            self._forget(node, scope)

    def _forget(self, node: ast.AST, scope: Scope) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                scope.set(part.id, UNKNOWN)
            elif isinstance(part, ast.MatchAs) and part.name:
                scope.set(part.name, UNKNOWN)
            elif isinstance(part, ast.alias):
                scope.set(part.asname or part.name.partition(".")[0], UNKNOWN)
