"""Backtrader's own methods, put back for comparisons with the library as it is: the product replaces some for good."""

from textwrap import dedent
from typing import Any

from core.backtest.method_overrides import build_replacements
from core.driving.export_brokers import OPENINGS

_STOCK = {owner: {name: owner.__dict__.get(name) for name in methods} for owner, methods in build_replacements().items()}
"""Taken when tests are collected, before any strategy is played in this process."""
assert not any(_STOCK[owner][name] is method for owner, methods in build_replacements().items() for name, method in methods.items())


def restore_backtrader() -> None:
    """Put Backtrader's own methods back; the next strategy that is played replaces them again."""
    for owner, methods in _STOCK.items():
        for name, method in methods.items():
            if method is not None:
                setattr(owner, name, method)
            elif name in owner.__dict__:
                delattr(owner, name)


def learn_openings(cerebro: Any) -> None:
    """Give stock Backtrader the broker of exported programs that knows orders for the opening."""
    import backtrader

    exec(dedent(OPENINGS), {"backtrader": backtrader, "cerebro": cerebro})
