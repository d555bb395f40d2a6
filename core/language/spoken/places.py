"""Levels of a part of the day and of a period: the opening range, the opening price, the middle of the day before."""

import re

from core.language.spoken.noun import Noun
from core.language.spoken.scanner import Scanner
from core.language.spoken.vocabulary import INTRADAY

SPAN = (
    r"(?:first (?P<{0}>half[- ]?hour|hour|\d+ minutes?|\d+[- ]min(?:ute)?(?= (?:candle|bar)))(?: candle| bar)?|"
    r"(?P<{0}b>\d+)[- ]min(?:ute)? (?:opening )?range|opening range)"
)


def find_opening_minutes(text: str) -> int:
    """Find the minutes of the opening range that a text speaks of, not those of its bars; half an hour where it does not say."""
    for pattern in OPENING_MINUTES:
        for told in re.finditer(pattern, text, re.IGNORECASE):
            if not NO_TRADES.search(text[: told.start()]):
                return int(told[1])
    return 60 if re.search(r"first hour", text, re.IGNORECASE) else 30


OPENING_MINUTES = (
    r"(?:opening[- ]range|\borb\b)(?: (?:high|low))? ?(?:of |over |\()?(?:the )?(?:first )?(\d+)[- ]?min",
    r"(\d+)[- ]min(?:ute)?s? (?:opening[- ]range|orb\b)",
    r"first (\d+)[- ]?min",
    r"(?<!\w)(\d+)[- ]?min(?:ute)?s?\b(?! (?:bars?|charts?|candles?|time ?frame))",
)
"""Words for the length of an opening range, the more exact first."""
NO_TRADES = re.compile(r"\b(?:no (?:new )?(?:entries|entry|trades?|trading)|avoid|skip|never|not)\b[^.;]{0,30}$", re.IGNORECASE)


def read_opening(scan: Scanner) -> Noun | None:
    """Read `the low of the first hour`, `the first 30 minutes' high`, `the opening range high`."""
    match = scan.take(
        rf"(?P<line>high|low|top|bottom) of (?:the |that )?{SPAN.format('span')}|{SPAN.format('other')}(?:'s?)? (?P<line2>high"
        rf"|low|top|bottom)"
    )
    if match is None and re.search(r"\b(?:first|opening|orb)\b", scan.text, re.IGNORECASE):
        bare = scan.take(r"(?P<minutes>\d+)[- ]min(?:ute)? (?P<line>high|low)")
        return Noun(f"opening_range({bare['minutes']}).{bare['line'].lower()}") if bare else None
    if match is None:
        return None
    scan.take(r"of (?:the )?(?:first )?\d+ min(?:ute)?s?")
    told = match["span"] or match["other"] or match["spanb"] or match["otherb"]
    if told is None:
        told = str(find_opening_minutes(scan.text))
    minutes = "30" if "half" in told.lower() else "60" if "hour" in told.lower() else re.sub(r"\D", "", told)
    return Noun(f"opening_range({minutes}).{'high' if (match['line'] or match['line2']).lower() in ('high', 'top') else 'low'}")


ZONE = r"(?-i:UTC|[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+)"
"""Zones as the tz database names them."""


def read_place(scan: Scanner) -> Noun | None:
    """Read `the opening price`, `the first candle's low`, `the high between 0:00 and 7:00` or `the previous day's midpoint`."""
    clocks = r"(?P<h{0}>\d{{1,2}})[:h](?P<m{0}>\d\d) ?(?:and|to|until|-|–) ?(?P<h{1}>\d{{1,2}})[:h](?P<m{1}>\d\d)"
    window = scan.take(
        rf"(?P<side>high|low) (?:between|from) {clocks.format(1, 2)}(?: (?P<zone>{ZONE})(?!\w))?"
        rf"|{clocks.format(3, 4)}(?: (?P<zone2>{ZONE}))? (?P<side2>high|low)"
    )
    if window is not None:
        places = (1, 2) if window["side"] else (3, 4)
        named = window["zone"] or window["zone2"]
        zone = f', "{named}"' if named else ""
        (begun, first), (ended, last) = (
            (f"time({int(window[f'h{one}'])}, {int(window[f'm{one}'])}{zone})", int(window[f"h{one}"])) for one in places
        )
        inside = f"minute_of_day >= {begun} {'and' if first <= last else 'or'} minute_of_day < {ended}"
        high = (window["side"] or window["side2"]).lower() == "high"
        of = f"{'highest' if high else 'lowest'}_since(minute_of_day == {begun}, {'high' if high else 'low'})"
        return Noun(f"value_when({inside}, {of})")
    candle = scan.take(
        r"(?:first|opening) (?:candle|bar)(?: of the (?:day|session))?'?s? (?P<line>high|low|open|close|range)"
        r"|(?P<line2>high|low|open|close|range) of (?:the |that )?(?:day's )?(?:first|opening) (?:candle|bar)"
        r"(?: of the (?:day|session))?(?! (?:that|to|which|after|above|below)\b)"
    )
    if candle is not None:
        line = (candle["line"] or candle["line2"]).lower()
        return Noun(f"value_when(first_bar_of_day, {'high - low' if line == 'range' else line})")
    if scan.take(r"(?:today's )?(?:opening price|price at the open|open(?:ing)? of the day|day open)"):
        return Noun("today.open" if scan.free or INTRADAY.search(scan.text) else "open")
    middle = scan.take(
        r"(?:(?P<one>yesterday|(?:previous|prior|last) (?:day|week|month|bar|candle))(?:'?s|') (?:range )?(?:mid-?point|middle)"
        r"|(?:mid-?point|middle) of (?:the )?(?P<two>yesterday|(?:previous|prior|last) (?:day|week|month|bar|candle))(?:'s range|'s)?)"
    )
    if middle is not None:
        word = (middle["one"] or middle["two"]).lower().split()[-1]
        if word in ("bar", "candle"):
            return Noun("(high[1] + low[1]) / 2")
        name = f"last_{word}" if word in ("week", "month") else "yesterday"
        return Noun(f"({name}.high + {name}.low) / 2")
    return None
