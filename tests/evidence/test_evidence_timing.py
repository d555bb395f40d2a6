"""Timing beyond the strategy's own exposure: checked by hand, and against strategies that have none."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from core.domain.timing import Timing, TimingGap, compute_minimum_years, compute_power
from core.evidence import measure_timing
from tests.evidence.evidence_samples import walk

CASH = 100_000.0


def follow(prices: Bars, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Account and position of holding `held` shares of the account (0 to 1) from each close to the next."""
    market = np.concatenate(([0.0], np.diff(prices.close) / prices.close[:-1]))
    equity = CASH * np.cumprod(1.0 + np.concatenate(([0.0], held[:-1])) * market)
    return equity, held * equity / prices.close


def timing(prices: Bars, held: np.ndarray) -> Timing:
    equity, position = follow(prices, held)
    return measure_timing(equity, position, prices, cash=CASH)


def some(count: int = 600, *, seed: int = 3, share: float = 0.5) -> np.ndarray:
    """In the market for blocks of five bars, at random."""
    return np.repeat(np.random.default_rng(seed).random(count // 5) < share, 5).astype(float)


def test_what_drift_gives_to_everybody_is_no_timing() -> None:
    strong = walk(600, drift=0.002)

    found = [timing(strong, some(seed=seed)) for seed in range(40)]

    assert np.mean([one.held for one in found]) > 1.5, "a rising market pays whoever holds"
    assert abs(np.mean([one.z for one in found])) < 0.5
    assert np.std([one.z for one in found]) == pytest.approx(1.0, abs=0.3)


def test_buying_before_rises_is_timing() -> None:
    prices = walk(600)
    rises = np.append(np.diff(prices.close) > 0, False).astype(float)

    assert timing(prices, rises).z > 10.0
    assert timing(prices, 1.0 - rises).z < -10.0


@pytest.mark.parametrize("tries", [1, 11, 100])
def test_line_and_probability_say_the_same(tries: int) -> None:
    prices = walk(600)
    equity, position = follow(prices, some())
    found = measure_timing(equity, position, prices, cash=CASH)
    returns = np.diff(np.concatenate(([CASH], equity))) / np.concatenate(([CASH], equity[:-1]))
    sharpe = float(returns.mean() / returns.std(ddof=1) * np.sqrt(252))

    at_the_line = found.changed(z=found.z + (found.compute_line(tries) - sharpe) / found.spread)

    assert at_the_line.compute_probability(tries) == pytest.approx(0.05, abs=1e-6)


def test_size_and_side_change_nothing() -> None:
    prices = walk(600)
    held = some()

    assert timing(prices, 0.5 * held).z == pytest.approx(timing(prices, held).z, abs=0.02)
    assert timing(prices, -held).z == pytest.approx(-timing(prices, held).z, abs=0.05)


def test_days_are_the_unit_within_a_day() -> None:
    prices = walk(600)
    times = np.repeat(np.datetime64("2024-01-01T10:00:00") + np.arange(100) * np.timedelta64(1, "D"), 6)
    hours = times + np.tile(np.arange(6), 100) * np.timedelta64(1, "h")
    instrument = prices.instrument.changed(days_per_year=365)
    intraday = replace(prices, instrument=instrument, timeframe=Timeframe.H1, time=hours, _hash=[])

    found = timing(intraday, some())

    assert found.days == 100
    assert found.z == pytest.approx(timing(prices, some()).z, abs=1.0)


@pytest.mark.parametrize(
    ("count", "held", "gap"),
    [
        (29, np.ones(29), TimingGap.TOO_SHORT),
        (200, np.zeros(200), TimingGap.NEVER_HELD),
        (200, np.ones(200), TimingGap.ALWAYS_HELD),
        (200, np.concatenate((np.zeros(30), np.ones(170))), TimingGap.ALWAYS_HELD),
        (200, -np.ones(200), TimingGap.ALWAYS_HELD),
    ],
)
def test_where_there_is_no_timing_the_reason_is_told(count: int, held: np.ndarray, gap: TimingGap) -> None:
    assert timing(walk(count), held).gap is gap


def test_a_lost_account_has_no_timing() -> None:
    prices = walk(100)

    assert measure_timing(np.linspace(CASH, -1.0, 100), np.ones(100), prices, cash=CASH).gap is TimingGap.RUINED


def test_who_trades_further_instruments_is_not_judged_by_the_first_one() -> None:
    """The first is never traded, then held at times; in both, the account moves with the second one as well."""
    first = walk(200)
    bars = replace(
        first, others=(replace(first, close=first.close[::-1].copy(), instrument=first.instrument.changed(symbol="B")),), _hash=[]
    )
    held = np.where(np.arange(200) % 20 < 10, 1.0, 0.0)
    alone = CASH + np.concatenate(([0.0], np.cumsum(held[:-1] * np.diff(first.close))))
    beside = alone + 2 * (bars.others[0].close - bars.others[0].close[0])

    assert measure_timing(alone, held, bars, cash=CASH).gap is None
    assert measure_timing(beside, held, bars, cash=CASH).gap is TimingGap.SEVERAL_TRADED


def test_more_tries_raise_the_line_and_the_chance() -> None:
    found = Timing(z=2.0, base=0.5, spread=0.4)

    assert found.compute_line(1) < found.compute_line(10) < found.compute_line(100)
    assert found.compute_probability(1) < found.compute_probability(10) < found.compute_probability(100)


@pytest.mark.parametrize(("gain", "power"), [(0.5, 0.19), (1.0, 0.46), (2.0, 0.93)])
def test_power_over_two_and_a_half_years_is_that_of_the_table(gain: float, power: float) -> None:
    assert compute_power(gain, 1 / 2.4**0.5) == pytest.approx(power, abs=0.01)
    assert compute_minimum_years(-gain, periods_per_year=252) is None
