"""Fractions of a unit, and a value target."""

import backtrader as bt


class FractionalUnits(bt.Strategy):
    def __init__(self):
        self.kama = bt.ind.KAMA(period=10)

    def next(self):
        if self.data.close[0] > self.kama[0]:
            if not self.position:
                self.buy(size=3.75)
        elif self.position:
            self.order_target_value(target=0.0)
