"""The mirror: a short bracket entered at the market."""

import backtrader as bt


class BracketShort(bt.Strategy):
    def __init__(self):
        self.mean = bt.ind.EMA(period=10)
        self.legs = []

    def next(self):
        if self.position or any(order.alive() for order in self.legs):
            return
        if self.data.close[0] < self.mean[0]:
            price = self.data.close[0]
            self.legs = self.sell_bracket(size=15, exectype=bt.Order.Market, stopprice=price * 1.02, limitprice=price * 0.97)
