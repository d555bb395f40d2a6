"""The methods of a proved program as a class of its own, and `next()` divided: what follows from columns alone, and the rest.

Imports Backtrader on use.
"""

import ast
import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from core.backtest.direct_strategy import DirectStrategy
from core.backtest.program_shape import ProgramShape, UnknownProgramError, list_attributes
from core.backtest.program_text import Number
from core.backtest.strategy_module import FILENAME

_MOST_SIGNALS = 16


class DirectProgram:
    """A program's methods without Backtrader's strategy, for any numbers."""

    def __init__(self, shape: ProgramShape) -> None:
        """Raises UnknownProgramError."""
        self._shape = shape
        body = [one for one in shape.methods["next"].body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
        self._ready, body = _split_ready(body, shape)
        self.pure = _find_pure(body, shape)
        """Local names that follow from columns alone, in their order."""
        self.statements = [one for one in body if not _defines(one, self.pure)]
        """The rest of `next()`."""
        loaded = {inner.id for one in self.statements for inner in ast.walk(one) if isinstance(inner, ast.Name)}
        named = [name for name in self.pure if name in loaded]
        self.signals = tuple(name for name in named if _is_truth(self.pure[name], self.pure))
        """Those that the rest reads, and that are truths."""
        self.others = frozenset(named) - set(self.signals)
        """Those that it reads, and that are numbers."""
        if len(self.signals) > _MOST_SIGNALS:
            raise UnknownProgramError("too many signals")
        self._body = body
        self.kind = self._compile()
        self._steppers: dict[str, Callable[[Any], Any]] = {}

    def count_ready(self, numbers: Mapping[str, Number]) -> int:
        """Count the bars after the warm-up that `next()` leaves at once."""
        if self._ready is None:
            return 0
        count = self._ready(SimpleNamespace(p=SimpleNamespace(**numbers)))
        if type(count) is not int or count < 0:
            raise UnknownProgramError("the bars to look back on are no number")
        return count

    def find_stepper(self, name: str) -> Callable[[Any], Any]:
        """Find the function that computes a local name on the present bar of a strategy."""
        found = self._steppers.get(name)
        if found is None:
            found = self._steppers[name] = self._exec([_define("step", self._list_steps(self._body, name))])["step"]
        return found

    def _compile(self) -> type[DirectStrategy]:
        shape = self._shape
        made = _define("set_up", list(shape.setup))
        kind: Any = ast.parse("class Direct(DirectStrategy):\n    pass").body[0]
        kind.body = [*(method for name, method in shape.methods.items() if name != "next"), _define("next", self._body), made]
        direct: type[DirectStrategy] = self._exec([kind])["Direct"]
        return direct

    def _exec(self, body: list[ast.stmt]) -> dict[str, Any]:
        import backtrader

        names: dict[str, Any] = {"DirectStrategy": DirectStrategy, "__name__": "strategy", "math": math, "bt": backtrader}
        exec(compile(ast.Module(body=[*self._shape.helpers, *body], type_ignores=[]), FILENAME, "exec"), names)
        return names

    def _list_steps(self, body: list[ast.stmt], name: str) -> list[ast.stmt]:
        """The statements that compute one local name."""
        needed, taken = {name}, list[ast.stmt]()
        for one in reversed(body):
            if _defines(one, self.pure) and one.targets[0].id in needed:  # type: ignore[attr-defined]
                needed |= {inner.id for inner in ast.walk(one) if isinstance(inner, ast.Name)}
                taken.append(one)
        return [*reversed(taken), *ast.parse(f"return {name}").body]


def _define(name: str, body: list[ast.stmt]) -> ast.FunctionDef:
    made = ast.parse(f"def {name}(self):\n    pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    made.body = body or made.body
    return made


def _split_ready(body: list[ast.stmt], shape: ProgramShape) -> tuple[Callable[[Any], Any] | None, list[ast.stmt]]:
    """Take off the statements that leave `next()` on the first bars; gives what counts these bars, and the rest."""
    if len(body) < 2 or ast.unparse(body[0]) != "self.ready += 1" or "ready" not in shape.memory:
        return None, body
    guard, others = body[1], [*body[2:], *(one for name, one in shape.methods.items() if name != "next")]
    test = guard.test if isinstance(guard, ast.If) and not guard.orelse and list(map(ast.unparse, guard.body)) == ["return"] else None
    if (
        not isinstance(test, ast.Compare)
        or not isinstance(test.ops[0], ast.LtE)
        or ast.unparse(test.left) != "self.ready"
        or len(test.ops) != 1
    ):
        return None, body
    if any("ready" in list_attributes(one) for one in others) or [ast.unparse(one) for one in shape.setup].count("self.ready = 0") != 1:
        return None, body
    if set(list_attributes(test.comparators[0])) - {"p"}:
        return None, body
    counted: Callable[[Any], Any] = eval(compile(ast.Expression(_to_lambda(test.comparators[0])), FILENAME, "eval"), {"math": math})
    return counted, body[2:]


def _to_lambda(expression: ast.expr) -> ast.Lambda:
    made = ast.parse("lambda self: 0", mode="eval").body
    assert isinstance(made, ast.Lambda)
    made.body = expression
    return made


def _find_pure(body: list[ast.stmt], shape: ProgramShape) -> dict[str, ast.expr]:
    """Find the local names that are set once, at the top, from columns, `params` and each other alone."""
    stored = [inner.id for one in body for inner in ast.walk(one) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)]
    readable = {"data", "p"} | shape.indicators.keys()
    pure: dict[str, ast.expr] = {}
    for one in body:
        if any(isinstance(inner, ast.Return) for inner in ast.walk(one)):
            break
        if not isinstance(one, ast.Assign) or len(one.targets) != 1 or not isinstance(one.targets[0], ast.Name):
            continue
        inner_stores = {inner.id for inner in ast.walk(one.value) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
        names = {inner.id for inner in ast.walk(one.value) if isinstance(inner, ast.Name)} - inner_stores
        if stored.count(one.targets[0].id) != 1 or set(list_attributes(one.value)) - readable or names & (set(stored) - pure.keys()):
            continue
        pure[one.targets[0].id] = one.value
    return pure


def _defines(one: ast.stmt, pure: Mapping[str, ast.expr]) -> bool:
    return isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and pure.get(one.targets[0].id) is one.value


def _is_truth(expression: ast.expr, pure: Mapping[str, ast.expr]) -> bool:
    """Check that an expression can be nothing but True or False."""
    if isinstance(expression, ast.Constant):
        return isinstance(expression.value, bool)
    if isinstance(expression, ast.Name):
        return expression.id in pure and _is_truth(pure[expression.id], pure)
    if isinstance(expression, ast.BoolOp):
        return all(_is_truth(one, pure) for one in expression.values)
    if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.Not):
        return True
    if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name):
        return expression.func.id in ("all", "any", "bool")
    return isinstance(expression, ast.Compare)
