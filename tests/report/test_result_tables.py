"""Orders, trades and signals in a spreadsheet: numbers to the last bit, and nothing that computes."""

import csv
import io

import numpy as np
import pytest

from core.domain.backtest import Fill, Trade
from core.report.result_tables import render_fills_csv, render_signals_csv, render_trades_csv
from tests.driving.fakes import walk

BARS = walk(40)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_fill_reads_back_to_the_same_bits() -> None:
    fill = Fill(order=3, bar=7, size=-12.3, price=100.1 + 0.2, commission=1 / 3, kind="limit")

    (row,) = read(render_fills_csv([fill], BARS))

    assert (float(row["units"]), float(row["price"]), float(row["commission"])) == (12.3, 100.1 + 0.2, 1 / 3)
    assert (row["side"], row["order"], row["type"]) == ("sell", "3", "limit")
    assert row["time"] == str(BARS.time[7].astype("datetime64[D]"))


def test_a_trade_that_is_open_has_no_exit() -> None:
    trade = Trade(entry_bar=1, exit_bar=None, size=2, entry_price=10.0, exit_price=None, profit=-5.5, commission=0.1)

    (row,) = read(render_trades_csv([trade], BARS))

    assert (row["exit"], row["exit_price"], row["profit"]) == ("", "", "-5.5")


def test_signals_say_what_is_held_at_each_close() -> None:
    held = np.array([0.0, 12.5, -3.0, *[0.0] * 37])

    rows = read(render_signals_csv(held, BARS))

    assert [(row["side"], float(row["units"])) for row in rows[:4]] == [("flat", 0.0), ("long", 12.5), ("short", 3.0), ("flat", 0.0)]
    assert [float(row["close"]) for row in rows] == BARS.close.tolist()
    with pytest.raises(ValueError, match="3 positions for 40 bars"):
        render_signals_csv(held[:3], BARS)


def test_no_symbol_becomes_a_formula() -> None:
    fill = Fill(order=1, bar=0, size=1, price=1.0, commission=0.0, instrument='=HYPERLINK("http://x")')

    (row,) = read(render_fills_csv([fill], BARS))

    assert row["instrument"] == '\'=HYPERLINK("http://x")'


def test_without_orders_the_header_stands_alone() -> None:
    assert render_fills_csv([], BARS).splitlines() == ["time,instrument,side,units,price,commission,order,type"]
