"""Methods of Backtrader's classes that are replaced in the strategy's own process: the guard on lines and the overrides for bookkeeping.

They are put in once and stay, doing what Backtrader's own do while no strategy plays. Putting them in and out around each run is no
choice: CPython 3.13 stops noticing changes of a class after about a thousand of them, and then runs stale methods.
"""

from functools import cache
from typing import Any

from core.backtest import bulk_formulas, line_guard, line_overrides


def install_patches() -> None:
    """Replace the methods, those that are not replaced already."""
    for owner, methods in build_replacements().items():
        for name, method in methods.items():
            if owner.__dict__.get(name) is not method:
                setattr(owner, name, method)


@cache
def build_replacements() -> dict[Any, dict[str, Any]]:
    """Build the replacing methods by class, once: they call Backtrader's own, which must still be in place then."""
    found: dict[Any, dict[str, Any]] = {}
    for table in (line_overrides.build_overrides(), bulk_formulas.build_formulas(), line_guard.build_guarded_methods()):
        for owner, methods in table.items():
            found.setdefault(owner, {}).update(methods)
    return found
