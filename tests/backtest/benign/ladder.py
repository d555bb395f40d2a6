"""Adds to a winner in steps, takes everything off at once."""
# ruff: noqa: C408, RUF012

import backtrader as bt


class Ladder(bt.Strategy):
    params = dict(step=0.01, rungs=4)

    def __init__(self):
        self.highest = bt.ind.Highest(period=8)
        self.count, self.last = 0, None

    def next(self):
        price = self.data.close[0]
        if self.last is None or (self.count < self.p.rungs and price > self.last * (1 + self.p.step)):
            self.buy(size=6)
            self.count += 1
            self.last = price
        elif price < self.highest[0] * 0.96 and self.position:
            self.close()
            self.count, self.last = 0, None
