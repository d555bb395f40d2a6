"""Places of a program that name the rows of its workflow; what the rows do there is checked elsewhere, by their signals."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.workflow import Row, Section, Workflow


@dataclass(frozen=True, slots=True)
class RowPlace:
    """One active row, and where the program names it."""

    row: Row
    lines: tuple[int, ...]
    """Lines that name it, from 1; empty where none does."""
    main: int | None
    """The line that says what the row does; the first that names it when none says so; None when none names it."""


def find_row_places(workflow: Workflow, code: str) -> tuple[RowPlace, ...]:
    """Find each active row in a program, in the order of the sections.

    A program that names no row at all was written without them, so the answer is empty then.
    """
    lines = code.splitlines()
    places = [_find_place(row, lines) for section in Section for row in workflow.active(section)]
    return tuple(places) if any(place.lines for place in places) else ()


def _find_place(row: Row, lines: Sequence[str]) -> RowPlace:
    name = rf"(?<![A-Za-z0-9_]){re.escape(row.id)}(?![A-Za-z0-9_])"
    named = tuple(number for number, line in enumerate(lines, 1) if re.search(name, line))
    told = [number for number in named if re.match(rf"\s*#\s*(?:row\s+)?{name}\W*\w", lines[number - 1], re.IGNORECASE)]
    return RowPlace(row, named, next(iter([*told, *named]), None))
