"""Rule rows that the words for a size, a stop, a target or a limit mean: from a match to the row."""

import re
from collections.abc import Callable

from core.domain.workflow import Measure, Section
from core.language.phrases.sides import MONEY_IF
from core.language.phrases.terms import read_count, read_term
from core.language.spoken.candles import PATTERN, is_decided_later
from core.language.spoken.noun import find_base, put_back
from core.language.spoken.nouns import find_value
from core.language.spoken.places import find_opening_minutes
from core.language.spoken.vocabulary import INTRADAY

RuleText = tuple[Section, str, Measure, tuple[str, ...]]
Builder = Callable[[re.Match[str]], RuleText | None]
AMOUNT = r"\+?(\d+(?:\.\d+)?)"
UNIT = (
    r"(%|percent|atrs?(?: ?\(\d+\))?|n\b|(?:times|[x*]) ?(?:the )?(?:\d+[- ](?:day|bar|period) )?atrs?(?: ?\(\d+\))?|average true ranges?"
    r"|pips?|points?|r\b|times (?:the )?risk)"
)
REACH = rf"{AMOUNT} ?{UNIT}"


def read_measure(unit: str) -> Measure:
    unit = unit.lower()
    if unit in ("%", "percent"):
        return Measure.PERCENT
    if "atr" in unit or "range" in unit or unit == "n":
        return Measure.ATR
    if unit.startswith("pip"):
        return Measure.PIPS
    return Measure.POINTS if unit.startswith("point") else Measure.R


OF_LEVEL = re.compile(
    r"(?:(?<=above)|(?<=below)|(?<=under)|(?<=over)| (?:above|below|under|over|beyond|off|outside|inside)(?: of)?)(?!"
    r" (?:the |my |our )?(?:entry|fill"
    r"|purchase|buy)) \w",
    re.IGNORECASE,
)
"""Words behind a distance that say from where it is measured, other than from the entry."""


def find_range_bars(unit: str) -> tuple[str, ...]:
    """Find the bars of the average true range that a unit names; none where they are the usual ones.

    >>> find_range_bars("x ATR(10)"), find_range_bars("times the 20-day ATR"), find_range_bars("ATR(14)"), find_range_bars("N")
    (('10',), ('20',), (), ('20',))
    """
    told = re.search(r"\d+", unit)
    bars = "20" if unit.strip().lower() == "n" else told[0] if told and "atr" in unit.lower() else "14"
    return () if bars == "14" else (bars,)


def build_reach(rule: str) -> Builder:
    def build(match: re.Match[str]) -> RuleText | None:
        found = [group for group in match.groups() if group]
        measure = read_measure(found[1])
        part = re.split(r"[.;:!?,](?:\s|$)", match.string[: match.start()])[-1]
        if rule == "take_profit" and re.search(r"\b(?:half|third|quarter|part)\b", part, re.IGNORECASE):
            return None  # a part leaves there
        if rule == "stop_loss" and OF_LEVEL.match(match.string, match.end()):
            return None  # it is so far from another price
        if rule == "stop_loss" and measure is Measure.R:
            return None
        return Section.RISK, rule, measure, (found[0], *find_range_bars(found[1]))

    return build


def is_bought(match: re.Match[str]) -> bool:
    """Tell whether a part is one that is bought: `enter a third at the breakout, a third at +1 ATR`."""
    sentence = re.split(r"[.;!?](?:\s|$)", match.string[: match.start()])[-1]
    bought = re.search(r"\b(?:enter|buy|add|invest|go long|short)\b", sentence, re.IGNORECASE)
    sold = re.search(r"\b(?:sell|exit|take|close|cover|scale out|bank|book|out|off)\b", f"{sentence} {match.group()}", re.IGNORECASE)
    return bought is not None and ("another" in match.group().lower() or sold is None)


def build_partial(match: re.Match[str]) -> RuleText | None:
    if is_bought(match):
        return None
    share = {"half": "50", "a third": "33", "a quarter": "25"}[match.group(1).lower()]
    return Section.RISK, "partial_exit", read_measure(match.group(3)), (match.group(2), share, *find_range_bars(match.group(3)))


def build_size_of_volatility(match: re.Match[str]) -> RuleText | None:
    """`Annual volatility is 15%`: a size where the text speaks of sizing or a target, otherwise a condition."""
    sized = re.search(r"\bsiz|target", match.string, re.IGNORECASE)
    number = next(group for group in match.groups() if group)
    return (Section.SIZING, "volatility_target", Measure.PERCENT, (number,)) if sized else None


def build_stop_of_pattern(match: re.Match[str]) -> RuleText | None:
    """`Stop under the hammer's low`: of the bar that is named."""
    level = find_level(match.group(1))
    named = re.search(PATTERN, match.group(1), re.IGNORECASE)
    told = re.sub(r" (?:bar|day|candle)$", "", named.group(), flags=re.IGNORECASE) if named else ""
    before = (
        re.search(rf"\b(?:above|below|under|over)\b[^.;]* after (?:an? |the ){re.escape(told)}", match.string, re.IGNORECASE)
        if told
        else None
    )
    if level and named and (before or is_decided_later(named.group(), match.string)):
        level = put_back(level, 1)
    return (Section.RISK, "stop_loss", Measure.PRICE, (level,)) if level else None


BEFORE = re.compile(r"(?:the |its )?(?:previous|prior) (?:high|low)", re.IGNORECASE)
"""A level that is that of the bar before, or of the swing before: no stop or target is put there."""
YESTERDAY = (
    r"\b(?:yesterday|the (?:previous|prior|last) (?:day|bar|candle)) (?:was|is|formed|made) (?:an? )?(?:inside|outside"
    r"|doji|hammer|nr\d|narrow)"
)
"""Words for a bar before this one that `its high` is that of."""
STOPS = {"swing high": "swing_high(3, 3)", "swing low": "swing_low(3, 3)", "low": "low", "high": "high"}
"""Places at which stops lie; those of the day are read as such."""


def build_stop_at(match: re.Match[str]) -> RuleText | None:
    where = match.group(1).lower()
    if where in ("low", "high") and (told := re.search(r"\b(previous|prior|last|latest|nearest) \w+$", match.group(), re.IGNORECASE)):
        if told[1].lower() in ("previous", "prior"):
            return None
        where = f"swing {where}"
    level = STOPS.get(where) or f"today.{'low' if 'low' in where else 'high'}"
    if (
        level in ("low", "high")
        and re.search(r"\bits\b", match.group(), re.IGNORECASE)
        and re.search(YESTERDAY, match.string, re.IGNORECASE)
    ):
        level = put_back(level, 1)
    return Section.RISK, "stop_loss", Measure.PRICE, (level,)


def build_stop_at_extreme(match: re.Match[str]) -> RuleText:
    name = "lowest(low" if match.group(1).lower().startswith("low") else "highest(high"
    return Section.RISK, "stop_loss", Measure.PRICE, (f"{name}, {read_count(match.group(2))})",)


PATTERN_LINE = r"(?:the |its |that )?(?:[\w-]+(?: (?:bar|day|candle))?'s )?(?:high|low)(?: of (?:the|that) [\w-]+(?: (?:bar|day|candle))?)?"


def build_resting_stop(match: re.Match[str]) -> RuleText | None:
    section = Section.ENTRY_LONG if match.group(1).lower() == "buy" else Section.ENTRY_SHORT
    level = find_level(match.group(2))
    if re.match(
        r",? (?:to (?:exit|close|get out|leave|sell)|as (?:the |an? |my )?exit|exits)\b", match.string[match.end() :], re.IGNORECASE
    ):
        section = Section.EXIT_LONG if section is Section.ENTRY_SHORT else Section.EXIT_SHORT
    return (section, "stop_order", Measure.PRICE, (level,)) if level else None


def find_level(words: str) -> str:
    """The price that words name; empty for what is none, and for a plain number."""
    if BEFORE.fullmatch(words.strip()):
        return ""
    level = re.sub(r"^supertrend\((.+)\)\.direction$", r"supertrend(\1)", find_value(words))  # a price, and no side
    return (
        ""
        if not level
        or re.fullmatch(r"-?[\d.]+|volume|(?:rsi|cci|adx|mfi|stoch|roc|macd|atr|obv|ibs|williams_r|zscore|natr|slope)\b.*", level)
        else level
    )


def build_resting_limit(match: re.Match[str]) -> RuleText:
    """`A limit order 2% below yesterday's close`: told on the day of the order, whose day before is the bar that is read."""
    section = Section.ENTRY_SHORT if match["way"].lower() in ("above", "over") else Section.ENTRY_LONG
    away = float(match["share"]) / 100 * (1 if section is Section.ENTRY_SHORT else -1)
    return section, "limit_order", Measure.PRICE, (f"{1 + away:g} * {match['line'].lower()}",)


def build_pause(match: re.Match[str]) -> RuleText | None:
    bars = count_bars_of(read_count(match["count"]), match["unit"], match.string)
    return (Section.RISK, "cool_down", Measure.BARS, (str(bars),)) if bars else None


def build_half_kelly(match: re.Match[str]) -> RuleText:
    word = (match["part"] or "").lower()
    share = {"half": "50", "quarter": "25", "full": "100", "": "100"}[word]
    return Section.SIZING, "kelly", Measure.PERCENT, (share, *([match["cap"]] if match["cap"] else []))


def build_risk(name: str, measure: Measure) -> Builder:
    return lambda match: (Section.RISK, name, measure, tuple(group for group in match.groups() if group))


def build_bars(match: re.Match[str]) -> RuleText | None:
    before = match.string[: match.start()].rstrip().lower()
    if re.search(
        r"\b(?:cancel\w*|re-?ent(?:er|ry)|no (?:new )?(?:entry|entries|trades?)|not"
        r" (?:trade|buy|enter)|wait|pause|expires?|orders?|losing trades|losses|losers)[^.,;]{0,25}$",
        before,
    ):
        return None  # it says how long nothing is done
    if (
        re.search(r"\b(?:rising|falling|rises?|falls?|(?<!give )up|down|above|below|over|under|higher|lower|narrowest|widest)$", before)
        or re.search(r"\b(?:valid|good|open|working)$", before)
        or (
            match.group().lower().startswith("for")
            and re.search(r"(?:\d|average|mean|ma|band|line|channel|vwap|zero|oversold|overbought)$", before)
        )
    ):
        return None  # it says how long a condition has held
    if match.group().lower().startswith("within") and not re.search(
        r"\b(?:sell|sold|exit|close|closed|cover|out|leave|left|finish\w*|done)\b[^.;]*$", before
    ):
        return None  # it says how soon something follows
    return build_holding(match, read_count(match.group(1)), match.group(2))


def build_holding(match: re.Match[str], count: int, unit: str) -> RuleText | None:
    """`After 5 days`: a time in a trade."""
    bars = count_bars_of(count, unit, match.string)
    return (Section.RISK, "time_stop", Measure.BARS, (str(bars),)) if bars else None


def count_bars_of(count: int, unit: str, text: str) -> int:
    """Count the bars of a time: of a text about shorter bars than days, days are no number of bars; 0 where it is not known.

    >>> count_bars_of(2, "weeks", "Daily chart."), count_bars_of(2, "days", "15-minute chart."), count_bars_of(12, "hours", "4h chart.")
    (10, 0, 3)
    """
    unit = unit.lower().rstrip("s")
    if unit in ("bar", "candle"):
        return count
    if unit == "hour":
        minutes = find_base(text) or (24 * 60 if re.search(r"\bdaily\b", text, re.IGNORECASE) else 0)
        return count * 60 // minutes if minutes and count * 60 % minutes == 0 else 0
    return 0 if INTRADAY.search(text) else count * {"week": 5, "month": 21}.get(unit, 1)


def build_level(rule: str) -> Builder:
    """`Stop below yesterday's low`: a level that is named."""

    def build(match: re.Match[str]) -> RuleText | None:
        level = read_term(match.group(1), match.string)
        known = (
            level
            and not BEFORE.fullmatch(match.group(1).strip())
            and not re.fullmatch(
                r"-?[\d.]+|close|volume|(?:rsi|cci|adx|mfi|stoch|roc|macd|atr|obv|ibs|williams_r|zscore|natr|slope)\b.*", level
            )
        )
        return (Section.RISK, rule, Measure.PRICE, (level,)) if known else None

    return build


def build_rebalance(match: re.Match[str]) -> RuleText:
    if match.group(1) is None:
        when = f"{'first' if 'first' in match.group().lower() else 'last'}_trading_day_of_month"
        return Section.SIZING, "rebalance", Measure.WHEN, (when,)
    word = match.group(1).lower()
    if word.startswith("da"):
        return Section.SIZING, "rebalance", Measure.BARS, ("1",)
    quarter = "first_trading_day_of_month and month in (1, 4, 7, 10)"
    when = "first_bar_of_week" if "week" in word else quarter if "quarter" in word else "first_trading_day_of_month"
    return Section.SIZING, "rebalance", Measure.WHEN, (when,)


PAY = r"(?:add|pay(?:ing)? in|pay|deposit|contribut(?:e|ing)|sav(?:e|ing)|put in)"
SUM = r"(?:[$€£] ?)?(\d[\d,]*(?:\.\d+)?)(?: ?(?:dollars|usd|euros?|eur|pounds|gbp)| in cash| cash| of (?:new |fresh )?(?:cash|money))?"
INTO = r"(?:in)?to (?:the |my )?(?:account|plan|savings)"
RHYTHM = r"(?:(?:a|per|each|every) (week|month|quarter|year)|(weekly|monthly|quarterly|yearly|annually))"
"""Parts of a phrase that says what is paid in, and when."""
RHYTHMS = {"week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly", "annually": "yearly"}


def build_deposit(match: re.Match[str]) -> RuleText:
    """`Pay in $500 every month`, `add 200 a week`."""
    told = [group.lower() for group in match.groups() if group]
    amount = next(word for word in told if word[0].isdigit()).replace(",", "")
    rhythm = next(word for word in told if not word[0].isdigit())
    return Section.SIZING, "add_cash", Measure.CASH, (amount, RHYTHMS.get(rhythm, rhythm))


def build_instalments(match: re.Match[str]) -> RuleText | None:
    """`Every month invest $500`: each signal buys again."""
    again = re.search(r"\b(?:every|each)\b[^.;]*$", match.string[: match.start()], re.IGNORECASE)
    return (Section.SIZING, "pyramiding", Measure.COUNT, ("100",)) if again else None


LENGTHS = {"day": 1, "week": 5, "month": 21, "quarter": 63, "year": 252}
"""Bars of a period, on daily bars."""


def build_next_day(match: re.Match[str]) -> RuleText | None:
    """`Exit at the next open`: after one bar; an entry at the next open is what happens anyway, and on shorter bars a day is not one."""
    if "close" in match.group().lower().replace("close it", "") and not re.match("close", match.group(), re.I):
        return None  # a fill at a close is not there
    if INTRADAY.search(match.string) and "bar" not in match.group().lower():
        return None
    return (Section.RISK, "time_stop", Measure.BARS, ("1",)) if re.match("sell|exit|cover|close|out|get", match.group(), re.I) else None


def build_time_stop(match: re.Match[str]) -> RuleText | None:
    count, unit = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
    return build_holding(match, read_count(count), unit)


def build_adding(match: re.Match[str]) -> RuleText | None:
    """`Add every 1 ATR up to 4 units`: further entries by the way that the price has gone."""
    amount, measure, entries = match.group(1), read_measure(match.group(2)), str(max(2, read_count(match.group(3))))
    if measure is Measure.PERCENT:
        return Section.SIZING, "pyramiding", measure, (entries, amount)
    return (Section.SIZING, "pyramiding", measure, (entries, amount, *find_range_bars(match.group(2)))) if measure is Measure.ATR else None


def build_multiple_of_risk(match: re.Match[str]) -> RuleText:
    word = match.group(1).lower()
    number = {"twice": "2", "double": "2", "two times": "2", "three times": "3", "triple": "3"}.get(word) or match.group(2)
    return Section.RISK, "take_profit", Measure.R, (number,)


def build_ratio(match: re.Match[str]) -> RuleText:
    return Section.RISK, "take_profit", Measure.R, (match.group(1) or match.group(2),)


def build_range_stop(match: re.Match[str]) -> RuleText | None:
    """`Stop at the low of the range`: of the opening range where the text speaks of one."""
    if not re.search(r"opening[- ]range|first (?:half )?hour|first \d+ minutes|\d+[- ]minute", match.string, re.IGNORECASE):
        return None
    minutes = str(find_opening_minutes(match.string))
    where, down = (match.group(1) or match.group(2)).lower(), re.search(r"\bshort\b", match.string, re.IGNORECASE)
    if where.startswith("mid"):
        level = f"(opening_range({minutes}).high + opening_range({minutes}).low) / 2"
    else:
        high = where in ("high", "top") or (("side" in where or "end" in where) and bool(down))
        level = f"opening_range({minutes}).{'high' if high else 'low'}"
    return Section.RISK, "stop_loss", Measure.PRICE, (level,)


def build_resting_exit(match: re.Match[str]) -> RuleText:
    level = f"{'last_week' if 'week' in match.group(2).lower() else 'yesterday'}.{match.group(3).lower()}"
    return Section.EXIT_LONG if match.group(1).lower() == "sell" else Section.EXIT_SHORT, "limit_order", Measure.PRICE, (level,)


NO_SIZE = re.compile(
    r"\b(?:stops?(?:[- ]?loss)?|targets?|profits?|loss(?:es)?|lose|losing|tp"
    r"|sl|drawdown|goal|trail(?:ing)?(?: stop)?)(?: (?:is|at|of|to|a|an|the|limit))*:?"
    r" ?$",
    re.IGNORECASE,
)
"""Words in front of an amount of money that is no size."""


OF_A_SALE = re.compile(
    r"\b(?:sell(?! short)|exit|close|cover)(?: off| out)?(?: of)?(?: (?:the|my|all|other|another"
    r"|remaining))*(?P<on>(?:(?!\b(?:buy|short)\b)[^.;])*)$",
    re.IGNORECASE,
)
ASKED = re.compile(r" (?:when|if|once)\b", re.IGNORECASE)


def build_size(name: str, measure: Measure, usual: str = "") -> Builder:
    def build(match: re.Match[str]) -> RuleText | None:
        found = next((group for group in match.groups() if group), usual)
        before = re.split(r"[.;:!?](?:\s|$)|,| and ", match.string[: match.start()])[-1][-40:]
        if name == "position_size" and re.search(r"\b(?:risk\w*|los[est]\w*|equals?|such that|so that)\b", before, re.IGNORECASE):
            return None  # so much is at risk, and not invested
        if measure is Measure.CASH and any(one.start() <= match.start() < one.end() for one in MONEY_IF.finditer(match.string)):
            return None  # another amount where a condition holds
        sold = OF_A_SALE.search(match.string[: match.start()])
        if measure is Measure.UNITS and sold and (not sold["on"].strip() or ASKED.match(match.string, match.end())):
            return None  # so much is sold, and not bought
        if measure is Measure.CASH and NO_SIZE.search(match.string[: match.start()]):
            return None  # it is a loss, a gain or a level
        return Section.SIZING, name, measure, (found.replace(",", ""),)

    return build


def build_risk_in_words(match: re.Match[str]) -> RuleText:
    share = {"half a": "0.5", "a half": "0.5", "a quarter of a": "0.25", "one": "1", "two": "2", "three": "3"}[match.group(1).lower()]
    return Section.SIZING, "risk_per_trade", Measure.PERCENT, (share,)


def build_share_in_words(match: re.Match[str]) -> RuleText:
    share = {"third": "33", "quarter": "25", "fifth": "20", "tenth": "10"}[match.group(1).lower()]
    return Section.SIZING, "position_size", Measure.PERCENT, (share,)
