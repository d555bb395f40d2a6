"""Random strategies that write down all that they see: indicators, account, position, and every word about orders and trades."""

import random

_HEAD = """
import datetime
import random
import backtrader as bt

I = bt.ind
LOG = []


class Random(bt.Strategy):
    def __init__(self):
        d = self.data
        self.inds = [{indicators}]
        self.rn = random.Random({seed})
        self.pending = []
        self.base = None
{setup}

    def notify_order(self, o):
        self.base = o.ref if self.base is None else self.base
        LOG.append((o.ref - self.base, o.status, o.getstatusname(), o.isbuy(), o.size, o.exectype, o.executed.dt, o.executed.size,
                    o.executed.price, o.executed.comm, o.executed.pnl, o.executed.value, o.executed.remsize, o.created.dt, o.created.price,
                    o.created.pricelimit, o.created.pclose, o.valid, o.dteos, o.triggered, o.alive(), o.tradeid, dict(o.info)))
        if not o.alive():
            self.pending = [x for x in self.pending if x.ref != o.ref]

    def notify_trade(self, t):
        LOG.append(("trade", t.isclosed, t.pnl, t.pnlcomm, t.size, t.price, t.value, t.barlen, t.baropen, t.barclose,
                    t.commission, t.dtopen))
{more}

    def next(self):
        d, rn = self.data, self.rn
        for ind in self.inds:
            LOG.append([line[0] for line in ind.lines] + [ind.lines[0][-1] if len(self) > 1 else None])
        p = self.position
        LOG.append((len(self), len(d), p.size, p.price, len(self.pending), d.datetime.datetime(0)))
        if rn.random() < 0.2:
            broker = self.broker
            LOG.append((broker.getvalue(), broker.getcash(), broker.getvalue([d]), broker.get_leverage(), self.stats_of()))
        c, k = d.close[0], rn.random()
        keep = self.pending.append
        if k < 0.06:
            keep(self.buy({size}))
        elif k < 0.10:
            keep(self.sell({size}))
        elif k < 0.13:
            kind, price = rn.choice([(bt.Order.Market, None), (bt.Order.Limit, c * 0.995), (bt.Order.Stop, c * 1.005)])
            legs = rn.choice([self.buy_bracket, self.sell_bracket])
            sign = 1 if legs == self.buy_bracket else -1
            self.pending += [o for o in legs(size=5, exectype=kind, price=price, stopprice=c * (1 - sign * 0.02),
                                             limitprice=c * (1 + sign * 0.02)) if o]
        elif k < 0.16:
            keep(self.buy(size=3, exectype=bt.Order.Stop, price=c * 1.01, valid=d.datetime.datetime(0) + datetime.timedelta(days=3)))
        elif k < 0.19:
            keep(self.sell(size=3, exectype=bt.Order.StopTrail, trailpercent=0.02))
        elif k < 0.21:
            keep(self.buy(size=2, exectype=bt.Order.StopTrail, trailamount=c * 0.03, note="trail"))
        elif k < 0.23:
            keep(self.buy(size=3, exectype=bt.Order.StopLimit, price=c * 1.01, plimit=c * 1.012, valid=datetime.timedelta(days=2)))
        elif k < 0.25:
            keep(self.order_target_percent(target=rn.choice([0, 0.3, 0.8, -0.2])) or self.buy(size=1))
        elif k < 0.28 and self.position:
            keep(self.close())
        elif k < 0.31 and self.pending:
            self.cancel(rn.choice(self.pending))
        elif k < 0.34:
            first = self.sell(size=2, exectype=bt.Order.Limit, price=c * 1.02, tradeid=1)
            self.pending += [first, self.sell(size=2, exectype=bt.Order.Stop, price=c * 0.97, oco=first)]
        elif k < 0.36:
            keep(self.buy(size=2, exectype=bt.Order.Close))
        elif k < 0.38:
            keep(self.sell(size=2, exectype=bt.Order.StopTrailLimit, trailamount=c * 0.02, plimit=c * 0.985, price=c * 0.98))
        elif k < 0.40:
            keep(self.buy(size=1, exectype=bt.Order.Limit, price=c * rn.choice([0.9, 0.97, 1.02]), valid=datetime.timedelta(0)))
        elif k < 0.42:
            keep(self.sell(size=1, exectype=bt.Order.StopLimit, price=c * 0.98, plimit=c * 0.985))
        elif k < 0.45:
            keep(self.buy(size=2, exectype=bt.Order.Limit, price=c * rn.choice([0.995, 1.0, 1.01]), on_open=True))
        elif k < 0.47:
            first = self.sell(size=2, exectype=bt.Order.Limit, price=c * rn.choice([0.99, 1.0, 1.005]), on_open=True)
            self.pending += [first, self.sell(size=2, exectype=bt.Order.Stop, price=c * 0.97, oco=first)]
        elif k < 0.48:
            self.pending += [o for o in self.buy_bracket(size=4, exectype=bt.Order.Limit, price=c * rn.choice([0.995, 1.01]),
                                                         oargs={{"on_open": True}}, stopprice=c * 0.98, limitprice=c * 1.02) if o]

    def stats_of(self):
        return {stats}
"""
_INDICATORS = (
    "I.SMA(d, period={n})",
    "I.EMA(d, period={n})",
    "I.RSI_Safe(d, period={n})",
    "I.BollingerBands(d, period={n})",
    "I.ATR(d, period={n})",
    "I.MACD(d)",
    "I.MACDHisto(d)",
    "I.Stochastic(d, safediv=True)",
    "I.ADX(d)",
    "I.CCI(d)",
    "I.WilliamsR(d)",
    "I.DEMA(d, period=10)",
    "I.TEMA(d, period=9)",
    "I.HMA(d, period=16)",
    "I.WMA(d, period={n})",
    "I.KAMA(d)",
    "I.Highest(d.high, period={n})",
    "I.Momentum(d)",
    "I.Lowest(d.low, period={n})",
    "I.ROC(d)",
    "I.StdDev(d, period={n})",
    "I.ParabolicSAR(d)",
    "I.AroonUpDown(d)",
    "I.TRIX(d)",
    "I.CrossOver(I.SMA(d, period=5), I.EMA(d, period=21))",
    "I.CrossUp(d.close, I.SMA(d, period=9))",
    "I.UltimateOscillator(d)",
    "I.SMA((d.close - I.SMA(d, period=8)) / (I.StdDev(d, period=8) + 1e-9), period=2)",
    "I.SMA(I.RSI_Safe(d, period=5), period=4)",
    "I.SMA(bt.And(d.close > I.SMA(d, period=7), d.close(-1) < d.open), period=2)",
    "I.SMA(d.volume, period=20)",
    "I.PercentRank(d, period={n})",
    "I.SMA(bt.If(d.close > d.open, I.SMA(d, period=3), d.low), period=2)",
    "I.SumN(d.close - d.open, period={n})",
    "I.ZeroLagIndicator(d)",
    "I.EMA(bt.Max(d.close, d.open(-1), 100.0), period={n})",
    "I.SMA(abs(d.close - d.open) ** 2, period={n})",
    "I.PrettyGoodOscillator(d)",
    "I.EMA(-(d.high - d.low) * 0.5 + 2, period=3)",
    "I.Accum(d.close - d.open)",
    "I.SMA(bt.Or(d.close < d.open, d.close > 100.0), period=3)",
    "I.DPO(d)",
    "I.Vortex(d)",
    "I.Envelope(d, period={n})",
    "I.SmoothedMovingAverage(d, period={n})",
    "I.DirectionalMovement(d, period=9)",
    "I.HeikinAshi(d)",
    "I.AwesomeOscillator(d)",
    "I.FindLastIndexHighest(d.high, period={n})",
    "I.LaguerreRSI(d)",
    "I.EMA(bt.DivByZero(d.close - d.low, d.high - d.low, zero=0.5), period=2)",
    "I.SMA(bt.Min(d.close, d.open), period=3)",
    "I.AllN(d, period=3)",
)
_MORE = {
    "cash": '    def notify_cashvalue(self, cash, value):\n        LOG.append(("cash", cash, value))\n',
    "fund": '    def notify_fund(self, cash, value, fundvalue, shares):\n        LOG.append(("fund", cash, value, fundvalue, shares))\n',
    "prenext": '    def prenext(self):\n        LOG.append(("prenext", len(self)))\n'
    "        if len(self) == 3:\n            self.buy(size=1)\n",
    "nextstart": '    def nextstart(self):\n        LOG.append(("nextstart", len(self)))\n        self.buy(size=2)\n        self.next()\n',
    "timer": "    def notify_timer(self, timer, when, *args, **kwargs):\n"
    '        LOG.append(("timer", when, len(self)))\n'
    "        if len(self) and self.rn.random() < 0.2:\n            self.buy(size=1)\n",
}
_SETUP = {
    "analyzer": "        self._addanalyzer(bt.analyzers.TradeAnalyzer)\n        self._addanalyzer(bt.analyzers.DrawDown)\n",
    "timer": "        self.add_timer(when=datetime.time(9, 30), weekdays=[1, 3])\n",
    "sizer": "        self._addsizer(bt.sizers.PercentSizer, percents=20)\n",
}


def make_strategy(seed: int) -> str:
    """The code of the random strategy of that number."""
    draw = random.Random(seed)
    indicators = [draw.choice(_INDICATORS).format(n=draw.randint(2, 40)) for _ in range(draw.randint(1, 6))]
    extras = {name for name in (*_MORE, *_SETUP) if draw.random() < 0.12}
    stats = "self.stats.broker.value[0]" if draw.random() < 0.1 else "None"
    return _HEAD.format(
        indicators=", ".join(indicators),
        seed=seed,
        setup="".join(_SETUP[name] for name in sorted(extras) if name in _SETUP),
        more="\n".join(_MORE[name] for name in sorted(extras) if name in _MORE),
        size="" if "sizer" in extras else f"size=rn.randint(1, {draw.choice((3, 60, 400))})",
        stats=stats,
    )
