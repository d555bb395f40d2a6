"""Every indicator against a second implementation: another library's numbers, formulas in numpy, or a table made by hand."""

import csv
import gzip
import json
import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from workflow_runs import closes, row, run, table, values_of, walk, workflow

from core.language import CATALOGUE

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "indicator_golden.json").read_text())
"""Numbers of other libraries (named in the file) at five late bars, where seeds no longer matter."""


@lru_cache
def apple() -> pd.DataFrame:
    """The bars that the other libraries were given."""
    with gzip.open(HERE.parents[1] / "data" / "bars" / "AAPL.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))[:700]
    columns = {name.lower(): [float(row[name]) for row in rows] for name in ("Open", "High", "Low", "Close", "Volume")}
    return pd.DataFrame(columns, index=pd.DatetimeIndex([row["Date"] for row in rows]))


@lru_cache
def read_golden() -> dict[str, np.ndarray]:
    """What every expression of the golden numbers reads at their bars, in one run."""
    parts = [f"0 * value_when(close > 0, {expression}) == 0" for expression in GOLDEN["indicators"]]
    rows = [row("entry_long", parts[start : start + 10], "is true", group=f"G{start}") for start in range(0, len(parts), 10)]
    strategy = run(workflow(*rows, row("risk", "time_stop", "bars", 1)), apple()).strategy
    kept = [np.array(getattr(strategy, f"kept_{place}"), dtype=float) for place in range(1, len(parts) + 1)]
    from_the_end = np.array(GOLDEN["at"]) - len(apple())
    return dict(zip(GOLDEN["indicators"], (values[from_the_end] for values in kept), strict=True))


@pytest.mark.parametrize("expression", GOLDEN["indicators"])
def test_an_indicator_gives_another_librarys_numbers(expression: str) -> None:
    expected = GOLDEN["indicators"][expression]["values"]

    seen = read_golden()[expression]

    assert seen == pytest.approx(expected, rel=1e-8, abs=1e-8)


def rolling(values: np.ndarray, period: int, formula) -> np.ndarray:  # type: ignore[no-untyped-def]
    """A formula of each window of so many values, NaN before the first; the oldest value comes first."""
    out = np.full(len(values), np.nan)
    for end in range(period, len(values) + 1):
        out[end - 1] = formula(values[end - period : end])
    return out


def wilder(values: np.ndarray, period: int) -> np.ndarray:
    """Wilder's smoothing, seeded with the mean of the first values; NaN may come before them."""
    out, first = np.full(len(values), np.nan), int(np.argmax(~np.isnan(values)))
    out[first + period - 1] = values[first : first + period].mean()
    for place in range(first + period, len(values)):
        out[place] = out[place - 1] + (values[place] - out[place - 1]) / period
    return out


def true_range(bars: pd.DataFrame) -> np.ndarray:
    before = bars["close"].shift()
    reach = pd.concat([bars["high"] - bars["low"], (bars["high"] - before).abs(), (bars["low"] - before).abs()], axis=1).max(axis=1)
    return np.where(before.isna(), np.nan, reach)


def agrees(expression: str, bars: pd.DataFrame, expected: np.ndarray, *, rel: float = 1e-9) -> None:
    """The expression reads the expected numbers from the expected first bar on."""
    seen = values_of(expression, bars)
    assert np.isnan(seen).tolist() == np.isnan(expected).tolist()
    np.testing.assert_allclose(seen, expected, rtol=rel, atol=1e-9)


BARS = walk(260, 11)
CLOSE = BARS["close"].to_numpy()


def test_legoux_weights_are_a_bell_near_the_newest_bar() -> None:
    places = np.arange(9)
    weights = np.exp(-((places - 0.85 * 8) ** 2) / (2 * (9 / 6) ** 2))

    agrees("alma(9, 0.85, 6)", BARS, rolling(CLOSE, 9, lambda window: (window * weights).sum() / weights.sum()))


def test_z_score_and_band_width_use_the_population_deviation() -> None:
    agrees("zscore(20)", BARS, rolling(CLOSE, 20, lambda window: (window[-1] - window.mean()) / window.std()))
    agrees("bbands(20, 2).width", BARS, rolling(CLOSE, 20, lambda window: 400 * window.std() / window.mean()))


def test_the_detrended_price_looks_back_and_never_forward() -> None:
    expected = BARS["close"].shift(11) - BARS["close"].rolling(20).mean()

    agrees("dpo(20)", BARS, expected.to_numpy())


def test_ranks_count_the_values_before() -> None:
    expected = np.full(len(CLOSE), np.nan)
    for place in range(30, len(CLOSE)):
        expected[place] = 100 * np.mean(CLOSE[place - 30 : place] < CLOSE[place])

    agrees("percent_rank(30)", BARS, expected)


def test_realised_volatility_is_a_sample_deviation_of_log_returns() -> None:
    returns = np.diff(np.log(CLOSE), prepend=np.nan)

    agrees("realised_volatility(15)", BARS, np.where(np.arange(len(CLOSE)) < 15, np.nan, 100 * pd.Series(returns).rolling(15).std()))


def test_relative_volume_leaves_this_bar_out_of_the_mean() -> None:
    volume = BARS["volume"]

    agrees("relative_volume(10)", BARS, (volume / volume.shift().rolling(10).mean()).to_numpy())


def test_money_flow_weighs_volume_with_the_place_of_the_close() -> None:
    place = ((BARS["close"] - BARS["low"]) - (BARS["high"] - BARS["close"])) / (BARS["high"] - BARS["low"])

    agrees("cmf(15)", BARS, ((place * BARS["volume"]).rolling(15).sum() / BARS["volume"].rolling(15).sum()).to_numpy())


def test_relative_vigor_weighs_four_bars() -> None:
    def weighted(series: pd.Series) -> pd.Series:
        return (series + 2 * series.shift(1) + 2 * series.shift(2) + series.shift(3)) / 6

    vigor = weighted(BARS["close"] - BARS["open"]).rolling(10).sum() / weighted(BARS["high"] - BARS["low"]).rolling(10).sum()

    agrees("rvi(10).rvi + 0 * rvi(10).signal", BARS, np.where(weighted(vigor).isna(), np.nan, vigor))
    agrees("rvi(10).signal", BARS, weighted(vigor).to_numpy())


def test_keltner_and_chandelier_lines_are_built_from_wilders_range() -> None:
    reach = wilder(true_range(BARS), 10)
    ema = np.full(len(CLOSE), np.nan)
    ema[19] = CLOSE[:20].mean()
    for place in range(20, len(CLOSE)):
        ema[place] = ema[place - 1] + (CLOSE[place] - ema[place - 1]) * 2 / 21

    agrees("keltner(20, 2, 10).upper", BARS, ema + 2 * reach)
    agrees("keltner(20, 2, 10).lower", BARS, ema - 2 * reach)
    top, bottom = BARS["high"].rolling(10).max(), BARS["low"].rolling(10).min()
    agrees("chandelier(10, 3).long", BARS, (top - 3 * reach).to_numpy())
    agrees("chandelier(10, 3).short", BARS, (bottom + 3 * reach).to_numpy())


def test_supertrend_bands_only_tighten_while_the_close_stays_inside() -> None:
    high, low = BARS["high"].to_numpy(), BARS["low"].to_numpy()
    reach, middle = 2 * wilder(true_range(BARS), 7), (high + low) / 2
    upper, lower, line = middle + reach, middle - reach, np.full(len(CLOSE), np.nan)
    up, line[7] = True, lower[7]
    for place in range(8, len(CLOSE)):
        if not (upper[place] < upper[place - 1] or CLOSE[place - 1] > upper[place - 1]):
            upper[place] = upper[place - 1]
        if not (lower[place] > lower[place - 1] or CLOSE[place - 1] < lower[place - 1]):
            lower[place] = lower[place - 1]
        up = not CLOSE[place] < lower[place] if up else bool(CLOSE[place] > upper[place])
        line[place] = lower[place] if up else upper[place]

    agrees("supertrend(7, 2)", BARS, line)


def test_connors_rsi_is_the_mean_of_its_three_parts() -> None:
    parts = [values_of(text, BARS) for text in ("rsi(3)", "rsi(streak, 2)", "percent_rank(roc(1), 20)")]

    agrees("connors_rsi(3, 2, 20)", BARS, sum(parts) / 3)


def test_streaks_count_rises_up_and_falls_down() -> None:
    assert values_of("streak", closes([5, 6, 7, 7, 6, 5, 6])).tolist()[1:] == [1, 2, 0, -1, -2, 1]


def test_the_hurst_exponent_is_a_slope_in_logarithms() -> None:
    lags = np.arange(2, 20)

    def exponent(window: np.ndarray) -> float:
        scatter = [np.std(window[lag:] - window[:-lag]) for lag in lags]
        return float(np.polyfit(np.log(lags), np.log(scatter), 1)[0])

    agrees("hurst(60)", BARS, rolling(CLOSE, 60, exponent), rel=1e-7)


def test_swing_points_are_known_when_their_right_side_is_complete() -> None:
    bars = table([(value,) * 4 for value in (1, 2, 5, 3, 2, 4, 6, 7, 5, 4)])

    assert values_of("swing_high(2, 1)", bars).tolist()[3:] == [5, 5, 5, 5, 5, 7, 7]
    assert math.isnan(values_of("swing_low(2, 1)", bars)[4])
    assert values_of("swing_low(2, 1)", bars).tolist()[5:8] == [2, 2, 2]


def test_the_session_price_is_weighted_with_volume_and_starts_anew_each_day() -> None:
    day = [(10, 10, 10, 10, 100), (13, 13, 13, 13, 200), (16, 16, 16, 16, 0)]
    bars = pd.concat([table(day, start=f"2024-05-0{number}T10:00", minutes=60) for number in (2, 3)])

    assert values_of("vwap", bars, timeframe="1h").tolist() == [10, 12, 12, 10, 12, 12]
    assert values_of("vwap(1).upper", bars, timeframe="1h")[1] == pytest.approx(12 + math.sqrt(2))


def test_pivots_and_camarilla_levels_come_from_the_day_before() -> None:
    bars = table([(10, 12, 8, 11), (11, 11, 11, 11)])
    pivot = 31 / 3

    seen = [values_of(f"pivot_points.{name}", bars)[1] for name in ("p", "r1", "r2", "r3", "s1", "s2", "s3")]

    assert seen == pytest.approx([pivot, 2 * pivot - 8, pivot + 4, 12 + 2 * (pivot - 8), 2 * pivot - 12, pivot - 4, 8 - 2 * (12 - pivot)])
    assert [values_of(f"camarilla.{name}", bars)[1] for name in ("h3", "h4", "l3", "l4")] == pytest.approx([12.1, 13.2, 9.9, 8.8])


def test_narrow_range_and_internal_strength() -> None:
    bars = table([(5, 9, 1, 5), (5, 8, 2, 5), (5, 6, 4, 5.5), (5, 5, 5, 5)])

    assert values_of("narrow_range(3)", bars).tolist()[2:] == [1, 1]
    assert values_of("ibs", bars).tolist() == [0.5, 0.5, 0.75, 0.5]


def test_every_indicator_has_a_number_checked_somewhere() -> None:
    checked = {expression.split("(")[0].split(".")[0] for expression in GOLDEN["indicators"]}
    here = (HERE / "test_indicator_values.py").read_text() + (HERE / "test_indicator_patterns.py").read_text()
    here += (HERE / "test_workflow_operands.py").read_text() + (HERE / "test_indicator_swings.py").read_text()

    missing = [name for name in CATALOGUE if name not in checked and name not in here]

    assert missing == []
