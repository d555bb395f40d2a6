"""What must hold for any curve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.metrics import Metrics, compute_metrics

CURVES = st.lists(st.floats(min_value=-1e6, max_value=1e9, allow_nan=False), min_size=0, max_size=60)
RETURN = st.floats(min_value=-0.3, max_value=0.3, allow_nan=False).map(lambda value: round(value, 9))
"""A fall as small as the limit below which a fall is rounding would be one in one currency and none in another."""
RETURNS = st.lists(RETURN, min_size=30, max_size=60)


def figures(equity: np.ndarray, start: float = 1_000.0) -> Metrics:
    count = len(equity)
    time = np.busday_offset("2024-01-01", np.arange(count)).astype("datetime64[s]")
    return compute_metrics(
        equity, start_value=start, position=np.zeros(count), trades=(), fills=(), time=time, periods_per_year=252, intraday=False
    )


@given(CURVES)
@settings(max_examples=150, deadline=None)
def test_any_finite_curve_has_figures_that_json_can_carry(values):
    found = figures(np.array(values, dtype=float))
    assert Metrics.model_validate_json(found.model_dump_json()) == found
    assert found.max_drawdown <= 0


@given(RETURNS, st.floats(min_value=0.001, max_value=1_000))
@settings(max_examples=60, deadline=None)
def test_the_size_of_the_account_changes_no_ratio(returns, scale):
    equity = 1_000 * np.cumprod(1 + np.array(returns))
    one, other = figures(equity), figures(equity * scale, 1_000 * scale)
    for name in ("total_return", "cagr", "volatility", "max_drawdown", "max_drawdown_days"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-6, abs=1e-9)


@given(RETURNS)
@settings(max_examples=60, deadline=None)
def test_a_day_that_loses_nothing_and_wins_nothing_deepens_no_drawdown(returns):
    equity = 1_000 * np.cumprod(1 + np.array(returns))
    assert figures(np.append(equity, equity[-1])).max_drawdown == figures(equity).max_drawdown
