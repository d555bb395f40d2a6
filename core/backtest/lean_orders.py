"""Backtrader's orders, made and copied without the detours of their metaclass and of `copy`; they hold the same. Imports Backtrader.

An order's fields lie in the order itself, its copy for a notification is one dictionary, and the end of its session is worked out when
an order asks for it.
"""

import datetime as dt
from typing import Any

from backtrader import num2date
from backtrader.order import BuyOrder, Order, OrderBase, OrderData, SellOrder
from backtrader.utils import AutoOrderedDict

_DEFAULTS = dict(OrderBase.params._getitems())
_TRAILING = (Order.StopTrail, Order.StopTrailLimit)
_LAST_OF_DAY = dt.time(23, 59, 59, 9999)
"""Backtrader's end of a day for an order that is good for one."""


class _LeanOrder(Order):  # type: ignore[misc]
    """An order of either side."""

    exectype: Any
    size: Any
    valid: Any
    on_open = False
    """True for a limit order that takes part in the next opening alone."""

    def __init__(self) -> None:
        self.ref = next(self.refbasis)
        self.broker = self.comminfo = None
        self.info = AutoOrderedDict()
        self.triggered = False
        self._active = self.parent is None
        self.status = Order.Created
        self.plimit = self.pricelimit
        if self.exectype is None:
            self.exectype = Order.Market
        if not self.isbuy():
            self.size = -self.size
        data = self.data
        close, self._made = data.close[0], data.datetime[0]
        price = close if not self.price and not self.pricelimit else self.price
        self.created = OrderData(
            dt=self._made, size=self.size, price=price, pricelimit=self.pricelimit, pclose=close,
            trailamount=self.trailamount, trailpercent=self.trailpercent,
        )  # fmt: skip
        self._limitoffset = 0.0
        if self.exectype in _TRAILING:
            self._limitoffset = self.created.price - self.created.pricelimit
            start = self.created.price
            self.created.price = float("inf" if self.isbuy() else "-inf")
            self.trailadjust(start)
        self.executed = OrderData(remsize=self.size)
        self.position = 0
        if self.valid is not None:
            self._set_last_moment()

    def _set_last_moment(self) -> None:
        if isinstance(self.valid, dt.date):
            self.valid = self.data.date2num(self.valid)
        elif isinstance(self.valid, dt.timedelta):
            now = self.data.datetime
            last = dt.datetime.combine(now.date(), _LAST_OF_DAY) if self.valid == self.DAY else now.datetime() + self.valid
            self.valid = self.data.date2num(last)

    @property
    def dteos(self) -> float:
        """The end of the session in which the order was made, on Backtrader's clock."""
        known = self.__dict__.get("_end_of_session")
        if known is None:
            zone = getattr(self.data.datetime, "_tz", None)
            made, session = num2date(self._made, tz=zone), self.data.p.sessionend
            end = made.replace(hour=session.hour, minute=session.minute, second=session.second, microsecond=session.microsecond)
            known = self._end_of_session = self.data.date2num(end + dt.timedelta(days=1) if end < made else end)
        return known  # type: ignore[no-any-return]

    def clone(self) -> Any:
        """A copy as it is now, with the executions since the last one marked as new."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        executed = self.executed
        executed.markpending()
        told = copy.executed = object.__new__(type(executed))
        told.__dict__.update(executed.__dict__)
        return copy


class LeanBuyOrder(_LeanOrder, BuyOrder):  # type: ignore[misc]
    """A purchase."""


class LeanSellOrder(_LeanOrder, SellOrder):  # type: ignore[misc]
    """A sale."""


LeanBuyOrder.__name__, LeanSellOrder.__name__ = "BuyOrder", "SellOrder"


def make_order(kind: type, **fields: Any) -> Any:
    """Make an order without running its metaclass: the fields, and the same ones as its parameters."""
    order: Any = object.__new__(kind)
    params: Any = object.__new__(OrderBase.params)
    params.__dict__.update(_DEFAULTS)
    params.__dict__.update(fields)
    state = order.__dict__
    state.update(_DEFAULTS)
    state.update(fields)
    state["params"] = state["p"] = params
    order.__init__()
    return order
