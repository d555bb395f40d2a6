"""Strategies that wait in the ways in which people say it."""

HEAD = """
import datetime
import backtrader as bt
DAY = datetime.date(2020, 1, 8)
LOG = []

class Mean(bt.Indicator):
    lines = ("mean",)
    def next(self):
        self.lines.mean[0] = (self.data[0] + self.data[-1]) / 2
    def __init__(self):
        self.addminperiod(2)

class Waits(bt.Strategy):
    params = dict(high=65, low=35, loud=False)
    mood = "calm"
    def __init__(self):
        d = self.data
        self.rsi = bt.ind.RSI(period=6, safediv=True)
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=3), bt.ind.SMA(period=9))
        self.order, self.legs, self.ready, self.level, self.names, self.levels = None, [], 0, 0.0, ["a"], [1e9, 0.0]
        self.tools = dict([(d, dict(rsi=self.rsi)), ("low", 35)])
        {init}
    def seen(self):
        LOG.append((len(self), self.rsi[0], self.position.size, self.broker.getvalue(), self.ready))
"""
TURN = """
    def next(self):
        if not self.position:
            if self.rsi[0] < self.p.low:
                self.seen()
                self.buy(size=5)
        elif self.rsi[0] > self.p.high:
            self.seen()
            self.close()
"""
WAITS = {
    "locals": """
    def next(self):
        low = self.rsi[0] < self.p.low
        points = 2 * (self.cross[0] > 0) + low
        points += self.data.close[0] > self.data.open[0]
        if points >= 2 and not self.position:
            self.seen()
            self.buy(size=3)
        if self.position and (self.rsi > 70 if self.data.close[0] > 100 else self.cross < 0):
            self.seen()
            self.close()
""",
    "an order that is waited for": """
    def notify_order(self, order):
        if order.status in (order.Completed, order.Canceled, order.Margin, order.Expired):
            self.order = None
    def next(self):
        if self.order:
            return
        if not self.position and self.rsi[0] < 40:
            self.seen()
            self.order = self.buy(exectype=bt.Order.Limit, price=self.data.close[0] * 0.99, size=3)
        elif self.position and self.rsi[0] > 60:
            self.seen()
            self.order = self.sell(exectype=bt.Order.Stop, price=self.data.close[0] * 0.99, size=3)
""",
    "legs of a bracket": """
    def next(self):
        if self.position or any(leg.alive() for leg in self.legs):
            return
        if self.cross[0] > 0:
            self.seen()
            price = self.data.close[0]
            self.legs = self.buy_bracket(size=5, exectype=bt.Order.Market, stopprice=price * 0.97, limitprice=price * 1.04)
""",
    "orders in a list, asked for their status": """
    def next(self):
        if len(self.legs) > 1 and self.legs[0] is not None and self.legs[1].status in (bt.Order.Submitted, bt.Order.Accepted):
            return
        if not self.position and self.cross[0] > 0:
            self.seen()
            price = self.data.close[0]
            high = self.sell(size=1, exectype=bt.Order.Limit, price=price * 1.5) if len(self) % 2 else None
            self.legs = [high, self.buy(size=5, exectype=bt.Order.Stop, price=price * 1.001)]
        elif self.position and self.rsi[0] > self.p.high:
            self.seen()
            self.legs = [None, self.close()]
""",
    "the bar of an order, and a wait in bars": """
    def next(self):
        if self.order is not None and self.order.alive():
            return
        if not self.position and self.rsi[0] < self.p.low:
            self.seen()
            self.order, self.ready = self.buy(size=5), len(self)
        elif self.position and len(self) >= self.ready + self.p.low // 5:
            self.seen()
            self.order = self.close()
""",
    "a level that is remembered": """
    def next(self):
        if not self.position:
            if self.cross == 1 and self.mood == "calm":
                self.seen()
                self.level = self.data.close[0] * 0.98
                self.buy(size=5)
        elif self.data.close[0] < self.level or self.data.close[0] > self.level * 1.06:
            self.seen()
            self.close()
            self.mood = "calm" if self.mood == "wild" else "calm"
""",
    "counters": """
    def next(self):
        self.ready += 1
        if self.ready <= 4:
            return
        if not self.position and self.ready % 9 == 2 and len(self) > 20:
            self.seen()
            self.buy(size=1)
        elif self.position and len(self) % 13 == 0:
            self.seen()
            self.close()
""",
    "methods of its own": """
    def next(self):
        self.say(f"close {self.data.close[0]:.2f} on {self.data.datetime.date(0)}")
        if not self.position and self.wants(self.p.low):
            self.seen()
            self.buy(size=5)
        elif self.position and (self.wants(30, above=True) and self.strong):
            self.seen()
            self.close()
    def wants(self, level, above=False):
        gap = self.rsi[0] - level
        if above:
            return gap > 0
        if gap > 5:
            return False
        return self.cross[0] <= 0 or gap < 0
    @property
    def strong(self):
        return self.rsi[0] > self.p.high
    def say(self, text, loud=False):
        if loud or self.p.loud:
            LOG.append(text)
""",
    "loops over feeds": """
    def next(self):
        for number, d in enumerate(self.datas):
            tools, size = self.tools[d], self.getposition(d).size
            level = self.p.low + number
            if not size:
                if tools["rsi"][0] < level and d.close[0] < d.open[0]:
                    self.seen()
                    self.buy(data=d, size=4)
                continue
            if tools["rsi"][0] > self.p.high:
                self.seen()
                self.close(data=d)
""",
    "a stop that follows": """
    def next(self):
        if not self.position:
            if self.rsi[0] < self.p.low:
                self.seen()
                self.buy(size=5)
                self.level, self.levels[0] = self.data.close[0], 0.0
        else:
            self.level = max(self.level, self.data.high[0])
            if self.data.close[0] < self.level * 0.97:
                LOG.append(self.level)
                self.close()
""",
    "a stop that follows in a condition": """
    def next(self):
        stop = self.data.close[0] - 0.5 * (self.data.high[0] - self.data.low[0])
        if not self.position:
            if self.cross[0] > 0:
                self.seen()
                self.buy(size=5)
                self.level = stop * 0.98
            return
        if stop * 0.98 > self.level:
            self.level = stop * 0.98
        if self.data.close[0] < self.level:
            LOG.append(self.level)
            self.close()
""",
    "points that are counted one by one": """
    def next(self):
        points = 0
        if self.rsi[0] < 45:
            points += 1
        if self.data.close[0] < self.data.close[-1]:
            points += 1
        if self.data.close[-1] < self.data.close[-2]:
            points = points + 2
        if points >= 4 and not self.position:
            self.seen()
            self.buy(size=3)
        elif points == 0 and self.position:
            self.seen()
            self.close()
""",
    "changes, sizes, days and texts": """
    def next(self):
        today, price = self.data.datetime.date(0), self.data.close[0]
        change = (price - self.data.close[-3]) / self.data.close[-3]
        size = int(self.broker.getvalue() * 0.1 / max(price, 0.01))
        text = "%s: %.2f, %d" % (today.isoformat(), change, size)
        if not self.position and change < -0.02 and size > 0:
            self.seen()
            self.buy(size=size)
        elif self.position and (change > 0.03 or today.weekday() == 4):
            LOG.append(text)
            self.close()
""",
    "members that are written, and a range": """
    def next(self):
        up = all(self.data.close[-i] > self.data.close[-i - 1] for i in range(2))
        if up and not self.position and "a" in ["a", "b"] and self.names[0] == "a":
            self.seen()
            self.buy(size=2)
        if self.position and not up and self.rsi[0] > 55:
            self.seen()
            self.close()
""",
}
HOURS = """
    def next(self):
        now = self.data.datetime.time(0)
        if not self.position and datetime.time(10) <= now < datetime.time(11, 30) and self.rsi[0] < 45:
            self.seen()
            self.buy(size=5)
        elif self.position and (now.hour >= 15 and now.minute == 30 or self.data.datetime.date(0) >= DAY and self.rsi[0] > 70):
            LOG.append(now)
            self.close()
"""
