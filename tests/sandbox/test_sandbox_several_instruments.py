"""Several instruments through the whole sandbox: both methods give the same account, and nobody sees a bar before its moment."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.aligned_bars import align_bars
from core.domain.backtest import BacktestPlan, Method, Outcome, Verdict
from core.domain.bars import Bars
from core.domain.instrument import Instrument
from core.sandbox import Sandbox
from core.sandbox.frames import BAR_BYTES, NO_BAR, bar_rows, decode_bars, describe_bars, encode_bars
from tests.attacks.arena import run, sample_bars

PAIR = """
import backtrader as bt


class Pair(bt.Strategy):
    def __init__(self):
        self.ratio = self.data0.close / self.data1.close
        self.mean = bt.ind.SMA(self.ratio, period=5)

    def next(self):
        a, b = self.data0, self.getdatabyname("SECOND")
        if self.ratio[0] < self.mean[0] and not self.getposition(a).size:
            self.buy(data=a, size=3)
            self.sell(data=b, size=2, exectype=bt.Order.Limit, price=b.close[0])
        elif self.ratio[0] > self.mean[0] and self.getposition(a).size:
            self.close(data=a)
            self.close(data=b)
"""
SEEN = """
import backtrader as bt


class Seen(bt.Strategy):
    def next(self):
        assert all(len(line.array) == len(feed) for feed in self.datas for line in feed.lines)
"""


def two(count: int = 120) -> Bars:
    """Two instruments, the second of which lacks every seventh day."""
    first, second = sample_bars(count), sample_bars(count, seed=8)
    kept = np.arange(count) % 7 != 3
    columns = {name: getattr(second, name)[kept] for name in ("time", "open", "high", "low", "close", "volume")}
    return align_bars([first, replace(second, instrument=Instrument(symbol="SECOND"), **columns)])


def run_pair(sandbox: Sandbox, method: Method, code: str = PAIR) -> Outcome:
    outcome, _ = run(sandbox, code, BacktestPlan(method=method), two())
    assert outcome.ok, outcome.error
    return outcome


def test_both_methods_give_the_same_account_and_trades_of_both_instruments(isolated: Sandbox) -> None:
    steps, fast = run_pair(isolated, Method.LOCK_STEP), run_pair(isolated, Method.FAST)
    assert np.array_equal(steps.equity, fast.equity)
    assert (steps.fills, steps.trades, steps.orders_hash) == (fast.fills, fast.trades, fast.orders_hash)
    assert {fill.instrument for fill in steps.fills} == {trade.instrument for trade in steps.trades} == {"", "SECOND"}
    assert (steps.certificate.verdict, fast.certificate.verdict) == (Verdict.CLEAN, Verdict.CHECKED)
    assert steps.certificate.fills_checked
    assert not steps.certificate.altered
    assert len(steps.other_positions) == 1


def test_it_is_said_which_moments_were_run_and_where_plain_backtrader_differs(isolated: Sandbox) -> None:
    notes = " ".join(run_pair(isolated, Method.LOCK_STEP).notes)
    assert "TEST and SECOND were run together: 120 moments" in notes
    assert "SECOND has no bar at 17 of them: no order for it is executed there" in notes
    assert "not executed on an old bar" in notes


@pytest.mark.parametrize("method", [Method.LOCK_STEP, Method.FAST])
def test_no_feed_holds_more_bars_than_have_happened(method: Method, isolated: Sandbox) -> None:
    assert run_pair(isolated, method, SEEN).orders.placed == 0


@pytest.mark.parametrize("count", [1, 5])
def test_bars_of_several_instruments_survive_the_way_to_the_sandbox(count: int) -> None:
    bars = two(40).slice(0, count)
    again = decode_bars(encode_bars(bars), describe_bars(bars))
    assert (again.hash, [one.instrument.symbol for one in again.instruments]) == (bars.hash, ["TEST", "SECOND"])


def test_a_moment_without_a_bar_is_sent_as_nothing() -> None:
    rows = list(bar_rows(encode_bars(two(10)), 2))
    assert [len(row) for row in rows] == [2 * BAR_BYTES] * 10
    assert [row[BAR_BYTES:] == NO_BAR for row in rows] == [day % 7 == 3 for day in range(10)]
    assert not any(row[:BAR_BYTES] == NO_BAR for row in rows)
