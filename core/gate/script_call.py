"""One call that a script makes, as far as it can be read without running it."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """One call of a method or a function by the script, with its arguments in terms of top-level names."""

    name: str
    """Last part of what is called: `addstrategy`."""
    line: int
    args: tuple[ast.expr, ...]
    keywords: tuple[ast.keyword, ...]
    conditions: tuple[ast.expr, ...] = ()
    """Conditions that must hold for the call to happen."""
    inside: str = ""
    """Dotted name of what is called, with imports resolved."""
    engine: tuple[int, int] | None = None
    """Place where the engine was made of which something is asked; None where that is not plain."""
