"""Waits after a loss; counts closed trades."""

import backtrader as bt


class CoolingOff(bt.Strategy):
    def __init__(self):
        self.cci = bt.ind.CCI(period=10)
        self.pause = 0
        self.results = []

    def notify_trade(self, trade):
        if trade.isclosed:
            self.results.append(trade.pnlcomm)
            self.pause = 6 if trade.pnlcomm < 0 else 0

    def next(self):
        if self.pause:
            self.pause -= 1
        elif not self.position and self.cci[0] < -50:
            self.buy(size=11)
        elif self.position and self.cci[0] > 0:
            self.close()
