"""Rules of the risk section: stops, targets, limits, and what happens when signals meet."""

from core.domain.workflow import Measure, Section
from core.language.catalogue.rule import (
    AT_FILL,
    ATR,
    OFFSET,
    ON_CLOSE,
    START,
    R,
    Rule,
    RuleForm,
    Slot,
    build_atr_slots,
    build_distance_forms,
    build_price_slot,
    build_r_slot,
    build_share_slot,
)

RENEW = Slot(
    "renew",
    "renew: a further signal starts the count anew",
    "",
    optional=True,
    sort="choice",
    choices=("renew",),
    otherwise="from the entry",
    free=False,
)

RISK_RULES = (
    Rule(
        "stop_loss",
        "Stop loss",
        "A resting stop order at a fixed distance from the entry price.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (build_share_slot("percent", "percent of the entry price", "5", high=99.0), ON_CLOSE),
                "Stop the loss {percent}% from the entry price{closing}",
            ),
            Measure.ATR: RuleForm(
                (*build_atr_slots("multiple of the average true range", "2"), ON_CLOSE, AT_FILL),
                "Stop the loss " + ATR + " from the entry price{closing}{measured}",
            ),
            Measure.PRICE: RuleForm(
                (build_price_slot("lowest(low, 10)"), ON_CLOSE, AT_FILL), "Stop the loss at {price}, read on the bar of the {read}{closing}"
            ),
            **build_distance_forms("Stop the loss {reach} from the entry price{closing}", ON_CLOSE),
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
                (build_share_slot("percent", "percent of the entry price", "10"),), "Take the profit {percent}% from the entry price"
            ),
            Measure.ATR: RuleForm(
                (*build_atr_slots("multiple of the average true range", "4"), AT_FILL),
                "Take the profit " + ATR + " from the entry price{measured}",
            ),
            Measure.R: RuleForm((build_r_slot("multiple of the initial risk", "2"),), "Take the profit " + R + " from the entry price"),
            Measure.PRICE: RuleForm(
                (build_price_slot("bbands(20, 2).upper"), AT_FILL), "Take the profit at {price}, read on the bar of the {read}"
            ),
            **build_distance_forms("Take the profit {reach} from the entry price"),
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
                (build_share_slot("percent", "percent of the best price", "8", high=99.0), START, ON_CLOSE),
                "Trail the stop {percent}% behind the best price since entry{begins}{closing}",
            ),
            Measure.ATR: RuleForm(
                (*build_atr_slots("multiple of the average true range", "3"), START, ON_CLOSE),
                "Trail the stop " + ATR + " behind the best price since entry{begins}{closing}",
            ),
            Measure.R: RuleForm(
                (build_r_slot("multiple of the initial risk", "1"), START, ON_CLOSE),
                "Trail the stop " + R + " behind the best price since entry{begins}{closing}",
            ),
            Measure.PRICE: RuleForm(
                (build_price_slot("lowest(low, 10)"), ON_CLOSE),
                "Trail the stop at {price}, read on every close and never moved back{closing}",
            ),
            **build_distance_forms("Trail the stop {reach} behind the best price since entry{begins}{closing}", START, ON_CLOSE),
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
                    build_share_slot("percent", "gain in percent", "3"),
                    OFFSET,
                ),
                "Move the stop to the entry price{beyond} once the gain has reached {percent}%",
            ),
            Measure.ATR: RuleForm(
                (
                    *build_atr_slots("gain in average true ranges", "1"),
                    OFFSET,
                ),
                "Move the stop to the entry price{beyond} once the gain has reached " + ATR,
            ),
            Measure.R: RuleForm(
                (
                    build_r_slot("gain in multiples of the initial risk", "1"),
                    OFFSET,
                ),
                "Move the stop to the entry price{beyond} once the gain has reached " + R,
            ),
            **build_distance_forms("Move the stop to the entry price{beyond} once the gain has reached {reach}", OFFSET),
        },
        several=True,
    ),
    Rule(
        "partial_exit",
        "Partial exit",
        "Part of the position is closed: by a resting limit order, or at the next open when a condition holds.",
        (Section.RISK,),
        {
            Measure.PERCENT: RuleForm(
                (
                    build_share_slot("percent", "gain in percent", "5"),
                    build_share_slot("share", "percent of what was opened", "50", high=100.0),
                ),
                "Close {share}% of what was opened at a gain of {percent}%",
            ),
            Measure.ATR: RuleForm(
                (
                    Slot("atr", "gain in average true ranges", "2", 0.0, 100.0, above=True),
                    build_share_slot("share", "percent of what was opened", "50", high=100.0),
                    Slot("atr_period", "bars of the average true range", "14", 1, 500, integer=True, optional=True),
                ),
                "Close {share}% of what was opened at a gain of " + ATR,
            ),
            Measure.R: RuleForm(
                (
                    build_r_slot("gain in multiples of the initial risk", "1"),
                    build_share_slot("share", "percent of what was opened", "50", high=100.0),
                ),
                "Close {share}% of what was opened at a gain of " + R,
            ),
            Measure.PRICE: RuleForm(
                (build_price_slot("bbands(20, 2).mid"), build_share_slot("share", "percent of what was opened", "50", high=100.0)),
                "Close {share}% of what was opened at {price}, read on every close",
            ),
            Measure.WHEN: RuleForm(
                (
                    Slot("when", "condition", "open_profit > 5", sort="condition", free=False),
                    build_share_slot("share", "percent of what was opened", "50", high=100.0),
                ),
                "Close {share}% of what was opened at the next open when {when}, once in a trade",
            ),
            **build_distance_forms(
                "Close {share}% of what was opened at a gain of {reach}",
                build_share_slot("share", "percent of what was opened", "50", high=100.0),
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
                (Slot("bars", "bars in the trade", "20", 1, 100_000, integer=True), RENEW),
                "Close the position after {bars} bars{renewed}",
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
                (build_share_slot("percent", "percent of equity", "2", high=100.0),),
                "Stop for the day after a loss of {percent}% of equity",
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
                (build_share_slot("percent", "percent of equity", "2", high=100.0),),
                "Stop for the day after a gain of {percent}% of equity",
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
                (build_share_slot("percent", "percent below the peak", "20", high=99.0),), "Stop for good at a drawdown of {percent}%"
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
                (build_share_slot("percent", "percent of equity", "50", high=1_000.0),),
                "Hold at most {percent}% of equity in the position",
            )
        },
    ),
    Rule(
        "stops",
        "Which stop counts",
        "Of several stops the tightest counts, unless this says the widest.",
        (Section.RISK,),
        {
            Measure.CHOICE: RuleForm(
                (Slot("which", "tightest or widest", "tightest", sort="choice", choices=("tightest", "widest"), free=False),),
                "Of several stops the {which} counts",
            )
        },
    ),
    Rule(
        "on_opposite_signal",
        "On an opposite signal",
        "What an entry signal of the other side does to an open position: reverse it, only close it, or nothing.",
        (Section.RISK,),
        {
            Measure.CHOICE: RuleForm(
                (Slot("what", "reverse, close or ignore", "reverse", sort="choice", choices=("reverse", "close", "ignore"), free=False),),
                "An entry signal of the other side {does}",
            )
        },
    ),
    Rule(
        "no_entries_on",
        "No entries on",
        "Nothing is opened on these days: dates such as 2025-11-28, ranges such as 2025-12-22..2026-01-02, the days of a file of events.",
        (Section.RISK,),
        {
            Measure.DATES: RuleForm(
                (Slot("dates", "days and ranges of days", "2025-12-24..2026-01-01", sort="dates", free=False),), "Open nothing on {days}"
            )
        },
    ),
    Rule(
        "exits_block_entries",
        "Exits block entries",
        "No entry is taken on a bar on which an exit row of its side is true, also while nothing is held.",
        (Section.RISK,),
        {Measure.SWITCH: RuleForm((), "Take no entry on a bar on which an exit row of its side is true")},
    ),
    Rule(
        "hold_to_end",
        "Hold to the end",
        "Nothing ends a trade: what is bought is kept, as in a savings plan.",
        (Section.RISK,),
        {Measure.SWITCH: RuleForm((), "Keep what is bought until the end")},
        exits=True,
    ),
)
