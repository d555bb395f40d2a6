"""The facts of one broker's run, written down while it goes on: executions, and the account from each of them on. No Backtrader here.

Whoever steps the broker tells of each bar on which something was executed; account columns are worked out for all bars at once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from core.backtest.orders import find_order_kind
from core.domain.backtest import BacktestPlan, Fill, OrderCounts
from core.domain.bars import Bars, FloatArray
from core.domain.deposits import count_scale, find_deposits, spread_scale


class AccountBook:
    """Fills and account of a run over `bars`; a broker that it is told by knows each instrument's feed by `feeds`."""

    def __init__(self, plan: BacktestPlan, bars: Bars, feeds: Sequence[Any] = ()) -> None:
        self.fills: list[Fill] = []
        self.symbols = ("", *(other.instrument.symbol for other in bars.others))
        self._plan, self._bars, self._feeds = plan, bars, tuple(feeds)
        self.deposits = find_deposits(bars.time, plan.deposits)
        """Money that the plan pays in at each close."""
        self._paid = np.flatnonzero(self.deposits).astype(np.int64)
        self._account: list[tuple[float, ...]] = [(0, plan.cash, *(0.0 for _ in bars.instruments for _ in range(2)))]
        """Bar from which on it holds, cash, then size and price of each instrument's position."""

    def know_feeds(self, feeds: Sequence[Any]) -> None:
        """Learn by which feeds the broker knows the instruments."""
        self._feeds = tuple(feeds)

    def note_executions(self, bar: int, executions: Iterable[tuple[Any, Any]], numbers: Mapping[int, int], broker: Any) -> None:
        """Write down what was executed on a bar, as pairs of order and part; `numbers` gives an order's number in the log."""
        before = len(self.fills)
        for order, part in executions:
            fill = Fill(
                order=numbers[order.ref],
                bar=bar,
                size=part.size,
                price=part.price,
                commission=part.closedcomm + part.openedcomm,
                instrument=self.symbols[self._feeds.index(order.data)],
                kind=find_order_kind(order.exectype, on_open=order.on_open).value,
            )
            self.fills.append(fill)
        if len(self.fills) > before:
            self.note_holdings(bar, broker)

    def note_holdings(self, bar: int, broker: Any) -> None:
        """Write down the account of a broker from a bar on."""
        positions = [broker.getposition(feed) for feed in self._feeds]
        held = [number for position in positions for number in (position.size, position.price)]
        self.note_account(bar, broker.getcash(), *held)

    def note_account(self, bar: int, cash: float, *held: float) -> None:
        """Write down the account from a bar on: cash, then size and price of each instrument's position."""
        self._account.append((bar, cash, *held))

    def compute_equity(self, bars: Sequence[int]) -> FloatArray:
        """Account value at the close of each of `bars`, which are over: bit for bit what it will be when all are, in money."""
        chosen = np.array(bars, dtype=np.int64)
        entries = np.array(self._account, dtype=np.float64)
        cash, *positions = entries[np.searchsorted(entries[:, 0], chosen, side="right") - 1, 1:].T
        return self.value_account(cash, positions, [one.close[chosen] for one in self._bars.instruments])

    def compute_unit_value(self, bars: Sequence[int]) -> FloatArray:
        """Account value per unit at the close of each of `bars`, which are over; the account value where nothing was paid in so far."""
        equity = self.compute_equity(bars)
        paid = self._paid[: int(np.searchsorted(self._paid, max(bars, default=-1), side="right"))]
        if not len(paid):
            return equity
        scale = count_scale(self.compute_equity(paid.tolist()), self.deposits[paid])
        unit: FloatArray = equity * spread_scale(paid, scale, np.array(bars, dtype=np.int64))
        return unit

    def expand_account(self) -> list[FloatArray]:
        """Cash, then size and price of each instrument's position, at each bar's close."""
        entries = np.array(self._account, dtype=np.float64)
        lengths = np.diff(np.append(entries[:, 0].astype(np.int64), len(self._bars)))
        return [np.repeat(column, lengths) for column in entries[:, 1:].T]

    def value_account(self, cash: FloatArray, positions: Sequence[FloatArray], closes: Sequence[FloatArray]) -> FloatArray:
        """The account value from cash and the positions of every instrument, sizes and prices in turn."""
        worth = [
            _compute_worth(size, price, close, self._plan.leverage)
            for size, price, close in zip(positions[::2], positions[1::2], closes, strict=True)
        ]
        value: FloatArray = cash + sum(worth[1:], worth[0])
        return value


def count_orders(states: Mapping[int, str], openings: Collection[int] = ()) -> OrderCounts:
    """Count orders by how they ended, in Backtrader's words; `openings` are those for one opening alone."""
    values = list(states.values())
    return OrderCounts(
        placed=len(values),
        filled=values.count("completed"),
        cancelled=values.count("canceled") + values.count("rejected"),
        expired=values.count("expired"),
        missed_open=sum(states.get(number) == "expired" for number in openings),
        margin_rejected=values.count("margin"),
        open_at_end=sum(values.count(name) for name in ("created", "submitted", "accepted", "partial")),
    )


def _compute_worth(size: FloatArray, price: FloatArray, close: FloatArray, leverage: float) -> FloatArray:
    """A position's part of the broker's account value, operation for operation, for every bar at once: bit for bit what it would say."""
    worth = size * close
    unrealized = size * (close - price) * 1.0
    long = (worth - unrealized) / leverage + unrealized
    return np.where(worth > 0, long, worth)
