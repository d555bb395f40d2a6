"""What is held between the closes belongs to the exposure: a rising market pays whoever holds it, also for half a day."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Fill
from core.domain.bars import Bars
from core.domain.deposits import PaidAccount
from core.domain.timing import Timing, TimingGap
from core.evidence import evaluate_cash, measure_timing, time_account
from core.evidence.held_inside import measure_held_inside
from tests.evidence.evidence_samples import walk

CASH = 100_000.0
STEPS = 13
Account = tuple[np.ndarray, np.ndarray, list[Fill]]


def fill(bar: int, size: float, price: float, kind: str = "limit") -> Fill:
    return Fill(order=0, bar=bar, size=size, price=price, commission=0.0, kind=kind)


def draw_days(seed: int, *, drift: float, count: int = 500) -> tuple[np.ndarray, Bars]:
    """Prices within each day, and its bars: a day goes up by `drift` on average, moves by 1.2 % and begins at the close before."""
    noise = 0.012 * np.random.default_rng(seed).standard_normal((count, STEPS)) / STEPS**0.5 + drift / STEPS
    noise[:, 0] = 0.0
    path = 100.0 * np.exp(np.cumsum(noise.ravel())).reshape(count, STEPS)
    columns = {"open": path[:, 0], "high": path.max(1), "low": path.min(1), "close": path[:, -1], "volume": np.ones(count)}
    return path, replace(walk(count), **columns, _hash=[])


def bracket(path: np.ndarray, side: float = 1.0) -> Account:
    """Entered at every open, left 1 % further or 1 % back, whenever that is."""
    cash, units, entry, fills = CASH, 0.0, 0.0, []
    equity, position = np.empty(len(path)), np.zeros(len(path))
    for day, prices in enumerate(path):
        if not units:
            entry, units = float(prices[0]), side * cash / float(prices[0])
            fills.append(fill(day, units, entry, "market"))
        away = np.flatnonzero(np.abs(prices / entry - 1.0) >= 0.01)
        if len(away):
            price = float(prices[away[0]])
            fills.append(fill(day, -units, price))
            cash, units = cash + units * (price - entry), 0.0
        position[day], equity[day] = units, cash + units * (float(prices[-1]) - entry)
    return equity, position, fills


def open_to_close(path: np.ndarray) -> Account:
    """Bought at every second open, sold at the close of the day."""
    cash, equity, fills = CASH, np.empty(len(path)), []
    for day, prices in enumerate(path):
        if day % 2:
            units = cash / float(prices[0])
            fills += [fill(day, units, float(prices[0]), "market"), fill(day, -units, float(prices[-1]), "close")]
            cash += units * float(prices[-1] - prices[0])
        equity[day] = cash
    return equity, np.zeros(len(path)), fills


def time_all(rule: Callable[[np.ndarray], Account], drift: float, *, known: bool = True) -> list[Timing]:
    found = []
    for seed in range(16):
        path, bars = draw_days(seed, drift=drift)
        equity, position, fills = rule(path)
        found.append(measure_timing(equity, position, bars, cash=CASH, fills=fills if known else ()))
    return found


def test_by_the_closes_alone_a_rising_market_passes_for_timing() -> None:
    assert np.mean([one.z for one in time_all(bracket, 0.002, known=False)]) > 1.0


@pytest.mark.parametrize(
    ("rule", "drift"),
    [(bracket, 0.002), (bracket, -0.002), (bracket, 0.0), (lambda path: bracket(path, -1.0), 0.002), (open_to_close, 0.002)],
)
def test_what_drift_gives_within_the_day_is_no_timing(rule: Callable[[np.ndarray], Account], drift: float) -> None:
    assert abs(np.mean([one.z for one in time_all(rule, drift)])) < 0.6


def test_leaving_before_the_fall_of_a_day_is_timing() -> None:
    """Bought at every open; on days that end lower sold again at the open's price."""
    path, bars = draw_days(1, drift=0.0)
    earned = np.maximum(path[:, -1] / path[:, 0] - 1.0, 0.0)
    equity = CASH * np.cumprod(1.0 + earned)
    units = np.concatenate(([CASH], equity[:-1])) / path[:, 0]
    left = np.where(earned > 0, path[:, -1], path[:, 0])
    fills = [one for day in range(len(path)) for one in (fill(day, units[day], path[day, 0], "market"), fill(day, -units[day], left[day]))]

    assert measure_timing(equity, np.zeros(len(path)), bars, cash=CASH, fills=fills).z > 10.0


def test_who_is_flat_at_every_close_has_held_something() -> None:
    path, bars = draw_days(2, drift=0.0)
    equity, position, fills = open_to_close(path)

    assert measure_timing(equity, position, bars, cash=CASH).gap is TimingGap.NEVER_HELD
    found = measure_timing(equity, position, bars, cash=CASH, fills=fills)
    assert found.gap is None
    assert found.exposure == pytest.approx(0.5, abs=0.1)


def test_orders_at_the_open_are_told_by_the_closes() -> None:
    bars = walk(60)

    assert measure_held_inside([], np.ones(60), bars, np.full(60, CASH)) is None
    assert measure_held_inside([fill(5, 1.0, 100.0, "market")], np.ones(60), bars, np.full(60, CASH)) is None


def test_bars_that_open_where_they_close_tell_nothing_but_what_was_carried_into_them() -> None:
    """One price a day, as of a fixing: a stop is filled at it, and half of the account stood in the market for two of four days."""
    bars = replace(walk(4), open=walk(4).close, high=walk(4).close, low=walk(4).close, _hash=[])
    account = 20.0 * np.concatenate((bars.close[:1], bars.close[:-1]))
    sold = fill(2, -10.0, float(bars.close[2]), "stop")

    assert measure_held_inside([sold], np.array([10.0, 10.0, 0.0, 0.0]), bars, account) == pytest.approx(0.25)


def test_squares_of_moves_are_counted_with_the_units_held_in_them() -> None:
    """Four bars that move by e**0.02 each. Ten units worth half of the account are carried in and sold halfway through the second one."""
    close = 100.0 * np.exp(0.02 * np.arange(1, 5))
    opened = close / np.exp(0.02)
    bars = replace(walk(4), open=opened, high=close, low=opened, close=close, _hash=[])
    account = 20.0 * opened
    sold = fill(1, -10.0, float(opened[1] * np.exp(0.01)))

    found = measure_held_inside([sold], np.array([10.0, 0.0, 0.0, 0.0]), bars, account)

    assert found == pytest.approx((0.5 + 0.5 * 0.25) / 4)


def test_an_account_that_is_paid_into_is_timed_per_unit() -> None:
    path, bars = draw_days(3, drift=0.001)
    equity, position, fills = bracket(path)
    plain = replace(evaluate_cash(bars, BacktestPlan(cash=CASH)), equity=equity, position=position, fills=tuple(fills))
    doubled = np.where(np.arange(len(bars)) == 100, equity[100], 0.0)  # as much again is paid in, and units are bought in proportion
    worth = np.where(np.arange(len(bars)) < 100, 1.0, 2.0)
    more = tuple(one.changed(size=one.size * float(worth[one.bar])) for one in fills)
    paid = replace(plain, position=position * worth, fills=more, paid=PaidAccount(equity * worth, doubled, CASH))

    assert time_account(paid, bars, cash=CASH).z == pytest.approx(time_account(plain, bars, cash=CASH).z, abs=1e-6)
