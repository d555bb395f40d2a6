"""Golden trades: when positions are opened and closed. Tables are small enough to check with a finger; bar 0 is the first."""

import pytest
from workflow_runs import Fill, closes, row, run, table, workflow

SIZE = row("sizing", "position_size", "units", "10")


def test_a_signal_on_a_close_fills_on_the_next_open() -> None:
    bars = table([(10, 11, 9, 10), (10, 13, 10, 12), (14, 15, 13, 14), (14, 15, 11, 11), (9, 10, 8, 9), (9, 9, 9, 9)])
    told = workflow(row("entry_long", "close", ">", 11), row("exit_long", "close", "<", 12), SIZE)

    result = run(told, bars)

    assert result.fills == [Fill(2, 10, 14), Fill(4, -10, 9)]


def test_a_cross_needs_both_bars_and_is_true_only_once() -> None:
    told = workflow(row("entry_long", "close", "crosses above", 10), row("risk", "time_stop", "bars", 1), SIZE)

    result = run(told, closes([12, 13, 10, 11, 12, 13, 9, 10, 11, 11]))

    assert [fill.bar for fill in result.fills if fill.size > 0] == [4, 9]


def test_a_first_bar_above_the_level_is_no_cross() -> None:
    told = workflow(row("entry_long", "close", "crosses above", 10), row("risk", "time_stop", "bars", 1), SIZE)

    assert run(told, closes([12, 13, 14, 15])).fills == []


def test_rows_of_a_group_are_joined_by_and_and_groups_by_or() -> None:
    told = workflow(
        row("entry_long", "close", ">", 10, group="A"),
        row("entry_long", "close", "<", 12, group="A"),
        row("entry_long", "close", ">", 20, group="B"),
        row("risk", "time_stop", "bars", 1),
        SIZE,
    )

    result = run(told, closes([9, 11, 15, 15, 25, 15, 15]))

    assert [fill.bar for fill in result.fills if fill.size > 0] == [2, 5]


def test_filters_must_hold_for_every_entry() -> None:
    told = workflow(
        row("filter", "volume", ">", 500),
        row("entry_long", "close", ">", 10, group="A"),
        row("entry_long", "close", "<", 5, group="B"),
        row("risk", "time_stop", "bars", 1),
        SIZE,
    )
    lines = [(11, 11, 11, 11, 100), (4, 4, 4, 4, 100), (11, 11, 11, 11, 900), (8, 8, 8, 8, 900), (4, 4, 4, 4, 900), (8, 8, 8, 8, 900)]

    assert [fill.bar for fill in run(told, table(lines)).fills if fill.size > 0] == [3, 5]


def test_within_keeps_a_row_true_for_some_bars() -> None:
    told = workflow(
        row("entry_long", "low", "<", 5, within=3),
        row("entry_long", "close", ">", 10),
        row("risk", "time_stop", "bars", 1),
        SIZE,
    )

    result = run(told, closes([8, 4, 8, 11, 8, 8, 8, 11, 8]))

    assert [fill.bar for fill in result.fills if fill.size > 0] == [4]


def test_join_combines_the_operands_inside_a_row() -> None:
    bars = table([(10, 12, 9, 11), (10, 12, 9, 11), (20, 22, 19, 21), (20, 22, 9, 10), (5, 6, 4, 5), (5, 6, 4, 5)])
    stop = row("risk", "time_stop", "bars", 1)

    def entries(join: str) -> list[int]:
        told = workflow(row("entry_long", ["open", "close"], ">", 15, join=join), stop, SIZE)
        return [fill.bar for fill in run(told, bars).fills if fill.size > 0]

    assert entries("all") == [3]
    assert entries("any") == [3]
    assert entries("none") == [1, 5]


def test_three_indicators_without_a_threshold_are_a_chain() -> None:
    bars = table([(10, 12, 9, 11), (11, 12, 8, 9), (9, 13, 9, 12), (12, 12, 12, 12)])
    told = workflow(row("entry_long", ["high", "close", "open"], ">"), row("risk", "time_stop", "bars", 1), SIZE)

    assert [fill.bar for fill in run(told, bars).fills if fill.size > 0] == [1, 3]


def test_between_includes_its_limits_and_outside_excludes_them() -> None:
    told = workflow(row("entry_long", "close", "between", 10, 12), row("exit_long", "close", "outside", 10, 12), SIZE)

    result = run(told, closes([9, 10, 12, 13, 9, 9, 9]))

    assert result.fills == [Fill(2, 10, 12), Fill(4, -10, 9)]


def test_rising_means_higher_on_each_of_the_bars() -> None:
    told = workflow(row("entry_long", "close", "rising", 2), row("exit_long", "close", "falling", 2), SIZE)

    result = run(told, closes([5, 6, 6, 7, 8, 9, 8, 9, 8, 7, 7]))

    assert result.fills == [Fill(5, 10, 9), Fill(10, -10, 7)]


def test_a_disabled_row_changes_nothing() -> None:
    told = workflow(
        row("entry_long", "close", ">", 10),
        row("entry_long", "close", ">", 1000, enabled=False),
        row("risk", "time_stop", "bars", 1),
        SIZE,
    )

    assert [fill.bar for fill in run(told, closes([11, 11, 9])).fills] == [1, 2]


RISING_EXIT = (row("entry_long", "close", ">", 10), row("exit_long", "close", ">", 20), SIZE)


def test_exits_count_only_while_a_position_of_their_side_is_held() -> None:
    told = workflow(*RISING_EXIT)

    assert run(told, closes([25, 25, 15, 15, 5, 5])).fills == [Fill(1, 10, 25), Fill(2, -10, 15), Fill(3, 10, 15)]


@pytest.mark.parametrize("version", [1, 2])
def test_an_exit_keeps_entries_away_where_a_row_says_so_and_in_documents_of_the_first_version(version: int) -> None:
    blocks = [row("risk", "exits_block_entries", "on")] if version == 2 else []
    told = workflow(*RISING_EXIT, *blocks, schema_version=version)

    result = run(told, closes([25, 25, 15, 15, 25, 25, 15]))

    assert (told.schema_version, told.rows[-1].indicators) == (2, ("exits_block_entries",))
    assert result.fills == [Fill(3, 10, 15), Fill(5, -10, 25)]


def test_an_opposite_signal_turns_the_position_around_at_one_open() -> None:
    told = workflow(row("entry_long", "close", ">", 10), row("entry_short", "close", "<", 10), SIZE, direction="long_short")

    result = run(told, closes([11, 12, 9, 8, 12, 13]))

    assert result.fills == [Fill(1, 10, 12), Fill(3, -10, 8), Fill(3, -10, 8), Fill(5, 10, 13), Fill(5, 10, 13)]


def test_contrary_entries_on_one_bar_cancel_each_other() -> None:
    told = workflow(row("entry_long", "close", ">", 10), row("entry_short", "close", ">", 5), SIZE, direction="long_short")

    assert run(told, closes([11, 12, 13])).fills == []


def test_short_rows_sell_first_and_buy_back() -> None:
    told = workflow(row("entry_short", "close", "<", 10), row("exit_short", "close", ">", 12), SIZE, direction="short_only")

    assert run(told, closes([11, 9, 8, 13, 14, 14])).fills == [Fill(2, -10, 8), Fill(4, 10, 14)]


def test_nothing_is_traded_before_every_indicator_has_a_value() -> None:
    told = workflow(row("entry_long", "close", ">", 1), row("exit_long", "close", "<", "sma(5)"), SIZE)

    assert run(told, closes([9, 9, 9, 9, 9, 9, 9])).fills[0].bar == 5


def test_a_stop_order_entry_waits_for_its_price() -> None:
    told = workflow(
        row("entry_long", "close", "<", 10, id="dip"),
        row("entry_long", "stop_order", "price", "high + 1", within=2),
        row("risk", "time_stop", "bars", 1),
        SIZE,
    )
    bars = table([(9, 9, 8, 9), (11, 11, 10, 10.5), (10, 12, 10, 11), (11, 11, 11, 11), (9, 9, 9, 9), (10, 10, 10, 10), (10, 10, 10, 10)])

    result = run(told, bars)

    assert result.fills[0] == Fill(1, 10, 11)
    assert [order[0] for order in result.placed if order[1] == "buy"] == [0, 4]


def test_a_waiting_entry_is_given_up_after_its_bars() -> None:
    told = workflow(
        row("entry_long", "close", "==", 9),
        row("entry_long", "limit_order", "price", "close - 2", within=2),
        row("risk", "time_stop", "bars", 1),
        SIZE,
    )

    assert run(told, closes([9, 8, 8, 6, 6])).fills == []
    assert run(told, closes([9, 8, 6, 6, 6])).fills[0] == Fill(2, 10, 6)


def test_stop_entries_of_both_sides_cancel_each_other_when_one_fills() -> None:
    told = workflow(
        row("entry_long", "close", "==", 10),
        row("entry_long", "stop_order", "price", "high + 1", within=5),
        row("entry_short", "close", "==", 10),
        row("entry_short", "stop_order", "price", "low - 1", within=5),
        row("risk", "time_stop", "bars", 3),
        SIZE,
        direction="long_short",
    )
    bars = table([(10, 11, 9, 10), (11, 11.5, 10.5, 11), (11, 13, 11, 13), (13, 13, 7, 7), (7, 7, 7, 7), (7, 7, 7, 7)])

    result = run(told, bars)

    assert result.fills == [Fill(2, 10, 12), Fill(5, -10, 7)]


def test_an_entry_order_row_alone_is_an_entry() -> None:
    told = workflow(row("entry_long", "stop_order", "price", "highest(high, 2)"), row("risk", "time_stop", "bars", 1), SIZE)

    assert run(told, closes([10, 9, 8, 11, 11, 11])).fills[0] == Fill(3, 10, 11)
