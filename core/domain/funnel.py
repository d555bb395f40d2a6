"""Reasons for rare trades: on how many bars each row was true, with its group, and what it alone held back.

Counted from the compiled workflow's signals: for each row, on which bars it was true. Here is the counting; how the signals are made is
the compiler's work, what is said about them that of the screens and of the findings.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.domain.value import Value
from core.domain.workflow import Direction, Measure, Row, Section, Workflow

Signals = Mapping[str, NDArray[np.uint8]]
"""Row id of the compiled workflow to one 0/1 per bar."""
Mask = NDArray[np.bool_]

ENTRIES = {Section.ENTRY_LONG: Direction.SHORT_ONLY, Section.ENTRY_SHORT: Direction.LONG_ONLY}
"""Entry section to the direction under which it is not traded."""
EXITS = {Section.EXIT_LONG: Direction.SHORT_ONLY, Section.EXIT_SHORT: Direction.LONG_ONLY}


class FunnelRow(Value):
    """One row of a funnel."""

    row: str
    section: Section
    group: str
    bars: int
    """Bars of the run."""
    true: int
    """Bars on which the row was true."""
    joint: int
    """Bars on which this row and all rows before it in its group were true."""
    blocked: int
    """Bars on which every other row of the group was true, and only this one was not."""
    without: int
    """Bars on which the section would have asked for its trade if this row were not there (unchanged for the only row of an entry)."""


class Funnel(Value):
    """Bars that pass each entry and filter row of one side, and all of them together: why it trades or does not."""

    section: Section
    bars: int
    passed: int
    """Bars on which the section asked for its trade."""
    rows: tuple[FunnelRow, ...]
    """Its own rows, then those of the filter."""

    @property
    def blocking(self) -> FunnelRow | None:
        """The row whose removal would let most bars through; None when no single row holds anything back."""
        worst = max(self.rows, key=lambda row: row.without, default=None)
        return worst if worst is not None and worst.without > self.passed else None

    def __str__(self) -> str:
        rows = ", ".join(f"row {row.row} on {row.true}" for row in self.rows)
        text = f"of {self.bars} bars: {rows}, all together on {self.passed}"
        return f"{text}; without row {self.blocking.row} it would be {self.blocking.without}" if self.blocking else text


def combine_groups(rows: Sequence[Row], signals: Signals, bars: int) -> Mask:
    """Mask of bars on which the rows hold: those of a group together, one group is enough; everywhere without rows. Shape (bars,)."""
    if not rows:
        return np.ones(bars, dtype=bool)
    groups: dict[str, Mask] = {}
    for row in rows:
        true = signals[row.id] != 0
        groups[row.group] = groups[row.group] & true if row.group in groups else true
    together: Mask = np.logical_or.reduce(list(groups.values()))
    return together


def compute_funnels(workflow: Workflow, signals: Signals, bars: int, *, exits: bool = False) -> tuple[Funnel, ...]:
    """Compute one funnel for each traded entry section, with `exits` for each exit section; sections without signals are left out.

    Filters belong to every entry, also to one that is a price order alone. Rows of sizing and risk, and price orders, are not counted.
    """
    sections = EXITS if exits else ENTRIES
    filters = [] if exits else _rows_with_signals(workflow, Section.FILTER, signals)
    found = []
    for section, never in sections.items():
        rows = _rows_with_signals(workflow, section, signals)
        waiting = [row for row in workflow.active(section) if isinstance(row.operator, Measure)]
        if (rows or (filters and waiting)) and workflow.direction is not never:
            found.append(_funnel(section, rows, filters, signals, bars))
    return tuple(found)


def find_blocking_pair(workflow: Workflow, signals: Signals, bars: int) -> tuple[str, str] | None:
    """Find the two rows of one entry, filters among them, without which most bars would pass; None where no two are enough."""
    found: list[tuple[int, str, str]] = []
    filters = _rows_with_signals(workflow, Section.FILTER, signals)
    for section, never in ENTRIES.items():
        rows = _rows_with_signals(workflow, section, signals) if workflow.direction is not never else []
        for one, other in combinations((*rows, *filters), 2):
            entries, guards = (_without(_without(part, one), other) for part in (rows, filters))
            passed = combine_groups(entries or rows, signals, bars) & combine_groups(guards, signals, bars)
            found.append((int(np.count_nonzero(passed)), one.id, other.id))
    best = max(found, key=lambda pair: pair[0], default=(0, "", ""))
    return (best[1], best[2]) if best[0] else None


def _rows_with_signals(workflow: Workflow, section: Section, signals: Signals) -> list[Row]:
    return [row for row in workflow.active(section) if row.id in signals]


def _funnel(section: Section, rows: list[Row], filters: list[Row], signals: Signals, bars: int) -> Funnel:
    counted = []
    for row in (*rows, *filters):
        mine = signals[row.id] != 0
        group = [other for other in (filters if row.section is Section.FILTER else rows) if other.group == row.group]
        before = group[: [other.id for other in group].index(row.id)]
        rest = [other for other in group if other.id != row.id]
        left = combine_groups(_without(rows, row) or rows, signals, bars) & combine_groups(_without(filters, row), signals, bars)
        counted.append(
            FunnelRow(
                row=row.id,
                section=row.section,
                group=row.group,
                bars=bars,
                true=int(np.count_nonzero(mine)),
                joint=int(np.count_nonzero(mine & combine_groups(before, signals, bars))),
                blocked=int(np.count_nonzero(~mine & combine_groups(rest, signals, bars))),
                without=int(np.count_nonzero(left)),
            )
        )
    passed = combine_groups(rows, signals, bars) & combine_groups(filters, signals, bars)
    return Funnel(section=section, bars=bars, passed=int(np.count_nonzero(passed)), rows=tuple(counted))


def _without(rows: Sequence[Row], left_out: Row) -> list[Row]:
    return [row for row in rows if row.id != left_out.id]
