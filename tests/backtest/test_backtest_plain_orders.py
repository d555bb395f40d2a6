"""Plain orders are played without the simulator, and bars that concern no order are passed over: the account is the same, to the bit."""

import random

import numpy as np
import pytest
from backtest_cases import walk
from backtest_logs import random_log, random_plan
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backtest.bulk_audit import confirm_plain_orders
from core.backtest.fill_audit import audit
from core.backtest.orders import OrderKind, OrderRecord
from core.backtest.plain_orders import MOST_OPEN
from core.backtest.replay import OrderReplayer, ReplayResult, replay
from core.domain.backtest import BacktestPlan, Side
from core.domain.bars import Bars
from tests.effort import examples

PLAIN_KINDS = (OrderKind.MARKET, OrderKind.LIMIT, OrderKind.STOP, OrderKind.LIMIT_ON_OPEN)
BARS = walk(300)
PLANS = {
    "usual": BacktestPlan(cash=20_000.0),
    "poor": BacktestPlan(cash=700.0, commission=0.002),
    "leverage and slippage": BacktestPlan(cash=5_000.0, leverage=3.0, slippage=0.002),
    "slippage as an amount": BacktestPlan(cash=9_000.0, slippage=0.0, slippage_price=0.4),
    "amounts as commission": BacktestPlan(cash=9_000.0, commission_per_unit=0.01, commission_minimum=1.0),
}


def make_log(seed: int, *, whole: bool, named: bool = False) -> list[OrderRecord]:
    """Random market orders, several on some bars, to the last bar; `named`: with a limit as the price that the cost is estimated at."""
    draw = random.Random(seed)
    cycles = sorted(draw.choices(range(1, len(BARS) + 1), k=160))
    sizes = [float(draw.randint(1, 60)) if whole else draw.random() * 40 for _ in cycles]
    prices = [draw.choice((None, 55.5)) if named else None for _ in cycles]
    sides = [draw.choice(list(Side)) for _ in cycles]
    rows = zip(cycles, sizes, prices, sides, strict=True)
    return [OrderRecord(id=number, cycle=bar, size=size, price=at, side=side) for number, (bar, size, at, side) in enumerate(rows)]


def simulate(log: list[OrderRecord], plan: BacktestPlan, bars: Bars = BARS) -> ReplayResult:
    """The same log, played by the simulator from its first bar on."""
    replayer = OrderReplayer(plan, bars)
    replayer._simulate()
    for record in log:
        replayer.take(record)
    return replayer.finish()


def require_same(one: ReplayResult, other: ReplayResult) -> None:
    assert (one.fills, one.trades, one.orders, one.states) == (other.fills, other.trades, other.orders, other.states)
    for name in ("equity", "position", "cash"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
@pytest.mark.parametrize("whole", [True, False], ids=["whole units", "fractions"])
def test_plain_orders_make_the_account_of_the_simulator(plan: BacktestPlan, whole: bool) -> None:
    for seed in range(4):
        log = make_log(seed, whole=whole, named=seed == 3)
        played = replay(log, plan, BARS)
        require_same(played, simulate(log, plan))
        assert audit(log, played, plan, BARS) == ()


@settings(max_examples=examples(60), deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_groups_and_brackets_make_the_account_of_the_simulator(seed: int, at_once: bool) -> None:
    draw = random.Random(seed)
    bars, plan = walk(draw.choice((5, 60)), seed=seed), random_plan(draw)
    log = random_log(draw, bars, PLAIN_KINDS, draw.choice((12, 60)))
    replayer = OrderReplayer(plan, bars)
    for record in log:
        if not at_once and draw.random() < 0.5:
            replayer.advance(record.cycle - 1)
        replayer.take(record)
    require_same(replayer.finish(), simulate(log, plan, bars))


def test_an_order_of_another_kind_brings_in_the_simulator_whenever_it_comes() -> None:
    log = make_log(7, whole=True)[:80]
    last = log[-1]
    trail = OrderRecord(id=80, cycle=last.cycle + 3, size=2.0, kind=OrderKind.STOP_TRAIL, trail_amount=2.0)
    stop = OrderRecord(id=81, cycle=last.cycle + 3, size=2.0, kind=OrderKind.STOP, price=float(BARS.high[last.cycle + 9]))
    replayer = OrderReplayer(PLANS["usual"], BARS)
    for record in log:
        replayer.take(record)
    replayer.advance(last.cycle + 2)
    for record in (trail, stop):
        replayer.take(record)
    require_same(replayer.finish(), simulate([*log, trail, stop], PLANS["usual"]))


@pytest.mark.parametrize(
    "orders",
    [
        [{"kind": OrderKind.STOP_TRAIL, "trail_amount": 1.0}],
        [{"kind": OrderKind.CLOSE}],
        [{"kind": OrderKind.LIMIT, "price": float("nan")}],
        [{}, {"side": Side.SELL, "kind": OrderKind.STOP, "price": 1.0, "parent": 0}],
        [{"transmit": False}, {"parent": 0, "transmit": False}, {"parent": 1}],
        [{"kind": OrderKind.LIMIT, "price": 1.0}] * (MOST_OPEN + 2),
    ],
    ids=["a trail", "the close", "no price", "a leg that comes late", "a leg of a leg", "a crowd"],
)
def test_what_is_not_plain_is_left_to_the_simulator(orders: list[dict[str, object]]) -> None:
    replayer = OrderReplayer(PLANS["usual"], BARS)
    log = [OrderRecord(id=number, cycle=3, size=1.0, **fields) for number, fields in enumerate(orders)]
    for record in log:
        replayer.take(record)
    require_same(replayer.finish(), simulate(log, PLANS["usual"]))
    assert not replayer._plain


def test_a_bracket_needs_no_simulator() -> None:
    legs = [{"kind": OrderKind.STOP, "price": 50.0, "transmit": False}, {"kind": OrderKind.LIMIT, "price": float(BARS.high[9])}]
    log = [OrderRecord(id=0, cycle=3, size=1.0, transmit=False)]
    log += [OrderRecord(id=number, cycle=3, size=1.0, side=Side.SELL, parent=0, **fields) for number, fields in enumerate(legs, 1)]
    replayer = OrderReplayer(PLANS["usual"], BARS)
    for record in log:
        replayer.take(record)
    played = replayer.finish()
    require_same(played, simulate(log, PLANS["usual"]))
    assert replayer._plain
    assert played.states == {0: "completed", 1: "canceled", 2: "completed"}


def test_what_is_beyond_doubt_is_only_what_the_rules_call_for() -> None:
    plan, log = PLANS["usual"], make_log(5, whole=True)
    played = replay(log, plan, BARS)
    fills = {fill.order: [fill] for fill in played.fills}
    confirmed = confirm_plain_orders(log, fills, played.states, plan, BARS)
    assert len(confirmed) > 100
    chosen = next(number for number in confirmed if number in fills)
    for change in ({"price": fills[chosen][0].price * (1 + 2e-9)}, {"bar": fills[chosen][0].bar + 1}, {"commission": 0.0}):
        forged = fills | {chosen: [fills[chosen][0].changed(**change)]}
        assert confirm_plain_orders(log, forged, played.states, plan, BARS) == confirmed - {chosen}
    assert np.isfinite(played.equity).all()
