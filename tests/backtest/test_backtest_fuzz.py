"""A few random strategies in every way of running; `python -m tests.backtest.fuzz 2000` runs as many as you like."""

import pytest
from backtest_cases import played, walk
from fuzz import compare_one_pass, find_difference
from several_instruments import FREE, play, random_bars

from core.backtest import engine
from core.backtest.engine import Engine
from core.backtest.replay import replay
from core.backtest.schedule import warm_up_schedule
from core.domain.aligned_bars import align_bars


@pytest.mark.parametrize("seed", range(16))
def test_a_random_strategy_sees_and_does_the_same_as_in_stock_backtrader(seed: int) -> None:
    assert find_difference(seed, 250) == ""


SEVERAL = """
import random
import backtrader as bt

class Several(bt.Strategy):
    def next(self):
        for data in self.datas:
            if random.random() < 0.2:
                self.sell(data=data, size=2, exectype=bt.Order.Limit, price=data.close[0] * 1.01)
            elif random.random() < 0.3:
                self.buy(data=data, size=1, exectype=random.choice([bt.Order.Market, bt.Order.Stop]), price=data.close[0] * 1.002)
"""


@pytest.mark.parametrize("seed", range(3))
def test_one_pass_gives_the_account_of_the_replay(seed: int) -> None:
    bars = align_bars(tuple(random_bars(symbol, seed + place, missing=0.2) for place, symbol in enumerate("ABC")))
    for plan in (FREE, FREE.changed(cash=90_000.0, commission=0.002, slippage=0.001), FREE.changed(leverage=4.0)):
        report, records = play(SEVERAL, bars, plan)
        assert report.fault is None
        assert compare_one_pass(SEVERAL, bars, plan, records, replay(records, plan, bars)) == ""


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


WARMING = """
import backtrader as bt

class Counts(bt.Indicator):
    lines = ("steps",)

    def __init__(self):
        self.addminperiod(6)
        self.mean = bt.ind.EMA(self.data, period=4)
        self.told = []

    def prenext(self):
        self.told.append(("before", len(self), self.mean[0]))
        self.lines.steps[0] = -len(self)

    def nextstart(self):
        self.told.append(("first", len(self), self.mean[0]))
        {inside}
        self.lines.steps[0] = 0.0

    def next(self):
        self.lines.steps[0] = self.lines.steps[-1] + self.mean[0]

class Warming(bt.Strategy):
    def __init__(self):
        self.counts = Counts()
        self.slow, self.strength = bt.ind.SMA(self.counts.steps, period=7), bt.ind.RSI(period=5, safediv=True)
        self.turn = bt.ind.CrossOver(self.slow, self.counts.steps)
        self.seen = []

    def note(self, word):
        if len(self) == {bar}:
            self.late = bt.ind.EMA(period=3)
        if len(self) % 3 == 0:
            self.buy(size=1)
        lines = (self.counts.steps, self.counts.mean, self.slow, self.strength, self.turn, self.data.close)
        self.seen.append((word, self.position.size, [(len(line), line[0]) for line in lines]))

    def prenext(self):
        self.note("before")

    def nextstart(self):
        self.note("first")

    def next(self):
        self.note("after")

    def stop(self):
        print(self.counts.told, self.seen)
"""


@pytest.mark.parametrize("bar", [2, 10, 10**6])
@pytest.mark.parametrize("inside", ["pass", "self.more = bt.ind.SMA(self.data, period=2)"])
def test_a_warm_up_goes_as_in_backtraders_own_loop(
    bar: int, inside: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ways, made = [], []
    for schedule in (warm_up_schedule, lambda strategy, feed: None):
        monkeypatch.setattr(engine, "warm_up_schedule", lambda *given, make=schedule: made.append(make(*given)) or made[-1])
        report, records = played(WARMING.format(bar=bar, inside=inside), walk(40), lock_step=True)
        assert report.fault is None
        ways.append((capsys.readouterr().out, [record.to_wire() for record in records]))
    assert ways[0] == ways[1]
    assert [one is None for one in made] == [False, True]


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
