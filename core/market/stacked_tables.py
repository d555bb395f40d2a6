"""Tables that stand below each other in one text, each under a header of its own: told apart, and brought down to the one that is meant."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.market.header_rows import find_symbol
from core.market.headers import count_price_names, find_role
from core.market.month_names import MONTH_OF
from core.market.table import SeveralInstrumentsError, choose_table

SYMBOL = re.compile(r"[A-Z][A-Z0-9.:=^/-]{0,11}")
WORDS_ALONE = re.compile(r"(?m)^[^\d\n]+$")
"""Lines without a digit, among which a header is sought."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """The text of the table that is meant, from its header on where it is not the first."""

    text: str
    title: str = ""
    choices: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(slots=True)
class _StackedPart:
    """One table: the line above it and its places in the text."""

    title: str
    spans: list[tuple[int, int]]
    priced: bool = True


def choose_stacked(
    text: str, begin: int, delimiter: str, names: Sequence[str], above: Sequence[Sequence[str]], chosen: str
) -> Stacked | None:
    """The meant one of several tables; None where there is one alone. `begin` is where the rows below the first header begin.

    Raises SeveralInstrumentsError or SeveralTablesError.

    A header that comes again, under no other title, goes on with the table above it. A table without prices is left out.
    """
    parts = _list_parts(text, begin, delimiter, [name.strip() for name in names], _title_of(above[-1]) if above else "")
    if len(parts) < 2:
        return None
    priced, left = [part for part in parts if part.priced], [part for part in parts if not part.priced]
    said = (f"left out {len(left)} table{'s' * (len(left) > 1)} without prices: {_list_titles(left)}",) if left else ()
    if len(priced) == 1:
        return Stacked(_write(text, priced[0]), said=said)
    counts = Counter(part.title for part in priced)
    labels = [part.title if part.title and counts[part.title] == 1 else f"table {number}" for number, part in enumerate(priced, 1)]
    if chosen not in labels and all(SYMBOL.fullmatch(label) for label in labels):
        raise SeveralInstrumentsError(labels)
    meant = priced[labels.index(choose_table("{} tables of prices stand below each other", labels, chosen))]
    return Stacked(_write(text, meant), meant.title if SYMBOL.fullmatch(meant.title) else "", tuple(labels), said)


def cut_sheet(frame: Any, start: int, names: Sequence[str]) -> tuple[Any, tuple[str, ...]]:
    """A sheet without headers that come again below row `start`, and without a table below that has no prices; words about the latter.

    Raises ValueError where another table of prices stands below.
    """
    first = frame.iloc[start:, 0]
    words = first[[isinstance(cell, str) and not any(letter.isdigit() for letter in cell) for cell in first]]
    roles, again = [find_role(name) for name in names], []
    for place in words.index:
        cells = ["" if cell is None or cell != cell else str(cell) for cell in frame.iloc[place]]
        title = _title_of(["" if cell is None or cell != cell else str(cell) for cell in frame.iloc[place - 1]])
        if count_price_names(cells) >= 3:
            if title or [find_role(cell) for cell in cells[: len(roles)]] != roles:
                raise ValueError(
                    f"another table of prices{f', {title!r},' if title else ''} stands below the first: put it on a sheet of its own"
                )
            again.append(place)
        elif find_role(cells[0]) == "date" and sum(map(bool, cells)) > 1:
            said = f"left out a table without prices: {f'{title!r}' if title else 'one without a title'}"
            return frame.iloc[: place - bool(title)].drop(index=again), (said,)
    return frame.drop(index=again), ()


def _list_parts(text: str, last: int, delimiter: str, names: list[str], title: str) -> list[_StackedPart]:
    parts, begin = [_StackedPart(title, [])], 0
    roles = [find_role(name) for name in names]
    for found in WORDS_ALONE.finditer(text, last):
        cells = _cut(found.group(), delimiter)
        again = cells[: len(names)] == names or [find_role(cell) for cell in cells] == roles
        priced = again or count_price_names(cells) >= 3
        other = delimiter != " " and find_role(cells[0]) == "date" and sum(map(bool, cells)) > 1
        if not (priced or other) or not any(letter.isdigit() for letter in text[last : found.start()]):
            continue
        line = text[last : found.start()].rstrip().rpartition("\n")[2]
        over = _title_of(_cut(line, delimiter))
        cut = found.start() if not over else text.rindex(line, last, found.start())
        parts[-1].spans.append((begin, cut))
        if not again or (over and _without_dates(over) != _without_dates(parts[-1].title)):
            parts.append(_StackedPart(over, [], priced))
        begin, last = (found.start() if len(parts) > 1 else cut), found.end()
    parts[-1].spans.append((begin, len(text)))
    return parts


def _cut(line: str, delimiter: str) -> list[str]:
    """The cells of a line; one blank for a line that holds nothing but the end of a line of Windows."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])] or [""]


def _title_of(cells: Sequence[str]) -> str:
    """The title in a line that is none of a table's; a symbol that it names by itself."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return find_symbol([filled]) or (filled[0].lstrip("# ")[:40] if len(filled) == 1 else "")


def _without_dates(title: str) -> str:
    """A title without what tells parts of one table apart: days, months, years and pages."""
    words = re.sub(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\b20\d{6}\b|\b(?:19|20)\d\d\b|(?i:\bpage \d+(?: of \d+)?)", " ", title)
    return " ".join(word for word in re.findall(r"[^\s,;:()-]+", words) if word.lower().rstrip(".") not in MONTH_OF)


def _list_titles(parts: Sequence[_StackedPart]) -> str:
    return ", ".join(f"'{part.title}'" if part.title else "one without a title" for part in parts[:5])


def _write(text: str, part: _StackedPart) -> str:
    return "".join(text[begin:end] for begin, end in part.spans)
