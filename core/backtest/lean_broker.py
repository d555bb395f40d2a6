"""Backtrader's simulator without its detours, for plain accounts: the same orders, cash and positions, to the last bit. Imports Backtrader.

Plain is an account with one scheme of costs for all instruments, without interest, margins, fillers or cheating. Any other one is
simulated by Backtrader's own code, and so is all that orders of other kinds than market orders have to themselves.
"""

from collections import defaultdict
from typing import Any

from backtrader import CommInfoBase, Order
from backtrader.brokers import BackBroker

from core.backtest.lazy_position import LazyPosition
from core.backtest.positions import combine

_OWN_WAYS = ("getvaluesize", "profitandloss", "cashadjust", "get_leverage", "get_credit_interest", "confirmexec", "getcommission")
"""Methods of a scheme of costs whose stock arithmetic is written out below; `_getcommission` may be anybody's."""


class LeanBroker(BackBroker):  # type: ignore[misc]
    """A BackBroker that walks a bar's orders without a detour while the account is plain."""

    cash: float
    _plain: Any = None
    """The scheme of costs, when its arithmetic is the stock one."""
    _walking = False

    def init(self) -> None:
        """Empty books, as the simulator makes them."""
        super().init()
        self.positions: dict[Any, Any] = defaultdict(LazyPosition)

    def start(self) -> None:
        """Called when the account is set up."""
        super().start()
        scheme = self.comminfo.get(None)
        self._plain = scheme if scheme is not None and _is_plain_scheme(scheme) else None

    def next(self) -> None:
        """Simulate one bar."""
        if not self._is_plain():
            super().next()
            return
        self._walking = True
        try:
            while self._toactivate:
                self._toactivate.popleft().activate()
            if self.submitted:
                self._check_submitted()
            self.cash -= 0.0
            self._walk_queue()
        finally:
            self._walking = False
        self._close_bar()

    def _is_plain(self) -> bool:
        scheme, rules = self._plain, self.p
        return (
            scheme is not None
            and len(self.comminfo) == 1
            and self.comminfo.get(None) is scheme
            and not scheme._creditrate
            and rules.checksubmit
            and rules.shortcash
            and rules.filler is None
            and not (rules.coc or rules.coo or self._userhist or self._fundhist or self._cash_addition)
        )

    def _check_submitted(self) -> None:
        """Open the orders that the cash would pay for at the prices they were placed at, in their order; refuse the others."""
        cash, held = self.cash, dict[Any, float]()
        while self.submitted:
            order = self.submitted.popleft()
            if self._take_children(order) is None:
                continue
            data, price = order.data, order.created.price
            before = held[data] if data in held else self.positions[data].size
            held[data], _, opened, closed = combine(before, 0.0, order.executed.remsize, price)
            if closed:
                cash += self._unlever(-closed * price) + 0
                cash -= self._plain.getcommission(closed, price)
            if opened:
                cash -= self._unlever(opened * price)
                cash -= self._plain.getcommission(opened, price)
            if cash >= 0.0:
                self.submit_accept(order)
            else:
                self._refuse(order)

    def _walk_queue(self) -> None:
        self.pending.append(None)
        while (order := self.pending.popleft()) is not None:
            market = order.exectype == Order.Market
            if not market and order.expire():
                self.notify(order)
                self._ococheck(order)
                self._bracketize(order, cancel=True)
            elif not order._active:
                self.pending.append(order)
            else:
                if market:
                    self._try_market(order)
                else:
                    self._try_exec(order)
                if order.alive():
                    self.pending.append(order)
                elif order.status == Order.Completed:
                    self._bracketize(order)

    def _try_market(self, order: Any) -> None:
        """Fill a market order at the open of a bar that is later than its own, slippage included."""
        data = order.data
        if not data.is_current or data.datetime[0] <= order.created.dt:
            return
        price, slips = data.open[0], self.p.slip_open
        price = self._slip_up(data.high[0], price, doslip=slips) if order.isbuy() else self._slip_down(data.low[0], price, doslip=slips)
        self._execute(order, ago=0, price=price)

    def _execute(self, order: Any, ago: Any = None, price: Any = None, cash: Any = None, position: Any = None, dtcoc: Any = None) -> Any:
        data = order.data
        if not self._walking or ago is None or data._compensate is not None:
            return super()._execute(order, ago=ago, price=price, cash=cash, position=position, dtcoc=dtcoc)
        if price is None:
            return None
        position, scheme = self.positions[data], self._plain
        paid = position.price
        total, mean, opened, closed = combine(position.size, paid, order.executed.remsize, price)
        gain, cash, wanted = -closed * (price - paid), self.cash, opened
        closed_value = closed_cost = opened_value = opened_cost = 0.0
        if closed:
            closed_value, closed_cost = -closed * paid, scheme.getcommission(closed, price)
            cash += self._unlever(closed_value) + gain
            cash -= closed_cost
            cash += 0.0
            self.cash = cash
        if opened:
            opened_value, opened_cost = opened * price, scheme.getcommission(opened, price)
            cash -= self._unlever(opened_value)
            cash -= opened_cost
            if cash < 0.0:
                opened, opened_value, opened_cost = 0, 0.0, 0.0
            else:
                position.adjbase = price
                self.cash = cash + 0.0 if abs(total) > abs(opened) else cash
        if size := closed + opened:
            position.add(size, price, data.datetime[0])
            if closed and self.p.int2pnl and self.d_credit:
                closed_cost += self.d_credit.pop(data, 0.0)
            parts = (closed, closed_value, closed_cost, opened, opened_value, opened_cost)
            order.execute(dtcoc or data.datetime[ago], size, price, *parts, scheme.margin, gain, total, mean)
            order.comminfo = scheme
            self.notify(order)
            self._ococheck(order)
        if wanted and not opened:
            self._refuse(order)
        return None

    def _unlever(self, value: float) -> float:
        """The cash that moves with a value: that of a long position is divided by the leverage."""
        return value / self._plain.p.leverage if value > 0 else value

    def _refuse(self, order: Any) -> None:
        order.margin()
        self.notify(order)
        self._ococheck(order)
        self._bracketize(order, cancel=True)

    def _close_bar(self) -> None:
        """Value the account at the bar's close."""
        for data, position in self.positions.items():
            if position.size:
                position.note_value(data.datetime[0], data.close[0])
        self._get_value()


def _is_plain_scheme(scheme: Any) -> bool:
    """Check that a scheme of costs computes as the stock one does for shares; its commission may be any."""
    kind = type(scheme)
    stock = all(getattr(kind, name) is getattr(CommInfoBase, name) and name not in vars(scheme) for name in _OWN_WAYS)
    return bool(stock and scheme._stocklike and scheme.p.mult == 1.0)
