"""The strategy's own broker: Backtrader's simulator that also writes down every order. Imports Backtrader."""

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from time import monotonic
from typing import Any

import numpy as np
from backtrader import Order

from core.backtest.faults import StrategyFaultError
from core.backtest.lazy_position import LazyPosition
from core.backtest.orders import LARGEST_SIZE, ORDER_KINDS, OrderAction, find_order_kind
from core.backtest.resting import RestingBroker
from core.domain.backtest import Side
from core.domain.deposits import DepositCalendar

PROGRESS_SECONDS = 0.02
"""Time between two words of how far the run is."""


class _Positions(dict[Any, Any]):
    """Positions by feed; one that is asked for and not there is made."""

    def __init__(self, settle: Callable[[], None]) -> None:
        super().__init__()
        self._settle = settle

    def __missing__(self, data: Any) -> LazyPosition:
        position = self[data] = LazyPosition()
        position.settle = self._settle
        return position


def _settled(name: str) -> Any:
    """A figure of the account that is brought up to date when somebody reads it."""

    def read(self: Any) -> float:
        if self.behind:
            self.settle()
        return self._figures[name]  # type: ignore[no-any-return]

    def write(self: Any, value: float) -> None:
        if self.behind:
            self.settle()
        self._figures[name] = value

    return property(read, write)


class RecordingBroker(RestingBroker):
    """Overrides `buy`, `sell` and `cancel`: these are what a strategy can do. `next` only takes a short cut to the same account."""

    def attach(self, emit: Callable[[dict[str, object]], None], most: int, signals: bool, traded: Sequence[Any]) -> None:
        """Say where records go, how many there may be, whether row signals are collected, and which feeds can be traded."""
        self._emit = emit
        self._traded = tuple(traded)
        self.several = len(self._traded) > 1
        self._most = most
        self._numbers: dict[int, int] = {}
        self._signals = signals
        self.written = 0
        self.too_late = 0
        """Orders placed after the last bar: they can never fill and are not recorded."""

    tell_progress: Callable[[], None] | None = None
    """Says how far the run is, if it is time to; None when nobody watches."""
    next_mark: float = 0.0
    """Time, by the clock that only goes forward, from which on it is."""
    behind = False
    """True while the account has not been valued on this bar: nothing happened on it, and nobody asked yet."""
    unheard = False
    """True while nobody listens to what becomes of orders."""
    calendar: DepositCalendar | None = None
    """Says what the platform pays in on each bar; None where it pays nothing in."""
    altered = False
    """True once the strategy changed the rules of its account: from then on every bar takes the simulator's own way."""
    _value, _fundval, _leverage, _unrealized = (_settled(name) for name in ("value", "fundval", "leverage", "unrealized"))
    _valuemkt, _valuemktlever, _valuelever = (_settled(name) for name in ("valuemkt", "valuemktlever", "valuelever"))

    def init(self) -> None:
        """Empty books, as the simulator makes them."""
        self._figures: dict[str, float] = {}
        super().init()
        self.positions: dict[Any, Any] = _Positions(self.settle)

    def start(self) -> None:
        """Called by Cerebro when the account is set up."""
        super().start()
        self._scheme = self.comminfo[None]

    @property
    def busy(self) -> bool:
        """True when this bar may change more than the value of what is held."""
        return bool(
            self.pending or self.submitted or self._resting or self._toactivate or self.notifs or self._cash_addition or self.altered
        )

    def next(self) -> None:
        """Simulate one bar. When no order waits that it touches, all that is left is to value the account."""
        self._simulate()
        if self.calendar is not None and (amount := self.calendar.find_amount(self._find_day())):
            self._pay_in(amount)

    def _find_day(self) -> int:
        """Day of this bar, by the calendar's count: that of whichever instrument has one."""
        return max(int(feed.lines.datetime[0]) for feed in self._traded if len(feed))

    def _pay_in(self, amount: float) -> None:
        """Pay into the account at this bar's close, when everything else of it is done; the units are bought at the value before it."""
        before = self._value
        if before > 0:
            self._fundshares *= 1.0 + amount / before
        self.cash += amount
        if self.altered:
            self._get_value()
        else:
            self.behind = True

    def _simulate(self) -> None:
        self.requeue_touched_orders()
        if self.altered or not self._is_unchanged() or (self.waiting and not self.is_untouched()):
            self.behind = False
            super().next()
        else:
            self.behind = True
            self.note_untouched()

    def notify(self, order: Any) -> None:
        """Tell the strategy of an order; where it listens to none, what was executed is all that its trades need."""
        if not self.unheard or order.executed.size:
            super().notify(order)

    def settle(self) -> None:
        """Value the account at this bar's close, with the simulator's own arithmetic, if that is still to be done."""
        if not self.behind:
            return
        self.behind = False
        leverage = self._scheme.get_leverage()
        worth = unlevered = unrealized = 0.0
        for data, position in self.positions.items():
            close = data.lines.close[0]
            value, gain = position.size * close, position.size * (close - position.price)
            if position.size:
                position.note_value(data.lines.datetime[0], close)
            worth += value
            unrealized += gain
            if value > 0:
                unlevered += (value - gain) / leverage
                unlevered += gain
            else:
                unlevered += value
        self._store_account_value(worth, unlevered, unrealized)

    def _close_bar(self) -> None:
        self.behind = True

    def _store_account_value(self, worth: float, unlevered: float, unrealized: float) -> None:
        self._value = self.cash + unlevered
        self._fundval = self._value / self._fundshares
        self._valuemkt, self._valuemktlever = unlevered, worth
        self._valuelever = self.cash + worth
        self._leverage = worth / (unlevered or 1.0)
        self._unrealized = unrealized

    def _is_unchanged(self) -> bool:
        """Check that the account is still the one that was set up: the strategy's own changes take the long way."""
        if self._cash_addition or self._userhist or self._fundhist or not self.p.shortcash or len(self.comminfo) != 1:
            return False
        return self.comminfo.get(None) is self._scheme

    def set_cash(self, cash: float) -> None:
        """Change the cash; what this bar made of the account before is settled first."""
        self.settle()
        super().set_cash(cash)

    setcash = set_cash

    def add_cash(self, cash: float) -> None:
        """Add cash from the next bar on."""
        self.settle()
        super().add_cash(cash)

    def addcommissioninfo(self, comminfo: Any, name: Any = None) -> None:
        """Change the costs, for the strategy's own account alone."""
        self._note_change()
        super().addcommissioninfo(comminfo, name)

    def setcommission(self, *args: Any, **kwargs: Any) -> None:
        """Change the costs, for the strategy's own account alone."""
        self._note_change()
        super().setcommission(*args, **kwargs)

    def set_shortcash(self, shortcash: bool) -> None:
        """Change how short sales are booked, for the strategy's own account alone."""
        self._note_change()
        super().set_shortcash(shortcash)

    def add_order_history(self, orders: Any, notify: bool = True) -> None:
        """Add orders of the past, to the strategy's own account alone."""
        self._note_change()
        super().add_order_history(orders, notify)

    def set_fund_history(self, fund: Any) -> None:
        """Set values of the past, of the strategy's own account alone."""
        self._note_change()
        super().set_fund_history(fund)

    def _note_change(self) -> None:
        """From a change during the run on; before it, the account is being set up."""
        self.settle()
        self.altered = hasattr(self, "_scheme")

    def flags(self, bars: int) -> dict[str, Any]:
        """Row id to one 0/1 a bar, shape (bars,), dtype uint8, from the columns that a compiled strategy keeps in `signals`."""
        running = self.cerebro.runningstrats
        table = getattr(running[0], "signals", None) if self._signals and running else None
        if not isinstance(table, dict):
            return {}
        return {str(name): _to_column(kept, bars) for name, kept in table.items() if isinstance(kept, bytearray)}

    def buy(self, *args: Any, **words: Any) -> Any:
        """Place a buy order and record it. Raises StrategyFaultError for an order that can have no honest meaning."""
        return self._place(super().buy, Side.BUY, *args, **words)

    def sell(self, *args: Any, **words: Any) -> Any:
        """Place a sell order and record it. Raises StrategyFaultError for an order that can have no honest meaning."""
        return self._place(super().sell, Side.SELL, *args, **words)

    def _place(
        self, act: Callable[..., Any], side: Side, owner: Any, data: Any, size: Any, price: Any = None, plimit: Any = None,
        exectype: Any = None, valid: Any = None, tradeid: Any = 0, oco: Any = None, trailamount: Any = None, trailpercent: Any = None,
        **words: Any,
    ) -> Any:  # fmt: skip
        size = self._check_size(data, size)
        if exectype or words:
            _check_kind(exectype, words)
        order = act(
            owner, data, size, price=_price(price), plimit=_price(plimit), exectype=exectype, valid=valid, tradeid=tradeid, oco=oco,
            trailamount=_price(trailamount), trailpercent=_price(trailpercent), **words,
        )  # fmt: skip
        self._record(order, side, oco)
        return order

    def cancel(self, order: Any, bracket: bool = False) -> Any:
        """Cancel an order; only the strategy's own request is recorded, not what follows from a bracket."""
        if not bracket and not self._is_over():
            target = self._numbers.get(getattr(order, "ref", -1))
            if target is not None:
                self._write({"id": self.written, "cycle": self.bars_seen, "action": OrderAction.CANCEL, "target": target})
        return super().cancel(order, bracket)

    def _check_size(self, data: Any, size: Any) -> int | float:
        if self._find_place(data) is None:
            raise StrategyFaultError(
                "an order names a higher timeframe's feed; only the run's own bars can be traded",
                hint="Place orders without data= (or with data=self.data0); use the longer bars for signals only.",
            )
        if not len(data):
            raise StrategyFaultError(
                "an order was placed before the first bar", hint="Place orders in next(), not in __init__() or start()."
            )
        number = _to_python_number(size)
        if isinstance(number, float) and math.isnan(number):
            raise StrategyFaultError(
                "the size of an order is nan", hint="Check what the size is computed from: an indicator before its warm-up is NaN."
            )
        if not number > 0:
            raise StrategyFaultError(
                f"the size of an order is {number}", hint="Call buy() or sell() with a size above 0; the side is in the name."
            )
        if number > LARGEST_SIZE:
            raise StrategyFaultError(
                f"the size of an order is above {LARGEST_SIZE:g}", hint="Size orders from cash: int(self.broker.getcash() / price)."
            )
        return number

    def _record(self, order: Any, side: Side, oco: Any) -> None:
        if self._is_over():
            self.too_late += 1
            return
        self._numbers[order.ref] = self.written
        asked = order.p
        said: dict[str, Any] = {
            "id": self.written,
            "cycle": self.bars_seen,
            "action": OrderAction.PLACE,
            "size": abs(float(asked.size)),
        }
        if side is Side.SELL:
            said["side"] = side
        if order.exectype:
            said["kind"] = find_order_kind(order.exectype, on_open=order.on_open)
        if place := self._find_place(order.data):
            said["data"] = place
        if asked.price is not None:
            said["price"] = float(asked.price)
        if asked.pricelimit is not None:
            said["limit_price"] = float(asked.pricelimit)
        if order.valid is not None:
            said["valid"] = float(order.valid)
        if asked.trailamount is not None:
            said["trail_amount"] = float(asked.trailamount)
        if asked.trailpercent is not None:
            said["trail_percent"] = float(asked.trailpercent)
        if asked.tradeid and isinstance(asked.tradeid, int):
            said["tradeid"] = asked.tradeid
        if oco is not None:
            said["oco"] = self._numbers[oco.ref]
        if asked.parent is not None:
            said["parent"] = self._numbers[asked.parent.ref]
        if not asked.transmit:
            said["transmit"] = False
        self._write(said)

    def _write(self, said: dict[str, Any]) -> None:
        """Hand on a record, as those of its fields that are not at their default."""
        if self.written >= self._most:
            raise StrategyFaultError(
                f"more than {self._most:,} orders", hint="Place an order only when the position or the pending orders call for one."
            )
        self.written += 1
        self._send(said)

    def _send(self, said: dict[str, Any]) -> None:
        self._emit(said)

    def _find_place(self, data: Any) -> int | None:
        """Place of an instrument among those of the run; None for any other feed."""
        if data is self._traded[0]:
            return 0
        return next((place for place, feed in enumerate(self._traded) if feed is data), None)

    @property
    def bars_seen(self) -> int:
        """Bars that the strategy was shown; with several instruments the moments."""
        return int(self._traded[0].shown)

    def _is_over(self) -> bool:
        return bool(self._traded[0].over)


class ProgressReportingBroker(RecordingBroker):
    """Says from time to time how many bars the strategy was shown, for whoever watches a run that holds all bars at once."""

    __qualname__ = "RecordingBroker"  # no message tells a strategy in which way its run computes

    def __init__(self, passed: Callable[[int], None]) -> None:
        super().__init__()
        self._passed = passed

    def next(self) -> None:
        """Simulate one bar; what was ordered before it is stamped with fewer bars than are told here."""
        self.tell_progress()
        super().next()

    def tell_progress(self) -> None:
        """Tell the number of bars, if it is time to."""
        if (moment := monotonic()) >= self.next_mark:
            self.next_mark = moment + PROGRESS_SECONDS
            if seen := self.bars_seen:
                self._passed(seen)


ProgressReportingBroker.__name__, ProgressReportingBroker.params.__name__ = RecordingBroker.__name__, RecordingBroker.params.__name__


def _check_kind(exectype: Any, words: Mapping[str, Any]) -> None:
    if exectype and (not isinstance(exectype, Integral) or not 0 <= int(exectype) < len(ORDER_KINDS)):
        raise StrategyFaultError(f"{repr(exectype)[:40]} is no kind of order", hint="Write exectype=bt.Order.Limit or another.")
    if words.get("on_open") and exectype not in (None, Order.Market, Order.Limit):
        raise StrategyFaultError(
            "on_open is for limit orders: a stop has no meaning at the opening alone",
            hint="Write exectype=bt.Order.Limit; of a bracket's entry: buy_bracket(..., oargs=dict(on_open=True)).",
        )


def _price(value: Any) -> float | None:
    return None if value is None else float(value)


def _to_python_number(size: Any) -> int | float:
    """Plain Python numbers: with numpy's float32 the simulator would compute in single precision."""
    if isinstance(size, int | float):
        return size
    return int(size) if isinstance(size, Integral) else float(size)


def _to_column(kept: bytearray, bars: int) -> Any:
    """The first `bars` flags; zeros where the strategy kept fewer."""
    column = np.zeros(bars, dtype=np.uint8)
    flags = np.frombuffer(bytes(kept[:bars]), dtype=np.uint8)
    column[: len(flags)] = flags != 0
    return column
