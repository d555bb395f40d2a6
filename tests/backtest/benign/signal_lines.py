"""The declarative style: signals instead of next()."""

import backtrader as bt


class SignalLines(bt.SignalStrategy):
    def __init__(self):
        average = bt.ind.SMA(period=12)
        self.signal_add(bt.SIGNAL_LONG, self.data.close - average)
