"""An account whose orders go through Backtrader's own broker, on the platform's own bars. Trusted side only. Imports Backtrader."""

from functools import cached_property
from typing import Any

import numpy as np

from core.backtest.account import configure
from core.backtest.account_book import AccountBook
from core.backtest.bar_feed_adapter import BarFeedAdapter
from core.backtest.bar_source import day_numbers
from core.backtest.faults import Deadline
from core.backtest.orders import ORDER_KINDS, OrderAction, OrderKind, OrderRecord
from core.backtest.resting import ReplayBroker
from core.domain.backtest import BacktestPlan, Side
from core.domain.bars import Bars, FloatArray

_LOOK_AHEAD = 256
"""Bars that are looked at together for the next one that concerns an order."""
_EXECUTION_TYPES = {kind: number for number, kind in enumerate(ORDER_KINDS)}
_EXECUTION_TYPES[OrderKind.LIMIT_ON_OPEN] = _EXECUTION_TYPES[OrderKind.LIMIT]
"""Backtrader's number of each execution type."""


class SimulatedAccount:
    """Orders of every kind, and bars of several instruments, played by the simulator."""

    def __init__(self, plan: BacktestPlan, bars: Bars, book: AccountBook, deadline: Deadline) -> None:
        self._feeds = tuple(BarFeedAdapter(one) for one in bars.instruments)
        self._broker = ReplayBroker()
        self._broker.several = len(self._feeds) > 1
        configure(self._broker, plan)
        self._broker.start()
        self._broker.deadline = deadline
        self._orders: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._bars = bars
        self._book = book
        book.know_feeds(self._feeds)

    @cached_property
    def _moments(self) -> FloatArray:
        """Time of each bar, by Backtrader's clock."""
        return day_numbers(self._bars.time)

    @property
    def open_orders(self) -> int:
        """Number of orders that may still fill."""
        return self._broker.open_orders

    @property
    def waiting(self) -> bool:
        """True when the next bar can change anything."""
        return bool(self._broker.open_orders or self._broker._toactivate)

    @property
    def held_back(self) -> int:
        """Orders that stock Backtrader would have executed on an old bar."""
        return len(self._broker.held_back)

    def read_states(self) -> dict[int, str]:
        """The end of each order: its number to Backtrader's status in lower case."""
        return {number: order.getstatusname().lower() for number, order in self._orders.items()}

    def find_next(self, bar: int, known: int) -> int:
        """The first of the bars from `bar` to `known - 1` that may concern an order; `known` when none does."""
        bounds = self._broker.bounds
        if bounds is None:
            return bar
        for start in range(bar, known, _LOOK_AHEAD):
            part = slice(start, min(known, start + _LOOK_AHEAD))
            opened, high, low = self._bars.open[part], self._bars.high[part], self._bars.low[part]
            quiet = (bounds.fall < low) & (low <= opened) & (opened <= high) & (high < bounds.rise) & (self._moments[part] <= bounds.date)
            if not quiet.all():
                return start + int(np.argmin(quiet))
        return known

    def play(self, bar: int) -> None:
        """Simulate one bar."""
        for feed in self._feeds:
            feed.move(bar)
        self._broker.requeue_touched_orders()
        if self._broker.waiting and not self._broker.is_untouched():
            self._broker.next()
            self._book.note_executions(bar, self._broker.take_executions(), self._numbers, self._broker)
        else:
            self._broker.note_untouched()

    def pay_in(self, bar: int, amount: float) -> None:
        """Pay into the account at a bar's close, when its orders are done."""
        self._broker.cash += amount
        self._book.note_holdings(bar, self._broker)

    def place(self, record: OrderRecord) -> None:
        """Do what the strategy did at the close of the bar that was played last. Raises ValueError when it cannot have been."""
        if record.action is OrderAction.CANCEL:
            self._broker.cancel(self._orders[record.target if record.target is not None else -1])
            return
        if self._feeds[record.data].bar < 0:
            raise ValueError(f"order {record.id} was placed before its instrument's first bar")
        act = self._broker.buy if record.side is Side.BUY else self._broker.sell
        order = act(
            owner=None,
            data=self._feeds[record.data],
            size=record.size,
            price=record.price,
            plimit=record.limit_price,
            exectype=_EXECUTION_TYPES[record.kind],
            valid=record.valid,
            tradeid=record.tradeid,
            oco=None if record.oco is None else self._orders[record.oco],
            trailamount=record.trail_amount,
            trailpercent=record.trail_percent,
            parent=None if record.parent is None else self._orders[record.parent],
            transmit=record.transmit,
            **({"on_open": True} if record.kind is OrderKind.LIMIT_ON_OPEN else {}),
        )
        self._orders[record.id] = order
        self._numbers[order.ref] = record.id
