"""Golden signals on higher timeframes: only completed bars are seen, whichever way Backtrader is fed."""

import backtrader as bt
import pandas as pd
import pytest
from workflow_runs import closes, is_true, load, row, run, table, walk, workflow

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
def test_a_week_is_seen_from_the_first_bar_of_the_next_one(fast: bool) -> None:
    assert signals("close == 5", WEEKS, fast=fast, timeframe="1d") == [4]
    assert signals('tf("1w", close) == 5', WEEKS, fast=fast) == [5, 6, 7, 8, 9]
    assert signals("close > 9", WEEKS, fast=fast, **{"timeframe": "1d"}) == [9, 10, 11, 12, 13, 14]


@pytest.mark.parametrize("fast", [True, False])
def test_a_row_can_be_read_on_a_higher_timeframe_as_a_whole(fast: bool) -> None:
    told = workflow(row("entry_long", "close", "==", 10, timeframe="1w", id="asked"), STOP)

    found = run(told, WEEKS, signals=True, fast=fast).strategy.signals["asked"]

    assert [number for number, flag in enumerate(found) if flag] == [10, 11, 12, 13, 14]


@pytest.mark.parametrize("fast", [True, False])
def test_an_index_inside_counts_higher_bars_and_outside_the_runs_own(fast: bool) -> None:
    assert signals('tf("1w", close[1]) == 5', WEEKS, fast=fast) == [10, 11, 12, 13, 14]
    assert signals('tf("1w", close)[2] == 5', WEEKS, fast=fast) == [7, 8, 9, 10, 11]


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

    assert seen == [4, 5, 6, 7]


@pytest.mark.parametrize("fast", [True, False])
def test_a_day_of_intraday_bars_is_seen_on_the_next_day(fast: bool) -> None:
    bars = pd.concat([table([(1, 9, 1, 5), (5, 6, 4, 6)], start=f"2024-03-0{day}T10:00", minutes=60) for day in (4, 5, 6)])

    assert signals('tf("1d", high) == 9', bars, fast=fast, timeframe="1h") == [2, 3, 4, 5]


def test_indicators_of_a_higher_timeframe_wait_for_their_own_warm_up() -> None:
    assert signals('tf("1w", sma(2)) == 7.5', WEEKS) == [10, 11, 12, 13, 14]


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


def test_the_compiled_class_names_its_timeframes_shortest_first() -> None:
    told = workflow(is_true("entry_long", 'tf("1w", close) > tf("1d", close)'), STOP)

    assert 'timeframes = ("1d", "1w",)' in compile_workflow(told)


def test_code_without_its_longer_feeds_says_which_is_missing_and_how_to_add_it() -> None:
    code = compile_workflow(workflow(is_true("entry_long", 'close > tf("1h", close) and tf("1d", close > open)'), STOP))

    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(bt.feeds.PandasData(dataname=walk(50, minutes=15), timeframe=bt.TimeFrame.Minutes, compression=15))
    cerebro.addstrategy(load(code))

    with pytest.raises(ValueError, match="the feed of the 1h bars is missing") as caught:
        cerebro.run()
    assert [line.split("(")[0] for line in str(caught.value).splitlines()[1:]] == ["cerebro.resampledata"] * 2


def test_the_calls_that_the_code_asks_for_give_it_its_longer_bars() -> None:
    bars = closes(range(1, 14), start="2024-03-04T10:00", minutes=15)
    code = compile_workflow(workflow(is_true("entry_long", 'tf("1h", close) == 4', id="asked"), STOP), signals=True)
    call = next(line.removeprefix("#").strip() for line in code.splitlines() if line.startswith("#     cerebro.resampledata"))

    cerebro = bt.Cerebro(stdstats=False)
    feed = bt.feeds.PandasData(dataname=bars, timeframe=bt.TimeFrame.Minutes, compression=15)
    cerebro.adddata(feed)
    eval(call, {"cerebro": cerebro, "feed": feed, "bt": bt})
    cerebro.addstrategy(load(code))

    assert [number for number, flag in enumerate(cerebro.run()[0].signals["asked"]) if flag] == [4, 5, 6, 7]
