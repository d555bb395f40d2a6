"""Strategies that do something on a bar which a reading of what they wait for could overlook."""

from waiting_strategies import TURN

LATE = TURN.replace(
    "        if not self.position:",
    "        if self.rsi[0] > 80 and len(self) > 200:\n            said = ...\n        if not self.position:",
    1,
)
NESTED = TURN.replace(
    "        if not self.position:",
    """        if self.legs[0]:
            if self.data.close[0] > self.data.open[0]:
                self.seen()
                self.legs[0].clear()
        elif self.rsi[0] > 75:
            self.legs[0].append(1)
        if not self.position:""",
    1,
)

ACTS = {
    "prints": TURN + "        print(len(self)) if len(self) % 50 == 0 else None\n",
    "remembers": TURN + "        self.level = max(self.level, self.data.close[0])\n        self.seen() if self.level > 1e9 else None\n",
    "keeps an extreme that another statement reads before": TURN.replace(
        "        if not self.position:",
        "        new = self.data.close[0] > self.level\n        self.level = max(self.level, self.data.close[0])\n"
        "        if new and self.position:\n            self.seen()\n        if not self.position:",
        1,
    ),
    "keeps an extreme of which it asks an old bar": TURN.replace(
        "        if not self.position:", "        self.level = max(self.level, self.data.close[-1])\n        if not self.position:", 1
    ).replace("self.seen()", "LOG.append(self.level)"),
    "keeps an extreme by a function of its own": "\n    def next(self):\n        self.level = max(self.level, self.data.close[0])\n"
    + TURN.split("\n", 2)[2].replace("self.seen()", "LOG.append(self.level)")
    + "\ndef max(one, other):\n    LOG.append(other)\n    return other\n",
    "keeps an extreme in a whole number": "\n    def next(self):\n        self.ready = max(self.ready, self.data.close[0] > 1e9)\n"
    + TURN.split("\n", 2)[2],
    "leaves a loop early": TURN.replace("self.rsi[0] < self.p.low", "self.rsi[0] < level").replace(
        "        if not self.position:",
        "        for d in self.datas:\n            level = 30\n            if d.close[0] > d.open[0]:\n                level = 45\n"
        "                continue\n            level = 35\n        if not self.position:",
        1,
    ),
    "breaks out of a loop": TURN.replace("self.rsi[0] < self.p.low", "self.rsi[0] < level").replace(
        "        if not self.position:",
        "        level = 20\n        for place in (1, 2, 3):\n"
        "            if self.data.close[-place] > self.data.open[-place]:\n                break\n"
        "            level += 9\n        if not self.position:",
        1,
    ),
    "puts another thing into a table": TURN.replace("self.rsi[0] < self.p.low", "self.rsi[0] < self.tools['low']").replace(
        "            self.close()", "            self.close()\n            self.tools['low'] = 30 + len(self) % 20"
    ),
    "asks an order that answers in a way of its own": """
    def next(self):
        if self.legs[0] and self.legs[0][0].alive():
            return
        if self.rsi[0] < self.p.low:
            self.seen()
            self.legs = [[self.buy(size=1, exectype=bt.Order.Limit, price=self.data.close[0] * 0.99)], []]
            self.legs[0][0].alive = lambda: LOG.append(len(self)) or len(LOG) % 3 > 0
""",
    "changes what its list of orders holds": """
    def next(self):
        if any(one.alive() for one in self.legs if one):
            return
        if self.rsi[0] < self.p.low:
            self.seen()
            self.legs = self.legs[-1:] + [self.buy(size=1, exectype=bt.Order.Limit, price=self.data.close[0] * 0.97)]
        elif self.rsi[0] > self.p.high and self.legs:
            self.seen()
            self.legs.pop()
""",
    "divides by nothing on one bar": TURN.replace(
        "        if not self.position", "        share = 1 / (len(self) - 300)\n        if not self.position", 1
    ),
    "makes a whole number of what is none on one bar": TURN.replace(
        "        if not self.position",
        "        size = int(self.data.close[0] * (1.0 if len(self) != 300 else 1e308))\n        if not self.position",
        1,
    ),
    "writes a number in a way that fails": TURN.replace(
        "        if not self.position",
        "        text = '%d' % (self.data.close[0] if len(self) != 300 else math.inf)\n        if not self.position",
        1,
    ).replace("        text", "        import math\n        text"),
    "gets another method on the way": TURN.replace("self.rsi[0] < self.p.low", "self.wants()").replace(
        "            self.close()",
        "            self.close()\n            type(self).wants = other if len(self) > 200 else type(self).wants",
    )
    + "    def wants(self):\n        return self.rsi[0] < self.p.low\n\ndef other(self):\n    return self.rsi[0] < 45\n",
    "gets a method of its own alone on the way": TURN.replace("self.rsi[0] < self.p.low", "self.wants()").replace(
        "            self.close()", "            self.close()\n            self.wants = lambda: self.rsi[0] < 45"
    )
    + "    def wants(self):\n        return self.rsi[0] < self.p.low\n",
    "asks a method that asks itself": TURN.replace("self.rsi[0] < self.p.low", "self.wants(3)")
    + "    def wants(self, times):\n        return self.wants(times - 1) if times else self.rsi[0] < self.p.low\n",
    "asks a method in a wrong way": TURN.replace("self.rsi[0] > self.p.high", "len(self) > 300 and self.wants()")
    + "    def wants(self, level):\n        return self.rsi[0] < level\n",
    "calls a method of its own": TURN.replace("self.rsi[0] < self.p.low", "self.wants()")
    + "    def wants(self):\n        self.ready += 1\n        return self.rsi[0] < self.p.low\n",
    "hears of its account": TURN + "    def notify_cashvalue(self, cash, value):\n        LOG.append((cash, value))\n",
    "is read in ways of its own": TURN
    + """
    def __getattribute__(self, name):
        if name == "rsi":
            LOG.append(name)
        return super().__getattribute__(name)
""",
    "reads a property": TURN.replace("self.rsi[0] < self.p.low", "self.weak")
    + "    @property\n    def weak(self):\n        LOG.append(len(self))\n        return self.rsi[0] < self.p.low\n",
    "puts another in the place of its next": TURN
    + """
        if len(self) == 100:
            type(self).next = another

def another(self):
    LOG.append(len(self))
    if len(self) % 99 == 0:
        self.buy(size=1)
""",
    "puts another number into a list": TURN.replace("self.rsi[0] < self.p.low", "self.data.close[0] < self.levels[0]")
    .replace("self.rsi[0] > self.p.high", "self.data.close[0] > self.levels[1]")
    .replace("self.seen()", "self.levels[:] = self.data.close[0] * 0.99, self.data.close[0] * 1.01; self.seen()"),
    "makes a counter a fraction": "\n    def next(self):\n        self.ready += 1\n"
    + TURN.split("\n", 2)[2].replace("self.seen()", "self.ready = 0.1 * len(self)\n                self.seen()", 1),
    "counts by a property": "\n    @property\n    def ready(self):\n        return self.__dict__['ready']\n"
    "    @ready.setter\n    def ready(self, value):\n        LOG.append(value)\n        self.__dict__['ready'] = value\n"
    "    def next(self):\n        self.ready += 1\n" + TURN.split("\n", 2)[2],
    "waits for more than a condition can say": TURN.replace(
        "self.rsi[0] < self.p.low", " or ".join([*(f"self.data.close[0] == {place}.125" for place in range(1_500)), "self.rsi[0] < 35"])
    ),
    "chooses among many": TURN.replace(
        "        elif self.rsi[0] > self.p.high",
        "".join(f"        elif self.rsi[0] == {place}.5:\n            self.buy(size=1)\n" for place in range(90))
        + "        elif self.rsi[0] > self.p.high",
    ),
    "orders for a while": TURN.replace(
        "self.buy(size=5)", "self.buy(size=5, exectype=bt.Order.Limit, price=99, valid=int(self.data.datetime[0]) + 9)"
    ),
    **{
        f"does on some bars what fails: {said}": LATE.replace("...", said)
        for said in (
            "f'{len(self):.3}'",
            "f'{self.data.datetime.date(0).weekday():.1}'",
            "f'{self.rsi[0]!s:.2f}'",
            "'{level}'.format(len(self))",
            "int(self.rsi)",
            "int(max(self.data.close, self.data.open))",
            "f'{self.data.close if self.rsi > 50 else self.data.open:.2f}'",
            "self.data.close % 10",
            "-(self.data.close[0] > self.single)",
            "self.single < self.data.close",
            "int(int(self.data.close[0]) * 1e49 * 1e45 * 1e45 * 1e45 * 1e45 * 1e45 * 1e45)",
        )
    },
    "puts another function in the place of one of Python's": TURN.replace(
        "self.rsi[0] < self.p.low", "max(self.rsi[0], 10) < self.p.low"
    ).replace("self.close()", "self.close(); globals()['max'] = lower")
    + "\ndef lower(one, other):\n    LOG.append(one)\n    return one - 5\n",
    "asks whether a list in a list is empty": NESTED,
    "asks whether any list in a list is filled": NESTED.replace("self.legs[0]:", "any(leg for leg in self.legs):", 1),
    "keeps a list as a default": TURN.replace("        if not self.position:", "        self.look()\n        if not self.position:", 1)
    + """
    def look(self, kept=[]):
        if kept:
            if self.rsi[0] > 70:
                self.seen()
                kept.clear()
        elif self.rsi[0] < 30:
            self.seen()
            kept.append(1)
""",
    "keeps an extreme of whole numbers": "\n    def next(self):\n        self.ready = max(self.ready, 2 if self.rsi[0] > 60 else 1)\n"
    + TURN.split("\n", 2)[2].replace("self.seen()", "self.seen(); self.ready = 0"),
    "adds truths of numpy's numbers": TURN.replace(
        "        if not self.position:",
        """
        points = (self.data.close[0] > self.single) + (self.data.close[0] > self.single - 2)
        if points == 1 and self.rsi[0] > 60:
            self.seen()
        if not self.position:""",
        1,
    ),
    "asks a member that is unequal in a way of its own": TURN.replace(
        "self.rsi[0] < self.p.low", "self.names[0] != Tide.LOW and self.rsi[0] < 40"
    ).replace("self.buy(size=5)", "self.names[0] = Tide.LOW; self.buy(size=5)")
    + "\nimport enum\nclass Tide(enum.Enum):\n    LOW = 1\n    def __ne__(self, other):\n        return True\n",
    "counts what a branch may leave out": TURN.replace(
        "        if not self.position:",
        "        if self.data.close[0] > 100:\n            self.ready += 1\n        if not self.position:",
        1,
    ),
}
