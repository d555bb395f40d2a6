"""Compiles nodes to Backtrader lines: what is made once, in `__init__`. Values that are read on every bar are `values`' work."""

import re
from dataclasses import dataclass, field

from core.language.analysis.parameters import NamedDefinition, drop_output_line
from core.language.catalogue import CATALOGUE
from core.language.catalogue import CLASSES as INDICATOR_CLASSES
from core.language.compiler.hours import Hours
from core.language.compiler.support import SUPPORT_CLASSES
from core.language.syntax.nodes import (
    BAR_BLENDS,
    Arithmetic,
    BarField,
    Call,
    Choice,
    Compare,
    Function,
    Logic,
    Node,
    Not,
    Number,
    OtherInstrument,
    Past,
)

CLASS_SOURCES = {**SUPPORT_CLASSES, **INDICATOR_CLASSES}
"""Every indicator class that a compiled file may hold."""
CLASS_BASES = {name: source.partition("(")[2].partition(")")[0] for name, source in CLASS_SOURCES.items()}
"""The class that each of them builds on."""
DAY_CLASSES = frozenset({"Calendar", "LongerBars", "SessionClock", "SessionVWAP", "TradingPeriod", "OpeningRange"})
"""Those that call the helper `trading_day`."""


@dataclass(slots=True)
class LineCompiler:
    """Compiles nodes to lines, and collects the statements, classes and helpers that these need."""

    named: NamedDefinition
    feeds: tuple[str, ...] = ()
    """Longer timeframes, shortest first; the first has the number 1, the run's own bars 0."""
    others: tuple[str, ...] = ()
    """Symbols of further instruments; their numbers follow those of the longer timeframes."""
    hours: Hours = field(default_factory=Hours)
    """Facts that the instrument tells about its trading day."""
    made: dict[tuple[Call, int], str] = field(default_factory=dict)
    """Indicator and feed to attribute name."""
    lines: list[str] = field(default_factory=list)
    """Statements of `__init__` that make indicators."""
    classes: list[str] = field(default_factory=list)
    helpers: set[str] = field(default_factory=set)
    """Names of the module's functions that are used."""
    day_entries: set[str] = field(default_factory=set)
    """Entries of the trading day (see `Hours`) that are read."""

    def data(self, feed: int) -> str:
        """The bars of a feed: the run's own, those of a longer timeframe, or of a further instrument."""
        if feed > len(self.feeds):
            return f"self.{name_other(self.others, self.others[feed - len(self.feeds) - 1])}"
        return "self.data" if feed == 0 else f"self.bars_{self.feeds[feed - 1]}"

    def make_others(self) -> None:
        """Have the feeds of further instruments looked up, before everything that reads them."""
        names = [f'self.{name_other(self.others, symbol)} = self.getdatabyname("{symbol}")' for symbol in self.others]
        self.lines[:0] = names

    def make_longer_bars(self) -> None:
        """Have the bars of the longer timeframes made, before everything that reads them."""
        told = self.build_day_arguments(roll="day_roll", opens="session_open", closes="session_close")
        if self.hours.has("days_per_year") and not told:
            told = ", opens=0"
        for number, frame in enumerate(self.feeds):
            self.need_classes("LongerBars")
            self.lines.insert(number, f'self.bars_{frame} = LongerBars(self.data, timeframe="{frame}"{told})')

    def make_indicator(self, call: Call, feed: int) -> str:
        """Make an indicator on first use; the name of the attribute that holds it."""
        key = (drop_output_line(call), feed)
        if key not in self.made:
            entry = CATALOGUE[call.indicator]
            names = self.named.calls[key[0]]
            sources = [self.compile_line(source, feed) for source in call.sources]
            fields = {param.name: f"self.p.{name}" for param, name in zip(entry.params, names, strict=True)}
            fields |= {"source" if not number else f"source{number + 1}": source for number, source in enumerate(sources)}
            days = {name: told for name, told in (("roll", "day_roll"), ("opens", "session_open")) if name in entry.fields}
            fields |= {name: self.build_day_arguments(**{name: told}) for name, told in days.items()}
            self.need_classes(*entry.classes)
            self.made[key] = self.named.stems[key[0]] + self.suffix(feed)
            self.lines.append(f"self.{self.made[key]} = {entry.code.format(data=self.data(feed), **fields)}")
        return self.made[key]

    def suffix(self, feed: int) -> str:
        """End of the name of an indicator that is made of a feed."""
        if feed > len(self.feeds):
            return f"_{name_other(self.others, self.others[feed - len(self.feeds) - 1])}"
        return f"_{self.feeds[feed - 1]}" if feed else ""

    def need_classes(self, *names: str) -> None:
        """Have these indicator classes written into the file, each after those that it builds on."""
        for name in names:
            if CLASS_BASES[name] in CLASS_SOURCES:
                self.need_classes(CLASS_BASES[name])
            if name not in self.classes:
                self.classes.append(name)
            if name in DAY_CLASSES:
                self.helpers.add("trading_day")

    def compile_line(self, node: Node, feed: int) -> str:
        """Compile the node to a Backtrader line, for use as an indicator's source."""
        match node:
            case Number():
                return self.number(node)
            case BarField():
                return self.compile_bar_line(node.name, feed)
            case OtherInstrument():
                return self.compile_line(node.node, self.other_feed(node))
            case Call():
                entry = CATALOGUE[node.indicator]
                line = entry.line(node.line)
                suffix = f".{line.code}" if line is not None and len(entry.lines) > 1 else ""
                return f"self.{self.make_indicator(node, feed)}{suffix}"
            case Past():
                return f"{self.wrap_line(node.node, feed)}(-{node.bars})"
            case Arithmetic():
                return self.compile_arithmetic_line(node, feed)
            case Function():
                return self.compile_function_line(node, feed)
            case Compare():
                parts = [self.wrap_line(part, feed) for part in node.operands]
                pairs = [f"{left} {sign} {right}" for left, sign, right in zip(parts, node.operators, parts[1:], strict=False)]
                return pairs[0] if len(pairs) == 1 else f"bt.And({', '.join(pairs)})"
            case Logic():
                return f"bt.{node.operator.capitalize()}({', '.join(self.compile_line(part, feed) for part in node.operands)})"
            case Not():
                return f"({self.compile_line(node.node, feed)}) == 0.0"
            case Choice():
                branches = (self.compile_line(part, feed) for part in (node.condition, node.then, node.otherwise))
                return f"bt.If({', '.join(branches)})"
        raise TypeError(f"{type(node).__name__} cannot be the source of an indicator")

    def other_feed(self, node: OtherInstrument) -> int:
        """Number of a further instrument's feed."""
        return len(self.feeds) + 1 + self.others.index(node.symbol)

    def wrap_line(self, node: Node, feed: int) -> str:
        text = self.compile_line(node, feed)
        return text if _is_one_name(node) else f"({text})"

    def compile_bar_line(self, name: str, feed: int) -> str:
        if name in BAR_BLENDS:
            total = " + ".join(f"{self.data(feed)}.{part}" for part in BAR_BLENDS[name])
            return f"({total}) / {len(BAR_BLENDS[name])}.0"
        return f"{self.data(feed)}.{name}"

    def compile_arithmetic_line(self, node: Arithmetic, feed: int) -> str:
        left, right = self.wrap_line(node.left, feed), self.wrap_line(node.right, feed)
        if node.operator == "/" and not (isinstance(node.right, Number) and node.right.value):
            self.need_classes("Ratio")
            above = f"{right} * 0.0 + {left}" if isinstance(node.left, Number) else left
            return f"Ratio({above}, {right})"
        return f"{left} {node.operator} {right}"

    def compile_function_line(self, node: Function, feed: int) -> str:
        parts = [self.compile_line(part, feed) for part in node.arguments]
        if node.name == "abs":
            return f"abs({parts[0]})"
        if node.name in ("min", "max"):
            return f"bt.{node.name.capitalize()}({', '.join(parts)})"
        self.need_classes("Mapped")
        return f'Mapped({parts[0]}, function="{node.name}")'

    def number(self, node: Number) -> str:
        if node.name:
            return f"self.p.{node.name}"
        return str(int(node.value)) if node.value == int(node.value) and abs(node.value) < 1e15 else repr(node.value)

    def build_day_arguments(self, **names: str) -> str:
        """Build further arguments of an indicator class from the entries of the trading day, under the class's own names."""
        self.day_entries.update(names.values())
        return self.hours.build_arguments(**names)


def name_other(others: tuple[str, ...], symbol: str) -> str:
    """Name the attribute that holds a further instrument's feed.

    >>> name_other(("SPY", "BRK.B"), "BRK.B"), name_other(("BTC-USD", "BTC.USD"), "BTC.USD")
    ('other_brk_b', 'other_btc_usd_2')
    """
    names = [re.sub(r"\W", "_", one.lower()) for one in others]
    place = others.index(symbol)
    same = names[:place].count(names[place])
    return f"other_{names[place]}" + (f"_{same + 1}" if same else "")


def _is_one_name(node: Node) -> bool:
    """True when the line of the node is a name or a call of its own, which needs no parentheses inside a larger line."""
    match node:
        case Number() | Call():
            return True
        case BarField():
            return node.name not in BAR_BLENDS
        case Past():
            return _is_one_name(node.node)
        case Function():
            return node.name == "abs" and _is_one_name(node.arguments[0])
    return False
