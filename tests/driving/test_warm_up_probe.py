"""What a winner's indicators show is told bar by bar, whatever its code is like, and its orders stay what they are."""

import numpy as np
import pytest

from core.driving.warm_up_probe import add_probe, read_probe
from tests.backtest.backtest_cases import run, walk

PLAIN = """
import backtrader as bt


class A(bt.Strategy):
    def __init__(self):
        self.mean = bt.ind.SMA(self.data.close, period=20)
        self.bands = bt.ind.BollingerBands(self.data.close, period=10)
        self.below = -self.mean

    def next(self):
        if not self.position and self.data.close[0] > self.mean[0]:
            self.buy()
"""
DERIVED = PLAIN.replace("class A(", "class Base(") + "\n\nclass Mine(Base):\n    params = dict(n=3)\n"


@pytest.mark.parametrize("code", [PLAIN, DERIVED, PLAIN.replace("self.data.close[0] >", "len(self) > 30 and self.data.close[0] >")])
def test_values_come_back_as_they_were_and_orders_stay(code: str) -> None:
    bars = walk(120)

    plain, told = run(code, bars), run(add_probe(code) or "", bars, signals=True)

    values = read_probe(told.report.signals)
    mean = np.convolve(bars.close, np.full(20, 0.05), "valid")
    assert set(values) == {"mean/0", "bands/0", "bands/1", "bands/2"}
    assert np.isnan(values["mean/0"][:19]).all()
    assert values["mean/0"][19:] == pytest.approx(mean, rel=1e-4)
    assert told.replayed.fills == plain.replayed.fills


@pytest.mark.parametrize("code", ["", "x = 1", "class A:\n    pass", "class A(bt.Indicator):\n    pass", "def ("])
def test_what_is_no_strategy_gets_no_probe(code: str) -> None:
    assert add_probe(code) is None
