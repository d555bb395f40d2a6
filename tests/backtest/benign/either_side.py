"""One cancels the other: a stop above and a stop below, whichever comes first; out after five bars."""

import backtrader as bt


class EitherSide(bt.Strategy):
    def __init__(self):
        self.range = bt.ind.TrueRange()
        self.entered = 0
        self.pair = ()

    def next(self):
        if self.position:
            self.entered += 1
            if self.entered == 5:
                self.close()
            return
        if any(order.alive() for order in self.pair):
            return
        self.entered = 0
        close, width = self.data.close[0], self.range[0]
        up = self.buy(size=10, exectype=bt.Order.Stop, price=close + width)
        down = self.sell(size=10, exectype=bt.Order.Stop, price=close - width, oco=up)
        self.pair = (up, down)
