"""Buys an oversold reading, leaves when it recovers or after ten bars."""
# ruff: noqa: C408, RUF012

import backtrader as bt


class OscillatorDip(bt.Strategy):
    params = dict(period=4, low=30, high=60, hold=10)

    def __init__(self):
        self.rsi = bt.indicators.RSI(self.data, period=self.p.period)
        self.since = 0

    def next(self):
        if not self.position:
            self.since = 0
            if self.rsi[0] < self.p.low:
                self.buy(size=25)
            return
        self.since += 1
        if self.rsi[0] > self.p.high or self.since >= self.p.hold:
            self.close()
