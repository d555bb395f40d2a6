"""Phrases about moves that have happened (streaks, gaps, breakouts, squeezes), and clauses that no row can say."""

import re

from core.language.phrases.calendar_days import MONTH
from core.language.phrases.conditions import MONTHS, Builder
from core.language.phrases.terms import COUNT, read_count

FALLEN = r"fallen|dropped|declined|lost|(?:closed |been |gone )?(?:down|lower)|closed (?:red|in the red)"
RISEN = r"risen|gained|climbed|advanced|(?:closed |been |gone )?(?:up|higher)|closed (?:green|in the green)"
UNSAYABLE = re.compile(
    r"\badd(?:s|ing)? (?:the |a )?(?:other half|another half|second half|rest|more|again|to (?:it|the position|my position))\b[^.;,]*"
    r"|\b(?:the )?first (?:half[- ]?)?(?:hour|\d+ minutes)(?: candle| bar)? (?:closes?|ends?|is) (?:red|green|up|down|higher|lower)\b",
    re.IGNORECASE,
)
"""Clauses whose words would be taken for something else: a second entry of its own size, the color of the first hour."""
HOLD_SEASON = re.compile(
    r"\b(?:hold|own|buy and hold|(?:be|stay|remain|go) (?:long|invested|in the market))(?: it| stocks| equities| shares| the"
    r" (?:stock|market|index))?,? from"
    rf" (?:the )?(?:(?:first (?:trading )?day|start|beginning) of )?({MONTH})"
    rf" (?:to|through|thru|until|till) (?:the )?(?:(?:last (?:trading )?day|end) of )?({MONTH})\b",
    re.IGNORECASE,
)


BEFORE_CLOSE = re.compile(
    r"\b(?:(?:be |go |always )*(?:flat|out)|exit|sell|close(?: (?:out|everything|the (?:trade|position)|all positions|it))?"
    r"|get out|cover)(?: everything)? (?P<minutes>\d+) minutes? before"
    r" (?:the )?(?:close|end of (?:the )?(?:day|session)|session ends|bell)\b",
    re.IGNORECASE,
)
"""`Flat 10 minutes before the close`: a way out by the time that is left."""


def split_season(match: re.Match[str]) -> tuple[str, str]:
    """Split the year for a match of `HOLD_SEASON`: the months in which a position is held, the last one included, and the others."""
    first, last = (MONTHS.index(match.group(place).lower()) for place in (1, 2))
    held = [(first + step) % 12 + 1 for step in range((last - first) % 12 + 1)]
    others = [number for number in range(1, 13) if number not in held]
    return f"month in ({', '.join(map(str, held))})", f"month in ({', '.join(map(str, others))})"


def _moved(match: re.Match[str]) -> str:
    return f"{'falling' if re.fullmatch(FALLEN, match.group(1), re.IGNORECASE) else 'rising'}(close, {read_count(match.group(2))})"


def _gap(match: re.Match[str]) -> str:
    return f"gap > {match.group(2)}" if match.group(1).lower() == "up" else f"gap < -{match.group(2)}"


def _first_minutes(match: re.Match[str]) -> str:
    minutes = "30" if re.search("half", match.group(), re.IGNORECASE) else match.group(2) or ("30" if "thirty" in match.group() else "60")
    down = re.search(r"below|under|down", match.group(1), re.IGNORECASE)
    return f"crosses_{'below' if down else 'above'}(close, opening_range({minutes}).{'low' if down else 'high'})"


def _donchian(match: re.Match[str]) -> str:
    return f"close > highest(high, {match.group(1) or match.group(2)})[1]"


def _squeeze(match: re.Match[str]) -> str:
    told = "bbands(20, 2).upper < keltner(20, 1.5).upper and bbands(20, 2).lower > keltner(20, 1.5).lower"
    bars = read_count(match.group(1)) if match.group(1) else 1
    return f"count({told}, {bars}) == {bars}" if bars > 1 else told


PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:an?|any|the|those)? ?(?:stock|share|market|index|etf|name)s? (?:that|which) (?:has|had|have) ({FALLEN}"
        rf"|{RISEN})(?: for)? {COUNT}"
        r" (?:straight |consecutive )?(?:days|bars|sessions|closes)(?: in a row| running| straight)?",
        _moved,
    ),
    (
        rf"(?:it|price|the (?:price|stock|market)) (?:has|had) ({FALLEN}|{RISEN})(?: for)? {COUNT}"
        r" (?:straight |consecutive )?(?:days|bars|sessions|closes)(?: in a row| running| straight)?",
        _moved,
    ),
    (
        r"(?:the )?(?:opening )?gap (up|down) (?:is|was|exceeds|measures)(?: bigger| larger| greater)?(?: more| at least)?(?: than| over)?"
        r" (\d+(?:\.\d+)?) ?(?:%|percent)(?: or more)?",
        _gap,
    ),
    (
        r"(?:an? )?(break(?:s|ing)? ?(?:outs?|downs?)?(?: (?:of|from|above|over|below|under|through))?)"
        r" (?:the )?(?:high of the |low of the )?(?:opening|first)"
        r" (?:(\d+|thirty|sixty)[- ]?min(?:ute)?s?|(?:half[- ]?)?hour)(?:'s)?(?: range)?",
        _first_minutes,
    ),
    (
        r"(?:an? )?donchian(?: channel)? \(?(\d+)\)?[- ]?(?:day |bar )?break ?outs?|(?:an? )?(\d+)[- ]?(?:day|bar)? donchian break ?outs?",
        _donchian,
    ),
    (
        r"(?:the )?(?:bollinger bands|bollingers|bb) (?:are|lie|stay|sit|have been|were) (?:fully |completely )?(?:inside|within)"
        rf" (?:of )?(?:the )?keltners?(?: channels?| bands?)?(?: for(?: at least)? {COUNT} (?:bars|days|candles))?",
        _squeeze,
    ),
)
"""Phrases about what the price has done, the more exact first."""
