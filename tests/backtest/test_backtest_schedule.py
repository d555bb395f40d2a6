"""Lines grow before anything is computed: what is made of one another gives bar by bar what it gives in stock Backtrader by default."""

import sys

import pytest
from backtest_cases import FREE, played, walk

from tests.reference_backtrader import run_plainly

CODE = """
import backtrader as bt

LOG = []


class Takes(bt.Indicator):
    lines = ("taken",)

    def __init__(self):
        self.lines.taken = self.data


class Looks(bt.Strategy):
    def __init__(self):
        self.mean = bt.ind.SMA(period=5)
        self.own = {made}

    def look(self):
        LOG.append((len(self), [line[0] for line in self.own.lines], len(self) > 1 and self.own.lines[0][-1]))

    def prenext(self):
        {early}

    def next(self):
        self.look()
        self.buy(size=1)
"""
MADE = [
    "Takes(self.data.high - self.data.low)",
    "Takes(self.data.high(-2))",
    "Takes(Takes(abs(self.data.close - self.data.open)))",
    "bt.ind.Envelope(self.data.close - self.data.open)",
    "bt.ind.SMA(Takes(self.data.close * 2.0), period=3)",
    "bt.ind.PivotPoint(self.data)",
    "bt.ind.DemarkPivotPoint(self.data)",
    "bt.ind.SMA(bt.CmpEx(self.data.close, self.data.open, self.data.high, 1, self.data.low(-1)), period=2)",
]
"""Operations that write to a line of an indicator made after them, and the pivots, which hold a copy of themselves, made before them.

Demark's pivots choose one of three values, which Backtrader itself does in bulk alone."""


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("early", ["self.look()", "pass"])
def test_a_line_that_is_made_of_a_later_one_is_on_its_own_bar(made: str, early: str) -> None:
    code, bars = CODE.format(made=made, early=early), walk(14)
    run_plainly(code, FREE, bars)
    stock = [repr(entry) for entry in sys.modules["strategy"].LOG]

    report, records = played(code, bars, FREE, lock_step=True)

    assert report.fault is None
    assert [repr(entry) for entry in sys.modules["strategy"].LOG] == stock
    assert len(records) == len(bars) - 4
