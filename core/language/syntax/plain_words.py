"""Conditions that people say in words in a cell: streaks, times, days and months, ranges, `within 3 bars`, amounts of money.

Only what leaves no doubt is written in the language's own spelling. Signs, operators and names are the work of `spelling`.
"""

import functools
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(_WORDS)})"
_NUMBER = r"\d+(?:\.\d+)?"
_OPERAND = r"[a-z_]\w*(?:\((?:[^()]|\([^()]*\))*\))?(?:\.\w+)?(?:\[\d+\])?(?!\s*\()"
_PART = rf"(?:\([^()]*\)|{_OPERAND}|-?{_NUMBER})"
_VALUE = rf"{_PART}(?:\s*[-+*/]\s*{_PART})*"
_BEFORE = r"(?P<before>^\s*|\b(?:and|or|not|but|if|else)\s+|[(,]\s*)"
"""Signs and words in front of a condition."""
_BEHIND = r"(?=\s*$|\s+(?:and|or|but|else)\b|\s*[),])"
"""Signs and words behind a condition."""
_BARS = r"(?:bars?|candles?|periods?|days?|sessions?|closes)"

Rewrite = tuple[str, Callable[[re.Match[str]], str]]


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when it is needed first: most texts need none."""
    return re.compile(pattern, re.IGNORECASE)


def _count(word: str | None) -> int:
    return 1 if word is None else int(word) if word.isdigit() else _WORDS.index(word.lower()) + 1


_WAYS = "up|down|higher|lower|rising|falling|green|red|bullish|bearish|winning|losing"
_STREAK = (
    rf"(?:consecutive\s+|straight\s+|successive\s+)?(?P<way>{_WAYS})\s+(?P<what>days?|bars?|candles?|closes?|sessions?|highs?|lows?|opens?)"
    r"(?![\w(.\[])(?:\s+(?:in\s+a\s+row|running|straight|in\s+succession))?"
)


def _step(way: str, what: str) -> tuple[str, str, str]:
    """One bar of a streak as a condition, its series, and its direction."""
    if way in ("green", "red", "bullish", "bearish"):
        return f"close {'>' if way in ('green', 'bullish') else '<'} open", "", ""
    series = what.rstrip("s") if what.rstrip("s") in ("high", "low", "open") else "close"
    up = way in ("up", "higher", "rising", "winning")
    return f"{series} {'>' if up else '<'} {series}[1]", series, "rising" if up else "falling"


def _streak(found: re.Match[str]) -> str:
    """`3 up days` as `rising(close, 3)`, `2 red candles` as `count(close < open, 2) == 2`."""
    told = found.groupdict()
    bars = _count(told["count"])
    one, series, motion = _step(told["way"].lower(), told["what"].lower())
    if bars == 1:
        said = one
    else:
        said = f"{motion}({series}, {bars})" if motion else f"count({one}, {bars}) == {bars}"
    return told.get("before", "") + said


def _share(found: re.Match[str]) -> str:
    """`3 up days in the last 5` as `count(close > close[1], 5) >= 3`."""
    one, _, _ = _step(found["way"].lower(), found["what"].lower())
    return f"count({one}, {_count(found['all'])}) >= {_count(found['count'])}"


_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::00)?(?:\s*[ap]\.?m\b\.?)?"
_TIME = r"(?:(?:the\s+)?(?:time(?:[_ ]of[_ ](?:the[_ ])?day)?|minute_of_day|clock)\s+(?:is\s+|was\s+)?)?(?:only\s+)?"
_SPAN = r"(?P<span>half\s+(?:an\s+)?hour|hour|\d{1,3}\s*-?\s*(?:min(?:ute)?s?|hours?|h))"


def _minutes(clock: str) -> int:
    hour, minute = (int(part) for part in re.findall(r"\d+", clock)[:2])
    half = re.search(r"([ap])\.?m", clock, re.IGNORECASE)
    return (hour % 12 + 12 * (half[1].lower() == "p") if half else hour) * 60 + minute


def find_clock(text: str) -> int | None:
    """Find the time of the day that a whole text is, in minutes after midnight; None for any other text.

    >>> find_clock("15:45"), find_clock("3:45 pm"), find_clock("noon"), find_clock("25:00")
    (945, 945, 720, None)
    """
    plain = rewrite_clock(text.strip())
    return _minutes(plain) if re.fullmatch(_CLOCK, plain, re.IGNORECASE) else None


def rewrite_clock(text: str) -> str:
    """Write `noon`, `3pm` and `15h45` as times with a colon."""
    for pattern, build in CLOCKS:
        text = _compile(pattern).sub(build, text)
    return text


def _write_time(clock: str) -> str:
    minutes = _minutes(clock)
    return f"time({minutes // 60}, {minutes % 60})"


def _hours(found: re.Match[str]) -> str:
    """`between 10:00 and 15:30`: bars that start within; over midnight where the second time is the earlier one."""
    first, second = found["first"], found["second"]
    outside, night = found["not"] is not None, _minutes(first) > _minutes(second)
    joined = "and" if night == outside else "or"
    signs = ("<", ">=") if outside else (">=", "<")
    return f"{found['before']}(minute_of_day {signs[0]} {_write_time(first)} {joined} minute_of_day {signs[1]} {_write_time(second)})"


_AFTER, _NEVER_AFTER = (
    ("after", "from", "since", "past", "starting at", "not before", "no earlier than", "at or after"),
    ("not after", "no later than"),
)


def _moment(found: re.Match[str]) -> str:
    """`after 10:30`, `before noon`, `at 15:45`: a bar belongs to the time at which it starts."""
    word = " ".join(found["word"].lower().split())
    sign = ">=" if word in _AFTER else "<=" if word in _NEVER_AFTER else "==" if word in ("at", "exactly at") else "<"
    return f"{found['before']}minute_of_day {sign} {_write_time(found['clock'])}"


def _from_open(found: re.Match[str]) -> str:
    """`30 minutes after the open`, `10 minutes before the close`."""
    name = "minutes_since_open >=" if found["edge"] else "minutes_to_close <="
    return f"{found['before']}{name} {_read_span(found['span'])}"


def _read_span(text: str) -> int:
    number = re.search(r"\d+", text)
    if number is None:
        return 30 if "half" in text.lower() else 60
    return int(number[0]) * (60 if re.search(r"\dh|\d\s*-?\s*h", text, re.IGNORECASE) else 1)


def _edge(found: re.Match[str]) -> str:
    """`in the first hour`, `after the first 30 minutes`, `not in the last half hour`."""
    word, minutes, negated = (found["word"] or "in").lower(), _read_span(found["span"]), found["not"] is not None
    if found["edge"].lower() == "first":
        inside = word != "after" and not negated
        return f"{found['before']}minutes_since_open {'<=' if inside else '>'} {minutes}"
    inside = word != "before" and not negated
    return f"{found['before']}minutes_to_close {'<' if inside else '>='} {minutes}"


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|tues?|thurs?|mon|wed|fri|sat|sun)\b"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov"
    r"|dec)\b"
)
_LIST = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+)(?:on\s+|in\s+)?(?:an?\s+)?"
_RANGE = r"\s*(?:-|\bto\b|\bthrough\b|\bthru\b|\buntil\b)\s*"
_DAY_LEAD = r"(?P<lead>is\s+(?:an?\s+)?|on\s+(?:an?\s+)?|only\s+(?:on\s+)?|every\s+|each\s+|falls\s+on\s+(?:an?\s+)?)?"
_MONTH_LEAD = r"(?P<lead>is\s+(?:in\s+)?|in\s+|during\s+|only\s+(?:in\s+)?|from\s+|between\s+)?"
_DENIED = r"(?P<not>is\s+not\s+|isn['’]?t\s+|not\s+|never\s+|except\s+|no\s+)?"


def _write_choice(name: str, numbers: list[int], *, denied: bool) -> str:
    parts = [f"{name} {'!=' if denied else '=='} {number}" for number in numbers]
    joined = f" {'and' if denied else 'or'} ".join(parts)
    return joined if len(parts) == 1 else f"({joined})"


def _list(name: str, known: tuple[str, ...], first: int, size: int) -> Callable[[re.Match[str]], str]:
    """`on mondays and fridays`, `monday to thursday`, `not in august`; a name that stands alone remains the number that it is."""

    def build(found: re.Match[str]) -> str:
        words = re.findall(
            r"[a-z]+", re.sub(r"\b(?:and|or|on|in|a|an|to|through|thru|until)\b", " ", found["list"], flags=re.IGNORECASE).lower()
        )
        numbers = [known.index(word[:3]) + first for word in words]
        inside = found["before"].strip() in ("(", ",") and found["range"] is None
        if (len(words) == 1 or inside) and not found["lead"] and not found["not"] and not words[0].endswith("days"):
            return found.group()
        ranged = len(numbers) == 2 and (found["range"] is not None or (found["lead"] or "").strip().lower() in ("from", "between"))
        if ranged:
            numbers = [(numbers[0] - first + step) % size + first for step in range((numbers[1] - numbers[0]) % size + 1)]
        return found["before"] + _write_choice(name, list(dict.fromkeys(numbers)), denied=found["not"] is not None)

    return build


def _week(found: re.Match[str]) -> str:
    """`on weekends`, `is a weekday`."""
    ends = "end" in found["kind"].lower()
    sign = (">=" if ends else "<") if not found["not"] else ("<" if ends else ">=")
    return f"{found['before']}weekday {sign} 5"


_IS = r"(?:(?:is|are|was|stays?|lies|remains?)\s+)?"


def _range(found: re.Match[str]) -> str:
    """`rsi(14) from 30 to 70`, `close not between sma(20) and sma(50)`."""
    return f"{found['before']}{'outside' if found['not'] else 'between'}({found['left']}, {found['low']}, {found['high']})"


def _number_range(found: re.Match[str]) -> str:
    """`rsi(14) in 30..70`, `rsi(14) 30 to 70`; with a hyphen only where a word says that it is a range."""
    told = found.group()[len(found["before"]) + len(found["left"]) :]
    said = re.search(r"\bto\b|\.\.|\b(?:in|between|from|within|range)\b", told, re.IGNORECASE)
    return _range(found) if said else found.group()


def _lookback(found: re.Match[str]) -> str:
    return f"within {found['count']} bars"


CLOCKS: tuple[Rewrite, ...] = (
    (r"\b(?:noon|midday)\b", lambda found: "12:00"),
    (r"\bmidnight\b", lambda found: "0:00"),
    (r"(?<![\w:.])(1[0-2]|[1-9])\s*([ap])\.?m\b\.?", lambda found: f"{found[1]}:00 {found[2]}m"),
    (r"(?<![\w:.])([01]?\d|2[0-3])h([0-5]\d)\b", lambda found: f"{found[1]}:{found[2]}"),
)
"""Times that are written otherwise than with a colon."""
REWRITES: tuple[Rewrite, ...] = (
    (r"(?<=\d)\s*(?:[$€£¥]|(?:usd|eur|gbp|jpy|dollars?|euros?|pounds?|yen)\b)(?!\w)", lambda found: ""),
    (r"¥(?=\s*\d)|\b(?:usd|eur|gbp|jpy)\s+(?=\d)", lambda found: ""),
    (
        (
            rf"{_BEFORE}{_TIME}(?P<not>not\s+|outside\s+(?:of\s+)?)?(?:(?:between|from|in)\s+)?(?P<first>{_CLOCK})"
            rf"\s*(?:\band\b|\bto\b|-|\buntil\b|\btill\b)\s*(?P<second>{_CLOCK}){_BEHIND}"
        ),
        _hours,
    ),
    (
        (
            rf"{_BEFORE}{_TIME}(?P<word>not\s+after|no\s+later\s+than|not\s+before|no\s+earlier\s+than|at\s+or\s+after|exactly\s+at"
            rf"|starting\s+at|after|from|since|past|before|until|till|earlier\s+than|at)\s+(?P<clock>{_CLOCK}){_BEHIND}"
        ),
        _moment,
    ),
    (
        (
            rf"{_BEFORE}(?P<not>not\s+)?(?:(?P<word>in|during|within|after|before)\s+)?(?:the\s+)?(?P<edge>first|last)\s+{_SPAN}"
            rf"(?:\s+of\s+(?:the\s+)?(?:day|session|trading))?{_BEHIND}"
        ),
        _edge,
    ),
    (rf"{_BEFORE}{_SPAN}\s+(?:after\s+(?:the\s+)?(?P<edge>open)|before\s+(?:the\s+)?close){_BEHIND}", _from_open),
    (
        (
            rf"{_BEFORE}(?:(?:the\s+)?(?:week)?day\s+|today\s+|it\s+)?{_DENIED}{_DAY_LEAD}(?P<list>{_DAY}(?:(?:{_LIST}{_DAY})+"
            rf"|(?P<range>{_RANGE}){_DAY})?){_BEHIND}"
        ),
        _list("weekday", _DAYS, 0, 7),
    ),
    (
        (
            rf"{_BEFORE}(?:(?:the\s+)?month\s+|it\s+)?{_DENIED}{_MONTH_LEAD}(?P<list>{_MONTH}(?:(?:{_LIST}{_MONTH})+"
            rf"|(?P<range>{_RANGE}){_MONTH})?){_BEHIND}"
        ),
        _list("month", _MONTHS, 1, 12),
    ),
    (rf"{_BEFORE}(?:it\s+)?{_DENIED}(?:is\s+(?:an?\s+)?|on\s+(?:an?\s+|the\s+)?)(?P<kind>weekends?|weekdays?){_BEHIND}", _week),
    (
        (
            rf"(?<![\w.)\]])(?:at\s+least\s+)?(?P<count>{_COUNT})\s+{_STREAK}\s+(?:out\s+)?(?:of|in)\s+(?:the\s+)?(?:last|past|previous)\s+"
            rf"(?P<all>{_COUNT})(?:\s+{_BARS})?"
        ),
        _share,
    ),
    (rf"(?<![\w.)\]])(?P<count>{_COUNT})\s+{_STREAK}", _streak),
    (rf"{_BEFORE}(?:is\s+|it\s+is\s+)?(?:an?\s+)?(?P<count>(?!))?{_STREAK}{_BEHIND}", _streak),
    (
        (
            rf"{_BEFORE}(?P<left>{_VALUE}(?:\s+\d{{1,3}})?)\s+{_IS}(?P<not>not\s+|outside\s+(?:of\s+)?(?=-?\d|[a-z(]))?(?:in\s+)?"
            rf"(?:between\s+|from\s+|within\s+|(?:the\s+)?range\s+(?:of\s+|from\s+)?)(?P<low>{_VALUE})\s+(?:and|to)\s+(?P<high>{_VALUE}){_BEHIND}"
        ),
        _range,
    ),
    (
        (
            rf"{_BEFORE}(?P<left>{_VALUE}(?:\s+\d{{1,3}})?)\s+{_IS}(?P<not>outside\s+(?:of\s+)?)(?P<low>{_VALUE})\s*(?:\band\b|\bto\b|-|\.\.)"
            rf"\s*(?P<high>{_VALUE}){_BEHIND}"
        ),
        _range,
    ),
    (
        (
            rf"{_BEFORE}(?P<left>{_OPERAND})\s+{_IS}(?P<not>not\s+)?(?:(?:in|between|from|within)\s+)?(?:the\s+)?(?:range\s+)?"
            rf"(?P<low>-?{_NUMBER})\s*(?:\bto\b|\.\.\.?|(?<=\d)\s?-\s?(?=\d))\s*(?P<high>-?{_NUMBER}){_BEHIND}"
        ),
        _number_range,
    ),
    (rf"\b(?:in|over|during|within)\s+(?:the\s+)?(?:last|past|previous)\s+(?P<count>\d{{1,4}})\s+{_BARS}\b", _lookback),
)
"""Rewriting outside of quotes, in order."""


_TRIGGER = _compile(
    r"[$€£¥]|\d\s*[ap]\.?m\b|\d:\d|\dh\d|\.\.|\b(?:usd|eur|gbp|jpy|dollars?|euros?|pounds?|yen|noon|midday|midnight|after|before|between|from|outside|range"
    rf"|within|during|over|in|to|on|not|is|first|last|weekends?|weekdays?|{_WAYS}|[a-z]+days|{_DAY}|{_MONTH})\b"
)
"""One of these stands in every text that is rewritten."""


def rewrite_plain_words(text: str) -> str:
    """Rewrite what is said in words and leaves no doubt.

    >>> rewrite_plain_words("3 up days and after 10:30"), rewrite_plain_words("rsi(14) from 30 to 70")
    ('rising(close, 3) and minute_of_day >= time(10, 30)', 'between(rsi(14), 30, 70)')
    """
    if _TRIGGER.search(text) is None:
        return text
    parts = re.split(r"(\"[^\"]*\"|'[^']*')", text)
    for place in range(0, len(parts), 2):
        for pattern, build in (*CLOCKS, *REWRITES):
            parts[place] = _compile(pattern).sub(build, parts[place])
    return "".join(parts)


_WITHIN = _compile(
    r"(?P<told>.*\S)\s+(?:at\s+(?:any|some)\s+(?:time|point)\s+|(?:at\s+least\s+)?once\s+)?within\s+(?:the\s+)?(?:last\s+|past\s+|previous\s+)?"
    rf"(?P<count>\d{{1,4}})\s+{_BARS}"
)
_LASTING = _compile(
    r"(?P<told>.*\S)\s+for\s+(?:the\s+)?(?:last\s+|at\s+least\s+)?(?P<count>\d{1,4})\s+(?:consecutive\s+|straight\s+)?"
    rf"{_BARS}(?:\s+(?:in\s+a\s+row|running))?"
)
_OPEN_LENGTH = _compile(
    r"(?:.*[<>=]|.*\b(?:above|below|over|under|than)\b)?\s*(?:the\s+)?(?:new\s+)?"
    r"(?:highest|lowest|average|avg|mean|max|min|maximum|minimum|sum|total|median|hh|ll|hhv|llv|high of|low of)(?!_since)(?![a-z])[^\d]*"
)
"""A value without its length: the bars that stand behind are its own."""


def write_duration(text: str) -> str:
    """Write what stands behind a whole condition as a count of bars; a text with several conditions is left as it is.

    >>> write_duration("rsi(2) < 10 within 3 bars"), write_duration("close > open for 4 bars")
    ('count(rsi(2) < 10, 3) >= 1', 'count(close > open, 4) == 4')
    """
    for pattern, sign in ((_WITHIN, ">= 1"), (_LASTING, "")):
        found = pattern.fullmatch(text)
        if found is None or re.search(r"\b(?:and|or|for|within)\b", found["told"]) or _OPEN_LENGTH.fullmatch(found["told"]):
            continue
        return f"count({found['told']}, {found['count']}) {sign or '== ' + found['count']}"
    return text


_IN_DAYS = _compile(
    rf"\b{_COUNT}[\s-]+(?:(?!minutes?|hours?|bars?)[a-z]+[\s-]+){{0,2}}(?:days?|sessions?|weeks?|months?|years?)\b"
    r"|\bdaily(?=\s)(?!\s+(?:high|low|open|pivot)s?\b)"
)


def find_days_in_words(text: str) -> str:
    """Find the words of a cell that count days or longer, which are bars of the run; empty where there are none.

    >>> find_days_in_words("3 up days and close > 5"), find_days_in_words("trading_day_of_month == 3"), find_days_in_words("52-week high")
    ('3 up days', '', '52-week')
    """
    found = _IN_DAYS.search(text)
    return found.group() if found else ""


_DAY_NAME = _compile(rf"\s*{_DAY}\s*")
_DAY_NAMES = _compile(r"\s*(?:the )?(?:week ?day|day(?:[ _]?of[ _]?(?:the )?week)?)\s*")
_TIME_NAMES: Mapping[str, str] = MappingProxyType({"time": "minute_of_day", "time of day": "minute_of_day", "time_of_day": "minute_of_day"})


def name_time(text: str, thresholds: tuple[str, ...]) -> str:
    """`time` in a cell of its own, where every threshold is a time on the clock; `day of the week` where each is a day by name.

    >>> name_time("Time", ("10:00", "noon")), name_time("time", ("930",)), name_time("day of week", ("Monday",))
    ('minute_of_day', 'time', 'weekday')
    """
    if thresholds and all(_DAY_NAME.fullmatch(one) for one in thresholds) and _DAY_NAMES.fullmatch(text):
        return "weekday"
    clocks = all(re.search(r"\d:\d|noon|midday|midnight|\d\s*[ap]m\b|\btime\(", one, re.IGNORECASE) for one in thresholds)
    return _TIME_NAMES.get(text.strip().lower(), text) if thresholds and clocks else text


def split_range(thresholds: tuple[str, ...]) -> tuple[str, ...]:
    """`30 to 70` in one cell as the two limits that it names.

    >>> split_range(("30 to 70",)), split_range(("30-70",)), split_range(("30", "70"))
    (('30', '70'), ('30', '70'), ('30', '70'))
    """
    if len(thresholds) != 1:
        return thresholds
    found = re.fullmatch(rf"\s*(.+?)\s*(?:\bto\b|\band\b|\.\.\.?)\s*(.+?)\s*|\s*({_NUMBER})\s*[-–]\s*({_NUMBER})\s*", thresholds[0])
    return tuple(part for part in found.groups() if part) if found else thresholds
