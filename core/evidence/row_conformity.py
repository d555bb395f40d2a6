"""Agreement of generated code with the workflow, row by row, and the reason why a workflow does not trade.

Both are read from the compiled workflow's own signals: for each row, on which bars it was true. No judgment by a model is
involved. A signal is read on the close of a bar; the order it causes is filled on the next one.

Here: conformity (code against rows). Not here: how the signals are made (the compiler), how rows are counted against each other
(`core.domain.funnel`), and what is said about them (`core.evidence.checks`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.backtest import Fill
from core.domain.bars import Bars
from core.domain.funnel import Funnel, FunnelRow, Mask, Signals, combine_groups, compute_funnels
from core.domain.value import Value
from core.domain.workflow import Direction, Row, Section, Workflow

__all__ = [
    "Agreement",
    "Conformity",
    "Funnel",
    "FunnelRow",
    "Mask",
    "RowAgreement",
    "Signals",
    "compute_conformity",
    "compute_entry_funnels",
]
POSITION_TOLERANCE = 1e-9
"""Units under which a position is what rounding left of nothing."""


class RowAgreement(Value):
    """One row against the code: how often the code acted while the row was true."""

    row: str
    section: Section
    fired: int
    """Bars on which the row was true."""
    acted: int
    """Entries (for an entry or filter row) or exits (for an exit row) that the code made."""
    agreed: int
    """Of those, decided on a bar on which the row was true."""

    @property
    def share(self) -> float | None:
        """`agreed / acted`; None while the code did nothing of the kind."""
        return self.agreed / self.acted if self.acted else None


class Agreement(Value):
    """All entries, or all exits: what the workflow asked for and what the code did."""

    wanted: int
    """Stretches of bars on which the workflow asked for it and the code could have done it."""
    made: int
    """Times the code did it; exits that a risk rule may explain are left out."""
    both: int
    """Times the code did it on the first bar on which the workflow asked."""
    late: int
    """Times the code did it later in the same stretch."""
    by_risk: int = 0
    """Exits without a true exit row, in a workflow that has risk rows: a stop or a limit may have caused them."""

    @property
    def share(self) -> float | None:
        """`both` over everything that either side did; None when neither did anything."""
        union = self.wanted + self.made - self.both - self.late
        return self.both / union if union > 0 else None


class Conformity(Value):
    """Code against workflow on the same bars."""

    rows: tuple[RowAgreement, ...]
    entries: Agreement
    exits: Agreement

    @property
    def share(self) -> float | None:
        """Agreement of entries and exits together, 0 to 1; None when neither side did anything."""
        union = sum(part.wanted + part.made - part.both - part.late for part in (self.entries, self.exits))
        return (self.entries.both + self.exits.both) / union if union > 0 else None


@dataclass(frozen=True, slots=True)
class PositionChanges:
    """Changes of a position on one side: bars of the fills that opened and closed it, and where it was held."""

    opened: NDArray[np.int64]
    closed: NDArray[np.int64]
    held: Mask
    """True where the side was held at the close of the bar; shape (n,)."""


def compute_conformity(workflow: Workflow, signals: Signals, fills: Sequence[Fill], bars: Bars) -> Conformity | None:
    """Compute how far the code's entries and exits agree with each row of the workflow.

    `signals` are the compiled workflow's on the same `bars`. The workflow is asked again on every bar *in the state the
    code is in*: an entry counts as wanted only while the code has no position on that side, an exit only while it has one,
    so that one early difference does not spoil all later bars. As in the compiled strategy, an exit signal holds back an
    entry on the same side, entries on both sides hold back each other, and an entry on the other side ends a position.
    Exits by risk rows are not in the signals; in a workflow with such rows, an exit that no exit row explains is counted
    apart. Rows that look at the position (open profit, bars in trade) were true or not for the compiled strategy's own
    position. None when the signals lack an active entry row: nothing was compiled, or it is entered by a price order.
    """
    sides = [side for side in _SIDES if side.allowed(workflow.direction) and workflow.active(side.entry)]
    if not sides or any(row.id not in signals for side in sides for row in workflow.active(side.entry)):
        return None
    moves = {side.entry: _moves(fills, len(bars), side.sign) for side in sides}
    rows = [agreement for side in sides for agreement in _row_agreements(workflow, signals, moves[side.entry], side)]
    rows += _filter_agreements(workflow, signals, list(moves.values()))
    asked = _asked_entries(workflow, signals, sides, len(bars))
    entries = [_matched(asked[side.entry] & ~moves[side.entry].held, moves[side.entry].opened) for side in sides]
    exits = [_exits(workflow, signals, moves[side.entry], side, asked) for side in sides]
    return Conformity(rows=tuple(rows), entries=_sum(entries), exits=_sum(exits))


def compute_entry_funnels(workflow: Workflow, signals: Signals, bars: int) -> tuple[Funnel, ...]:
    """Compute why each allowed side trades or does not; sides whose signals are missing are left out."""
    return compute_funnels(workflow, signals, bars)


@dataclass(frozen=True, slots=True)
class _Side:
    entry: Section
    exit: Section
    sign: int
    allowed: Callable[[Direction], bool]


_SIDES = (
    _Side(Section.ENTRY_LONG, Section.EXIT_LONG, 1, lambda direction: direction is not Direction.SHORT_ONLY),
    _Side(Section.ENTRY_SHORT, Section.EXIT_SHORT, -1, lambda direction: direction is not Direction.LONG_ONLY),
)


def _asked_entries(workflow: Workflow, signals: Signals, sides: Sequence[_Side], bars: int) -> dict[Section, Mask]:
    filters = [row for row in workflow.active(Section.FILTER) if row.id in signals]
    wanted = {side.entry: _asked(workflow.active(side.entry), filters, signals, bars) for side in sides}
    both = np.logical_and.reduce(list(wanted.values())) if len(wanted) > 1 else np.zeros(bars, dtype=bool)
    return {side.entry: wanted[side.entry] & ~both & ~_exit_rows(workflow, signals, side, bars) for side in sides}


def _exit_rows(workflow: Workflow, signals: Signals, side: _Side, bars: int) -> Mask:
    rows = [row for row in workflow.active(side.exit) if row.id in signals]
    return combine_groups(rows, signals, bars) if rows else np.zeros(bars, dtype=bool)


def _exits(workflow: Workflow, signals: Signals, moves: PositionChanges, side: _Side, entries: Mapping[Section, Mask]) -> Agreement:
    asked = _exit_rows(workflow, signals, side, len(moves.held))
    for section, entry in entries.items():
        asked = asked | entry if section is not side.entry else asked
    found = _matched(asked & moves.held, moves.closed)
    if not workflow.active(Section.RISK):
        return found
    explained = found.both + found.late
    return found.changed(made=explained, by_risk=found.made - explained)


def _matched(asked: Mask, done: NDArray[np.int64]) -> Agreement:
    asked = asked.copy()
    if len(asked):
        asked[-1] = False  # nothing decided on the last bar can be filled
    acted = np.zeros(len(asked), dtype=bool)
    acted[done] = True
    before = np.concatenate(([False], asked[:-1])) if len(asked) else asked
    first = asked & (~before | acted)
    decided = done[done > 0] - 1
    return Agreement(
        wanted=int(np.count_nonzero(first)),
        made=len(done),
        both=int(np.count_nonzero(first[decided])),
        late=int(np.count_nonzero(asked[decided] & ~first[decided])),
    )


def _row_agreements(workflow: Workflow, signals: Signals, moves: PositionChanges, side: _Side) -> list[RowAgreement]:
    pairs = [(row, moves.opened) for row in workflow.active(side.entry)] + [(row, moves.closed) for row in workflow.active(side.exit)]
    return [_row_agreement(row, signals, done) for row, done in pairs if row.id in signals]


def _filter_agreements(workflow: Workflow, signals: Signals, moves: Sequence[PositionChanges]) -> list[RowAgreement]:
    opened = np.concatenate([each.opened for each in moves])
    return [_row_agreement(row, signals, opened) for row in workflow.active(Section.FILTER) if row.id in signals]


def _row_agreement(row: Row, signals: Signals, done: NDArray[np.int64]) -> RowAgreement:
    signal = signals[row.id] != 0
    decided = done[done > 0] - 1
    return RowAgreement(
        row=row.id,
        section=row.section,
        fired=int(np.count_nonzero(signal)),
        acted=len(done),
        agreed=int(np.count_nonzero(signal[decided])),
    )


def _asked(rows: Sequence[Row], filters: Sequence[Row], signals: Signals, bars: int) -> Mask:
    return combine_groups(rows, signals, bars) & combine_groups(filters, signals, bars)


def _moves(fills: Sequence[Fill], bars: int, sign: int) -> PositionChanges:
    opened, closed, steps = [], [], np.zeros(bars)
    units = 0.0
    for fill in fills:
        before, units = units, _snap_to_zero(units + fill.size)
        steps[fill.bar] += units - before
        if sign * before <= 0 < sign * units:
            opened.append(fill.bar)
        if sign * before > 0 >= sign * units:
            closed.append(fill.bar)
    held = sign * np.cumsum(steps) > POSITION_TOLERANCE
    return PositionChanges(np.array(opened, dtype=np.int64), np.array(closed, dtype=np.int64), held)


def _snap_to_zero(units: float) -> float:
    return 0.0 if abs(units) < POSITION_TOLERANCE else units


def _sum(parts: Sequence[Agreement]) -> Agreement:
    names = ("wanted", "made", "both", "late", "by_risk")
    return Agreement(**{name: sum(getattr(part, name) for part in parts) for name in names})
