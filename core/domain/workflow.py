"""The workflow document: rows of operands, operators and thresholds. Meaning lives in `core.language`; this is only its shape."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from core.domain.value import Value


class Section(StrEnum):
    """The part of a strategy that a row belongs to."""

    DEFINE = "define"
    """A name for an expression; other rows use it."""
    ENTRY_LONG = "entry_long"
    EXIT_LONG = "exit_long"
    ENTRY_SHORT = "entry_short"
    EXIT_SHORT = "exit_short"
    FILTER = "filter"
    SIZING = "sizing"
    RISK = "risk"


class Direction(StrEnum):
    """Sides that a workflow may trade."""

    LONG_ONLY = "long_only"
    SHORT_ONLY = "short_only"
    LONG_SHORT = "long_short"


class Join(StrEnum):
    """Way of combining the operands inside one row."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


class Operator(StrEnum):
    """Row operators of the entry, exit and filter sections."""

    ABOVE = ">"
    BELOW = "<"
    AT_LEAST = ">="
    AT_MOST = "<="
    EQUALS = "=="
    BETWEEN = "between"
    OUTSIDE = "outside"
    CROSSES_ABOVE = "crosses above"
    CROSSES_BELOW = "crosses below"
    RISING = "rising"
    FALLING = "falling"
    IS_TRUE = "is true"


class Measure(StrEnum):
    """In what a sizing or risk row counts; stands in the operator column of those two sections."""

    UNITS = "units"
    CASH = "cash"
    PERCENT = "percent"
    ATR = "atr"
    R = "r"
    PRICE = "price"
    BARS = "bars"
    COUNT = "count"
    TIME = "time"
    TIMES = "times"
    """A multiple of the account's equity."""
    POINTS = "points"
    """A distance in the price's own unit."""
    PIPS = "pips"
    """A distance in the hundredths or ten-thousandths in which a currency pair is quoted."""
    CHOICE = "choice"
    """One of a few words."""
    DATES = "dates"
    """Days and ranges of days."""
    WHEN = "when"
    """A condition, read on the close of every bar."""
    SWITCH = "on"
    """Nothing to count: the row is there or not."""


class Row(Value):
    """One line of the table. Operands are text in the expression language of `core.language`."""

    id: str
    section: Section
    enabled: bool = True
    group: str = "A"
    """Rows of one section and group are AND-ed; groups are OR-ed."""
    join: Join = Join.ALL
    indicators: tuple[str, ...] = ()
    """Operands; for sizing and risk rows the one name of the rule, for example `stop_loss`."""
    operator: Operator | Measure
    thresholds: tuple[str, ...] = ()
    within: int = Field(default=1, ge=1)
    """The row counts as true if it was true on any of the last `within` bars (1: this bar only)."""
    timeframe: str | None = None
    """A higher timeframe such as `1w`; None is the run's own."""
    note: str = ""


class Workflow(Value):
    """A strategy as the analyst says it: the specification, the prompt's subject and the compiler's input."""

    schema_version: Literal[1, 2] = 2
    """1: an exit row that is true also keeps entries of its side away while nothing is held; 2: exits count only while something is."""
    name: str
    description: str = ""
    direction: Direction = Direction.LONG_ONLY
    rows: tuple[Row, ...] = ()

    def active(self, section: Section) -> tuple[Row, ...]:
        """Enabled rows of one section, in the table's order."""
        return tuple(row for row in self.rows if row.enabled and row.section is section)


class Parameter(Value):
    """A free number of a workflow: what an optimizer may vary, and what `params` of the compiled code holds."""

    name: str
    """Identifier used in `params`, for example `entry_sma_fast`."""
    row: str
    """Id of the row it stands in."""
    default: float
    """The analyst's own value."""
    low: float
    high: float
    integer: bool
