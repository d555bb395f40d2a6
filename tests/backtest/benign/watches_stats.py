"""Reads Backtrader's default observers."""

import backtrader as bt


class WatchesStats(bt.Strategy):
    def __init__(self):
        self.mean = bt.ind.SMA(period=6)

    def next(self):
        value = self.stats.broker.value[0]
        traded = self.stats.trades.pnlplus[0]
        if not self.position and self.data.close[0] > self.mean[0]:
            self.buy(size=1 + int(value) % 7)
        elif self.position and (self.data.close[0] < self.mean[0] or traded > 0):
            self.close()
