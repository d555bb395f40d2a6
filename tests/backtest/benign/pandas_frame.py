"""Collects rows and asks pandas every few bars."""

import backtrader as bt
import pandas as pd


class PandasFrame(bt.Strategy):
    def __init__(self):
        self.history = []

    def next(self):
        self.history.append((self.data.datetime.date(0), self.data.close[0]))
        if len(self.history) < 30 or len(self.history) % 3:
            return
        frame = pd.DataFrame(self.history[-30:], columns=["day", "close"]).set_index("day")
        z = (frame["close"].iloc[-1] - frame["close"].mean()) / frame["close"].std()
        if z < -1 and not self.position:
            self.buy(size=19)
        elif z > 0 and self.position:
            self.close()
