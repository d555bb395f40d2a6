"""Uses prenext and nextstart; trades a little before the indicators are ready."""

import backtrader as bt


class WarmUpPhases(bt.Strategy):
    def __init__(self):
        self.slow = bt.ind.SMA(period=30)
        self.phase = "none"

    def prenext(self):
        self.phase = "early"
        if len(self) == 3:
            self.buy(size=4)

    def nextstart(self):
        self.phase = "start"
        self.close()

    def next(self):
        self.phase = "normal"
        if self.data.close[0] > self.slow[0] and not self.position:
            self.buy(size=4)
        elif self.data.close[0] < self.slow[0] and self.position:
            self.close()
