"""Calendars, gaps and splits, each on bars that can be checked with a finger."""

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.instrument import AssetClass, Instrument, Timeframe
from core.domain.quality import Quality, describe_quality
from core.market import Market
from core.market.adjust import adjust_series, find_corporate_actions
from core.market.calendars import find_early_closes, find_sessions
from core.market.instrument_classes import make_instrument
from core.market.price_series import make_series
from core.market.quality import assess_quality, measure_coverage

SHARE = make_instrument("X", exchange="XNYS")


def bars_at(stamps: np.ndarray, timeframe: Timeframe, instrument: Instrument = SHARE) -> Bars:
    flat = np.full(len(stamps), 100.0)
    return Bars(instrument, timeframe, stamps.astype("datetime64[s]"), flat, flat + 1, flat - 1, flat, flat)


def test_bundled_bars_hold_every_session_of_their_exchange(tmp_path: Path) -> None:
    market = Market(tmp_path)
    for symbol in ("AAPL", "GOOG", "IBM", "MSFT"):
        report = market.assess_quality(market.bars(BarsRequest(symbol=symbol)))

        assert (report.missing, report.outside, report.suspected_splits) == (0, 0, ())
        assert report.calendar in ("XNAS", "XNYS")


def test_unadjusted_splits_are_suspected(tmp_path: Path) -> None:
    market = Market(tmp_path)

    report = market.assess_quality(market.bars(BarsRequest(symbol="AAPL", adjusted=False)))

    assert report.suspected_splits == ("2-for-1 at 2000-06-21", "2-for-1 at 2005-02-28")


def test_a_missing_day_is_a_gap_and_a_holiday_is_not() -> None:
    days = np.array(["2024-12-23", "2024-12-24", "2024-12-27", "2024-12-30"], dtype="datetime64[D]")

    report = assess_quality(bars_at(days, Timeframe.D1))

    assert (report.expected, report.missing, report.calendar) == (5, 1, "XNYS")
    assert report.gaps[0].first == report.gaps[0].last == datetime(2024, 12, 26)
    assert "4 of 5 expected bars" in describe_quality(report)[0]


def test_a_bar_on_a_closed_day_is_outside() -> None:
    days = np.array(["2024-12-24", "2024-12-25", "2024-12-26"], dtype="datetime64[D]")

    assert assess_quality(bars_at(days, Timeframe.D1)).outside == 1


def test_the_day_before_christmas_ends_early() -> None:
    assert find_early_closes(SHARE, date(2024, 12, 20), date(2024, 12, 31)) == {np.datetime64("2024-12-24"): 780}
    assert find_early_closes(make_instrument("EURUSD", asset_class=AssetClass.FOREX), date(2024, 12, 1), date(2024, 12, 31)) == {}


def test_minutes_over_an_early_close_are_complete() -> None:
    stamps = np.concatenate([np.datetime64("2024-12-23T09:30") + np.arange(390), np.datetime64("2024-12-24T09:30") + np.arange(210)])

    report = assess_quality(bars_at(stamps, Timeframe.M1))
    found = measure_coverage(bars_at(stamps, Timeframe.M1))

    assert (report.expected, report.missing) == (600, 0)
    assert (found.expected.tolist(), found.share.tolist()) == ([390, 210], [1.0, 1.0])


def test_a_lunch_break_is_no_gap() -> None:
    tokyo = make_instrument("7203.T", exchange="XTKS")
    morning, afternoon = np.datetime64("2024-03-07T09:00") + np.arange(150), np.datetime64("2024-03-07T12:30") + np.arange(150)

    assert assess_quality(bars_at(np.concatenate([morning, afternoon]), Timeframe.M1, tokyo)).missing == 0


def test_coverage_counts_the_bars_of_each_day() -> None:
    stamps = np.concatenate([np.datetime64("2024-03-04T09:30") + np.arange(390), np.datetime64("2024-03-06T09:30") + np.arange(39)])

    found = measure_coverage(bars_at(stamps, Timeframe.M1))

    assert [str(day) for day in found.day] == ["2024-03-04", "2024-03-05", "2024-03-06"]
    assert found.present.tolist() == [390, 0, 39]
    assert found.expected.tolist() == [390, 390, 39]


@pytest.mark.parametrize(
    ("instrument", "count", "rule"),
    [
        (make_instrument("EURUSD", asset_class=AssetClass.FOREX), 5, "24/5"),
        (make_instrument("BTC-USD", asset_class=AssetClass.CRYPTO), 7, "24/7"),
        (make_instrument("UNKNOWN"), 5, "weekdays"),
        (make_instrument("X", exchange="XNYS"), 4, "XNYS"),
    ],
)
def test_a_week_has_the_days_of_its_calendar(instrument: Instrument, count: int, rule: str) -> None:
    found = find_sessions(instrument, date(2024, 7, 1), date(2024, 7, 7))

    assert (len(found.day), found.calendar) == (count, rule)


def test_a_forex_day_begins_the_evening_before() -> None:
    found = find_sessions(make_instrument("EURUSD", asset_class=AssetClass.FOREX), date(2024, 3, 4), date(2024, 3, 4))

    assert (str(found.open[0]), str(found.close[0])) == ("2024-03-03T17:00", "2024-03-04T17:00")


def test_an_exchange_keeps_its_wall_time_over_the_clock_change() -> None:
    found = find_sessions(SHARE, date(2024, 3, 8), date(2024, 3, 11))

    assert [str(moment)[11:] for moment in found.open] == ["09:30", "09:30"]
    assert found.minutes.tolist() == [390, 390]


def test_splits_and_dividends_are_read_out_of_the_factor() -> None:
    days = np.array(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"], dtype="datetime64[D]")
    close = np.array([100.0, 50.0, 51.0, 50.0])
    factor = np.array([0.49, 0.98, 0.98, 1.0])
    series = make_series(days, close, close, close, close, np.array([10.0, 20.0, 20.0, 20.0]), factor)

    assert [str(action) for action in find_corporate_actions(series)] == ["2-for-1 split on 2024-01-03", "dividend of 1.02 on 2024-01-05"]
    assert adjust_series(series).close.tolist() == pytest.approx([49.0, 49.0, 49.98, 50.0])
    assert adjust_series(series).volume.tolist() == [20.0, 20.0, 20.0, 20.0]


@pytest.mark.parametrize(("step", "words"), [(3.0, "3-for-1"), (1.5, "3-for-2"), (0.1, "1-for-10"), (20.0, "20-for-1"), (2.003, "2-for-1")])
def test_split_ratios_are_told_as_people_say_them(step: float, words: str) -> None:
    days = np.array(["2024-01-02", "2024-01-03"], dtype="datetime64[D]")
    close = np.array([100.0, 100.0 / step])
    series = make_series(days, close, close, close, close, None, np.array([1.0, step]))

    assert words in str(find_corporate_actions(series)[0])


def test_bundled_actions_are_known(tmp_path: Path) -> None:
    found = Market(tmp_path).find_corporate_actions(BarsRequest(symbol="AAPL"))

    assert [str(action) for action in found[:2]] == ["2-for-1 split on 2000-06-21", "2-for-1 split on 2005-02-28"]
    assert str(found[2].day) == "2012-08-09"
    assert found[2].value == pytest.approx(2.65, abs=0.02)


def test_bars_outside_the_hours_do_not_stand_for_those_that_are_missing() -> None:
    found = Quality(bars=324, expected=252, calendar="XETR", missing=25, outside=97)
    assert describe_quality(found)[0] == "227 of 252 expected bars are there (90.1%), by the calendar XETR"
