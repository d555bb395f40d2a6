"""Whole scripts of many kinds, one each: what people import, how they name, wire and start what they wrote."""

VARIED = {
    "from imports": """from backtrader import Strategy, Cerebro, Order
from backtrader.indicators import SMA, CrossOver
import backtrader.feeds as btfeeds
class S(Strategy):
    def __init__(self): self.c = CrossOver(SMA(period=5), SMA(period=15))
    def next(self):
        if self.c > 0: self.buy(exectype=Order.Limit, price=self.data.close[0]*0.995)
        elif self.c < 0: self.close()
if __name__ == '__main__':
    c = Cerebro()
    c.addstrategy(S)
    c.adddata(btfeeds.GenericCSVData(dataname='x'))
    c.run()
""",
    "star import": """from backtrader import *
from backtrader.indicators import *
class S(Strategy):
    def __init__(self): self.r = RSI(period=9)
    def next(self):
        if self.r < 40 and not self.position: self.buy()
        elif self.r > 60: self.close()
c = Cerebro()
c.addstrategy(S)
c.adddata(None)
c.run()
""",
    "asyncio main": """import asyncio
import backtrader as bt
class S(bt.Strategy):
    def next(self):
        if len(self) % 20 == 0: self.buy()
        elif len(self) % 20 == 10: self.close()
async def main():
    await asyncio.sleep(0)
    cerebro = bt.Cerebro()
    cerebro.addstrategy(S)
    cerebro.adddata(None)
    cerebro.run()
asyncio.run(main())
""",
    "enum and dataclass state": """from enum import Enum, auto
from dataclasses import dataclass, field
from typing import Optional, List
import backtrader as bt
class State(Enum):
    FLAT = auto(); LONG = auto()
@dataclass
class Book:
    entries: List[float] = field(default_factory=list)
    state: State = State.FLAT
    last: Optional[float] = None
class S(bt.Strategy):
    def __init__(self):
        self.book = Book(); self.ema = bt.ind.EMA(period=12)
    def next(self):
        price = self.data.close[0]
        match_ = price > self.ema[0]
        if match_ and self.book.state is State.FLAT:
            self.buy(); self.book.state = State.LONG; self.book.entries.append(price)
        elif not match_ and self.book.state is State.LONG:
            self.close(); self.book.state = State.FLAT

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "match statement": """import backtrader as bt
class S(bt.Strategy):
    def next(self):
        match len(self) % 7:
            case 1: self.buy()
            case 5: self.close()
            case _: pass

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "partial and registry": """from functools import partial
import backtrader as bt
REG = {}
def register(name):
    def deco(cls):
        REG[name] = cls
        return cls
    return deco
@register('one')
class One(bt.Strategy):
    def next(self): pass
@register('two')
class Two(bt.Strategy):
    params = dict(n=9)
    def next(self):
        if len(self) % self.p.n == 0: self.buy()
def run(name, **kw):
    cerebro = bt.Cerebro()
    cerebro.adddata(None)
    cerebro.addstrategy(REG[name], **kw)
    cerebro.run()
if __name__ == '__main__':
    run('two', n=11)
""",
    "setsizer": """import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.setsizer(bt.sizers.FixedSize(stake=7))
    def next(self):
        if len(self) % 25 == 3: self.buy()
        if len(self) % 25 == 15: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "sizer attribute": """import backtrader as bt
class Z(bt.Sizer):
    def _getsizing(self, comminfo, cash, data, isbuy): return int(cash // data.close[0] // 4)
class S(bt.Strategy):
    def start(self): self.sizer = Z(); self.setsizer(self.sizer)
    def next(self):
        if len(self) % 25 == 3: self.buy()
        if len(self) % 25 == 15: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "order_target family": """import backtrader as bt
class S(bt.Strategy):
    def next(self):
        n = len(self)
        if n % 30 == 1: self.order_target_percent(target=0.4)
        if n % 30 == 9: self.order_target_value(target=20000)
        if n % 30 == 17: self.order_target_size(target=-13)
        if n % 30 == 25: self.order_target_percent(target=0)

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "timer": """import datetime
import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.add_timer(when=bt.Timer.SESSION_START, monthdays=[1, 15], monthcarry=True)
    def notify_timer(self, timer, when, *a, **k):
        self.order_target_percent(target=0.5 if not self.position else 0.0)
    def next(self): pass

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "cheat-off brackets manual": """import backtrader as bt
class S(bt.Strategy):
    def next(self):
        if not self.position and len(self) % 10 == 0:
            m = self.buy(transmit=False)
            s = self.sell(exectype=bt.Order.Stop, price=self.data.close[0]*0.97, size=m.size, parent=m, transmit=False)
            l = self.sell(exectype=bt.Order.Limit, price=self.data.close[0]*1.03, size=m.size, parent=m, transmit=True)

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "own analyzer inside": """import backtrader as bt
class A(bt.Analyzer):
    def start(self): self.n = 0
    def next(self): self.n += 1
    def get_analysis(self): return {'n': self.n}
class S(bt.Strategy):
    def next(self):
        if len(self) % 12 == 0: self.buy()
cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.addanalyzer(A, _name='a')
cerebro.adddata(None)
r = cerebro.run()
print(r[0].analyzers.a.get_analysis())
""",
    "environment and requests": """import os, requests, json
from dotenv import load_dotenv
load_dotenv()
KEY = os.environ.get('API_KEY', '')
URL = f'https://example.com/{KEY}'
import backtrader as bt
def fetch():
    return requests.get(URL, timeout=5).json()
class S(bt.Strategy):
    def next(self):
        if len(self) % 15 == 2: self.buy()
        elif len(self) % 15 == 9: self.close()
if __name__ == '__main__':
    data = fetch()

    cerebro = bt.Cerebro()
    cerebro.addstrategy(S)
    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
    cerebro.run()
    """,
    "env inside class": """import os
import backtrader as bt
class S(bt.Strategy):
    params = dict(n=int(os.environ.get('N', '8')))
    def next(self):
        if len(self) % self.p.n == 2: self.buy()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "try import talib": """try:
    import talib
    HAVE = True
except ImportError:
    HAVE = False
import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.m = bt.ind.SMA(period=10)
    def next(self):
        if self.data > self.m and not self.position: self.buy()
        elif self.data < self.m and self.position: self.sell()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "warnings and logging config": """import warnings, logging, sys
warnings.filterwarnings('ignore')
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format='%(message)s')
log = logging.getLogger('x')
import backtrader as bt
class S(bt.Strategy):
    def next(self):
        if len(self) % 11 == 0:
            log.info('buy at %s', self.data.close[0]); self.buy()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "generator of signals": """import backtrader as bt
def cycle():
    while True:
        yield 'buy'
        for _ in range(5): yield None
        yield 'close'
        for _ in range(3): yield None
class S(bt.Strategy):
    def start(self): self.gen = cycle()
    def next(self):
        a = next(self.gen)
        if a == 'buy': self.buy()
        elif a == 'close': self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "properties and statics": """import backtrader as bt
class S(bt.Strategy):
    params = (('fast', 5), ('slow', 20),)
    def __init__(self):
        self.f = bt.ind.WMA(period=self.params.fast); self.s = bt.ind.HMA(period=self.params.slow)
    @property
    def up(self): return self.f[0] > self.s[0]
    @staticmethod
    def size(cash, price): return max(1, int(cash * 0.1 / price))
    def next(self):
        if self.up and not self.position: self.buy(size=self.size(self.broker.get_cash(), self.data.close[0]))
        elif not self.up and self.position.size: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "kwargs init": """import backtrader as bt
class S(bt.Strategy):
    params = dict(n=6)
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.hh = bt.ind.Highest(self.data.high(-1), period=self.p.n)
    def next(self):
        if self.data.close[0] > self.hh[0]: self.order_target_size(target=2)
        elif self.data.close[0] < self.data.close[-3]: self.order_target_size(target=0)

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "notify_cashvalue and fund": """import backtrader as bt
class S(bt.Strategy):
    def notify_cashvalue(self, cash, value): self.seen = value
    def notify_fund(self, cash, value, fundvalue, shares): self.fv = fundvalue
    def next(self):
        if len(self) % 20 == 5: self.buy(size=int(self.seen // 1000))
        if len(self) % 20 == 15: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "deque and statistics": """from collections import deque, defaultdict
import statistics as st
import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.w = deque(maxlen=12); self.c = defaultdict(int)
    def next(self):
        self.w.append(self.data.close[0])
        if len(self.w) < 12: return
        z = (self.w[-1] - st.mean(self.w)) / (st.pstdev(self.w) or 1)
        if z < -1 and not self.position: self.buy()
        elif z > 1 and self.position: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "weekly resample": """import datetime
import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.w = bt.ind.SMA(self.data1, period=4)
    def next(self):
        if self.data0.close[0] > self.w[0] and not self.position: self.buy()
        elif self.data0.close[0] < self.w[0] and self.position: self.close()
cerebro = bt.Cerebro()
data = bt.feeds.GenericCSVData(dataname='x.csv')
cerebro.adddata(data)
cerebro.resampledata(data, timeframe=bt.TimeFrame.Weeks, compression=1)
cerebro.addstrategy(S)
cerebro.run()
""",
    "weekday rule": """import backtrader as bt
class S(bt.Strategy):
    def next(self):
        d = self.data.datetime.date(0)
        if d.weekday() == 0 and not self.position: self.buy()
        elif d.isoweekday() == 5 and self.position: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "list comprehension globals": """import backtrader as bt
PERIODS = [3, 8, 21]
class S(bt.Strategy):
    def __init__(self): self.e = [bt.ind.EMA(period=p) for p in PERIODS]
    def next(self):
        v = [e[0] for e in self.e]
        if all(a > b for a, b in zip(v, v[1:])) and not self.position: self.buy()
        elif v[0] < v[1]: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "trailing stop after fill": """import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.o = None; self.stop_o = None
    def notify_order(self, order):
        if order.status == order.Completed and order.isbuy():
            self.stop_o = self.sell(exectype=bt.Order.StopTrail, trailpercent=0.03)
        if order.status in [order.Completed, order.Canceled, order.Margin, order.Rejected]: self.o = None
    def next(self):
        if not self.position and self.o is None and len(self) % 5 == 0: self.o = self.buy()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "macd signal class": """import backtrader as bt
class S(bt.Strategy):
    def __init__(self):
        self.macd = bt.indicators.MACDHisto(self.data.close, period_me1=6, period_me2=13, period_signal=5)
        self.up = bt.indicators.CrossUp(self.macd.macd, self.macd.signal); self.dn = bt.indicators.CrossDown(self.macd.macd, self.macd.signal)
    def next(self):
        if self.up[0]: self.buy()
        if self.dn[0] and self.position: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "main guard with parser function required": """import argparse
import backtrader as bt
class S(bt.Strategy):
    params = dict(n=7)
    def next(self):
        if len(self) % self.p.n == 0: self.buy()
def main():
    p = argparse.ArgumentParser()
    p.add_argument('--n', type=int, default=13)
    p.add_argument('--data', default='x.csv')
    a = p.parse_args()
    cerebro = bt.Cerebro()
    cerebro.addstrategy(S, n=a.n)
    cerebro.adddata(bt.feeds.GenericCSVData(dataname=a.data))
    cerebro.run()
if __name__ == '__main__': main()
""",
    "random with seed": """import random
random.seed(42)
import numpy as np
np.random.seed(1)
import backtrader as bt
class S(bt.Strategy):
    def next(self):
        if random.random() < 0.1: self.buy()
        elif np.random.rand() < 0.1: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "strategy in list of tuples": """import backtrader as bt
class A(bt.Strategy):
    params = dict(n=5)
    def next(self):
        if len(self) % self.p.n == 0: self.buy()
class B(A):
    params = dict(n=9)
for cls, kw in [(A, dict(n=4)), (B, dict(n=8))]:
    cerebro = bt.Cerebro()
    cerebro.addstrategy(cls, **kw)
    cerebro.adddata(None)
    cerebro.run()
""",
    "ichimoku and others": """import backtrader as bt
class S(bt.Strategy):
    def __init__(self):
        self.ich = bt.ind.Ichimoku(tenkan=5, kijun=9, senkou=13, senkou_lead=9, chikou=9); self.bb = bt.ind.BollingerBands(period=10)
    def next(self):
        if self.ich.tenkan_sen[0] > self.ich.kijun_sen[0] and self.data.close[0] > self.bb.mid[0] and not self.position: self.buy()
        elif self.position and self.ich.tenkan_sen[0] < self.ich.kijun_sen[0]: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "psar and stop price order": """import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.p_ = bt.ind.PSAR(); self.a = bt.ind.ATR(period=7)
    def next(self):
        if not self.position:
            if self.p_[0] < self.data.low[0]: self.buy(exectype=bt.Order.Stop, price=self.data.high[0] * 1.001, valid=self.data.datetime.datetime(0) + __import__('datetime').timedelta(days=3))
        elif self.p_[0] > self.data.high[0]: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "bt.If and logic": """import backtrader as bt
class S(bt.Strategy):
    def __init__(self):
        s = bt.ind.SMA(period=15)
        self.sig = bt.If(bt.And(self.data.close > s, self.data.close > self.data.close(-2)), 1.0, bt.If(self.data.close < s, -1.0, 0.0))
        self.mx = bt.Max(self.data.open, self.data.close); self.cmp = bt.Cmp(self.data.close, s)
    def next(self):
        if self.sig[0] == 1.0 and not self.position: self.buy()
        elif self.sig[0] == -1.0 and self.position: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "get_orders and cancel": """import backtrader as bt
class S(bt.Strategy):
    def next(self):
        for o in self.broker.get_orders_open():
            self.cancel(o)
        if len(self) % 3 == 0: self.buy(exectype=bt.Order.Limit, price=self.data.close[0] * 0.99)

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "plot lines and plotinfo": """import backtrader as bt
class Ind(bt.Indicator):
    lines = ('x',)
    plotinfo = dict(subplot=True, plotname='X')
    plotlines = dict(x=dict(color='red', ls='--'))
    params = (('period', 6),)
    def __init__(self):
        self.addminperiod(self.params.period)
        super(Ind, self).__init__()
    def next(self):
        self.lines.x[0] = sum(self.data.get(size=self.p.period)) / self.p.period
class S(bt.Strategy):
    def __init__(self): self.i = Ind(); self.i.plotinfo.plot = False
    def next(self):
        if self.data.close[0] > self.i.x[0]: self.order_target_size(target=1)
        else: self.order_target_size(target=0)

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "trades via tradeid": """import backtrader as bt
import itertools
class S(bt.Strategy):
    def __init__(self): self.ids = itertools.cycle([0, 1, 2])
    def next(self):
        if len(self) % 6 == 1: self.cur = next(self.ids); self.buy(tradeid=self.cur)
        if len(self) % 6 == 4: self.close(tradeid=self.cur)

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "observer access": """import backtrader as bt
class S(bt.Strategy):
    def next(self):
        if len(self) > 30 and self.stats.broker.value[0] > 0 and len(self) % 14 == 0: self.buy()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "cerebro subclass": """import backtrader as bt
class MyCerebro(bt.Cerebro):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.broker.setcash(5000)
class S(bt.Strategy):
    def next(self):
        if len(self) % 9 == 0: self.buy()
if __name__ == '__main__':
    c = bt.Cerebro()
    c.addstrategy(S)
    c.adddata(None)
    c.run()
""",
    "data_ready flags, prenext, nextstart": """import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.m = bt.ind.SMA(period=30)
    def prenext(self):
        if len(self) == 10: self.buy()
    def nextstart(self):
        self.sell(); self.next()
    def next(self):
        if len(self) % 40 == 0: self.buy()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "heikin ashi and pivot": """import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.ha = bt.ind.HeikinAshi(self.data); self.adx = bt.ind.ADX(period=7)
    def next(self):
        if self.ha.ha_close[0] > self.ha.ha_open[0] and self.adx[0] > 20 and not self.position: self.buy()
        elif self.ha.ha_close[0] < self.ha.ha_open[0] and self.position: self.close()

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "walrus, fstring, lambda": """import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.rule = lambda: (self.data.close[0] - self.data.open[0]) / self.data.open[0]
    def next(self):
        if (r := self.rule()) < -0.005 and not self.position: self.buy()
        elif r > 0.005 and self.position: self.close()
        if len(self) == 3: print(f'{r:+.3%} {self.data._name!s:>5}')

cerebro = bt.Cerebro()
cerebro.addstrategy(S)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.run()
""",
    "run in function returning metrics, __name__ absent": """from __future__ import annotations
import typing as t
if t.TYPE_CHECKING:
    from mylib import X
import backtrader as bt
class S(bt.Strategy):
    params: t.ClassVar = dict(n=5)
    def next(self) -> None:
        if len(self) % self.p.n == 0: self.buy()
def backtest(n: int = 5) -> dict[str, float]:
    c = bt.Cerebro()
    c.addstrategy(S, n=n)
    c.adddata(None)
    c.addanalyzer(bt.analyzers.TradeAnalyzer, _name='t')
    s = c.run()[0]
    return {'v': c.broker.getvalue(), 't': s.analyzers.t.get_analysis().get('total', {})}
best = max(((n, backtest(n)['v']) for n in range(6, 8)), key=lambda x: x[1])
print('best', best)
""",
}
