"""Stops for good when the account has lost too much; reads the account's own figures."""

import backtrader as bt


class DrawdownHalt(bt.Strategy):
    def __init__(self):
        self.peak = self.worth = None
        self.halted = False
        self.parabolic = bt.ind.ParabolicSAR(period=3)

    def notify_cashvalue(self, cash, value):
        self.worth = value
        self.peak = value if self.peak is None else max(self.peak, value)

    def next(self):
        if self.worth < self.peak * 0.97:
            self.halted = True
        if self.halted:
            if self.position:
                self.close()
        elif self.data.close[0] > self.parabolic[0] and not self.position:
            self.buy(size=200)
        elif self.data.close[0] < self.parabolic[0] and self.position:
            self.close()
