"""Values as JavaScript writes them in a page, made JSON: names without quotes, moments, commas before a bracket. Nothing of it is run."""

import re

_TOKEN = re.compile(
    r"(?P<text>\"(?:[^\"\\\\\n]|\\\\.)*\")"
    r"|(?P<single>'(?:[^'\"\\\\\n])*')"
    r"|(?P<remark>//[^\n]*|/\*.*?\*/)"
    r"|(?:new\s+Date|Date\.UTC)\(\s*(?P<inside>[^()]*?)\s*\)"
    r"|(?P<name>[A-Za-z_$][\w$]*)(?P<colon>\s*:)?"
    r"|(?P<spare>,(?=\s*[\]}]))",
    re.DOTALL,
)
_PARTS = re.compile(r"\d{4}(?:\s*,\s*\d{1,3}){1,6}")
KNOWN = {"undefined": "null"}


def write_json(text: str) -> str:
    """The text as JSON where it is a value of JavaScript, months counted from 1; anything else may still be none.

    >>> write_json("[{day: '2023-01-03', o: 1, }, [new Date(2023, 0, 3), Date.UTC(2023,11,4,9,30), undefined]]")
    '[{"day": "2023-01-03", "o": 1 }, ["2023-01-03", "2023-12-04 09:30:00", null]]'
    """
    return _TOKEN.sub(_write_token, text)


def _write_token(found: re.Match[str]) -> str:
    if found["single"] is not None:
        return f'"{found["single"][1:-1]}"'
    if found["inside"] is not None:
        return f'"{_write_moment(found["inside"])}"'
    if found["name"] is not None:
        return f'"{found["name"]}":' if found["colon"] else KNOWN.get(found["name"], found["name"])
    return found["text"] or ""


def _write_moment(inside: str) -> str:
    """`2023, 0, 3` as 2023-01-03; a count or a text as it is."""
    if not _PARTS.fullmatch(inside):
        return inside.strip("'\"")
    year, month, *rest = map(int, inside.split(","))
    day, *clock = rest or [1]
    written = f"{year}-{month + 1:02}-{day:02}"
    return f"{written} {':'.join(f'{part:02}' for part in [*clock, 0, 0, 0][:3])}" if clock else written
