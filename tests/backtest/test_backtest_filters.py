"""Filters and resampling on the run's own feed: refused in a strategy, and no bar is lost where a feed has one."""

from typing import Any

import backtrader as bt
import pytest
from backtest_cases import played, walk
from stock_backtrader import restore_backtrader

from core.backtest.bar_source import AllBars
from core.backtest.engine import Engine
from core.backtest.feed import make_feeds

CHANGES = """
import backtrader as bt

class S(bt.Strategy):
    def __init__(self):
        self.data.{change}

    def next(self):
        self.buy(size=1)
"""


@pytest.mark.parametrize("lock_step", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        "addfilter(bt.filters.HeikinAshi)",
        "addfilter_simple(lambda data: False)",
        "resample(timeframe=bt.TimeFrame.Weeks)",
        "replay(timeframe=bt.TimeFrame.Weeks)",
    ],
)
def test_a_strategy_that_changes_its_own_feed_is_refused_alike_in_both_methods(change: str, lock_step: bool) -> None:
    fault = played(CHANGES.format(change=change), walk(60), lock_step=lock_step)[0].fault
    assert fault is not None
    assert fault.message == f"{change.partition('(')[0]}() changes the feed, which belongs to the run"
    assert 'timeframes = ("1w",)' in fault.hint
    assert fault.line == 6


def count_weeks(engine: Any) -> int:
    """Weeks that a strategy is shown of a year of days, resampled on their own feed."""
    seen: list[int] = []

    class Count(bt.Strategy):  # type: ignore[misc]
        def next(self) -> None:
            seen.append(len(self))

    restore_backtrader()
    (feed,) = make_feeds(AllBars.from_bars(walk(364, start="2024-01-01")))
    feed.resample(timeframe=bt.TimeFrame.Weeks)
    cerebro = engine(stdstats=False, preload=False, runonce=False)
    cerebro.adddata(feed)
    cerebro.addstrategy(Count)
    cerebro.run()
    return len(seen)


def test_the_last_week_of_a_year_is_not_forgotten() -> None:
    assert count_weeks(Engine) == count_weeks(bt.Cerebro) == 52
