"""Market orders of a plain account, without Backtrader's order objects: their fills, and the account from each of them on.

A plain order is for the open of the next bar and has to do with no other order; most strategies place nothing else. The arithmetic is the
simulator's, operation for operation, so that the account is the same to the last bit; whatever is not plain is played by the simulator.
No Backtrader here.
"""

from collections import deque

from core.backtest.account_book import AccountBook
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.backtest.positions import combine
from core.domain.backtest import BacktestPlan, Fill, Side
from core.domain.bars import Bars
from core.domain.trading_costs import compute_commission


class NotPlainError(Exception):
    """An order leaves a rest behind: a turn of the position in fractions of units, which only the simulator goes on with."""


def is_plain(record: OrderRecord) -> bool:
    """True for a market order that belongs to no group and no bracket."""
    return (
        record.kind is OrderKind.MARKET
        and record.action is OrderAction.PLACE
        and record.parent is None
        and record.oco is None
        and record.transmit
    )


def allows_plain_orders(bars: Bars) -> bool:
    """True where the open of the next bar is all that a market order waits for: one instrument, with a bar at each moment."""
    return not bars.others and bars.present is None


class PlainAccount:
    """The account of plain orders, bar by bar, as they become known."""

    def __init__(self, plan: BacktestPlan, bars: Bars, book: AccountBook) -> None:
        self._states: dict[int, str] = {}
        self._plan, self._book = plan, book
        self._opens, self._closes = bars.open, bars.close
        self._highs, self._lows = bars.high, bars.low
        self._waiting: deque[OrderRecord] = deque()
        self._cash: float = plan.cash
        self._size: float = 0.0
        self._price = 0.0

    @property
    def held_back(self) -> int:
        """None: each instrument has a bar at each moment."""
        return 0

    @property
    def open_orders(self) -> int:
        """Number of orders that may still fill."""
        return len(self._waiting)

    @property
    def waiting(self) -> bool:
        """True when the next bar can change anything."""
        return bool(self._waiting)

    def read_states(self) -> dict[int, str]:
        """The end of each order: its number to Backtrader's status in lower case."""
        return self._states

    def find_next(self, bar: int, known: int) -> int:
        """The first bar that may concern an order: a market order waits for the next one."""
        return bar

    def place(self, record: OrderRecord) -> None:
        """Take an order that is placed at the close of its bar."""
        self._states[record.id] = "submitted"
        self._waiting.append(record)

    def play(self, bar: int) -> None:
        """Open and fill what waits for this bar; orders that the cash does not pay for are refused. Raises NotPlainError."""
        if not self._waiting:
            return
        self._cash -= 0.0
        filled = len(self._book.fills)
        for record in self._open_orders():
            self._fill(record, bar)
        self._waiting.clear()
        if len(self._book.fills) > filled:
            self._book.note_account(bar, self._cash, self._size, self._price)

    def pay_in(self, bar: int, amount: float) -> None:
        """Pay into the account at a bar's close, when its orders are done."""
        self._cash += amount
        self._book.note_account(bar, self._cash, self._size, self._price)

    def _open_orders(self) -> list[OrderRecord]:
        """Those that the cash pays for at the close at which they were placed, one after the other."""
        cash, held, opened = self._cash, self._size, []
        for record in self._waiting:
            price = float(self._closes[record.cycle - 1]) if not record.price and not record.limit_price else _reference(record)
            held, _, more, less = combine(held, 0.0, _signed_size(record), price)
            if less:
                cash += self._unlever(-less * price) + 0
                cash -= compute_commission(self._plan, less, price)
            if more:
                cash -= self._unlever(more * price)
                cash -= compute_commission(self._plan, more, price)
            if cash >= 0.0:
                opened.append(record)
            else:
                self._states[record.id] = "margin"
        return opened

    def _fill(self, record: OrderRecord, bar: int) -> None:
        price, paid = self._find_price(record.side, bar), self._price
        _, _, more, less = combine(self._size, paid, _signed_size(record), price)
        cash, wanted, costs = self._cash, more, [0.0, 0.0]
        if less:
            costs[0] = compute_commission(self._plan, less, price)
            cash += self._unlever(-less * paid) + -less * (price - paid)
            cash -= costs[0]
            cash += 0.0
            self._cash = cash
        if more:
            costs[1] = compute_commission(self._plan, more, price)
            cash -= self._unlever(more * price)
            cash -= costs[1]
            if cash < 0.0:
                more, costs[1] = 0, 0.0
            else:
                self._cash = cash + 0.0
        if size := less + more:
            self._size, self._price, _, _ = combine(self._size, paid, size, price)
            fill = Fill(order=record.id, bar=bar, size=size, price=price, commission=costs[0] + costs[1], kind=OrderKind.MARKET.value)
            self._book.fills.append(fill)
        refused = bool(wanted and not more)
        if not refused and size != _signed_size(record):
            raise NotPlainError
        self._states[record.id] = "margin" if refused else "completed"

    def _find_price(self, side: Side, bar: int) -> float:
        """The open, moved by the slippage against the order, not beyond the bar."""
        price, plan = float(self._opens[bar]), self._plan
        if not plan.slippage and not plan.slippage_price:
            return price
        if side is Side.BUY:
            slipped = price * (1 + plan.slippage) if plan.slippage else price + plan.slippage_price
            return min(slipped, float(self._highs[bar]))
        slipped = price * (1 - plan.slippage) if plan.slippage else price - plan.slippage_price
        return max(slipped, float(self._lows[bar]))

    def _unlever(self, value: float) -> float:
        return value / self._plan.leverage if value > 0 else value


def _signed_size(record: OrderRecord) -> float:
    return record.size if record.side is Side.BUY else -record.size


def _reference(record: OrderRecord) -> float:
    """The price at which an order's cost is estimated when it names one."""
    return record.price or record.limit_price or 0.0
