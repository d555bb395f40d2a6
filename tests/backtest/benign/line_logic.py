"""Rules written as lines: And, Or, If, delays and arithmetic in __init__."""

import backtrader as bt


class LineLogic(bt.Strategy):
    def __init__(self):
        close = self.data.close
        average = bt.ind.WMA(close, period=10)
        spread = (close - average) / average
        quiet = bt.ind.StdDev(close, period=10) < 0.05 * close
        self.enter = bt.And(spread > 0, close > close(-1), quiet)
        self.leave = bt.Or(spread < -0.01, close < bt.ind.Lowest(self.data.low(-1), period=4))
        self.units = bt.If(spread > 0.01, 10.0, 20.0)

    def next(self):
        if not self.position and self.enter[0]:
            self.buy(size=self.units[0])
        elif self.position and self.leave[0]:
            self.close()
