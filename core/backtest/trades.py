"""Round trips out of fills: from flat to flat, by plain arithmetic. No Backtrader here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.domain.backtest import Fill, Trade

_FLAT = 1e-9
"""A remainder below this share of the largest position is rounding, not a position."""


@dataclass(slots=True)
class _OpenTrade:
    """A trade that is still running."""

    bar: int
    held: float = 0.0
    largest: float = 0.0
    opened: float = 0.0
    opened_value: float = 0.0
    closed: float = 0.0
    closed_value: float = 0.0
    commission: float = 0.0

    def add(self, size: float, price: float, commission: float) -> None:
        if self.held * size >= 0:
            self.opened += size
            self.opened_value += size * price
        else:
            self.closed -= size
            self.closed_value -= size * price
        self.held += size
        self.commission += commission
        if abs(self.held) > abs(self.largest):
            self.largest = self.held

    def trade(self, exit_bar: int | None, last_price: float) -> Trade:
        profit = self.closed_value + self.held * last_price - self.opened_value - self.commission
        return Trade(
            entry_bar=self.bar,
            exit_bar=exit_bar,
            size=self.largest,
            entry_price=self.opened_value / self.opened,
            exit_price=None if exit_bar is None else self.closed_value / self.closed,
            profit=profit,
            commission=self.commission,
        )


def round_trips(fills: Iterable[Fill], last_close: float) -> tuple[Trade, ...]:
    """Trades in the order in which they were opened; a fill that turns a position over closes one and opens the next.

    Entry and exit prices are averages weighted by size; profit is after commission, and marked at `last_close` while open.
    """
    done: list[Trade] = []
    current: _OpenTrade | None = None
    for fill in fills:
        rest, commission = fill.size, fill.commission
        if current is not None and current.held * fill.size < 0 and abs(fill.size) > abs(current.held):
            part = -current.held
            share = commission * (part / fill.size)
            current.add(part, fill.price, share)
            done.append(current.trade(fill.bar, fill.price))
            current, rest, commission = None, fill.size - part, commission - share
        if current is None:
            current = _OpenTrade(fill.bar)
        current.add(rest, fill.price, commission)
        if abs(current.held) <= _FLAT * abs(current.largest):
            done.append(current.trade(fill.bar, fill.price))
            current = None
    if current is not None:
        done.append(current.trade(None, last_close))
    return tuple(done)


def round_trips_of_each(fills: Sequence[Fill], last_closes: Mapping[str, float]) -> tuple[Trade, ...]:
    """Trades of every instrument in the order in which they were opened; `last_closes` by the fills' name of the instrument."""
    trades = [
        trade.changed(instrument=instrument) if instrument else trade
        for instrument, close in last_closes.items()
        for trade in round_trips([fill for fill in fills if fill.instrument == instrument], close)
    ]
    return tuple(sorted(trades, key=lambda trade: trade.entry_bar)) if len(last_closes) > 1 else tuple(trades)
