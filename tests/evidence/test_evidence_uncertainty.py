"""Standard error and range of a Sharpe ratio, against draws whose true value is known."""

import numpy as np
import pytest

from core.evidence import sharpe_error, sharpe_interval


def remembering(seed: int, memory: float, count: int = 1_000) -> np.ndarray:
    draws = np.random.default_rng(seed).normal(0.0, 0.01, count)
    for at in range(1, count):
        draws[at] += memory * draws[at - 1]
    return draws


def test_the_range_covers_the_true_value_as_often_as_it_says() -> None:
    found = [sharpe_interval(remembering(seed, 0.0) + 0.0005, periods_per_year=252) for seed in range(200)]
    true = 0.05 * 252**0.5

    assert np.mean([one.low < true < one.high for one in found if one]) == pytest.approx(0.95, abs=0.035)


def test_returns_that_remember_each_other_have_a_larger_error_and_it_is_the_true_one() -> None:
    draws = [remembering(seed, 0.3) for seed in range(150)]
    spread = np.std([one.mean() / one.std() * 252**0.5 for one in draws])

    error = np.mean([sharpe_error(one, periods_per_year=252) for one in draws])

    assert error == pytest.approx(spread, rel=0.2)
    assert error > 1.15 * np.mean([sharpe_error(one, periods_per_year=252, lags=0) for one in draws])


@pytest.mark.parametrize("returns", [np.zeros(100), np.full(29, 0.01), np.append(np.ones(50), np.inf)])
def test_there_is_no_error_without_material(returns: np.ndarray) -> None:
    assert sharpe_error(returns, periods_per_year=252) is None
    assert sharpe_interval(returns, periods_per_year=252) is None
