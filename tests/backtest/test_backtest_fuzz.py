"""A few random strategies in every way of running; `python -m tests.backtest.fuzz 2000` runs as many as you like."""

import pytest
from backtest_cases import played, walk
from fuzz import find_difference

from core.backtest.engine import Engine


@pytest.mark.parametrize("seed", range(16))
def test_a_random_strategy_sees_and_does_the_same_as_in_stock_backtrader(seed: int) -> None:
    assert find_difference(seed, 250) == ""


CODE = """
import backtrader as bt

class Late(bt.Strategy):
    def __init__(self):
        self.average = bt.ind.SMA(period=5)
        self.seen = []

    def next(self):
        if len(self) == {bar}:
            self.late = bt.ind.EMA(period=3)
        self.seen.append((self.average[0], len(self), self.data.close[-1], self.position.size))
        if self.average[0] < self.data.close[0]:
            self.buy(size=1)
        elif self.position:
            self.close()

    def stop(self):
        print(self.seen)
"""


@pytest.mark.parametrize("bar", [9, 40, 10**6])
def test_an_indicator_that_is_added_on_the_way_changes_nothing_for_the_others(bar: int, capsys: pytest.CaptureFixture[str]) -> None:
    ways = []
    for lock_step in (True, False):
        report, records = played(CODE.format(bar=bar), walk(120), lock_step=lock_step)
        assert report.fault is None
        ways.append((capsys.readouterr().out, [record.to_wire() for record in records]))
    assert ways[0] == ways[1]


@pytest.mark.parametrize("lock_step", [True, False])
def test_an_ordinary_strategy_takes_the_lean_loop(lock_step: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    run = Engine.run
    monkeypatch.setattr(Engine, "run", lambda self, **words: (run(self, **words), taken.append(self.way))[0])
    played(CODE.format(bar=10**6), walk(60), lock_step=lock_step)
    assert taken == ["lean"]


def test_a_strategy_with_lines_of_its_own_takes_backtraders_way(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    run = Engine.run
    monkeypatch.setattr(Engine, "run", lambda self, **words: (run(self, **words), taken.append(self.way))[0])
    played(CODE.format(bar=10**6).replace("    def __init__", '    lines = ("mine",)\n\n    def __init__'), walk(60), lock_step=True)
    assert taken == ["schedule"]
