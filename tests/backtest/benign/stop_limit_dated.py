"""Stop-limit entries with a date in the order, closed at the next sign of weakness."""

import datetime

import backtrader as bt


class StopLimitDated(bt.Strategy):
    def __init__(self):
        self.high = bt.ind.Highest(self.data.high, period=5)
        self.weak = bt.ind.DownDayBool(self.data.close)

    def next(self):
        today = self.data.datetime.datetime(0)
        if not self.position:
            price = self.high[0]
            self.buy(size=9, exectype=bt.Order.StopLimit, price=price, plimit=price * 1.004, valid=today + datetime.timedelta(days=2))
        elif self.weak[0] and self.weak[-1]:
            self.close()
