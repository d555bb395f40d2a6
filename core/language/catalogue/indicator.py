"""The form of a catalogue entry: what menus, checker, prompt and compiler need to know about one indicator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter


class Unit(StrEnum):
    """Unit of a value; two values are comparable when their units are."""

    LEVEL = "price"
    """A price: near the instrument's own price."""
    DISTANCE = "price difference"
    """A difference of prices: around zero, in the currency."""
    OSCILLATOR = "oscillator"
    """A bounded reading such as 0..100."""
    PERCENT = "percent"
    """A change or ratio in percent, unbounded."""
    RATIO = "ratio"
    """A pure number around zero or one."""
    VOLUME = "volume"
    """Traded units, or sums of them."""
    COUNT = "count"
    """A number of bars or of events."""
    FLAG = "flag"
    """0 or 1: a pattern is there or not."""
    ANY = "number"
    """Comparable with everything."""


@dataclass(frozen=True, slots=True)
class Param:
    """One number of an indicator, with the range in which it makes sense."""

    name: str
    default: float
    low: float
    high: float
    integer: bool = True
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class OutputLine:
    """One output of an indicator; `low` and `high` bound it when the definition does."""

    name: str
    unit: Unit
    low: float | None = None
    high: float | None = None
    phrase: str = ""
    """Its name in a sentence; empty for the only line."""
    attribute: str = ""
    """Name of the line in the compiled code, when it differs."""

    @property
    def code(self) -> str:
        """Attribute under which compiled code reads the line."""
        return self.attribute or self.name


@dataclass(frozen=True, slots=True)
class Indicator:
    """One entry of the catalogue."""

    name: str
    title: str
    explanation: str
    """One line: what it measures."""
    group: str
    """Its group in menus: average, oscillator, trend, volatility, volume, pattern, session, statistics."""
    params: tuple[Param, ...]
    lines: tuple[OutputLine, ...]
    """Outputs; the first is meant when none is named."""
    phrase: str
    """Its words in a sentence: a format string over parameter names and `source`."""
    code: str
    """The expression that makes it in compiled code: a format string over parameter names, `data` (whole bars) and `source`, `source2`."""
    warmup: Callable[[Mapping[str, float]], float]
    """Bars until the first value, from the parameters by name."""
    reference: str
    """Source of the definition, and the convention chosen where definitions differ."""
    sources: tuple[str, ...] = ()
    """Default series of each input; empty when the indicator reads whole bars."""
    classes: tuple[str, ...] = ()
    """Names of own indicator classes that the code needs, in order of definition."""
    intraday: bool = False
    """Only meaningful on bars shorter than a day."""
    ordered: tuple[str, ...] = ()
    """Parameters that must stay in ascending order, for example fast before slow."""
    article: str = "a"
    """Article before its words where a pattern is seen; empty for words in the plural."""

    @property
    def fields(self) -> frozenset[str]:
        """Names that `code` has places for."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.code) if name)

    def line(self, name: str) -> OutputLine | None:
        """The output line of that name."""
        return next((line for line in self.lines if line.name == name), None)

    def bars_needed(self, arguments: Mapping[str, float]) -> int:
        """Bars until the first value for these parameters."""
        return int(self.warmup(arguments))


def period(default: int, *, low: int = 1, high: int = 500, meaning: str = "bars") -> Param:
    """A length in bars."""
    return Param("period", default, low, high, meaning=meaning)


def index_by_name(*entries: Indicator) -> dict[str, Indicator]:
    """Entries by name."""
    return {entry.name: entry for entry in entries}


@dataclass(frozen=True, slots=True)
class IndicatorGroup:
    """One file of the catalogue: entries, and the indicator classes that they need in compiled code."""

    title: str
    """Heading in the reference."""
    entries: dict[str, Indicator]
    classes: dict[str, str] = field(default_factory=dict)
    """Class name to Python source, each ending with a newline."""
