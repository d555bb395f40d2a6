"""Golden trades: how many units an entry trades, and how positions grow and shrink in steps."""

import math

import numpy as np
import pytest
from workflow_runs import Fill, closes, is_true, row, run, table, walk, workflow

BUY = row("entry_long", "close", "==", 100)
HOLD = row("exit_long", "close", "<", 1)
FLAT = closes([100, 100, 101, 101])


def bought(*rows, bars=FLAT, **more):  # type: ignore[no-untyped-def]
    """Size of the first entry."""
    return run(workflow(BUY, HOLD, *rows), bars, **more).fills[0].size


def test_fixed_units_cash_and_percent_of_equity() -> None:
    assert bought(row("sizing", "position_size", "units", 7)) == 7
    assert bought(row("sizing", "position_size", "cash", 1_250)) == 12
    assert bought(row("sizing", "position_size", "percent", 30)) == 300


def test_without_a_sizing_row_an_entry_uses_95_percent() -> None:
    assert bought() == 950


def test_orders_for_everything_are_cut_to_what_costs_and_a_gap_leave() -> None:
    gap_up = table([(100, 100, 100, 100), (103, 104, 103, 104), (104, 104, 104, 104)])

    result = run(workflow(BUY, HOLD, row("sizing", "position_size", "percent", 100)), gap_up, commission=0.002, slippage=0.001)

    assert result.fills[0].size == 950
    assert result.rejected == 0


def test_leverage_of_the_account_is_used_and_can_be_limited() -> None:
    size = row("sizing", "position_size", "percent", 400)

    assert bought(size, leverage=3) == 2_850
    assert bought(size, row("sizing", "max_leverage", "times", 2), leverage=3) == 1_900


def test_risk_per_trade_divides_by_the_distance_to_the_stop() -> None:
    size = row("sizing", "risk_per_trade", "percent", 1)

    assert bought(size, row("risk", "stop_loss", "percent", 4)) == 250
    assert bought(size, row("risk", "trailing_stop", "percent", 8)) == 125
    assert bought(size, row("risk", "stop_loss", "price", "close - 20")) == 50
    assert bought(row("sizing", "risk_per_trade", "cash", 600), row("risk", "stop_loss", "percent", 4)) == 150


@pytest.mark.parametrize(("rule", "base"), [("stop_loss", "entry_price"), ("stop_loss", "close"), ("trailing_stop", "close")])
def test_a_stop_that_differs_by_side_sizes_each_side_by_its_own(rule: str, base: str) -> None:
    """From nothing, where no side is held yet, and where one side turns into the other."""
    told = workflow(
        row("entry_long", "close", "==", 100),
        row("entry_short", "close", "==", 101),
        row("sizing", "risk_per_trade", "percent", 1),
        row("risk", rule, "price", f"({base} - 5) if position > 0 else ({base} + 8)"),
        direction="long_short",
    )

    assert [fill.size for fill in run(told, closes([99, 100, 99, 99])).fills] == [200]
    assert [fill.size for fill in run(told, closes([99, 101, 99, 99])).fills] == [-125]
    assert [fill.size for fill in run(told, closes([99, 100, 101, 99, 100, 99])).fills][:3] == [200, -200, -125]


def test_a_very_near_stop_does_not_make_the_position_unaffordable() -> None:
    assert bought(row("sizing", "risk_per_trade", "percent", 2), row("risk", "stop_loss", "percent", 0.1)) == 950


def test_maximum_exposure_caps_the_position() -> None:
    assert bought(row("risk", "max_exposure", "percent", 20)) == 200


def test_lots_round_down_and_allow_fractions() -> None:
    assert bought(row("sizing", "position_size", "cash", 5_555), row("sizing", "lot_size", "units", 10)) == 50
    assert bought(row("sizing", "position_size", "cash", 333), row("sizing", "lot_size", "units", 0.001)) == pytest.approx(3.33)


def test_a_volatility_target_scales_with_the_inverse_of_volatility() -> None:
    bars = walk(60, 3)
    told = workflow(row("entry_long", "close", ">", 0), HOLD, row("sizing", "volatility_target", "percent", 20, 30))

    fill = run(told, bars).fills[0]

    returns = np.diff(np.log(bars["close"].to_numpy()[:31]))
    annual = returns.std(ddof=1) * math.sqrt(252)
    assert fill.bar == 31
    assert fill.size == math.floor(min(0.95, 0.2 / annual) * 100_000 / bars["close"].iloc[30])


def test_kelly_uses_the_cap_until_enough_trades_are_closed_and_then_the_formula() -> None:
    told = workflow(
        row("entry_long", "close", "==", 100), row("risk", "time_stop", "bars", 1), row("sizing", "kelly", "percent", 50, 20, 10)
    )
    winning, losing = [100, 100, 110], [100, 100, 95]

    result = run(told, closes([*(winning + losing) * 5, 100, 100, 100, 100]), cash=100_000)

    sizes = [fill.size for fill in result.fills if fill.size > 0]
    assert sizes[0] == 200
    before = 100_000.0
    for number in range(10):
        before += sizes[number] * (10 if number % 2 == 0 else -5)
    kelly = 0.5 - 0.5 * 5 / 10
    assert sizes[10] == math.floor(before * min(0.2, 0.5 * kelly) / 100)


def test_further_entries_at_new_signals_up_to_the_limit() -> None:
    told = workflow(BUY, HOLD, row("sizing", "position_size", "units", 5), row("sizing", "pyramiding", "count", 2))

    result = run(told, closes([100, 101, 100, 102, 100, 103]))

    assert [(fill.bar, fill.size) for fill in result.fills] == [(1, 5), (3, 5)]


def test_further_entries_each_time_the_price_has_moved_on() -> None:
    told = workflow(BUY, HOLD, row("sizing", "position_size", "units", 5), row("sizing", "pyramiding", "percent", 3, 2))

    result = run(told, closes([100, 100, 101, 102, 103, 104, 106, 108, 110]))

    assert [(fill.bar, fill.price) for fill in result.fills] == [(1, 100), (4, 103), (7, 108)]


def test_a_negative_step_adds_to_a_losing_position() -> None:
    told = workflow(BUY, HOLD, row("sizing", "position_size", "units", 5), row("sizing", "pyramiding", "percent", 2, -5))

    assert [fill.bar for fill in run(told, closes([100, 100, 97, 95, 94, 90, 85])).fills] == [1, 4]


UP = row("entry_long", "stop_order", "price", "high + 1", within=2)


def test_further_entries_by_distance_are_made_at_the_open_though_the_first_waited_for_its_price() -> None:
    told = workflow(UP, HOLD, row("sizing", "position_size", "units", 5), row("sizing", "pyramiding", "percent", 3, 2))

    result = run(told, closes([100, 100, 101, 102, 104, 105, 108, 109, 112, 113, 118]))

    assert [(fill.bar, fill.size, fill.price) for fill in result.fills] == [(2, 5, 101), (5, 5, 105), (7, 5, 109)]


def test_further_entries_at_signals_wait_for_their_price_and_are_counted() -> None:
    told = workflow(
        UP,
        is_true("entry_long", "close > close[1]"),
        HOLD,
        row("sizing", "position_size", "units", 5),
        row("sizing", "pyramiding", "count", 2),
    )

    result = run(told, closes([100, 101, 103, 103, 104, 104, 104, 105, 107, 109, 111]))

    assert [(fill.bar, fill.size) for fill in result.fills] == [(2, 5), (4, 5)]


def test_a_further_entry_that_still_waits_is_taken_back_when_the_position_ends() -> None:
    told = workflow(
        row("entry_long", "stop_order", "price", "high + 1", within=9),
        is_true("entry_long", "close > close[1]"),
        row("exit_long", "close", "<", 99),
        row("sizing", "position_size", "units", 5),
        row("sizing", "pyramiding", "count", 2),
    )

    result = run(told, closes([100, 101, 103, 103.5, 98, 98, 98, 120, 119]))

    assert [(fill.bar, fill.size) for fill in result.fills] == [(2, 5), (5, -5)]


def test_the_stop_covers_the_grown_position_from_its_average_price() -> None:
    told = workflow(
        BUY, row("sizing", "position_size", "units", 10), row("sizing", "pyramiding", "count", 2), row("risk", "stop_loss", "percent", 10)
    )
    bars = closes([100, 100, 110, 100, 120, 120]).assign(low=[100, 100, 110, 100, 120, 90], open=[100, 100, 110, 110, 120, 120])

    result = run(told, bars)

    assert result.fills[-1] == Fill(5, -20, 94.5)


def test_an_exit_in_steps_leaves_an_equal_part_at_each_signal() -> None:
    told = workflow(
        BUY, row("exit_long", "close", ">", 110), row("sizing", "position_size", "units", 10), row("sizing", "scale_out", "count", 3)
    )

    result = run(told, closes([100, 100, 111, 105, 112, 113, 114]))

    assert [(fill.bar, fill.size) for fill in result.fills] == [(1, 10), (3, -3), (5, -3), (6, -4)]


def test_shorts_with_stop_and_target_are_never_rejected() -> None:
    told = workflow(
        row("entry_short", "close", "crosses below", "sma(10)"),
        row("risk", "stop_loss", "percent", 25),
        row("risk", "take_profit", "percent", 2),
        direction="short_only",
    )

    result = run(told, walk(600, 5), commission=0.001, slippage=0.0005)

    assert result.trades > 15
    assert result.rejected == 0
