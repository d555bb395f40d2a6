"""A sizer of one's own: fewer units when the range is wide."""

import backtrader as bt


class VolatilitySizer(bt.Sizer):
    params = (("share", 0.02),)

    def _getsizing(self, comminfo, cash, data, isbuy):
        if not isbuy:
            return self.broker.getposition(data).size
        spread = max(data.high[0] - data.low[0], 0.01)
        return max(1, min(int(cash * self.p.share / spread), int(cash * 0.9 / data.close[0])))


class Sized(bt.Strategy):
    def __init__(self):
        self.setsizer(VolatilitySizer())
        self.williams = bt.ind.WilliamsR(period=8)

    def next(self):
        if self.williams[0] < -80 and not self.position:
            self.buy()
        elif self.williams[0] > -20 and self.position:
            self.sell()
