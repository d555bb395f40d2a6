"""A bracket of entry limit, stop and target, sized by the risk in ATR."""

import backtrader as bt


class BracketLong(bt.Strategy):
    params = (("risk", 0.01), ("width", 1.5))

    def __init__(self):
        self.atr = bt.ind.ATR(period=7)
        self.legs = []

    def next(self):
        if self.position or any(order.alive() for order in self.legs):
            return
        distance = self.atr[0] * self.p.width
        size = int(self.broker.getvalue() * self.p.risk / distance)
        if size:
            entry = self.data.close[0] * 0.999
            self.legs = self.buy_bracket(size=size, price=entry, stopprice=entry - distance, limitprice=entry + 2 * distance, valid=None)
