"""Prices of stops and targets: no distances, on the right side of the market, left at the next open when they are passed already."""

import pytest
from workflow_runs import Fill, is_true, row, run, table, workflow

from core.domain.errors import Severity
from core.language import check, explain_text

BUY = row("entry_long", "close", "==", 100)
SHORT = row("entry_short", "close", "==", 100)
SIZE = row("sizing", "position_size", "units", "10")
WAY_OUT = row("risk", "time_stop", "bars", 50)
START = [(100, 100, 100, 100), (100, 101, 99, 100.5)]


def said(*rows, direction="long_only", severity=Severity.ERROR):  # type: ignore[no-untyped-def]
    found = check(workflow(*rows, SIZE, WAY_OUT, direction=direction))
    return " ".join(problem.message for problem in found if problem.severity is severity)


@pytest.mark.parametrize("price", ["2 * atr(14)", "atr(14)", "high - low", "0.05 * atr(20)", "close - sma(20)"])
@pytest.mark.parametrize("rule", ["stop_loss", "trailing_stop", "take_profit"])
def test_a_distance_is_no_price(rule: str, price: str) -> None:
    assert "is a distance, not a price at which an order can wait." in said(BUY, row("risk", rule, "price", price))


@pytest.mark.parametrize("price", ["rsi(14)", "volume", "bbands(20, 2).percent_b", "roc(5)"])
def test_an_oscillator_is_no_price(price: str) -> None:
    assert "not a price at which an order can wait." in said(BUY, row("risk", "stop_loss", "price", price))


def test_a_number_is_no_level_that_trails_and_is_asked_about_elsewhere() -> None:
    trail, stop = row("risk", "trailing_stop", "price", "0.19"), row("risk", "stop_loss", "price", "0.19")

    assert "0.19 is the same price for every trade" in said(SHORT, trail, direction="short_only")
    assert "0.19 is the same price for every trade" in said(SHORT, stop, direction="short_only", severity=Severity.WARNING)


@pytest.mark.parametrize(
    ("rule", "price"),
    [
        ("stop_loss", "highest(high, 10)"),
        ("stop_loss", "close * 1.02"),
        ("trailing_stop", "close + 2 * atr(14)"),
        ("take_profit", "lowest(low, 5)"),
        ("take_profit", "entry_price * 0.9"),
        ("partial_exit", "close - atr(14)"),
    ],
)
def test_a_level_on_the_wrong_side_of_the_market_is_refused(rule: str, price: str) -> None:
    more = [50] if rule == "partial_exit" else []

    assert "the market, where a long trade has no" in said(BUY, row("risk", rule, "price", price, *more))
    assert said(SHORT, row("risk", rule, "price", price, *more), direction="short_only") == ""


def test_with_both_sides_a_level_for_one_of_them_is_fine() -> None:
    assert said(BUY, SHORT, row("risk", "stop_loss", "price", "lowest(low, 10)"), direction="long_short") == ""


@pytest.mark.parametrize(
    ("section", "order", "price", "other"),
    [
        ("entry_long", "stop_order", "close * 0.99", "limit_order"),
        ("entry_long", "limit_order", "highest(high, 20)", "stop_order"),
        ("exit_long", "stop_order", "entry_price * 1.1", "limit_order"),
        ("exit_long", "limit_order", "close - 2 * atr(14)", "stop_order"),
    ],
)
def test_a_waiting_order_on_the_wrong_side_names_the_other_one(section: str, order: str, price: str, other: str) -> None:
    problems = check(workflow(BUY, row(section, order, "price", price), SIZE, WAY_OUT))

    assert [problem.remedy for problem in problems if problem.severity is Severity.ERROR] == [
        f"Use `{other}`, or a price on the other side."
    ]


def test_a_target_may_be_measured_from_the_entry_price() -> None:
    told = workflow(BUY, row("risk", "take_profit", "price", "entry_price * 1.07"), SIZE)
    bars = table([(100, 100, 100, 100), (99, 101, 98, 100.5), (101, 106, 100, 105), (105, 105, 105, 105)])

    assert "times 1.07, read on the bar of the fill." in explain_text(told)
    assert run(told, bars).fills == [Fill(1, 10, 99), Fill(2, -10, pytest.approx(105.93))]


def test_a_stop_that_is_passed_already_is_left_at_the_next_open() -> None:
    told = workflow(BUY, row("risk", "stop_loss", "price", "high - 1"), SIZE)
    bars = table([(100, 103, 100, 100), (100, 101, 99, 100.5), (101, 104, 100, 103), (103, 103, 103, 103)])

    assert run(told, bars).fills == [Fill(1, 10, 100), Fill(2, -10, 101)]


def test_every_held_bar_of_a_flipping_trail_is_protected() -> None:
    told = workflow(is_true("entry_long", "close == 100"), row("risk", "trailing_stop", "price", "open + 1"), SIZE)
    bars = table([(98, 100, 98, 100), (100, 101, 99, 100.5), (100, 101, 100, 100.5), (101, 101, 101, 101), (90, 90, 90, 90)])

    assert run(told, bars).fills == [Fill(1, 10, 100), Fill(2, -10, 100)]


@pytest.mark.parametrize(
    ("entry", "exits", "then"),
    [
        ("close > bbands(20, 2).upper", row("exit_long", "limit_order", "price", "bbands(20, 2).mid"), "filled at once"),
        ("crosses_above(close, sma(9)) and volume > 5", row("exit_long", "limit_order", "price", "sma(9)"), "filled at once"),
        ("sma(9) > close", row("exit_long", "stop_order", "price", "sma(9)"), "filled at once"),
        ("close > keltner(20).upper", row("risk", "take_profit", "price", "keltner(20).mid"), "left out"),
        ("close < bbands(20, 2).lower", row("risk", "stop_loss", "price", "bbands(20, 2).lower"), "ends the trade at once"),
    ],
)
def test_an_exit_price_that_the_entry_has_passed_is_asked_about(entry: str, exits, then: str) -> None:  # type: ignore[no-untyped-def]
    assert then in said(is_true("entry_long", entry, id="in"), exits, severity=Severity.WARNING)


@pytest.mark.parametrize(
    ("entry", "exits"),
    [
        ("close < bbands(20, 2).lower", row("exit_long", "limit_order", "price", "bbands(20, 2).mid")),
        ("close > bbands(20, 2).upper", row("exit_long", "stop_order", "price", "bbands(20, 2).mid")),
        ("close > bbands(20, 2).mid", row("exit_long", "limit_order", "price", "bbands(20, 2).upper")),
        ("close > sma(9) or volume > 5", row("exit_long", "limit_order", "price", "sma(9)")),
        ("close > bbands(20, 2).upper", row("exit_long", "limit_order", "price", "bbands(50, 2).mid")),
    ],
)
def test_an_exit_price_that_the_entry_has_not_passed_is_not(entry: str, exits) -> None:  # type: ignore[no-untyped-def]
    assert said(is_true("entry_long", entry), exits, severity=Severity.WARNING) == ""
