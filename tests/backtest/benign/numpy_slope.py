"""A least-squares slope from numpy on the last closes."""

import backtrader as bt
import numpy as np


class NumpySlope(bt.Strategy):
    params = (("window", 18),)

    def next(self):
        values = np.array(self.data.close.get(size=self.p.window))
        if len(values) < self.p.window:
            return
        slope = np.polyfit(np.arange(self.p.window), values, 1)[0] / values.mean()
        if slope > 0.001 and not self.position:
            self.buy(size=np.float64(16.0))
        elif slope < 0 and self.position:
            self.close()
