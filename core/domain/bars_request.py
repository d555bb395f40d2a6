"""A request for the bars of a run: which instruments, what part of them, and in what company."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import PurePath

from pydantic import Field

from core.domain.errors import InputError
from core.domain.instrument import Timeframe
from core.domain.instrument_result import CurrencyRate
from core.domain.value import Value


def read_ticker(symbol: str) -> str:
    """Read a symbol as its exchange writes it, without the source that may stand before it.

    >>> read_ticker("yahoo:aapl")
    'AAPL'
    """
    return symbol.rpartition(":")[2].strip().upper()


LARGEST_BASKET = 20
"""Instruments of a basket at most."""


class FurtherInstrument(Value):
    """One more instrument of a run: a symbol of a source, or a file."""

    symbol: str = ""
    path: str = ""
    """With a file, `symbol` is only its label."""


class BarsRequest(Value):
    """Bars to load: a symbol of a source, or a file."""

    symbol: str = Field(default="", title="Asset", description="Symbol, for example AAPL.")
    path: str = Field(default="", title="File of bars", description="A file of bars instead of a symbol.")
    """With a file, `symbol` is only its label."""
    start: date | None = Field(default=None, title="From", description="First day.")
    end: date | None = Field(default=None, title="To", description="Last day, included.")
    timeframe: Timeframe = Field(default=Timeframe.D1, title="Timeframe", description="Length of a bar.")
    adjusted: bool = Field(default=True, title="Adjusted prices", description="Splits and dividends are taken out of the prices.")
    others: tuple[FurtherInstrument, ...] = Field(
        default=(),
        max_length=20,
        title="Further instruments",
        description="Instruments beside the first one, which code reads and trades as self.data1, self.data2.",
    )

    basket: tuple[FurtherInstrument, ...] = Field(
        default=(),
        max_length=LARGEST_BASKET - 1,
        title="Basket",
        description="Instruments beside the first one on which every version is run as well, each with an account of its own.",
    )
    rates: tuple[CurrencyRate, ...] = Field(
        default=(),
        title="Rates",
        description="Fixed rates by which instruments of a basket in other currencies are converted, for example EUR=1.08.",
    )

    @property
    def each(self) -> tuple["BarsRequest", ...]:
        """One request for each instrument that a program reads, the first one at the front."""
        alone = self.changed(others=(), basket=(), rates=()) if self.others or self.basket else self
        return (alone, *(alone.changed(symbol=other.symbol, path=other.path) for other in self.others))

    @property
    def members(self) -> tuple["BarsRequest", ...]:
        """One request for each instrument of the basket, the first one at the front; that one alone where there is no basket."""
        alone = self.each[0]
        return (alone, *(alone.changed(symbol=other.symbol, path=other.path) for other in self.basket))

    def choose_members(self, members: Sequence["BarsRequest"]) -> "BarsRequest":
        """The request with these instruments as its basket, the first of them at the front."""
        first, *rest = members
        basket = tuple(FurtherInstrument(symbol=one.symbol, path=one.path) for one in rest)
        return self.changed(symbol=first.symbol, path=first.path, basket=basket)

    def require_distinct(self) -> None:
        """Require that a basket names each instrument once. Raises InputError."""
        names = [one.subject for one in self.members]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InputError(f"{twice} is in the basket twice.", hint="Name each instrument once: twice would count its result double.")

    def find_missing(self, symbols: Iterable[str]) -> tuple[str, ...]:
        """Find those of the symbols that are not among the instruments.

        >>> BarsRequest(symbol="yahoo:aapl").find_missing(["AAPL", "SPY"])
        ('SPY',)
        """
        readable = self.others if self.basket else self.each
        here = {read_ticker(one.symbol) for one in readable}
        return tuple(symbol for symbol in symbols if symbol.upper() not in here)

    def add_others(self, symbols: Iterable[str]) -> "BarsRequest":
        """The request with those of the symbols that it lacks as further instruments."""
        missing = tuple(FurtherInstrument(symbol=symbol) for symbol in self.find_missing(symbols))
        return self.changed(others=(*self.others, *missing)) if missing else self

    @property
    def label(self) -> str:
        """The instruments as people read them.

        >>> BarsRequest(symbol="AAPL", others=(FurtherInstrument(symbol="SPY"), FurtherInstrument(path="bars/mine.csv"))).label
        'AAPL with SPY, mine.csv'
        """
        members, others = ([one.symbol or PurePath(one.path).name for one in group] for group in (self.members, self.others))
        return f"{', '.join(members)} with {', '.join(others)}" if others else ", ".join(members)

    @property
    def subject(self) -> str:
        """Subject of the bars, whichever source they come from; of a basket, all of its instruments.

        >>> BarsRequest(symbol="yahoo:aapl").subject, BarsRequest(path="bars/Mine.csv").subject
        ('AAPL', 'file:Mine.csv')
        """
        if self.basket:
            return ", ".join(one.subject for one in self.members)
        return f"file:{PurePath(self.path).name}" if self.path else read_ticker(self.symbol)
