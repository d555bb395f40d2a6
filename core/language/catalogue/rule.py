"""The form of a sizing, risk or order rule: its thresholds in each measure, and the slots that rules share."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.workflow import Measure, Section

ENTRIES = (Section.ENTRY_LONG, Section.ENTRY_SHORT)
EXITS = (Section.EXIT_LONG, Section.EXIT_SHORT)


@dataclass(frozen=True, slots=True)
class Slot:
    """One threshold of a rule."""

    name: str
    """Identifier, part of the parameter's name."""
    label: str
    """Label of the cell."""
    default: str
    low: float = 0.0
    high: float = 1e12
    integer: bool = False
    optional: bool = False
    sort: str = "number"
    """`number`, `price` (an expression), `condition`, `time` (such as 15:45), `choice` (one of `choices`) or `dates` (days and ranges)."""
    choices: tuple[str, ...] = ()
    """Words of which one may stand in a cell of the row."""
    otherwise: str = ""
    """Words of the empty cell: what counts where an optional choice is left out."""
    expression: bool = False
    """True when an expression may stand in place of the number; it is read on the bar of the signal."""
    above: bool = False
    """The lower limit itself is excluded."""
    free: bool = True
    """True when an optimizer may vary it."""
    most: float = 1e12
    """Largest value worth trying, unless the analyst's own is larger: more than all of the equity needs a margin account."""


@dataclass(frozen=True, slots=True)
class RuleForm:
    """A rule in one measure: which thresholds it takes and how a sentence says it."""

    slots: tuple[Slot, ...]
    phrase: str
    """Format string over slot names; `within` is the row's own number of bars."""

    @property
    def values(self) -> tuple[Slot, ...]:
        """The slots that hold a number, a price or a time, in the order of the cells."""
        return tuple(slot for slot in self.slots if slot.sort not in ("choice", "dates"))

    @property
    def choices(self) -> tuple[str, ...]:
        """Every word that may stand in one of the cells."""
        return tuple(word for slot in self.slots for word in slot.choices)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, by the name that stands in the indicators cell."""

    name: str
    title: str
    explanation: str
    sections: tuple[Section, ...]
    forms: Mapping[Measure, RuleForm]
    exits: bool = False
    """True when the rule ends trades, so that a workflow with it has a way out."""
    base_size: bool = False
    """True for the rules of which exactly one decides the size."""
    several: bool = False
    """True when more than one such row makes sense."""
    intraday: bool = False
    """True when it only makes sense on bars shorter than a day."""


def build_share_slot(name: str, label: str, default: str, *, high: float = 1_000.0, optional: bool = False, above: bool = True) -> Slot:
    """Build the slot of a share in percent."""
    return Slot(name, label, default, 0.0, high, optional=optional, above=above)


def build_atr_slots(label: str, default: str) -> tuple[Slot, Slot]:
    """Build the slots of a multiple of the average true range and of its bars."""
    multiple = Slot("atr", label, default, 0.0, 100.0, above=True)
    return multiple, Slot("atr_period", "bars of the average true range", "14", 1, 500, integer=True, optional=True)


def build_r_slot(label: str, default: str) -> Slot:
    """Build the slot of a multiple of the initial risk."""
    return Slot("r", label, default, 0.0, 100.0, above=True)


def build_price_slot(default: str) -> Slot:
    """Build the slot of a price expression."""
    return Slot("price", "price", default, sort="price")


ATR = "{atr} times the {atr_period}-bar average true range"
R = "{r} times the initial risk"
OFFSET = Slot("offset", "beyond the entry price, in the same measure", "0", -50.0, 100.0, optional=True)
START = Slot("start", "profit at which it begins, in the same measure", "0", 0.0, 1_000.0, optional=True)
POINTS = Slot("points", "points of the price", "10", 0.0, 1e9, above=True)
PIPS = Slot("pips", "pips", "20", 0.0, 1e6, above=True)
ON_CLOSE = Slot(
    "trigger",
    "on close: judged on closes only",
    "",
    optional=True,
    sort="choice",
    choices=("on close",),
    otherwise="when touched",
    free=False,
)
AT_FILL = Slot(
    "measured",
    "at fill: read on the bar of the fill",
    "",
    optional=True,
    sort="choice",
    choices=("at fill",),
    otherwise="at the signal",
    free=False,
)
DISTANCES = ((Measure.POINTS, POINTS, "{points} points"), (Measure.PIPS, PIPS, "{pips} pips"))
"""Measures of a distance in the price's own unit, with their slot and their words."""


def build_distance_forms(phrase: str, *more: Slot) -> dict[Measure, RuleForm]:
    """Build the forms of a rule in points and in pips; `phrase` has a place called `reach` for the distance."""
    return {measure: RuleForm((slot, *more), phrase.replace("{reach}", words)) for measure, slot, words in DISTANCES}
