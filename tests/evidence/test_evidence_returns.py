"""Series and distributions behind the charts of an instrument's character."""

import numpy as np

from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.evidence import autocorrelation_bound, autocorrelations, compute_distribution, compute_log_returns, rolling_volatility


def bars(times: list[str], closes: list[float], timeframe: Timeframe = Timeframe.D1) -> Bars:
    """Bars of which only the close matters."""
    close = np.array(closes)
    time = np.array(times, dtype="datetime64[s]")
    return Bars(Instrument(symbol="T"), timeframe, time, close, close, close, close, np.zeros(len(close)))


def test_daily_returns_are_logs_of_neighboring_closes_dated_by_their_end() -> None:
    found = compute_log_returns(bars(["2024-01-02", "2024-01-03", "2024-01-04"], [100, 110, 99]))
    assert found.value.round(6).tolist() == [0.09531, -0.105361]
    assert [str(day) for day in found.day] == ["2024-01-03", "2024-01-04"]


def test_intraday_bars_give_one_return_a_day_from_the_last_close_of_each() -> None:
    times = ["2024-01-02T09:30", "2024-01-02T15:59", "2024-01-03T09:30", "2024-01-03T15:59"]
    found = compute_log_returns(bars(times, [50, 100, 70, 200], Timeframe.M1))
    assert found.value.round(6).tolist() == [0.693147]


def test_one_bar_has_no_returns_and_no_distribution() -> None:
    found = compute_log_returns(bars(["2024-01-02"], [100]))
    assert len(found.value) == 0
    assert compute_distribution(found.value) is None
    assert autocorrelations(found.value, lags=3).tolist() == [0, 0, 0]
    assert rolling_volatility(found, window=5).tolist() == []
    assert autocorrelation_bound(0) == 0


def test_shares_of_a_distribution_and_of_its_normal_twin_add_up_to_one_outliers_included() -> None:
    values = np.append(np.random.default_rng(1).normal(0, 0.01, 999), 0.5)
    found = compute_distribution(values)
    assert found is not None
    assert found.share.sum() == 1
    assert round(float(found.normal.sum()), 12) == 1
    assert found.share[-1] >= 0.001


def test_a_trend_of_signs_shows_in_the_autocorrelation_beyond_its_band() -> None:
    values = np.repeat([1.0, -1.0, 1.0, -1.0], 25)
    assert autocorrelations(values, lags=1)[0] > autocorrelation_bound(len(values))
