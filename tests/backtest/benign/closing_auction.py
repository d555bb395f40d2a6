"""Orders for the close of the session."""

import backtrader as bt


class ClosingAuction(bt.Strategy):
    def __init__(self):
        self.up = bt.ind.UpDayBool(self.data.close)

    def next(self):
        if len(self) % 4 == 0 and not self.position and self.up[0]:
            self.buy(size=17, exectype=bt.Order.Close)
        elif len(self) % 7 == 0 and self.position:
            self.sell(size=17, exectype=bt.Order.Close)
