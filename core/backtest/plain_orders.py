"""The account of an order log that is plain: market, limit and stop orders, in groups and brackets too, each with a last moment or none.

Most strategies place nothing else. What is not plain is played by the simulator. No Backtrader here.
"""

import math
from collections import deque
from functools import cached_property

import numpy as np

from core.backtest.account_book import AccountBook
from core.backtest.bar_source import day_numbers
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.backtest.plain_broker import LIMIT, MARKET, NEVER, STOP, NotPlainError, PlainBroker, PlainMarket, PlainOrder
from core.domain.backtest import BacktestPlan, Side
from core.domain.bars import Bars, FloatArray

MOST_OPEN = 64
"""Open orders above which the simulator is faster: it does not walk through those that a bar cannot reach."""
_KINDS = {OrderKind.MARKET: MARKET, OrderKind.LIMIT: LIMIT, OrderKind.LIMIT_ON_OPEN: LIMIT, OrderKind.STOP: STOP}


def is_plain_market(record: OrderRecord) -> bool:
    """True for a market order that belongs to no group and no bracket."""
    return (
        record.kind is OrderKind.MARKET
        and record.action is OrderAction.PLACE
        and record.parent is None
        and record.oco is None
        and record.transmit
    )


def allows_plain_orders(bars: Bars) -> bool:
    """True where the next bar is all that an order waits for: one instrument, with a bar at each moment."""
    return not bars.others and bars.present is None


class PlainAccount:
    """The account of plain orders, bar by bar, as they become known."""

    def __init__(self, plan: BacktestPlan, bars: Bars, book: AccountBook) -> None:
        self._bars = bars
        self._market = PlainMarket(bars)
        self._broker = PlainBroker(plan, self._market, book)
        self._orders: dict[int, PlainOrder] = {}

    @cached_property
    def _moments(self) -> FloatArray:
        """Time of each bar, by Backtrader's clock."""
        return day_numbers(self._bars.time)

    @property
    def held_back(self) -> int:
        """None: each instrument has a bar at each moment."""
        return 0

    @property
    def open_orders(self) -> int:
        """Number of orders that may still fill."""
        return self._broker.open_orders

    @property
    def waiting(self) -> bool:
        """True when a later bar can change anything."""
        return self._broker.open_orders > 0

    def read_states(self) -> dict[int, str]:
        """The end of each order: its number to Backtrader's status in lower case."""
        return {number: PlainOrder.NAMES[order.status] for number, order in self._orders.items()}

    def find_next(self, bar: int, known: int) -> int:
        """The first of the bars from `bar` to `known - 1` that may concern an order; `known` when none does."""
        return min(known, self._broker.find_turn())

    def play(self, bar: int) -> None:
        """Open and execute what this bar concerns. Raises NotPlainError."""
        due = self._broker.find_turn() <= bar
        self._broker.bar = bar
        if due:
            self._broker.take_turn()
            self._broker.executions.clear()

    def pay_in(self, bar: int, amount: float) -> None:
        """Pay into the account at a bar's close, when its orders are done."""
        self._broker.pay_in(amount)

    def place(self, record: OrderRecord) -> None:
        """Do what the strategy did at the close of the bar that was played last. Raises NotPlainError."""
        if record.action is OrderAction.CANCEL:
            self._broker.take_back(self._orders[record.target if record.target is not None else -1])
            return
        if self._broker.open_orders > MOST_OPEN:
            raise NotPlainError("a crowd of orders")
        order = self._orders[record.id] = self._make_order(record)
        if record.oco is not None:
            self._broker.join(order, self._orders[record.oco])
        if record.parent is not None:
            self._send_family(order, self._orders[record.parent], last=record.transmit)
        elif record.transmit:
            self._broker.submit(order)
        else:
            order.family = deque([order])

    def _make_order(self, record: OrderRecord) -> PlainOrder:
        if record.kind not in _KINDS:
            raise NotPlainError(f"an order of the kind {record.kind}")
        price = record.price or record.limit_price or self._market.closes[record.cycle - 1]
        if not math.isfinite(price):
            raise NotPlainError(f"an order at {price}")
        size = record.size if record.side is Side.BUY else -record.size
        order = PlainOrder(record.id, size, _KINDS[record.kind], price, record.kind is OrderKind.LIMIT_ON_OPEN)
        order.expires = int(np.searchsorted(self._moments, record.valid, side="right")) if record.valid else NEVER
        return order

    def _send_family(self, order: PlainOrder, parent: PlainOrder, *, last: bool) -> None:
        """Put an order into the bracket of its parent, and send the bracket off with its `last` order."""
        if parent.parent is not None or parent.status != PlainOrder.Created or parent.family is None:
            raise NotPlainError("a bracket whose parent was sent off before")
        order.active, order.parent, order.family = False, parent, parent.family
        parent.family.append(order)
        if last:
            for one in parent.family:
                self._broker.submit(one)
