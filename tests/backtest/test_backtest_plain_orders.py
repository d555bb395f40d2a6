"""Plain orders are played without the simulator, and bars that concern no order are passed over: the account is the same, to the bit."""

import random

import numpy as np
import pytest
from backtest_cases import walk

from core.backtest.bulk_audit import confirm_plain_orders
from core.backtest.fill_audit import audit
from core.backtest.orders import OrderKind, OrderRecord
from core.backtest.replay import OrderReplayer, ReplayResult, replay
from core.domain.backtest import BacktestPlan, Side

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


def simulate(log: list[OrderRecord], plan: BacktestPlan) -> ReplayResult:
    """The same log, played by the simulator from its first bar on."""
    replayer = OrderReplayer(plan, BARS)
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


def test_an_order_of_another_kind_brings_in_the_simulator_whenever_it_comes() -> None:
    log = make_log(7, whole=True)[:80]
    last = log[-1]
    limit = OrderRecord(id=80, cycle=last.cycle + 3, size=2.0, kind=OrderKind.LIMIT, price=float(BARS.low.min()) * 0.5)
    stop = OrderRecord(id=81, cycle=last.cycle + 3, size=2.0, kind=OrderKind.STOP, price=float(BARS.high[last.cycle + 9]))
    replayer = OrderReplayer(PLANS["usual"], BARS)
    for record in log:
        replayer.take(record)
    replayer.advance(last.cycle + 2)
    for record in (limit, stop):
        replayer.take(record)
    require_same(replayer.finish(), simulate([*log, limit, stop], PLANS["usual"]))


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
