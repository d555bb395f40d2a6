"""Rules of the sizing section: how much an entry trades, and in how many steps."""

from dataclasses import replace

from core.domain.deposits import Rhythm
from core.domain.workflow import Measure, Section
from core.language.catalogue.rule import ATR, Rule, RuleForm, Slot, build_atr_slots, build_share_slot

SIZING_RULES = (
    Rule(
        "position_size",
        "Position size",
        "A share of the account's equity, a fixed number of units, or a fixed amount of cash.",
        (Section.SIZING,),
        {
            Measure.PERCENT: RuleForm(
                (replace(build_share_slot("percent", "percent of equity", "95"), most=100.0, expression=True),),
                "Put {percent}% of equity into each entry",
            ),
            Measure.UNITS: RuleForm(
                (Slot("units", "units", "100", 0.0, 1e9, above=True, expression=True),), "Trade {units} units at each entry"
            ),
            Measure.CASH: RuleForm(
                (Slot("cash", "cash", "10000", 0.0, 1e12, above=True, expression=True),), "Put {cash} of cash into each entry"
            ),
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
                (replace(build_share_slot("percent", "percent of equity", "1", high=100.0), expression=True),),
                "Risk {percent}% of equity between entry and stop",
            ),
            Measure.CASH: RuleForm(
                (Slot("cash", "cash", "1000", 0.0, 1e12, above=True, expression=True),), "Risk {cash} of cash between entry and stop"
            ),
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
                    build_share_slot("percent", "annual volatility in percent", "15", high=500.0),
                    Slot("period", "bars over which volatility is measured", "20", 2, 500, integer=True, optional=True),
                ),
                "Size each entry to an annual volatility of {percent}%, measured over {period} bars",
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
                    build_share_slot("percent", "percent of the Kelly fraction", "50", high=100.0),
                    build_share_slot("cap", "at most this percent of equity", "25", high=100.0, optional=True),
                    Slot("trades", "closed trades that are looked at", "30", 5, 500, integer=True, optional=True),
                ),
                "Put {percent}% of the Kelly fraction of the last {trades} trades into each entry, at most {cap}% of equity",
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
                (Slot("entries", "entries in all", "3", 2, 10_000, integer=True),),
                "Enter up to {entries} times, again at each further entry signal",
            ),
            Measure.PERCENT: RuleForm(
                (
                    Slot("entries", "entries in all", "3", 2, 10_000, integer=True),
                    Slot("percent", "percent since the last entry; negative adds to a losing position", "2", -99.0, 1_000.0),
                ),
                "Enter up to {entries} times, each time the price has moved {percent}% from the last entry",
            ),
            Measure.ATR: RuleForm(
                (
                    Slot("entries", "entries in all", "4", 2, 10_000, integer=True),
                    *build_atr_slots("multiple of the average true range", "0.5"),
                ),
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
    Rule(
        "rebalance",
        "Rebalance",
        "The open position is brought back to the size that the sizing row asks for, every so many bars, once it has drifted, or when a "
        "condition holds.",
        (Section.SIZING,),
        {
            Measure.BARS: RuleForm(
                (Slot("bars", "bars", "21", 1, 100_000, integer=True),), "Bring the position back to its size every {bars} bars"
            ),
            Measure.PERCENT: RuleForm(
                (build_share_slot("percent", "drift in percent of the size", "20", high=1_000.0),),
                "Bring the position back to its size once it is {percent}% away from it",
            ),
            Measure.WHEN: RuleForm(
                (Slot("when", "condition", "first_trading_day_of_month", sort="condition", free=False),),
                "Bring the position back to its size when {when}",
            ),
        },
    ),
    Rule(
        "add_cash",
        "Add cash",
        "Money that is paid into the account at the close of the first bar of each week, month, quarter or year. It is no profit: returns "
        "are those of a unit of the account.",
        (Section.SIZING,),
        {
            Measure.CASH: RuleForm(
                (
                    Slot("cash", "cash that is paid in", "500", 0.0, 1e12, above=True, free=False),
                    Slot(
                        "every",
                        "rhythm",
                        "monthly",
                        optional=True,
                        sort="choice",
                        choices=tuple(Rhythm),
                        otherwise="monthly, unless said",
                        free=False,
                    ),
                ),
                "Pay {cash} into the account at the close of the first bar of each {rhythm}, which the platform does and no code",
            )
        },
        several=True,
    ),
)
