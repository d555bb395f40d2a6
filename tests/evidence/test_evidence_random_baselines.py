"""Chance as a yardstick: rules that know nothing must look like it, and a rule that knows must not."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.instrument import Timeframe
from core.evidence import evaluate
from core.evidence.random_baselines import placebo_rank, shuffle_bars, simulate_random_entries
from tests.evidence.evidence_samples import PLAN, in_and_out, play, walk


def test_entries_that_know_nothing_are_as_likely_above_as_below_chance():
    found = []
    for seed in range(60):
        prices = walk(500, seed=seed)
        entries = np.sort(np.random.default_rng(seed).choice(np.arange(1, 48), 12, replace=False)) * 10
        outcome = play(prices, in_and_out([int(entry) for entry in entries], 5, 300.0))
        found.append(simulate_random_entries(evaluate(outcome, prices, PLAN), prices, PLAN, seed=1, draws=200).probability)
    assert 0.35 < np.mean(found) < 0.65
    assert np.mean(np.array(found) < 0.1) < 0.25


def test_entries_that_know_the_next_bars_are_told_from_chance():
    prices = walk(600, seed=3)
    gains = prices.open[6:] / prices.open[:-6]
    entries = [int(start + np.argmax(gains[start : start + 12])) for start in range(1, 560, 30)]
    found = simulate_random_entries(evaluate(play(prices, in_and_out(entries, 6, 300.0)), prices, PLAN), prices, PLAN, seed=1)
    assert found.probability < 0.01
    assert found.earned > found.random_high > found.random_mean


def test_a_rising_market_is_in_both_sides_of_the_comparison():
    prices = walk(500, seed=5, drift=0.004, deviation=0.001)
    found = simulate_random_entries(evaluate(play(prices, in_and_out(range(5, 450, 30), 10, 300.0)), prices, PLAN), prices, PLAN, seed=1)
    assert found.random_mean == pytest.approx(found.earned, rel=0.1)
    assert found.probability > 0.05


def test_random_entries_are_repeatable_and_need_trades():
    prices = walk(300)
    known = evaluate(play(prices, in_and_out(range(5, 200, 20), 5, 300.0)), prices, PLAN)
    assert simulate_random_entries(known, prices, PLAN, seed=4) == simulate_random_entries(known, prices, PLAN, seed=4)
    assert simulate_random_entries(evaluate(play(prices, []), prices, PLAN), prices, PLAN, seed=4) is None


def test_a_strategy_that_is_always_invested_leaves_no_room_for_chance():
    prices = walk(52)
    back_to_back = [order for start in range(1, 51, 10) for order in ((start, 300.0), (start + 10, -300.0))]
    known = evaluate(play(prices, back_to_back), prices, PLAN)
    found = simulate_random_entries(known, prices, PLAN, seed=4, draws=50)
    assert found is None or found.random_mean == pytest.approx(found.earned, abs=0.01)


def test_the_placebo_has_the_same_returns_in_another_order():
    prices = walk(500)
    found = shuffle_bars(prices, seed=7)
    assert found.close[-1] == pytest.approx(prices.close[-1])
    returns, before = np.diff(np.log(found.close)), np.diff(np.log(prices.close))
    assert not np.allclose(returns, before)
    assert np.sort(np.abs(returns)).mean() == pytest.approx(np.sort(np.abs(before)).mean(), rel=0.02)
    assert np.all(found.high >= np.maximum(found.open, found.close) - 1e-9)
    assert np.all(found.low <= np.minimum(found.open, found.close) + 1e-9)
    assert (found.time == prices.time).all()


def test_the_placebo_is_repeatable_and_differs_by_seed():
    prices = walk(300)
    assert shuffle_bars(prices, seed=1).hash == shuffle_bars(prices, seed=1).hash
    assert len({shuffle_bars(prices, seed=seed).hash for seed in range(5)} | {prices.hash}) == 6


def test_an_intraday_placebo_moves_whole_days():
    prices = walk(40)
    days = np.repeat(np.array([f"2024-01-{day:02d}" for day in (2, 3, 4, 5, 8, 9, 10, 11)], dtype="datetime64[s]"), 5)
    minutes = replace(prices, time=days + np.tile(np.arange(5) * 60, 8).astype("timedelta64[s]"), timeframe=Timeframe.M1, _hash=[])
    volumes = replace(minutes, volume=np.arange(40, dtype=float), _hash=[])
    moved = shuffle_bars(volumes, seed=2).volume.reshape(8, 5)
    assert (np.diff(moved, axis=1) == 1).all()
    assert sorted(moved[:, 0]) == [0, 5, 10, 15, 20, 25, 30, 35]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_bars_for_a_placebo_stay_as_they_are(count):
    prices = walk(count) if count else walk(3).slice(0, 0)
    assert len(shuffle_bars(prices, seed=1)) == count


def test_the_placebo_rank_counts_the_real_one_in():
    assert placebo_rank(2.0, [1.0] * 99) == 1.0
    assert placebo_rank(0.0, [1.0] * 99) == 0.01


def test_several_instruments_are_shuffled_together():
    prices, other = walk(300), walk(300, seed=9)
    several = replace(prices, others=(replace(other, time=prices.time),))
    found = shuffle_bars(several, seed=7, block=1)
    days, before = (
        {tuple(day) for day in np.diff([np.log(one.close) for one in bars.instruments]).T.round(9)} for bars in (found, several)
    )
    assert len(days & before) >= len(before) - 1, "the first bar has no day before it"
    assert not np.array_equal(found.close, prices.close)
