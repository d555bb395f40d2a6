"""Whole scripts in the manner in which people and models write them, pasted in one piece."""

PASTED = {
    "opt grid product": r"""import itertools
import backtrader as bt
from collections import OrderedDict

class SmaCross(bt.SignalStrategy):
    params = dict(pfast=10, pslow=30)
    def __init__(self):
        sma1, sma2 = bt.ind.SMA(period=self.p.pfast), bt.ind.SMA(period=self.p.pslow)
        crossover = bt.ind.CrossOver(sma1, sma2)
        self.signal_add(bt.SIGNAL_LONG, crossover)

def run_one(pfast, pslow):
    cerebro = bt.Cerebro()
    cerebro.addstrategy(SmaCross, pfast=pfast, pslow=pslow)
    data0 = bt.feeds.YahooFinanceData(dataname='MSFT', fromdate=__import__('datetime').datetime(2011, 1, 1))
    cerebro.adddata(data0)
    cerebro.addsizer(bt.sizers.AllInSizer, percents=90)
    cerebro.run()
    return cerebro.broker.getvalue()

if __name__ == "__main__":
    grid = OrderedDict(pfast=[5, 8], pslow=[20, 34])
    scores = []
    for combo in itertools.product(*grid.values()):
        kw = dict(zip(grid.keys(), combo))
        scores.append((run_one(**kw), kw))
    scores.sort(key=lambda t: -t[0])
    for value, kw in scores: print("%10.2f  %s" % (value, kw))
""",
    "turtle state machine": r"""import backtrader as bt
from enum import IntEnum
from typing import Optional, List
from dataclasses import dataclass, field

class State(IntEnum):
    FLAT = 0
    LONG = 1
    SHORT = -1

@dataclass
class Unit:
    price: float
    size: int
    stop: float

@dataclass
class Book:
    units: List[Unit] = field(default_factory=list)
    def size(self) -> int: return sum(u.size for u in self.units)
    def clear(self): self.units.clear()

class Turtle(bt.Strategy):
    params = dict(entry=20, exit=10, atr=20, risk=0.01, max_units=4)
    def __init__(self):
        self.hi = bt.ind.Highest(self.data.high, period=self.p.entry, subplot=False)
        self.lo = bt.ind.Lowest(self.data.low, period=self.p.entry, subplot=False)
        self.xhi = bt.ind.Highest(self.data.high, period=self.p.exit)
        self.xlo = bt.ind.Lowest(self.data.low, period=self.p.exit)
        self.tr = bt.ind.TrueRange(self.data)
        self.atr = bt.ind.SmoothedMovingAverage(self.tr, period=self.p.atr)
        self.book, self.state = Book(), State.FLAT
    def _unit(self) -> int:
        return max(int(self.p.risk * self.broker.getvalue() / self.atr[0]), 1)
    def next(self):
        c = self.data.close[0]
        if self.state is State.FLAT:
            if c > self.hi[-1]: self._enter(State.LONG)
            elif c < self.lo[-1]: self._enter(State.SHORT)
            return
        side = int(self.state)
        if (side > 0 and c < self.xlo[-1]) or (side < 0 and c > self.xhi[-1]):
            self.close(); self.book.clear(); self.state = State.FLAT
            return
        last = self.book.units[-1]
        if side * (c - last.price) >= 0.5 * self.atr[0] and len(self.book.units) < self.p.max_units:
            self._add()
        elif side * (c - last.stop) < 0:
            self.close(); self.book.clear(); self.state = State.FLAT
    def _enter(self, state: State) -> None:
        self.state = state; self._add()
    def _add(self) -> None:
        n = self._unit(); side = int(self.state)
        (self.buy if side > 0 else self.sell)(size=n)
        self.book.units.append(Unit(self.data.close[0], side * n, self.data.close[0] - side * 2 * self.atr[0]))
def backtest(path: str, cash: float = 1_000_000.0, plot: Optional[bool] = None):
    c = bt.Cerebro(); c.addstrategy(Turtle)
    c.adddata(bt.feeds.GenericCSVData(dataname=path)); c.broker.setcash(cash)
    return c.run()
if __name__ == '__main__':
    backtest('wti.csv')
""",
    "engine class wrapper config json": r'''import json
import backtrader as bt
CONFIG = json.loads("""{"strategy": {"period": 12, "dev": 1.8}, "broker": {"cash": 25000, "commission": 0.0005}}""")

class Reversion(bt.Strategy):
    params = dict(period=20, dev=2.0)
    def __init__(self):
        self.b = bt.ind.BBands(self.data, period=self.p.period, devfactor=self.p.dev)
    def next(self):
        if not self.position and self.data.close < self.b.bot: self.buy(size=10)
        if self.position and self.data.close > self.b.mid: self.close()

class Backtest:
    """Runs things."""
    def __init__(self, config): self.config, self.cerebro = config, bt.Cerebro()
    def prepare(self):
        self.cerebro.addstrategy(Reversion, **self.config["strategy"])
        self.cerebro.broker.setcash(self.config["broker"]["cash"])
        self.cerebro.broker.setcommission(self.config["broker"]["commission"])
        self.cerebro.adddata(bt.feeds.GenericCSVData(dataname="x.csv"))
        return self
    def run(self): return self.cerebro.run()
if __name__ == "__main__":
    Backtest(CONFIG).prepare().run()
''',
    "ccxt crypto fetch": r"""import ccxt, time
import pandas as pd
import backtrader as bt
exchange = ccxt.binance({"enableRateLimit": True})
def fetch(symbol, timeframe="1h", since=None):
    all_rows = []
    while True:
        rows = exchange.fetch_ohlcv(symbol, timeframe, since=since, limit=1000)
        if not rows: break
        since = rows[-1][0] + 1
        all_rows += rows
        time.sleep(exchange.rateLimit / 1000)
    df = pd.DataFrame(all_rows, columns=["ts", "open", "high", "low", "close", "volume"])
    df["ts"] = pd.to_datetime(df["ts"], unit="ms")
    return df.set_index("ts")
class Fractional(bt.Sizer):
    params = (("prec", 4),)
    def _getsizing(self, comminfo, cash, data, isbuy):
        if isbuy: return round(cash * 0.9 / data.close[0], self.p.prec)
        return self.broker.getposition(data).size
class StochRsi(bt.Strategy):
    params = (("rsi", 14), ("stoch", 14), ("k", 3), ("d", 3))
    def __init__(self):
        rsi = bt.ind.RSI_SMA(self.data.close, period=self.p.rsi, safediv=True)
        hi, lo = bt.ind.Highest(rsi, period=self.p.stoch), bt.ind.Lowest(rsi, period=self.p.stoch)
        self.raw = bt.DivByZero(rsi - lo, hi - lo, zero=0.5)
        self.k = bt.ind.SMA(self.raw, period=self.p.k); self.d = bt.ind.SMA(self.k, period=self.p.d)
        self.cross = bt.ind.CrossOver(self.k, self.d)
    def next(self):
        if not self.position and self.cross > 0 and self.k[0] < 0.4: self.buy()
        elif self.position and self.cross < 0 and self.k[0] > 0.6: self.sell()
cerebro = bt.Cerebro()
cerebro.adddata(bt.feeds.PandasData(dataname=fetch("BTC/USDT")))
cerebro.addstrategy(StochRsi)
cerebro.addsizer(Fractional)
cerebro.broker.setcommission(commission=0.00075)
cerebro.run(); print(cerebro.broker.getvalue())
""",
    "intraday times daily": r"""import backtrader as bt
from datetime import time, timedelta
class S(bt.Strategy):
    params = dict(start=time(9, 30), stop=time(15, 45), session_start=time(0, 0))
    def __init__(self):
        self.day_high = {}
        self.addminperiod(3)
    def next(self):
        d, t = self.data.datetime.date(), self.data.datetime.time()
        self.day_high[d] = max(self.day_high.get(d, 0.0), self.data.high[0])
        prev = self.day_high.get(d - timedelta(days=1))
        if prev and self.data.close[0] > prev and not self.position: self.buy(size=5)
        elif self.position and self.data.close[0] < self.data.low[-1]: self.close()
        if len(self.day_high) > 30: self.day_high.pop(min(self.day_high))
cerebro = bt.Cerebro()
data = bt.feeds.GenericCSVData(dataname='5min.csv', timeframe=bt.TimeFrame.Minutes, compression=5, dtformat='%Y-%m-%d %H:%M:%S', sessionstart=time(9, 30), sessionend=time(16, 0))
cerebro.adddata(data)
cerebro.addstrategy(S)
cerebro.run()
""",
    "grid trading": r"""import backtrader as bt
class Grid(bt.Strategy):
    params = dict(step=0.015, levels=4, size=2)
    def __init__(self): self.base, self.orders_ = None, {}
    def place(self):
        for o in list(self.orders_.values()): self.cancel(o)
        self.orders_.clear()
        for i in range(1, self.p.levels + 1):
            self.orders_[-i] = self.buy(exectype=bt.Order.Limit, price=self.base * (1 - self.p.step * i), size=self.p.size)
            if self.position.size >= self.p.size * i:
                self.orders_[i] = self.sell(exectype=bt.Order.Limit, price=self.base * (1 + self.p.step * i), size=self.p.size)
    def notify_order(self, o):
        if o.status == o.Completed: self.base = o.executed.price; self.refresh = True
    def next(self):
        if self.base is None: self.base = self.data.close[0]; self.place(); self.refresh = False
        elif self.refresh: self.place(); self.refresh = False
if __name__ == "__main__":
    c = bt.Cerebro(); c.addstrategy(Grid, levels=3); c.adddata(None); c.broker.set_cash(50000); c.run()
""",
    "multiprocessing pool": r"""from multiprocessing import Pool, cpu_count
from functools import partial
import backtrader as bt
class S(bt.Strategy):
    params = (("n", 10), ("k", 2.0))
    def __init__(self): self.kc_mid = bt.ind.EMA(period=self.p.n); self.atr = bt.ind.ATR(period=self.p.n)
    def next(self):
        up, dn = self.kc_mid[0] + self.p.k * self.atr[0], self.kc_mid[0] - self.p.k * self.atr[0]
        if self.data.close[0] > up and self.position.size <= 0: self.order_target_size(target=3)
        elif self.data.close[0] < dn and self.position.size >= 0: self.order_target_size(target=-3)
def job(params, cash):
    c = bt.Cerebro(); c.addstrategy(S, **params); c.broker.setcash(cash); c.adddata(bt.feeds.PandasData(dataname=None)); c.run()
    return params, c.broker.getvalue()
if __name__ == "__main__":
    with Pool(cpu_count()) as pool:
        out = pool.map(partial(job, cash=10000), [dict(n=n, k=k) for n in (8, 12) for k in (1.0, 1.5)])
    print(sorted(out, key=lambda t: t[1])[-1])
""",
    "pandas precompute signal": r"""import backtrader as bt
import pandas as pd
class S(bt.Strategy):
    params = dict(span=12)
    def __init__(self): self.rows = []
    def next(self):
        self.rows.append((self.data.datetime.datetime(0), self.data.close[0]))
        df = pd.DataFrame(self.rows[-60:], columns=["t", "c"]).set_index("t")
        if len(df) < 25: return
        ema = df["c"].ewm(span=self.p.span, adjust=False).mean()
        roll = df["c"].rolling(20)
        z = ((df["c"] - roll.mean()) / roll.std()).iloc[-1]
        if z < -1 and not self.position: self.buy(size=6)
        elif (z > 0.5 or ema.iloc[-1] < ema.iloc[-5]) and self.position: self.close()
    def stop(self):
        out = pd.DataFrame(self.rows, columns=["t", "c"]).set_index("t").resample("W").last()
        print(out.tail(3).to_string())
c = bt.Cerebro(); c.addstrategy(S); c.adddata(bt.feeds.PandasData(dataname=pd.DataFrame())); c.run()
""",
    "global state counter": r"""import backtrader as bt
TRADES = []
MAX_TRADES = 8
wins = losses = 0
class S(bt.Strategy):
    def __init__(self): self.hl = bt.ind.Highest(self.data.close, period=5)
    def notify_trade(self, trade):
        global wins, losses
        if not trade.isclosed: return
        TRADES.append(trade.pnlcomm)
        if trade.pnlcomm > 0: wins += 1
        else: losses += 1
    def next(self):
        if len(TRADES) >= MAX_TRADES: return
        if not self.position and self.data.close[0] >= self.hl[0]: self.buy(size=5)
        elif self.position and len(self) % 7 == 0: self.close()
cerebro = bt.Cerebro(); cerebro.addstrategy(S); cerebro.adddata(bt.feeds.GenericCSVData(dataname='x')); cerebro.run()
print(wins, losses, sum(TRADES))
assert len(TRADES) <= MAX_TRADES
""",
    "data from inline list": r'''import backtrader as bt, io, csv
from datetime import datetime
CSV = """date,weight
2020-01-01,0.5
2020-06-01,0.9
2020-09-01,0.2
"""
WEIGHTS = [(datetime.strptime(r["date"], "%Y-%m-%d").date(), float(r["weight"])) for r in csv.DictReader(io.StringIO(CSV))]
class S(bt.Strategy):
    def next(self):
        today = self.data.datetime.date(0)
        w = [x for d, x in WEIGHTS if d <= today]
        if w and len(self) % 5 == 0: self.order_target_percent(target=w[-1])
c = bt.Cerebro(); c.addstrategy(S); c.adddata(bt.feeds.PandasData(dataname=None)); c.run()
''',
    "strategy with analyzer class": r"""import backtrader as bt
class TradeList(bt.Analyzer):
    def create_analysis(self): self.rets = []
    def notify_trade(self, trade):
        if trade.isclosed: self.rets.append(trade.pnlcomm)
    def get_analysis(self): return self.rets
class MyObs(bt.Observer):
    lines = ('exposure',)
    plotinfo = dict(plot=True, subplot=True)
    def next(self): self.lines.exposure[0] = self._owner.position.size
class S(bt.Strategy):
    def __init__(self): self.cci = bt.ind.CCI(period=15)
    def next(self):
        if self.cci[0] < -80 and not self.position: self.buy(size=5)
        elif self.cci[0] > 80 and self.position: self.close()
    def stop(self):
        print('trades', len(self.analyzers.tl.get_analysis()) if hasattr(self.analyzers, 'tl') else 'n/a')
c = bt.Cerebro(); c.addstrategy(S); c.adddata(bt.feeds.PandasData(dataname=None)); c.addanalyzer(TradeList, _name='tl'); c.addobserver(MyObs)
r = c.run()
print(r[0].analyzers.tl.get_analysis())
""",
    "dynamic import and exec": r"""import importlib
bt = importlib.import_module("backtrader")
class S(bt.Strategy):
    def __init__(self): self.x = getattr(bt.ind, "CrossOver")(bt.ind.SMA(period=6), getattr(bt.indicators, "ExponentialMovingAverage")(period=18))
    def next(self):
        if self.x[0] > 0: self.buy(size=2)
        elif self.x[0] < 0 and self.position: self.close()
c = bt.Cerebro(); c.addstrategy(S); c.adddata(bt.feeds.PandasData(dataname=None)); c.run()
""",
    "params inheritance and super": r"""import backtrader as bt
class A(bt.Strategy):
    params = (('n', 10), ('stake', 1))
    def __init__(self): super(A, self).__init__(); self.ma = self.make()
    def make(self): return bt.ind.SMA(self.data, period=self.params.n)
    def next(self):
        if self.signal() > 0 and not self.position: self.buy(size=self.p.stake)
        elif self.signal() < 0 and self.position: self.sell(size=self.p.stake)
    def signal(self): return (self.data.close[0] > self.ma[0]) - (self.data.close[0] < self.ma[0])
class B(A):
    params = dict(stake=4)
    def make(self): return bt.ind.KAMA(self.data, period=self.p.n)
class C(B):
    params = dict(n=14)
    def notify_order(self, order):
        st = {getattr(order, k): k for k in ('Completed', 'Margin', 'Rejected', 'Canceled')}
        if order.status in st: print(st[order.status], order.executed.size, end='; ')
def run(cls=None, **kw):
    cls = cls or C
    c = bt.Cerebro(); c.addstrategy(cls, **kw); c.adddata(bt.feeds.PandasData(dataname=None)); c.run(); return c
if __name__ == '__main__':
    run(stake=6)
""",
    "trade journal sqlite": r"""import sqlite3, json
import backtrader as bt
conn = sqlite3.connect("trades.db")
conn.execute("create table if not exists t (d text, p real)")
class S(bt.Strategy):
    def __init__(self): self.b = bt.ind.BollingerBandsPct(period=14)
    def notify_trade(self, t):
        if t.isclosed:
            conn.execute("insert into t values (?, ?)", (self.data.datetime.date(0).isoformat(), t.pnl)); conn.commit()
    def next(self):
        if self.b.pctb[0] < 0.1 and not self.position: self.buy(size=3)
        elif self.b.pctb[0] > 0.9 and self.position: self.close()
c = bt.Cerebro(); c.addstrategy(S); c.adddata(bt.feeds.PandasData(dataname=None)); c.run(); conn.close()
""",
    "runner class static": r"""import backtrader as bt
class Vol(bt.Strategy):
    params = (("p", 10), ("m", 1.0))
    def __init__(self): self.b = bt.ind.BollingerBands(period=self.p.p, devfactor=self.p.m)
    def next(self):
        if not self.position and self.data.close[0] > self.b.top[0]: self.buy(size=3)
        elif self.position and self.data.close[0] < self.b.mid[0]: self.close()
class Runner:
    DEFAULTS = {"p": 8, "m": 0.8}
    def __init__(self, strategy, cash=20000, **params):
        self.strategy = strategy; self.cash = cash
        self.params = {**self.DEFAULTS, **params}
        self.engine = None
    def _build(self):
        self.engine = bt.Cerebro()
        self.engine.broker.setcash(self.cash)
        self.engine.addstrategy(self.strategy, **self.params)
        self.engine.adddata(bt.feeds.GenericCSVData(dataname="x.csv"))
    @classmethod
    def quick(cls, strategy): return cls(strategy, m=0.5)
    def run(self):
        self._build()
        return self.engine.run()
if __name__ == "__main__":
    Runner(Vol, p=12).run()
""",
    "inherited runner": r"""import backtrader as bt
class Base:
    stake = 4
    def setup(self, c): c.addsizer(bt.sizers.FixedSize, stake=self.stake)
    def go(self):
        c = bt.Cerebro(); self.setup(c); c.addstrategy(self.pick(), n=self.n()); c.adddata(bt.feeds.PandasData(dataname=None)); return c.run()
class A(bt.Strategy):
    params = dict(n=30)
    def next(self):
        if len(self) % self.p.n == 0: self.buy()
        elif len(self) % self.p.n == self.p.n // 2 and self.position: self.close()
class B(A):
    def next(self):
        if len(self) % 7 == 0: self.buy()
class Mine(Base):
    stake = 9
    def pick(self): return A
    def n(self): return 10
Mine().go()
""",
    "smtp alert": r"""import smtplib
from email.mime.text import MIMEText
import backtrader as bt
ALERT = False
class S(bt.Strategy):
    def alert(self, text):
        m = MIMEText(text); m["Subject"] = "trade"
        with smtplib.SMTP("localhost") as s: s.send_message(m)
    def notify_order(self, o):
        if o.status == o.Completed and ALERT: self.alert(str(o.executed.price))
    def next(self):
        if len(self) % 12 == 0: self.buy(size=2)
        elif len(self) % 12 == 6: self.close()
c = bt.Cerebro(); c.addstrategy(S); c.adddata(bt.feeds.PandasData(dataname=None)); c.run()
""",
    "kwargs partial": r"""import functools, backtrader as bt
class S(bt.Strategy):
    params = dict(a=1, b=2)
    def next(self):
        if len(self) % (self.p.a + self.p.b) == 0: self.order_target_percent(target=0.3)
        elif len(self) % (self.p.a + self.p.b) == 3: self.order_target_percent(target=0.0)
def run(cls, /, *args, cash=1000, **kw):
    c = bt.Cerebro(); c.broker.setcash(cash); c.addstrategy(cls, *args, **kw); c.adddata(bt.feeds.PandasData(dataname=None)); c.run()
    return c.broker.getvalue()
go = functools.partial(run, S, a=4)
print(go(b=5))
""",
    "typed protocol": r"""from __future__ import annotations
from typing import Protocol, NamedTuple, Callable
import backtrader as bt
class Signal(NamedTuple):
    side: int
    size: int
class Rule(Protocol):
    def __call__(self, s: bt.Strategy) -> Signal | None: ...
def dip(s) -> Signal | None:
    return Signal(1, 4) if s.data.close[0] < s.low[0] * 1.01 else None
def peak(s) -> Signal | None:
    return Signal(-1, 4) if s.data.close[0] > s.high[0] * 0.995 else None
class S(bt.Strategy):
    rules: list[Callable] = [dip, peak]
    def __init__(self): self.low = bt.ind.Lowest(period=10); self.high = bt.ind.Highest(period=10)
    def next(self):
        for rule in self.rules:
            sig = rule(self)
            if sig and sig.side > 0 and not self.position: self.buy(size=sig.size); break
            if sig and sig.side < 0 and self.position: self.close(); break
if __name__ == "__main__":
    c = bt.Cerebro(); c.addstrategy(S); c.adddata(bt.feeds.GenericCSVData(dataname="x")); c.run()
""",
}
