"""Bars on their way into a strategy: Backtrader's clock, bit for bit, and rows in order."""

import datetime

import backtrader as bt
import numpy as np
from backtest_cases import walk
from hypothesis import given
from hypothesis import strategies as st

from core.backtest.bar_source import AllBars, BarStream, day_number, day_numbers, to_rows
from core.domain.instrument import Timeframe

EPOCH = datetime.datetime(1970, 1, 1)


@given(st.integers(-5_000_000_000, 30_000_000_000))
def test_a_moment_is_what_backtrader_makes_of_it(seconds: int) -> None:
    moment = EPOCH + datetime.timedelta(seconds=seconds)
    assert day_number(seconds) == bt.date2num(moment)


@given(st.lists(st.integers(-5_000_000_000, 30_000_000_000), min_size=1, max_size=200))
def test_a_column_of_moments_is_too(seconds: list[int]) -> None:
    time = np.array(seconds, dtype="int64").astype("datetime64[s]")
    assert day_numbers(time).tolist() == [day_number(value) for value in seconds]


def test_every_minute_of_a_week_is_exact() -> None:
    bars = walk(7 * 1440, timeframe=Timeframe.M1)
    expected = [bt.date2num(moment) for moment in bars.time.astype("datetime64[s]").tolist()]
    assert day_numbers(bars.time).tolist() == expected


def test_a_stream_hands_out_each_bar_once_and_then_none() -> None:
    bars = walk(3)
    stream = BarStream.from_bars(bars)
    assert [stream.next_bar() for _ in range(5)] == [*to_rows(bars), None, None]


def test_a_source_does_not_say_what_is_traded() -> None:
    assert not hasattr(AllBars.from_bars(walk(3)), "instrument")
