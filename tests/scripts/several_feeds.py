"""Whole scripts with several feeds, in the shapes in which people paste them: pairs, filters by an index, baskets, rotation."""

HEAD = "import backtrader as bt\n"
TWO = """
cerebro = bt.Cerebro()
data0 = bt.feeds.YahooFinanceCSVData(dataname='a.csv')
data1 = bt.feeds.YahooFinanceCSVData(dataname='b.csv')
cerebro.adddata(data0)
cerebro.adddata(data1)
cerebro.addstrategy(S)
cerebro.run()
"""
SEVERAL_FEEDS = {
    "spread and z-score": HEAD
    + """
class S(bt.Strategy):
    params = dict(period=20, upper=1.2, lower=-1.2)
    def __init__(self):
        self.spread = self.data0.close - self.data1.close
        self.z = (self.spread - bt.ind.SMA(self.spread, period=self.p.period)) / bt.ind.StdDev(self.spread, period=self.p.period)
        self.status = 0
    def next(self):
        if self.z[0] > self.p.upper and self.status != 1:
            self.order_target_size(self.data0, -10); self.order_target_size(self.data1, 10); self.status = 1
        elif self.z[0] < self.p.lower and self.status != 2:
            self.order_target_size(self.data0, 10); self.order_target_size(self.data1, -10); self.status = 2
        elif abs(self.z[0]) < 0.2 and self.status:
            for d in self.datas: self.close(d)
            self.status = 0
"""
    + TWO,
    "ratio with numpy": "import numpy as np\n"
    + HEAD
    + """
class S(bt.Strategy):
    params = (('window', 15),)
    def next(self):
        if len(self) < self.p.window: return
        a = np.array(self.data0.close.get(size=self.p.window)); b = np.array(self.data1.close.get(size=self.p.window))
        slope, intercept = np.polyfit(b, a, 1)
        error = a[-1] - (slope * b[-1] + intercept)
        if error > 1 and not self.getposition(self.data0).size:
            self.sell(data=self.data0, size=5); self.buy(data=self.data1, size=5)
        elif error < -1 and self.getposition(self.data0).size < 0:
            self.close(data=self.data0); self.close(data=self.data1)
"""
    + TWO,
    "filter by an index": HEAD
    + """
class S(bt.Strategy):
    def __init__(self):
        self.index = self.getdatabyname('SPY')
        self.bull = self.index.close > bt.ind.SMA(self.index, period=25)
        self.cross = bt.ind.CrossOver(bt.ind.EMA(self.data, period=5), bt.ind.EMA(self.data, period=12))
    def next(self):
        if not self.position and self.cross > 0 and self.bull[0]: self.buy()
        elif self.position and (self.cross < 0 or not self.bull[0]): self.close()
if __name__ == '__main__':
    cerebro = bt.Cerebro()
    cerebro.adddata(bt.feeds.PandasData(dataname='x'), name='AAPL')
    cerebro.adddata(bt.feeds.PandasData(dataname='y'), name='SPY')
    cerebro.addstrategy(S)
    cerebro.run()
""",
    "momentum rotation": HEAD
    + """
class S(bt.Strategy):
    params = dict(period=10, hold=1)
    def __init__(self):
        self.momentum = {d: bt.ind.ROC(d.close, period=self.p.period) for d in self.datas}
    def next(self):
        if len(self) % 5: return
        ranked = sorted(self.datas, key=lambda d: self.momentum[d][0], reverse=True)
        for d in ranked[self.p.hold:]:
            if self.getposition(d).size: self.order_target_percent(d, target=0.0)
        for d in ranked[:self.p.hold]:
            self.order_target_percent(d, target=0.6)
cerebro = bt.Cerebro()
for name in ['AAA', 'BBB', 'CCC']:
    cerebro.adddata(bt.feeds.GenericCSVData(dataname=name + '.csv'), name=name)
cerebro.addstrategy(S)
cerebro.run()
""",
    "a dictionary of indicators per feed": HEAD
    + """
class S(bt.Strategy):
    def __init__(self):
        self.inds = dict()
        for i, d in enumerate(self.datas):
            self.inds[d] = dict()
            self.inds[d]['sma1'] = bt.indicators.SimpleMovingAverage(d.close, period=5)
            self.inds[d]['sma2'] = bt.indicators.SimpleMovingAverage(d.close, period=15)
            self.inds[d]['cross'] = bt.indicators.CrossOver(self.inds[d]['sma1'], self.inds[d]['sma2'])
    def next(self):
        for i, d in enumerate(self.datas):
            dt, dn = self.datetime.date(), d._name
            pos = self.getposition(d).size
            if not pos:
                if self.inds[d]['cross'][0] == 1: self.buy(data=d, size=20)
                elif self.inds[d]['cross'][0] == -1: self.sell(data=d, size=20)
            elif self.inds[d]['cross'][0] == 1:
                self.close(data=d); self.buy(data=d, size=20)
            elif self.inds[d]['cross'][0] == -1:
                self.close(data=d); self.sell(data=d, size=20)
    def notify_trade(self, trade):
        if trade.isclosed: print('{} {} Closed: PnL {}'.format(self.datetime.date(), trade.data._name, round(trade.pnl, 2)))
datalist = [('a.csv', 'AAA'), ('b.csv', 'BBB')]
cerebro = bt.Cerebro()
for i in range(len(datalist)):
    data = bt.feeds.GenericCSVData(dataname=datalist[i][0])
    cerebro.adddata(data, name=datalist[i][1])
cerebro.addstrategy(S)
cerebro.run()
""",
    "brackets on both": HEAD
    + """
class S(bt.Strategy):
    def next(self):
        if len(self) % 12: return
        for d in self.datas:
            if not self.getposition(d).size:
                p = d.close[0]
                self.buy_bracket(data=d, size=3, exectype=bt.Order.Market, stopprice=p * 0.98, limitprice=p * 1.02)
"""
    + TWO,
    "orders by name": HEAD
    + """
class S(bt.Strategy):
    def next(self):
        if len(self) == 20: self.buy(data='KO', size=7); self.sell(data='PEP', size=6)
        if len(self) == 60: self.close(data='KO'); self.close(data='PEP')
        if len(self) == 80: self.order_target_value(data=self.dnames.KO, target=5000)
cerebro = bt.Cerebro()
cerebro.adddata(bt.feeds.GenericCSVData(dataname='1.csv'), 'KO')
cerebro.adddata(bt.feeds.GenericCSVData(dataname='2.csv'), 'PEP')
cerebro.addstrategy(S)
cerebro.run()
""",
    "short names of lines": HEAD
    + """
class S(bt.Strategy):
    def __init__(self):
        self.fast, self.slow = bt.ind.SMA(self.data1, period=4), bt.ind.SMA(self.data1.close, period=11)
        self.both = bt.And(self.data0.close > self.data0.open, self.data1_close > self.data1_open)
    def next(self):
        if self.both[0] and self.fast > self.slow and not self.position: self.buy(size=4)
        elif self.fast < self.slow and self.position: self.close()
"""
    + TWO,
    "stops and limits with dates": "import datetime\n"
    + HEAD
    + """
class S(bt.Strategy):
    def next(self):
        for k, d in enumerate(self.datas):
            if len(self) % 9 == k:
                self.buy(data=d, size=2, exectype=bt.Order.Limit, price=d.close[0] * 0.99, valid=datetime.timedelta(days=4))
                self.sell(data=d, size=2, exectype=bt.Order.StopTrail, trailpercent=0.02)
"""
    + TWO,
    "one cancels the other across feeds": HEAD
    + """
class S(bt.Strategy):
    def next(self):
        if len(self) % 15 == 1:
            one = self.buy(data=self.data0, exectype=bt.Order.Limit, price=self.data0.close[0] * 0.99)
            self.buy(data=self.data1, exectype=bt.Order.Limit, price=self.data1.close[0] * 0.99, oco=one)
"""
    + TWO,
    "a sizer for both": HEAD
    + """
class Half(bt.Sizer):
    params = dict(share=0.3)
    def _getsizing(self, comminfo, cash, data, isbuy):
        position = self.broker.getposition(data)
        return int(cash * self.p.share / data.close[0]) if isbuy else position.size
class S(bt.Strategy):
    def next(self):
        for k, d in enumerate(self.datas):
            if len(self) % 30 == 3 + k and not self.getposition(d).size: self.buy(data=d)
            if len(self) % 30 == 20 + k and self.getposition(d).size: self.sell(data=d)
"""
    + TWO.replace("cerebro.run()", "cerebro.addsizer(Half, share=0.25)\ncerebro.run()"),
    "longer bars of the second feed": HEAD
    + """
class S(bt.Strategy):
    def __init__(self):
        self.weekly = bt.ind.SMA(self.data2, period=3)
    def next(self):
        if not self.position and self.data1.close[0] > self.weekly[0]: self.buy(size=3)
        elif self.position and self.data1.close[0] < self.weekly[0]: self.close()
cerebro = bt.Cerebro()
a, b = bt.feeds.GenericCSVData(dataname='a.csv'), bt.feeds.GenericCSVData(dataname='b.csv')
cerebro.adddata(a)
cerebro.adddata(b)
cerebro.resampledata(b, timeframe=bt.TimeFrame.Weeks)
cerebro.addstrategy(S)
cerebro.run()
""",
    "argparse with two files": "import argparse\n"
    + HEAD
    + """
class S(bt.Strategy):
    params = dict(period=10, stake=10)
    def __init__(self):
        self.signal = bt.ind.CrossOver(self.data1.close, bt.ind.SMA(self.data1, period=self.p.period))
    def next(self):
        if self.signal > 0: self.buy(data=self.data0, size=self.p.stake)
        elif self.signal < 0: self.close(data=self.data0)
def runstrategy():
    args = parse_args()
    cerebro = bt.Cerebro()
    data0 = bt.feeds.YahooFinanceCSVData(dataname=args.data0)
    cerebro.adddata(data0)
    data1 = bt.feeds.YahooFinanceCSVData(dataname=args.data1)
    cerebro.adddata(data1)
    cerebro.addstrategy(S, period=args.period, stake=args.stake)
    cerebro.broker.setcash(args.cash)
    cerebro.run(runonce=not args.runnext, preload=not args.nopreload, oldsync=args.oldsync)
    if args.plot: cerebro.plot(numfigs=args.numfigs, volume=False, zdown=False)
def parse_args():
    parser = argparse.ArgumentParser(description='MultiData Strategy')
    parser.add_argument('--data0', '-d0', default='../../datas/yhoo-1996-2015.txt')
    parser.add_argument('--data1', '-d1', default='../../datas/orcl-1995-2014.txt')
    parser.add_argument('--period', default=15, type=int)
    parser.add_argument('--cash', default=100000, type=int)
    parser.add_argument('--runnext', action='store_true')
    parser.add_argument('--nopreload', action='store_true')
    parser.add_argument('--oldsync', action='store_true')
    parser.add_argument('--stake', default=10, type=int)
    parser.add_argument('--plot', '-p', action='store_true')
    parser.add_argument('--numfigs', '-n', default=1)
    return parser.parse_args()
if __name__ == '__main__':
    runstrategy()
""",
    "rebalance by timer in the strategy": "import datetime\n"
    + HEAD
    + """
class S(bt.Strategy):
    params = dict(rebalance=(1,))
    def __init__(self):
        self.add_timer(bt.timer.SESSION_START, weekdays=[3], weekcarry=True)
    def notify_timer(self, timer, when, *args, **kwargs):
        for d in self.datas:
            self.order_target_percent(d, target=0.3)
    def next(self): pass
"""
    + TWO,
    "an own indicator over two feeds": HEAD
    + """
class Gap(bt.Indicator):
    lines = ('gap', 'mean')
    params = dict(period=8)
    def __init__(self):
        self.l.gap = self.data0.close / self.data1.close
        self.l.mean = bt.ind.SMA(self.l.gap, period=self.p.period)
class Corr(bt.Indicator):
    lines = ('corr',)
    params = dict(period=10)
    def __init__(self): self.addminperiod(self.p.period)
    def next(self):
        a, b = self.data0.get(size=self.p.period), self.data1.get(size=self.p.period)
        ma, mb = sum(a) / len(a), sum(b) / len(b)
        self.l.corr[0] = sum((x - ma) * (y - mb) for x, y in zip(a, b))
class S(bt.Strategy):
    def __init__(self):
        self.gap, self.corr = Gap(self.data0, self.data1), Corr(self.data0, self.data1)
    def next(self):
        if self.gap.gap[0] < self.gap.mean[0] and self.corr[0] > 0 and not self.position: self.buy(size=5)
        elif self.gap.gap[0] > self.gap.mean[0]: self.close()
"""
    + TWO,
}
