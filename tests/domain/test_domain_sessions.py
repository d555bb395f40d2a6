import numpy as np

from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.domain.seasonality import compute_seasonality, describe_seasonality
from core.domain.sessions import compute_session_bounds

SHARE = Instrument(symbol="X", session_open=570, session_close=960)
PAIR = Instrument(symbol="EURUSD", day_roll=1020, days_per_year=260)


def bars_at(stamps: list[str], instrument: Instrument, timeframe: Timeframe, closes: list[float] | None = None) -> Bars:
    close = np.array(closes or [100.0] * len(stamps))
    opens = np.append(close[:1], close[:-1])
    return Bars(
        instrument,
        timeframe,
        np.array(stamps, dtype="datetime64[s]"),
        opens,
        np.maximum(opens, close),
        np.minimum(opens, close),
        close,
        close,
    )


def test_each_bar_knows_its_place_in_the_day() -> None:
    stamps = ["2024-03-08T09:30", "2024-03-08T10:30", "2024-03-08T15:30", "2024-03-11T09:30", "2024-03-11T10:30"]

    found = compute_session_bounds(bars_at(stamps, SHARE, Timeframe.H1))

    assert found.bar_of_day.tolist() == [1, 2, 3, 1, 2]
    assert found.minutes_from_open.tolist() == [0, 60, 360, 0, 60]
    assert found.minutes_to_close.tolist() == [330, 270, 0, 330, 270]
    assert [str(day) for day in found.day[[0, 3]]] == ["2024-03-08", "2024-03-11"]


def test_bars_before_and_after_hours_are_negative() -> None:
    found = compute_session_bounds(bars_at(["2024-03-08T09:00", "2024-03-08T16:05"], SHARE, Timeframe.M5))

    assert found.minutes_from_open.tolist() == [-30, 395]
    assert found.minutes_to_close.tolist() == [415, -5]


def test_an_early_close_shortens_its_own_day_only() -> None:
    stamps = ["2024-12-23T12:55", "2024-12-24T12:55"]

    found = compute_session_bounds(bars_at(stamps, SHARE, Timeframe.M5), early_closes={np.datetime64("2024-12-24"): 780})

    assert found.minutes_to_close.tolist() == [180, 0]


def test_a_forex_day_counts_from_the_evening_before() -> None:
    stamps = ["2024-03-08T16:00", "2024-03-10T17:00", "2024-03-10T18:00", "2024-03-11T16:00", "2024-03-11T17:00"]

    found = compute_session_bounds(bars_at(stamps, PAIR, Timeframe.H1))

    assert [str(day) for day in found.day] == ["2024-03-08", "2024-03-11", "2024-03-11", "2024-03-11", "2024-03-12"]
    assert found.bar_of_day.tolist() == [1, 1, 2, 3, 1]
    assert found.minutes_to_close.tolist() == [0, 1380, 1320, 0, 1380]


def test_daily_bars_are_a_day_each() -> None:
    found = compute_session_bounds(bars_at(["2024-03-08", "2024-03-11"], SHARE, Timeframe.D1))

    assert found.bar_of_day.tolist() == [1, 1]
    assert found.minutes_to_close.tolist() == [0, 0]


def test_no_bars_have_no_sessions() -> None:
    assert len(compute_session_bounds(bars_at([], SHARE, Timeframe.M5)).day) == 0


def test_the_hour_that_moves_twice_as_much_stands_out() -> None:
    stamps = [f"2024-{1 + day // 28:02}-{1 + day % 28:02}T{hour:02}:00" for day in range(50) for hour in (10, 11)]
    closes = [value for _ in range(50) for value in (100.0, 102.0)]
    bars = bars_at(stamps, SHARE, Timeframe.H1, closes)
    quiet = np.where(np.arange(100) % 2 == 0, bars.close, bars.open)
    found = compute_seasonality(Bars(SHARE, Timeframe.H1, bars.time, quiet, bars.high, bars.low, bars.close, bars.volume))

    assert [(season.name, round(season.volatility, 6), season.returns) for season in found.hours] == [
        ("10:00", 0.0, 50),
        ("11:00", 2.0, 50),
    ]
    assert describe_seasonality(found)[0] == "wildest hour: 11:00 (2.0 times the mean move), calmest: 10:00 (0.0)"


def test_flat_bars_have_no_seasons() -> None:
    found = compute_seasonality(bars_at(["2024-03-08", "2024-03-11"], SHARE, Timeframe.D1))

    assert (found.weekdays, found.months, describe_seasonality(found)) == ((), (), ())
