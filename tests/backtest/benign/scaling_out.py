"""Three exits placed from the notification of the entry."""

import backtrader as bt


class ScalingOut(bt.Strategy):
    def __init__(self):
        self.stochastic = bt.ind.Stochastic(period=9, safediv=True)
        self.exits = []

    def notify_order(self, order):
        if order.isbuy() and order.status == order.Completed:
            price = order.executed.price
            self.exits = [self.sell(size=5, exectype=bt.Order.Limit, price=price * (1 + step)) for step in (0.01, 0.02, 0.03)]

    def next(self):
        if not self.position and self.stochastic.percK[0] < 25:
            for order in self.exits:
                self.cancel(order)
            self.buy(size=15)
        elif self.position and self.stochastic.percK[0] > 90:
            for order in self.exits:
                self.cancel(order)
            self.close()
