"""Daily entries with a weekly trend as filter."""

import backtrader as bt


class WeeklyFilter(bt.Strategy):
    timeframes = ("1w",)

    def __init__(self):
        self.weekly = bt.ind.SMA(self.data1.close, period=4)
        self.daily = bt.ind.SMA(self.data0.close, period=5)

    def next(self):
        up = self.data1.close[0] > self.weekly[0]
        if up and self.data0.close[0] > self.daily[0] and not self.position:
            self.buy(size=14)
        elif not up and self.position:
            self.close()
