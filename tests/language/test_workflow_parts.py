"""Golden trades of partial exits that wait for a condition, of nearness, and of all-time extremes."""

from typing import Any

import pytest
from workflow_runs import Fill, closes, is_true, row, run, table, values_of, workflow

from core.domain.errors import Severity
from core.language import check, explain_text, parameters

BUY = row("entry_long", "close", "==", 100)
SIZE = row("sizing", "position_size", "units", 10)


def fills(*rows: Any, bars: Any, direction: str = "long_only") -> list[Fill]:
    told = workflow(*rows, direction=direction)
    assert [problem for problem in check(told) if problem.severity is Severity.ERROR] == []
    fast, slow = run(told, bars), run(told, bars, fast=False)
    assert fast.fills == slow.fills
    return fast.fills


def test_a_part_is_closed_at_the_next_open_when_its_condition_holds_and_only_once() -> None:
    rows = (BUY, SIZE, row("risk", "partial_exit", "when", "close > 104", 40), is_true("exit_long", "close < 90"))

    found = fills(*rows, bars=closes([100, 101, 105, 106, 107, 80, 81]))

    assert found == [Fill(1, 10, 101), Fill(3, -4, 106), Fill(6, -6, 81)]


def test_two_parts_that_are_due_on_one_bar_leave_together() -> None:
    rows = (BUY, SIZE, row("risk", "partial_exit", "when", "close > 104", 40), row("risk", "partial_exit", "when", "close > 103", 30))

    found = fills(*rows, row("risk", "hold_to_end", "on"), bars=closes([100, 101, 105, 106, 107]))

    assert found == [Fill(1, 10, 101), Fill(3, -7, 106)]


def test_the_rest_keeps_its_stop_and_its_target() -> None:
    rows = (BUY, SIZE, row("risk", "stop_loss", "percent", 10), row("risk", "take_profit", "percent", 20))
    rows += (row("risk", "partial_exit", "when", "bars_in_trade == 2", 50),)
    start = [(100, 100, 100, 100), (100, 100, 100, 100.5), (100, 101, 99, 100.5), (100, 102, 99, 101)]

    stopped = fills(*rows, bars=table([*start, (95, 96, 85, 88), (88, 88, 88, 88)]))
    taken = fills(*rows, bars=table([*start, (110, 125, 109, 122), (122, 122, 122, 122)]))

    assert stopped == [Fill(1, 10, 100), Fill(3, -5, 100), Fill(4, -5, 90)]
    assert taken == [Fill(1, 10, 100), Fill(3, -5, 100), Fill(4, -5, pytest.approx(120))]


def test_a_short_gives_back_a_part_and_an_exit_comes_before_it() -> None:
    rows = (row("entry_short", "close", "==", 100), SIZE, row("risk", "partial_exit", "when", "close < 95", 50))
    rows += (is_true("exit_short", "close < 80"),)

    assert fills(*rows, bars=closes([100, 99, 94, 93, 70, 71]), direction="short_only") == [
        Fill(1, -10, 99),
        Fill(3, 5, 93),
        Fill(5, 5, 71),
    ]
    assert fills(*rows, bars=closes([100, 99, 70, 71]), direction="short_only") == [Fill(1, -10, 99), Fill(3, 10, 71)]


def test_a_part_of_one_setup_is_left_alone_in_the_trades_of_the_other() -> None:
    rows = (
        BUY,
        row("entry_long", "close", "==", 50, group="B"),
        SIZE,
        row("risk", "partial_exit", "when", "bars_in_trade == 1", 50, group="B"),
    )
    rows += (row("risk", "time_stop", "bars", 3),)

    assert fills(*rows, bars=closes([100, 101, 102, 103, 104, 105])) == [Fill(1, 10, 101), Fill(4, -10, 104)]
    assert fills(*rows, bars=closes([50, 51, 52, 53, 54, 55])) == [Fill(1, 10, 51), Fill(2, -5, 52), Fill(4, -5, 54)]


def test_a_share_that_is_rebalanced_cannot_be_given_back_in_parts() -> None:
    told = workflow(BUY, SIZE, row("sizing", "rebalance", "bars", 5, id="b"), row("risk", "partial_exit", "when", "close > 1", 50))

    assert "`rebalance` and `partial_exit` would undo each other." in [problem.message for problem in check(told)]


def test_near_is_a_share_of_the_second_value() -> None:
    bars = closes([100, 98.9, 99, 101, 101.1, 100])

    seen = [values_of(f"1 if near(close, 100{more}) else 0", bars).tolist() for more in ("", ", 2", ", 0.05")]

    assert seen == [[1, 0, 1, 1, 0, 1], [1, 1, 1, 1, 1, 1], [1, 0, 0, 0, 0, 1]]


@pytest.mark.parametrize("text", ["close near sma(50)", "close is near the sma(50)", "close within 1% of sma(50)", "near(close, sma(50))"])
def test_near_is_read_in_words(text: str) -> None:
    assert "Buy when the close is within 1% of the 50-bar simple moving average." in explain_text(
        workflow(is_true("entry_long", text), SIZE)
    )


def test_how_near_is_a_parameter_and_a_number_of_percent() -> None:
    told = workflow(is_true("entry_long", "near(close, sma(50), 2.5)", id="asked"), SIZE, row("risk", "time_stop", "bars", 5))
    wrong = workflow(is_true("entry_long", "near(close, sma(50), atr(14))", id="asked"), SIZE, row("risk", "time_stop", "bars", 5))

    assert ("entry_close_near_percent", 2.5) in [(item.name, item.default) for item in parameters(told)]
    assert "how near is a number of percent, above 0 and up to 100." in [problem.message for problem in check(wrong)]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("close > highest(high, 20)", "highest(high, 20)[1]"),
        ("close > HH20", "highest(high, 20)[1]"),
        ("highest(close, 5) < close", "highest(close, 5)[1]"),
        ("crosses_below(low, lowest(low, 10))", "lowest(low, 10)[1]"),
        ("close > all_time_high", "all_time_high(high)[1]"),
    ],
)
def test_a_value_beyond_an_extreme_that_includes_its_own_bar_is_warned_of(text: str, right: str) -> None:
    told = workflow(is_true("entry_long", text, id="asked"), SIZE, row("risk", "time_stop", "bars", 5))

    assert f"Write `{right}`: of the bars before this one." in [problem.remedy for problem in check(told)]


@pytest.mark.parametrize(
    "text", ["close >= highest(high, 20)", "close > highest(high, 20)[1]", "high > highest(close, 20)", "close < highest(high, 20)"]
)
def test_what_can_be_true_of_an_extreme_is_not_warned_of(text: str) -> None:
    assert check(workflow(is_true("entry_long", text), SIZE, row("risk", "time_stop", "bars", 5))) == ()


@pytest.mark.parametrize(
    ("section", "name", "reason"),
    [
        ("sizing", "withdrawal", "Money that is taken out is not there"),
        ("sizing", "Savings plan", "A savings plan is several rows"),
        ("risk", "DCA", "A savings plan is several rows"),
        ("risk", "deposit", "It is a rule of the sizing section"),
        ("entry_long", "market on open", "A market order is one for the next open already"),
        ("entry_long", "market-on-close", "A fill at the close that gave the signal is not there"),
        ("sizing", "hold_to_end", "It is a rule of the risk section"),
    ],
)
def test_a_rule_that_is_not_there_is_answered_with_the_reason_and_what_comes_nearest(section: str, name: str, reason: str) -> None:
    found = check(workflow(BUY, SIZE, row(section, name, "cash", 500, id="asked"), row("risk", "time_stop", "bars", 5)))

    assert any(problem.row == "asked" and problem.remedy.startswith(reason) for problem in found)
