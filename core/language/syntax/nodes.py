"""The meaning of an operand once it is read: a small tree of frozen nodes. Reading text is `expression`'s work, code is `compiler`'s."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

BAR_FIELDS = {
    "open": "open",
    "high": "high",
    "low": "low",
    "close": "close",
    "volume": "volume",
}
"""Columns of a bar and how they are called in a sentence."""

BAR_BLENDS = {
    "hl2": ("high", "low"),
    "hlc3": ("high", "low", "close"),
    "ohlc4": ("open", "high", "low", "close"),
}
"""Averages of a bar's prices that charting programs know by name."""

POSITION_OPERANDS = {
    "entry_price": "the average entry price",
    "last_entry_price": "the price of the latest entry",
    "bars_in_trade": "the number of bars in the trade",
    "entries_in_trade": "the number of entries of the trade",
    "open_profit": "the open profit in percent",
    "open_r": "the open profit in R",
    "highest_since_entry": "the highest high since entry",
    "lowest_since_entry": "the lowest low since entry",
    "stop_price": "the present stop price",
    "setup": "the number of the setup that opened the trade",
}
"""Operands that exist only while a position is open, and their wording."""

HISTORY_OPERANDS = {
    "bars_since_entry": "the number of bars since the last trade was opened",
    "bars_since_exit": "the number of bars since the last exit",
    "last_profit": "the result of the last closed trade in percent",
    "losses_in_row": "the number of losing trades in a row",
    "wins_in_row": "the number of winning trades in a row",
    "trades_today": "the number of trades opened today",
    "position": "the side that is held (1 long, -1 short, 0 nothing)",
    "equity": "the account's equity",
}
"""Operands about the account and the trades so far, which have a value on every bar, and their wording."""

BEFORE_FIRST_TRADE = {
    "bars_since_entry": math.inf,
    "bars_since_exit": math.inf,
    "last_profit": 0.0,
    "losses_in_row": 0.0,
    "wins_in_row": 0.0,
    "trades_today": 0.0,
    "position": 0.0,
}
"""Their values before the first trade: what has never happened is infinitely long ago, and nothing is won or lost."""

CLOCK_OPERANDS = {
    "hour": "the hour",
    "minute": "the minute",
    "minute_of_day": "the time",
    "weekday": "the weekday",
    "day": "the day of the month",
    "month": "the month",
    "year": "the year",
    "bar_of_day": "the number of the bar in its day",
    "bar_of_month": "the number of the bar in its month",
    "minutes_since_open": "the minutes from the session's open to the end of the bar",
    "minutes_to_close": "the minutes left in the session",
    "date": "the date",
    "bar_of_week": "the number of the bar in its week",
    "trading_day_of_month": "the number of the trading day in its month",
    "trading_days_left": "the number of trading days left in the month",
}
"""Operands read from a bar's time stamp, and their wording."""

CLOCK_CONDITIONS = {
    "first_bar_of_day": ("bar_of_day", 1),
    "first_bar_of_week": ("bar_of_week", 1),
    "first_bar_of_month": ("bar_of_month", 1),
    "first_trading_day_of_month": ("trading_day_of_month", 1),
    "last_trading_day_of_month": ("trading_days_left", 0),
}
"""Names of conditions of the calendar: an operand, and the number that it must be."""


@dataclass(frozen=True, slots=True)
class Number:
    """A written number."""

    value: float
    at: int = field(default=0, compare=False)
    """Its column in the cell; -1 when it was not written but filled in."""
    name: str = field(default="", compare=False)
    """Name of the parameter that may vary it; empty for a number that is part of the structure."""


@dataclass(frozen=True, slots=True)
class BarField:
    """A column of the bars: open, high, low, close, volume, or a blend such as hl2."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """One output line of an indicator: `macd(12, 26, 9).signal`."""

    indicator: str
    sources: tuple["Node", ...]
    """Series it is taken of; empty when it reads whole bars."""
    arguments: tuple[float, ...]
    """Every parameter, defaults filled in, in the catalogue's order."""
    line: str


@dataclass(frozen=True, slots=True)
class Past:
    """A value some bars ago: `close[1]`."""

    node: "Node"
    bars: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`+ - * / % **` of two values."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language: `abs`, `crosses_above`, `since` ..."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """`a < b`, or a chain `a < b < c`."""

    operators: tuple[str, ...]
    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` of two or more conditions."""

    operator: str
    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class Choice:
    """`then if condition else otherwise`."""

    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class PositionOperand:
    """A fact about the open position or the trades before it: `entry_price`, `last_profit` ..."""

    name: str

    @property
    def past(self) -> bool:
        """True for facts about closed trades, which exist whether or not a position is open."""
        return self.name in HISTORY_OPERANDS


@dataclass(frozen=True, slots=True)
class ClockOperand:
    """A fact about the bar's time: `hour`, `weekday` ..."""

    name: str


@dataclass(frozen=True, slots=True)
class HigherTimeframe:
    """An expression read on the completed bars of a higher timeframe: `tf("1w", sma(20))`."""

    timeframe: str
    node: "Node"


@dataclass(frozen=True, slots=True)
class OtherInstrument:
    """An expression read on the bars of a further instrument of the run: `other("SPY").close`."""

    symbol: str
    node: "Node"


@dataclass(frozen=True, slots=True)
class ZonedTime:
    """A time of the day on the clocks of another zone, in minutes after its midnight: `time(13, 10, "UTC")`."""

    minutes: int
    zone: str


Node = (
    Number
    | ZonedTime
    | BarField
    | Call
    | Past
    | Arithmetic
    | Function
    | Compare
    | Logic
    | Not
    | Choice
    | PositionOperand
    | ClockOperand
    | HigherTimeframe
    | OtherInstrument
)

CONDITION_FUNCTIONS = frozenset({"crosses_above", "crosses_below", "rising", "falling", "sequence", "between", "outside", "near"})
"""Functions whose value is true or false."""


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, in reading order."""
    if isinstance(node, Call):
        return node.sources
    if isinstance(node, Past | Not | HigherTimeframe | OtherInstrument):
        return (node.node,)
    if isinstance(node, Arithmetic):
        return (node.left, node.right)
    if isinstance(node, Function):
        return node.arguments
    if isinstance(node, Compare | Logic):
        return node.operands
    if isinstance(node, Choice):
        return (node.condition, node.then, node.otherwise)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, depth first."""
    yield node
    for child in children(node):
        yield from walk(child)


def is_condition(node: Node) -> bool:
    """True when the node is true or false rather than a number."""
    if isinstance(node, Compare | Logic | Not):
        return True
    if isinstance(node, Past | HigherTimeframe | OtherInstrument):
        return is_condition(node.node)
    if isinstance(node, Choice):
        return is_condition(node.then) and is_condition(node.otherwise)
    return isinstance(node, Function) and node.name in CONDITION_FUNCTIONS


def rebuild(node: Node, parts: tuple[Node, ...]) -> Node:
    """Rebuild the same node over other children, given in the order of `children`."""
    if isinstance(node, Call):
        return replace(node, sources=parts)
    if isinstance(node, Past | Not | HigherTimeframe | OtherInstrument):
        return replace(node, node=parts[0])
    if isinstance(node, Arithmetic):
        return replace(node, left=parts[0], right=parts[1])
    if isinstance(node, Function):
        return replace(node, arguments=parts)
    if isinstance(node, Compare | Logic):
        return replace(node, operands=parts)
    if isinstance(node, Choice):
        return replace(node, condition=parts[0], then=parts[1], otherwise=parts[2])
    return node
