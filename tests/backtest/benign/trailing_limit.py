"""A trailing stop-limit with an absolute distance, canceled after eight bars."""

import backtrader as bt


class TrailingLimit(bt.Strategy):
    def __init__(self):
        self.exit_order = None
        self.age = 0
        bt.ind.SMA(period=5)

    def next(self):
        close = self.data.close[0]
        if not self.position:
            if self.data.close[0] > self.data.close[-3]:
                self.buy(size=12)
            self.exit_order, self.age = None, 0
            return
        self.age += 1
        if self.exit_order is None:
            self.exit_order = self.sell(
                size=12, exectype=bt.Order.StopTrailLimit, price=close, plimit=close * 1.001, trailamount=close * 0.02
            )
        elif self.age > 8:
            self.cancel(self.exit_order)
            self.close()
