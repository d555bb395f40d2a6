"""Rows that are rules rather than conditions: size, risk, price orders. One table for menus, checker, explainer and compiler."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    """Label of the cell."""
    default: str
    low: float = 0.0
    high: float = 1e12
    integer: bool = False
    optional: bool = False
    sort: str = "number"
    """`number`, `price` (an expression) or `time` (such as 15:45)."""
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


def _share(name: str, label: str, default: str, *, high: float = 1_000.0, optional: bool = False, above: bool = True) -> Slot:
    return Slot(name, label, default, 0.0, high, optional=optional, above=above)


def _atr_slots(label: str, default: str) -> tuple[Slot, Slot]:
    multiple = Slot("atr", label, default, 0.0, 100.0, above=True)
    return multiple, Slot("atr_period", "bars of the average true range", "14", 1, 500, integer=True, optional=True)


def _r_slot(label: str, default: str) -> Slot:
    return Slot("r", label, default, 0.0, 100.0, above=True)


def _price(default: str) -> Slot:
    return Slot("price", "price", default, sort="price")


ATR = "{atr} times the {atr_period}-bar average true range"
R = "{r} times the initial risk"
OFFSET = Slot("offset", "beyond the entry price, in the same measure", "0", -50.0, 100.0, optional=True)
START = Slot("start", "profit at which it begins, in the same measure", "0", 0.0, 1_000.0, optional=True)

SIZING_RULES = (
    Rule(
        "position_size",
        "Position size",
        "A share of the account's equity, a fixed number of units, or a fixed amount of cash.",
        (Section.SIZING,),
        {
            Measure.PERCENT: RuleForm(
                (replace(_share("percent", "percent of equity", "95"), most=100.0),), "Put {percent} % of equity into each entry"
            ),
            Measure.UNITS: RuleForm((Slot("units", "units", "100", 0.0, 1e9, above=True),), "Trade {units} units at each entry"),
            Measure.CASH: RuleForm((Slot("cash", "cash", "10000", 0.0, 1e12, above=True),), "Put {cash} of cash into each entry"),
        },
        base_size=True,
    ),
    Rule(
        "risk_per_trade",
        "Risk per trade",
        "As many units as lose this share of equity when the stop is hit; needs a stop loss or a trailing stop.",
        (Section.SIZING,),
        {
            Measure.PERCENT: RuleForm(
                (_share("percent", "percent of equity", "1", high=100.0),), "Risk {percent} % of equity between entry and stop"
            ),
            Measure.CASH: RuleForm((Slot("cash", "cash", "1000", 0.0, 1e12, above=True),), "Risk {cash} of cash between entry and stop"),
        },
        base_size=True,
    ),
    Rule(
        "volatility_target",
        "Volatility target",
        "A position whose own volatility is this many percent a year: large in calm, small in wild markets.",
        (Section.SIZING,),
        {
            Measure.PERCENT: RuleForm(
                (
                    _share("percent", "annual volatility in percent", "15", high=500.0),
                    Slot("period", "bars over which volatility is measured", "20", 2, 500, integer=True, optional=True),
                ),
                "Size each entry to an annual volatility of {percent} %, measured over {period} bars",
            )
        },
        base_size=True,
    ),
    Rule(
        "kelly",
        "Fractional Kelly",
        "A share of what Kelly's formula gives for the trades closed so far, never more than the cap.",
        (Section.SIZING,),
        {
            Measure.PERCENT: RuleForm(
                (
                    _share("percent", "percent of the Kelly fraction", "50", high=100.0),
                    _share("cap", "at most this percent of equity", "25", high=100.0, optional=True),
                    Slot("trades", "closed trades that are looked at", "30", 5, 500, integer=True, optional=True),
                ),
                "Put {percent} % of the Kelly fraction of the last {trades} trades into each entry, at most {cap} % of equity",
            )
        },
        base_size=True,
    ),
    Rule(
        "max_leverage",
        "Maximum leverage",
        "No position larger than this multiple of equity, whatever the account would allow.",
        (Section.SIZING,),
        {
            Measure.TIMES: RuleForm(
                (Slot("times", "times equity", "1", 0.0, 100.0, above=True, free=False),), "Hold at most {times} times equity"
            )
        },
    ),
    Rule(
        "lot_size",
        "Lot size",
        "Orders are rounded down to a multiple of this; below one for instruments that trade in fractions.",
        (Section.SIZING,),
        {
            Measure.UNITS: RuleForm(
                (Slot("units", "units", "1", 0.0, 1e6, above=True, free=False),), "Round every order down to a multiple of {units}"
            )
        },
    ),
    Rule(
        "pyramiding",
        "Pyramiding",
        "Further entries in the same direction: at each new signal, in the way of the entry section, or at the next open each time "
        "the price has moved by a distance from the last entry.",
        (Section.SIZING,),
        {
            Measure.COUNT: RuleForm(
                (Slot("entries", "entries in all", "3", 2, 100, integer=True),),
                "Enter up to {entries} times, again at each further entry signal",
            ),
            Measure.PERCENT: RuleForm(
                (
                    Slot("entries", "entries in all", "3", 2, 100, integer=True),
                    Slot("percent", "percent since the last entry; negative adds to a losing position", "2", -99.0, 1_000.0),
                ),
                "Enter up to {entries} times, each time the price has moved {percent} % from the last entry",
            ),
            Measure.ATR: RuleForm(
                (Slot("entries", "entries in all", "4", 2, 100, integer=True), *_atr_slots("multiple of the average true range", "0.5")),
                "Enter up to {entries} times, each time the price has moved " + ATR + " in favor of the last entry",
            ),
        },
    ),
    Rule(
        "scale_out",
        "Scale out",
        "Exit rows close the position in equal steps, one for each bar on which they are true.",
        (Section.SIZING,),
        {
            Measure.COUNT: RuleForm(
                (Slot("steps", "steps", "2", 2, 20, integer=True),), "Leave in {steps} equal steps, one at each bar with an exit signal"
            )
        },
    ),
)

RISK_RULES = (
    Rule(
        "stop_loss",
        "Stop loss",
        "A resting stop order at a fixed distance from the entry price.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (_share("percent", "percent of the entry price", "5", high=99.0),), "Stop the loss {percent} % from the entry price"
            ),
            Measure.ATR: RuleForm(_atr_slots("multiple of the average true range", "2"), "Stop the loss " + ATR + " from the entry price"),
            Measure.PRICE: RuleForm((_price("lowest(low, 10)"),), "Stop the loss at {price}, read on the bar of the signal"),
        },
        exits=True,
        several=True,
    ),
    Rule(
        "take_profit",
        "Take profit",
        "A resting limit order at a fixed distance from the entry price.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (_share("percent", "percent of the entry price", "10"),), "Take the profit {percent} % from the entry price"
            ),
            Measure.ATR: RuleForm(
                _atr_slots("multiple of the average true range", "4"), "Take the profit " + ATR + " from the entry price"
            ),
            Measure.R: RuleForm((_r_slot("multiple of the initial risk", "2"),), "Take the profit " + R + " from the entry price"),
            Measure.PRICE: RuleForm((_price("bbands(20, 2).upper"),), "Take the profit at {price}, read on the bar of the signal"),
        },
        exits=True,
        several=True,
    ),
    Rule(
        "trailing_stop",
        "Trailing stop",
        "A resting stop order that follows the best price since entry and never moves back.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (_share("percent", "percent of the best price", "8", high=99.0), START),
                "Trail the stop {percent} % behind the best price since entry{begins}",
            ),
            Measure.ATR: RuleForm(
                (*_atr_slots("multiple of the average true range", "3"), START),
                "Trail the stop " + ATR + " behind the best price since entry{begins}",
            ),
            Measure.R: RuleForm(
                (_r_slot("multiple of the initial risk", "1"), START),
                "Trail the stop " + R + " behind the best price since entry{begins}",
            ),
            Measure.PRICE: RuleForm((_price("lowest(low, 10)"),), "Trail the stop at {price}, read on every close and never moved back"),
        },
        exits=True,
        several=True,
    ),
    Rule(
        "break_even",
        "Break-even move",
        "The stop moves to the entry price once the trade has gained enough.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (
                    _share("percent", "gain in percent", "3"),
                    OFFSET,
                ),
                "Move the stop to the entry price{beyond} once the gain has reached {percent} %",
            ),
            Measure.ATR: RuleForm(
                (
                    *_atr_slots("gain in average true ranges", "1"),
                    OFFSET,
                ),
                "Move the stop to the entry price{beyond} once the gain has reached " + ATR,
            ),
            Measure.R: RuleForm(
                (
                    _r_slot("gain in multiples of the initial risk", "1"),
                    OFFSET,
                ),
                "Move the stop to the entry price{beyond} once the gain has reached " + R,
            ),
        },
        several=True,
    ),
    Rule(
        "partial_exit",
        "Partial exit",
        "A resting limit order for part of the position.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (_share("percent", "gain in percent", "5"), _share("share", "percent of the position", "50", high=100.0)),
                "Close {share} % of the position {percent} % from the entry price",
            ),
            Measure.ATR: RuleForm(
                (
                    Slot("atr", "gain in average true ranges", "2", 0.0, 100.0, above=True),
                    _share("share", "percent of the position", "50", high=100.0),
                    Slot("atr_period", "bars of the average true range", "14", 1, 500, integer=True, optional=True),
                ),
                "Close {share} % of the position " + ATR + " from the entry price",
            ),
            Measure.R: RuleForm(
                (_r_slot("gain in multiples of the initial risk", "1"), _share("share", "percent of the position", "50", high=100.0)),
                "Close {share} % of the position " + R + " from the entry price",
            ),
            Measure.PRICE: RuleForm(
                (_price("bbands(20, 2).mid"), _share("share", "percent of the position", "50", high=100.0)),
                "Close {share} % of the position at {price}, read on every close",
            ),
        },
        several=True,
    ),
    Rule(
        "time_stop",
        "Time stop",
        "The position is closed after a number of bars.",
        (Section.RISK,),
        {
            Measure.BARS: RuleForm(
                (Slot("bars", "bars in the trade", "20", 1, 100_000, integer=True),), "Close the position after {bars} bars"
            )
        },
        exits=True,
    ),
    Rule(
        "daily_loss_limit",
        "Daily loss limit",
        "Once the day has lost this much, the position is closed and nothing is opened until the next day.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (_share("percent", "percent of equity", "2", high=100.0),), "Stop for the day after a loss of {percent} % of equity"
            ),
            Measure.CASH: RuleForm(
                (Slot("cash", "cash", "1000", 0.0, 1e12, above=True),), "Stop for the day after a loss of {cash} of cash"
            ),
        },
    ),
    Rule(
        "daily_profit_target",
        "Daily profit target",
        "Once the day has gained this much, the position is closed and nothing is opened until the next day.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (_share("percent", "percent of equity", "2", high=100.0),), "Stop for the day after a gain of {percent} % of equity"
            ),
            Measure.CASH: RuleForm(
                (Slot("cash", "cash", "1000", 0.0, 1e12, above=True),), "Stop for the day after a gain of {cash} of cash"
            ),
        },
    ),
    Rule(
        "drawdown_halt",
        "Drawdown halt",
        "Once equity has fallen this far below its peak, the position is closed and nothing is opened any more.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (_share("percent", "percent below the peak", "20", high=99.0),), "Stop for good at a drawdown of {percent} %"
            )
        },
    ),
    Rule(
        "max_trades_per_day",
        "Maximum trades per day",
        "No further trade is opened on a day after this many.",
        (Section.RISK,),
        {Measure.COUNT: RuleForm((Slot("count", "trades", "1", 1, 1_000, integer=True),), "Open at most {count} trades a day")},
    ),
    Rule(
        "max_losses_per_day",
        "Maximum losses per day",
        "No further trade is opened on a day after this many losing ones.",
        (Section.RISK,),
        {
            Measure.COUNT: RuleForm(
                (Slot("count", "losing trades", "2", 1, 1_000, integer=True),), "Open nothing more on a day after {count} losing trades"
            )
        },
    ),
    Rule(
        "cool_down",
        "Cool-down",
        "After a losing trade no signal is taken for a number of bars.",
        (Section.RISK,),
        {
            Measure.BARS: RuleForm(
                (Slot("bars", "bars", "5", 1, 100_000, integer=True),), "Take no signal for {bars} bars after a losing trade"
            )
        },
    ),
    Rule(
        "trading_hours",
        "Trading hours",
        "Entries only on bars that close within these hours.",
        (Section.RISK,),
        {
            Measure.TIME: RuleForm(
                (Slot("start", "from", "09:45", sort="time"), Slot("end", "until", "15:30", sort="time")),
                "Enter only on bars that close from {start} until before {end}",
            )
        },
        several=True,
        intraday=True,
    ),
    Rule(
        "flat_at_close",
        "Flat at session end",
        "No position overnight: it is closed at a time of day, or some bars before the session's usual end.",
        (Section.RISK,),
        {
            Measure.TIME: RuleForm(
                (Slot("time", "time of day", "15:55", sort="time"),), "Close the position at {time} and open nothing later in the day"
            ),
            Measure.BARS: RuleForm(
                (Slot("bars", "bars before the end", "1", 1, 100, integer=True, free=False),),
                "Close the position {bars} bars before the session's usual end and open nothing later in the day",
            ),
        },
        exits=True,
        intraday=True,
    ),
    Rule(
        "max_exposure",
        "Maximum exposure",
        "The position is never worth more than this share of equity when it is entered.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (_share("percent", "percent of equity", "50", high=1_000.0),), "Hold at most {percent} % of equity in the position"
            )
        },
    ),
)

ORDER_RULES = (
    Rule(
        "stop_order",
        "Stop order",
        "Entries wait for a price beyond the market, for `within` bars; exits rest at a price that is read anew on every close.",
        (*ENTRIES, *EXITS),
        {Measure.PRICE: RuleForm((_price("highest(high, 20)"),), "{verb} with a stop order at {price}{lasting}")},
        exits=True,
    ),
    Rule(
        "limit_order",
        "Limit order",
        "Entries wait for a better price, for `within` bars; exits rest at a price that is read anew on every close.",
        (*ENTRIES, *EXITS),
        {Measure.PRICE: RuleForm((_price("close * 0.99"),), "{verb} with a limit order at {price}{lasting}")},
        exits=True,
    ),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in (*SIZING_RULES, *RISK_RULES, *ORDER_RULES)})
"""Every rule by its name in the indicators cell."""


def list_rules(section: Section) -> tuple[Rule, ...]:
    """List the rules that may stand in a section, in menu order."""
    return tuple(rule for rule in RULES.values() if section in rule.sections)
