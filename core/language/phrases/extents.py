"""Phrases about runs of bars and how far they reach: lower highs and lows, the range of several days, the band on the other side."""

import re

from core.language.phrases.conditions import Builder
from core.language.phrases.rule_words import find_level
from core.language.phrases.terms import OVER, UNDER, WORDS, read_count

_BARS = r"(?:days?|bars?|candles?|sessions?)"
_ORDINALS = ("second", "third", "fourth", "fifth", "sixth")
_ORDINAL = rf"(?P<place>{'|'.join(_ORDINALS)}|[2-9](?:nd|rd|th))"
_COUNTED = rf"(?P<count>\d+|{'|'.join(WORDS)})"
_BOTH = r"(?:an? )?(?P<way>lower|higher) (?:highs?|lows?),? (?:and|&) (?:an? )?(?P=way) (?:highs?|lows?)"
_LESS = rf"(?:{UNDER}|narrower than|tighter than|<)"
_MORE = rf"(?:{OVER}|wider than|>)"
OPPOSITE = "opposite("
"""Mark of the band on the other side of the one that the entry broke."""


def _read_run(match: re.Match[str]) -> str:
    """`The third day in a row of lower highs and lower lows`."""
    told = match.groupdict()
    place = (told.get("place") or "").lower()
    bars = (
        read_count(told["count"])
        if told.get("count")
        else int(place[0])
        if place[:1].isdigit()
        else _ORDINALS.index(place) + 2
        if place
        else 1
    )
    sign = "<" if match["way"].lower() == "lower" else ">"
    step = f"high {sign} high[1] and low {sign} low[1]"
    return f"count({step}, {bars}) == {bars}" if bars > 1 else step


def _read_span(match: re.Match[str]) -> str:
    """`The 10-day range is less than 8%`: of the close."""
    length = match["length"]
    sign = "<" if re.match(_LESS, match["side"], re.IGNORECASE) else ">"
    return f"(highest(high, {length}) - lowest(low, {length})) / close {sign} {float(match['share']) / 100:g}"


def _read_distances(match: re.Match[str]) -> str:
    """`The open is 1 to 3 percent below yesterday's close`: between two distances from it."""
    level = find_level(match["level"])
    away = -1 if re.match(UNDER, match["side"], re.IGNORECASE) else 1
    ends = sorted(1 + away * float(match[name]) / 100 for name in ("near", "far"))
    subject = "open" if re.search(r"\bopen", match["subject"] or match["verb"] or "", re.IGNORECASE) else "close"
    return f"between({subject}, {ends[0]:g} * {level}, {ends[1]:g} * {level})" if level else ""


PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        r"(?P<subject>(?:the |today's )?(?:price|close|open(?:ing price)?|stock|market|it) )?(?P<verb>(?:is|closes|opens|trades) )"
        r"(?:between )?(?P<near>\d+(?:\.\d+)?) ?%? ?(?:to|and|-|–) ?(?P<far>\d+(?:\.\d+)?) ?(?:%|percent)"
        rf" (?P<side>{OVER}|{UNDER}) (?P<level>[^.,;:()]{{2,40}}?(?:\(\d+\))?)(?=[.,;:()]|$| and\b| or\b| then\b| with\b)",
        _read_distances,
    ),
    (
        rf"(?:(?:today|this|it|price|the (?:price|bar|market)) (?:is|makes?|has made|made) )?(?:the )?{_ORDINAL} (?:straight "
        rf"|consecutive )?{_BARS}"
        rf"(?: in a row| running)?,? (?:of|with|that makes?|making) {_BOTH}",
        _read_run,
    ),
    (
        rf"(?:there (?:are|were|have been) |at least |the last |after |makes? |makes )*{_COUNTED} (?:straight |consecutive"
        rf" )?{_BARS}(?: in a row)?"
        rf" (?:of|with|that make|making) {_BOTH}",
        _read_run,
    ),
    (
        rf"(?:(?:price|the (?:price|bar|market)|it) (?:makes?|has made|made) )?{_BOTH} (?:for |on |over )?(?:the last |at least"
        rf" )?{_COUNTED} (?:straight |consecutive )?{_BARS}"
        rf"(?: in a row| running)?",
        _read_run,
    ),
    (
        rf"(?:the |its )?(?P<length>\d+)[- ](?:day|bar|session) (?:(?:high[- ](?:to[- ])?low|trading|price) )?range (?:is |of "
        rf"|was )?(?P<side>{_LESS}|{_MORE})"
        r" (?P<share>\d+(?:\.\d+)?) ?(?:%|percent)(?: of (?:the )?(?:price|close))?(?! of)",
        _read_span,
    ),
    (
        r"(?:(?:the )?(?:price|it|close|market) )?(?:touch(?:es|ed)?|reach(?:es|ed)?|hits?|tags?) the opposite (?:bollinger "
        r"|keltner )?band"
        r"|(?:at|on(?: a touch of)?) the opposite (?:bollinger |keltner )?band",
        lambda match: OPPOSITE,
    ),
)
