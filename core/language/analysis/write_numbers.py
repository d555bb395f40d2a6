"""A workflow with other numbers in its cells: those of a winner, so that it can be opened, changed and run again. Pure text and values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from core.domain.workflow import Parameter, Row, Workflow
from core.language.analysis.parameters import STRUCTURAL, parameters

_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])")
_CONTEXT = re.compile(r"([A-Za-z_]\w*)?\W*$")
_INSIDE = re.compile(r"[A-Za-z_]\w*\([^()]*$")
_CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(\([^()]*\))?(?![\w(])")
_BESIDE = 1.0009765625
"""Turns a number without a name into one beside it that has one, to see where it stands."""


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
    inside: str
    """The text before it from the name of the indicator on whose number it is; empty for any other number."""


def write_numbers(workflow: Workflow, values: Mapping[str, float]) -> tuple[Workflow, tuple[str, ...]]:
    """Write values of free numbers into the cells; gives the workflow, and the names of those that no cell takes.

    Every change is held against the names: it stands only where the number that was meant, and no other, has another value then.
    A number that the table leaves to its usual value is written out first.
    """
    left_out = []
    free = parameters(workflow)
    known = [wanted for wanted in free if values.get(wanted.name) not in STRUCTURAL]
    # a factor of 1 has no name any more, and those behind it may get another one: these are written last, from the end
    for wanted in (*known, *(wanted for wanted in reversed(free) if wanted not in known)):
        value = values.get(wanted.name)
        if value is None or value == wanted.default:
            continue
        changed = next((way for same in _list_spellings(workflow, wanted) for way in _list_ways(same, wanted, value)), None)
        if changed is None:
            left_out.append(wanted.name)
        else:
            workflow = changed
    return workflow, tuple(left_out)


def _list_spellings(workflow: Workflow, wanted: Parameter) -> Iterator[Workflow]:
    """The workflow as it stands, then with the number written out where it may have been left to its usual value; all mean the same."""
    yield workflow
    known = parameters(workflow)
    place = next((place for place, row in enumerate(workflow.rows) if row.id == wanted.row), None)
    if place is None:
        return
    for spelling in (*_lengthen_rule(workflow, place, wanted), *_lengthen_calls(workflow, place, wanted, known)):
        if parameters(spelling) == known:
            yield spelling


def _lengthen_rule(workflow: Workflow, place: int, wanted: Parameter) -> Iterator[Workflow]:
    """Workflows whose row has one more cell, with the number."""
    row = workflow.rows[place]
    for cell in range(len(row.thresholds), -1, -1):
        thresholds = (*row.thresholds[:cell], f"{wanted.default:.12g}", *row.thresholds[cell:])
        rows = (*workflow.rows[:place], row.changed(thresholds=thresholds), *workflow.rows[place + 1 :])
        yield workflow.changed(rows=rows)


def _lengthen_calls(workflow: Workflow, place: int, wanted: Parameter, known: Sequence[Parameter]) -> Iterator[Workflow]:
    """Workflows in which an indicator of the row is named with more of its numbers, wherever it stands."""
    row, names = workflow.rows[place], [each.name for each in known]
    until = known[: names.index(wanted.name) + 1]
    usual = [f"{each.default:.12g}" for each in until if each.row == wanted.row]
    calls = dict.fromkeys(found.group(0) for text in (*row.indicators, *row.thresholds) for found in _CALL.finditer(text))
    for call in calls:
        name, _, said = call.removesuffix(")").partition("(")
        for count in range(1, len(usual) + 1):
            longer = f"{name}({', '.join([*([said] if said else []), *usual[-count:]])})"
            yield _rename_call(workflow, call, longer)


def _rename_call(workflow: Workflow, call: str, longer: str) -> Workflow:
    def rename(text: str) -> str:
        return _CALL.sub(lambda found: longer if found.group(0) == call else found.group(0), text)

    rows = [
        row.changed(indicators=tuple(map(rename, row.indicators)), thresholds=tuple(map(rename, row.thresholds))) for row in workflow.rows
    ]
    return workflow.changed(rows=tuple(rows))


def _list_ways(workflow: Workflow, wanted: Parameter, value: float) -> Iterator[Workflow]:
    """Workflows in which that number, and no other, has the value."""
    beside = [value * _BESIDE] if value in STRUCTURAL and not wanted.integer else []
    known = {each.name: each.default for each in parameters(workflow)}
    spots = [spot for spot in _find_spots(workflow) if _read(workflow, spot) == wanted.default]
    own = [spot for spot in spots if workflow.rows[spot.row].id == wanted.row]
    ways = [[spot for spot in spots if spot.context == context] for context in dict.fromkeys(spot.context for spot in own)]
    ways += [[spot for spot in spots if spot.inside == inside] for inside in dict.fromkeys(spot.inside for spot in own if spot.inside)]
    for tried, way in product((value, *beside), (spots, *ways, own, *([spot] for spot in own))):
        changed = _write(workflow, way, f"{tried:.12g}") if way else workflow
        if {each.name: each.default for each in parameters(changed)} == known | {wanted.name: tried}:
            yield _write(workflow, way, f"{value:.12g}")


def _find_spots(workflow: Workflow) -> Iterator[_Spot]:
    for place, row in enumerate(workflow.rows):
        for column in ("indicators", "thresholds"):
            for cell, text in enumerate(getattr(row, column)):
                for found in _NUMBER.finditer(text):
                    before = _CONTEXT.search(text[: found.start()])
                    inside = _INSIDE.search(text[: found.start()])
                    contexts = (before.group(0) if before else "", inside.group(0) if inside else "")
                    yield _Spot(place, column, cell, found.start(), found.end(), *contexts)


def _read(workflow: Workflow, spot: _Spot) -> float:
    return float(getattr(workflow.rows[spot.row], spot.column)[spot.cell][spot.start : spot.stop])


def _write(workflow: Workflow, spots: list[_Spot], text: str) -> Workflow:
    rows: list[Row] = list(workflow.rows)
    for spot in sorted(spots, key=lambda one: -one.start):  # from the back, so that places before stay where they are
        cells = list(getattr(rows[spot.row], spot.column))
        cells[spot.cell] = cells[spot.cell][: spot.start] + text + cells[spot.cell][spot.stop :]
        rows[spot.row] = rows[spot.row].changed(**{spot.column: tuple(cells)})
    return workflow.changed(rows=tuple(rows))
