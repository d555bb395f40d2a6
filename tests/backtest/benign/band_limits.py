"""Limit orders at the lower band that live for three days, profit taken at the middle."""

import datetime

import backtrader as bt


class BandLimits(bt.Strategy):
    def __init__(self):
        self.bands = bt.ind.BollingerBands(period=15, devfactor=1.5)
        self.waiting = None

    def notify_order(self, order):
        if not order.alive():
            self.waiting = None

    def next(self):
        if self.waiting is not None:
            return
        if not self.position:
            days = datetime.timedelta(days=3)
            self.waiting = self.buy(size=30, exectype=bt.Order.Limit, price=self.bands.bot[0], valid=days)
        else:
            self.waiting = self.sell(size=30, exectype=bt.Order.Limit, price=self.bands.mid[0], valid=datetime.timedelta(days=2))
