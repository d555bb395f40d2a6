"""The trading day as the instrument has it: shares, currencies, futures and coins, on minute bars by hand."""

import numpy as np
import pandas as pd
import pytest
from workflow_runs import closes, is_true, row, run, values_of, workflow

from core.domain.instrument import AssetClass, Instrument
from core.language import compile_workflow

SHARE = Instrument(symbol="S", calendar="XNYS", session_open=570, session_close=960)
PAIR = Instrument(symbol="EURUSD", asset_class=AssetClass.FOREX, calendar="24/5", day_roll=1020, days_per_year=260)
FUTURE = Instrument(symbol="ES", asset_class=AssetClass.FUTURE, calendar="us_futures", day_roll=1080)
COIN = Instrument(symbol="BTC", asset_class=AssetClass.CRYPTO, calendar="24/7", zone="UTC", days_per_year=365)
UNKNOWN = Instrument(symbol="U")


def bars_at(*times: str, price: float = 0.0) -> pd.DataFrame:
    """Bars at these moments, closing at 1, 2, 3 ... above `price`."""
    return closes([price + number for number in range(1, len(times) + 1)]).set_axis(pd.DatetimeIndex(times))


def hours(first: str, last: str, every: str = "1h") -> list[str]:
    return [str(moment) for moment in pd.date_range(first, last, freq=every)]


@pytest.fixture(params=[True, False], ids=["preloaded", "bar by bar"])
def fast(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_a_share_knows_its_close_on_the_first_day(fast: bool) -> None:
    bars = bars_at(*hours("2024-03-04 15:00", "2024-03-04 15:45", "15min"))

    left = values_of("minutes_to_close", bars, timeframe="15m", instrument=SHARE, fast=fast)

    assert left[1:].tolist() == [30, 15, 0]


def test_a_short_first_day_is_not_taken_for_the_usual_one(fast: bool) -> None:
    bars = bars_at(*hours("2024-07-03 12:00", "2024-07-03 12:30", "30min"), *hours("2024-07-05 12:00", "2024-07-05 15:30", "30min"))

    told = values_of("minutes_to_close", bars, timeframe="30m", instrument=SHARE, fast=fast)
    learned = values_of("minutes_to_close", bars, timeframe="30m", fast=fast)

    assert told[2:].tolist() == [210, 180, 150, 120, 90, 60, 30, 0]
    assert learned[2:].tolist() == [30, 0, 0, 0, 0, 0, 0, 0]


def test_the_last_hour_of_a_share_ends_with_its_session(fast: bool) -> None:
    bars = bars_at(*hours("2024-03-04 09:30", "2024-03-04 15:30"))

    assert values_of("minutes_to_close", bars, timeframe="1h", instrument=SHARE, fast=fast)[1:].tolist() == [270, 210, 150, 90, 30, 0]
    assert values_of("minutes_since_open", bars, timeframe="1h", instrument=SHARE, fast=fast)[1:].tolist() == [120, 180, 240, 300, 360, 390]


def test_before_the_open_no_minutes_have_passed_since_it(fast: bool) -> None:
    bars = bars_at("2024-03-04 09:00", "2024-03-04 09:15", "2024-03-04 09:30", "2024-03-04 09:45")

    since = values_of("minutes_since_open", bars, timeframe="15m", instrument=SHARE, fast=fast)

    np.testing.assert_array_equal(since, [np.nan, np.nan, 15, 30])


def test_the_opening_range_of_a_share_begins_at_the_bell(fast: bool) -> None:
    early, late = bars_at("2024-03-04 09:00", "2024-03-04 09:15"), hours("2024-03-04 09:30", "2024-03-04 10:15", "15min")
    thin = hours("2024-03-05 09:45", "2024-03-05 10:15", "15min")
    bars = pd.concat([early + 100, bars_at(*late), bars_at(*thin, price=10)])

    high = values_of("opening_range(30).high", bars, timeframe="15m", instrument=SHARE, fast=fast)
    low = values_of("opening_range(30).low", bars, timeframe="15m", instrument=SHARE, fast=fast)

    np.testing.assert_array_equal(high, [np.nan] * 4 + [2, 2, np.nan, 11, 11])
    np.testing.assert_array_equal(low, [np.nan] * 4 + [1, 1, np.nan, 11, 11])


def test_the_day_of_a_currency_begins_at_five_in_the_afternoon(fast: bool) -> None:
    bars = bars_at(*hours("2024-03-10 17:00", "2024-03-12 18:00"))
    starts = [number for number, moment in enumerate(bars.index) if moment.hour == 17]

    numbers = values_of("bar_of_day", bars, timeframe="1h", instrument=PAIR, fast=fast)
    day_high = values_of("yesterday.high", bars, timeframe="1h", instrument=PAIR, fast=fast)

    assert starts == [0, 24, 48]
    assert np.flatnonzero(numbers == 1).tolist() == starts
    assert np.unique(day_high[24:48]).tolist() == [24]
    assert np.unique(day_high[48:]).tolist() == [48]
    assert np.isnan(day_high[:24]).all()


def test_the_currency_week_begins_on_sunday_evening_and_the_month_on_its_last_evening(fast: bool) -> None:
    bars = bars_at("2024-03-28 12:00", "2024-03-29 16:00", "2024-03-31 16:00", "2024-03-31 17:00", "2024-04-01 12:00")

    assert values_of("this_week.open", bars, timeframe="1h", instrument=PAIR, fast=fast).tolist() == [1, 1, 1, 4, 4]
    assert values_of("this_month.open", bars, timeframe="1h", instrument=PAIR, fast=fast).tolist() == [1, 1, 1, 4, 4]
    assert values_of("bar_of_month", bars, timeframe="1h", instrument=PAIR, fast=fast).tolist() == [1, 2, 3, 1, 2]
    assert values_of("this_week.open", bars, timeframe="1h", fast=fast).tolist() == [1, 1, 1, 1, 5]


def test_a_currency_day_ends_where_the_next_begins(fast: bool) -> None:
    bars = bars_at(*hours("2024-03-10 17:00", "2024-03-11 17:00"))

    left = values_of("minutes_to_close", bars, timeframe="1h", instrument=PAIR, fast=fast)
    since = values_of("minutes_since_open", bars, timeframe="1h", instrument=PAIR, fast=fast)

    assert left[[1, 7, 23, 24]].tolist() == [1320, 960, 0, 1380]
    assert since[[1, 7, 23, 24]].tolist() == [120, 480, 1440, 60]


def test_the_pause_of_a_future_before_its_day_is_learned_but_not_a_holiday(fast: bool) -> None:
    full = hours("2024-03-03 18:00", "2024-03-04 16:00") + hours("2024-03-04 18:00", "2024-03-05 16:00")
    short = hours("2024-03-03 18:00", "2024-03-04 12:00") + hours("2024-03-04 18:00", "2024-03-05 16:00")

    after_full = values_of("minutes_to_close", bars_at(*full), timeframe="1h", instrument=FUTURE, fast=fast)
    after_short = values_of("minutes_to_close", bars_at(*short), timeframe="1h", instrument=FUTURE, fast=fast)

    assert after_full[[22, 23, -1]].tolist() == [60, 1320, 0]
    assert after_short[[18, 19, -1]].tolist() == [300, 1380, 60]


def test_a_future_opens_with_its_evening(fast: bool) -> None:
    bars = bars_at(*hours("2024-03-03 18:00", "2024-03-03 19:30", "30min"), *hours("2024-03-04 09:30", "2024-03-04 10:30", "30min"))

    found = values_of("opening_range(60).high", bars, timeframe="30m", instrument=FUTURE, fast=fast)

    np.testing.assert_array_equal(found, [np.nan, np.nan, 2, 2, 2, 2, 2])


def test_a_coin_ends_its_day_at_midnight_from_the_first_day_on(fast: bool) -> None:
    bars = bars_at(*hours("2024-03-09 22:00", "2024-03-10 01:00"))

    assert values_of("minutes_to_close", bars, timeframe="1h", instrument=COIN, fast=fast)[1:].tolist() == [0, 1380, 1320]
    assert values_of("bar_of_day", bars, timeframe="1h", instrument=COIN, fast=fast).tolist() == [1, 2, 1, 2]


def test_hours_that_nobody_knows_are_learned() -> None:
    told = workflow(is_true("entry_long", "minutes_to_close < 30"), row("risk", "flat_at_close", "bars", 1))

    code = compile_workflow(told, instrument=UNKNOWN)

    assert code == compile_workflow(told)
    assert "session_close" not in code


def test_volume_weighted_prices_begin_with_the_trading_day() -> None:
    bars = bars_at("2024-03-11 15:00", "2024-03-11 16:00", "2024-03-11 17:00", "2024-03-11 18:00", "2024-03-12 00:00")

    assert values_of("vwap", bars, timeframe="1h", instrument=PAIR).tolist() == [1, 1.5, 3, 3.5, 4]
    assert values_of("vwap", bars, timeframe="1h").tolist() == [1, 1.5, 2, 2.5, 5]


def test_the_gap_is_that_over_the_end_of_the_trading_day() -> None:
    bars = bars_at("2024-03-11 16:00", "2024-03-11 17:00", "2024-03-12 00:00")

    assert values_of("gap", bars, timeframe="1h", instrument=PAIR)[1:].tolist() == [100, 100]


@pytest.mark.parametrize(("instrument", "expected"), [(PAIR, [(2, True), (23, False)]), (None, [])])
def test_a_position_of_the_evening_is_held_until_the_time_of_the_next_day(
    instrument: Instrument | None, expected: list[tuple[int, bool]]
) -> None:
    bars = bars_at(*hours("2024-03-10 17:00", "2024-03-11 20:00"), price=50)
    told = workflow(is_true("entry_long", "close == 52"), row("risk", "flat_at_close", "time", "16:00"))

    fills = run(told, bars, timeframe="1h", instrument=instrument).fills

    assert [(fill.bar, fill.size > 0) for fill in fills] == expected


def test_a_time_of_day_after_the_roll_is_early_in_the_trading_day() -> None:
    bars = bars_at(*hours("2024-03-10 17:00", "2024-03-11 20:00"), price=50)
    told = workflow(is_true("entry_long", "close > 0"), row("risk", "flat_at_close", "time", "20:00"))

    fills = run(told, bars, timeframe="1h", instrument=PAIR).fills

    assert [(fill.bar, fill.size > 0) for fill in fills] == [(1, True), (3, False), (25, True), (27, False)]


def test_limits_by_the_day_start_anew_with_the_trading_day() -> None:
    bars = bars_at(*hours("2024-03-11 14:00", "2024-03-12 02:00"), price=50)
    told = workflow(is_true("entry_long", "close > 0"), row("risk", "time_stop", "bars", 1), row("risk", "max_trades_per_day", "count", 1))

    fills = run(told, bars, timeframe="1h", instrument=PAIR).fills

    assert [fill.bar for fill in fills if fill.size > 0] == [1, 4]


def test_trading_hours_from_midnight_take_the_bar_that_ends_there() -> None:
    bars = bars_at(*hours("2024-03-09 21:00", "2024-03-10 03:00"), price=50)
    told = workflow(
        is_true("entry_long", "close > 0"), row("risk", "time_stop", "bars", 1), row("risk", "trading_hours", "time", "00:00", "02:00")
    )

    fills = run(told, bars, timeframe="1h", instrument=COIN).fills

    assert [(fill.bar, fill.size > 0) for fill in fills] == [(3, True), (4, False)]


def test_what_the_instrument_tells_stands_in_params_and_only_where_it_is_read() -> None:
    stop = row("risk", "time_stop", "bars", 3)
    clocked = workflow(is_true("entry_long", "minutes_to_close > 30 and close > yesterday.high"), stop)
    plain = workflow(is_true("entry_long", "close > sma(5)"), stop)

    assert "        session_close=960,  # minute of the day at which the session ends" in compile_workflow(clocked, instrument=SHARE)
    assert "        day_roll=1020," in compile_workflow(clocked, instrument=PAIR)
    assert compile_workflow(plain, instrument=PAIR) == compile_workflow(plain)


def test_volatility_is_annualized_with_the_instruments_own_year() -> None:
    told = workflow(
        is_true("entry_long", "close > 0"), row("risk", "time_stop", "bars", 3), row("sizing", "volatility_target", "percent", 10)
    )
    bars = bars_at(*hours("2024-03-10 17:00", "2024-03-15 16:00"), price=50)

    strategy = run(told, bars, timeframe="1h", instrument=PAIR).strategy

    assert strategy.dates == 5
    assert strategy.annual_volatility() == pytest.approx(strategy.size_volatility[0] / 100 * np.sqrt(260 * strategy.bars_counted / 5))
