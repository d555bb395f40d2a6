"""The feed of comparisons gives the strategy what Backtrader's own pandas feed gives it."""

from typing import Any

import backtrader as bt
import pytest
from backtest_cases import walk

from tests.stock_feed import QuickPandasData, make_frame


class Seen(bt.Strategy):  # type: ignore[misc]
    """Notes all that a feed says of a bar."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []

    def next(self) -> None:
        self.rows.append(tuple(line[0] for line in self.data.lines))


@pytest.mark.parametrize("preload", [True, False])
def test_the_quick_feed_gives_the_rows_of_the_stock_feed(preload: bool) -> None:
    def see(kind: Any) -> list[tuple[float, ...]]:
        cerebro = bt.Cerebro(preload=preload, runonce=preload)
        cerebro.adddata(kind(dataname=make_frame(walk(90)).iloc[:40]))
        cerebro.addstrategy(Seen)
        return list(cerebro.run()[0].rows)

    quick = see(QuickPandasData)

    assert len(quick) == 40
    assert repr(quick) == repr(see(bt.feeds.PandasData))
