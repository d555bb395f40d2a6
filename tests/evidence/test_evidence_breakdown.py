"""A result in parts, and what the parts must add up to."""

import numpy as np
import pytest

from core.domain.metrics import period_returns, sharpe
from core.domain.workflow import Parameter
from core.evidence import evaluate
from core.evidence.breakdown import monthly_returns, rolling_sharpe, split_by_regime, yearly_returns
from core.evidence.character import describe_profile, profile_bars
from core.evidence.robustness import neighbors, sensitivity
from tests.evidence.evidence_samples import PLAN, bars, play, walk


@pytest.mark.parametrize("table", [monthly_returns, yearly_returns])
def test_the_parts_of_the_calendar_multiply_to_the_whole(table):
    prices = walk(600)
    equity = 100_000 * prices.close / prices.close[0]
    parts = table(equity, prices.time, start_value=90_000.0)
    assert np.prod([1 + each.value for each in parts]) == pytest.approx(equity[-1] / 90_000)
    assert [(each.year, each.month) for each in parts] == sorted((each.year, each.month) for each in parts)


def test_months_carry_their_own_names():
    prices = walk(45)
    parts = monthly_returns(prices.close, prices.time, start_value=100.0)
    assert [(each.year, each.month) for each in parts] == [(2015, 1), (2015, 2), (2015, 3)]
    assert yearly_returns(prices.close, prices.time, start_value=100.0)[0].month == 0
    assert monthly_returns(np.empty(0), prices.time[:0], start_value=100.0) == ()


def test_the_states_of_the_market_share_all_periods():
    prices = walk(900, seed=6)
    found = {
        each.state: each for each in split_by_regime(evaluate(play(prices, [(1, 500.0)]), prices, PLAN), prices, start_value=PLAN.cash)
    }
    assert found["rising"].share + found["falling"].share == pytest.approx(1.0)
    assert sum(found[name].share for name in ("calm", "usual", "turbulent")) == pytest.approx(1.0)
    both = (1 + found["rising"].market_return) * (1 + found["falling"].market_return)
    assert both == pytest.approx(prices.close[-1] / prices.close[99])


def test_a_trend_follower_earns_in_the_rising_part():
    prices = bars(np.concatenate((np.linspace(100, 200, 300), np.linspace(200, 110, 300))))
    found = {
        each.state: each
        for each in split_by_regime(evaluate(play(prices, [(1, 300.0), (305, -300.0)]), prices, PLAN), prices, start_value=PLAN.cash)
    }
    assert found["rising"].total_return > 0.15
    assert found["falling"].total_return == pytest.approx(0.0, abs=0.01)


def test_a_short_run_has_no_states():
    prices = walk(200)
    assert split_by_regime(evaluate(play(prices, []), prices, PLAN), prices, start_value=PLAN.cash) == ()


def test_the_rolling_ratio_is_the_ratio_of_its_window():
    returns = period_returns(walk(100).close, start_value=100.0)
    found = rolling_sharpe(returns, window=30, periods_per_year=252)
    assert np.isnan(found[:29]).all()
    assert found[70] == pytest.approx(sharpe(returns[41:71], periods_per_year=252))
    assert np.isnan(rolling_sharpe(np.zeros(50), window=10, periods_per_year=252)).all()


def test_the_profile_tells_a_trending_market_from_one_that_turns_back():
    steps = np.random.default_rng(1).normal(0, 0.01, 1_500)
    trending = profile_bars(bars(100 * np.exp(np.cumsum(np.convolve(steps, np.ones(10) / 10, mode="same")))))
    turning = profile_bars(bars(100 * np.exp(0.3 * steps)))
    assert trending.variance_ratio > 1.15 > 0.85 > turning.variance_ratio
    assert "go on" in " ".join(describe_profile(trending))
    assert "turn back" in " ".join(describe_profile(turning))


def test_the_profile_of_a_random_walk_has_its_volatility():
    found = profile_bars(walk(2_000, deviation=0.012, drift=0.0))
    assert found.volatility == pytest.approx(0.012 * np.sqrt(252), rel=0.05)
    assert found.variance_ratio == pytest.approx(1.0, abs=0.15)
    assert found.tail == pytest.approx(3.0, abs=0.4)


def test_the_profile_names_no_date_and_no_price():
    text = " ".join(describe_profile(profile_bars(walk(800))))
    assert "2015" not in text
    assert "TEST" not in text


def test_flat_bars_and_short_ones_are_no_accident():
    assert profile_bars(walk(59)) is None
    assert profile_bars(bars([100.0] * 80)).variance_ratio == 1.0


FAST = Parameter(name="fast", row="e1", default=10, low=2, high=11, integer=True)
STOP = Parameter(name="stop", row="r1", default=2.0, low=0.5, high=5.0, integer=False)


def test_neighbors_move_one_parameter_at_a_time_inside_its_range():
    points = neighbors({"fast": 11.0, "stop": 2.0}, [FAST, STOP])
    assert [(name, moved[name]) for name, moved in points] == [("fast", 10.0), ("stop", 1.8), ("stop", 2.2)]
    assert all(moved["stop"] == 2.0 for name, moved in points if name == "fast")


def test_a_parameter_the_code_does_not_have_is_not_moved():
    assert neighbors({"stop": 2.0}, [FAST]) == ()


def test_a_lonely_peak_is_told_from_a_plateau():
    peak = sensitivity(1.0, [("fast", 0.1), ("fast", None), ("stop", 0.0), ("stop", 0.1)])
    plateau = sensitivity(1.0, [("fast", 0.95), ("fast", 0.9)])
    assert peak.kept == pytest.approx(0.05)
    assert plateau.kept == pytest.approx(0.925)
    assert sensitivity(-0.5, [("fast", 0.2)]).kept is None
    assert sensitivity(1.0, []).neighbors == 0
