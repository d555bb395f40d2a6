"""Limits for the next opening alone: golden trades, what else may stand beside them, and what is said of them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workflow_runs import Fill, row, run, table, walk, workflow

from core.domain.errors import Severity
from core.domain.workflow import Workflow
from core.language import check, compile_workflow, dump, explain, parse

SIZE = row("sizing", "position_size", "units", "10")
ONE_BAR = row("risk", "time_stop", "bars", 1)
NEVER = row("risk", "hold_to_end", "on")
#               open  high   low  close
BARS = table([
    (10.0, 10.0, 10.0, 10.0),  # bar 0
    (11.0, 12.0, 8.00, 10.0),  # bar 1: opens above 10, falls below it
    (9.50, 13.0, 9.00, 12.0),  # bar 2: opens below 10, rises
    (12.0, 15.0, 11.0, 14.0),  # bar 3: opens at 12
    (13.0, 16.0, 9.00, 10.0),  # bar 4: opens below 14, falls
    (10.5, 11.0, 8.00, 9.00),  # bar 5
])  # fmt: skip


def told(*rows: dict[str, Any], direction: str = "long_only") -> Workflow:
    return workflow(*rows, SIZE, direction=direction)


def loo(section: str, price: Any, **fields: Any) -> dict[str, Any]:
    return row(section, "limit_on_open", "price", price, **fields)


def fills(*rows: dict[str, Any], direction: str = "long_only") -> list[Fill]:
    return run(told(*rows, direction=direction), BARS).fills


def test_it_buys_at_an_open_at_the_limit_or_below_and_never_within_the_bar() -> None:
    # limit 10 at bar 1: its open is 11, its low 8. Limit 10 at bar 2: its open is 9.5
    assert fills(loo("entry_long", "close"), NEVER) == [Fill(2, 10, 9.5)]
    assert fills(row("entry_long", "limit_order", "price", "close"), NEVER) == [Fill(1, 10, 10)]


def test_an_open_at_the_very_limit_is_taken() -> None:
    assert fills(row("entry_long", "close", "==", 12), loo("entry_long", "close"), NEVER) == [Fill(3, 10, 12)]


def test_it_sells_short_at_an_open_at_the_limit_or_above() -> None:
    # bar 1 opens at 11, above 10; limit 12 at bar 2 is out of reach of its open, not of its high
    assert fills(loo("entry_short", "close"), NEVER, direction="short_only") == [Fill(1, -10, 11)]
    assert fills(row("entry_short", "low", "==", 8), loo("entry_short", 12), NEVER, direction="short_only") == []


def test_an_exit_is_asked_for_at_each_open_until_one_is_good_enough() -> None:
    # bought at bar 1's open, 11; bar 2 opens at 9.5 and bar 3 at 12; 12.5 is met by bar 4's open, though bar 2's high was 13
    entry = row("entry_long", "open", "==", 10)
    assert fills(entry, loo("exit_long", 12.5)) == [Fill(1, 10, 11), Fill(4, -10, 13)]
    assert fills(entry, row("exit_long", "limit_order", "price", 12.5)) == [Fill(1, 10, 11), Fill(2, -10, 12.5)]


def test_an_exit_at_the_open_comes_before_a_stop_within_the_same_bar() -> None:
    # bar 4 opens at 13 and falls to 9: the stop at 9.9 (10 % below 11) rested there since bar 2
    entry = row("entry_long", "open", "==", 10)
    stop = row("risk", "stop_loss", "percent", 10)

    assert fills(entry, stop) == [Fill(1, 10, 11), Fill(2, -10, 9.5)]
    later = table([(10, 10, 10, 10), (11, 12, 11, 11), (11, 11, 11, 11), (13, 14, 9, 9), (9, 9, 9, 9)])
    assert run(told(entry, stop, loo("exit_long", 12.5)), later).fills == [Fill(1, 10, 11), Fill(3, -10, 13)]
    assert run(told(entry, stop, loo("exit_long", 13.5)), later).fills == [Fill(1, 10, 11), Fill(3, -10, 9.9)]


def test_what_an_opening_leaves_over_leaves_stop_and_target_where_they_are() -> None:
    rows = (
        row("entry_long", "open", "==", 10),
        row("risk", "stop_loss", "percent", 50),
        row("risk", "take_profit", "price", 15.5),
        loo("exit_long", 20),
    )

    assert fills(*rows) == [Fill(1, 10, 11), Fill(4, -10, 15.5)]


def test_a_short_is_bought_back_at_a_low_open_and_its_stop_is_withdrawn() -> None:
    # sold at 11; bar 2 opens at 9.5 and then rises to 13, beyond the stop at 12.1
    rows = (row("entry_short", "open", "==", 10), row("risk", "stop_loss", "percent", 10), loo("exit_short", 9.75))
    result = run(told(*rows, direction="short_only"), BARS)

    assert (result.fills, result.rejected) == ([Fill(1, -10, 11), Fill(2, 10, 9.5)], 0)


def test_openings_of_both_sides_do_not_end_each_other_by_lapsing() -> None:
    # limits of 9 and of 10.5 for bar 1, which opens at 11: the purchase lapses, the sale is made
    rows = (loo("entry_long", "close - 1"), loo("entry_short", "close + 0.5"), NEVER)

    assert run(told(*rows, direction="long_short"), BARS).fills == [Fill(1, -10, 11)]


def test_an_opening_beside_a_waiting_stop_ends_it_by_filling_only() -> None:
    rows = (
        row("entry_long", "open", "==", 10),
        loo("entry_long", 9),
        row("entry_short", "open", "==", 10),
        row("entry_short", "stop_order", "price", 9, within=3),
        NEVER,
    )

    assert run(told(*rows, direction="long_short"), BARS).fills == [Fill(1, -10, 9)]
    bought = (*rows[:1], loo("entry_long", 11), *rows[2:])
    assert run(told(*bought, direction="long_short"), BARS).fills == [Fill(1, 10, 11)]


LEVELS = st.sampled_from(["close", "close * 1.01", "close * 0.99", "low", "high", "sma(5)"])


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 99), LEVELS, LEVELS, st.booleans(), st.sampled_from([0.0, 0.002]))
def test_every_fill_is_at_the_open_and_no_worse_than_its_limit(seed: int, enter: str, leave: str, longs: bool, slippage: float) -> None:
    entry, leaving, direction = ("entry_long", "exit_long", "long_only") if longs else ("entry_short", "exit_short", "short_only")
    bars = walk(120, seed)
    result = run(told(loo(entry, enter), loo(leaving, leave), direction=direction), bars, slippage=slippage)
    assert result.fills

    asked = {(bar + 1, side): price for bar, side, _, _, price in result.placed}
    for fill in result.fills:
        opened, limit = bars["open"].iloc[fill.bar], asked[fill.bar, "buy" if fill.size > 0 else "sell"]
        sign = 1 if fill.size > 0 else -1
        room = 1e-12 * opened  # Backtrader divides by the size what it multiplied by it
        assert sign * opened - room <= sign * fill.price <= sign * limit + room
        assert slippage or fill.price == pytest.approx(opened, rel=1e-12)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 99), st.sampled_from(["close", "close * 0.99", "low", "sma(5)"]))
def test_a_limit_order_that_fills_at_the_open_fills_alike(seed: int, level: str) -> None:
    bars = walk(80, seed)
    opening, waiting = (run(told(row("entry_long", name, "price", level), NEVER), bars) for name in ("limit_on_open", "limit_order"))

    first = waiting.fills[:1]
    if first and first[0].price == bars["open"].iloc[first[0].bar]:
        assert opening.fills[:1] == first
    else:
        assert not opening.fills or opening.fills[0].bar >= first[0].bar


def test_it_is_explained_and_comes_back_from_its_document() -> None:
    written = told(loo("entry_long", "close * 1.01"), loo("exit_long", "high"))
    said = {sentence.row: sentence.text for sentence in explain(written)}

    assert said["r1"] == "Buy at the next open if that is no higher than the close times 1.01; else the order lapses."
    assert said["r2"] == "Sell the long position at the next open if that is no lower than the high, asked for anew on every close."
    assert parse(dump(written)) == written


@pytest.mark.parametrize("name", ["loo", "limit on open", "limit_at_open", "Limit-On-Open"])
def test_other_spellings_are_read(name: str) -> None:
    assert parse(dump(told(loo("entry_long", "close"), NEVER)).replace("limit_on_open", name)).rows[0].indicators == ("limit_on_open",)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((loo("entry_long", "close", within=3), NEVER), "takes part in the next opening only, not in 3 of them"),
        ((loo("entry_long", "atr(14)"), NEVER), "a distance, not a price"),
        ((loo("entry_long", "close"), row("entry_long", "limit_order", "price", "low"), NEVER), "an entry section takes one price order"),
        ((loo("entry_long", "close"), loo("exit_long", "close"), loo("exit_long", "high")), "this price order is there twice"),
    ],
)
def test_what_cannot_be_meant_is_named(rows: tuple[dict[str, Any], ...], message: str) -> None:
    assert any(message in problem.message for problem in check(told(*rows)))


@pytest.mark.parametrize("price", ["close * 1.02", "close * 0.98", "high", "low"])
def test_the_open_may_be_asked_for_on_either_side_of_the_close(price: str) -> None:
    assert not [one for one in check(told(loo("entry_long", price), loo("exit_long", price))) if one.severity is Severity.ERROR]


def test_the_program_says_it_in_one_argument() -> None:
    code = compile_workflow(told(loo("entry_long", "close"), NEVER))

    assert "exectype=kind, price=price, on_open=True" in code
    assert "Plain Backtrader would let it wait for the whole day" in code
