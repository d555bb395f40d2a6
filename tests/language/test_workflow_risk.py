"""Golden trades: stops, targets, partial exits, limits by time and day. Bar 0 is the first; the signal is read on bar 0 or 1."""

import pandas as pd
import pytest
from workflow_runs import Fill, closes, is_true, row, run, table, workflow

BUY = row("entry_long", "close", "==", 100)
SHORT = row("entry_short", "close", "==", 100)
SIZE = row("sizing", "position_size", "units", "10")
START = [(100, 100, 100, 100), (100, 101, 99, 100.5)]
"""The signal on bar 0, the fill at the open of bar 1, which has no stop yet."""


def exits(told, bars, **more):  # type: ignore[no-untyped-def]
    """Fills after the entry, with its own fill checked."""
    result = run(told, bars, **more)
    assert result.fills[0].bar == 1
    assert result.fills[0].price == 100
    return result.fills[1:]


def risk(*rows, direction="long_only"):  # type: ignore[no-untyped-def]
    entry = {"long_only": [BUY], "short_only": [SHORT], "long_short": [BUY, SHORT]}[direction]
    return workflow(*entry, *rows, SIZE, direction=direction)


def test_a_stop_loss_fills_at_its_price_inside_a_bar() -> None:
    told = risk(row("risk", "stop_loss", "percent", 5))

    assert exits(told, table([*START, (99, 99, 94, 96), (96, 97, 95, 96)])) == [Fill(2, -10, 95)]


def test_a_gap_through_the_stop_fills_at_the_open() -> None:
    told = risk(row("risk", "stop_loss", "percent", 5))

    assert exits(told, table([*START, (92, 93, 90, 91), (91, 91, 91, 91)])) == [Fill(2, -10, 92)]


def test_the_stop_protects_from_the_bar_after_the_entry() -> None:
    told = risk(row("risk", "stop_loss", "percent", 5))
    bars = table([(100, 100, 100, 100), (100, 101, 90, 99), (99, 99, 96, 97), (96, 96, 94, 96), (96, 96, 96, 96)])

    assert exits(told, bars) == [Fill(3, -10, 95)]


def test_a_take_profit_fills_at_its_price_or_better() -> None:
    told = risk(row("risk", "take_profit", "percent", 5))

    assert exits(told, table([*START, (102, 106, 101, 104), (104, 104, 104, 104)])) == [Fill(2, -10, 105)]
    assert exits(told, table([*START, (107, 108, 106, 107), (104, 104, 104, 104)])) == [Fill(2, -10, 107)]


def test_on_a_bar_that_touches_both_the_stop_comes_first_and_the_target_is_withdrawn() -> None:
    told = risk(row("risk", "stop_loss", "percent", 5), row("risk", "take_profit", "percent", 5))
    bars = table([*START, (100, 106, 94, 100.5), (101, 101, 101, 101), (106, 106, 94, 101), (101, 101, 101, 101)])

    assert exits(told, bars) == [Fill(2, -10, 95)]


def test_short_stops_and_targets_lie_on_the_other_side() -> None:
    told = risk(row("risk", "stop_loss", "percent", 5), row("risk", "take_profit", "percent", 5), direction="short_only")

    assert exits(told, table([*START, (101, 106, 100.5, 104), (104, 104, 104, 104)])) == [Fill(2, 10, 105)]
    assert exits(told, table([*START, (98, 99, 94, 96), (96, 96, 96, 96)])) == [Fill(2, 10, 95)]


def test_a_trailing_stop_follows_the_best_price_and_never_moves_back() -> None:
    told = risk(row("risk", "trailing_stop", "percent", 10))
    bars = table([*START, (105, 120, 104, 118), (117, 118, 110, 111), (110, 111, 107, 109), (109, 109, 109, 109)])

    assert exits(told, bars) == [Fill(4, -10, 108)]


def test_a_trailing_stop_can_wait_for_a_profit() -> None:
    told = risk(row("risk", "trailing_stop", "percent", 5, 10))
    bars = table([*START, (101, 105, 93, 95), (95, 112, 95, 111), (111, 111, 106, 107), (107, 107, 107, 107)])

    assert exits(told, bars) == [Fill(4, -10, pytest.approx(106.4))]


def test_distances_in_average_true_ranges_use_the_range_of_the_signal() -> None:
    told = workflow(
        row("entry_long", "close", "==", 103), row("risk", "stop_loss", "atr", 2, 2), row("risk", "take_profit", "atr", 3, 2), SIZE
    )
    bars = table(
        [(100, 101, 99, 100), (100, 102, 99, 101), (101, 104, 101, 103), (103, 104, 102, 103.5), (103, 104, 96, 98), (98, 98, 98, 98)]
    )

    assert run(told, bars).fills == [Fill(3, 10, 103), Fill(4, -10, 97)]


def test_the_average_true_range_of_that_table_is_three_by_hand() -> None:
    told = workflow(is_true("entry_long", "atr(2) == 3 and close == 103"), row("risk", "time_stop", "bars", 1), SIZE)
    bars = table([(100, 101, 99, 100), (100, 102, 99, 101), (101, 104, 101, 103), (103, 104, 102, 103.5), (103, 103, 103, 103)])

    assert run(told, bars).fills[0] == Fill(3, 10, 103)


def test_a_target_in_r_is_a_multiple_of_the_distance_to_the_stop() -> None:
    told = risk(row("risk", "stop_loss", "percent", 4), row("risk", "take_profit", "r", 2))

    assert exits(told, table([*START, (101, 109, 100, 104), (104, 104, 104, 104)])) == [Fill(2, -10, 108)]


def test_a_stop_at_a_price_is_read_on_the_bar_of_the_signal() -> None:
    told = workflow(row("entry_long", "close", "==", 100), row("risk", "stop_loss", "price", "lowest(low, 2)"), SIZE)
    bars = table([(99, 99, 97, 98), (98, 100, 96, 100), (100, 101, 99, 100.5), (99, 99, 95, 98), (98, 98, 98, 98)])

    assert run(told, bars).fills == [Fill(2, 10, 100), Fill(3, -10, 96)]


def test_of_two_stop_prices_each_side_takes_the_one_beyond_it() -> None:
    told = risk(
        row("risk", "stop_loss", "price", "lowest(low, 1) - 3"),
        row("risk", "stop_loss", "price", "highest(high, 1) + 3"),
        direction="short_only",
    )

    assert exits(told, table([*START, (101, 104, 96, 100.5), (101, 101, 101, 101)])) == [Fill(2, 10, 103)]


def test_a_trailing_price_is_read_on_every_close() -> None:
    told = risk(row("risk", "trailing_stop", "price", "low - 1"))
    bars = table([*START, (101, 103, 100, 102), (102, 106, 101, 105), (105, 106, 103, 103.5), (102, 103, 101.5, 102), (102, 102, 102, 102)])

    assert exits(told, bars) == [Fill(5, -10, 102)]


def test_a_trailing_price_that_begins_at_a_gain_is_no_stop_before_and_stays_afterwards() -> None:
    told = risk(row("risk", "trailing_stop", "price", "highest_since_entry - 2 if highest_since_entry >= 1.05 * entry_price else 0"))
    bars = table([*START, (101, 104, 97, 103), (103, 106, 102, 105), (105, 105, 103, 104), (104, 104, 104, 104)])

    assert exits(told, bars) == [Fill(4, -10, 104)]


def test_of_two_distances_the_farther_one_can_be_the_stop() -> None:
    told = risk(row("risk", "stop_loss", "price", "min(0.97 * entry_price, entry_price - 5)"))

    assert exits(told, table([*START, (100, 101, 96, 98), (98, 98, 94, 95), (95, 95, 95, 95)])) == [Fill(3, -10, 95)]


def test_a_stop_told_for_both_sides_in_one_row_protects_a_short_too() -> None:
    price = "(min(0.97 * entry_price, entry_price - 5)) if position > 0 else (max(1.03 * entry_price, entry_price + 5))"
    told = risk(row("risk", "stop_loss", "price", price), direction="short_only")

    assert exits(told, table([*START, (100, 104, 99, 103), (103, 106, 103, 104), (104, 104, 104, 104)])) == [Fill(3, 10, 105)]


def test_the_stop_moves_to_the_entry_price_after_a_gain() -> None:
    told = risk(row("risk", "stop_loss", "percent", 10), row("risk", "break_even", "percent", 5))
    bars = table([*START, (101, 106, 101, 104), (104, 104, 99, 101), (101, 101, 101, 101)])

    assert exits(told, bars) == [Fill(3, -10, 100)]


def test_break_even_rows_make_a_ladder() -> None:
    told = risk(row("risk", "stop_loss", "percent", 4), row("risk", "break_even", "r", 1), row("risk", "break_even", "r", 2, 1))

    assert exits(told, table([*START, (101, 105, 101, 104), (104, 104, 99, 101)])) == [Fill(3, -10, 100)]
    assert exits(told, table([*START, (101, 109, 101, 108), (108, 108, 103, 105)])) == [Fill(3, -10, 104)]


def test_partial_exits_leave_the_rest_protected() -> None:
    told = risk(
        row("risk", "stop_loss", "percent", 10),
        row("risk", "partial_exit", "percent", 5, 40),
        row("risk", "take_profit", "percent", 20),
    )
    bars = table([*START, (102, 106, 101, 105), (105, 105, 102, 103), (103, 104, 88, 90), (90, 90, 90, 90)])

    assert exits(told, bars) == [Fill(2, -4, 105), Fill(4, -6, 90)]


def test_a_stop_and_a_partial_target_on_one_bar_never_turn_the_position() -> None:
    told = risk(
        row("risk", "stop_loss", "percent", 5), row("risk", "partial_exit", "percent", 5, 50), row("risk", "partial_exit", "percent", 8, 50)
    )
    bars = table([*START, (100, 109, 94, 101), (101, 101, 101, 101), (101, 112, 90, 101), (101, 101, 101, 101)])

    result = run(told, bars)

    assert sum(fill.size for fill in result.fills) == 0
    assert {fill.price for fill in result.fills[1:]} == {95}


def test_a_time_stop_holds_for_exactly_its_bars() -> None:
    told = risk(row("risk", "time_stop", "bars", 3))

    assert exits(told, closes([100, 100, 101, 102, 103, 104])) == [Fill(4, -10, 103)]


def test_an_exit_signal_withdraws_the_resting_orders() -> None:
    told = risk(row("exit_long", "close", ">", 110), row("risk", "stop_loss", "percent", 5))
    bars = table([*START, (110, 112, 109, 111), (111, 111, 90, 92), (92, 92, 80, 81), (81, 81, 81, 81)])

    assert exits(told, bars) == [Fill(3, -10, 111)]


def test_an_exit_order_rests_at_a_price_read_anew_on_every_close() -> None:
    told = risk(row("exit_long", "stop_order", "price", "close - 3"))
    bars = table([*START, (100, 100, 98, 99), (98, 99, 97, 98), (98, 98, 95, 96), (96, 96, 96, 96)])

    assert exits(told, bars) == [Fill(4, -10, 95)]


def test_a_limit_order_in_an_exit_section_is_a_moving_target() -> None:
    told = risk(row("exit_long", "limit_order", "price", "close + 2"))
    bars = table([*START, (100, 101, 98, 98), (98, 100.5, 97, 99), (99, 99, 99, 99)])

    assert exits(told, bars) == [Fill(3, -10, 100)]


def test_after_a_loss_signals_are_ignored_for_the_cool_down() -> None:
    told = workflow(row("entry_long", "close", ">=", 100), row("risk", "time_stop", "bars", 1), row("risk", "cool_down", "bars", 2), SIZE)

    result = run(told, closes([100, 101, 100, 100, 100, 100, 100]))

    assert [fill.bar for fill in result.fills if fill.size > 0] == [1, 6]


def test_a_winning_trade_needs_no_cool_down() -> None:
    told = workflow(row("entry_long", "close", ">=", 100), row("risk", "time_stop", "bars", 1), row("risk", "cool_down", "bars", 9), SIZE)

    result = run(told, closes([100, 101, 102, 103, 104, 105]))

    assert [fill.bar for fill in result.fills if fill.size > 0] == [1, 3, 5]


def test_at_most_so_many_trades_are_opened_a_day() -> None:
    told = workflow(
        row("entry_long", "close", ">", 0), row("risk", "time_stop", "bars", 1), row("risk", "max_trades_per_day", "count", 1), SIZE
    )
    bars = closes([100.0] * 10, start="2024-01-02T10:00", minutes=240)

    result = run(told, bars, timeframe="4h")

    assert [fill.bar for fill in result.fills if fill.size > 0] == [1, 5]


def test_no_more_trades_on_a_day_after_so_many_losses() -> None:
    told = workflow(
        row("entry_long", "close", ">", 0), row("risk", "time_stop", "bars", 1), row("risk", "max_losses_per_day", "count", 1), SIZE
    )
    bars = closes([100, 99, 98, 97, 96, 95, 94, 93], start="2024-01-02T10:00", minutes=60)

    assert [fill.bar for fill in run(told, bars, timeframe="1h").fills if fill.size > 0] == [1]


def test_a_daily_loss_closes_the_position_until_the_next_day() -> None:
    told = workflow(
        row("entry_long", "close", ">", 0), row("risk", "daily_loss_limit", "cash", 50), row("exit_long", "close", "<", 0.5), SIZE
    )
    bars = closes([100, 100, 94, 94, 94, 94, 94, 94, 94, 94], start="2024-01-02T10:00", minutes=240)

    result = run(told, bars, timeframe="4h")

    assert result.fills == [Fill(1, 10, 100), Fill(3, -10, 94), Fill(5, 10, 94)]


def test_a_daily_profit_ends_the_day_as_well() -> None:
    told = workflow(
        row("entry_long", "close", ">", 0), row("risk", "daily_profit_target", "cash", 50), row("exit_long", "close", "<", 0.5), SIZE
    )
    bars = closes([100, 100, 106, 106, 106, 106], start="2024-01-02T10:00", minutes=240)

    assert run(told, bars, timeframe="4h").fills == [Fill(1, 10, 100), Fill(3, -10, 106), Fill(5, 10, 106)]


def test_a_drawdown_ends_trading_for_good() -> None:
    told = workflow(
        row("entry_long", "close", ">", 0), row("exit_long", "close", "<", 0.5), row("risk", "drawdown_halt", "percent", 10), SIZE
    )

    result = run(told, closes([100, 100, 80, 80, 80, 120, 120]), cash=1_500)

    assert result.fills == [Fill(1, 10, 100), Fill(3, -10, 80)]


def test_entries_keep_to_trading_hours() -> None:
    told = workflow(
        row("entry_long", "close", ">", 0),
        row("risk", "time_stop", "bars", 1),
        row("risk", "trading_hours", "time", "10:00", "11:00"),
        SIZE,
    )
    bars = closes([100.0] * 8, start="2024-01-02T09:30", minutes=15)

    result = run(told, bars, timeframe="15m")

    assert [fill.bar for fill in result.fills if fill.size > 0] == [2, 4]


def test_a_position_is_flat_at_a_time_of_day() -> None:
    told = workflow(row("entry_long", "close", "==", 100), row("risk", "flat_at_close", "time", "15:45"), SIZE)
    bars = closes([100, 101, 102, 103, 104, 100, 105], start="2024-01-02T14:45", minutes=15)

    result = run(told, bars, timeframe="15m")

    assert result.fills == [Fill(1, 10, 101), Fill(4, -10, 104)]


def test_the_end_of_the_session_is_learned_from_the_days_before() -> None:
    told = workflow(row("entry_long", "close", "==", 100), row("risk", "flat_at_close", "bars", 1), SIZE)
    day = [(100, 100, 100, 100), (101,) * 4, (102,) * 4, (103,) * 4]
    days = [table(day, start=f"2024-01-0{number}T15:00", minutes=15) for number in (2, 3, 4)]

    result = run(told, pd.concat(days), timeframe="15m")

    assert result.fills == [Fill(1, 10, 101), Fill(5, -10, 101), Fill(9, 10, 101), Fill(11, -10, 103)]
