"""Turns of the MACD histogram, long and short, always in the market once begun."""

import backtrader as bt


class HistogramTurn(bt.Strategy):
    def __init__(self):
        self.macd = bt.ind.MACDHisto(self.data.close, period_me1=6, period_me2=13, period_signal=5)

    def next(self):
        rising = self.macd.histo[0] > self.macd.histo[-1]
        wanted = 20 if rising else -20
        if self.position.size != wanted:
            self.order_target_size(target=wanted)
