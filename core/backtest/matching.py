"""Bar and price at which an order should have filled, by plain arithmetic on the bars. No Backtrader here.

This is the second opinion on the broker, written from the rules and not from its code. Two of Backtrader's habits are rules
too: a fill that slips is capped at the bar's high or low; a stop-limit that fills on the bar that triggers it may slip past its
limit.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.backtest.orders import OrderKind, OrderRecord
from core.domain.backtest import Side
from core.domain.bars import Bars, FloatArray


class ExpectedFill(NamedTuple):
    """The fill that the rules call for."""

    bar: int
    price: float


@dataclass(frozen=True, slots=True)
class SidedBars:
    """Bars turned so that every rule is written once: for a sale all prices are negated, and a sale becomes a purchase."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    day: FloatArray
    slippage: float
    sign: float
    slippage_price: float = 0.0
    """Slippage as an amount of the price; one of the two is 0."""

    @classmethod
    def from_bars(cls, bars: Bars, slippage: float, side: Side, slippage_price: float = 0.0) -> "SidedBars":
        """The bars as seen from one side; high and low change places for a sale."""
        day = bars.time.astype("datetime64[D]").astype(np.int64).astype(np.float64)
        if side is Side.BUY:
            return cls(bars.open, bars.high, bars.low, bars.close, day, slippage, 1.0, slippage_price)
        return cls(-bars.open, -bars.low, -bars.high, -bars.close, day, slippage, -1.0, slippage_price)

    def apply_slippage(self, price: float, cap: float) -> float:
        """Move a price by the slippage against the order, not beyond `cap`."""
        worse = price + abs(price) * self.slippage + self.slippage_price
        return min(worse, cap) if self.slippage or self.slippage_price else price


@dataclass(frozen=True, slots=True)
class OrderPrices:
    """An order's prices as the broker understands them, seen from its side."""

    trigger: float
    limit: float
    distance: float
    """Absolute distance of a trail; 0 when it is a fraction."""
    fraction: float


def resolve_prices(record: OrderRecord, market: SidedBars) -> OrderPrices:
    """Fill in missing prices: the price is the limit, else the close at which the order was placed; the limit is the price."""
    placed_at = float(market.close[record.cycle - 1])
    given = _signed(record.price, market)
    limit = _signed(record.limit_price, market)
    price = given if given is not None else (limit if limit is not None else placed_at)
    return OrderPrices(price, price if limit is None else limit, record.trail_amount or 0.0, record.trail_percent or 0.0)


def expected_fill(record: OrderRecord, market: SidedBars, start: int, stop: int) -> ExpectedFill | None:
    """The first fill on bars `start` to `stop - 1`, on which the order is alive and active; None when there is none."""
    stop = min(stop, len(market.close))
    if start >= stop:
        return None
    prices = resolve_prices(record, market)
    found = _RULES[record.kind](prices, market, start, stop, record)
    return None if found is None else ExpectedFill(found.bar, found.price * market.sign)


def _market(prices: OrderPrices, market: SidedBars, start: int, stop: int, record: OrderRecord) -> ExpectedFill | None:
    return ExpectedFill(start, market.apply_slippage(float(market.open[start]), float(market.high[start])))


def _close(prices: OrderPrices, market: SidedBars, start: int, stop: int, record: OrderRecord) -> ExpectedFill | None:
    """At the close of the session: booked on the first bar of a later day, at that bar's close when no bar came in between."""
    bar = _first(market.day[start:stop] > market.day[record.cycle - 1])
    if bar is None:
        return None
    return ExpectedFill(start + bar, float(market.close[start + bar - 1 if bar else start]))


def _limit(prices: OrderPrices, market: SidedBars, start: int, stop: int, record: OrderRecord) -> ExpectedFill | None:
    return _limit_from(prices.trigger, market, start, stop)


def _limit_from(limit: float, market: SidedBars, start: int, stop: int) -> ExpectedFill | None:
    bar = _first((market.open[start:stop] <= limit) | (market.low[start:stop] <= limit))
    return None if bar is None else ExpectedFill(start + bar, _limit_price(limit, market, start + bar))


def _limit_price(limit: float, market: SidedBars, bar: int) -> float:
    if market.open[bar] > limit:
        return limit
    return market.apply_slippage(float(market.open[bar]), min(float(market.high[bar]), limit))


def _limit_on_open(prices: OrderPrices, market: SidedBars, start: int, stop: int, record: OrderRecord) -> ExpectedFill | None:
    """At the first opening or not at all."""
    return ExpectedFill(start, _limit_price(prices.trigger, market, start)) if market.open[start] <= prices.trigger else None


def _stop(prices: OrderPrices, market: SidedBars, start: int, stop: int, record: OrderRecord) -> ExpectedFill | None:
    return _stop_at(np.full(stop - start, prices.trigger), market, start, stop)


def _stop_trail(prices: OrderPrices, market: SidedBars, start: int, stop: int, record: OrderRecord) -> ExpectedFill | None:
    return _stop_at(_trail(prices, market, start, stop)[:-1], market, start, stop)


def _stop_at(levels: FloatArray, market: SidedBars, start: int, stop: int) -> ExpectedFill | None:
    bar = _touched(levels, market, start, stop)
    if bar is None:
        return None
    base = max(float(market.open[start + bar]), float(levels[bar]))
    return ExpectedFill(start + bar, market.apply_slippage(base, float(market.high[start + bar])))


def _stop_limit(prices: OrderPrices, market: SidedBars, start: int, stop: int, record: OrderRecord) -> ExpectedFill | None:
    size = stop - start + 1
    return _stop_limit_at(np.full(size, prices.trigger), np.full(size, prices.limit), market, start, stop)


def _stop_trail_limit(prices: OrderPrices, market: SidedBars, start: int, stop: int, record: OrderRecord) -> ExpectedFill | None:
    levels = _trail(prices, market, start, stop)
    return _stop_limit_at(levels, levels - (prices.trigger - prices.limit), market, start, stop)


def _stop_limit_at(levels: FloatArray, limits: FloatArray, market: SidedBars, start: int, stop: int) -> ExpectedFill | None:
    """`levels` and `limits` have one entry more than there are bars: what holds after the last one."""
    bar = _touched(levels[:-1], market, start, stop)
    if bar is None:
        return None
    price = _price_on_trigger(float(levels[bar]), float(limits[bar]), market, start + bar)
    if price is not None:
        return ExpectedFill(start + bar, price)
    return _limit_from(float(limits[bar + 1]), market, start + bar + 1, stop) if start + bar + 1 < stop else None


def _price_on_trigger(level: float, limit: float, market: SidedBars, bar: int) -> float | None:
    """On the bar that triggers it, a stop-limit fills when the order of prices inside the bar leaves no doubt."""
    opened, closed = float(market.open[bar]), float(market.close[bar])
    if opened >= level:
        return _limit_price(limit, market, bar) if market.low[bar] <= limit else None
    if limit >= level:
        return market.apply_slippage(level, float(market.high[bar]))
    falling = opened > closed or (opened == closed and market.sign < 0)
    return limit if falling and limit >= closed else None


def _trail(prices: OrderPrices, market: SidedBars, start: int, stop: int) -> FloatArray:
    """The stop at the start of each bar of start..stop-1, and after the last one: it follows closes in the order's favor only."""
    base = np.concatenate(([prices.trigger], market.close[start:stop]))
    ahead = prices.distance if prices.distance else np.abs(base) * prices.fraction
    levels: FloatArray = np.minimum.accumulate(base + ahead)
    return levels


def _touched(levels: FloatArray, market: SidedBars, start: int, stop: int) -> int | None:
    return _first((market.open[start:stop] >= levels) | (market.high[start:stop] >= levels))


def _first(hits: NDArray[np.bool_]) -> int | None:
    place = int(np.argmax(hits))
    return place if hits[place] else None


def _signed(price: float | None, market: SidedBars) -> float | None:
    return price * market.sign if price else None


_RULES = {
    OrderKind.MARKET: _market,
    OrderKind.CLOSE: _close,
    OrderKind.LIMIT: _limit,
    OrderKind.LIMIT_ON_OPEN: _limit_on_open,
    OrderKind.STOP: _stop,
    OrderKind.STOP_LIMIT: _stop_limit,
    OrderKind.STOP_TRAIL: _stop_trail,
    OrderKind.STOP_TRAIL_LIMIT: _stop_trail_limit,
}
