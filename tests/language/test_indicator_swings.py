"""Swings, divergence, retracement, the trailing line and the filter against tables made by hand and a second implementation."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from workflow_runs import closes, table, values_of, walk

PEAKS = (1, 3, 2, 5, 4, 6, 2)
"""Highs at 3, 5 and 6, each confirmed one bar later."""
VALLEYS = tuple(10 - value for value in PEAKS)


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        ("previous_swing_high(1, 1)", PEAKS, [3, 3, 5]),
        ("previous_swing_low(1, 1)", VALLEYS, [7, 7, 5]),
        ("swing_high_line(1, 1)", PEAKS, [6, 7, 6.5]),
        ("swing_low_line(1, 1)", VALLEYS, [4, 3, 3.5]),
    ],
)
def test_the_swing_before_the_last_and_the_line_through_both(expression: str, values: tuple[float, ...], expected: list[float]) -> None:
    seen = values_of(expression, closes(values))

    assert seen[4:].tolist() == expected
    assert np.isnan(seen[:4]).all(), "there are no two swings yet"


def with_volume(values: tuple[float, ...], volumes: tuple[float, ...]) -> pd.DataFrame:
    return table([(value, value, value, value, volume) for value, volume in zip(values, volumes, strict=True)])


@pytest.mark.parametrize(("second", "expected"), [(200, [0, 0, 1]), (50, [0, 0, 0])])
def test_a_lower_low_that_the_other_series_does_not_follow_is_a_bullish_divergence(second: float, expected: list[float]) -> None:
    bars = with_volume(VALLEYS[:5], (10, 100, 10, second, 10))

    assert values_of("bullish_divergence(volume, 1, 1)", bars)[2:].tolist() == expected


@pytest.mark.parametrize(("second", "expected"), [(50, [0, 0, 1]), (200, [0, 0, 0])])
def test_a_higher_high_that_the_other_series_does_not_follow_is_a_bearish_divergence(second: float, expected: list[float]) -> None:
    bars = with_volume(PEAKS[:5], (10, 100, 10, second, 10))

    assert values_of("bearish_divergence(volume, 1, 1)", bars)[2:].tolist() == expected


def test_a_retracement_is_the_part_of_the_last_move_that_was_given_back() -> None:
    seen = values_of("retracement(1, 1)", closes((5, 2, 8, 5, 6.5)))

    assert seen[3] == 50, "half of the rise from 2 to 8"
    assert seen[4] == 50, "half of the fall from 8 to 5"


def test_the_trailing_line_follows_the_close_and_changes_sides_when_crossed() -> None:
    bars, period, multiple = walk(120, scale=0.03), 5, 2.0
    close, high, low = (bars[name].to_numpy() for name in ("close", "high", "low"))
    reach = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    smooth = np.full(len(bars), np.nan)
    smooth[period] = reach[:period].mean()
    for place in range(period + 1, len(bars)):
        smooth[place] = (smooth[place - 1] * (period - 1) + reach[place - 1]) / period
    expected, above = [close[period] - multiple * smooth[period]], True
    for place in range(period + 1, len(bars)):
        if (close[place] < expected[-1]) if above else (close[place] > expected[-1]):
            above = not above
            expected.append(close[place] - multiple * smooth[place] if above else close[place] + multiple * smooth[place])
        elif above:
            expected.append(max(expected[-1], close[place] - multiple * smooth[place]))
        else:
            expected.append(min(expected[-1], close[place] + multiple * smooth[place]))

    seen = values_of(f"atr_trailing_stop({period}, {multiple})", bars)

    assert seen[period:] == pytest.approx(expected, rel=1e-9)
    assert len({side > 0 for side in close[period:] - seen[period:]}) == 2, "it was on both sides"


def test_the_filter_weighs_each_value_by_what_is_known() -> None:
    values, signal = (10, 12, 11, 15), Fraction(1, 20)
    level, doubt, expected = Fraction(values[0]), Fraction(1), [10.0]
    for value in values[1:]:
        gain = (doubt + signal) / (doubt + signal + 1)
        level, doubt = level + gain * (value - level), gain
        expected.append(float(level))

    assert values_of("kalman(0.05)", closes(values)) == pytest.approx(expected, rel=1e-12)


def test_all_time_extremes_run_from_the_first_bar() -> None:
    bars = walk(80, 5)

    assert values_of("all_time_high", bars).tolist() == np.maximum.accumulate(bars["high"]).tolist()
    assert values_of("all_time_low", bars).tolist() == np.minimum.accumulate(bars["low"]).tolist()
    assert values_of("all_time_high(close)", bars).tolist() == np.maximum.accumulate(bars["close"]).tolist()
    assert values_of("ATH[1]", bars)[1:].tolist() == np.maximum.accumulate(bars["high"])[:-1].tolist()
