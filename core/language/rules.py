"""Rows that are rules rather than conditions: size, risk, price orders. One table for menus, checker, explainer and compiler."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.domain.workflow import Measure, Section

ENTRIES = (Section.ENTRY_LONG, Section.ENTRY_SHORT)
EXITS = (Section.EXIT_LONG, Section.EXIT_SHORT)


@dataclass(frozen=True, slots=True)
class Slot:
    """One threshold of a rule."""

    name: str
    """Identifier, part of the parameter's name."""
    label: str
    """What the cell asks for."""
    default: str
    low: float = 0.0
    high: float = 1e12
    integer: bool = False
    optional: bool = False
    sort: str = "number"
    """`number`, `price` (an expression) or `time` (such as 15:45)."""
    above: bool = False
    """The lower limit itself is excluded."""


@dataclass(frozen=True, slots=True)
class Form:
    """A rule in one measure: which thresholds it takes and how a sentence says it."""

    slots: tuple[Slot, ...]
    phrase: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, by the name that stands in the indicators cell."""

    name: str
    title: str
    explanation: str
    sections: tuple[Section, ...]
    forms: Mapping[Measure, Form]
    exits: bool = False
    """True when the rule ends trades, so that a workflow with it has a way out."""
    base_size: bool = False
    """True for the rules of which exactly one decides the size."""


def _percent(label: str, default: str, *, high: float = 1_000.0) -> Slot:
    return Slot("percent", label, default, 0.0, high, above=True)


def _distance(title: str, *, percent: str, atr: str, r: str | None, percent_high: float = 1_000.0) -> dict[Measure, Form]:
    """The usual ways to say how far a price order lies from the entry."""
    forms = {
        Measure.PERCENT: Form(
            (_percent("percent of the entry price", percent, high=percent_high),), title + " {percent} % {side} the entry price"
        ),
        Measure.ATR: Form(
            (
                Slot("atr", "multiple of the average true range", atr, 0.0, 100.0, above=True),
                Slot("atr_period", "bars of the average true range", "14", 1, 500, integer=True, optional=True),
            ),
            title + " {atr} times the {atr_period}-bar average true range {side} the entry price",
        ),
    }
    if r is not None:
        forms[Measure.R] = Form(
            (Slot("r", "multiple of the initial risk", r, 0.0, 100.0, above=True),),
            title + " {r} times the initial risk {side} the entry price",
        )
    return forms


_PRICE = Form((Slot("price", "price", "close", sort="price"),), "")

SIZING_RULES = (
    Rule(
        "position_size",
        "Position size",
        "A fixed number of units, a fixed amount of cash, or a share of the account's equity.",
        (Section.SIZING,),
        {
            Measure.PERCENT: Form((_percent("percent of equity", "95"),), "Put {percent} % of equity into each entry"),
            Measure.UNITS: Form((Slot("units", "units", "100", 0.0, 1e9, above=True),), "Trade {units} units at each entry"),
            Measure.CASH: Form((Slot("cash", "cash", "10000", 0.0, 1e12, above=True),), "Put {cash} of cash into each entry"),
        },
        base_size=True,
    ),
)

RISK_RULES = (
    Rule(
        "stop_loss",
        "Stop loss",
        "A resting stop order at a fixed distance from the entry price.",
        (Section.RISK,),
        _distance("Stop loss", percent="5", atr="2", r=None, percent_high=99.0)
        | {Measure.PRICE: Form(_PRICE.slots, "Stop loss at {price}, read on the bar of the signal")},
        exits=True,
    ),
    Rule(
        "take_profit",
        "Take profit",
        "A resting limit order at a fixed distance from the entry price.",
        (Section.RISK,),
        _distance("Take profit", percent="10", atr="4", r="2")
        | {Measure.PRICE: Form(_PRICE.slots, "Take profit at {price}, read on the bar of the signal")},
        exits=True,
    ),
    Rule(
        "trailing_stop",
        "Trailing stop",
        "A resting stop order that follows the best price since entry and never moves back.",
        (Section.RISK,),
        _distance("Trailing stop", percent="8", atr="3", r="1", percent_high=99.0)
        | {Measure.PRICE: Form(_PRICE.slots, "Trailing stop at {price}, read on every close and never moved back")},
        exits=True,
    ),
    Rule(
        "time_stop",
        "Time stop",
        "The position is closed after a number of bars.",
        (Section.RISK,),
        {Measure.BARS: Form((Slot("bars", "bars in the trade", "20", 1, 100_000, integer=True),), "Close the position after {bars} bars")},
        exits=True,
    ),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in (*SIZING_RULES, *RISK_RULES)})
"""Every rule by its name in the indicators cell."""


def rules_of(section: Section) -> tuple[Rule, ...]:
    """Rules that may stand in a section, in menu order."""
    return tuple(rule for rule in RULES.values() if section in rule.sections)
