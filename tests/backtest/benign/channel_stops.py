"""Stop orders at the edges of a channel, replaced on every bar."""

import backtrader as bt


class ChannelStops(bt.Strategy):
    def __init__(self):
        self.top = bt.ind.Highest(self.data.high, period=12)
        self.bottom = bt.ind.Lowest(self.data.low, period=6)
        self.order = None

    def next(self):
        if self.order is not None and self.order.alive():
            self.cancel(self.order)
        if self.position.size > 0:
            self.order = self.sell(size=self.position.size, exectype=bt.Order.Stop, price=self.bottom[0])
        else:
            self.order = self.buy(size=35, exectype=bt.Order.Stop, price=self.top[0])
