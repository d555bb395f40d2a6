"""Two strategies on the same days: what differs by more than noise is found, what does not is not claimed."""

import numpy as np
import pytest

from core.evidence import resample_sharpes

DAYS = 1_000


def draw_returns(seed: int, mean: float = 0.0, spread: float = 0.01) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, spread, DAYS)


def test_the_measured_ratios_are_the_plain_ones() -> None:
    returns = draw_returns(1, mean=0.0005)

    found = resample_sharpes([returns, 2 * returns], periods_per_year=252)

    assert found is not None
    plain = returns.mean() / returns.std(ddof=1) * 252**0.5
    assert found.measured == pytest.approx([plain, plain]), "the size of a position changes no Sharpe ratio"


def test_a_small_steady_advantage_shows_when_both_move_together() -> None:
    market = draw_returns(2)

    found = resample_sharpes([market + 0.0004, market], periods_per_year=252)

    assert found is not None
    pair = found.compare(0, 1)
    assert pair.chance == 1.0
    assert not pair.is_noise
    assert pair.low > 0.3


def test_between_strangers_the_range_is_far_wider_than_between_twins() -> None:
    market = draw_returns(3)

    found = resample_sharpes([market + draw_returns(4, spread=0.001), market, draw_returns(5)], periods_per_year=252)

    assert found is not None
    twins, strangers = found.compare(0, 1), found.compare(2, 1)
    assert strangers.high - strangers.low > 5 * (twins.high - twins.low)
    assert found.compare(1, 2).chance == pytest.approx(1 - strangers.chance)


def test_equal_strategies_are_even() -> None:
    returns = draw_returns(5)

    found = resample_sharpes([returns, returns.copy()], periods_per_year=252)

    assert found is not None
    pair = found.compare(0, 1)
    assert (pair.difference, pair.low, pair.high, pair.chance) == (0.0, 0.0, 0.0, 0.5)


def test_the_claims_of_strangers_without_an_edge_are_rare() -> None:
    claims = 0
    for seed in range(60):
        found = resample_sharpes([draw_returns(100 + seed), draw_returns(500 + seed)], periods_per_year=252, draws=200)
        assert found is not None
        claims += not found.compare(0, 1).is_noise

    assert 3 <= claims <= 22, "two in ten lie outside of 10 to 90 percent"


@pytest.mark.parametrize("lengths", [(29, 29), (100, 99)])
def test_too_few_days_and_other_days_are_not_compared(lengths: tuple[int, int]) -> None:
    assert resample_sharpes([np.full(length, 0.001) for length in lengths], periods_per_year=252) is None


def test_an_account_that_never_moves_has_a_ratio_of_zero() -> None:
    found = resample_sharpes([np.zeros(DAYS), draw_returns(6)], periods_per_year=252)

    assert found is not None
    assert found.measured[0] == 0.0
    assert np.isfinite(found.resampled).all()
