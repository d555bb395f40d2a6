"""Reference for the replay: the same log placed again inside a full stock Cerebro, feed, strategy and all. Slow and beyond doubt."""

from typing import Any

import backtrader as bt
import numpy as np

from core.backtest.account import configure
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.domain.backtest import BacktestPlan, Side
from core.domain.bars import Bars
from core.domain.deposits import find_deposits
from tests.stock_backtrader import learn_openings, restore_backtrader
from tests.stock_feed import make_feed

_TYPES = {
    OrderKind.MARKET: bt.Order.Market,
    OrderKind.CLOSE: bt.Order.Close,
    OrderKind.LIMIT: bt.Order.Limit,
    OrderKind.LIMIT_ON_OPEN: bt.Order.Limit,
    OrderKind.STOP: bt.Order.Stop,
    OrderKind.STOP_LIMIT: bt.Order.StopLimit,
    OrderKind.STOP_TRAIL: bt.Order.StopTrail,
    OrderKind.STOP_TRAIL_LIMIT: bt.Order.StopTrailLimit,
}


class WithinTheBar(bt.brokers.BackBroker):  # type: ignore[misc]
    """The stock broker with the one rule that differs: a sale at the open slips to the bar's low at most, not below it to its limit."""

    def _try_exec_limit(self, order: Any, popen: float, phigh: float, plow: float, plimit: float) -> None:
        super()._try_exec_limit(order, popen, phigh, plow, plimit if order.isbuy() or plimit > popen else max(plow, plimit))


class PaidInto(WithinTheBar):
    """Money comes in Backtrader's own way, `add_cash`, asked for before the bar at whose close it is there."""

    amounts: list[float]

    def next(self) -> None:
        if amount := self.amounts.pop(0):
            self.add_cash(amount)
        super().next()


class Replayer(bt.Strategy):
    """Places a log, bar by bar, and notes account and fills."""

    params = (("log", ()),)

    def __init__(self) -> None:
        self.by_cycle: dict[int, list[OrderRecord]] = {}
        for record in self.p.log:
            self.by_cycle.setdefault(record.cycle, []).append(record)
        self.placed: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.fills: list[tuple[int, int, float, float, float]] = []
        self.account: list[tuple[float, float, float]] = []

    def notify_order(self, order: Any) -> None:
        for part in order.executed.iterpending():
            self.fills.append((self.numbers[order.ref], len(self) - 1, part.size, part.price, part.closedcomm + part.openedcomm))

    def next(self) -> None:
        self.account.append((self.broker.getvalue(), self.broker.getcash(), self.position.size))
        for record in self.by_cycle.get(len(self), ()):
            if record.action is OrderAction.CANCEL:
                self.cancel(self.placed[record.target])
            else:
                self._place(record)

    def _place(self, record: OrderRecord) -> None:
        act = self.buy if record.side is Side.BUY else self.sell
        order = act(
            size=record.size, price=record.price, plimit=record.limit_price, exectype=_TYPES[record.kind], valid=record.valid,
            oco=self.placed.get(record.oco), parent=self.placed.get(record.parent), transmit=record.transmit,
            trailamount=record.trail_amount, trailpercent=record.trail_percent, on_open=record.kind is OrderKind.LIMIT_ON_OPEN,
        )  # fmt: skip
        self.placed[record.id] = order
        self.numbers[order.ref] = record.id


def stock_replay(log: list[OrderRecord], plan: BacktestPlan, bars: Bars) -> tuple[list[Any], np.ndarray, dict[int, str]]:
    """Fills, account columns (value, cash, position) of shape (n, 3), and the state of each order."""
    restore_backtrader()
    cerebro = bt.Cerebro()
    cerebro.broker = PaidInto()
    learn_openings(cerebro)
    cerebro.broker.amounts = find_deposits(bars.time, plan.deposits).tolist()
    configure(cerebro.broker, plan)
    cerebro.adddata(make_feed(bars))
    cerebro.addstrategy(Replayer, log=tuple(log))
    ran = cerebro.run()[0]
    states = {number: order.getstatusname().lower() for number, order in ran.placed.items()}
    return ran.fills, np.array(ran.account), states
