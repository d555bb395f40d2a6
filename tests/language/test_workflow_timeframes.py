"""Golden signals on higher timeframes: only completed bars are seen, whichever way Backtrader is fed."""

import pandas as pd
import pytest
from workflow_runs import closes, is_true, row, run, table, values_of, walk, workflow

from core.domain.instrument import AssetClass, Instrument
from core.domain.sessions import compute_longer_bars
from core.language import compile_workflow

STOP = row("risk", "time_stop", "bars", 1)


def signals(condition, bars, *, fast=True, timeframe="1d", **fields):  # type: ignore[no-untyped-def]
    told = workflow(is_true("entry_long", condition, id="asked", **fields), STOP)
    found = run(told, bars, signals=True, fast=fast, timeframe=timeframe).strategy.signals["asked"]
    assert len(found) == len(bars)
    return [number for number, flag in enumerate(found) if flag]


WEEKS = closes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], start="2024-01-01").set_axis(pd.bdate_range("2024-01-01", periods=15))
"""Three weeks, Monday to Friday; the first week closes at 5, the second at 10."""


@pytest.mark.parametrize("fast", [True, False])
def test_a_week_is_seen_from_its_last_close_on_and_the_first_from_the_next_one_on(fast: bool) -> None:
    assert signals("close == 5", WEEKS, fast=fast, timeframe="1d") == [4]
    assert signals('tf("1w", close) == 5', WEEKS, fast=fast) == [5, 6, 7, 8]
    assert signals('tf("1w", close) == 10', WEEKS, fast=fast) == [9, 10, 11, 12, 13]
    assert signals("close > 9", WEEKS, fast=fast, **{"timeframe": "1d"}) == [9, 10, 11, 12, 13, 14]


@pytest.mark.parametrize("fast", [True, False])
def test_a_row_can_be_read_on_a_higher_timeframe_as_a_whole(fast: bool) -> None:
    told = workflow(row("entry_long", "close", "==", 10, timeframe="1w", id="asked"), STOP)

    found = run(told, WEEKS, signals=True, fast=fast).strategy.signals["asked"]

    assert [number for number, flag in enumerate(found) if flag] == [9, 10, 11, 12, 13]


@pytest.mark.parametrize("fast", [True, False])
def test_an_index_inside_counts_higher_bars_and_outside_the_runs_own(fast: bool) -> None:
    assert signals('tf("1w", close[1]) == 5', WEEKS, fast=fast) == [9, 10, 11, 12, 13]
    assert signals('tf("1w", close)[2] == 5', WEEKS, fast=fast) == [7, 8, 9, 10]


@pytest.mark.parametrize("fast", [True, False])
def test_a_cross_of_a_price_and_a_higher_average_is_seen_on_one_bar(fast: bool) -> None:
    bars = WEEKS.copy()
    bars.loc[:, ["open", "high", "low", "close"]] = [[value] * 4 for value in (5, 5, 5, 5, 5, 4, 4, 6, 6, 4, 4, 4, 4, 4, 4)]

    assert signals('crosses_above(close, tf("1w", close))', bars, fast=fast) == [7]


@pytest.mark.parametrize("fast", [True, False])
def test_hours_are_made_of_bars_stamped_with_their_start(fast: bool) -> None:
    bars = closes(range(1, 14), start="2024-03-04T10:00", minutes=15)
    bars["high"] += 100.0

    seen = signals('tf("1h", close) == 4', bars, fast=fast, timeframe="15m")

    assert seen == [3, 4, 5, 6]


@pytest.mark.parametrize("fast", [True, False])
def test_a_day_of_intraday_bars_is_seen_on_the_next_day(fast: bool) -> None:
    bars = pd.concat([table([(1, 9, 1, 5), (5, 6, 4, 6)], start=f"2024-03-0{day}T10:00", minutes=60) for day in (4, 5, 6)])

    assert signals('tf("1d", high) == 9', bars, fast=fast, timeframe="1h") == [2, 3, 4, 5]


def test_indicators_of_a_higher_timeframe_wait_for_their_own_warm_up() -> None:
    assert signals('tf("1w", sma(2)) == 7.5', WEEKS) == [9, 10, 11, 12, 13]


def test_orders_are_the_same_bar_by_bar_and_preloaded() -> None:
    told = workflow(
        row("filter", "close", ">", "sma(5)", timeframe="1w"),
        is_true("entry_long", 'crosses_above(close, tf("1w", ema(3)))'),
        row("exit_long", "close", "crosses below", "sma(10)"),
        row("risk", "trailing_stop", "atr", 2),
    )
    bars = walk(900, 8)

    fast, slow = run(told, bars, fast=True), run(told, bars, fast=False)

    assert fast.placed == slow.placed
    assert fast.fills == slow.fills
    assert fast.trades > 5


SHARE = Instrument(symbol="S", calendar="XNYS", session_open=570, session_close=960)
PAIR = Instrument(symbol="EURUSD", asset_class=AssetClass.FOREX, calendar="24/5", day_roll=1020)


def three_days(minutes: int) -> pd.DataFrame:
    """Sessions from 9:30 to 16:00 of which each bar closes at its number of minutes since midnight, in days of 10 000."""
    every = [
        moment for day in (4, 5, 6) for moment in pd.date_range(f"2024-03-0{day} 09:30", f"2024-03-0{day} 15:59", freq=f"{minutes}min")
    ]
    ends = [min(moment + pd.Timedelta(minutes=minutes), moment.normalize() + pd.Timedelta(hours=16)) for moment in every]
    return closes([end.day * 10_000 + end.hour * 60 + end.minute for end in ends]).set_axis(pd.DatetimeIndex(every))


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("base", [5, 15, 30])
def test_an_hour_counts_from_the_sessions_open_and_is_the_same_whatever_it_is_made_of(base: int, fast: bool) -> None:
    bars = three_days(base)

    seen = values_of('tf("1h", close)', bars, timeframe=f"{base}m", instrument=SHARE, fast=fast)

    at_ten_thirty, at_four = bars.index.indexer_at_time(f"10:{30 - base:02d}"), bars.index.indexer_at_time(f"15:{60 - base:02d}")
    assert seen[at_ten_thirty].tolist() == [40_630, 50_630, 60_630]
    assert seen[at_four[1:]].tolist() == [50_960, 60_960]


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("base", [15, 30, 60])
def test_there_are_two_bars_of_four_hours_in_a_session_and_the_second_is_seen_at_its_close(base: int, fast: bool) -> None:
    bars = three_days(base)

    seen = values_of('tf("4h", close)', bars, timeframe=f"{base}m", instrument=SHARE, fast=fast)

    assert [value for value in dict.fromkeys(seen) if value > 0] == [40_810, 40_960, 50_810, 50_960, 60_810, 60_960]
    assert seen[-1] == 60_960


@pytest.mark.parametrize("fast", [True, False])
def test_four_hours_of_a_currency_begin_in_the_evening(fast: bool) -> None:
    bars = closes(range(72), start="2024-03-03T17:00", minutes=60)

    seen = values_of('tf("4h", open)', bars, timeframe="1h", instrument=PAIR, fast=fast)

    assert seen[3:12].tolist() == [0, 0, 0, 0, 4, 4, 4, 4, 8]


@pytest.mark.parametrize("fast", [True, False])
def test_a_month_is_seen_at_its_last_close(fast: bool) -> None:
    bars = closes(range(1, 91)).set_axis(pd.bdate_range("2024-01-01", periods=90))

    seen = values_of('tf("1mo", close)', bars, fast=fast)

    ends = {day.month: number + 1 for number, day in enumerate(bars.index)}
    assert seen[ends[2] - 1 : ends[2] + 1].tolist() == [ends[2], ends[2]]
    assert seen[ends[2] - 2] == ends[1]


@pytest.mark.parametrize(("frame", "base"), [("1h", 15), ("4h", 30), ("30m", 5)])
def test_longer_bars_agree_with_the_rule_for_the_runs_own(frame: str, base: int) -> None:
    bars = three_days(base)
    minutes = {"1h": 60, "4h": 240, "30m": 30}[frame]
    start, _ = compute_longer_bars(bars.index.to_numpy(), minutes, session_open=570, base=base)

    seen = values_of(f'tf("{frame}", close)', bars, timeframe=f"{base}m", instrument=SHARE)

    assert [value for value in dict.fromkeys(seen) if value > 0] == bars.close.groupby(start).last().tolist()


def test_a_timeframe_that_is_no_longer_than_the_bars_is_refused_when_the_code_runs() -> None:
    told = workflow(is_true("entry_long", 'tf("1h", close) == 4'), STOP)

    with pytest.raises(ValueError, match="1h is not longer than the run's own bars"):
        run(told, walk(50, minutes=60), timeframe="1h")


def test_the_code_needs_no_other_feed_than_the_runs_own() -> None:
    code = compile_workflow(workflow(is_true("entry_long", 'close > tf("1h", close) and tf("1d", close > open)'), STOP))

    assert "timeframes" not in code
    assert run(code, walk(300, minutes=15), timeframe="15m").fills
