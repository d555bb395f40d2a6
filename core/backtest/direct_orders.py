"""The account of a proved program: plain orders, placed by the program itself as it goes on. No Backtrader here."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.backtest.account_book import AccountBook
from core.backtest.orders import LARGEST_SIZE, OrderAction, OrderRecord, find_order_kind
from core.backtest.plain_broker import LIMIT, MARKET, STOP, NotPlainError, PlainBroker, PlainMarket, PlainOrder
from core.domain.backtest import BacktestPlan, Side
from core.domain.bars import Bars


class DirectBroker(PlainBroker):
    """Orders and account of a program. The bars go by outside: `bar` is the present one."""

    def __init__(self, plan: BacktestPlan, bars: Bars, market: PlainMarket) -> None:
        super().__init__(plan, market, AccountBook(plan, bars))
        self.records: list[OrderRecord] = []
        self.placed: list[PlainOrder] = []

    # ------------------------------------------------------------------ what a program asks

    def getvalue(self) -> float:
        """Value of the account at the close of this bar."""
        size, price = self.position.size, self.position.price
        close = self._market.closes[self.bar]
        value, gain = size * close, size * (close - price)
        if value > 0:
            unlevered = 0.0 + (value - gain) / self._plan.leverage
            unlevered += gain
        else:
            unlevered = 0.0 + value
        worth: float = self._cash + unlevered
        return worth

    def getcash(self) -> float:
        """Cash."""
        return self._cash

    def getcommissioninfo(self, data: Any) -> "DirectBroker":
        """The costs, as far as a program asks for them."""
        return self

    def get_leverage(self) -> float:
        """Leverage of the account."""
        return self._plan.leverage

    # ------------------------------------------------------------------ what a program does

    def place(self, side: Side, size: Any, price: Any, exectype: Any, oco: PlainOrder | None, on_open: bool = False) -> PlainOrder:
        """Take an order at the close of this bar; with `on_open` a limit for the next opening alone. Raises NotPlainError."""
        kind = MARKET if exectype is None else exectype
        asked = None if price is None else float(price)
        if kind not in (MARKET, LIMIT, STOP) or type(size) not in (int, float) or not 0 < size <= LARGEST_SIZE:
            raise NotPlainError(f"an order of {size} units")
        if asked is not None and not math.isfinite(asked):
            raise NotPlainError(f"an order at {asked}")
        if on_open and kind != LIMIT:
            raise NotPlainError("another order for the opening")
        number = self._count_record()
        signed = size if side is Side.BUY else -size
        order = PlainOrder(number, signed, kind, asked or self._market.closes[self.bar], bool(on_open))
        if oco is not None:
            self.join(order, oco)
        said: dict[str, Any] = {"id": number, "cycle": self.bar + 1, "size": abs(float(size))}
        if side is Side.SELL:
            said["side"] = side
        if kind:
            said["kind"] = find_order_kind(kind, on_open=order.on_open)
        if asked is not None:
            said["price"] = asked
        if oco is not None:
            said["oco"] = oco.ref
        self.records.append(OrderRecord(**said))
        self.placed.append(order)
        self.submit(order)
        return order

    def cancel(self, order: PlainOrder) -> None:
        """Take back an order; one that was placed on this very bar is not in the market yet, and stays."""
        number = self._count_record()
        self.records.append(OrderRecord(id=number, cycle=self.bar + 1, action=OrderAction.CANCEL, target=order.ref))
        self.take_back(order)

    def _count_record(self) -> int:
        number = len(self.records)
        if number >= self._plan.limits.orders:
            raise NotPlainError("too many orders")
        return number

    def read_states(self) -> dict[int, str]:
        """The end of each order: its number to Backtrader's status in lower case."""
        return {order.ref: PlainOrder.NAMES[order.status] for order in self.placed}


def find_bars_in_order(bars: Bars) -> bool:
    """Check that each bar is later than the one before it, and that all prices are numbers."""
    columns: Sequence[Any] = (bars.open, bars.high, bars.low, bars.close)
    return bool(np.all(np.diff(bars.time.astype(np.int64)) > 0)) and all(bool(np.all(np.isfinite(one))) for one in columns)
