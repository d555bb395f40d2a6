"""Turns from long to short with one order of double size."""

import backtrader as bt


class Flip(bt.Strategy):
    def __init__(self):
        self.adx = bt.ind.DirectionalMovement(period=6)

    def next(self):
        long = self.adx.plusDI[0] > self.adx.minusDI[0]
        size = self.position.size
        if long and size <= 0:
            self.buy(size=10 + abs(size))
        elif not long and size >= 0:
            self.sell(size=10 + size)
