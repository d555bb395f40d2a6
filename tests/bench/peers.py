"""Other engines that install from PyPI, on the same bars; for the benchmark, where they are installed."""

from typing import Any

from core.domain.bars import Bars


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

    columns = {name.capitalize(): getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame(columns, index=pd.DatetimeIndex(bars.time))
    return float(Backtest(frame, Cross, cash=100_000.0, commission=0.001).run()["Equity Final [$]"])
