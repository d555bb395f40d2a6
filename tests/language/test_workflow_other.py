"""Operands of a further instrument: read on its own bars, decided on the traded one's bars only."""

import numpy as np
import pytest
from workflow_runs import is_true, row, workflow

from core.backtest.bar_source import MomentStream
from core.backtest.strategy_runner import run_strategy
from core.domain.aligned_bars import align_bars
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.domain.workflow import Workflow
from core.language import check, compile_workflow, compute_overlays, explain_text, list_other_instruments

STOP = row("risk", "time_stop", "bars", 1)


def closes(symbol: str, days: dict[int, float]) -> Bars:
    """Flat bars at these closes, by day of January 2024."""
    close = np.array(list(days.values()), dtype=np.float64)
    time = np.datetime64("2023-12-31", "s") + np.array(list(days)) * np.timedelta64(86_400, "s")
    return Bars(Instrument(symbol=symbol), Timeframe.D1, time, close, close, close, close, np.full(len(close), 100.0))


OWN = closes("OWN", dict(zip(range(1, 11), (10, 11, 12, 11, 10, 9, 10, 12, 13, 14), strict=True)))
SPY = closes("SPY", dict(zip(range(1, 11), (50, 51, 50, 49, 48, 50, 52, 53, 51, 50), strict=True)))


def find_signals(condition: str, bars: Bars) -> list[int]:
    """Days on which a condition was true."""
    told = workflow(is_true("entry_long", condition, id="asked"), STOP)
    code = compile_workflow(told, signals=True, several=True)
    report = run_strategy(code, BacktestPlan(), MomentStream.from_bars(bars), lambda record: None, signals=True)
    assert report.fault is None, report.fault
    return [int(day) for day in np.flatnonzero(report.signals["asked"]) + 1]


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        ('other("SPY").close > 51', [7, 8]),
        ('other("SPY").close[1] > 51', [8, 9]),
        ('other("SPY").close > other("SPY").sma(3)', [6, 7, 8]),  # means from day 3: 50.3 50 49 49 50 51.7 52 51.3
        ('crosses_above(other("SPY").close, other("SPY").sma(3))', [6]),
        ('other("SPY", close > close[1]) and close > close[1]', [2, 7, 8]),
        ('close / other("SPY").close > 0.24', [9, 10]),
        ('sma(close / other("SPY").close, 2) > 0.24', [9, 10]),
        ('count(other("SPY").close > 50, 3) == 3', [9]),
        ('tf("1w", close) < other("SPY").close', [8, 9, 10]),  # the first week is over on Sunday, the 7th
    ],
)
def test_a_condition_on_another_instrument_is_true_on_these_days(condition: str, days: list[int]) -> None:
    assert find_signals(condition, align_bars([OWN, SPY])) == days


def test_on_a_moment_without_an_own_bar_nothing_is_decided_and_memory_stands_still() -> None:
    own = closes("OWN", {day: price for day, price in zip(range(1, 11), OWN.close, strict=True) if day not in (7, 8)})
    assert find_signals('other("SPY").close > 51', align_bars([own, SPY])) == []
    assert find_signals("close < close[1]", align_bars([own, SPY])) == [4, 5, 6]


def test_without_a_bar_of_the_other_its_last_one_is_read() -> None:
    spy = closes("SPY", {day: price for day, price in zip(range(1, 11), SPY.close, strict=True) if day != 8})
    assert find_signals('other("SPY").close > 51', align_bars([OWN, spy])) == [7, 8]
    assert find_signals('other("SPY").close[1] > 50', align_bars([OWN, spy])) == [3, 9, 10]  # on the 9th its bar before is the 7th's


TOLD: Workflow = workflow(is_true("entry_long", 'close > 10 and other("spy").close > other("SPY").sma(200)', id="asked"), STOP)


def test_the_workflow_says_which_instruments_it_needs_and_reads_in_words() -> None:
    assert list_other_instruments(TOLD) == ("SPY",)
    assert "SPY's close is above the 200-bar simple moving average of SPY" in explain_text(TOLD)
    assert list_other_instruments(workflow(is_true("entry_long", "close > 10"), STOP)) == ()


def test_the_code_says_which_feed_plain_backtrader_needs() -> None:
    code = compile_workflow(TOLD)
    assert 'self.other_spy = self.getdatabyname("SPY")' in code
    assert '#     cerebro.adddata(feed, name="SPY")' in code


def test_a_run_with_further_instruments_is_decided_on_own_bars_also_where_no_row_reads_them() -> None:
    plain = workflow(is_true("entry_long", "close > 10"), STOP)
    assert "bars_seen" not in compile_workflow(plain)
    assert "bars_seen" in compile_workflow(plain, several=True)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('tf("1w", other("SPY").close) > 1', "longer bars of SPY are not there"),
        ('other("SPY", tf("1w", close)) > 1', "longer bars of SPY are not there"),
        ('other("SPY", other("QQQ").close) > 1', "inside another instrument"),
        ('other("SPY", entry_price) > 1', "is not a fact of SPY"),
        ('other("SPY", count(close > 1, 3)) > 1', "counts bars of the run"),
        ('other("SPY") > 1', "takes a symbol in quotes"),
        ("other(SPY).close > 1", "takes a symbol in quotes"),
        ('other("").close > 1', "is no symbol"),
    ],
)
def test_what_cannot_be_read_of_another_instrument_is_refused(condition: str, words: str) -> None:
    section = "exit_long" if "entry_price" in condition else "entry_long"
    rows = [is_true("entry_long", "close > 1"), is_true(section, condition), STOP]
    assert any(words in problem.message for problem in check(workflow(*rows))), check(workflow(*rows))


def test_lines_of_another_instrument_are_not_drawn_over_these_prices() -> None:
    told = workflow(is_true("entry_long", 'other("SPY").sma(2) > sma(3)'), STOP)
    assert list(compute_overlays(told, OWN)) == ["sma(3)"]
