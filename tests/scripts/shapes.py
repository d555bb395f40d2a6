"""Whole scripts in the shapes in which people paste them: each shape around strategies of several styles, and scripts of their own."""

_HEAD = "import backtrader as bt\n"
STRATEGIES = {
    "cross": """
class MyStrategy(bt.Strategy):
    params = (("fast", 10), ("slow", 30))
    def __init__(self):
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=self.p.fast), bt.ind.SMA(period=self.p.slow))
    def next(self):
        if self.cross > 0: self.buy()
        elif self.cross < 0: self.close()
""",
    "pending order": """
class MyStrategy(bt.Strategy):
    params = dict(fast=8, slow=21, printlog=False)
    def log(self, txt, dt=None, doprint=False):
        if self.params.printlog or doprint:
            dt = dt or self.datas[0].datetime.date(0)
            print('%s, %s' % (dt.isoformat(), txt))
    def __init__(self):
        self.dataclose = self.datas[0].close
        self.order = None
        self.sma = bt.indicators.SimpleMovingAverage(self.datas[0], period=self.p.slow)
    def notify_order(self, order):
        if order.status in [order.Submitted, order.Accepted]: return
        if order.status in [order.Completed]:
            self.log('%s at %.2f' % ('BUY' if order.isbuy() else 'SELL', order.executed.price))
        self.order = None
    def notify_trade(self, trade):
        if trade.isclosed: self.log('PROFIT %.2f' % trade.pnl)
    def next(self):
        if self.order: return
        if not self.position:
            if self.dataclose[0] > self.sma[0]: self.order = self.buy()
        elif self.dataclose[0] < self.sma[0]: self.order = self.sell()
    def stop(self): self.log('(MA %d) end %.2f' % (self.p.slow, self.broker.getvalue()), doprint=True)
""",
    "bracket": """
class MyStrategy(bt.Strategy):
    params = dict(fast=5, slow=14)
    def __init__(self): self.rsi = bt.ind.RSI_Safe(period=self.p.slow); self.atr = bt.ind.ATR(period=self.p.fast)
    def next(self):
        if not self.position and self.rsi < 40:
            price = self.data.close[0]
            self.buy_bracket(exectype=bt.Order.Market, stopprice=price - 2 * self.atr[0], limitprice=price + 3 * self.atr[0])
""",
}
SHAPES = {
    "bare class": "{s}",
    "main block": "{s}\nif __name__ == '__main__':\n    cerebro = bt.Cerebro()\n    cerebro.addstrategy(MyStrategy)\n    cerebro.adddata(bt.feeds.YahooFinanceCSVData(dataname='x.csv'))\n    cerebro.broker.setcash(100000.0)\n    cerebro.run()\n    cerebro.plot()\n",
    "no main block": "{s}\ncerebro = bt.Cerebro()\ncerebro.addstrategy(MyStrategy)\ndata = bt.feeds.GenericCSVData(dataname='x.csv')\ncerebro.adddata(data)\nprint('Start: %.2f' % cerebro.broker.getvalue())\nresults = cerebro.run()\nprint('End: %.2f' % cerebro.broker.getvalue())\n",
    "parameters": "{s}\ncerebro = bt.Cerebro()\ncerebro.addstrategy(MyStrategy, fast=6, slow=17)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
    "parameters from constants": "FAST, SLOW = 6, 2 * 9\n{s}\ncerebro = bt.Cerebro()\ncerebro.addstrategy(MyStrategy, fast=FAST, slow=SLOW)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
    "parameters from a dictionary": "CONFIG = {{'fast': 7, 'slow': 19}}\n{s}\ndef run(config):\n    cerebro = bt.Cerebro()\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.addstrategy(MyStrategy, **config)\n    return cerebro.run()\nif __name__ == '__main__':\n    run(CONFIG)\n",
    "argparse main": "import argparse, datetime\n{s}\ndef parse_args():\n    parser = argparse.ArgumentParser(description='x')\n    parser.add_argument('--fast', type=int, default=9)\n    parser.add_argument('--slow', type=int, default=25)\n    parser.add_argument('--cash', default=50000, type=int)\n    parser.add_argument('--plot', '-p', action='store_true')\n    return parser.parse_args()\ndef runstrategy():\n    args = parse_args()\n    cerebro = bt.Cerebro()\n    data = bt.feeds.BacktraderCSVData(dataname='x.txt', fromdate=datetime.datetime(2005, 1, 1))\n    cerebro.adddata(data)\n    cerebro.addstrategy(MyStrategy, fast=args.fast, slow=args.slow)\n    cerebro.broker.setcash(args.cash)\n    cerebro.run()\n    if args.plot:\n        cerebro.plot()\nif __name__ == '__main__':\n    runstrategy()\n",
    "docs sample": "from __future__ import absolute_import, division, print_function, unicode_literals\nimport argparse\nimport datetime\nimport backtrader as bt\n{s}\ndef runstrat(args=None):\n    args = parse_args(args)\n    cerebro = bt.Cerebro()\n    kwargs = dict()\n    dtfmt, tmfmt = '%Y-%m-%d', 'T%H:%M:%S'\n    for a, d in ((getattr(args, x), x) for x in ['fromdate', 'todate']):\n        if a:\n            kwargs[d] = datetime.datetime.strptime(a, dtfmt)\n    data0 = bt.feeds.BacktraderCSVData(dataname=args.data0, **kwargs)\n    cerebro.adddata(data0)\n    cerebro.broker = bt.brokers.BackBroker(**eval('dict(' + args.broker + ')'))\n    cerebro.addsizer(bt.sizers.FixedSize, **eval('dict(' + args.sizer + ')'))\n    cerebro.addstrategy(MyStrategy, **eval('dict(' + args.strat + ')'))\n    cerebro.run(**eval('dict(' + args.cerebro + ')'))\n    if args.plot:\n        cerebro.plot(**eval('dict(' + args.plot + ')'))\ndef parse_args(pargs=None):\n    parser = argparse.ArgumentParser()\n    parser.add_argument('--data0', default='../../datas/2005.txt')\n    parser.add_argument('--fromdate', default='')\n    parser.add_argument('--todate', default='')\n    for name, default in (('cerebro', ''), ('broker', ''), ('sizer', 'stake=3'), ('strat', 'slow=16')):\n        parser.add_argument('--' + name, default=default)\n    parser.add_argument('--plot', nargs='?', const='{{}}', default='')\n    return parser.parse_args(pargs)\nif __name__ == '__main__':\n    runstrat()\n",
    "modpath": "import os.path, sys\nimport datetime\n{s}\nmodpath = os.path.dirname(os.path.abspath(sys.argv[0]))\ndatapath = os.path.join(modpath, '../../datas/orcl-1995-2014.txt')\ncerebro = bt.Cerebro()\ncerebro.addstrategy(MyStrategy)\ncerebro.adddata(bt.feeds.YahooFinanceCSVData(dataname=datapath, fromdate=datetime.datetime(2000, 1, 1)))\ncerebro.broker.setcommission(commission=0.001)\ncerebro.run()\n",
    "pathlib": "from pathlib import Path\nROOT = Path(__file__).resolve().parent\nDATA = ROOT / 'data' / 'x.csv'\nOUT = ROOT / 'out'\nOUT.mkdir(exist_ok=True)\n{s}\ndef main():\n    cerebro = bt.Cerebro()\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname=str(DATA)))\n    cerebro.addstrategy(MyStrategy)\n    cerebro.run()\nmain()\n",
    "yfinance": "import yfinance as yf\nimport matplotlib.pyplot as plt\nimport pandas as pd\nplt.style.use('ggplot')\n{s}\ndf = yf.download('AAPL', start='2020-01-01', end='2023-01-01', auto_adjust=True)\ndf.columns = [c for c in df.columns]\ncerebro = bt.Cerebro()\ncerebro.addstrategy(MyStrategy, fast=11)\ncerebro.adddata(bt.feeds.PandasData(dataname=df))\ncerebro.run()\nfig = cerebro.plot()\nplt.show()\n",
    "yfinance in a function": "import yfinance as yf\nfrom datetime import datetime\n{s}\ndef get_data(symbol, start='2015-01-01', end=None):\n    frame = yf.download(symbol, start, end)\n    return bt.feeds.PandasData(dataname=frame)\ndef run_backtest(strategy, symbol, **kwargs):\n    cerebro = bt.Cerebro()\n    cerebro.addstrategy(strategy, **kwargs)\n    cerebro.adddata(get_data(symbol))\n    cerebro.addanalyzer(bt.analyzers.SharpeRatio, _name='sharpe')\n    result = cerebro.run()\n    return result[0]\nif __name__ == '__main__':\n    run_backtest(MyStrategy, 'SPY', fast=4, slow=18)\n",
    "fixed sizer": "{s}\ncerebro = bt.Cerebro()\ncerebro.addstrategy(MyStrategy)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.addsizer(bt.sizers.FixedSize, stake=10)\ncerebro.run()\n",
    "percent sizer": "{s}\ndef main():\n    cerebro = bt.Cerebro(stdstats=False)\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.addsizer(bt.sizers.PercentSizer, percents=50)\n    cerebro.addstrategy(MyStrategy)\n    cerebro.run()\nif __name__ == '__main__': main()\n",
    "own sizer": "class HalfCash(bt.Sizer):\n    params = (('share', 0.5),)\n    def _getsizing(self, comminfo, cash, data, isbuy):\n        if not isbuy: return self.broker.getposition(data).size\n        return int(cash * self.p.share / data.close[0])\n{s}\ncerebro = bt.Cerebro()\ncerebro.addstrategy(MyStrategy)\ncerebro.addsizer(HalfCash, share=0.25)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
    "analyzers": "import backtrader.analyzers as btanalyzers\n{s}\nif __name__ == '__main__':\n    cerebro = bt.Cerebro()\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.addstrategy(MyStrategy)\n    cerebro.addanalyzer(btanalyzers.SharpeRatio, _name='mysharpe')\n    cerebro.addanalyzer(btanalyzers.DrawDown, _name='dd')\n    cerebro.addobserver(bt.observers.DrawDown)\n    thestrats = cerebro.run()\n    thestrat = thestrats[0]\n    print('Sharpe Ratio:', thestrat.analyzers.mysharpe.get_analysis())\n",
    "optstrategy": "{s}\nif __name__ == '__main__':\n    cerebro = bt.Cerebro()\n    strats = cerebro.optstrategy(MyStrategy, slow=range(12, 14))\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.addsizer(bt.sizers.FixedSize, stake=10)\n    cerebro.run(maxcpus=1)\n",
    "several classes, the first added": "{s}\nclass Other(bt.Strategy):\n    def next(self):\n        if len(self) == 5: self.buy(size=50)\ncerebro = bt.Cerebro()\ncerebro.addstrategy(MyStrategy)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
    "several classes in a table": "{s}\nclass Other(bt.Strategy):\n    def next(self):\n        if len(self) == 5: self.buy(size=50)\nSTRATEGIES = {{'mine': MyStrategy, 'other': Other}}\ndef run(name='mine'):\n    cerebro = bt.Cerebro()\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.addstrategy(STRATEGIES[name])\n    cerebro.run()\nif __name__ == '__main__':\n    run('mine')\n",
    "a loop over classes": "{s}\nclass Other(bt.Strategy):\n    def next(self):\n        if len(self) == 5: self.buy(size=50)\nfor strategy in (MyStrategy, Other):\n    cerebro = bt.Cerebro()\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.addstrategy(strategy)\n    cerebro.run()\n",
    "an engine of its own": "class Backtester:\n    def __init__(self, strategy, cash=10000):\n        self.cerebro = bt.Cerebro()\n        self.cerebro.addstrategy(strategy)\n        self.cerebro.broker.setcash(cash)\n    def run(self):\n        self.cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n        return self.cerebro.run()\n{s}\nif __name__ == '__main__':\n    Backtester(MyStrategy).run()\n",
    "logging to a file": "import logging, os\nos.makedirs('logs', exist_ok=True)\nlogging.basicConfig(filename='logs/x.log', level=logging.INFO)\nlogger = logging.getLogger(__name__)\nlogger.addHandler(logging.FileHandler('y.log'))\n{s}\nclass Logged(MyStrategy):\n    def notify_trade(self, trade):\n        if trade.isclosed: logger.info('pnl %s', trade.pnl)\ncerebro = bt.Cerebro()\ncerebro.addstrategy(Logged)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
    "trades to a file": "import csv\nimport pandas as pd\n{s}\nclass Writer(MyStrategy):\n    def start(self): self.rows = []\n    def notify_trade(self, trade):\n        if trade.isclosed: self.rows.append([trade.ref, trade.pnl])\n    def stop(self):\n        with open('trades.csv', 'w', newline='') as f:\n            w = csv.writer(f); w.writerow(['ref', 'pnl']); w.writerows(self.rows)\n        pd.DataFrame(self.rows, columns=['ref', 'pnl']).to_csv('again.csv', index=False)\nif __name__ == '__main__':\n    cerebro = bt.Cerebro()\n    cerebro.addstrategy(Writer)\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.run()\n",
    "colors and bars of progress": "from colorama import Fore, Style, init\nfrom tqdm import tqdm\ninit(autoreset=True)\n{s}\nclass Colored(MyStrategy):\n    def notify_trade(self, trade):\n        if trade.isclosed: print(f'{{Fore.GREEN}}{{trade.pnl:.2f}}{{Style.RESET_ALL}}')\ncerebro = bt.Cerebro()\ncerebro.addstrategy(Colored)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
    "a chart in stop()": "import matplotlib.pyplot as plt\n{s}\nclass Charted(MyStrategy):\n    def __init__(self):\n        super().__init__()\n        self.values = []\n    def next(self):\n        super().next()\n        self.values.append(self.broker.getvalue())\n    def stop(self):\n        fig, ax = plt.subplots(figsize=(10, 5))\n        ax.plot(self.values)\n        plt.savefig('equity.png')\nif __name__ == '__main__':\n    cerebro = bt.Cerebro()\n    cerebro.addstrategy(Charted)\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.run()\n",
    "class inside main": "def main():\n{indented}\n    cerebro = bt.Cerebro()\n    cerebro.addstrategy(MyStrategy)\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.run()\nif __name__ == '__main__':\n    main()\n",
    "class inside the main block": "if __name__ == '__main__':\n{indented}\n    cerebro = bt.Cerebro()\n    cerebro.addstrategy(MyStrategy, slow=15)\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.run()\n",
    "alias of the base": "Base = bt.Strategy\n{s}\n".replace("{s}", "{aliased}"),
    "mixin": "class Counting:\n    bars = 0\n    def prenext(self): self.bars += 1\n{s}\nclass Both(Counting, MyStrategy):\n    pass\ncerebro = bt.Cerebro()\ncerebro.addstrategy(Both)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
    "factory": "{s}\ndef make(slow):\n    class Made(MyStrategy):\n        params = dict(slow=slow)\n    return Made\nChosen = make(13)\ncerebro = bt.Cerebro()\ncerebro.addstrategy(Chosen)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
    "made by type()": "{s}\nChosen = type('Chosen', (MyStrategy,), {{'params': (('slow', 13),)}})\ncerebro = bt.Cerebro()\ncerebro.addstrategy(Chosen)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
    "unused absent imports": "import talib\nimport quantstats as qs\nimport pyfolio as pf\nfrom backtrader.observers.mine import Extra\nfrom backtrader_plotting import Bokeh\nfrom pandas_datareader import data as pdr\n{s}\nif __name__ == '__main__':\n    cerebro = bt.Cerebro()\n    cerebro.addobserver(Extra)\n    cerebro.addstrategy(MyStrategy)\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.run()\n    cerebro.plot(Bokeh())\n",
    "a settings object": "from dataclasses import dataclass\n@dataclass\nclass Settings:\n    fast: int = 7\n    slow: int = 22\n    cash: float = 25_000.0\nSETTINGS = Settings()\n{s}\ndef run(settings: Settings) -> None:\n    cerebro = bt.Cerebro()\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.addstrategy(MyStrategy, fast=settings.fast, slow=settings.slow)\n    cerebro.broker.set_cash(settings.cash)\n    cerebro.run()\nif __name__ == '__main__':\n    run(SETTINGS)\n",
    "settings in the main block": "{s}\nclass Global(MyStrategy):\n    def next(self):\n        if len(self) > DELAY: super().next()\nif __name__ == '__main__':\n    DELAY = 40\n    cerebro = bt.Cerebro()\n    cerebro.addstrategy(Global)\n    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\n    cerebro.run()\n",
    "a table in memory": "import io\nimport pandas as pd\nLEVELS = pd.read_csv(io.StringIO('name,value\\nslow,18\\n'), index_col=0)['value']\n{s}\nclass Tabled(MyStrategy):\n    params = dict(slow=int(LEVELS['slow']))\n    def stop(self): print(pd.DataFrame({{'a': [1, 2]}}).describe().to_string())\ncerebro = bt.Cerebro()\ncerebro.addstrategy(Tabled)\ncerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))\ncerebro.run()\n",
}
OWN = {
    "signals": """
import backtrader as bt
class MySignal(bt.Indicator):
    lines = ('signal',)
    params = (('period', 20),)
    def __init__(self): self.lines.signal = self.data - bt.indicators.SMA(period=self.p.period)
cerebro = bt.Cerebro()
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.add_signal(bt.SIGNAL_LONGSHORT, MySignal, period=15)
cerebro.run()
""",
    "two signals": """
import backtrader as bt
from collections import OrderedDict
MAINSIGNALS = OrderedDict((('longshort', bt.SIGNAL_LONGSHORT), ('longonly', bt.SIGNAL_LONG)))
class Above(bt.Indicator):
    lines = ('signal',)
    params = dict(period=30)
    def __init__(self): self.lines.signal = self.data - bt.indicators.SMA(period=self.p.period)
class Exit(bt.Indicator):
    lines = ('signal',)
    params = dict(p1=5, p2=30)
    def __init__(self): self.lines.signal = bt.indicators.SMA(period=self.p.p1) - bt.indicators.SMA(period=self.p.p2)
def runstrat():
    cerebro = bt.Cerebro()
    cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
    cerebro.add_signal(MAINSIGNALS['longonly'], Above, period=30)
    cerebro.add_signal(bt.SIGNAL_LONGEXIT, Exit, p1=5, p2=20)
    cerebro.run()
if __name__ == '__main__':
    runstrat()
""",
    "a strategy of the library": "import backtrader as bt\nclass S(bt.strategies.MA_CrossOver):\n    params = dict(fast=5, slow=25)\n",
    "the library's own class": """
import backtrader as bt
cerebro = bt.Cerebro()
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
cerebro.addstrategy(bt.strategies.MA_CrossOver, fast=4, slow=20)
cerebro.run()
""",
    "a signal strategy": """
import backtrader as bt
class SmaCross(bt.SignalStrategy):
    def __init__(self):
        sma1, sma2 = bt.ind.SMA(period=10), bt.ind.SMA(period=30)
        self.signal_add(bt.SIGNAL_LONG, bt.ind.CrossOver(sma1, sma2))
cerebro = bt.Cerebro()
cerebro.addstrategy(SmaCross)
cerebro.adddata(bt.feeds.YahooFinanceData(dataname='MSFT'))
cerebro.run()
cerebro.plot()
""",
    "an indicator of its own": """
import backtrader as bt
class Trend(bt.Indicator):
    lines = ('up',)
    params = dict(n=10)
    def __init__(self): self.addminperiod(self.p.n + 1)
    def next(self): self.lines.up[0] = self.data.close[0] - self.data.close[-self.p.n]
class S(bt.Strategy):
    def __init__(self): self.t = Trend(n=12)
    def next(self):
        if self.t.up[0] > 0 and not self.position: self.order_target_percent(target=0.8)
        elif self.t.up[0] < 0 and self.position: self.order_target_size(target=0)
if __name__ == '__main__':
    c = bt.Cerebro(); c.addstrategy(S); c.adddata(bt.feeds.GenericCSVData(dataname='x.csv')); c.run()
""",
    "orders under other names": """
import backtrader as bt
class S(bt.Strategy):
    def __init__(self):
        self.go, self.out = self.buy, self.close
        self.m = bt.ind.EMA(period=12)
    def next(self):
        if not self.position and self.data.close > self.m: self.go(size=3)
        elif self.position and self.data.close < self.m: self.out()
""",
    "a strategy of half a notebook": """
# %% [markdown]
# # Momentum
# %%
import numpy as np
import backtrader as bt
np.random.seed(3)
# %%
class S(bt.Strategy):
    params = dict(n=20)
    def next(self):
        if len(self) <= self.p.n: return
        window = np.array(self.data.close.get(size=self.p.n))
        if window[-1] > window.mean() + 0.5 * window.std() and not self.position: self.buy(size=5)
        elif window[-1] < window.mean() and self.position: self.close()
# %%
cerebro = bt.Cerebro()
cerebro.addstrategy(S, n=15)
cerebro.adddata(bt.feeds.GenericCSVData(dataname='x.csv'))
results = cerebro.run()
results[0].broker.getvalue()
""",
    "random numbers": """
import random
import backtrader as bt
random.seed(11)
class S(bt.Strategy):
    def next(self):
        if random.random() < 0.1: self.buy() if not self.position else self.close()
""",
    "a way out that is never taken": """
import sys
import backtrader as bt
class S(bt.Strategy):
    def __init__(self): self.m = bt.ind.SMA(period=9)
    def next(self):
        if self.broker.getvalue() < 0: sys.exit('ruined')
        if not self.position and self.data.close[0] > self.m[0]: self.buy()
        elif self.position and self.data.close[0] < self.m[0]: self.close()
""",
    "lines of its own": """
import backtrader as bt
class S(bt.Strategy):
    lines = ('gap',)
    def __init__(self): self.lines.gap = self.data.close - bt.ind.SMA(period=20)
    def next(self):
        if self.lines.gap[0] > 0 and not self.position: self.buy()
        elif self.lines.gap[0] < 0 and self.position: self.close()
c = bt.Cerebro(runonce=False)
c.addstrategy(S); c.adddata(bt.feeds.GenericCSVData(dataname='x.csv')); c.run(runonce=False)
""",
}


def whole_scripts() -> dict[str, str]:
    """Every script by the name of its shape."""
    scripts = {}
    for shape, text in SHAPES.items():
        for style, strategy in STRATEGIES.items():
            indented = "\n".join(f"    {line}" if line else "" for line in strategy.split("\n"))
            parts = {"s": strategy, "indented": indented, "aliased": strategy.replace("bt.Strategy", "Base")}
            body = text.format(**parts)
            scripts[f"{shape}: {style}"] = body if "import backtrader as bt\n" in body else _HEAD + body
    return scripts | OWN
