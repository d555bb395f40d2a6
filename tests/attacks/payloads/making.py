"""How payload texts are put together: most attacks are a few lines in one of a strategy's methods."""

from collections.abc import Iterator
from textwrap import indent

from tests.attacks.arena import Payload

BUY_ONCE = "if len(self) == 5: self.buy(size=10)"
"""What every forging strategy really orders: the same as the honest one."""


def strategy(*, top: str = "", init: str = "pass", each: str = "pass", stop: str = "pass") -> str:
    """A strategy with the given lines at the top of the module, in __init__, next and stop."""
    return (
        "import backtrader as bt\n"
        f"{top}\n\n"
        "class Attack(bt.Strategy):\n"
        f"    def __init__(self):\n{indent(init, ' ' * 8)}\n"
        f"    def next(self):\n{indent(each, ' ' * 8)}\n"
        f"    def stop(self):\n{indent(stop, ' ' * 8)}\n"
    )


def at_stop(category: str, expect: str, attacks: dict[str, str]) -> Iterator[Payload]:
    """Payloads that act when the run is over; the keys say what each tries."""
    for number, (note, lines) in enumerate(attacks.items(), 1):
        yield Payload(f"{category}-{number:02}", category, strategy(stop=lines), expect, note)


def in_parts(category: str, expect: str, attacks: dict[str, dict[str, str]]) -> Iterator[Payload]:
    """Payloads that act elsewhere: each value names the parts of `strategy`."""
    for number, (note, parts) in enumerate(attacks.items(), 1):
        yield Payload(f"{category}-{number:02}", category, strategy(**parts), expect, note)
