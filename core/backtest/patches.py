"""Methods of Backtrader's classes that are replaced in the strategy's own process: the guard on lines and the leaner bookkeeping.

They are put in once and stay, doing what Backtrader's own do while no strategy plays. Putting them in and out around each run is no
choice: CPython 3.13 stops noticing changes of a class after about a thousand of them, and then runs stale methods.
"""

from typing import Any

_Methods = dict[Any, dict[str, Any]]

_stock: _Methods = {}
_ours: _Methods = {}
_installed = False


def install() -> None:
    """Replace the methods, if they are not replaced already."""
    global _installed
    if _installed:
        return
    if not _ours:
        _prepare()
    _put(_ours)
    _installed = True


def stock() -> None:
    """Put Backtrader's own methods back: for comparisons with the library as it is."""
    global _installed
    if _installed:
        _put(_stock)
        _installed = False


def _prepare() -> None:
    from core.backtest import lean, lines

    for table in (lean.replacements(), lines.replacements()):
        for owner, methods in table.items():
            _ours.setdefault(owner, {}).update(methods)
    for owner, methods in _ours.items():
        _stock[owner] = {name: owner.__dict__[name] for name in methods}


def _put(table: _Methods) -> None:
    for owner, methods in table.items():
        for name, method in methods.items():
            setattr(owner, name, method)
