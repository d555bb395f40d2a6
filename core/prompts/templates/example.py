"""The worked example of the system prompt: one complete answer, run by a test as it stands."""

EXAMPLE_CODE = '''\
import backtrader as bt


class PullbackInTrend(bt.Strategy):
    """Buy a short dip inside a rising trend; leave on strength, at the stop, or after too long."""

    params = dict(trend=100, rsi=3, dip=20.0, leave=65.0, atr=14, stop=3.0, hold=15, size=0.95)

    def __init__(self):
        # Every indicator is created here, once.
        self.trend = bt.ind.SMA(self.data.close, period=int(self.p.trend))
        self.rsi = bt.ind.RSI(self.data.close, period=int(self.p.rsi), safediv=True)
        self.atr = bt.ind.ATR(self.data, period=int(self.p.atr))
        self.pending = None
        self.entry_bar = 0
        self.stop_price = 0.0

    def next(self):
        if self.pending:
            return  # an order is on its way
        if not self.position:
            # r1: close above its average; r2: the short RSI shows a dip
            if self.data.close[0] > self.trend[0] and self.rsi[0] < self.p.dip:
                self.pending = self.order_target_percent(target=self.p.size)  # r4: position size
            return
        # r3: strength; r5: stop in ATRs; r6: time stop
        strong = self.rsi[0] > self.p.leave
        stopped = self.data.close[0] < self.stop_price
        too_long = len(self) - self.entry_bar >= self.p.hold
        if strong or stopped or too_long:
            self.pending = self.close()

    def notify_order(self, order):
        if order.status in (order.Submitted, order.Accepted):
            return
        if order.status == order.Completed and order.isbuy():
            self.entry_bar = len(self)
            self.stop_price = order.executed.price - self.p.stop * self.atr[0]
        self.pending = None
'''

EXAMPLE_ANSWER = f"""\
Change: leave after 15 bars when neither strength nor the stop came
Hypothesis: long holdings lost money on average, so ending them frees the cash for the next dip
```python
{EXAMPLE_CODE}```
"""
