"""Phrases about hours, days and months: when nothing is opened, and days of the week and of the month."""

import re

from core.language.phrases.conditions import DAYS, MONTHS, Builder
from core.language.phrases.sayings import ORDINAL
from core.language.phrases.terms import COUNT, ORDINALS, read_count

AVOID = (
    r"(?:(?:do not|don'?t|never|no)(?: (?:trade|trades|trading|enter|entries|entry|buy|new positions?|take (?:any )?trades?))?"
    r"|avoid(?:ing)?(?: trading)?|skip(?:ping)?(?: trades)?|(?:stay|sit) out|stand aside|stay away from|except|excluding|not)"
)
MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
DAY = "monday|tuesday|wednesday|thursday|friday"
TIME = r"(\d{1,2}):(\d{2})"


def _outside_hours(match: re.Match[str]) -> str:
    first, second = (f"time({int(match.group(place))}, {int(match.group(place + 1))})" for place in (1, 3))
    return f"minute_of_day >= {first} and minute_of_day < {second}"


def _read_names(text: str, names: list[str]) -> list[int]:
    return [names.index(word.lower()) for word in re.findall("|".join(names), text, re.IGNORECASE)]


def _avoid_months(match: re.Match[str]) -> str:
    return " and ".join(f"month != {number + 1}" for number in _read_names(match.group(1), MONTHS))


def _avoid_days(match: re.Match[str]) -> str:
    return " and ".join(f"weekday != {number}" for number in _read_names(match.group(1), DAYS))


def _season(match: re.Match[str]) -> str:
    first, last = (MONTHS.index(match.group(place).lower()) + 1 for place in (1, 2))
    return f"month >= {first} {'and' if first <= last else 'or'} month <= {last}"


def _before_month_end(match: re.Match[str]) -> str:
    return f"trading_days_left == {read_count(match.group(1))}"


def _list_days(match: re.Match[str]) -> str:
    """`Tuesdays, Wednesdays and Thursdays`, `Monday through Thursday`."""
    days = _read_names(match["days"], DAYS)
    if re.search(r"through|thru| to |-", match["days"], re.IGNORECASE) and len(days) == 2:
        days = [(days[0] + step) % 7 for step in range((days[1] - days[0]) % 7 + 1)]
    return f"weekday in ({', '.join(map(str, days))})" if len(days) > 1 else ""


def _list_months(match: re.Match[str]) -> str:
    months = _read_names(match["months"], MONTHS)
    return f"month in ({', '.join(str(number + 1) for number in months)})" if len(months) > 1 else ""


def _after_losses(match: re.Match[str]) -> str:
    """`After two losers in a row wait 20 days`."""
    return f"losses_in_row < {read_count(match['losses'])} or bars_since_exit >= {read_count(match['bars'])}"


def _edges_of_the_day(match: re.Match[str]) -> str:
    """`No trades in the first hour or the last half hour`."""
    parts = []
    for edge, span in re.findall(r"(first|last) ((?:half )?hour|\d+ minutes?)", match.group(), re.IGNORECASE):
        minutes = 30 if "half" in span.lower() else 60 if "hour" in span.lower() else int(span.split()[0])
        parts.append(f"minutes_since_open > {minutes}" if edge.lower() == "first" else f"minutes_to_close >= {minutes}")
    return " and ".join(parts)


def _after_minutes(match: re.Match[str]) -> str:
    span = match["span"].lower()
    return f"minutes_since_open > {30 if 'half' in span else 60 if 'hour' in span else int(span.split()[0])}"


def _part_of_month(match: re.Match[str]) -> str:
    count = read_count(match.group(2))
    return f"trading_day_of_month <= {count}" if match.group(1).lower() == "first" else f"trading_days_left < {count}"


def _day_closes(match: re.Match[str]) -> str:
    """`Monday closes lower than Friday`: against the bar before, which must be that day."""
    day, other = DAYS.index(match.group(1).lower()), match.group(3)
    led = re.search(rf"(?:{DAY})s? (?:if|when|after)\b[\w ]{{0,12}}$", match.string[: match.start()], re.IGNORECASE)
    if led or (other and (DAYS.index(other.lower()) + 1) % 5 != day):
        return ""
    up = match.group(2).lower() in ("up", "higher", "green")
    if match["share"]:
        return f"weekday == {day} and roc(1) {'>=' if up else '<='} {'' if up else '-'}{match['share']}"
    return f"weekday == {day} and close {'>' if up else '<'} close[1]"


def _named_closes(match: re.Match[str]) -> str:
    """`If Friday's close was lower than Thursday's`: on the day that is named first, against the bar before."""
    day, other = (DAYS.index(match.group(place).lower()) for place in (1, 3))
    down = match.group(2).lower() in ("lower", "below", "under")
    return f"weekday == {day} and close {'<' if down else '>'} close[1]" if (other + 1) % 5 == day else ""


def _days_open(match: re.Match[str]) -> str:
    """`At Tuesday's open`: decided on the close of the day before."""
    return f"weekday == {(DAYS.index(match.group(1).lower()) - 1) % 5}"


def _weekday_of_month(match: re.Match[str]) -> str:
    """`The third Friday of the month`."""
    word, day = match.group(1).lower(), DAYS.index(match.group(2).lower())
    if word == "last":
        return f"weekday == {day} and trading_days_left < 5"
    number = ORDINALS.get(word) or int(re.sub(r"\D", "", word))
    return f"weekday == {day} and between(day, {7 * number - 6}, {7 * number})" if number <= 5 else ""


def _day_in_month(match: re.Match[str]) -> str:
    word, month = match.group(1).lower(), MONTHS.index(match.group(2).lower()) + 1
    return f"month == {month} and {word}_trading_day_of_month"


def _last_but(match: re.Match[str]) -> str:
    """`The fifth last trading day of December`, `the second to last day of the month`."""
    word = re.split("[- ]", match["place"].lower())[0]
    place = 2 if word.startswith(("penult", "next")) else ORDINALS.get(word) or int(re.sub(r"\D", "", word))
    month = f"month == {MONTHS.index(match['month'].lower()) + 1} and " if match["month"] else ""
    return f"{month}trading_days_left == {place - 1}"


_SPAN = r"(?:half )?hour|\d+ minutes?"
FILTERS: tuple[tuple[str, Builder], ...] = (
    (
        r"(?:(?:trade|enter|buy|entries) only|only (?:trade|enter|buy|entries))(?: in| during)? (?:the )?first"
        r" (?P<count>\d+|two|three|four)"
        r" hours(?: of (?:the (?:day|session)|trading))?",
        lambda match: f"minutes_since_open <= {60 * read_count(match['count'])}",
    ),
    (
        rf"{AVOID},? ?(?:in|during)? (?:the )?(?:first|last) (?:{_SPAN})(?:(?:,? (?:and|or|nor)(?: in| during)?) (?:the"
        rf" )?(?:first|last) (?:{_SPAN}))?(?: of (?:the (?:day|session)|trading))?",
        _edges_of_the_day,
    ),
    (
        rf"(?:(?:only )?after|wait(?:ing)? (?:for|out|until)|let)(?: the end of)? (?:the )?first (?P<span>{_SPAN})(?:"
        rf" of (?:the (?:day|session)|trading))?",
        _after_minutes,
    ),
    (
        r"after (?P<losses>\d+|two|three|four|five) (?:losers|losses|losing trades|consecutive losses)(?: in a row| running|"
        r" in succession)?,? (?:i |we )?(?:wait|pause|rest|sit out|stay out)"
        r"(?: for)?(?: at least)? (?P<bars>\d+|two|three|five|ten)(?: (?:trading )?(?:days|bars|sessions))?",
        _after_losses,
    ),
    (
        rf"(?:trade )?only (?:trade )?on (?P<days>(?:{DAY})s?(?:(?:,? (?:and |or )?(?:on )?| (?:through|thru|to) )(?:{DAY})s?)+)",
        _list_days,
    ),
    (rf"{AVOID} before {TIME},? (?:or|and|nor)(?: also)?(?: not| none| never)? after {TIME}", _outside_hours),
    (rf"{AVOID},? ?(?:in|during)? (?:the month of )?((?:{MONTH})(?:,? (?:and |or )?(?:in )?(?:{MONTH}))*)", _avoid_months),
    (
        rf"(?:only )?(?:from|between) (?:the )?(?:(?:first (?:trading )?day|start|beginning) of )?({MONTH})"
        rf" (?:to|through|thru|until|till|and) (?:the )?(?:(?:last (?:trading )?day|end) of )?({MONTH})(?: only)?",
        _season,
    ),
    (rf"{AVOID},? ?(?:on)? ((?:{DAY})s?(?:,? (?:and |or )?(?:on )?(?:{DAY})s?)*)", _avoid_days),
)
"""Phrases that keep trades away, whatever they follow."""
PATTERNS: tuple[tuple[str, Builder], ...] = (
    (rf"(?:on )?(?P<days>(?:{DAY})s?(?:(?:,? (?:and |or )?(?:on )?|,? or | (?:through|thru|to) )(?:{DAY})s?)+)", _list_days),
    (rf"(?:in |during )?(?P<months>(?:{MONTH})(?:(?:, (?:and |or )?| and | or )(?:in )?(?:{MONTH}))+)", _list_months),
    (
        r"(?:on )?(?:the )?first (?:trading |business )?day of (?:the|each|every|a)(?: new)? quarter"
        r"|(?:the )?(?:start|beginning) of (?:the|each|every) quarter",
        lambda match: "first_trading_day_of_month and month in (1, 4, 7, 10)",
    ),
    (
        r"(?:on )?(?:the )?last (?:trading |business )?day of (?:the|each|every|a) quarter|(?:the )?end"
        r" of (?:the|each|every) quarter|quarter[- ]end",
        lambda match: "last_trading_day_of_month and month in (3, 6, 9, 12)",
    ),
    (
        rf"(?:on )?(?:the )?(?P<place>penultimate|(?:next|{'|'.join(ORDINALS)}|\d+(?:st|nd|rd|th))(?:[- ]to)?[- ](?:the[- ])?last)"
        rf" (?:(?:trading |business )?day (?:of|in) (?:(?:the|each|every|a) month|(?P<month>{MONTH}))"
        r"|(?:trading |business )day(?! (?:of|in)\b))",
        _last_but,
    ),
    (rf"(?:on )?(?:the )?(first|last) (?:trading |business )?day of ({MONTH})", _day_in_month),
    (
        rf"{COUNT} (?:trading |business )?days? before (?:the )?(?:end of (?:the|each|every) month|month[- ]?"
        rf"(?:'s )?end|turn of the month)",
        _before_month_end,
    ),
    (rf"(?:on |in |during )?(?:the )?(first|last) {COUNT} (?:trading |business )?days of (?:the|each|every|an?) month", _part_of_month),
    (
        rf"(?:on (?:{DAY})s? (?:if|when) )?({DAY})(?:'s)? close (?:was|is|lies) (lower|below|under|higher|above) (?:than"
        rf" )?({DAY})(?:'s)?(?: close)?",
        _named_closes,
    ),
    (
        rf"({DAY}) (?:closes|closed|is|was|ends|ended) (up|down|higher|lower|green|red)(?: than ({DAY}))?"
        r"(?: (?:by )?(?:(?:more than|over|at least) )?(?P<share>\d+(?:\.\d+)?) ?(?:%|percent))?",
        _day_closes,
    ),
    (rf"(?:at |on )?(?:the )?({DAY})(?:'s)? open(?:ing)?", _days_open),
    (
        rf"(?:on )?(?:the |every |each )?{ORDINAL.replace(')|', '|last)|', 1)} ({DAY})s? (?:of|in) (?:the|each|every) month",
        _weekday_of_month,
    ),
)
"""Phrases that name a day, in order."""
