"""Words on fills and trades: what was bought or sold, why a trade ended, how long it lasted, what it made of what it cost."""

from collections.abc import Sequence

from core.domain.backtest import Fill, Trade
from core.domain.bars import Bars
from core.report.number_format import write_minus

EXIT_REASON = {
    "market": "its rows said so",
    "close": "an order for the close",
    "limit": "a limit was reached",
    "limit_on_open": "it opened at a limit or better",
    "stop": "a stop was reached",
    "stop_limit": "a stop with a limit was reached",
    "stop_trail": "a trailing stop was reached",
    "stop_trail_limit": "a trailing stop with a limit was reached",
}
"""Reason of an exit by the type of its order. A market order follows from what the program saw at the close before."""
UNKNOWN = "not recorded"
STILL_OPEN = "still open"


def find_exit_fill(trade: Trade, fills: Sequence[Fill]) -> Fill | None:
    """Find the fill that ended a trade; None while it is open."""
    if trade.exit_bar is None:
        return None
    same = [fill for fill in fills if fill.bar == trade.exit_bar and fill.instrument == trade.instrument]
    found = [fill for fill in same if (fill.size > 0) != (trade.size > 0)]
    return found[-1] if found else None


def label_exit(trade: Trade, fill: Fill | None) -> str:
    """The reason why a trade ended, in a few words."""
    if trade.exit_bar is None:
        return STILL_OPEN
    return EXIT_REASON.get(fill.kind if fill else "", UNKNOWN)


def describe_fill(fill: Fill) -> str:
    """Describe a fill.

    >>> describe_fill(Fill(order=1, bar=3, size=120, price=14.25, commission=0))
    'bought 120 at 14.25'
    """
    return f"{'bought' if fill.size > 0 else 'sold'} {abs(fill.size):,.6g} at {fill.price:,.6g}"


def describe_exit(trade: Trade, fill: Fill) -> str:
    """Describe the fill that ended a trade, with its reason and what the trade made.

    >>> trade = Trade(entry_bar=1, exit_bar=3, size=10, entry_price=10, exit_price=12, profit=20, commission=0)
    >>> describe_exit(trade, Fill(order=2, bar=3, size=-10, price=12, commission=0, kind="stop"))
    'sold 10 at 12, a stop was reached: +20.0%'
    """
    return f"{describe_fill(fill)}, {label_exit(trade, fill)}: {write_minus(f'{compute_return(trade):+.1%}')}"


def compute_return(trade: Trade) -> float:
    """Compute what a trade made of what its position cost, commission counted, as a fraction.

    >>> compute_return(Trade(entry_bar=1, exit_bar=3, size=-10, entry_price=10, exit_price=9, profit=9, commission=1))
    0.09
    """
    cost = abs(trade.size) * trade.entry_price
    return trade.profit / cost if cost else 0.0


def format_held(trade: Trade, bars: Bars) -> str:
    """Format how long a trade lasted: days of daily bars, hours and minutes of shorter ones; to the last bar while it is open."""
    last = len(bars) - 1 if trade.exit_bar is None else min(trade.exit_bar, len(bars) - 1)
    minutes = int((bars.time[last] - bars.time[min(trade.entry_bar, last)]).astype("timedelta64[m]").astype(int))
    days, rest = divmod(minutes, 1_440)
    if not bars.timeframe.intraday:
        return f"{days} d"
    hours = f"{rest // 60} h {rest % 60:02d} min"
    return f"{days} d {hours}" if days else hours
