"""The recorded answers of the demo. Each shows one thing that happens with real models."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One recorded answer. `@ROWS@` and `@SLOW@` in the code are filled in when it is replayed."""

    shows: str
    change: str
    hypothesis: str
    code: str
    prose: str = ""
    """Words between the two lines and the code, as chatty models write them."""


PLAIN_ANSWER = RecordedAnswer(
    shows="a plain, correct answer",
    change="none, the crossover as specified.",
    hypothesis="a fast average above a slow one marks an up-trend that lasts longer than its costs.",
    code='''
import backtrader as bt


class DemoStrategy(bt.Strategy):
    """Crossover of two moving averages, long only. Rows: @ROWS@."""

    params = dict(fast=20, slow=@SLOW@, stake=0.95)

    def __init__(self):
        self.fast = bt.ind.SMA(self.data.close, period=self.p.fast)
        self.slow = bt.ind.SMA(self.data.close, period=self.p.slow)
        self.cross = bt.ind.CrossOver(self.fast, self.slow)

    def next(self):
        if not self.position and self.cross[0] > 0:
            self.order_target_percent(target=self.p.stake)
        elif self.position and self.cross[0] < 0:
            self.close()
''',
)

_BROKEN = RecordedAnswer(
    shows="code that does not parse",
    change="sell earlier, when the fast average turns down.",
    hypothesis="the crossover gives back much of a gain before it sells.",
    code='''
import backtrader as bt


class DemoStrategy(bt.Strategy):
    """Crossover with an early exit. Rows: @ROWS@."""

    params = dict(fast=20, slow=@SLOW@, stake=0.95)

    def __init__(self):
        self.fast = bt.ind.SMA(self.data.close, period=self.p.fast)
        self.slow = bt.ind.SMA(self.data.close, period=self.p.slow
        self.cross = bt.ind.CrossOver(self.fast, self.slow)

    def next(self):
        if not self.position and self.cross[0] > 0:
            self.order_target_percent(target=self.p.stake)
        elif self.position and self.fast[0] < self.fast[-1] < self.fast[-2]:
            self.close()
''',
)

_REPAIRED = RecordedAnswer(
    shows="the repair of the scene before",
    change="the bracket that was missing in the line of the slow average.",
    hypothesis="as before: the crossover gives back much of a gain before it sells.",
    prose="You are right, a bracket was missing. Here is the whole program again.\n\n",
    code=_BROKEN.code.replace("period=self.p.slow\n", "period=self.p.slow)\n"),
)

_NO_TRADES = RecordedAnswer(
    shows="a filter so tight that nothing is traded",
    change="buy only when the RSI is below 5 at the moment of the cross.",
    hypothesis="deeply oversold crosses have the most room to rise.",
    code='''
import backtrader as bt


class DemoStrategy(bt.Strategy):
    """Crossover that waits for an extreme RSI. Rows: @ROWS@."""

    params = dict(fast=20, slow=@SLOW@, rsi=14, oversold=5, stake=0.95)

    def __init__(self):
        self.fast = bt.ind.SMA(self.data.close, period=self.p.fast)
        self.slow = bt.ind.SMA(self.data.close, period=self.p.slow)
        self.cross = bt.ind.CrossOver(self.fast, self.slow)
        self.rsi = bt.ind.RSI(self.data.close, period=self.p.rsi, safediv=True)

    def next(self):
        if not self.position and self.cross[0] > 0 and self.rsi[0] < self.p.oversold:
            self.order_target_percent(target=self.p.stake)
        elif self.position and self.cross[0] < 0:
            self.close()
''',
)

_TRENDING = RecordedAnswer(
    shows="an improvement: a trend filter and a trailing exit",
    change="hold while the price is above a long average, and leave three ATR below the highest close.",
    hypothesis="most losses come from crosses against the long trend, and from gains that are given back.",
    code='''
import backtrader as bt


class DemoStrategy(bt.Strategy):
    """Trend following with an ATR trail. Rows: @ROWS@."""

    params = dict(trend=@SLOW@, exit=20, atr=14, distance=3.0, stake=0.95)

    def __init__(self):
        self.trend = bt.ind.EMA(self.data.close, period=self.p.trend)
        self.breakout = bt.ind.Highest(self.data.high, period=self.p.exit)
        self.atr = bt.ind.ATR(self.data, period=self.p.atr)
        self.peak = 0.0

    def next(self):
        close = self.data.close[0]
        if not self.position:
            if close > self.trend[0] and close > self.breakout[-1]:
                self.peak = close
                self.order_target_percent(target=self.p.stake)
            return
        self.peak = max(self.peak, close)
        if close < self.peak - self.p.distance * self.atr[0]:
            self.close()
''',
)

_LOOK_AHEAD = RecordedAnswer(
    shows="reading the future, which the sandbox does not have",
    change="buy when the next close will be higher.",
    hypothesis="entering just before a rise improves every trade.",
    code='''
import backtrader as bt


class DemoStrategy(bt.Strategy):
    """Looks one bar ahead. Rows: @ROWS@."""

    params = dict(stake=0.95)

    def next(self):
        rises = self.data.close[1] > self.data.close[0]
        if not self.position and rises:
            self.order_target_percent(target=self.p.stake)
        elif self.position and not rises:
            self.close()
''',
)

_CORRECTED = RecordedAnswer(
    shows="back on the honest way: the best so far with a wider trail",
    change="the trail from three to four ATR, and half the position only in a calm market.",
    hypothesis="the tight trail sold in ordinary pull-backs.",
    prose="Reading `close[1]` was a mistake: it is the bar to come. I go back to the trend follower.\n\n",
    code=_TRENDING.code.replace("distance=3.0", "distance=4.0").replace(
        "self.order_target_percent(target=self.p.stake)",
        "calm = self.atr[0] < 0.02 * close\n                self.order_target_percent(target=self.p.stake if calm else self.p.stake / 2)",
    ),
)

RECORDED_ANSWERS = (_BROKEN, _REPAIRED, _NO_TRADES, _TRENDING, _LOOK_AHEAD, _CORRECTED)
"""In the order of the loops; from the top again with other periods when there are more."""
