"""The bars before the first `next()` are taken as one: nobody sees a difference, and whatever is unusual is stepped through."""

from collections.abc import Callable
from typing import Any

import pytest
from backtest_cases import played, walk

from core.backtest import engine
from core.backtest.warm_up import BulkWarmUp

CODE = """
import backtrader as bt

class Shows(bt.Strategy):
    def __init__(self):
        self.average, self.turn = bt.ind.EMA(period=9), bt.ind.RSI(period=14, safediv=True)
        self.bands, self.macd = bt.ind.BollingerBands(period=20), bt.ind.MACD()
        self.wide = bt.ind.SMA(self.data.high - self.data.low, period=5)
        {init}

    {more}

    def next(self):
        if len(self) < 60:
            print(len(self), self.data.datetime.date(0), self.average[0], self.turn[-1], self.bands.top[-5], self.macd.signal[0])
            print(self.wide[-20])
        if self.turn[0] < 45:
            self.buy(size=1)

    def stop(self):
        print("end", len(self), len(self.average), self.average[0], self.wide[-1])
"""


def show(capsys: pytest.CaptureFixture[str], code: str, bars: int) -> tuple[str, list[dict[str, Any]], object]:
    report, records = played(code, walk(bars), lock_step=True)
    return capsys.readouterr().out, [record.to_wire() for record in records], report.fault


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """True for each warm-up that was taken as one, False for each that was stepped through."""
    taken: list[bool] = []
    prepare: Callable[..., BulkWarmUp | None] = BulkWarmUp.prepare

    def note(*args: Any) -> BulkWarmUp | None:
        made = prepare(*args)
        taken.append(made is not None)
        return made

    monkeypatch.setattr(engine.BulkWarmUp, "prepare", note)
    return taken


def build(init: str = "pass", more: str = "pass") -> str:
    return CODE.format(init=init, more=more)


@pytest.mark.parametrize("bars", [120, 34, 33, 12, 1])
def test_a_warm_up_that_is_taken_as_one_shows_what_steps_show(
    bars: int, counted: list[bool], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = show(capsys, build(), bars)
    assert counted == [True]
    monkeypatch.setattr(engine.BulkWarmUp, "prepare", lambda *args: None)
    assert show(capsys, build(), bars) == one


@pytest.mark.parametrize("place", ["_compute", "_place"])
def test_what_fails_in_bulk_is_stepped_through(
    place: str, counted: list[bool], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, stock, failures = show(capsys, build(), 120), BulkWarmUp._compute, list[str]()

    def fail(self: BulkWarmUp) -> None:
        if place == "_place":
            stock(self)
        failures.append(place)
        raise ArithmeticError

    monkeypatch.setattr(BulkWarmUp, "_compute", fail)
    assert show(capsys, build(), 120) == expected
    assert len(failures) == 1


@pytest.mark.parametrize(
    ("init", "more"),
    [
        ("pass", "def prenext(self): print(len(self), self.average[0])"),
        ("pass", "def notify_cashvalue(self, cash, value): print(value)"),
        ("self.path = bt.ind.ParabolicSAR()", "pass"),
        ("self.prenext = lambda: print(len(self))", "pass"),
    ],
    ids=["prenext", "account", "unknown indicator", "prenext of the object"],
)
def test_whoever_would_notice_is_stepped_through(
    init: str, more: str, counted: list[bool], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = show(capsys, build(init, more), 120)
    assert counted == [False]
    monkeypatch.setattr(engine.BulkWarmUp, "prepare", lambda *args: None)
    assert show(capsys, build(init, more), 120) == seen


def test_a_division_by_nothing_in_the_warm_up_is_told_as_bar_by_bar(
    counted: list[bool], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = build("self.ratio = bt.ind.SMA(1.0 / (self.data.volume - self.data.volume), period=3)")
    seen = show(capsys, code, 60)
    assert counted == [True]
    assert seen[2] is not None
    monkeypatch.setattr(engine.BulkWarmUp, "prepare", lambda *args: None)
    assert show(capsys, code, 60) == seen


@pytest.mark.parametrize("period", [3, 50])
def test_a_period_that_the_strategy_itself_asks_for_delays_nothing_as_in_backtrader(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, period: int
) -> None:
    alone = f"import backtrader as bt\nclass S(bt.Strategy):\n    def __init__(self): self.addminperiod({period})\n"
    alone += "    def next(self):\n        print(len(self))\n        if len(self) % 3 == 1: self.buy(size=1)\n"
    codes = (alone, build(f"self.addminperiod({period})"))
    shown = [show(capsys, code, 120) for code in codes]
    monkeypatch.setattr(BulkWarmUp, "prepare", lambda *_: None)

    assert [show(capsys, code, 120) for code in codes] == shown
    assert shown[0][0].startswith("1\n")


_WAY = "\n    def {}: self.lines[0].array[{}] = 5.0"
_COMPOSED = (
    'class Own(bt.Indicator):\n    lines = ("f",)\n    def __init__(self): self.lines.f = self.data - bt.ind.SMA(self.data, period=4)'
)
_DERIVED = "class Own(bt.ind.SMA):\n    params = dict(period=4)"


@pytest.mark.parametrize("base", [_COMPOSED, _DERIVED], ids=["composed", "derived"])
@pytest.mark.parametrize(
    "way",
    [
        _WAY.format("nextstart(self)", -1),
        _WAY.format("once(self, start, end)", -1),
        _WAY.format("oncestart(self, start, end)", "start"),
        _WAY.format("preonce(self, start, end)", 0),
    ],
    ids=["nextstart", "once", "oncestart", "preonce"],
)
def test_an_indicator_that_begins_in_a_way_of_its_own_is_stepped_through(
    base: str, way: str, counted: list[bool], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = "def nextstart(self): print(list(self.own.get(size=len(self))))"
    code = f"import backtrader as bt\n{base}{way}\n{build('self.own = Own(self.data)', shown)}"
    seen = show(capsys, code, 60)
    assert counted == [False]
    monkeypatch.setattr(engine.BulkWarmUp, "prepare", lambda *args: None)
    assert show(capsys, code, 60) == seen
