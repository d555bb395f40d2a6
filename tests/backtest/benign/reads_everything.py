"""Lets every figure of the account decide about the next order: one bit of difference anywhere changes the log."""

import zlib

import backtrader as bt


class ReadsEverything(bt.Strategy):
    def __init__(self):
        self.sma = bt.ind.SMA(period=3)
        self.told = []

    def notify_order(self, order):
        self.told.append((order.status, order.executed.size, order.executed.price, order.executed.comm, order.executed.dt))

    def notify_trade(self, trade):
        self.told.append((trade.size, trade.price, trade.pnl, trade.pnlcomm, trade.barlen, trade.isopen))

    def notify_fund(self, cash, value, fundvalue, shares):
        self.told.append((cash, value, fundvalue, shares))

    def next(self):
        broker, position = self.broker, self.position
        account = (
            *(broker.getcash(), broker.getvalue(), broker.get_leverage(), broker.fundvalue, broker.get_value(lever=True)),
            *(broker.get_value(mkt=True), broker.get_value([self.data]), position.size, position.price, position.adjbase),
            *(position.datetime if position else None, len(self), len(self.data), self.data.datetime[0], self.sma[-1], self.told[-5:]),
        )
        dice = zlib.crc32(repr(account).encode()) % 8
        if dice < 2:
            self.buy(size=dice + 1)
        elif dice == 2:
            self.sell(size=2, exectype=bt.Order.StopTrail, trailpercent=0.01)
        elif dice == 3 and position:
            self.close()
