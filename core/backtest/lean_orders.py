"""Backtrader's orders, made and copied without the detours of their metaclass and of `copy`; they hold the same. Imports Backtrader.

What differs from the default lies in the order itself, its copy for a notification is one dictionary, and the end of its session is worked
out when an order asks for it. A strategy keeps all of its orders, and a copy for each notification: their dictionaries share their keys.
"""

import datetime as dt
from collections import deque
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

    data: Any
    exectype: Any
    parent: Any
    price: Any
    pricelimit: Any
    size: Any
    trailamount: Any
    trailpercent: Any
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
        self.created = _make_data(self._made, self.size, price, self.pricelimit, pclose=close, trails=(self.trailamount, self.trailpercent))
        self._limitoffset = 0.0
        if self.exectype in _TRAILING:
            self._limitoffset = self.created.price - self.created.pricelimit
            start = self.created.price
            self.created.price = float("inf" if self.isbuy() else "-inf")
            self.trailadjust(start)
        self.executed = _make_data(None, 0, 0.0, 0.0, remsize=self.size)
        self.executed.exbits = deque()
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
        copy.__dict__ = self.__dict__.copy()
        executed = self.executed
        executed.markpending()
        told = copy.executed = object.__new__(type(executed))
        told.__dict__ = executed.__dict__.copy()
        return copy


class LeanBuyOrder(_LeanOrder, BuyOrder):  # type: ignore[misc]
    """A purchase."""


class LeanSellOrder(_LeanOrder, SellOrder):  # type: ignore[misc]
    """A sale."""


LeanBuyOrder.__name__, LeanSellOrder.__name__ = "BuyOrder", "SellOrder"


for _name, _value in _DEFAULTS.items():
    setattr(_LeanOrder, _name, _value)
_NO_EXECUTIONS: deque[Any] = deque()
"""Of what is asked for nothing is executed: that has its own."""
_DATA: dict[str, Any] = OrderData().__dict__


def _make_data(
    moment: Any, size: Any, price: Any, limit: Any, *, remsize: Any = 0, pclose: Any = 0.0, trails: tuple[Any, Any] = (0.0, 0.0)
) -> Any:
    """Make the data of an order as its class does."""
    data = object.__new__(OrderData)
    data.__dict__ = said = _DATA.copy()
    said["pclose"], said["exbits"], said["dt"], said["size"], said["remsize"] = pclose, _NO_EXECUTIONS, moment, size, remsize
    said["price"], said["pricelimit"], said["_plimit"] = limit if limit and not price else price, limit or price, limit
    said["trailamount"], said["trailpercent"] = trails
    return data


def _make_params() -> Any:
    params: Any = object.__new__(OrderBase.params)
    for name, value in _DEFAULTS.items():
        setattr(params, name, value)
    return params


_PARAMS: dict[str, Any] = _make_params().__dict__


def make_order(kind: type, **fields: Any) -> Any:
    """Make an order without running its metaclass: the fields, and the same ones as its parameters."""
    order: Any = object.__new__(kind)
    params: Any = object.__new__(OrderBase.params)
    params.__dict__ = said = _PARAMS.copy()
    said.update(fields)
    for name, value in fields.items():
        if value is not _DEFAULTS[name]:
            setattr(order, name, value)
    order.params = order.p = params
    order.__init__()
    return order
