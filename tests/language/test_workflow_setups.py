"""Golden trades of setups, names, stops on closes and at the fill, opposite signals, sizes as expressions, and the calendar."""

import itertools
from typing import Any

import pandas as pd
import pytest
from workflow_runs import Fill, closes, is_true, row, run, table, workflow

from core.domain.errors import Severity
from core.domain.instrument import AssetClass, Instrument
from core.language import check, explain_text, parameters
from core.language.catalogue.exchanges import HOLIDAYS
from core.language.compiler.support import HELPERS

BUY = row("entry_long", "close", "==", 100)
SIZE = row("sizing", "position_size", "units", 10)
OUT = row("risk", "time_stop", "bars", 50)
START = [(100, 100, 100, 100), (100, 101, 99, 100.5)]


def fills(*rows, bars, direction="long_only", **more):  # type: ignore[no-untyped-def]
    told = workflow(*rows, direction=direction)
    assert [problem for problem in check(told) if problem.severity is Severity.ERROR] == []
    fast, slow = run(told, bars, **more), run(told, bars, fast=False, **more)
    assert fast.fills == slow.fills
    return fast.fills


def test_a_name_stands_for_its_expression_everywhere_and_is_one_parameter() -> None:
    told = workflow(
        row("define", "level", "==", "sma(2) * 1.5"),
        is_true("entry_long", "close > level"),
        is_true("exit_long", "close < level * 0.5"),
        SIZE,
    )

    assert [item.name for item in parameters(told)][:2] == ["sma_period", "entry_sma_factor"]
    assert "Call it level: the 2-bar simple moving average times 1.5." in explain_text(told)
    assert run(told, closes([1, 1, 9, 9, 1, 1])).fills == [Fill(3, 10, 9), Fill(5, -10, 1)]


@pytest.mark.parametrize("name", ["close", "atr", "2x", "level one", "for"])
def test_a_name_that_means_something_else_is_refused(name: str) -> None:
    found = check(workflow(row("define", name, "==", "sma(2)", id="d"), BUY, SIZE, OUT))

    assert [problem.row for problem in found if problem.severity is Severity.ERROR] == ["d"]


SETUPS = (
    is_true("entry_long", "close == 100"),
    is_true("entry_long", "close == 50", group="B"),
    row("sizing", "position_size", "units", 10),
    row("sizing", "position_size", "units", 3, group="B"),
    row("risk", "stop_loss", "percent", 10),
    row("risk", "stop_loss", "percent", 2, group="B"),
    row("risk", "take_profit", "percent", 10, group="B"),
)


def test_each_setup_has_its_own_size_stop_and_target() -> None:
    first = table([(100, 100, 100, 100), (100, 100, 100, 100.5), (100, 115, 95, 99), (99, 99, 89, 90), (90, 90, 90, 90)])
    second = table([(50, 50, 50, 50), (50, 50, 50, 50.5), (50, 50.5, 48, 49), (49, 49, 49, 49)])
    third = table([(50, 50, 50, 50), (50, 50, 50, 50.5), (50, 56, 49.5, 55), (55, 55, 55, 55)])

    assert fills(*SETUPS, bars=first) == [Fill(1, 10, 100), Fill(3, -10, 90)]
    assert fills(*SETUPS, bars=second) == [Fill(1, 3, 50), Fill(2, -3, 49)]
    assert fills(*SETUPS, bars=third) == [Fill(1, 3, 50), Fill(2, -3, pytest.approx(55))]


def test_a_letter_without_entries_and_a_letter_on_a_limit_are_refused() -> None:
    found = check(
        workflow(BUY, SIZE, OUT, row("risk", "stop_loss", "percent", 2, group="C"), row("risk", "cool_down", "bars", 2, group="B"))
    )

    assert [problem.message for problem in found][:2] == [
        "no entry is in group C, so this row never counts.",
        "`cool_down` counts for every entry, not only for those of group B.",
    ]


def test_a_stop_on_closes_lets_the_low_pass_and_leaves_at_the_next_open() -> None:
    bars = table([*START, (100, 100, 90, 99), (99, 99, 90, 94), (93, 96, 93, 95), (95, 95, 95, 95)])

    assert fills(BUY, SIZE, row("risk", "stop_loss", "percent", 5, "on close"), bars=bars) == [Fill(1, 10, 100), Fill(4, -10, 93)]
    assert fills(BUY, SIZE, row("risk", "stop_loss", "percent", 5), bars=bars) == [Fill(1, 10, 100), Fill(2, -10, 95)]


def test_a_stop_at_the_fill_is_read_on_the_close_of_the_fills_bar() -> None:
    bars = table([(100, 100, 98, 100), (100, 101, 97, 100.5), (100, 101, 97.5, 100), (98, 98, 96, 97), (97, 97, 97, 97)])

    assert fills(BUY, SIZE, row("risk", "stop_loss", "price", "low", "at fill"), bars=bars)[1] == Fill(3, -10, 97)
    assert fills(BUY, SIZE, row("risk", "stop_loss", "price", "low"), bars=bars)[1] == Fill(2, -10, 98)


@pytest.mark.parametrize(("which", "price", "bar"), [("tightest", 98, 2), ("widest", 95, 3)])
def test_of_two_stops_the_tightest_or_the_widest_counts(which: str, price: float, bar: int) -> None:
    bars = table([*START, (100, 100, 97, 99), (99, 99, 94, 96), (96, 96, 96, 96)])
    stops = (row("risk", "stop_loss", "percent", 2), row("risk", "stop_loss", "percent", 5), row("risk", "stops", "choice", which))

    assert fills(BUY, SIZE, *stops, bars=bars)[1] == Fill(bar, -10, price)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("reverse", [Fill(1, 10, 90), Fill(3, -10, 80), Fill(3, -10, 80)]),
        ("close", [Fill(1, 10, 90), Fill(3, -10, 80)]),
        ("ignore", [Fill(1, 10, 90)]),
    ],
)
def test_an_opposite_signal_reverses_closes_or_does_nothing(what: str, expected: list[Fill]) -> None:
    rows = (BUY, is_true("entry_short", "close == 85"), SIZE, OUT, row("risk", "on_opposite_signal", "choice", what))

    assert fills(*rows, bars=closes([100, 90, 85, 80, 80]), direction="long_short") == expected


def test_points_and_pips_are_distances_in_the_prices_own_unit() -> None:
    pair = Instrument(symbol="EURUSD", asset_class=AssetClass.FOREX, day_roll=1020)
    buy = row("entry_long", "close", "==", 1.1)
    bars = table([(1.1, 1.1, 1.1, 1.1), (1.1, 1.1, 1.1, 1.1001), (1.1, 1.1, 1.097, 1.098), (1.098, 1.098, 1.098, 1.098)])

    assert fills(buy, SIZE, row("risk", "stop_loss", "pips", 20), bars=bars, instrument=pair)[1] == Fill(2, -10, pytest.approx(1.098))
    assert fills(buy, SIZE, row("risk", "stop_loss", "points", 0.001), bars=bars)[1] == Fill(2, -10, pytest.approx(1.099))
    assert fills(BUY, SIZE, row("risk", "take_profit", "points", 4), bars=table([*START, (101, 105, 101, 104), (104,) * 4]))[1] == Fill(
        2, -10, 104
    )


def test_a_size_may_be_an_expression() -> None:
    told = (row("entry_long", "close", "==", 100), OUT)

    assert fills(*told, row("sizing", "position_size", "units", "7 if close > open else 3"), bars=closes([100, 100, 100]))[0].size == 3
    assert fills(*told, row("sizing", "position_size", "units", "equity * 0.001 / 4"), bars=closes([100, 100, 100]))[0].size == 25
    assert fills(*told, row("sizing", "position_size", "percent", "20 if month == 1 else 80"), bars=closes([100, 100]))[0].size == 200


def test_a_time_stop_that_renews_counts_from_the_newest_signal() -> None:
    bars = closes([100, 100.5, 101, 100, 101, 101, 101, 101])
    stop = row("risk", "time_stop", "bars", 3)

    assert [fill.bar for fill in fills(BUY, SIZE, stop, bars=bars)][:2] == [1, 4]
    assert [fill.bar for fill in fills(BUY, SIZE, stop | {"thresholds": ["3", "renew"]}, bars=bars)][:2] == [1, 7]


def test_nothing_is_opened_on_the_days_that_are_named() -> None:
    days = row("risk", "no_entries_on", "dates", "2024-01-03..2024-01-04, 2024-01-09")
    bars = closes([100] * 8).set_axis(pd.bdate_range("2024-01-01", periods=8))
    buys = (is_true("entry_long", "close == 100"), SIZE, row("risk", "time_stop", "bars", 1), days)

    opened = [bars.index[fill.bar].day for fill in fills(*buys, bars=bars) if fill.size > 0]
    assert opened
    assert not {3, 4, 9} & set(opened)


def test_a_position_is_brought_back_to_its_size() -> None:
    rows = (is_true("entry_long", "close == 100"), row("sizing", "position_size", "percent", 50), row("risk", "hold_to_end", "on"))
    bars = closes([100, 100, 200, 200, 200, 100, 100])

    assert [fill.size for fill in fills(*rows, row("sizing", "rebalance", "percent", 20), bars=bars)] == [
        500,
        -125,
        pytest.approx(187, abs=1),
    ]


def test_a_position_is_brought_back_to_its_size_when_a_condition_holds() -> None:
    rows = (is_true("entry_long", "close == 100"), row("sizing", "position_size", "percent", 50), row("risk", "hold_to_end", "on"))
    bars = closes([100, 100, 100, 200, 200, 200, 100, 100])  # the row looks one bar back: the first bar is its warm-up

    found = fills(*rows, row("sizing", "rebalance", "when", "close == 200 and close[1] == 200"), bars=bars)

    assert [(fill.bar, fill.size) for fill in found] == [(2, 500), (5, -125)]


def test_a_position_is_brought_back_by_its_drift_and_on_a_day_as_well() -> None:
    rows = (is_true("entry_long", "close == 100"), row("sizing", "position_size", "percent", 50), row("risk", "hold_to_end", "on"))
    both = (row("sizing", "rebalance", "percent", 20), row("sizing", "rebalance", "when", "close == 110"))
    bars = closes([100, 100, 108, 110, 110, 200, 200, 200])

    # 500 of 100,000 at 100; at 110 the account is 105,000 and half of it 477 units; at 200 it is 147,930 and half of it 369
    assert [(fill.bar, fill.size) for fill in fills(*rows, *both, bars=bars)] == [(1, 500), (4, -23), (6, -108)]
    assert [(fill.bar, fill.size) for fill in fills(*rows, both[0], bars=bars)] == [(1, 500), (6, -125)]


def test_bars_and_a_drift_bring_a_position_back_and_bars_count_from_the_last_time() -> None:
    rows = (is_true("entry_long", "close == 100"), row("sizing", "position_size", "percent", 50), row("risk", "hold_to_end", "on"))
    both = (row("sizing", "rebalance", "percent", 20), row("sizing", "rebalance", "bars", 4))
    bars = closes([100, 100, 108, 109, 110, 110, 110, 110, 111, 111])

    # the fill is on bar 1, so bar 5 is the fourth after it (477 units), and bar 9 the next (472)
    assert [(fill.bar, fill.size) for fill in fills(*rows, *both, bars=bars)] == [(1, 500), (6, -23)]
    assert "`rebalance` is there twice." in [item.message for item in check(workflow(*rows, both[0], both[0]))]


def test_an_exit_asks_which_setup_opened_the_trade() -> None:
    rows = (
        is_true("entry_long", "close == 100"),
        is_true("entry_long", "close == 50", group="B"),
        is_true("exit_long", "close == 60 and setup is B"),
        is_true("exit_long", "close == 70 and setup != B", group="B"),
        row("sizing", "position_size", "units", 10),
        row("risk", "time_stop", "bars", 50),
    )

    assert fills(*rows, bars=closes([100, 100, 60, 60, 70, 70, 80])) == [Fill(1, 10, 100), Fill(5, -10, 70)]
    assert fills(*rows, bars=closes([50, 50, 70, 70, 60, 60, 60])) == [Fill(1, 10, 50), Fill(5, -10, 60)]


@pytest.mark.parametrize("said", ["friday", "is friday", "friday and close > 0", "not (monday or tuesday or wednesday or thursday)"])
def test_a_weekday_stands_for_itself_where_a_condition_is_needed(said: str) -> None:
    bars = closes([100] * 9).set_axis(pd.bdate_range("2024-01-01", periods=9))

    opened = fills(is_true("entry_long", said), SIZE, OUT, bars=bars)

    assert [bars.index[fill.bar].day for fill in opened] == [8]  # the signal of Friday the 5th


def test_entries_of_a_trade_are_counted_for_rows_that_add() -> None:
    rows = (
        is_true("entry_long", "close == 100 and position == 0"),
        is_true("entry_long", "close < 90 and entries_in_trade == 1", group="B"),
    )
    rows += (row("sizing", "position_size", "units", 10), row("sizing", "pyramiding", "count", 3), OUT)

    assert [fill.bar for fill in fills(*rows, bars=closes([100, 100, 80, 80, 80, 100, 80]))] == [1, 3]


@pytest.mark.parametrize(("calendar", "filled"), [("XNYS", "2021-06-01"), ("", "")])
def test_the_last_trading_day_of_a_month_knows_the_holidays_of_new_york(calendar: str, filled: str) -> None:
    days = [day for day in pd.bdate_range("2021-05-20", "2021-06-08") if str(day.date()) != "2021-05-31"]
    bars = closes([10] * len(days)).set_axis(pd.DatetimeIndex(days))
    rows = (is_true("entry_long", "last_trading_day_of_month"), OUT)

    found = fills(*rows, bars=bars, instrument=Instrument(symbol="X", calendar=calendar))

    assert [str(bars.index[fill.bar].date()) for fill in found] == ([filled] if filled else [])


def test_the_rules_of_new_yorks_holidays_agree_with_its_calendar_but_for_closures_without_a_rule() -> None:
    import exchange_calendars

    module: dict[str, Any] = {}
    exec(HELPERS["closed_in_new_york"], module)
    days = pd.bdate_range("1990-01-01", "2026-12-31")
    opened = set(exchange_calendars.get_calendar("XNYS", start="1990-01-01").sessions)

    other = {str(day.date()) for day in days if (day not in opened) != module["closed_in_new_york"](day.date())}

    assert other == {
        *("1994-04-27", "2001-09-11", "2001-09-12", "2001-09-13", "2001-09-14", "2004-06-11", "2007-01-02"),
        *("2012-10-29", "2012-10-30", "2018-12-05", "2025-01-09"),
    }


@pytest.mark.parametrize(
    ("code", "closures"),
    [
        (
            "XLON",
            "2011-04-29 2012-05-28 2012-06-04 2012-06-05 2020-05-04 2020-05-08 2022-05-30 2022-06-02 2022-06-03 2022-09-19 2023-05-08",
        ),
        ("XETR", "2007-05-28 2017-10-31"),
        ("XPAR", ""),
        ("XAMS", ""),
    ],
)
def test_the_rules_of_european_holidays_agree_with_calendars_but_for_days_without_a_rule(code: str, closures: str) -> None:
    import exchange_calendars

    module: dict[str, Any] = {}
    exec(HELPERS["easter_sunday"] + HELPERS[HOLIDAYS[code]], module)
    days = pd.bdate_range("2003-01-01", "2026-06-30")
    opened = set(exchange_calendars.get_calendar(code, start="2003-01-01", end="2026-06-30").sessions)

    other = [str(day.date()) for day in days if (day not in opened) != module[HOLIDAYS[code]](day.date())]

    assert other == closures.split()


def test_the_last_trading_day_of_the_year_in_frankfurt_is_before_new_years_eve() -> None:
    bars = closes([10] * 12).set_axis(pd.DatetimeIndex([f"2024-12-{day}" for day in (16, 17, 18, 19, 20, 23, 27, 30)] + JANUARY))
    rows = (is_true("entry_long", "last_trading_day_of_month"), OUT)

    found = fills(*rows, bars=bars, instrument=Instrument(symbol="X", calendar="XETR"))

    assert [str(bars.index[fill.bar].date()) for fill in found] == ["2025-01-02"]


JANUARY = [f"2025-01-{day:02}" for day in (2, 3, 6, 7)]


def test_a_position_that_shrinks_takes_its_stop_along_and_never_turns() -> None:
    rows = (is_true("entry_long", "close == 100"), row("sizing", "position_size", "percent", 50))
    rows += (row("risk", "trailing_stop", "price", "lowest(low, 3)"), row("sizing", "rebalance", "percent", 5))
    rising = [100, 100, 100, 100, 110, 121, 133, 146, 160, 176]
    bars = closes([*rising, 150, 120, 100, 90])

    sizes = [fill.size for fill in fills(*rows, bars=bars)]

    held = list(itertools.accumulate(sizes))
    assert min(held) == 0
    assert any(size < 0 for size in sizes[:3]), "it shrinks on the way up"


def test_a_savings_plan_buys_every_month_and_never_sells() -> None:
    rows = (is_true("entry_long", "first_trading_day_of_month"), row("sizing", "position_size", "cash", 1_000))
    rows += (row("sizing", "pyramiding", "count", 50), row("risk", "hold_to_end", "on"))
    bars = closes([10] * 66).set_axis(pd.bdate_range("2024-01-02", periods=66))

    assert [bars.index[fill.bar].month for fill in fills(*rows, bars=bars)] == [1, 2, 3, 4]


def test_times_of_another_zone_follow_its_daylight_saving() -> None:
    told = workflow(is_true("entry_long", 'minute_of_day == time(14, 30, "Europe/London")', id="asked"), OUT)
    share = Instrument(symbol="S", zone="America/New_York", calendar="XNYS", session_open=570, session_close=960)
    moments = ["2024-03-04 09:30", "2024-03-04 10:30", "2024-03-11 09:30", "2024-03-11 10:30"]
    bars = closes([1, 1, 1, 1]).set_axis(pd.DatetimeIndex(moments))

    found = run(told, bars, timeframe="1h", signals=True, instrument=share).strategy.signals["asked"]

    assert list(found) == [1, 0, 0, 1]
