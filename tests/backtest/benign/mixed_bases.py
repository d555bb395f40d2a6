"""Behavior put together from several base classes, an abstract method, cooperative __init__."""

import abc

import backtrader as bt


class Journal:
    def note(self, text):
        self.journal = [*getattr(self, "journal", []), text]


class Base(bt.Strategy, Journal):
    params = (("units", 5),)

    def __init__(self):
        super().__init__()
        self.turns = 0

    @abc.abstractmethod
    def wants(self):
        raise NotImplementedError

    def next(self):
        if self.wants() and not self.position:
            self.turns += 1
            self.note(f"in {self.turns}")
            self.buy(size=self.p.units)
        elif not self.wants() and self.position:
            self.close()


class MixedBases(Base):
    params = (("period", 11),)

    def __init__(self):
        super().__init__()
        self.roc = bt.ind.RateOfChange(period=self.p.period)

    def wants(self):
        return self.roc[0] > 0
