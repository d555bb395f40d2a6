"""What a program's text proves: everyday programs reach no later bar past the guard, and every way around it is doubted."""

import textwrap

import pytest

from core.backtest.engine_names import collect_engine_names
from core.gate import find_doubt
from tests.bench.engine import CODES

NAMES = collect_engine_names()
"""Collected before any test runs: Backtrader keeps the classes of every program that its process has loaded."""
EVERYDAY = {
    "parameters, orders and their messages": """
        import backtrader as bt

        class Cross(bt.Strategy):
            params = (("fast", 10), ("slow", 30), ("stake", 5), ("printlog", False))

            def log(self, txt, dt=None):
                dt = dt or self.datas[0].datetime.date(0)
                print(f"{dt.isoformat()}, {txt}")

            def __init__(self):
                self.dataclose = self.datas[0].close
                self.order, self.buyprice, self.hold = None, None, 0
                self.cross = bt.ind.CrossOver(bt.ind.SMA(period=self.p.fast), bt.ind.SMA(self.data, period=self.params.slow))

            def notify_order(self, order):
                if order.status in [order.Submitted, order.Accepted]:
                    return
                if order.status == order.Completed:
                    self.buyprice = order.executed.price
                    self.log("BUY, Price: {:.2f}, Cost: {0:.2f}".format(order.executed.price, order.executed.value))
                self.order = None

            def notify_trade(self, trade):
                if trade.isclosed:
                    self.log("PROFIT %.2f" % trade.pnlcomm)

            def next(self):
                if self.order:
                    return
                if not self.position and self.cross > 0:
                    self.order = self.buy(size=self.p.stake)
                elif self.cross < 0:
                    self.order = self.close()
    """,
    "helpers, tables and arithmetic": """
        import math
        from collections import deque
        from dataclasses import dataclass
        from enum import Enum

        import backtrader as bt
        import numpy as np

        LEVELS = [0.5, 1.0]

        class Mode(Enum):
            FLAT = 0
            LONG = 1

        @dataclass
        class State:
            price: float = 0.0
            level: float = 0.0
            stance: Mode = Mode.FLAT

        def slope(values):
            return np.polyfit(range(len(values)), values, 1)[0]

        class Base(bt.Strategy):
            def ready(self):
                return len(self.data) > 25

        class Tables(Base):
            def __init__(self):
                super().__init__()
                self.state, self.hold, self.recent = State(), [], deque(maxlen=20)
                self.bands = bt.ind.BollingerBands(self.data.close, period=20)

            def next(self):
                self.recent.append(self.data.close[0])
                if not self.ready():
                    return
                up = slope(self.data.close.get(size=10)) > 0 and max(self.recent) > self.bands.lines.top[-1]
                if up and self.state.stance is Mode.FLAT and math.isfinite(self.data_close[0]):
                    self.state.price, self.state.stance = self.data.close[0], Mode.LONG
                    self.hold.append(self.state.price)
                    self.buy(size=int(self.broker.getvalue() * 0.1 / self.state.price))
                elif len(getattr(self, "hold", ())) > 5:
                    self.close()
    """,
    "an indicator that is put together of others": """
        import backtrader as bt
        import backtrader.indicators as btind

        class Spread(bt.Indicator):
            lines = ("spread_of_both",)
            params = dict(near=5, far=20, movav=btind.MovAv.Simple)

            def __init__(self):
                self.lines.spread_of_both = self.p.movav(self.data, period=self.p.near) - self.p.movav(self.data, period=self.p.far)

        class Uses(bt.Strategy):
            def __init__(self):
                self.spread = Spread(self.data.close)

            def next(self):
                if self.spread.spread_of_both[0] > 0 and self.spread.l.spread_of_both[-1] <= 0:
                    self.order_target_percent(target=0.5)
                elif self.spread < 0:
                    self.order_target_size(target=0)
    """,
}


@pytest.mark.parametrize("code", [*map(textwrap.dedent, EVERYDAY.values()), *CODES.values()], ids=[*EVERYDAY, *CODES])
def test_everyday_programs_are_proved_from_their_text(code: str) -> None:
    assert find_doubt(code, NAMES) == ""


STRATEGY = """
import backtrader as bt
import numpy as np
{top}

class Tries(bt.Strategy):
    {member}

    def __init__(self):
        self.source = self.f = []
        {init}

    def rule(self):
        return self.source[0]

    def next(self):
        {each}
"""


def build(*, top: str = "", member: str = "pass", init: str = "pass", each: str = "pass") -> str:
    def indent(text: str, width: int) -> str:
        return textwrap.dedent(text).strip().replace("\n", "\n" + " " * width)

    return STRATEGY.format(top=textwrap.dedent(top), member=indent(member, 4), init=indent(init, 8), each=indent(each, 8))


def test_the_frame_of_the_tries_is_itself_harmless() -> None:
    assert find_doubt(build(), NAMES) == ""


AHEAD_INDICATOR = """
class Other(bt.Indicator):
    lines = ("f",)
    {}
"""


@pytest.mark.parametrize(
    "code",
    [
        build(init="self.f = self.data.close.array"),
        build(init="self.f = getattr(self.data.close, 'array')"),
        build(init="self.f = getattr(self.data.close, 'ar' + 'ray')"),
        build(init="self.array = 1", each="x = self.data.close.array"),
        build(each="x = self.data.source"),
        build(init="self.env = None\nx = self.env.runstrats"),
        build(init="self._dataname = 1", each="x = self.data._dataname"),
        build(init="x = self.data.p.dataname"),
        build(member="params = dict(dataname=1)", init="x = self.data.dataname"),
        build(init="x = vars(self.data.close)"),
        build(init="x = self.data.close.__dict__"),
        build(init="x = [].__class__.__base__.__subclasses__()"),
        build(init="x = '{0.array}'.format(self.data.close)"),
        build(init="x = '{:{1.array}}'.format(1, self.data.close)"),
        build(init="text = '{0.array}'\nx = text.format(self.data.close)"),
        build(init="show = '{0.array}'.format\nx = show(self.data.close)"),
        build(init="x = '{0.array}'.format_map({})"),
        build(each="match self.data.close:\n    case bt.LineBuffer(array=x): pass"),
        build(each="self.data.next()"),
        build(each="self.data.advance()"),
        build(each="self.data.close._idx = 5"),
        build(each="x = self.data.close.plotrange(0, 9)"),
        build(each="x = self.data.close.getzero(0, 9)"),
        build(each="x = self.data.buflen()"),
        build(each="n = (y for y in [1])\nx = n.gi_frame"),
        build(each="try: 1 / 0\nexcept ZeroDivisionError as e: x = e.__traceback__"),
        build(init="self.gi_frame = 1", each="x = (y for y in [1]).gi_frame"),
        build(init="self.f = Tries.rule(self.data.close)"),
        build(init="kind = Tries\nself.f = kind.rule(self.data.close)"),
        build(init="self.f = list(map(Tries.rule, [self.data.close]))"),
        build(init="self = self.data.close\nx = self.source"),
        build(init="take = lambda self: self.source\nx = take(self.data.close)"),
        build(
            member="def take(self):\n    return self.source\nRULES = [take]",
            init="self.f = self.RULES[0](self.data.close)",
        ),
        build(member="@staticmethod\ndef take(self):\n    return self.source", init="x = self.take(self.data.close)"),
        build(init="x = super(Tries, self.data).next()"),
        build(top="def super(): return bt", each="super().next()"),
        build(top="np = bt", each="x = np.array"),
        build(each="np.mean = self.buy"),
        build(each="m = np\nx = m.frombuffer(self.data.close.get(size=2))"),
        build(init="self.frombuffer = 1", each="x = np.frombuffer(b'')"),
        build(init="self.load = 1", each="x = np.load('x')"),
        build(top="from numpy import frombuffer"),
        build(top="from backtrader import *"),
        build(top="import sys"),
        build(top="import gc as math"),
        build(top="from operator import attrgetter"),
        build(top="import backtrader.feed"),
        build(top="x = __import__('gc')"),
        build(top="x = eval('1')"),
        build(top="x = open('/etc/passwd')"),
        build(top="def f(x: eval('1')) -> None: pass"),
        build(top="def f() -> eval('1'): pass"),
        build(top="@eval('bt')\ndef f(): pass"),
        build(top="class Meta(metaclass=type): pass"),
        build(top="class Helper:\n    def __getattr__(self, name): return 1"),
        build(top="class Helper:\n    array = 1"),
        build(top="class Helper:\n    pass\nHelper.next = 1"),
        build(top="bt.Strategy.buy = 1"),
        build(top=AHEAD_INDICATOR.format("def next(self): self.lines.f[0] = 1.0")),
        build(top=AHEAD_INDICATOR.format("def once(self, start, end): pass")),
        build(top=AHEAD_INDICATOR.format("def __init__(self): self.inside = bt.ind.SMA(period=3)"), each="x = Other().inside[0]"),
        build(top="from backtrader import Indicator as Strategy\nclass Other(Strategy):\n    def next(self): pass"),
        build(top="class Other(bt.Indicator): pass\nclass Other(bt.Strategy): pass"),
        build(top="if True:\n    class Inner(bt.Indicator): pass"),
        build(top="Base = bt.Indicator\nclass Other(Base):\n    def next(self): pass"),
        build(member="packages = ('gc',)"),
        build(member="frompackages = (('gc', ('get_objects',)),)"),
        build(member="_mindatas = 2"),
        build(member="def notify_timer(self, timer, when): pass"),
        build(member="def _next(self): pass"),
        build(member="def once(self, start, end): pass"),
        build(init="self.next = print"),
        build(init="self.cerebro.adddata(self.data)"),
        build(init="self.add_timer(when=1)"),
        build(each="with self.data as x: pass"),
        build(each="async def f(): pass"),
        build(each="yield 1"),
        build(each="del self.data"),
        build(top="def f(vars): return vars", each="x = vars(self.data.close)"),
        build(top="eval = 1"),
        build(top="def other(): pass", member="alias = ('other',)", each="x = other.rule(self.data)"),
        build(top="class Other(bt.Indicator):\n    alias = ('np',)"),
        build(each="x = getattr(*(self.data.close, 'array'), 'close')"),
        build(each="setattr(*(self.data, 'source'), 'close')"),
        build(member="def use(self, f=rule): return f(self.data)", each="x = self.source"),
        build(member="def use(self, *, f=rule): return f(self.data)", each="x = self.source"),
        build(top="GOT = []", member="def take(self): return self.source\ndef other(self, x: GOT.append(take) = 1): pass"),
        build(top="GOT = []", member="def take(self): return self.source\ndef other(self) -> GOT.append(take): pass"),
        build(top="def take(self): return self.p.dataname", member="params = dict(dataname=1)", init="x = take(self.data)").replace(
            "return self.source[0]", "pass"
        ),
        build(top="class Helper:\n    def go(self): self.next()", each="k = Helper\nk.go(self.data)"),
        build(top="class Helper:\n    def go(self): self.open = 1", each="k = Helper\nk.go(self.data)"),
        build(init="(lambda self: self.start())(self.data)"),
        build(member="params = dict(dataname=1)", each="x = self.data.p.dataname"),
        build(each="self.data.open = [1.0]"),
        build(init="self.data.lines.high = self.data.close - 1"),
        build(init="lines = self.data.lines\nlines.volume = self.data.close - 1"),
        build(top=AHEAD_INDICATOR.format("def __init__(self): self.data.lines.high = self.data - 1")),
        build(each="self.mean.p.period = 5"),
        build(each="self.mean.p.period += 5"),
        build(each="self.mean.func = min"),
        build(each="self.mean.alpha = 0.5"),
        build(each="for self.mean.p.period in (1, 2): pass"),
        build(each="x = np.empty(9)"),
        build(each="x = np.ndarray((9,))"),
        build(each="x = np.log(np.zeros(9), where=False)"),
        build(each="f = np.log\nx = f(np.zeros(9), **{'where': False})"),
        build(init="self.ctypes = 1", each="x = np.zeros(9)\ny = x.ctypes"),
        build(init="self.obj = 1", each="try: x = 1\nexcept AttributeError as e: y = e.obj"),
        build(member="def take(this, /, self): return self.source", each="x = self.take(self.data)"),
        build(top="class Base(bt.Strategy):\n    def take(self): return self.source", each="f = Base.take\nx = f(self.data)"),
        build(init="try: 1 / 0\nexcept ZeroDivisionError as self: x = self.source"),
        build(init="def f():\n    def self(): pass\n    return self.source"),
        build(init="self.datas.append(self.data.close)"),
        build(init="self.datas[0] = self.data.close"),
        build(init="max(self.datas, []).clear()"),
        build(init="sum([], self.datas).clear()"),
        build(init="fed = self.datas\nfed.clear()"),
        build(init="del self.datas[0]"),
        build(init="len = lambda some: some.clear()\nlen(self.datas)"),
        build(init="x = getattr(self, 'datas')\nx.clear()"),
        build(init="self.data.lines.lines.reverse()"),
        build(init="x = self.data.lines\nx.lines.reverse()"),
        build(init="x = self.data.close * 2.0\nx.lines[0] = self.data.high"),
        build(init="x = self.data.close * 2.0\nx.lines.clear()"),
        build(each="self.mean.data0 = self.data.high"),
        build(each="self.mean.data_close = self.data.high"),
        build(each="self.broker.cash = 5.0"),
        build(each="bt.Order.price = 5.0"),
        build(each="bt.ind.MACD.lines.signal = 5.0"),
        build(top="from backtrader import Order", each="Order.price = 5.0"),
        build(each="x = hash(object())"),
        build(top="import random\nrandom.seed()"),
        build(top="import random", each="random.seed(None)"),
        build(top="import random", each="f = random.seed\nf()"),
        build(top="from random import Random", each="x = Random().random()"),
        build(top="from random import Random", each="x = Random(1)\nx.seed()"),
        "SCRIPT_RUN: dict = {'timers': [((), {})]}\n" + build(),
        "SCRIPT_RUN = {}\nSCRIPT_RUN.update(timers=[((), {})])\n" + build(),
        "SCRIPT_RUN = {}\nSCRIPT_RUN['timers'] = [((), {})]\n" + build(),
        "for SCRIPT_RUN in [{'timers': [((), {})]}]: pass\n" + build(),
        "SCRIPT_RUN = {'timers': [((), {})]}\n" + build(),
        "SCRIPT_RUN = dict(strategy=1)\n" + build(),
        "this is no program",
        "x = " + "(" * 500 + ")" * 500,
    ],
)
def test_every_way_around_the_guard_is_doubted(code: str) -> None:
    assert find_doubt(code, NAMES)


@pytest.mark.parametrize(
    "code",
    [
        build(init="self.f = [feed.close for feed in self.datas]", each="for feed in self.datas: self.f.append(feed.close[0])"),
        build(init="self.f = [len(self.datas), self.datas[0], list(enumerate(self.datas)), self.data in self.datas, [*self.datas]]"),
        build(init="self.f = [self.data.lines.close, self.data.lines[0], self.data.l.close, len(self.data.lines)]"),
        build(top="import random\nrandom.seed(7)\nrng = random.Random(7)\nnp.random.seed(7)", each="x = rng.random() + np.random.rand()"),
        build(top="class State:\n    price = 0.0", init="self.f = State()", each="self.f.price = self.data.close[0]\nself.cash = 5.0"),
    ],
)
def test_looking_at_feeds_and_lines_is_not_doubted(code: str) -> None:
    assert find_doubt(code, NAMES) == ""


def test_a_doubt_says_where_and_what() -> None:
    assert find_doubt(build(each="x = self.data.close.array"), NAMES) == "line 17: the part .array"
