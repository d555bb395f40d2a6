"""Orders, trades and signals as CSV text, for spreadsheets: plain numbers, and no cell that a spreadsheet would take for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from core.domain.backtest import Fill, Trade
from core.domain.bars import Bars, FloatArray

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that make a spreadsheet compute a text."""


def render_fills_csv(fills: Sequence[Fill], bars: Bars) -> str:
    """Render every execution: moment (wall time of the exchange), instrument, side, units, price, commission, order number and type."""
    head = ("time", "instrument", "side", "units", "price", "commission", "order", "type")
    rows = (
        (
            _format_moment(bars, fill.bar),
            fill.instrument or bars.instrument.symbol,
            "buy" if fill.size > 0 else "sell",
            repr(abs(fill.size)),
            repr(fill.price),
            repr(fill.commission),
            str(fill.order),
            fill.kind,
        )
        for fill in fills
    )
    return _render(head, rows)


def render_trades_csv(trades: Sequence[Trade], bars: Bars) -> str:
    """Render every round trip: entry, exit (empty while open), side, units, prices, profit after commission, commission.

    Of several instruments each row begins with its own.
    """
    several = bool(bars.others)
    head = (*(("instrument",) if several else ()), "entry", "exit", "side", "units", "entry_price", "exit_price", "profit", "commission")
    rows = (
        (
            *((trade.instrument or bars.instrument.symbol,) if several else ()),
            _format_moment(bars, trade.entry_bar),
            "" if trade.exit_bar is None else _format_moment(bars, trade.exit_bar),
            "long" if trade.size > 0 else "short",
            repr(abs(trade.size)),
            repr(trade.entry_price),
            "" if trade.exit_price is None else repr(trade.exit_price),
            repr(trade.profit),
            repr(trade.commission),
        )
        for trade in trades
    )
    return _render(head, rows)


def render_signals_csv(position: FloatArray, bars: Bars) -> str:
    """Render what is held at the close of each bar: moment, close, side (long, short, flat), units; `position` has shape (n,)."""
    if len(position) != len(bars):
        raise ValueError(f"{len(position)} positions for {len(bars)} bars")
    stamp = "datetime64[s]" if bars.timeframe.intraday else "datetime64[D]"
    columns = zip(bars.time.astype(stamp).astype(str).tolist(), bars.close.tolist(), position.tolist(), strict=True)
    rows = ((time, repr(close), "long" if held > 0 else "short" if held < 0 else "flat", repr(abs(held))) for time, close, held in columns)
    return _render(("time", "close", "side", "units"), rows)


def guard_cell(text: str) -> str:
    """Guard a text against being computed: an apostrophe before what would begin a formula. Numbers stay as they are.

    >>> guard_cell("=1+1"), guard_cell("-2.5"), guard_cell("AAPL")
    ("'=1+1", '-2.5', 'AAPL')
    """
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _render(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    memory = io.StringIO()
    writer = csv.writer(memory, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([guard_cell(text) for text in row] for row in rows)
    return memory.getvalue()


def _format_moment(bars: Bars, bar: int) -> str:
    stamp = "datetime64[s]" if bars.timeframe.intraday else "datetime64[D]"
    return str(bars.time[bar].astype(stamp)) if 0 <= bar < len(bars) else ""
