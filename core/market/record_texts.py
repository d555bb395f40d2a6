"""Texts that hold one record after the other instead of a table: printed objects, statements of a database, XML. Nothing of them is run."""

import ast
import csv
import re
from typing import Any
from xml.etree import ElementTree

from core.domain.python_syntax import parse_expression_tree
from core.market.bombs import refuse_empty_table
from core.market.headers import count_price_names, find_role

Rows = tuple[list[str], list[list[str]]]

MOST_LITERALS = 8_000_000
"""Characters of a printed Python value beyond which it is not read: each costs a few hundred bytes on the way."""
SAMPLE = 20_000
FEWEST_FIELDS = 5
_MOMENT = r"(?:datetime\.|pd\.|pandas\.)*(?:datetime|date|Timestamp)\((?P<inside>[^()]*)\)"
_STAMP = r"\d{4}-\d\d-\d\d[ T][\d:.]+(?:[+-]\d\d:?\d\d|Z)?|\d{8} +\d\d:\d\d:\d\d(?: [A-Za-z_]+/[A-Za-z_]+)?"
_VALUE = rf"{_MOMENT.replace('?P<inside>', '?:')}|'[^'\n]*'|\"[^\"\n]*\"|{_STAMP}|[^\s,;|)}}\]]+"
_PAIR = re.compile(rf"(?<!\d)(?P<name>[A-Za-z_][\w.]*(?: [\w.]+)?)['\"]?\s*[:=]\s*(?P<value>{_VALUE})")
_MOMENT_FIRST = re.compile(
    r"[\s\[(]*(\d{4}[-/.]\d\d?[-/.]\d\d?(?:[ T][\d:.]+(?:[+-]\d\d:?\d\d|Z)?)?|\d\d?[/.]\d\d?[/.]\d{4}(?: \d\d?:[\d:]+(?: [AP]M)?)?)"
)
_MOMENT_LAST = re.compile(r"\s(\d{10}(?:\d{3}){0,3})\s*$")
"""A count since 1970 behind the fields of a line, as a database of time series writes it."""
_WHOLE = re.compile(r"(-?\d+)[iu]")
"""A whole number as such a database marks it."""
_INSERT = re.compile(r"\binsert\s+into\s+[^(]+?(?:\((?P<names>[^()]*)\)\s*)?values\b", re.IGNORECASE)
_CREATE = re.compile(r"\bcreate\s+table\b[^(]*\((?P<body>(?:[^()]|\([^()]*\))*)\)", re.IGNORECASE)
_COPY = re.compile(
    r"^copy\s+[^(]+\((?P<names>[^()]*)\)\s+from\s+stdin[^\n]*;\n(?P<rows>.*?)\n\\\.", re.IGNORECASE | re.MULTILINE | re.DOTALL
)
_TUPLE = re.compile(r"\(((?:'[^']*'|[^()'])*)\)")


def read_records(text: str) -> tuple[str, Rows] | None:
    """Names and rows of the records that a text holds, with a word for its kind; None where it holds none with prices.

    >>> read_records("Date: 20230103, Open: 1.0, High: 2.0, Low: 0.5, Close: 1.5\\n" * 2)[1][0]
    ['Date', 'Open', 'High', 'Low', 'Close']
    >>> read_records("Date,Open,High,Low,Close\\n2023-01-03,1,2,0.5,1.5\\n")
    """
    head = text[:SAMPLE]
    if re.match(r"\s*<(?:\?xml\b|[A-Za-z][^<>]*>\s*<)", head) and text.rstrip().endswith(">"):
        rows = _read_xml(text)
        if rows and not any(rows[0]):
            return "XML", rows
        if (found := _named("XML", rows)) is None:
            raise ValueError("no records with open, high, low and close are in this XML")
        return found
    if _INSERT.search(head) or _COPY.search(text):
        return _named("statements of a database", _read_statements(text))
    lines = [pairs for line in head.splitlines()[:20] if line.strip() and (pairs := _pairs_of(line)) is not None]
    whole, single = (sum(test(pairs) for pairs in lines) >= max(0.8 * len(lines), 2) for test in (_is_record, _is_field))
    if not whole and not (single and any(map(_is_record, _gather([_pairs_of(line) for line in head.splitlines()])))):
        return None  # a time such as T09:30 is no field
    pairs_of = [pairs for line in text.splitlines() if (pairs := _pairs_of(line))]
    return _named("printed records", _of_dictionaries(pairs_of if whole else _gather(pairs_of)))


def read_literal(text: str) -> Any:
    """The lists and dictionaries that Python printed, moments in them as text. Raises ValueError for anything else."""
    if len(text) > MOST_LITERALS:
        raise ValueError("it is too long for a printed value")
    text = re.sub(r"\)\s*\n\s*\(", "),(", text)  # rows of an array stand below each other without a comma
    plain = re.sub(_MOMENT, lambda found: repr(_write_moment(found["inside"])), text)
    plain = re.sub(r"(?<=[\s\[,:(])(?:np\.\w+\(([^()]*)\)|(nan)\b)", lambda found: found[1] or "None", plain)
    try:
        return ast.literal_eval(parse_expression_tree(plain.strip()))
    except (SyntaxError, TypeError, MemoryError, RecursionError) as problem:
        raise ValueError("it is no printed value") from problem


def _named(kind: str, rows: Rows | None) -> tuple[str, Rows] | None:
    return (kind, rows) if rows is not None and rows[1] and count_price_names(rows[0]) >= 3 else None


def _of_dictionaries(records: list[dict[str, str]]) -> Rows:
    """Records by their names; one that names no price is a line of words."""
    known = [record for record in records if count_price_names(record) >= 3]
    names = list(dict.fromkeys(name for record in known for name in record))
    refuse_empty_table(len(known), len(names), sum(map(len, known)))
    return names, [[record.get(name, "") for name in names] for record in known]


def _is_record(pairs: dict[str, str]) -> bool:
    return count_price_names(pairs) >= 3


def _is_field(pairs: dict[str, str]) -> bool:
    return len(pairs) == 1


def _gather(fields: list[dict[str, str]]) -> list[dict[str, str]]:
    """Records of which each line holds one field: the next one begins where a name comes again."""
    records: list[dict[str, str]] = [{}]
    for field in fields:
        if field.keys() & records[-1].keys():
            records.append({})
        records[-1] |= field
    return records


def _pairs_of(line: str) -> dict[str, str]:
    """`name: value` and `name=value` of one line; of a name that stands there twice, the last."""
    found = list(_PAIR.finditer(line))
    moment = _MOMENT_FIRST.match(line[: found[0].start()]) if len(found) >= FEWEST_FIELDS - 1 else None
    pairs = {each["name"].split()[-1]: _plain(each["value"]) for each in found}
    moment = moment or (_MOMENT_LAST.search(line) if len(found) >= FEWEST_FIELDS - 1 else None)
    return {"Date": moment[1].strip(), **pairs} if moment and not any(find_role(name) in ("date", "time") for name in pairs) else pairs


def _plain(value: str) -> str:
    if found := re.fullmatch(_MOMENT, value):
        return _write_moment(found["inside"])
    if whole := _WHOLE.fullmatch(value):
        return whole[1]
    return value.strip("'\"")


def _write_moment(inside: str) -> str:
    """`2023, 1, 3, 9, 30` as 2023-01-03 09:30:00, and a text within as it is.

    >>> _write_moment("2023, 1, 3"), _write_moment("2023, 1, 3, 9, 30"), _write_moment("'2023-01-03 00:00:00-0500', tz='US/Eastern'")
    ('2023-01-03', '2023-01-03 09:30:00', '2023-01-03 00:00:00-0500')
    """
    if found := re.search(r"'([^']*)'|\"([^\"]*)\"", inside):
        return str(found[1] or found[2])
    parts = [int(part) for part in re.findall(r"(?<![=\w])\d+", inside)]
    if len(parts) < 3:
        return inside
    day = "-".join(f"{part:02}" for part in parts[:3])
    return f"{day} {':'.join(f'{part:02}' for part in [*parts[3:6], 0, 0, 0][:3])}" if len(parts) > 3 else day


def _read_statements(text: str) -> Rows | None:
    """Rows that `INSERT INTO ... VALUES` and `COPY ... FROM stdin` write, under the names of the statement or of the table."""
    if found := _COPY.search(text):
        names = _list_names(found["names"])
        rows = [["" if cell == "\\N" else cell for cell in line.split("\t")] for line in found["rows"].splitlines()]
        return (names, rows) if all(len(row) == len(names) for row in rows) else None
    starts = list(_INSERT.finditer(text))
    names = _list_names(starts[0]["names"] or "")
    if not names and (made := _CREATE.search(text)):
        names = _list_names(made["body"])
    rows = []
    for place, start in enumerate(starts):
        end = starts[place + 1].start() if place + 1 < len(starts) else len(text)
        for found in _TUPLE.finditer(text, start.end(), end):
            cells = next(csv.reader([found[1]], quotechar="'", skipinitialspace=True))
            rows.append(["" if cell.strip().upper() == "NULL" else cell.strip() for cell in cells])
    return (names, rows) if rows and all(len(row) == len(names) for row in rows) else None


def _list_names(listed: str) -> list[str]:
    """Names of columns, without their types and without what is said of the table."""
    words = [part.split() for part in re.sub(r"\([^()]*\)", "", listed).split(",") if part.strip()]
    apart = ("primary", "foreign", "unique", "constraint", "key", "index", "check")
    return [word[0].strip('`"[]') for word in words if word[0].lower() not in apart]


def _read_xml(text: str) -> Rows | None:
    """The elements that stand there most often with at least five fields: attributes, and children that hold text alone.

    Else those of which one attribute holds a row without names: `<item data="20230103|1|2|0|1"/>`.
    """
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise ValueError("the XML declares entities")
    found: dict[str, list[dict[str, str]]] = {}
    cells: list[list[str]] = []
    for element in ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text)).iter():
        fields = {_local(name): value for name, value in element.attrib.items()}
        fields |= {_local(child.tag): (child.text or "").strip() for child in element if not len(child) and (child.text or "").strip()}
        if len(fields) == 1 and len(row := next(iter(fields.values())).split("|")) >= FEWEST_FIELDS:
            cells.append(row)
        if len(fields) >= FEWEST_FIELDS:
            found.setdefault(_local(element.tag), []).append(fields)
    tables = [_of_dictionaries(records) for records in found.values() if any(count_price_names(one) >= 3 for one in records)]
    if not tables and cells and len(set(map(len, cells))) == 1:
        return [""] * len(cells[0]), cells
    return max(tables, key=lambda table: len(table[1]), default=None)


def _local(name: Any) -> str:
    return str(name).rpartition("}")[2]
