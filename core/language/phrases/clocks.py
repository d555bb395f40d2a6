"""Phrases about times of the day: windows that are avoided, times told by the clocks of another zone, the time by which all is sold."""

import re

from core.domain.workflow import Measure, Section
from core.language.phrases.calendar_days import AVOID, DAY
from core.language.phrases.conditions import DAYS
from core.language.phrases.conditions import Builder as ConditionBuilder
from core.language.phrases.rule_words import Builder, RuleText
from core.language.syntax.plain_words import find_clock
from core.language.syntax.zones import find_zone

CLOCK = r"(?:\d{1,2}(?::\d{2})? ?[ap]\.?m\b\.?|\d{1,2}:\d{2}|noon|midday|midnight)"
ZONE = (
    r"(?:utc|gmt|e[ds]?t|c[ds]t|cest|cet|bst|jst|new york|london|chicago|eastern|central|frankfurt|berlin|tokyo|hong kong|singapore"
    r"|sydney)(?: time)?"
)
_SPAN = rf"(?P<first>{CLOCK}) ?(?:and|to|until|till|through|-|–) ?(?P<last>{CLOCK})"
_IN_ZONE = rf" ?\(?(?P<zone>{ZONE})\)?(?!\w)"
MEASURED = re.compile(r"\b(?:highs?|lows?|range|box|levels?)(?: (?:of|set|made|formed|established|seen))?\s*\(?$", re.IGNORECASE)
"""Words before a window in which a range is measured, and nothing is traded."""
AVOIDED = re.compile(
    rf"\b(?:{AVOID}|nothing|(?:lunch|mid-?day)(?: hours?)?)(?: (?:at all|new|during|in|from|(?:the )?lunch\w*|hours?))*,? ?\(?$",
    re.IGNORECASE,
)


def _read_time(clock: str, zone: str | None = None) -> str:
    minutes = 0 if clock.lower() == "midnight" else find_clock(clock) or 0
    told = find_zone(re.sub(r" time$", "", zone.lower())) if zone else None
    return f'time({minutes // 60}, {minutes % 60}, "{told}")' if told else f"time({minutes // 60}, {minutes % 60})"


def _find_minutes(clock: str) -> int:
    return 0 if clock.lower() == "midnight" else find_clock(clock) or 0


def _goes_on_avoiding(match: re.Match[str]) -> bool:
    before = re.split(r"[.;!?](?:\s|$)", match.string[: match.start()])[-1]
    return re.search(rf"\b{AVOID}\b.*\b(?:minutes|hour) (?:(?:and|or|nor) )?$", before, re.IGNORECASE) is not None


def is_no_window(match: re.Match[str]) -> bool:
    """Tell whether a window is one that is avoided, one in which a range is measured, or told by the clocks of another zone."""
    before = match.string[: match.start()]
    return bool(
        AVOIDED.search(before)
        or _goes_on_avoiding(match)
        or MEASURED.search(before)
        or re.match(_IN_ZONE, match.string[match.end() :], re.IGNORECASE)
    )


def _avoid_window(match: re.Match[str]) -> str:
    """`No trades between 11:30 and 13:30`."""
    night = _find_minutes(match["first"]) > _find_minutes(match["last"])
    first, last = (_read_time(match[name], match["zone"]) for name in ("first", "last"))
    return f"minute_of_day < {first} {'and' if night else 'or'} minute_of_day >= {last}"


def _zoned_window(match: re.Match[str]) -> str:
    """`Only between 13:30 and 20:00 UTC`: read on the clocks of that zone."""
    if AVOIDED.search(match.string[: match.start()]) or MEASURED.search(match.string[: match.start()]):
        return ""
    night = _find_minutes(match["first"]) > _find_minutes(match["last"])
    first, last = (_read_time(match[name], match["zone"]) for name in ("first", "last"))
    return f"minute_of_day >= {first} {'or' if night else 'and'} minute_of_day < {last}"


def _moment(match: re.Match[str]) -> str:
    """`At 20:00 UTC`; the end of a window is no moment."""
    if re.search(rf"{CLOCK} ?(?:and|to|until|till|-|–) ?$", match.string[: match.start()], re.IGNORECASE):
        return ""
    return f"minute_of_day == {_read_time(match['clock'], match['zone'])}"


def _hours(match: re.Match[str]) -> RuleText | None:
    if is_no_window(match):
        return None
    first, last = (_find_minutes(match[name]) for name in ("first", "last"))
    return Section.RISK, "trading_hours", Measure.TIME, tuple(f"{one // 60:02d}:{one % 60:02d}" for one in (first, last))


def _flat(match: re.Match[str]) -> RuleText | None:
    if re.match(_IN_ZONE, match.string[match.end() :], re.IGNORECASE):
        return None
    if re.fullmatch(r"[1-5]:\d\d", match["clock"]):
        return None  # in the morning or in the afternoon
    minutes = _find_minutes(match["clock"])
    return Section.RISK, "flat_at_close", Measure.TIME, (f"{minutes // 60:02d}:{minutes % 60:02d}",)


def _avoid_part_of_day(match: re.Match[str]) -> str:
    """`No trades on Friday after 18:00`: that day alone."""
    day, time = DAYS.index(match["day"].lower()), _read_time(match["clock"], match["zone"])
    return f"weekday != {day} or minute_of_day {'>=' if match['way'].lower() == 'before' else '<'} {time}"


def _avoid_another(match: re.Match[str]) -> str:
    """`No trading in the first 5 minutes and between 12:00 and 13:30`: a second window."""
    return _avoid_window(match) if _goes_on_avoiding(match) else ""


FILTERS: tuple[tuple[str, ConditionBuilder], ...] = (
    (
        rf"{AVOID}(?: new)?,? ?(?:on )?(?P<day>{DAY})s? (?P<way>after|from|before) (?P<clock>{CLOCK})(?:{_IN_ZONE})?",
        _avoid_part_of_day,
    ),
    (rf"(?:and|or|nor) (?:between|from) {_SPAN}(?:{_IN_ZONE})?", _avoid_another),
    (
        rf"(?:{AVOID}|(?:and )?nothing)(?: (?:at all|new|during|(?:the )?lunch(?:time)?(?: hours?| break)?|hours?))*,? ?\(?"
        rf"(?:between|from|during)? ?{_SPAN}(?:{_IN_ZONE})?\)?",
        _avoid_window,
    ),
    (
        rf"(?:(?:and )?nothing(?: new)?|no (?:new |more )*(?:trades?|entries|positions?|signals?)) (?:after|past"
        rf"|later than) (?P<clock>{CLOCK})"
        rf"(?!{_IN_ZONE}| ?-| to| and \d| or before)",
        lambda match: f"minute_of_day < {_read_time(match['clock'])}",
    ),
    (
        rf"(?:(?:only )?(?:(?:take )?trad(?:e|es|ing)|enter|entries|long|buy)(?: only)? |(?:(?:are |is )?(?:allowed"
        rf"|permitted|taken) )?only )?"
        rf"(?:between|from|during)? ?{_SPAN}{_IN_ZONE}(?: only)?",
        _zoned_window,
    ),
)
"""Phrases that keep trades out of a window, or within one of another zone."""
PATTERNS: tuple[tuple[str, ConditionBuilder], ...] = (
    (
        rf"(?:on )?(?P<day>{DAY}|saturday|sunday)s? at (?P<clock>{CLOCK})(?:{_IN_ZONE})?",
        lambda match: f"weekday == {DAYS.index(match['day'].lower())} and minute_of_day == {_read_time(match['clock'], match['zone'])}",
    ),
    (
        rf"(?:at )?(?P<clock>{CLOCK}){_IN_ZONE}",
        _moment,
    ),
    (rf"(?<=if )by (?P<clock>{CLOCK})(?= )", lambda match: f"minute_of_day == {_read_time(match['clock'])}"),
    (
        rf"at (?P<clock>{CLOCK})(?= if| when| and| buy| go| enter| short| sell| i |[.,;]|$)",
        lambda match: f"minute_of_day == {_read_time(match['clock'])}",
    ),
)
"""Phrases that name a moment, in order."""
RULES: tuple[tuple[str, Builder], ...] = (
    (
        r"(?:(?:get|be|go|always) )?(?:flat|out|closed?|exit|sell|sold|cover(?:ed)?|leave|gone|off|closing)"
        r"(?: (?:everything|all(?: (?:open )?(?:positions?|trades?))?|it|out|(?:the"
        r"|any|every|each) (?:open |remaining )?(?:trades?|positions?)"
        rf"|positions?|trades?))* (?:at|by|before|no later than) (?P<clock>{CLOCK})(?: at the latest)?(?! to| and \d| ?-)",
        _flat,
    ),
    (
        r"(?:(?:only |to )*(?:(?:trad(?:e|es|ing)|enter|entries|active|open|hours"
        r"|session|window)(?: (?:only|hours|window|session|is|are))*:?"
        rf" |only |\()(?:between |from )?|between |from ){_SPAN}\)?(?: only)?",
        _hours,
    ),
)
"""Rules that name a time."""
