"""Written dates in other languages and dresses turned into the few forms that `timestamps` knows, and zones named beside a time."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from core.market.month_names import ENGLISH, THAI, VIETNAMESE, WEEKDAYS, choose_months

ABBREVIATIONS = {
    "UTC": "UTC",
    "GMT": "UTC",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "BRT": "America/Sao_Paulo",
    "CET": "Europe/Berlin",
    "CEST": "Europe/Berlin",
    "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin",
    "BST": "Europe/London",
    "EET": "Europe/Helsinki",
    "EEST": "Europe/Helsinki",
    "MSK": "Europe/Moscow",
    "JST": "Asia/Tokyo",
    "HKT": "Asia/Hong_Kong",
    "SGT": "Asia/Singapore",
    "KST": "Asia/Seoul",
    "IST": "Asia/Kolkata",
    "ICT": "Asia/Bangkok",
    "WIB": "Asia/Jakarta",
    "SAST": "Africa/Johannesburg",
    "AWST": "Australia/Perth",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "NZST": "Pacific/Auckland",
    "NZDT": "Pacific/Auckland",
    "US/Eastern": "America/New_York",
    "US/Central": "America/Chicago",
    "US/Pacific": "America/Los_Angeles",
    "Etc/UTC": "UTC",
}
"""Zones by their usual letters."""
UNSURE_ZONES = {"CST": {"America": "America/Chicago", "Asia": "Asia/Shanghai"}}
"""Letters that several parts of the world share."""
FIXED_ZONES = {
    "+5:30": "Asia/Kolkata",
    "+5:45": "Asia/Kathmandu",
    "+3:30": "Asia/Tehran",
    "+6:30": "Asia/Yangon",
    "+9:30": "Australia/Darwin",
}
"""Zones without daylight saving whose offset is no whole hour."""
ZONE_BEHIND = re.compile(r"\s+\[?([A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_]+)+|[A-Z]{2,4})\]?$")
BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")
BUDDHIST = r"(?<!\d)25[3-9]\d(?!\d)"
"""Years of the calendar that Thailand counts in, from 1987 to 2056."""
ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
"""Year before the first one of the eras in which Japan counts."""
ERA = re.compile(r"^(令和|平成|昭和|[RHS])\.? ?(元|\d{1,2})[年./-] ?(\d{1,2})[月./-] ?(\d{1,2})(?!\d)日?")
OTHER_CALENDAR = r"^1[34]\d\d(?:([-/.])\d{1,2}\1\d{1,2}|(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])$)"
"""Dates whose years are those that Iran counts, or the Islamic calendar."""
CLOCK_BEHIND = re.compile(r"[ T]\d{1,2}:\d{2}.*$")


_DRESSES = (
    (r"\d,\d{3,6}$", r"(:\d{2}),(\d{3,6})$", r"\1.\2"),
    (r"\]$", r"((?:Z|[+-]\d{2}:?\d{2}))\[[A-Za-z_/+-]+\]$", r"\1"),
    (r"[ap]\.\s?m\.", r"(?i)\b([ap])\.\s?m\.", r"\1m"),
    (r"^\d{4}\.\d{2}\.\d{2}D\d", r"^(\d{4}\.\d{2}\.\d{2})D", r"\1 "),
    (r"\d \d{1,2}:\d{2}\S* +[-–—] +\S.*\d{1,2}:\d{2}", r"(\d \d{1,2}:\d{2}(?::\d{2})?) +[-–—] +\S.*$", r"\1"),
    (r"^\d{8}T\d{6}", r"^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})", r"\1-\2-\3 \4:\5:\6"),
    (r"^\d{4}-\d{2}-\d{2}[ _-]\d{2}-\d{2}", r"^(\d{4}-\d{2}-\d{2})[ _-](\d{2})-(\d{2})(?:-(\d{2}))?$", r"\1 \2:\3"),
    (r"^\d{4}\. ?\d{1,2}\. ?\d{1,2}\.", r"^(\d{4})\. ?(\d{1,2})\. ?(\d{1,2})\.(?= |$)", r"\1.\2.\3"),
    (r"^\d{4}-\d{2}-\d{2}-\d{2}\.\d{2}", r"^(\d{4}-\d{2}-\d{2})-(\d{2})\.(\d{2})(?:\.(\d{2}).*)?$", r"\1 \2:\3"),
    (r"(?:GMT|UTC)[+-]\d$", r"(GMT|UTC)([+-])(\d)$", r"\1\g<2>0\3"),
    (r"\d ?Uhr$", r" ?Uhr$", ""),
    (r" \d{1,2}h\d{2}$", r"(\d)h(\d{2})$", r"\1:\2"),
    (r"^\d{1,2}\.\d{1,2}\.\d{4}\.$", r"\.$", ""),
    (r"\d ?(?:г|р)\.?$", r" ?[гр]\.?$", ""),
    (r"^\d{1,2} th(?:g|áng) ?\d", *VIETNAMESE),
    (r"^\d{8}\.0$", r"\.0$", ""),
    (r"^\d{4}-?W\d{2}$", r"^(\d{4})-?W(\d{2})$", r"\1-W\2-1"),
    (r"^1\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?: |$)", r"^1(\d{6})(?= |$)", r"20\1"),
    (r"^\d{1,2}\. \d{1,2}\. \d{4}", r"^(\d{1,2})\. (\d{1,2})\. (\d{4})\.?", r"\1.\2.\3"),
    (
        r"^[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2}(?: [A-Z]{3,4})? \d{4}$",
        r"^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\S+)( [A-Z]{3,4})? (\d{4})$",
        r"\2 \1 \5 \3\4",
    ),
)
"""Dresses of a date: the trace by which most of a sample shows one, the dress, and the date without it."""


_WRAPPED = re.compile(
    r"^/?(?:new )?(?:Date|ISODate|Timestamp|datetime64|np\.datetime64|(?:datetime\.)?date(?:time)?)\(['\"]?(.*?)['\"]?\)/?$"
)
SCRIPT = r"^(?:new )?Date\(\d{4}, ?\d"
"""A moment as JavaScript writes it, which counts the months from 0."""
_NAMED_OFFSET = re.compile(r"(?<=[+-]\d{4}) [A-Z]{3,5}$")


def share_of(sample: Any, pattern: str) -> float:
    r"""Share of the cells of a sample in which a pattern stands.

    >>> share_of(["2023-01-03", "today"], r"^\d{4}"), share_of([], r"\d")
    (0.5, 0.0)
    """
    search = re.compile(pattern).search
    return sum(1 for cell in sample if search(cell)) / max(len(sample), 1)


def unwrap_dates(text: Any, sample: Any) -> Any:
    """The column without the call that a program printed around each moment, and without a zone's name behind its offset."""
    if share_of(sample, _WRAPPED.pattern) == 1:
        text = text.str.replace(_WRAPPED.pattern, r"\1", regex=True)
        text = text.str.replace(r"^(\d{12,13})[+-]\d{4}$", r"\1", regex=True)
        parts = text.str.extract(r"^(\d{4}), ?(\d{1,2}), ?(\d{1,2})(?:, ?(\d{1,2}), ?(\d{1,2}))?(?:, ?(\d{1,2}))?(?:, ?0)?$")
        if parts[0].notna().all():
            if share_of(sample, SCRIPT) == 1:
                parts[1] = (parts[1].astype(int) + 1).astype(str)
            text = parts[0] + "-" + parts[1] + "-" + parts[2] + (" " + parts[3].fillna("0") + ":" + parts[4].fillna("0").str.zfill(2))
    elif share_of(sample, _NAMED_OFFSET.pattern) == 1:
        text = text.str.replace(_NAMED_OFFSET.pattern, "", regex=True)
    return text


def simplify_dates(text: Any, sample: Any) -> Any:
    """The column with months in English letters, weekdays, brackets and the signs of East Asia taken out."""
    for trace, pattern, written in _DRESSES:
        if share_of(sample, trace) > 0.5:
            text = text.str.replace(pattern, written, regex=True)
    if share_of(text[sample.index], ERA.pattern) > 0.5:
        text = text.str.replace(ERA, _write_era, regex=True)
    joined = "\n".join(text[sample.index])
    if any(name in joined for name in THAI):
        for name, month in sorted(zip(THAI, ENGLISH, strict=True), key=lambda pair: -len(pair[0])):
            text = text.str.replace(name, month, regex=False)
        joined = "\n".join(text[sample.index])
    if re.search(r"^1\d{2}[/.]\d{1,2}[/.]\d{1,2}$", joined, re.MULTILINE):  # years of the Republic of China
        text = text.map(
            lambda cell: f"{int(cell[:3]) + 1911}-{cell[4:].replace('/', '-').replace('.', '-')}" if cell[:3].isdigit() else cell
        )
    if share_of(sample, BUDDHIST) == 1:
        text = text.str.replace(BUDDHIST, lambda found: str(int(found.group()) - 543), regex=True)
    if not joined.isascii():
        text = text.map(lambda cell: re.sub(r"\d", lambda digit: str(int(digit.group())), unicodedata.normalize("NFKC", cell)))
        text = text.str.replace(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?", r"\1-\2-\3 ", regex=True)
        text = text.str.replace(r"(\d{1,2})\s*[時时시]\s*(\d{1,2})\s*[分분]?", r"\1:\2", regex=True)
        text = text.str.replace(
            r"\s*[(]?(?:星期|周|週)[一二三四五六日天][)]?|,\s*[一二三四五六日]$|\s*[(][月火水木金土日월화수목금토일][)]", " ", regex=True
        ).str.strip()
    if re.search(r"\d{4}- \d", joined):
        text = text.str.replace(r"(\d{4})-\s+(\d{1,2})-\s+(\d{1,2})", r"\1-\2-\3", regex=True)
    if re.search(r"\([^)]*\)\s*$", joined, re.MULTILINE):
        text = text.str.replace(BRACKETS.pattern, "", regex=True)
    if not re.search(r"[^\W\d_]{2,}", re.sub(r"\b(?:AM|PM|UTC|GMT)\b", "", joined, flags=re.IGNORECASE)):
        return text
    months = choose_months(joined)
    return text.map(lambda cell: _in_english(cell, months))


def _write_era(found: re.Match[str]) -> str:
    year = 1 if found[2] == "元" else int(found[2])
    return f"{ERAS[found[1]] + year}-{found[3].zfill(2)}-{found[4].zfill(2)}"


def _in_english(cell: str, months: Mapping[str, str]) -> str:
    if "/" in cell and re.search(r"[A-Za-z]{4,}/", cell):
        return cell
    plain = re.sub(r"[^\W\d_]{2,}\.?(?:-feira)?", lambda found: _english_word(found, months), cell)
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", plain)
    plain = re.sub(r"(?<=\d)\.(?=\s*[A-Z][a-z]{2}\b)", " ", plain)
    return re.sub(r"\s+", " ", plain).strip(" ,.")


def _english_word(found: re.Match[str], months: Mapping[str, str]) -> str:
    word = found.group().rstrip(".").lower()
    if word in months:
        return months[word]
    if word.removesuffix("-feira") in WEEKDAYS or word == "de":
        return ""
    return found.group()


def find_zone_behind(sample: Any) -> str:
    """The zone whose name stands behind most times of a sample, empty without one; `Z` and offsets are no names.

    >>> import pandas
    >>> find_zone_behind(pandas.Series(["20230103 09:30:00 US/Eastern"])), find_zone_behind(pandas.Series(["2023-01-03"]))
    ('America/New_York', '')
    """
    found = [each[1] for cell in sample if (each := ZONE_BEHIND.search(cell))]
    if len(found) < 0.5 * len(sample):
        return ""
    names = set(found) - {"AM", "PM"}
    names -= {"CST"} if {"CST", "CDT"} <= names else set()  # summer time tells which of them it is
    zones = {ABBREVIATIONS.get(name) or (name if "/" in name and is_zone(name) else "") for name in names}
    return zones.pop() if len(zones) == 1 else ""


def find_zone_in_words(header: str) -> str:
    """The zone that a header names: `Gmt time`, `Date (US/Eastern)`, `time_utc`.

    >>> find_zone_in_words("Gmt time"), find_zone_in_words("Datetime (America/New_York)"), find_zone_in_words("Date")
    ('UTC', 'America/New_York', '')
    >>> find_zone_in_words("openTimeUTC"), find_zone_in_words("MTU (CET/CEST)")
    ('UTC', 'Europe/Berlin')
    >>> find_zone_in_words("Time (UTC+8)"), find_zone_in_words("Time (GMT+05:30)"), find_zone_in_words("Time UTC+0")
    ('Etc/GMT-8', 'Asia/Kolkata', 'UTC')
    >>> find_zone_in_words("Time (CT)"), find_zone_in_words("et, ct")
    ('America/Chicago', '')
    """
    if (found := re.search(r"[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+", header)) and (zone := read_zone(found.group())):
        return zone
    if found := re.search(r"(?:\b(?:UTC|GMT) ?|\()([+-]) ?(\d{1,2})(?::?(\d{2}))?(?!\d)", header, re.IGNORECASE):
        return _zone_of_offset(found[1], int(found[2]), int(found[3] or 0))
    words = re.split(r"[^A-Za-z]+|(?<=[a-z])(?=(?:UTC|GMT)(?![A-Za-z]))", header)
    zone = next((ABBREVIATIONS[word.upper()] for word in words if word.upper() in ABBREVIATIONS and len(word) > 2), "")
    alone = re.search(r"[(\[]([ECMP]T)[)\]]", header)
    return zone or (ABBREVIATIONS[alone[1]] if alone else "")


def read_zone(name: str) -> str:
    """The zone of a name, a usual abbreviation or an offset from UTC; empty for anything else.

    >>> read_zone("US/Eastern"), read_zone("Asia/Tokyo"), read_zone("UTC+8"), read_zone("nowhere")
    ('America/New_York', 'Asia/Tokyo', 'Etc/GMT-8', '')
    """
    plain = name.strip()
    if found := ABBREVIATIONS.get(plain) or ABBREVIATIONS.get(plain.upper()):
        return found
    if "/" in plain:
        return plain if is_zone(plain) else ""
    return find_zone_in_words(plain) if re.fullmatch(r"(?:UTC|GMT) ?[+-] ?\d{1,2}(?::?\d{2})?", plain) else ""


def choose_shared_zone(letters: str, zone: str) -> str:
    """The zone that letters mean in the part of the world in which an instrument trades; empty where it is in neither."""
    return UNSURE_ZONES[letters].get(zone.partition("/")[0], "")


def _zone_of_offset(sign: str, hours: int, minutes: int) -> str:
    """A zone that is always so far from UTC; its own name counts westward. Empty where none is known."""
    if minutes:
        return FIXED_ZONES.get(f"{sign}{hours}:{minutes:02}", "")
    name = f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if hours else "UTC"
    return name if is_zone(name) else ""


def is_zone(name: str) -> bool:
    """True for an IANA zone that this machine knows."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
