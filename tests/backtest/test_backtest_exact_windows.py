"""Sums and extremes over windows equal what Python gives window by window, to the last bit, or are refused."""

import math

import numpy as np
import pytest

from core.backtest.exact_windows import count_certain_rows, count_certain_values, count_ordered_values, find_extremes, sum_rows, sum_windows

RANDOM = np.random.default_rng(3)
COLUMNS = {
    "prices": np.round(100.0 * np.exp(np.cumsum(RANDOM.normal(0.0, 0.01, 400))), 2),
    "small differences of both signs": RANDOM.normal(0.0, 1e-3, 400),
    "values that cancel": np.tile([1e8, -1e8, 0.1, -0.3], 100),
    "tiny beside large": np.where(np.arange(400) % 7 == 0, -1e-6, 1e3),
    "zeros": np.zeros(400),
    "volume": RANDOM.uniform(1e4, 1e9, 400),
}


@pytest.mark.parametrize("period", [1, 2, 3, 14, 200])
@pytest.mark.parametrize("name", COLUMNS)
def test_every_window_has_the_sum_that_fsum_gives(name: str, period: int) -> None:
    values = COLUMNS[name]
    expected = [math.fsum(values[stop - period : stop]) for stop in range(period, len(values) + 1)]
    found = sum_windows(values, period)
    assert found is not None
    assert found.tolist() == expected


def test_values_too_far_apart_are_refused() -> None:
    assert sum_windows(np.tile([1e300, 1e-300, -1e300], 20), 3) is None
    assert sum_windows(np.array([1.0, np.nan, 2.0]), 2) is None
    assert sum_windows(np.array([1.0, np.inf, 2.0]), 2) is None


@pytest.mark.parametrize("period", [1, 2, 5, 8, 31])
def test_every_window_has_its_largest_and_smallest_value(period: int) -> None:
    values = COLUMNS["prices"]
    windows = [values[stop - period : stop] for stop in range(period, len(values) + 1)]
    assert find_extremes(values, period, np.maximum).tolist() == [max(window) for window in windows]
    assert find_extremes(values, period, np.minimum).tolist() == [min(window) for window in windows]


@pytest.mark.parametrize("odd", [math.nan, -0.0])
def test_values_whose_order_would_matter_are_refused(odd: float) -> None:
    assert find_extremes(np.array([0.0, odd, 1.0]), 2, np.maximum) is None


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1e300, 5e-324])
@pytest.mark.parametrize("place", [0, 17, 399])
def test_values_are_certain_up_to_the_one_that_is_not(wrong: float, place: int) -> None:
    values = COLUMNS["prices"].copy()
    values[place] = wrong

    certain = count_certain_values(values, 20)

    assert certain == place
    assert count_certain_rows(np.repeat(values[:, None], 20, axis=1), 20) == certain
    assert certain < 20 or sum_windows(values[:certain], 20) is not None


@pytest.mark.parametrize("seed", range(40))
def test_what_is_counted_as_certain_can_be_summed(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(size=60) * 2.0 ** random.integers(-40, 40, 60)
    certain = count_certain_values(values, 5)
    rows = np.lib.stride_tricks.sliding_window_view(values, 5)

    assert certain < 5 or sum_windows(values[:certain], 5) is not None
    assert sum_rows(rows[: count_certain_rows(rows, 5)]) is not None


def test_values_have_one_order_up_to_a_negative_zero() -> None:
    assert [count_ordered_values(np.array(values)) for values in ([1.0, 0.0], [1.0, -0.0, 2.0], [math.nan])] == [2, 1, 0]
