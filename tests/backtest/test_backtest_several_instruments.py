"""Several instruments in one run: golden tables by hand, plain Backtrader beside them, and what nobody may trade."""

import sys

import pytest
from several_instruments import FREE, Day, daily, pair, play, play_and_replay, random_bars, run_plain

from core.backtest.replay import ReplayResult
from core.domain.aligned_bars import align_bars
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars

#     day: open  high  low close
A: dict[int, Day] = {
    1: (10, 11, 9, 10),
    2: (10, 12, 10, 11),
    3: (12, 13, 11, 12),
    4: (12, 14, 12, 13),
    5: (13, 15, 13, 14),
    6: (14, 16, 14, 15),
}
B: dict[int, Day] = {
    1: (20, 21, 19, 20),
    2: (20, 22, 18, 21),  # no bar on day 3
    4: (23, 24, 22, 23),
    5: (23, 25, 21, 22),
    6: (22, 23, 20, 21),
}
GAP = pair(A, B)
ACT = """
import datetime
import backtrader as bt

class Act(bt.Strategy):
    def next(self):
        day = self.datetime.date(0).day
{orders}
"""


def act(*orders: tuple[int, str]) -> str:
    """A strategy that does something on the close of certain days."""
    return ACT.format(orders="\n".join(f"        if day == {day}: self.{text}" for day, text in orders))


def list_fills(replayed: ReplayResult) -> list[tuple[str, int, float]]:
    """Instrument, day and price of every fill; moments are days here."""
    return [(fill.instrument or "A", fill.bar + 1, fill.price) for fill in replayed.fills]


GOLDEN = {
    "P1 market orders for both": (
        [(2, "buy(data=self.data0, size=1); self.buy(data=self.data1, size=1)")],
        [("A", 3, 12.0), ("B", 4, 23.0)],
        1_001.0,
        0,
    ),
    "P2 a limit that only the old bar reaches": ([(2, "buy(data=self.data1, size=1, exectype=bt.Order.Limit, price=19)")], [], 1_000.0, 1),
    "P2b a limit that waits for the next bar": (
        [(2, "buy(data=self.data1, size=1, exectype=bt.Order.Limit, price=22.5)")],
        [("B", 4, 22.5)],
        998.5,
        1,
    ),
    "P3 a limit before the gap": (
        [(1, "buy(data=self.data1, size=1, exectype=bt.Order.Limit, price=19)")],
        [("B", 2, 19.0)],
        1_002.0,
        0,
    ),
    "P4 a stop over the gap": (
        [
            (1, "buy(data=self.data1, size=1)"),
            (2, "sell(data=self.data1, size=1, exectype=bt.Order.Stop, price=20.5)"),
        ],
        [("B", 2, 20.0), ("B", 6, 20.5)],
        1_000.5,
        1,
    ),
    "P5 a close order over the gap": (
        [(2, "buy(data=self.data1, size=1, exectype=bt.Order.Close)")],
        [("B", 4, 23.0)],
        998.0,
        0,
    ),
    "P6 an order that expires in the gap": (
        [(2, "buy(data=self.data1, size=1, exectype=bt.Order.Limit, price=15, valid=datetime.timedelta(1))")],
        [],
        1_000.0,
        0,
    ),
    "P6b limits for the opening, which is that of the next bar of their own": (
        [
            (2, "buy(data=self.data1, size=1, exectype=bt.Order.Limit, price=23, on_open=True)"),
            (2, "buy(data=self.data1, size=7, exectype=bt.Order.Limit, price=22.5, on_open=True)"),
        ],
        [("B", 4, 23.0)],
        998.0,
        2,
    ),
    "P7 long one and short the other": (
        [(1, "buy(data=self.data0, size=10); self.sell(data=self.data1, size=5)")],
        [("A", 2, 10.0), ("B", 2, 20.0)],
        1_045.0,
        0,
    ),
    "P8 a limit after the gap": (
        [(4, "buy(data=self.data1, size=1, exectype=bt.Order.Limit, price=22.5)")],
        [("B", 5, 22.5)],
        998.5,
        0,
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_orders_fill_on_the_bars_of_their_own_instrument(name: str) -> None:
    orders, fills, final, held_back = GOLDEN[name]
    report, replayed = play_and_replay(act(*orders), GAP)
    assert list_fills(replayed) == fills
    assert (replayed.final_value, report.claimed_value) == (final, final)
    assert replayed.held_back == held_back


@pytest.mark.parametrize("name", GOLDEN)
def test_plain_backtrader_without_fills_on_old_bars_ends_with_the_same_value(name: str) -> None:
    orders, _, final, _ = GOLDEN[name]
    assert run_plain(act(*orders), GAP, old_bars=False)[1] == final


@pytest.mark.parametrize(("name", "final"), [("P2 a limit that only the old bar reaches", 1_002.0), ("P4 a stop over the gap", 1_000.0)])
def test_plain_backtrader_itself_fills_on_the_old_bar(name: str, final: float) -> None:
    assert run_plain(act(*GOLDEN[name][0]), GAP)[1] == final


def test_the_account_is_worth_what_every_position_is_worth_at_each_close() -> None:
    _, replayed = play_and_replay(act(*GOLDEN["P7 long one and short the other"][0]), GAP)
    assert replayed.equity.tolist() == [1_000, 1_005, 1_015, 1_015, 1_030, 1_045]  # day 4: 1000 + 10 x 13 - 5 x 23
    assert replayed.position.tolist() == [0, 10, 10, 10, 10, 10]
    assert [column.tolist() for column in replayed.other_positions] == [[0, -5, -5, -5, -5, -5]]


def test_trades_are_those_of_each_instrument() -> None:
    _, replayed = play_and_replay(
        act((1, "buy(data=self.data0, size=10); self.sell(data=self.data1, size=5)"), (4, "close(self.data1)")), GAP
    )
    assert [(trade.instrument, trade.entry_bar, trade.exit_bar, trade.size, trade.profit) for trade in replayed.trades] == [
        ("", 1, None, 10, 50.0),
        ("B", 1, 4, -5, -15.0),
    ]


def test_cash_is_that_of_the_account_not_of_an_instrument() -> None:
    orders = act((1, "buy(data=self.data0, size=100); self.buy(data=self.data1, size=20)"))  # 1,000 and then 400
    _, replayed = play_and_replay(orders, GAP)
    assert list_fills(replayed) == [("A", 2, 10.0)]
    assert replayed.orders.margin_rejected == 1


SEEN = """
import backtrader as bt

class Seen(bt.Strategy):
    def next(self):
        a, b = self.datas
        print(len(self), len(a), len(b), a.close[0] - b.close[0], self.getdatabyname("B").close[0], self.data1._name)
"""


def test_a_feed_without_a_bar_stands_still_while_the_other_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    play_and_replay(SEEN, GAP)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:3] for row in rows] == [["1"] * 3, ["2"] * 3, ["3", "3", "2"], ["4", "4", "3"], ["5", "5", "4"], ["6", "6", "5"]]
    assert [float(row[3]) for row in rows] == [-10, -10, -9, -10, -8, -6]
    assert {row[5] for row in rows} == {"B"}


WAIT = """
import backtrader as bt

class Wait(bt.Strategy):
    def __init__(self):
        bt.ind.SMA(self.data{feed}, period=3)
    def next(self):
        print(len(self))
"""


@pytest.mark.parametrize(("feed", "first"), [(0, 3), (1, 4)])
def test_next_begins_when_the_slowest_feed_has_its_longest_warm_up(feed: int, first: int, capsys: pytest.CaptureFixture[str]) -> None:
    play_and_replay(WAIT.format(feed=feed), GAP)
    assert capsys.readouterr().out.split()[0] == str(first)


def test_a_feed_that_has_ended_fills_nothing_any_more() -> None:
    days: dict[int, Day] = {day: (50 + day, 51 + day, 49 + day, 50.5 + day) for day in range(1, 6)}
    bars = pair(days, {day: days[day] for day in (1, 2, 3)})
    orders = act((3, "buy(data=self.data1, size=1, exectype=bt.Order.Limit, price=53.2); self.buy(data=self.data1, size=1)"))
    _, replayed = play_and_replay(orders, bars)
    assert (replayed.fills, replayed.orders.open_at_end) == ((), 2)


RANDOM = """
import random
import backtrader as bt

class Random(bt.Strategy):
    def __init__(self):
        self.dice = random.Random({seed})
        self.means = [bt.ind.SMA(data, period=3) for data in self.datas]
        self.spread = bt.ind.SMA(self.data0.close - self.data1.close, period=2)
        self.log, self.placed = [], []

    def notify_order(self, order):
        self.log.append((len(self), order.ref - self.placed[0].ref if self.placed else 0, order.getstatusname(), order.executed.price))

    def next(self):
        self.log.append((len(self), [len(data) for data in self.datas], self.spread[0], self.broker.getvalue(), self.broker.getcash()))
        dice = self.dice
        for data in self.datas:
            if dice.random() < 0.5:
                continue
            kind = dice.choice([bt.Order.Market, bt.Order.Close, bt.Order.Limit, bt.Order.Stop, bt.Order.StopLimit, bt.Order.StopTrail])
            words = dict(data=data, size=dice.randint(1, 5), exectype=kind)
            if kind in (bt.Order.Limit, bt.Order.Stop, bt.Order.StopLimit):
                words["price"] = round(data.close[0] * dice.uniform(0.97, 1.03), 2)
            if kind == bt.Order.StopLimit:
                words["plimit"] = round(words["price"] * dice.uniform(0.99, 1.01), 2)
            if kind == bt.Order.StopTrail:
                words["trailamount"] = round(data.close[0] * 0.02, 2)
            if dice.random() < 0.3:
                import datetime
                words["valid"] = data.datetime.datetime(0) + datetime.timedelta(days=dice.randint(1, 6))
            if self.placed and dice.random() < 0.2:
                words["oco"] = self.placed[-1]
            self.placed.append((self.buy if dice.random() < 0.5 else self.sell)(**words))
        if self.placed and dice.random() < 0.2:
            self.cancel(dice.choice(self.placed))
        if dice.random() < 0.1:
            self.placed += self.buy_bracket(data=dice.choice(self.datas), size=2, exectype=bt.Order.Market,
                                            stopprice=round(self.data.close[0] * 0.97, 2), limitprice=round(self.data.close[0] * 1.03, 2))

    def stop(self):
        global LOG
        LOG = self.log
"""
COSTS = BacktestPlan(cash=5_000.0, commission=0.001, slippage=0.002)


def make_random_bars(seed: int, missing: float) -> Bars:
    """Two or three instruments, one of which begins late."""
    return align_bars(
        [random_bars(name, 10 * seed + place, missing=missing, late=place * 4) for place, name in enumerate("ABC"[: 2 + seed % 2])]
    )


@pytest.mark.parametrize("seed", range(20))
def test_random_orders_on_equal_calendars_give_plain_backtraders_figures(seed: int) -> None:
    code, bars = RANDOM.format(seed=seed), make_random_bars(seed, 0.0)
    plain, value = run_plain(code, bars, COSTS_OF[seed % 2])
    report, replayed = play_and_replay(code, bars, COSTS_OF[seed % 2])
    assert plain.log == sys.modules["strategy"].LOG
    assert report.claimed_value == value
    assert replayed.final_value == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("seed", range(20, 40))
def test_random_orders_on_unequal_calendars_give_plain_backtraders_figures_without_fills_on_old_bars(seed: int) -> None:
    code, bars = RANDOM.format(seed=seed), make_random_bars(seed, 0.1)
    plain, value = run_plain(code, bars, old_bars=False)
    report, replayed = play_and_replay(code, bars)
    assert plain.log == sys.modules["strategy"].LOG
    assert report.claimed_value == value
    assert replayed.final_value == pytest.approx(value, rel=1e-12)


COSTS_OF = (FREE, BacktestPlan(cash=5_000.0, commission=0.001, slippage=0.0))


@pytest.mark.parametrize("seed", range(4))
def test_every_fill_of_three_instruments_with_costs_and_gaps_is_agreed_by_arithmetic(seed: int) -> None:
    play_and_replay(RANDOM.format(seed=seed), make_random_bars(2 * seed + 1, 0.2), COSTS)


def test_an_order_for_longer_bars_of_another_instrument_is_refused() -> None:
    code = act((2, "buy(data=self.datas[1])")).replace("def next", 'timeframes = ("1w",)\n    def next')
    report, _ = play(code, align_bars([random_bars("A", 1), random_bars("B", 2)]))
    assert report.fault is not None
    assert "higher timeframe" in report.fault.message


def test_longer_bars_follow_the_first_instrument_and_further_instruments_follow_them(capsys: pytest.CaptureFixture[str]) -> None:
    code = SEEN.replace("def next(self):", 'timeframes = ("1w",)\n    def next(self):').replace(
        "a, b = self.datas", "a, b = self.data0, self.data2"
    )
    play_and_replay(code.replace("self.data1._name", "self.data2._name"), align_bars([random_bars("A", 1), random_bars("B", 2)]))
    assert {line.split()[5] for line in capsys.readouterr().out.splitlines()} == {"B"}


def test_instruments_that_begin_apart_are_cut_to_the_first_moment_at_which_each_has_a_bar() -> None:
    bars = pair(A, {day: row for day, row in B.items() if day > 2})
    assert (bars.first.day, len(bars), len(bars.others[0])) == (4, 3, 3)
    assert daily("A", A).hash != bars.hash
