"""Longer bars that code asks for: they count from the session's open, are the same from whatever bars, and are seen at their close."""

import sys
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from core.backtest.bar_source import AllBars, BarStream
from core.backtest.strategy_runner import run_strategy
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.domain.sessions import compute_longer_bars

SHARE = Instrument(symbol="S", calendar="XNYS", session_open=570, session_close=960)
PAIR = Instrument(symbol="P", calendar="us_futures", day_roll=1080)
COIN = Instrument(symbol="C", calendar="24/7")
SEEN = """
import backtrader as bt


class Seen(bt.Strategy):
    timeframes = ("{frame}",)

    def prenext(self):
        self.next()

    def next(self):
        SEEN.append([len(self.data1)] + [getattr(self.data1, name)[0] if len(self.data1) else 0 for name in NAMES])


NAMES = ("open", "high", "low", "close", "volume")
SEEN = []
"""


def make_days(instrument: Instrument, base: int, days: int = 4) -> Bars:
    """Full trading days from Monday on, whose bars close at their number and whose volume is 1."""
    begins = instrument.day_roll - 1440 if instrument.day_roll else instrument.session_open
    length = 1380 if instrument.day_roll else instrument.session_close - begins
    minutes = np.concatenate([day * 1440 + np.arange(begins, begins + length, base) for day in range(days)])
    time = np.datetime64("2024-03-04", "s") + minutes.astype("timedelta64[m]").astype("timedelta64[s]")
    close = np.arange(1.0, len(time) + 1)
    return Bars(
        instrument=instrument,
        timeframe=Timeframe("1h" if base == 60 else f"{base}m"),
        source="made",
        time=time,
        open=close - 0.5,
        high=close + 0.5,
        low=close - 1.0,
        close=close,
        volume=np.ones(len(time)),
    )


def see(bars: Bars, frame: str, source: type[AllBars] | type[BarStream]) -> list[list[float]]:
    report = run_strategy(SEEN.format(frame=frame), BacktestPlan(), source.from_bars(bars), lambda record: None, signals=False)
    assert report.fault is None, report.fault
    found: list[list[float]] = sys.modules["strategy"].SEEN
    return found


def expect(bars: Bars, minutes: int) -> list[list[float]]:
    """For each bar how many longer bars are over with it, and the prices of the newest: the rule for the run's own bars."""
    instrument = bars.instrument
    hours = {"session_open": instrument.session_open, "day_roll": instrument.day_roll}
    start, _ = compute_longer_bars(bars.time, minutes, base=bars.timeframe.minutes, **hours)
    told, newest = [], [0.0] * 5
    for number, (_, group) in enumerate(groupby(range(len(bars)), key=lambda place: start[place])):
        places = list(group)
        told += [[number, *newest]] * (len(places) - 1)
        first, last = places[0], places[-1]
        newest = [bars.open[first], bars.high[last], bars.low[first], bars.close[last], float(len(places))]
        told.append([number + 1, *newest])
    return told


@pytest.mark.parametrize("source", [AllBars, BarStream])
@pytest.mark.parametrize("instrument", [SHARE, PAIR, COIN], ids=["half past nine", "evening", "round the clock"])
@pytest.mark.parametrize(("base", "frame"), [(15, "1h"), (15, "4h"), (60, "4h"), (60, "1d")])
def test_longer_bars_are_those_of_the_run_and_are_seen_at_their_close(
    base: int, frame: str, instrument: Instrument, source: type[AllBars] | type[BarStream]
) -> None:
    bars = make_days(instrument, base)
    found, expected = see(bars, frame, source), expect(bars, Timeframe(frame).minutes)
    second_day = int(np.argmax(np.diff(bars.time) > np.timedelta64(base, "m"))) + 1
    late = [place for place, (one, other) in enumerate(zip(found, expected, strict=True)) if one != other]
    assert late in ([], [second_day - 1]), "only the first day's end may be learned late"
    assert all(found[place][0] == expected[place][0] - 1 for place in late)


@pytest.mark.parametrize("source", [AllBars, BarStream])
def test_the_rest_of_a_half_day_is_seen_with_the_next_days_first_bar(source: type[AllBars] | type[BarStream]) -> None:
    bars = make_days(SHARE, 30, days=3)
    kept = ~((bars.time >= np.datetime64("2024-03-05T13:00")) & (bars.time < np.datetime64("2024-03-06")))
    columns = {name: getattr(bars, name)[kept] for name in ("time", "open", "high", "low", "close", "volume")}
    seen = [row[0] for row in see(replace(bars, **columns), "2h", source)]
    assert seen[13:20] == [4, 4, 4, 5, 5, 5, 5], "9:30 to 11:30 is over with 11:00, the half day's last hour and a half is not"
    assert seen[20:24] == [6, 6, 6, 7]


@pytest.mark.parametrize("source", [AllBars, BarStream])
def test_a_week_is_seen_on_its_last_day(source: type[AllBars] | type[BarStream]) -> None:
    time = np.array([f"2024-03-{day:02}" for day in (4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 18)], dtype="datetime64[s]")
    close = np.arange(1.0, 12.0)
    bars = Bars(SHARE, Timeframe.D1, time, close, close, close, close, close)
    assert [row[0] for row in see(bars, "1w", source)] == [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
