"""Orders for more than the account can pay: some are rejected, some are not."""

import backtrader as bt


class MarginHungry(bt.Strategy):
    def __init__(self):
        self.refused = 0

    def notify_order(self, order):
        if order.status in (order.Margin, order.Rejected):
            self.refused += 1

    def next(self):
        if not self.position:
            self.buy(size=int(self.broker.getcash() * (1.0 - 0.01 * (len(self) % 5)) / self.data.close[0]))
        elif len(self) % 9 == 0:
            self.close()
