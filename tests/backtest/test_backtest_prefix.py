"""The future: orders up to a bar do not depend on later bars, and where they do it is found."""

import random
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from backtest_cases import BENIGN, played, run, walk
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backtest.orders import OrderAction, OrderRecord, to_canonical
from core.backtest.prefix import MOST_CUTS, choose_cuts, compare_prefix
from core.domain.bars import PRICE_COLUMNS, Bars
from tests.changed_future import change_future

NAMED = {path.stem: path.read_text() for path in BENIGN}


def order(number: int, cycle: int, size: float = 1.0) -> OrderRecord:
    return OrderRecord(id=number, cycle=cycle, size=size)


def orders_at(cycles: Iterable[int]) -> list[OrderRecord]:
    return [order(number, cycle) for number, cycle in enumerate(cycles)]


@pytest.mark.parametrize(
    ("cycles", "cuts"),
    [
        ([], ()),
        ([64], ()),  # on the last bar: nothing comes later
        ([3], (3,)),
        ([3, 3, 9], (3, 9)),
        ([1, 2, 3, 4, 8, 16, 32, 60], (1, 2, 3, 4, 8, 16, 32, 60)),
    ],
)
def test_few_bars_with_orders_are_all_cuts(cycles: list[int], cuts: tuple[int, ...]) -> None:
    assert choose_cuts(orders_at(cycles), 64, lambda below: 0) == cuts


@pytest.mark.parametrize(("orders", "count"), [(20, 8), (100, 10), (5_000, MOST_CUTS)])
def test_more_orders_call_for_more_cuts(orders: int, count: int) -> None:
    assert len(choose_cuts(orders_at(range(1, orders + 1)), 10_000, lambda below: below - 1)) == count


@given(st.integers(0, 2**32 - 1))
def test_cuts_are_drawn_from_every_part_of_the_run(seed: int) -> None:
    cuts = choose_cuts(orders_at(range(1, 801)), 1_000, random.Random(seed).randrange)
    assert [cut * len(cuts) // 801 for cut in cuts] == list(range(len(cuts)))


def test_a_changed_future_keeps_the_past_the_times_and_the_form_of_bars() -> None:
    bars = walk(200)
    other = change_future(bars, 120, seed=5)
    for name in ("time", *PRICE_COLUMNS):
        assert np.array_equal(getattr(bars, name)[:120], getattr(other, name)[:120])
    assert not np.any(bars.close[120:] == other.close[120:])
    assert np.all(other.high >= np.maximum(other.open, other.close))
    assert np.all((other.low <= np.minimum(other.open, other.close)) & (other.low > 0))


@pytest.mark.parametrize(
    ("full", "cut", "bar"),
    [
        ([], [], None),
        ([order(0, 2), order(1, 5)], [order(0, 2), order(1, 5)], None),
        ([order(0, 2), order(1, 9)], [order(0, 2)], None),  # after the cut: not compared
        ([order(0, 2)], [], 1),
        ([], [order(0, 4)], 3),
        ([order(0, 2), order(1, 5)], [order(0, 2), order(1, 5, 2.0)], 4),
        ([order(0, 3)], [order(0, 2)], 1),
        ([order(0, 2), order(1, 3)], [order(0, 2), OrderRecord(id=1, cycle=3, action=OrderAction.CANCEL, target=0)], 2),
    ],
)
def test_the_first_bar_that_differs_is_told(full: list[OrderRecord], cut: list[OrderRecord], bar: int | None) -> None:
    assert compare_prefix(full, cut, 5) == bar


def first_leak(code: str, bars: Bars) -> int | None:
    """The prefix check as it is used: repeats on cut bars, compared with the full run."""
    _, full = played(code, bars)
    draw = random.Random(3)
    cuts = choose_cuts(full, len(bars), draw.randrange)
    futures = [bars.slice(0, at) if draw.random() < 0.5 else change_future(bars, at, at) for at in cuts]
    leaks = [compare_prefix(full, played(code, other)[1], at) for at, other in zip(cuts, futures, strict=True)]
    return next((leak for leak in leaks if leak is not None), None)


@pytest.mark.parametrize("name", sorted(set(NAMED) - {"two_clocks", "session_hours"}))
def test_honest_strategies_raise_no_alarm(name: str) -> None:
    assert first_leak(NAMED[name], walk(120)) is None


PEEKS = """
import backtrader as bt

class Once(bt.Indicator):
    lines = ("ahead",)
    def next(self):
        self.lines.ahead[0] = 0.0
    def once(self, start, end):
        for index in range(start, end):
            self.lines.ahead.array[index] = self.data.close.array[min(index + 3, end - 1)] - self.data.close.array[index]

class Peeks(bt.Strategy):
    def __init__(self):
        self.ahead = Once(self.data)
        self.cloud = bt.ind.Ichimoku(tenkan=2, kijun=3, senkou=4, senkou_lead=2, chikou=2)
    def next(self):
        bar, closes = len(self) - 1, self.data.close.array
        up = {peek}
        if up and not self.position:
            self.buy(size=50)
        elif not up and self.position:
            self.close()
"""
LOOKS_AHEAD = {
    "array": "closes[min(bar + 1, len(closes) - 1)] > closes[bar]",
    "getattr": "getattr(self.data.close, 'arr' + 'ay')[min(bar + 2, len(closes) - 1)] > closes[bar]",
    "getzero": "max(self.data.close.getzero(idx=bar, size=4)) > closes[bar] * 1.01",
    "plot": "self.data.close.plot(0, bar + 4)[-1] > closes[bar]",
    "plotrange": "max(self.data.close.plotrange(bar, bar + 4)) > closes[bar] * 1.01",
    "own once()": "self.ahead[0] > 0",
    "chikou": "self.cloud.chikou_span[0] > closes[bar]",
    "length": "len(self.data.close.array) - bar > 100",
    "last date": "self.data.datetime[0] < self.data.datetime.array[-1] - 40",
}


@pytest.mark.parametrize("peek", LOOKS_AHEAD.values(), ids=LOOKS_AHEAD)
def test_what_reads_the_future_in_fast_mode_is_found(peek: str) -> None:
    assert first_leak(PEEKS.format(peek=peek), walk(140)) is not None


def with_other_future(bars: Bars, keep: int, seed: int) -> Bars:
    """The same bars up to `keep`, everything after them different."""
    other = walk(len(bars), seed=seed + 1)
    columns = {
        name: np.concatenate((getattr(bars, name)[:keep], getattr(other, name)[keep:]))
        for name in ("open", "high", "low", "close", "volume")
    }
    return replace(bars, **columns, _hash=[])


def up_to(records: list[OrderRecord], cycle: int) -> list[str]:
    return [to_canonical(record) for record in records if record.cycle <= cycle]


STEPPED = {name: NAMED[name] for name in ("bracket_long", "either_side", "own_indicator", "line_logic", "weekly_filter", "scaling_out")}
STEPPED |= {f"peeks {name}": PEEKS.format(peek=peek) for name, peek in LOOKS_AHEAD.items()}


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(STEPPED)), st.integers(0, 2**32 - 1))
def test_in_lock_step_bars_after_i_never_change_orders_up_to_i(name: str, seed: int) -> None:
    rng = random.Random(seed)
    bars = walk(60, seed=seed)
    keep = rng.randrange(1, 60)
    _, one = played(STEPPED[name], bars, lock_step=True)
    _, other = played(STEPPED[name], with_other_future(bars, keep, seed), lock_step=True)
    assert up_to(one, keep) == up_to(other, keep)


def test_the_child_never_holds_a_bar_before_its_orders_are_out() -> None:
    from core.backtest.bar_source import BarStream
    from core.backtest.strategy_runner import run_strategy
    from core.domain.backtest import BacktestPlan

    bars, log = walk(40), []
    stream = BarStream.from_bars(bars)

    def next_bar() -> object:
        log.append("bar")
        return stream.next_bar()

    run_strategy(NAMED["flip"], BacktestPlan(), BarStream(bars.timeframe, next_bar), lambda raw: log.append(raw["cycle"]), signals=False)  # type: ignore[arg-type]
    placed = [(log[:place].count("bar"), cycle) for place, cycle in enumerate(log) if cycle != "bar"]
    assert placed
    assert all(delivered == cycle for delivered, cycle in placed)


CHEATS = """
import datetime
import backtrader as bt

class Cheats(bt.Strategy):
    def __init__(self):
        self.env.p.cheat_on_open = True
        self.broker.set_coo(True)
        self.add_timer(when=datetime.time(0, 0), cheat=True)
    def notify_timer(self, timer, when, *args, **kwargs):
        if not self.position and self.data.close[0] > self.data.open[0]:
            self.buy(size=50, exectype=bt.Order.Limit, price=self.data.low[0])
    def next_open(self):
        if self.position and self.data.close[0] < self.data.open[0]:
            self.close()
    def next(self):
        pass
"""


@pytest.mark.parametrize("lock_step", [False, True])
def test_orders_given_before_the_broker_s_turn_fill_on_the_next_bar_all_the_same(lock_step: bool) -> None:
    ran = run(CHEATS, walk(80), lock_step=lock_step)
    cycles = {record.id: record.cycle for record in ran.records}
    assert ran.replayed.fills
    assert all(fill.bar >= cycles[fill.order] for fill in ran.replayed.fills)
