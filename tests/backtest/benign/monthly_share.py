"""A share of the account, set anew each month by a timer."""

import datetime

import backtrader as bt


class MonthlyShare(bt.Strategy):
    def __init__(self):
        self.trend = bt.ind.SMA(period=20)
        self.add_timer(when=datetime.time(0, 0), monthdays=[1], monthcarry=True)

    def notify_timer(self, timer, when, *args, **kwargs):
        if len(self) < 20:
            return
        self.order_target_percent(target=0.8 if self.data.close[0] > self.trend[0] else 0.2)

    def next(self):
        pass
