"""Golden tables: a handful of bars by hand, the longer bars beside them."""

import numpy as np
import pytest

from core.domain.instrument import Timeframe
from core.market.price_series import PriceSeries, make_series
from core.market.resample import SessionShape, resample, to_trading_days

NEW_YORK = SessionShape(open=570, close=960)
FOREX = SessionShape(roll=1020)


def bars(stamps: list[str], closes: list[float]) -> PriceSeries:
    close = np.array(closes)
    return make_series(np.array(stamps, dtype="datetime64[s]"), close - 0.5, close + 1, close - 1, close, np.full(len(closes), 10.0))


def minutes(first: str, count: int, step: int = 1) -> PriceSeries:
    stamps = np.datetime64(first, "s") + np.arange(count) * np.timedelta64(step * 60, "s")
    return bars([str(stamp) for stamp in stamps], [float(number) for number in range(1, count + 1)])


def test_five_minutes_by_hand() -> None:
    merged = resample(minutes("2024-03-04T09:30", 10), Timeframe.M1, Timeframe.M5, NEW_YORK)

    assert [str(stamp)[11:16] for stamp in merged.time] == ["09:30", "09:35"]
    assert merged.open.tolist() == [0.5, 5.5]
    assert merged.high.tolist() == [6.0, 11.0]
    assert merged.low.tolist() == [0.0, 5.0]
    assert merged.close.tolist() == [5.0, 10.0]
    assert merged.volume.tolist() == [50.0, 50.0]


def test_a_last_bar_that_is_not_over_is_left_out() -> None:
    assert len(resample(minutes("2024-03-04T09:30", 14), Timeframe.M1, Timeframe.M5, NEW_YORK)) == 2
    assert len(resample(minutes("2024-03-04T09:30", 15), Timeframe.M1, Timeframe.M5, NEW_YORK)) == 3


def test_a_first_bar_that_began_before_the_data_is_left_out() -> None:
    merged = resample(minutes("2024-03-04T09:33", 7), Timeframe.M1, Timeframe.M5, NEW_YORK)

    assert [str(stamp)[11:16] for stamp in merged.time] == ["09:35"]


def test_hours_count_from_the_open_and_the_session_ends_the_last() -> None:
    merged = resample(minutes("2024-03-04T09:30", 390), Timeframe.M1, Timeframe.H1, NEW_YORK)

    assert [str(stamp)[11:16] for stamp in merged.time] == ["09:30", "10:30", "11:30", "12:30", "13:30", "14:30", "15:30"]
    assert merged.volume[-1] == 300.0


def test_a_minute_without_trades_leaves_its_bar_complete() -> None:
    whole = minutes("2024-03-04T09:30", 10)
    merged = resample(whole.take(np.array([0, 1, 3, 4, 5, 6, 7, 8, 9])), Timeframe.M1, Timeframe.M5, NEW_YORK)

    assert merged.volume.tolist() == [40.0, 50.0]


def test_a_day_needs_its_open_and_its_close() -> None:
    two_days = [minutes(f"2024-03-0{day}T09:30", 390) for day in (4, 5)]
    series = PriceSeries(*(np.concatenate([getattr(day, name) for day in two_days]) for name in PriceSeries.__slots__))

    assert len(resample(series, Timeframe.M1, Timeframe.D1, NEW_YORK)) == 2
    assert len(resample(series.take(slice(1, None)), Timeframe.M1, Timeframe.D1, NEW_YORK)) == 1
    assert len(resample(series.take(slice(0, -1)), Timeframe.M1, Timeframe.D1, NEW_YORK)) == 1


def test_sunday_evening_belongs_to_monday_in_forex() -> None:
    stamps = np.array(["2024-03-03T17:00", "2024-03-04T16:59", "2024-03-04T17:00"], dtype="datetime64[s]")

    assert [str(day) for day in to_trading_days(stamps, FOREX).astype("datetime64[D]")] == ["2024-03-04", "2024-03-04", "2024-03-05"]


def test_weeks_begin_on_monday_and_are_complete() -> None:
    days = [f"2024-03-{day:02}" for day in (6, 7, 8, 11, 12, 13, 14, 15, 18, 19)]
    merged = resample(bars(days, [float(day[-2:]) for day in days]), Timeframe.D1, Timeframe.W1)

    assert [str(stamp)[:10] for stamp in merged.time] == ["2024-03-11"]
    assert (merged.open[0], merged.high[0], merged.low[0], merged.close[0], merged.volume[0]) == (10.5, 16.0, 10.0, 15.0, 50.0)


def test_a_holiday_inside_a_week_leaves_it_complete() -> None:
    days = [f"2024-03-{day:02}" for day in (4, 5, 6, 7, 8, 11, 12, 14, 15)]

    assert len(resample(bars(days, [1.0] * 9), Timeframe.D1, Timeframe.W1)) == 2


@pytest.mark.parametrize("target", [Timeframe.M5, Timeframe.M15, Timeframe.M30, Timeframe.H1, Timeframe.D1, Timeframe.W1])
def test_nothing_is_lost_or_invented_between_complete_bars(target: Timeframe) -> None:
    from core.market.synthetic import RECIPES, generate_bars

    series = generate_bars(RECIPES[0])
    merged = resample(series, Timeframe.M1, target, NEW_YORK)
    begin, stop = np.searchsorted(series.time, merged.time[[0, -1]])

    assert merged.volume[:-1].sum() == pytest.approx(series.volume[begin:stop].sum())
    assert merged.high[:-1].max() == series.high[begin:stop].max()
    assert (np.diff(merged.time.astype(np.int64)) > 0).all()


@pytest.mark.parametrize("step", [1, 5, 15, 30, 60])
@pytest.mark.parametrize(
    ("shape", "first", "count", "starts"),
    [
        (NEW_YORK, "2024-03-04T09:30", 390, ["09:30", "13:30"]),
        (FOREX, "2024-03-03T17:00", 1440, ["17:00", "21:00", "01:00", "05:00", "09:00", "13:00"]),
        (SessionShape(roll=1080), "2024-03-03T18:00", 1440, ["18:00", "22:00", "02:00", "06:00", "10:00", "14:00"]),
        (SessionShape(open=480, close=990), "2024-03-04T08:00", 510, ["08:00", "12:00", "16:00"]),
        (SessionShape(), "2024-03-04T00:00", 1440, ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00"]),
    ],
)
def test_four_hours_are_the_same_bars_from_whatever_they_are_made(
    step: int, shape: SessionShape, first: str, count: int, starts: list[str]
) -> None:
    base = next(frame for frame in Timeframe if frame.minutes == step)
    minute = minutes(first, count)
    shorter = minute if base is Timeframe.M1 else resample(minute, Timeframe.M1, base, shape)

    merged, direct = resample(shorter, base, Timeframe.H4, shape), resample(minute, Timeframe.M1, Timeframe.H4, shape)

    assert [str(stamp)[11:16] for stamp in merged.time] == starts
    for name in ("time", "open", "high", "low", "close", "volume"):
        assert getattr(merged, name).tolist() == getattr(direct, name).tolist()


def test_a_clock_hour_that_holds_the_open_belongs_to_the_first_bar() -> None:
    hours = bars([f"2024-03-04T{hour:02}:00" for hour in range(9, 16)], [float(hour) for hour in range(9, 16)])

    merged = resample(hours, Timeframe.H1, Timeframe.H4, NEW_YORK)

    assert [str(stamp)[11:16] for stamp in merged.time] == ["09:30", "13:30"]


def test_a_week_that_lacks_a_holiday_alone_is_complete() -> None:
    days = [f"2023-01-{day:02}" for day in (3, 4, 5, 6, 9, 10, 11, 12)]
    series, open_days = bars(days, [1.0] * 8), np.array([19_360, 19_361, 19_362, 19_363, 19_366, 19_367, 19_368, 19_369, 19_370])

    merged = resample(series, Timeframe.D1, Timeframe.W1, open_days=open_days)

    assert [str(stamp)[:10] for stamp in merged.time] == ["2023-01-02"]
