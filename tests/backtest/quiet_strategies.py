"""Random strategies that do nothing on most bars: what they wait for is said in all the ways in which people say it."""

import random

_HEAD = """
import datetime
import enum
import math
import backtrader as bt


class Mood({kind}):
    CALM = 1
    WILD = 2


LOG = []
LIMIT = {limit}
MODE = "{mode}"


class Quiet(bt.Strategy):
    params = dict(fast={fast}, slow={slow}, low={low}, high={high}, loud=False, wait={wait}, stop={stop},
        last=datetime.time(12, 30), day=datetime.date(2020, 3, 1))
    armed = {armed}

    def __init__(self):
        self.fast = bt.ind.SMA(self.data.close, period=self.p.fast)
        self.slow = bt.ind.EMA(period=self.p.slow)
        self.cross = bt.ind.CrossOver(self.fast, self.slow)
        self.rsi = bt.ind.RSI(self.datas[0], period=5, safediv=True)
        self.bands = bt.ind.BollingerBands(period=8)
        self.top = bt.ind.Highest(self.data.high(-1), period=6)
        self.dataclose = self.datas[0].close
        self.order = None
        self.legs = []
        self.stop_price = 0.0
        self.entry = None
        self.since = 0
        self.count = 0
        self.ready = 0
        self.held = 0
        self.names = ("one", "two")
        self.mood = Mood.CALM
        self.highest, self.lowest, self.trail = 0, 1e9, 0.0

    def is_up(self):
        return self.data.close[0] > self.fast[0]

    def wants(self, level, above=False):
        "A word about it"
        if above:
            return self.rsi[0] > level
        gap = self.rsi[0] - level
        if gap < -10:
            return True
        elif self.rising:
            return self.cross[0] > 0 or (self.armed and self.is_up())
        return not self.is_up() and gap < 5

    @property
    def rising(self):
        up, down = self.data.close[0] > self.data.close[-1], self.fast[0] < self.fast[-1]
        return up if self.armed else down

    def change(self, back=3):
        if self.armed:
            return (self.data.close[0] - self.data.close[-3]) / self.data.close[-3] * 100
        return self.data.close[0] - self.data.close[-2]

    def size_for(self, price):
        return int(self.broker.getvalue() * 0.02 / max(price, 0.01))

    def mark(self, text, loud=False):
        if loud or self.p.loud:
            LOG.append(text)

    def note(self, word):
        position = self.position
        account = position.size, position.price, self.broker.getcash(), self.broker.getvalue()
        LOG.append((len(self), word, *account, self.ready, self.held, self.highest, self.lowest, self.trail))
{told}
    def next(self):
{body}
"""
_TOLD = """
    def notify_order(self, order):
        if order.status in [order.Submitted, order.Accepted]:
            return
        if order.status == order.Completed and order.isbuy():
            self.entry = order.executed.price
        self.order = None
        self.note(order.getstatusname())
"""
_NUMBERS = (
    "self.data.close[0]",
    "self.data.close[-1]",
    "self.dataclose[0]",
    "self.data.high[0]",
    "self.data.low[-2]",
    "self.data[0]",
    "self.fast[0]",
    "self.fast[-1]",
    "self.slow.ema[0]",
    "self.slow.lines.ema[-1]",
    "self.bands.bot[0]",
    "self.bands.lines.top[0]",
    "self.bands.mid",
    "self.fast",
    "self.data.close",
    "self.top[0]",
    "(self.data.close[0] + self.data.open[0]) / 2",
    "self.fast[0] * 1.01",
    "self.bands.mid[0] - self.p.stop",
    "max(self.data.close[0], self.fast[0])",
    "min(self.slow[0], self.fast[0], 101)",
    "abs(-self.fast[0])",
    "self.stop_price",
    "self.stop_price * 1.02",
    "(self.fast[0] if self.rsi[0] > 50 else self.slow[0])",
    "price",
    "self.fast[0] / self.slow[0] * 100",
    "(self.data.close[0] - self.data.close[-4]) / self.data.close[-4] * 100 + 100",
    "100 + self.change()",
    "self.change(back=2) * 10 + self.data.close[0]",
    "(self.data.close[0] - self.fast[0]) / (self.data.high[0] - self.data.low[0]) + 100",
    "self.highest * 0.985",
    "self.lowest * 1.01",
    "self.trail",
    "self.data.close[0] // self.fast[-1] + self.data.close[-7] % 7 + 100",
)
_TRUTHS = (
    "self.cross > 0",
    "self.cross[0] < 0",
    "self.cross == 1",
    "self.rsi[0] < self.p.low",
    "self.rsi > self.p.high",
    "self.p.low < self.rsi[0] <= self.p.high",
    "not self.rsi[0] >= LIMIT",
    "self.cross",
    "self.cross[-1]",
    "self.armed",
    "MODE == 'calm'",
    "MODE in ('calm', 'wild')",
    "self.names[0] == 'one'",
    "len(self.names) > 1",
    "len(self) % 7 == 0",
    "len(self) - self.since >= self.p.wait",
    "len(self.data) > 40",
    "self.p.loud",
    "self.order is None",
    "self.order is not None",
    "self.order == None",  # as people write it
    "self.entry != None",
    "self.order",
    "not self.order",
    "self.entry is None",
    "(self.entry is None or self.data.close[0] > self.entry * 1.01)",
    "(self.entry is not None and price < self.entry - self.p.stop)",
    "any(order.alive() for order in self.legs)",
    "not any([order.alive() for order in self.legs if order])",
    "(len(self.legs) == 3 and self.legs[1].status in (bt.Order.Submitted, bt.Order.Accepted))",
    "(self.legs and self.legs[-1] is not None and not self.legs[-1].alive())",
    "(self.order is not None and self.order.alive())",
    "(self.order is not None and self.order.status == bt.Order.Accepted)",
    "len(self) >= self.since + self.p.wait",
    "len(self) > 2 * self.since - self.count % 5",
    "self.count < 9",
    "self.ready % 6 == 2",
    "self.held < 7",
    "self.ready - self.since > 5",
    "self.broker.getcash() > 4000",
    "self.getposition().size >= 0",
    "self.getposition(self.data).size < 30",
    "2 * (self.cross[0] > 0) + (self.rsi[0] > 50) + (price > self.fast[0]) >= 2",
    "bool(self.position)",
    "self.is_up()",
    "self.wants(self.p.low)",
    "self.wants(LIMIT, above=self.armed)",
    "self.rising",
    "not self.rising",
    "self.mood is Mood.CALM",
    "self.mood == Mood.WILD",
    "self.mood != Mood.CALM",
    "(self.rsi[0] > 55 and self.size_for(price) > 2)",
    "self.data.datetime.date(0).weekday() != 2",
    "datetime.time(9, 45) <= self.data.datetime.time(0) < datetime.time(15)",
    "self.data.datetime.time() != self.p.last",
    "self.data.datetime.datetime(0).hour >= 12",
    "self.data.datetime.time(0).minute % 15 == 0",
    "self.data.datetime.date(0) > datetime.date(2020, 1, 20)",
    "self.data.datetime.datetime().date() <= self.p.day",
    "math.isnan(self.fast[0])",
    "all(self.data.close[-i] > self.data.close[-i - 1] for i in range(2))",
    "any(self.fast[-i] < self.slow[-i] for i in range(1, 4))",
    "(bool(self.position) and len(self.data) - self.since + 1 >= self.p.wait)",
)
_HELD = ("self.position", "self.position.size > 0", "self.position.size != 0", "self.position.size", "not not self.position")
_ENTRIES = (
    "self.buy(size=10)",
    "self.order = self.buy(size=5)",
    "self.order = self.buy(exectype=bt.Order.Limit, price=price * 0.985, size=7)",
    "self.order = self.buy(exectype=bt.Order.Stop, price=self.top[0], size=4)",
    "self.legs = self.buy_bracket(size=6, exectype=bt.Order.Market, stopprice=price * 0.98, limitprice=price * 1.02)",
    "self.legs = self.buy_bracket(size=6, price=price * 0.99, stopprice=price * 0.96, limitprice=price * 1.03)",
    "self.sell(size=3)",
    "self.order_target_percent(target=0.5)",
    "self.order = self.buy(exectype=bt.Order.StopTrail, trailamount=1.5, size=2)",
)
_EXITS = (
    "self.close()",
    "self.order = self.close()",
    "self.sell(size=self.position.size) if self.position.size > 0 else None",
    "self.order_target_size(target=0)",
)
_MEMORY = (
    "self.stop_price = price - self.p.stop",
    "self.since = len(self)",
    "self.count += 1",
    "self.entry = price",
    "self.armed = not self.armed",
    "self.stop_price = max(self.stop_price, price - 2)",
    "self.legs = []",
    "self.legs = [self.order, None] if self.order else [None]",
    "self.legs.append(None)",
    "self.highest, self.lowest, self.trail = price, price, 0.0",
    "self.mood = Mood.WILD if self.mood is Mood.CALM else Mood.CALM",
)
_EXTREMES = (
    "self.highest = max(self.highest, self.data.close[0])",
    "self.highest = max(self.data.high[0], self.highest)",
    "self.lowest = min(self.lowest, price - self.p.stop)",
    "self.trail = max(self.trail, price - 2 * abs(self.fast[0] - self.slow[0]))",
    "if price > self.highest: self.highest = price",
    "if self.trail < self.fast[0] - self.p.stop: self.trail = self.fast[0] - self.p.stop",
    "if self.lowest > self.data.low[0]: self.lowest = self.data.low[0]",
)
"""Statements that keep the largest or smallest value so far."""
_HARMLESS = (
    "self.mark('Close, %.2f' % self.data.close[0])",
    "self.mark(f'{price:.2f} on {self.data.datetime.date(0).isoformat()}', loud=False)",
    "self.mark('{} and {}'.format(len(self), price))",
    "today, size = self.data.datetime.date(0), self.size_for(price)",
    "size: int = int(self.broker.getvalue() * 0.1 / price)",
    "size = max(1, round(self.broker.get_value() / self.fast[0]), math.floor(price))",
    "width = (self.bands.top[0] - self.bands.bot[0]) / self.bands.mid[0]",
    "share = self.data.volume[0] / self.data.volume[-1] if self.data.volume[-1] > 0 else 0",
)
"""Statements that do nothing that anybody could see."""


class _Writer:
    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.lines: list[str] = []

    def truth(self, depth: int = 0) -> str:
        kind = self.draw.random()
        if depth < 2 and kind < 0.35:
            joined = self.draw.choice((" and ", " or ")).join(self.truth(depth + 1) for _ in range(self.draw.randint(2, 3)))
            return f"({joined})"
        if kind < 0.45:
            return f"not {self.truth(depth + 1)}"
        if kind < 0.7:
            one, other = (self.draw.choice(_NUMBERS) for _ in range(2))
            return f"{one} {self.draw.choice(('<', '>', '<=', '>=', '!='))} {other}"
        return self.draw.choice(_TRUTHS)

    def act(self, depth: int, actions: tuple[str, ...]) -> None:
        self.add(depth, f'self.note("{len(self.lines)}")')
        self.add(depth, self.draw.choice(actions))
        for _ in range(self.draw.randint(0, 2)):
            self.add(depth, self.draw.choice(_MEMORY))
        if self.draw.random() < 0.3:
            self.add(depth, "return")

    def add(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def body(self) -> str:
        """What `next()` does."""
        self.add(2, "price = self.data.close[0]" if self.draw.random() < 0.7 else "price = self.dataclose[0] + 0.0")
        if self.draw.random() < 0.4:
            self.add(2, f"self.ready += {self.draw.choice((1, 1, 2))}")
            self.add(2, self.draw.choice(("if self.ready <= 3:", "if self.ready % 5 == 0 and self.p.loud:")))
            self.add(3, "return")
        if self.draw.random() < 0.4:
            self.add(2, f"if {self.draw.choice(('self.order', 'self.order is not None', 'self.p.loud and self.cross'))}:")
            self.add(3, "return")
        if self.draw.random() < 0.4:
            self.add(
                2,
                f"wanted = {self.truth(1)}"
                if self.draw.random() < 0.2
                else f"wanted = {self.draw.choice(_NUMBERS)} > {self.draw.choice(_NUMBERS)}",
            )
            self.add(2, f"if wanted and {self.truth(1)}:")
            self.act(3, (*_ENTRIES, *_MEMORY))
        if self.draw.random() < 0.3:
            self.add(2, "points = (self.rsi[0] > 40) + (price > self.slow[0])")
            self.add(2, f"points += {self.draw.choice(('1', 'self.cross[0] > 0', '2 * (price < self.bands.top[0])'))}")
            self.add(2, f"if points >= {self.draw.randint(2, 4)} and {self.truth(1)}:")
            self.act(3, (*_ENTRIES, *_MEMORY))
        if self.draw.random() < 0.4:
            self.add(2, self.draw.choice(_HARMLESS))
        if self.draw.random() < 0.3:
            self.score()
        if self.draw.random() < 0.2:
            self.loop()
        held = self.draw.choice(_HELD)
        self.add(2, f"if not {held}:" if " " not in held else f"if not ({held}):")
        self.add(3, f"if {self.truth()}:")
        self.act(4, _ENTRIES)
        if self.draw.random() < 0.4:
            self.add(3, f"elif {self.truth()}:")
            self.act(4, (*_ENTRIES, *_MEMORY, "pass"))
        self.add(2, f"elif {self.truth()}:" if self.draw.random() < 0.5 else "else:")
        if self.draw.random() < 0.4:
            for _ in range(self.draw.randint(1, 2)):
                self.add(3, self.draw.choice(_EXTREMES))
        self.add(3, f"if {self.truth()}:")
        self.act(4, _EXITS)
        if self.draw.random() < 0.2:
            self.add(3, self.draw.choice((*_MEMORY, "self.held += 1", "self.held += 1", "if self.held > 4: self.held = 0")))
        if self.draw.random() < 0.3:
            self.add(2, f"if self.order and {self.truth(1)}:")
            self.add(3, "self.cancel(self.order)")
            self.add(3, "self.order = None")
        return "\n".join(self.lines)

    def score(self) -> None:
        """Points that are counted one by one."""
        self.add(2, "score = 0")
        for _ in range(self.draw.randint(2, 5)):
            self.add(2, f"if {self.truth(1)}:")
            self.add(3, self.draw.choice(("score += 1", "score += 1", "score -= 1", "score = score + 2")))
        self.add(2, f"if score >= {self.draw.randint(2, 4)} and {self.truth(1)}:")
        self.act(3, (*_ENTRIES, *_MEMORY))

    def loop(self) -> None:
        """What a few bars, or feeds, have in common."""
        feeds = self.draw.random() < 0.4
        self.add(2, "hits = 0")
        self.add(2, "for number, d in enumerate(self.datas):" if feeds else f"for number in range({self.draw.randint(2, 4)}):")
        self.add(3, "held = self.getposition(d).size" if feeds else "held = self.data.close[-number]")
        test = "not held and d.close[0] > d.open[0]" if feeds else "held > self.fast[-number]"
        self.add(3, f"if {test}:" if self.draw.random() < 0.7 else f"if {self.truth(1)}:")
        self.add(4, self.draw.choice(("hits += 1", "hits += 2", "held = 0")))
        if self.draw.random() < 0.5:
            self.add(4, self.draw.choice(("continue", "break")))
        if self.draw.random() < 0.5:
            self.add(3, self.draw.choice(("hits -= 1", "hits += held > self.slow[0]", "hits = hits + number")))
        self.add(2, f"if hits >= {self.draw.randint(1, 3)} and {self.truth(1)}:")
        self.act(3, (*_ENTRIES, *_MEMORY))


def write_quiet_strategy(seed: int) -> str:
    """Write a strategy of this number."""
    writer = _Writer(seed)
    draw = writer.draw
    body = writer.body()
    return _HEAD.format(
        kind=draw.choice(("enum.Enum", "enum.Enum", "enum.IntEnum")),
        limit=draw.choice((30, 45.5, 60)),
        mode=draw.choice(("calm", "quick")),
        fast=draw.randint(2, 6),
        slow=draw.randint(5, 14),
        low=draw.choice((20, 30.5, 45)),
        high=draw.choice((55, 65.5, 80)),
        wait=draw.randint(2, 9),
        stop=draw.choice((0.5, 1, 2.5)),
        armed=draw.choice((True, False)),
        told=_TOLD if draw.random() < 0.6 else "",
        body=body,
    )
