"""An indicator of one's own with next() only, another with once()."""

import backtrader as bt


class Streak(bt.Indicator):
    lines = ("run",)

    def __init__(self):
        self.addminperiod(2)

    def nextstart(self):
        self.lines.run[0] = 0.0

    def next(self):
        before = self.lines.run[-1]
        if self.data[0] > self.data[-1]:
            self.lines.run[0] = max(before, 0) + 1
        else:
            self.lines.run[0] = min(before, 0) - 1


class Doubled(bt.Indicator):
    lines = ("value",)
    params = (("factor", 2.0),)

    def next(self):
        self.lines.value[0] = self.data[0] * self.p.factor

    def once(self, start, end):
        source, target = self.data.array, self.lines.value.array
        for index in range(start, end):
            target[index] = source[index] * self.p.factor


class OwnIndicator(bt.Strategy):
    def __init__(self):
        self.streak = Streak(self.data.close)
        self.doubled = Doubled(self.streak.run)

    def next(self):
        if self.doubled.value[0] <= -4 and not self.position:
            self.buy(size=13)
        elif self.doubled.value[0] >= 4 and self.position:
            self.close()
