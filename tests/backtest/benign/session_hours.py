"""Intraday: in after the first half hour, flat before the evening, never overnight."""

import datetime

import backtrader as bt


class SessionHours(bt.Strategy):
    params = (("begin", datetime.time(10, 0)), ("end", datetime.time(15, 30)))

    def __init__(self):
        self.day_high = None
        self.day = None

    def next(self):
        now = self.data.datetime.time(0)
        day = self.data.datetime.date(0)
        if day != self.day:
            self.day, self.day_high = day, self.data.high[0]
        if self.position and now >= self.p.end:
            self.close()
        elif not self.position and self.p.begin <= now < self.p.end and self.data.close[0] > self.day_high:
            self.buy(size=7)
        self.day_high = max(self.day_high, self.data.high[0])
