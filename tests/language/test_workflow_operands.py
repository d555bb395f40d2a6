"""Golden signals: what every operand and function reads on small tables."""

import pandas as pd
import pytest
from workflow_runs import closes, is_true, row, run, table, workflow

STOP = row("risk", "time_stop", "bars", 1)


def true_on(condition, bars, *, section="entry_long", timeframe="1d", rows=(), **fields):  # type: ignore[no-untyped-def]
    """Bars on which a condition was true."""
    base = [is_true(section, condition, id="asked", **fields), *(rows or ([STOP] if section == "entry_long" else []))]
    signals = run(workflow(*base), bars, signals=True, timeframe=timeframe).strategy.signals
    assert {len(flags) for flags in signals.values()} == {len(bars)}
    return [number for number, flag in enumerate(signals["asked"]) if flag]


def test_an_index_counts_bars_ago() -> None:
    assert true_on("close > close[2]", closes([5, 4, 6, 5, 5, 4])) == [2, 3]


def test_an_index_after_parentheses_moves_the_whole_expression() -> None:
    assert true_on("(close - open)[1] > 1", table([(1, 4, 1, 4), (4, 4, 4, 4), (4, 4, 4, 4)])) == [1]
    assert true_on("(close > 4)[1]", closes([5, 3, 5, 3])) == [1, 3]


def test_arithmetic_and_the_functions_of_numbers() -> None:
    assert true_on("max(open, close) - min(open, close) == 3", table([(1, 4, 1, 4), (4, 5, 3, 5)])) == [0]
    assert true_on("abs(close - 5) * 2 == 4", closes([3, 7, 6])) == [0, 1]
    assert true_on("sign(close - 5) < 0", closes([4, 5, 6])) == [0]
    assert true_on("sqrt(close) == 3", closes([9, 4])) == [0]
    assert true_on("log(close) > 1", closes([2, 3])) == [1]
    assert true_on("close % 3 == 1", closes([4, 5, 7])) == [0, 2]
    assert true_on("close ** 2 > 20", closes([4, 5])) == [1]
    assert true_on("(2 if close > 5 else 1) == 2", closes([5, 6])) == [1]


def test_a_quotient_without_a_value_makes_every_comparison_false() -> None:
    bars = table([(5, 5, 5, 5), (4, 6, 4, 6)])

    assert true_on("(close - low) / (high - low) > 0.5", bars) == [1]
    assert true_on("(close - low) / (high - low) < 2", bars) == [1]


def test_rising_and_falling_count_bars() -> None:
    assert true_on("rising(close, 2)", closes([1, 2, 3, 3, 4, 5])) == [2, 5]
    assert true_on("falling(close)", closes([3, 2, 2, 1])) == [1, 3]


def test_since_counts_bars_and_has_no_value_before_the_first_time() -> None:
    assert true_on("since(close == 5) == 2", closes([1, 5, 1, 1, 1, 5, 1])) == [3]
    assert true_on("since(close == 5) < 100", closes([1, 5, 1])) == [1, 2]


def test_count_looks_at_the_last_bars_including_this_one() -> None:
    assert true_on("count(close > 4, 3) >= 2", closes([5, 1, 5, 1, 1, 5, 5])) == [2, 6]


def test_a_sequence_needs_its_steps_in_order_and_in_time() -> None:
    steps = "sequence(close == 1, close == 2, close == 3, within=2)"

    assert true_on(steps, closes([1, 2, 3, 9, 9])) == [2]
    assert true_on(steps, closes([1, 9, 2, 9, 3])) == [4]
    assert true_on(steps, closes([1, 9, 9, 2, 3])) == []
    assert true_on(steps, closes([2, 1, 3, 3, 3])) == []


def test_values_are_remembered_from_when_a_condition_was_true() -> None:
    bars = closes([10, 12, 11, 15, 14, 16])

    assert true_on("close > value_when(close == 12, close)", bars) == [3, 4, 5]
    assert true_on("close >= highest_since(close == 12, close)", bars) == [1, 3, 5]
    assert true_on("close <= lowest_since(close == 12, close)", bars) == [1, 2]


def test_sums_begin_anew_when_a_condition_is_true() -> None:
    bars = closes([1, 2, 1, 3, 4, 1])

    assert true_on("sum_since(close == 1, close) == 3", bars) == [1]
    assert true_on("sum_since(close == 1, close) == 8", bars) == [4]


def test_closed_trades_are_remembered() -> None:
    never = is_true("entry_long", "close > 1000", group="B")
    rows = [row("entry_long", "close", "==", 100), row("risk", "time_stop", "bars", 1), row("sizing", "position_size", "units", 1), never]
    bars = closes([100, 100, 110, 100, 100, 90, 95])

    def seen(condition: str) -> list[int]:
        return true_on(condition, bars, rows=rows, group="B")

    assert seen("bars_since_exit == 1") == [3, 6]
    assert seen("last_profit == 10") == [2, 3, 4]
    assert seen("wins_in_row == 1") == [2, 3, 4]
    assert seen("losses_in_row == 1") == [5, 6]


def test_a_signal_can_depend_on_the_result_of_the_last_trade() -> None:
    condition = "close == 100 and not (last_profit > 0)"
    told = workflow(is_true("entry_long", condition), row("risk", "time_stop", "bars", 1), row("sizing", "position_size", "units", 1))

    assert [fill.bar for fill in run(told, closes([100, 100, 110, 100, 100, 100])).fills] == [1, 2]


def test_memory_can_be_read_for_an_earlier_bar() -> None:
    assert true_on("count(close > 4, 2)[1] == 2", closes([5, 5, 1, 1])) == [2]
    assert true_on("crosses_above(count(close > 4, 2), 1)", closes([1, 5, 5, 5, 1, 5, 5])) == [2, 6]


def test_indicators_nest_and_take_any_series() -> None:
    assert true_on("sma(volume, 2) == 150", table([(1, 1, 1, 1, 100), (1, 1, 1, 1, 200)])) == [1]
    assert true_on("sma(sma(close, 2), 2) == 3", closes([1, 3, 5, 5])) == [2]
    assert true_on("highest(close - open, 2) == 3", table([(1, 4, 1, 4), (4, 4, 4, 4), (4, 4, 4, 4)])) == [1]
    assert true_on("sma(close / open, 2) == 1", closes([3, 3, 3])) == [1, 2]
    assert true_on("sma(volume if close > open else 0, 2) == 50", table([(1, 2, 1, 2, 100), (2, 2, 1, 1, 300)])) == [1]


def test_an_output_line_is_named_after_the_call() -> None:
    assert true_on("close > bbands(3, 1).upper", closes([1, 1, 1, 4, 4])) == [3]
    assert true_on("bbands(2, 1).mid == 2", closes([1, 3])) == [1]


def test_position_operands_know_the_open_trade() -> None:
    buy = row("entry_long", "close", "==", 100)
    bars = table([(100, 100, 100, 100), (100, 106, 99, 105), (105, 111, 104, 110), (110, 110, 102, 103), (103, 103, 103, 103)])

    def left(condition: str) -> list[int]:
        return true_on(condition, bars, section="exit_long", rows=[buy])[:1]

    assert left("entry_price == 100") == [1]
    assert left("bars_in_trade == 2") == [2]
    assert left("open_profit >= 9.99") == [2]
    assert left("highest_since_entry == 111") == [2]
    assert left("lowest_since_entry < 100") == [1]
    assert left("last_entry_price == 100 and close > 106") == [2]


def test_a_cross_of_a_position_operand_compares_each_bar_with_its_own_value() -> None:
    lines = [(99, 99, 99, 99), (100, 100, 100, 100), (100, 106, 99, 105), (105, 111, 104, 110), (110, 110, 102, 103), (103, 103, 103, 103)]
    buy = row("entry_long", "close", "==", 100)

    assert true_on("crosses_below(close, highest_since_entry - 3)", table(lines), section="exit_long", rows=[buy]) == [4]


def test_the_open_profit_in_r_needs_a_stop() -> None:
    bars = closes([100, 100, 104, 111, 111])
    rows = [row("entry_long", "close", "==", 100), row("risk", "stop_loss", "percent", 5)]

    assert true_on("open_r >= 2", bars, section="exit_long", rows=rows)[:1] == [3]


def test_the_clock_reads_the_start_of_the_bar() -> None:
    bars = closes([1] * 8, start="2024-03-01T09:30", minutes=30)

    assert true_on("hour == 10", bars, timeframe="30m") == [1, 2]
    assert true_on("hour == 10 and minute == 30", bars, timeframe="30m") == [2]
    assert true_on("minute_of_day >= time(12, 30)", bars, timeframe="30m") == [6, 7]


def test_weekday_day_month_and_year() -> None:
    bars = closes([1] * 6, start="2024-02-27")

    assert true_on("weekday == 4", bars) == [3]
    assert true_on("day == 1", bars) == [3]
    assert true_on("month == 3 and bar_of_month == 2", bars) == [4]
    assert true_on("year == 2024 and weekday[1] == 4", bars) == [4]


def test_bars_of_the_day_are_counted() -> None:
    bars = closes([1] * 6, start="2024-03-01T12:00", minutes=300)

    assert true_on("bar_of_day == 1", bars, timeframe="5m") == [0, 3]


def test_minutes_to_close_are_known_from_the_second_day() -> None:
    days = [closes([1] * 4, start=f"2024-03-0{day}T15:00", minutes=15) for day in (4, 5)]

    assert true_on("minutes_to_close <= 15", pd.concat(days), timeframe="15m") == [6, 7]


def test_the_day_its_range_and_the_day_before() -> None:
    day = [(10, 12, 9, 11), (11, 13, 10, 12), (12, 12.5, 11, 12.2), (12, 14, 12, 13)]
    bars = pd.concat([table(day, start=f"2024-03-0{number}T09:30", minutes=30) for number in (4, 5)])

    assert true_on("opening_range(60).high == 13", bars, timeframe="30m") == [2, 3, 6, 7]
    assert true_on("yesterday.close == 13 and yesterday.high == 14", bars, timeframe="30m") == [4, 5, 6, 7]
    assert true_on("today.high == 13", bars, timeframe="30m") == [1, 2, 5, 6]
    assert true_on("minutes_since_open == 60", bars, timeframe="30m") == [1, 5]
    assert true_on("gap < 0", bars, timeframe="30m") == [4, 5, 6, 7]


def test_the_week_and_the_month_and_the_ones_before() -> None:
    bars = closes(range(1, 13), start="2024-01-25")

    assert true_on("this_week.low == 5", bars) == [4, 5, 6, 7, 8, 9, 10]
    assert true_on("last_week.close == 4", bars) == [4, 5, 6, 7, 8, 9, 10]
    assert true_on("last_month.high == 7", bars) == [7, 8, 9, 10, 11]
    assert true_on("this_month.open == 8", bars) == [7, 8, 9, 10, 11]


def test_a_row_can_combine_higher_levels_of_a_chain() -> None:
    assert true_on("1 < close < 5", closes([1, 3, 5])) == [1]


@pytest.mark.parametrize("condition", ["not close > 4", "not (close > 4 or close > 9)"])
def test_not_is_the_opposite(condition: str) -> None:
    assert true_on(condition, closes([5, 3])) == [1]


def test_a_rise_of_an_earlier_value_waits_for_the_bars_that_it_looks_back_on() -> None:
    bars = closes([5, 1, 2, 3, 4, 1, 9])

    assert true_on("rising(close[1], 2)", bars) == [4, 5]
    assert true_on("count(rising(close[1], 1), 2) >= 1", bars) == [3, 4, 5, 6]
