"""A trailing stop in percent behind a momentum entry."""

import backtrader as bt


class TrailingPercent(bt.Strategy):
    def __init__(self):
        self.momentum = bt.ind.Momentum(period=9)
        self.stop_order = None

    def notify_order(self, order):
        if order.status == order.Completed and order.isbuy():
            self.stop_order = self.sell(size=order.executed.size, exectype=bt.Order.StopTrail, trailpercent=0.04)

    def next(self):
        if not self.position and self.momentum[0] > 0 and (self.stop_order is None or not self.stop_order.alive()):
            self.buy(size=22)
