"""Five-minute entries, hourly and daily context."""

import backtrader as bt


class TwoClocks(bt.Strategy):
    timeframes = ("1h", "1d")

    def __init__(self):
        self.hour = bt.ind.EMA(self.datas[1], period=5)
        self.range = bt.ind.TrueRange(self.datas[2])

    def next(self):
        calm = self.range[0] < self.datas[2].close[0]
        if calm and self.data.close[0] > self.hour[0] and not self.position:
            self.buy(size=8)
        elif self.position and self.data.close[0] < self.hour[0]:
            self.close()
