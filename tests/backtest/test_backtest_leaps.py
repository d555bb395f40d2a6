"""A strategy leaps over the bars on which it would do nothing, and over no other: what it does and what it sees are those of every bar."""

import sys
from collections import Counter
from typing import Any

import pytest
from acting_strategies import ACTS
from backtest_cases import walk
from fuzz import find_difference
from quiet_strategies import write_quiet_strategy
from waiting_strategies import HEAD, HOURS, TURN, WAITS

from core.backtest.bar_source import AllBars, BarSource, BarStream, Handed
from core.backtest.leaps import BulkLeaper
from core.backtest.strategy_runner import run_strategy
from core.backtest.wake_conditions import WakeCondition
from core.backtest.wake_reader import WakeReader
from core.backtest.wide_rows import make_stream
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.deposits import Deposit, Rhythm
from core.domain.instrument import Timeframe


@pytest.fixture(scope="module")
def bars() -> Bars:
    return walk(600, seed=3)


class Counted:
    """A source that counts what it is asked for, and what it hands out at once."""

    def __init__(self, bars: Bars) -> None:
        self.counts: Counter[str] = Counter()
        stream = make_stream(bars)
        assert isinstance(stream, BarStream)
        assert stream.declare is not None
        self._declare = stream.declare
        self.source = BarStream(stream.timeframe, stream.next_bar, stream.hours, self.declare)

    def declare(self, blocks: list[Any]) -> Handed:
        handed = self._declare(blocks)

        def ask() -> bytes:
            self.counts["asked"] += 1
            return handed.ask()

        def leap(text: str, numbers: list[float], bounds: Any) -> tuple[bytes, bool]:
            self.counts["leaps"] += 1
            return handed.leap(text, numbers, bounds)

        return Handed(ask, leap, handed.recall)


def play(code: str, source: BarSource, plan: BacktestPlan) -> tuple[Any, ...]:
    records: list[dict[str, object]] = []
    report = run_strategy(code, plan, source, lambda raw: records.append(dict(raw)), signals=False)
    log = [repr(entry) for entry in sys.modules["strategy"].LOG]
    return report.fault, records, log, report.claimed_value, report.claimed_cash, report.bars


def compare(code: str, bars: Bars, plan: BacktestPlan | None = None) -> Counter[str]:
    """The same bar by bar, with leaps, and with all bars at once; gives what was asked for with leaps."""
    plan = plan or BacktestPlan()
    counted = Counted(bars)
    every = play(code, BarStream.from_bars(bars), plan)
    assert play(code, counted.source, plan) == every
    assert play(code, AllBars.from_bars(bars), plan) == every
    assert every[1], "it orders nothing"
    return counted.counts


@pytest.mark.parametrize("seed", range(24))
def test_a_strategy_that_waits_sees_and_does_the_same_as_in_stock_backtrader(seed: int) -> None:
    assert find_difference(seed, 300, write=write_quiet_strategy) == ""


def test_bars_on_which_nothing_can_happen_are_not_asked_for_one_by_one(bars: Bars) -> None:
    counts = compare(HEAD.format(init="") + TURN, bars)

    assert counts["asked"] + counts["leaps"] < 0.3 * len(bars)


@pytest.mark.parametrize("name", WAITS)
def test_what_is_waited_for_may_be_said_in_many_ways(name: str, bars: Bars) -> None:
    counts = compare(HEAD.format(init="") + WAITS[name], bars)

    assert counts["leaps"]
    assert counts["asked"] + counts["leaps"] < 0.7 * len(bars)


def test_hours_and_days_are_waited_for() -> None:
    bars = walk(600, seed=3, timeframe=Timeframe.M5)

    counts = compare(HEAD.format(init="") + HOURS, bars)

    assert counts["leaps"]
    assert counts["asked"] + counts["leaps"] < 0.5 * len(bars)


@pytest.mark.parametrize(
    "name", ["legs of a bracket", "orders in a list, asked for their status", "the bar of an order, and a wait in bars"]
)
def test_a_condition_is_not_read_again_for_another_order_of_the_same_kind(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    anew = WakeReader._read_anew

    def note(self: WakeReader) -> WakeCondition:
        read.append(self)
        return anew(self)

    monkeypatch.setattr(WakeReader, "_read_anew", note)
    fault, records, *_ = play(HEAD.format(init="") + WAITS[name], Counted(walk(900, seed=3)).source, BacktestPlan())

    assert fault is None
    assert len(records) > 30
    assert len(read) < 10


@pytest.mark.parametrize("name", ACTS)
def test_a_strategy_that_does_something_on_a_bar_gets_its_turn(name: str, bars: Bars) -> None:
    compare(
        HEAD.format(init="self.legs, self.single = [[], []], NUMPY(100)").replace(
            "LOG = []", "from numpy import float64 as NUMPY\nLOG = []"
        )
        + ACTS[name],
        bars,
    )


def test_an_indicator_of_the_strategy_s_own_is_stepped_and_nothing_is_leapt_over(bars: Bars) -> None:
    code = HEAD.format(init="self.mean = Mean(d)") + TURN.replace("self.rsi[0] < self.p.low", "self.rsi[0] < 45 and self.mean[0] < d")
    counts = compare(code.replace("< d:", "< self.data[0]:"), bars)

    assert counts["leaps"] == 0
    assert counts["asked"] > 0.9 * len(bars)


def test_without_indicators_prices_are_waited_for(bars: Bars) -> None:
    code = """
import backtrader as bt
LOG = []
class Breaks(bt.Strategy):
    def next(self):
        if len(self) < 3:
            return
        if not self.position and self.data.close[0] > self.data.high[-1] > self.data.high[-2]:
            self.buy(size=2)
        elif self.position and self.data.close[0] < self.data.low[-1]:
            LOG.append((len(self), self.data.close[-1]))
            self.close()
"""
    assert compare(code, bars)["leaps"]


def test_money_that_is_paid_in_is_seen_on_its_bar(bars: Bars) -> None:
    plan = BacktestPlan(deposits=(Deposit(amount=250.0, every=Rhythm.MONTHLY),))
    code = HEAD.format(init="") + TURN.replace("self.rsi[0] < self.p.low", "self.broker.getcash() > 10_900")

    assert compare(code, bars, plan)["leaps"] == 0


def test_a_run_with_all_bars_goes_from_turn_to_turn(bars: Bars, monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[int] = []
    find = BulkLeaper.find

    def note(self: BulkLeaper, bar: int, bars: int) -> int:
        found = find(self, bar, bars)
        went.append(found - bar)
        return found

    monkeypatch.setattr(BulkLeaper, "find", note)
    compare(HEAD.format(init="") + TURN, bars)

    assert sum(went) > 0.7 * len(bars)
