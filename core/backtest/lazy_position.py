"""Backtrader's position, with what the simulator writes down on every bar worked out when somebody asks. Imports Backtrader."""

import datetime as dt
from collections.abc import Callable

from backtrader import num2date
from backtrader.position import Position as StockPosition

from core.backtest.positions import combine

_HELD = frozenset(("size", "price"))


class LazyPosition(StockPosition):  # type: ignore[misc]
    """A position whose date and base are worked out when somebody asks: the simulator sets them on every bar."""

    size: float
    price: float
    _moment: float | dt.datetime | None
    _base: float | None
    settle: Callable[[], None] | None = None
    """Values the account, which is behind, so that what is kept here is that of this bar."""

    @property
    def datetime(self) -> dt.datetime | None:
        """Time of the last bar on which the position was valued, or of its last change."""
        if self.settle is not None:
            self.settle()
        return num2date(self._moment) if isinstance(self._moment, float) else self._moment

    @datetime.setter
    def datetime(self, moment: dt.datetime | None) -> None:
        self._moment = moment

    @property
    def adjbase(self) -> float | None:
        """Close of the last bar on which the position was valued, or price of its last change."""
        if self.settle is not None:
            self.settle()
        return self._base

    @adjbase.setter
    def adjbase(self, base: float | None) -> None:
        self._base = base

    def __setattr__(self, name: str, value: object) -> None:
        """Change a part: whoever changes what is held changes no value of this bar, which the simulator has taken before."""
        if self.settle is not None and name in _HELD:
            self.settle()
        object.__setattr__(self, name, value)

    def note_value(self, moment: float, base: float) -> None:
        """Keep the bar on which the position was valued, by Backtrader's clock, and its close."""
        self.__dict__.update(_moment=moment, _base=base)

    def add(self, size: float, price: float, moment: float) -> None:
        """Change the position as `update` does; its time is worked out when somebody asks."""
        held, before = self.__dict__, self.price
        held["size"], held["price"], held["upopened"], held["upclosed"] = combine(self.size, before, size, price)
        held["price_orig"], held["_moment"] = before, moment
