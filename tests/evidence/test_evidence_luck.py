"""What chance alone would show, against draws from chance alone."""

from math import pi, sqrt

import numpy as np
import pytest

from core.evidence import deflated_sharpe, expected_best_sharpe, expected_maximum, probabilistic_sharpe, sharpe_interval
from core.evidence.luck import NORMAL, draw_stationary_indexes


@pytest.mark.parametrize(("trials", "exact"), [(1, 0.0), (2, 1 / sqrt(pi)), (3, 1.5 / sqrt(pi)), (4, 1.0293753730), (10, 1.5387527308)])
def test_the_expected_maximum_equals_the_known_order_statistics(trials, exact):
    assert expected_maximum(trials) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("trials", [10, 100, 1_000, 100_000])
def test_the_published_approximation_is_within_three_percent(trials):
    euler = 0.5772156649015329
    published = (1 - euler) * NORMAL.inv_cdf(1 - 1 / trials) + euler * NORMAL.inv_cdf(1 - 1 / (trials * np.e))
    assert expected_maximum(trials) == pytest.approx(published, rel=0.03)


def test_ten_skill_less_tries_over_a_year_show_the_luck_line():
    draws = np.random.default_rng(0).normal(0, 0.01, size=(4_000, 10, 252))
    sharpes = draws.mean(axis=2) / draws.std(axis=2, ddof=1) * sqrt(252)
    assert sharpes.max(axis=1).mean() == pytest.approx(expected_best_sharpe(10, 1.0), abs=0.03)


def test_more_tries_raise_the_luck_line_and_more_years_lower_it():
    assert expected_best_sharpe(100, 2.0) > expected_best_sharpe(10, 2.0) > expected_best_sharpe(10, 8.0) > 0
    assert expected_best_sharpe(1, 3.0) == expected_best_sharpe(50, 0.0) == 0.0


def test_the_probabilistic_sharpe_of_skill_less_returns_is_uniform():
    draws = np.random.default_rng(1).normal(0, 0.01, size=(2_000, 250))
    ratios = draws.mean(axis=1) / draws.std(axis=1, ddof=1)
    sure = [probabilistic_sharpe(ratio, benchmark=0.0, periods=250, skew=0.0, kurtosis=3.0) for ratio in ratios]
    assert np.quantile(sure, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.03)


def test_fat_tails_and_losses_to_the_left_make_a_sharpe_less_sure():
    normal = probabilistic_sharpe(0.1, benchmark=0.0, periods=500, skew=0.0, kurtosis=3.0)
    assert probabilistic_sharpe(0.1, benchmark=0.0, periods=500, skew=-1.0, kurtosis=8.0) < normal
    assert probabilistic_sharpe(0.1, benchmark=0.0, periods=1, skew=0.0, kurtosis=3.0) == 0.5


def test_the_best_of_many_needs_more_than_a_single_try():
    one = deflated_sharpe(0.1, trials=1, variance=0.002, periods=500, skew=0.0, kurtosis=3.0)
    many = deflated_sharpe(0.1, trials=100, variance=0.002, periods=500, skew=0.0, kurtosis=3.0)
    assert one == pytest.approx(probabilistic_sharpe(0.1, benchmark=0.0, periods=500, skew=0.0, kurtosis=3.0))
    assert many < one


def test_the_bootstrap_range_covers_the_true_sharpe_as_often_as_it_says():
    generator = np.random.default_rng(2)
    hits = 0
    for seed in range(60):
        returns = generator.normal(0.0006, 0.01, 750)
        found = sharpe_interval(returns, periods_per_year=252, seed=seed, confidence=0.9, resamples=200)
        hits += found.low <= 0.06 * sqrt(252) <= found.high
    assert 46 <= hits <= 60


def test_the_bootstrap_is_repeatable_and_silent_without_material():
    returns = np.random.default_rng(3).normal(0, 0.01, 300)
    first = sharpe_interval(returns, periods_per_year=252, seed=9)
    assert first == sharpe_interval(returns, periods_per_year=252, seed=9)
    assert first != sharpe_interval(returns, periods_per_year=252, seed=10)
    assert sharpe_interval(returns[:19], periods_per_year=252, seed=9) is None
    assert sharpe_interval(np.zeros(100), periods_per_year=252, seed=9) is None


def test_resampled_blocks_have_the_mean_length_that_was_asked_for():
    indexes = draw_stationary_indexes(5_000, 4, 20, np.random.default_rng(0))
    breaks = np.count_nonzero((np.diff(indexes, axis=1) % 5_000) != 1, axis=1)
    assert 5_000 / breaks == pytest.approx([20] * 4, rel=0.15)
    assert indexes.min() >= 0
    assert indexes.max() < 5_000
