"""Phrases for the room and the time that a trade is given: how far its stop sits, how many bars it has, where a band is its stop."""

import re

from core.domain.workflow import Measure, Section
from core.language.phrases.conditions import Builder as ConditionBuilder
from core.language.phrases.rule_words import REACH, Builder, RuleText, find_level, find_range_bars, read_measure
from core.language.phrases.terms import COUNT, read_count
from core.language.spoken.places import find_opening_minutes

_NUMBERED = REACH.replace("(\\d+", "(?P<number>\\d+", 1).replace("(%", "(?P<unit>%", 1)
_COUNTED = COUNT.replace("(", "(?P<count>", 1)
_BARS = r"(?:trading )?(?P<unit>bars?|days?|sessions?|candles?|weeks?|months?)"
_STOP = r"(?:(?:my|the|a|an|initial|hard|protective) )*(?<!buy )(?<!sell )(?:stops?(?:[- ]loss)?|sl)"
_TRADE = r"(?:it|(?:the|a|each|every|my|any) (?:trade|position)|trades|positions)"
_PRICE = r"(?:it |the (?:stock|price|market|index|etf) |price )?"
LENGTHS = {"week": 5, "month": 21}


def _stop_away(match: re.Match[str]) -> RuleText:
    return Section.RISK, "stop_loss", read_measure(match["unit"]), (match["number"], *find_range_bars(match["unit"]))


def _time(match: re.Match[str]) -> RuleText:
    bars = read_count(match["count"]) * LENGTHS.get(match["unit"].lower().rstrip("s"), 1)
    return Section.RISK, "time_stop", Measure.BARS, (str(bars),)


def _level_as_stop(match: re.Match[str]) -> RuleText | None:
    """`Use the lower band as the stop`, `the 20 EMA is my trailing stop`."""
    level = find_level(match["level"].strip())
    rule = "trailing_stop" if "trail" in match["stop"].lower() else "stop_loss"
    return (Section.RISK, rule, Measure.PRICE, (level,)) if level else None


def _ratio(match: re.Match[str]) -> RuleText:
    return Section.RISK, "take_profit", Measure.R, (match["ratio"],)


def _pause_after_loss(match: re.Match[str]) -> RuleText:
    bars = read_count(match["count"]) * LENGTHS.get(match["unit"].lower().rstrip("s"), 1)
    return Section.RISK, "cool_down", Measure.BARS, (str(bars),)


def _order_at_range(match: re.Match[str]) -> RuleText | None:
    """`Buy stop at the high of the first 30 minutes, sell stop at the low`: of the range that the text speaks of."""
    if not OF_RANGE.search(match.string):
        return None
    long, low = match["side"].lower() == "buy", match["line"].lower() in ("low", "bottom")
    if low is long:
        return None
    level = f"opening_range({find_opening_minutes(match.string)}).{'high' if long else 'low'}"
    return Section.ENTRY_LONG if long else Section.ENTRY_SHORT, "stop_order", Measure.PRICE, (level,)


def _order_beyond_today(match: re.Match[str]) -> RuleText | None:
    """`Buy tomorrow above today's high`, `short below the signal bar's low`: no close is beyond its own bar, so that it is an order."""
    short, low = re.search("short", match["way"], re.IGNORECASE) is not None, match["line"].lower() == "low"
    if short is not low or short is not (match["side"].lower() in ("below", "under")):
        return None
    return Section.ENTRY_SHORT if short else Section.ENTRY_LONG, "stop_order", Measure.PRICE, (match["line"].lower(),)


OF_RANGE = re.compile(r"opening[- ]range|first (?:half[- ]hour|hour|\d+[- ]?min)|\borb\b", re.IGNORECASE)
RULES: tuple[tuple[str, Builder], ...] = (
    (
        r"(?P<way>buy|go long|enter long|sell short|go short|short)(?: it)?"
        r"(?: tomorrow|(?: on)? the (?:next|following) (?:day|bar|session))?"
        r"(?: on an? (?:buy |sell )?stop)?(?: a tick| one tick| just)? (?P<side>above|over|below|under)"
        r" (?:today's|(?:the |that )(?:signal|setup|trigger) (?:bar|candle|day)'s) (?P<line>high|low)",
        _order_beyond_today,
    ),
    (
        r"(?P<side>buy|sell)[- ]stop(?: order)?(?: (?:a tick|one tick|just))? (?:at|above|below|over|under)"
        r" (?:the |its )?(?P<line>high|low|top|bottom)"
        r"(?: of (?:the |that )?(?:first (?:half[- ]hour|hour|\d+[- ]min(?:ute)?s?)|opening range|range))?(?! of\b)",
        _order_at_range,
    ),
    (
        rf"{_STOP} (?:sits|is|goes|lies|stays|rests|is placed|is set|is kept)(?: always| never more than| no more than)?"
        rf" {_NUMBERED} (?:away|off|out|from (?:my |the )?(?:entry|fill))(?: from (?:my |the )?(?:entry|fill)(?: price)?)?",
        _stop_away,
    ),
    (
        rf"(?:i |we )?(?:give|allow|grant)(?:s|ing)? {_TRADE} (?:at most |no more than |up to |only |a maximum of )?{_COUNTED}"
        rf" {_BARS}(?: (?:at (?:the )?most|max(?:imum)?|to work(?: out)?|or less|and no more))*",
        _time,
    ),
    (rf"{_TRADE} (?:gets|has|is given) (?:at most |up to |only )?{_COUNTED} {_BARS}(?: (?:at (?:the )?most|to work(?: out)?))*", _time),
    (
        r"use (?P<level>(?:the |its )?[^.,;:()]{3,50}?) as (?:the |my |an? |its )?"
        r"(?P<stop>(?:initial |hard |protective |trailing )?stop(?:[- ]loss)?)"
        r"(?: level| price)?",
        _level_as_stop,
    ),
    (
        r"(?P<level>(?:the |its )[^.,;:()]{3,50}?) (?:is|serves as|acts as|will be) (?:the |my |an? |its )"
        r"(?P<stop>(?:initial |hard |protective |trailing )?stop(?:[- ]loss)?)(?=[.,;]|$| and\b)",
        _level_as_stop,
    ),
    (r"(?:take[- ]profits?|profit target|target|tp|aim(?: for)?)(?: is| of| at|:)? 1 ?: ?(?P<ratio>\d+(?:\.\d+)?)(?![\d:%])", _ratio),
    (
        rf"(?:do not|don'?t|no|never|not) (?:trad(?:e|es|ing)|enter|entries|new (?:trades?|entries))(?: at all)? for"
        rf"(?: at least)?(?: the next)?"
        rf" {_COUNTED} {_BARS} after (?:an? |any |every |each )?(?:loss(?:es)?|losing trades?|losers?|stop[- ]?outs?)",
        _pause_after_loss,
    ),
)
"""Rules of room and time."""
PATTERNS: tuple[tuple[str, ConditionBuilder], ...] = (
    (
        rf"{_PRICE}(?:drops|falls|declines|closes down|is down|has (?:dropped|fallen|closed down)) (?:for )?"
        rf"{_COUNTED} (?:straight |consecutive )?(?:days|bars|sessions)(?: (?:in a row|running|in succession|straight))",
        lambda match: f"falling(close, {read_count(match['count'])})",
    ),
    (
        rf"{_PRICE}(?:rises|climbs|gains|closes up|is up|has (?:risen|closed up)) (?:for )?"
        rf"{_COUNTED} (?:straight |consecutive )?(?:days|bars|sessions)(?: (?:in a row|running|in succession|straight))",
        lambda match: f"rising(close, {read_count(match['count'])})",
    ),
)
"""Streaks in words, and what holds anyway."""
