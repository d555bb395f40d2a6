"""The fill audit: silent on true figures, and it names every figure that was changed."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from backtest_cases import walk
from backtest_logs import random_log, random_plan
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backtest.fill_audit import audit, describe_unchecked
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.backtest.replay import ReplayResult, replay
from core.domain.backtest import BacktestPlan, Fill, Side

PLAN = BacktestPlan(cash=10_000.0)
BARS = walk(40)
LOG = [
    OrderRecord(id=0, cycle=3, size=20.0),
    OrderRecord(id=1, cycle=6, size=20.0, side=Side.SELL),
    OrderRecord(id=2, cycle=9, size=10.0, kind=OrderKind.LIMIT, price=float(BARS.close[8]) * 0.99, transmit=False),
    OrderRecord(id=3, cycle=9, size=10.0, side=Side.SELL, kind=OrderKind.STOP, price=float(BARS.close[8]) * 0.97, parent=2, transmit=False),
    OrderRecord(id=4, cycle=9, size=10.0, side=Side.SELL, kind=OrderKind.LIMIT, price=float(BARS.close[8]) * 1.01, parent=2),
    OrderRecord(id=5, cycle=25, size=5.0, kind=OrderKind.LIMIT, price=1.0),
    OrderRecord(id=6, cycle=26, action=OrderAction.CANCEL, target=5),
    OrderRecord(id=7, cycle=30, size=5.0, side=Side.SELL, kind=OrderKind.STOP_TRAIL, trail_percent=0.01),
]
TRUE = replay(LOG, PLAN, BARS)


def with_fill(number: int, **changes: object) -> ReplayResult:
    fills = list(TRUE.fills)
    fills[number] = fills[number].changed(**changes)
    return replace(TRUE, fills=tuple(fills))


def with_column(name: str, bar: int, change: float) -> ReplayResult:
    column = getattr(TRUE, name).copy()
    column[bar] += change
    return replace(TRUE, **{name: column})


def test_true_figures_pass() -> None:
    assert len(TRUE.fills) == 5
    assert audit(LOG, TRUE, PLAN, BARS) == ()


@pytest.mark.parametrize(
    ("forged", "words"),
    [
        (with_fill(0, price=float(BARS.low[3])), "the rules give"),
        (with_fill(0, price=float(BARS.high[3]) + 5), "outside its range"),
        (with_fill(0, bar=2), "not on a later bar"),
        (with_fill(0, bar=4), "but was due on bar 3"),
        (with_fill(0, bar=99), "does not exist"),
        (with_fill(0, size=25.0), "of 20 units filled 25"),
        (with_fill(0, size=15.0), "of 20 units filled 15"),
        (with_fill(1, size=20.0), "the wrong side"),
        (with_fill(0, commission=0.0), "paid a commission of 0.0"),
        (with_fill(0, commission=-3.0), "paid a commission of -3.0"),
        (with_fill(0, order=6), "belongs to no order"),
        (with_fill(0, order=5), "said to be completed, but has no fill"),
        (with_fill(2, price=float(BARS.close[8])), "worse than its limit"),
        (replace(TRUE, fills=TRUE.fills[1:]), "said to be completed, but has no fill"),
        (replace(TRUE, fills=TRUE.fills[1:], states=TRUE.states | {0: "accepted"}), "was due to fill"),
        (replace(TRUE, fills=TRUE.fills[1:], states=TRUE.states | {0: "expired"}), "had no such date"),
        (replace(TRUE, fills=TRUE.fills[1:], states=TRUE.states | {0: "canceled"}), "nobody canceled it"),
        (replace(TRUE, fills=(*TRUE.fills, TRUE.fills[0])), "before the fill ahead of it"),
        (replace(TRUE, states={}), "has no state"),
        (replace(TRUE, states=TRUE.states | {5: "accepted"}), "was over on bar 26: it was canceled"),
        (with_column("equity", 20, 1.0), "equity at the close of bar 20"),
        (with_column("cash", 20, 1.0), "cash at the close of bar 20"),
        (with_column("position", 20, 1.0), "position at the close of bar 20"),
        (replace(TRUE, equity=TRUE.equity[:-1]), "equity has 39 values for 40 bars"),
        (with_column("equity", 20, float("nan")), "equity at the close of bar 20"),
        (replace(TRUE, orders=TRUE.orders.changed(filled=9)), "are said to be"),
        (replace(TRUE, trades=TRUE.trades[:-1]), "the trades' profits add up"),
    ],
)  # fmt: skip
def test_a_changed_figure_is_named(forged: ReplayResult, words: str) -> None:
    assert any(words in remark for remark in audit(LOG, forged, PLAN, BARS))


OPENINGS = [
    OrderRecord(id=0, cycle=3, size=20.0, kind=OrderKind.LIMIT_ON_OPEN, price=float(BARS.open[3])),
    OrderRecord(id=1, cycle=6, size=2.0, kind=OrderKind.LIMIT_ON_OPEN, price=float(BARS.open[6]) * 0.999),
    OrderRecord(id=2, cycle=40, size=2.0, kind=OrderKind.LIMIT_ON_OPEN, price=1e6),
]


@pytest.mark.parametrize("tied", [False, True], ids=["in bulk", "one by one"])
@pytest.mark.parametrize(
    ("number", "state", "bar", "words"),
    [
        (0, "expired", None, "was due to fill on bar 3"),
        (0, "submitted", None, "was over on bar 4: the opening of bar 3"),
        (0, "completed", 4, "was over on bar 4: the opening of bar 3"),
        (1, "completed", 6, "worse than its limit"),
        (1, "accepted", None, "was over on bar 7: the opening of bar 6"),
        (2, "expired", None, "had no such date"),
        (2, "completed", 39, "not on a later bar"),
    ],
)
def test_a_changed_figure_of_an_order_for_the_opening_is_named(tied: bool, number: int, state: str, bar: int | None, words: str) -> None:
    log = [one.changed(valid=1e9) for one in OPENINGS] if tied else OPENINGS
    true = replay(log, PLAN, BARS)
    assert audit(log, true, PLAN, BARS) == ()

    fills = [fill for fill in true.fills if fill.order != number]
    if bar is not None:
        size = log[number].size
        fills.append(Fill(order=number, bar=bar, size=size, price=float(BARS.open[bar]), commission=float(BARS.open[bar]) * size * 0.001))
    forged = replace(true, fills=tuple(sorted(fills, key=lambda fill: fill.bar)), states=true.states | {number: state})
    assert any(words in remark for remark in audit(log, forged, PLAN, BARS))


def test_a_fill_of_an_order_that_was_over_is_named() -> None:
    late = Fill(order=5, bar=30, size=5.0, price=1.0, commission=0.005)
    remarks = audit(LOG, replace(TRUE, fills=(*TRUE.fills, late)), PLAN, BARS)
    assert any("but was over on bar 26: it was canceled" in remark for remark in remarks)


def test_both_legs_of_a_bracket_filled_is_named() -> None:
    (other,) = (number for number in (3, 4) if TRUE.states[number] == "canceled")
    both = Fill(order=other, bar=39, size=-10.0, price=float(BARS.low[39]), commission=1.0)
    remarks = audit(LOG, replace(TRUE, fills=(*TRUE.fills, both), states=TRUE.states | {other: "completed"}), PLAN, BARS)
    assert any("another order of its group had filled" in remark for remark in remarks)


def test_a_purchase_without_the_cash_is_named() -> None:
    log = [OrderRecord(id=0, cycle=1, size=1_000.0)]
    rich = replay(log, BacktestPlan(cash=1e6), BARS)
    assert any("without the cash for it" in remark for remark in audit(log, rich, PLAN, BARS))


@pytest.mark.parametrize(
    "other", [BacktestPlan(cash=10_000.0, commission=0.0), BacktestPlan(cash=10_000.0, slippage=0.01), BacktestPlan(cash=9_999.0)]
)
def test_figures_of_another_account_are_named(other: BacktestPlan) -> None:
    assert audit(LOG, TRUE, other, BARS)


def test_leverage_changes_cash_and_not_equity() -> None:
    plan = PLAN.changed(leverage=5.0)
    levered = replay(LOG, plan, BARS)
    assert audit(LOG, levered, plan, BARS) == ()
    assert np.allclose(levered.equity, TRUE.equity)
    assert any("cash at the close" in remark for remark in audit(LOG, levered, PLAN, BARS))


def test_many_disagreements_are_cut_off() -> None:
    log = [OrderRecord(id=number, cycle=1, size=1.0) for number in range(40)]
    assert audit(log, replace(replay(log, PLAN, BARS), fills=()), PLAN, BARS)[-1] == "and more"


def test_what_only_the_broker_knows_is_said_openly() -> None:
    log = [OrderRecord(id=0, cycle=1, size=1_000.0)]
    assert "1 order was rejected for lack of cash" in describe_unchecked(log, replay(log, PLAN, BARS))[0]
    assert describe_unchecked(LOG, TRUE) == ()


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_no_false_alarm_on_any_log(seed: int) -> None:
    rng = random.Random(seed)
    bars = walk(rng.choice((5, 30, 80)), seed=seed)
    log, plan = random_log(rng, bars), random_plan(rng)
    assert audit(log, replay(log, plan, bars), plan, bars) == ()


FORGERIES: list[Callable[[Fill], Fill]] = [
    lambda fill: fill.changed(price=fill.price * 1.0001),
    lambda fill: fill.changed(size=fill.size * 1.0001),
    lambda fill: fill.changed(commission=fill.commission + 0.01),
    lambda fill: fill.changed(bar=fill.bar + 1),
]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.sampled_from(FORGERIES))
def test_a_forged_fill_never_passes(seed: int, forge: Callable[[Fill], Fill]) -> None:
    rng = random.Random(seed)
    bars = walk(40, seed=seed)
    log, plan = random_log(rng, bars), random_plan(rng)
    true = replay(log, plan, bars)
    if true.fills:
        number = rng.randrange(len(true.fills))
        fills = (*true.fills[:number], forge(true.fills[number]), *true.fills[number + 1 :])
        assert audit(log, replace(true, fills=fills), plan, bars)
