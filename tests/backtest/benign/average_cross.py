"""Two averages cross: in and out at the market."""

import backtrader as bt


class AverageCross(bt.Strategy):
    params = (("fast", 8), ("slow", 21), ("units", 40))

    def __init__(self):
        fast = bt.ind.SMA(self.data.close, period=self.p.fast)
        slow = bt.ind.SMA(self.data.close, period=self.p.slow)
        self.cross = bt.ind.CrossOver(fast, slow)

    def next(self):
        if self.cross > 0 and not self.position:
            self.buy(size=self.p.units)
        elif self.cross < 0 and self.position:
            self.close()
