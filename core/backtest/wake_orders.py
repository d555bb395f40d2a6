"""Orders that a strategy remembers, as what is asked of them: whether they are alive, and their status.

Which ones they are does not matter: a condition that was read while one order waited serves the next one as well. Imports Backtrader.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from backtrader.order import OrderBase

from core.backtest.wake_known import Thing
from core.backtest.wake_trace import Get, Origin, Trace, UnknownError


def is_plain_order(thing: Any) -> bool:
    """Check for an order that answers as Backtrader's own do."""
    return isinstance(thing, OrderBase) and type(thing).alive is OrderBase.alive and "alive" not in vars(thing)


def list_orders(things: Any) -> tuple[Any, ...]:
    """List for each thing in a list whether it is an order or nothing. Raises UnknownError for other things."""
    if type(things) not in (list, tuple) or not all(one is None or is_plain_order(one) for one in things):
        raise UnknownError
    return (type(things), *(one is None for one in things))


def take_item(get: Get, place: int) -> Any:
    """Take a thing out of the list that `get` finds. Raises UnknownError where there is none."""
    things = get()
    if type(things) not in (list, tuple) or place >= len(things):
        raise UnknownError
    return things[place]


def ask_order(trace: Trace, order: Thing, name: str) -> Thing:
    """Ask a plain order whether it is alive, or its status."""
    origin = order.origin
    if origin is None:
        trace.keep(kept := order.what)
        origin = Origin(("held", id(kept)), lambda: kept)
    else:
        trace.note(origin, is_plain_order, True)
    return Thing(_ANSWERS[name](order.what), Origin((origin.key, name), partial(_ask, origin.get, name)))


def _ask(get: Get, name: str) -> Any:
    if not is_plain_order(order := get()):
        raise UnknownError
    return _ANSWERS[name](order)


_ANSWERS: Mapping[str, Callable[[Any], Any]] = {"alive": lambda order: bool(order.alive()), "status": lambda order: order.status}
