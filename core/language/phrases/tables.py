"""Tables within a text, written as sentences: a rule and its value in each line, or a side with its rules under their headings."""

import re

BORDER = re.compile(r"\s*\|?[\s|:=+-]*-{2,}[\s|:=+-]*\|?\s*")
SIDE = re.compile(r"(?:go )?(?P<side>long|short|buy|sell)s?(?: (?:side|trades?|positions?))?", re.IGNORECASE)
SIDED = re.compile(r"(?:entry|entries|exits?|enter|open|close)\b", re.IGNORECASE)
ANYWAY = re.compile(r"(?:rule|parameter|setting|item|element|component|what|step|#|no\.?|name|field|condition)s?", re.IGNORECASE)
"""Headings of a column that only names what stands beside it."""


def write_tables(text: str) -> str:
    """Write the lines of a table as sentences; a text without one stays as it is.

    >>> write_tables("| Rule | Value |\\n|---|---|\\n| Entry | RSI < 30 |\\n| Stop | 5% |")
    'Entry: RSI < 30;\\nStop: 5%;'
    >>> write_tables("Side | Entry | Exit\\n---|---|---\\nLong | RSI < 30 | RSI > 50")
    'Long entry: RSI < 30;\\nLong exit: RSI > 50;'
    """
    lines = text.splitlines()
    told: list[str] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _split(lines[end]):
            end += 1
        told += _write_table(lines[at:end]) if end - at > 1 else lines[at : max(end, at + 1)]
        at = max(end, at + 1)
    return "\n".join(told) if len(told) != len(lines) or told != lines else text


def _split(line: str) -> list[str]:
    """The cells of a line; none where it is no line of a table."""
    bare = line.strip()
    parts = bare.strip("|").split("|") if bare.count("|") - bare.count("||") * 2 >= 1 else bare.split("\t")
    return [part.strip() for part in parts] if len(parts) > 1 else []


def _write_table(lines: list[str]) -> list[str]:
    rows = [_split(line) for line in lines if not BORDER.fullmatch(line)]
    width = len(rows[0]) if rows else 0
    headed = len(lines) > 1 and BORDER.fullmatch(lines[1]) is not None
    if not rows or any(len(row) != width for row in rows) or (width > 2 and not headed):
        return lines
    heads, body = (rows[0], rows[1:]) if headed else ([], rows)
    if width == 2 and not (heads and SIDED.match(heads[1])):
        told = body[1:] if ANYWAY.fullmatch(body[0][0]) and not heads else body
        return [f"{value};" if re.fullmatch(r"\W*\d*\W*", name) else f"{name}: {value};" for name, value in told if value]
    return [
        f"{_name(heads[0], row[0], head)}: {cell};"
        for row in body
        for head, cell in zip(heads[1:], row[1:], strict=True)
        if cell.strip("-– ")
    ]


def _name(first: str, cell: str, head: str) -> str:
    """The heading of a cell: with the side that its line is for."""
    side = SIDE.fullmatch(cell)
    if side and SIDED.match(head):
        return f"{ {'buy': 'Long', 'sell': 'Short'}.get(side['side'].lower(), side['side'].capitalize()) } {head.lower()}"
    return head
