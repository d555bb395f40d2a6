"""Methods of Backtrader's classes that are replaced in the strategy's own process: the guard on lines and the overrides for bookkeeping.

They are put in once and stay, doing what Backtrader's own do while no strategy plays. Putting them in and out around each run is no
choice: CPython 3.13 stops noticing changes of a class after about a thousand of them, and then runs stale methods.
"""

from typing import Any

from core.backtest import line_guard, line_overrides

_Methods = dict[Any, dict[str, Any]]

_originals: _Methods = {}
_replacements: _Methods = {}
_installed = False


def install_patches() -> None:
    """Replace the methods, if they are not replaced already."""
    global _installed
    if _installed:
        return
    if not _replacements:
        _prepare()
    _put(_replacements)
    _installed = True


def remove_patches() -> None:
    """Put Backtrader's own methods back: for comparisons with the library as it is."""
    global _installed
    if _installed:
        _put(_originals)
        _installed = False


def _prepare() -> None:
    for table in (line_overrides.build_overrides(), line_guard.build_guarded_methods()):
        for owner, methods in table.items():
            _replacements.setdefault(owner, {}).update(methods)
    for owner, methods in _replacements.items():
        _originals[owner] = {name: owner.__dict__[name] for name in methods}


def _put(table: _Methods) -> None:
    for owner, methods in table.items():
        for name, method in methods.items():
            setattr(owner, name, method)
