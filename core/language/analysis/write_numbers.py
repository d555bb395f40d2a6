"""A workflow with other numbers in its cells: those of a winner, so that it can be opened, changed and run again. Pure text and values."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.domain.workflow import Parameter, Row, Workflow
from core.language.analysis.parameters import parameters

_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])")
_CONTEXT = re.compile(r"([A-Za-z_]\w*)?\W*$")


@dataclass(frozen=True, slots=True)
class _Spot:
    """A number in a cell."""

    row: int
    column: str
    """`indicators` or `thresholds`."""
    cell: int
    start: int
    stop: int
    context: str
    """The text of the cell before it, from the last name on: what it belongs to."""


def write_numbers(workflow: Workflow, values: Mapping[str, float]) -> tuple[Workflow, tuple[str, ...]]:
    """Write values of free numbers into the cells; gives the workflow, and the names of those that no cell takes.

    Every change is held against the names: it stands only where the number that was meant, and no other, has another value then.
    """
    left_out = []
    for wanted in parameters(workflow):
        value = values.get(wanted.name)
        if value is None or value == wanted.default:
            continue
        changed = next(_list_ways(workflow, wanted, value), None)
        if changed is None:
            left_out.append(wanted.name)
        else:
            workflow = changed
    return workflow, tuple(left_out)


def _list_ways(workflow: Workflow, wanted: Parameter, value: float) -> Iterator[Workflow]:
    """Workflows in which that number, and no other, has the value."""
    meant = {each.name: each.default for each in parameters(workflow)} | {wanted.name: value}
    spots = [spot for spot in _find_spots(workflow) if _read(workflow, spot) == wanted.default]
    own = [spot for spot in spots if workflow.rows[spot.row].id == wanted.row]
    ways = [[spot for spot in spots if spot.context == context] for context in dict.fromkeys(spot.context for spot in own)]
    for way in (spots, *ways, own, *([spot] for spot in own)):
        changed = _write(workflow, way, f"{value:.12g}") if way else workflow
        if {each.name: each.default for each in parameters(changed)} == meant:
            yield changed


def _find_spots(workflow: Workflow) -> Iterator[_Spot]:
    for place, row in enumerate(workflow.rows):
        for column in ("indicators", "thresholds"):
            for cell, text in enumerate(getattr(row, column)):
                for found in _NUMBER.finditer(text):
                    before = _CONTEXT.search(text[: found.start()])
                    yield _Spot(place, column, cell, found.start(), found.end(), before.group(0) if before else "")


def _read(workflow: Workflow, spot: _Spot) -> float:
    return float(getattr(workflow.rows[spot.row], spot.column)[spot.cell][spot.start : spot.stop])


def _write(workflow: Workflow, spots: list[_Spot], text: str) -> Workflow:
    rows: list[Row] = list(workflow.rows)
    for spot in sorted(spots, key=lambda one: -one.start):  # from the back, so that places before stay where they are
        cells = list(getattr(rows[spot.row], spot.column))
        cells[spot.cell] = cells[spot.cell][: spot.start] + text + cells[spot.cell][spot.stop :]
        rows[spot.row] = rows[spot.row].changed(**{spot.column: tuple(cells)})
    return workflow.changed(rows=tuple(rows))
