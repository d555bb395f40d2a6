"""Other engines that install from PyPI (`requirements-peers.txt`), on the same crossing of averages, where they are installed."""

import contextlib
import importlib.util
import io
from collections.abc import Callable
from typing import Any

from core.domain.bars import Bars


def find_peers() -> dict[str, Callable[[Bars], float]]:
    """Runs of those that are installed, by what the table calls them; they are imported when they run."""
    known = {
        "backtesting": ("backtesting.py, its own fills", run_backtesting),
        "backtrader_next": ("backtrader-next, `cerebro.run()` as written", run_backtrader_next),
    }
    return {name: run for module, (name, run) in known.items() if importlib.util.find_spec(module) is not None}


def run_backtesting(bars: Bars) -> float:
    """Final value of a crossing of two averages in backtesting.py."""
    import pandas as pd
    from backtesting import Backtest, Strategy
    from backtesting.lib import crossover

    class Cross(Strategy):  # type: ignore[misc]
        def init(self) -> None:
            self.quick = self.I(self.average, 10)
            self.slow = self.I(self.average, 30)

        def average(self, period: int) -> Any:
            return pd.Series(self.data.Close).rolling(period).mean()

        def next(self) -> None:
            if not self.position and crossover(self.quick, self.slow):
                self.buy(size=100)
            elif self.position and crossover(self.slow, self.quick):
                self.position.close()

    with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
        return float(Backtest(_make_frame(bars, str.capitalize), Cross, cash=100_000.0, commission=0.001).run()["Equity Final [$]"])


def run_backtrader_next(bars: Bars) -> float:
    """Final value of the same in backtrader-next, default settings."""
    import backtrader_next as bt

    class Cross(bt.Strategy):  # type: ignore[misc]
        def __init__(self) -> None:
            self.cross = bt.ind.CrossOver(bt.ind.SMA(period=10), bt.ind.SMA(period=30))

        def next(self) -> None:
            if not self.position:
                if self.cross[0] > 0:
                    self.buy(size=100)
            elif self.cross[0] < 0:
                self.close()

    cerebro = bt.Cerebro()
    cerebro.broker.setcash(100_000.0)
    cerebro.broker.setcommission(0.001)
    cerebro.adddata(bt.feeds.PandasData(dataframe=_make_frame(bars, str.lower)))
    cerebro.addstrategy(Cross)
    cerebro.run()
    return float(cerebro.broker.getvalue())


def _make_frame(bars: Bars, spell: Callable[[str], str]) -> Any:
    import pandas as pd

    columns = {spell(name): getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(bars.time))
