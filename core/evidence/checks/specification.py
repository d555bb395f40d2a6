"""Checks of the code against the workflow it was written for: sides, rows, parameters."""

from collections.abc import Callable

import numpy as np

from core.domain.backtest import Trade
from core.domain.finding import Finding
from core.domain.workflow import Direction, Measure, Row, Section
from core.evidence.check_case import Case
from core.evidence.equity_check import list_positions
from core.evidence.row_conformity import Mask
from core.evidence.row_places import find_row_places

MOST_PARAMETERS = 10
_SIGNAL_SECTIONS = (Section.ENTRY_LONG, Section.EXIT_LONG, Section.ENTRY_SHORT, Section.EXIT_SHORT, Section.FILTER)


def wrong_side(case: Case) -> Finding | None:
    """A side was traded that the workflow does not allow."""
    workflow = case.context.workflow
    if workflow is None or workflow.direction is Direction.LONG_SHORT:
        return None
    sign = 1 if workflow.direction is Direction.LONG_ONLY else -1
    wrong = np.any(np.array(list_positions(case.evaluation)) * sign < 0, axis=0)
    if not wrong.any():
        return None
    name = "short" if sign > 0 else "long"
    return Finding(
        code="wrong_side",
        severity=3,
        message=f"The workflow is {workflow.direction.value.replace('_', ' ')}, and the code held a {name} position",
        sample=f"on {np.count_nonzero(wrong)} bars, first on bar {int(np.argmax(wrong))}",
        fix="close with self.close() instead of an order for the other side, and check self.position first",
    )


def drift(case: Case) -> Finding | None:
    """Entries and exits are no longer those of the workflow."""
    found = case.conformity
    if (
        not case.evaluation.fills
        or found is None
        or found.share is None
        or found.share >= 0.5
        or found.entries.made + found.entries.wanted < 5
    ):
        return None
    judged = [row for row in found.rows if row.share is not None]
    weakest = min(judged, key=lambda row: row.share or 0.0, default=None)
    return Finding(
        code="drift",
        severity=2,
        message=f"Entries and exits agree with the workflow on {found.share:.0%} of the occasions: this is another strategy",
        sample=f"row {weakest.row} was true at {weakest.agreed} of {weakest.acted}" if weakest else "",
        fix="carry out the rows as they are written, and change their numbers only",
    )


def late_orders(case: Case) -> Finding | None:
    """Orders come bars after the condition became true."""
    found = case.conformity
    if found is None:
        return None
    late, done = found.entries.late + found.exits.late, found.entries.both + found.exits.both
    if late < 5 or late < 0.4 * (late + done):
        return None
    return Finding(
        code="late_orders",
        severity=2,
        message="Orders come later than the bar on which the condition becomes true",
        count=late,
        fix="read index [0], not [-1], and do not wait another bar",
    )


def rows_left_out(case: Case) -> Finding | None:
    """Active rows that the code does not name: a stop that was dropped shows in no figure until it is missed."""
    workflow, code = case.context.workflow, case.outcome.code_ran
    if workflow is None or case.context.is_workflow or not code:
        return None
    missing = [place.row for place in find_row_places(workflow, code) if not place.lines]
    if not missing:
        return None
    named = ", ".join(row.id for row in missing[:5])
    return Finding(
        code="rows_left_out",
        severity=2,
        message=f"{'Row' if len(missing) == 1 else 'Rows'} {named} of the workflow cannot be found in the code",
        count=len(missing),
        sample=", ".join(f"{row.id} ({row.section.value.replace('_', ' ')})" for row in missing[:5]),
        fix="carry out each row and name it in a comment, or say in the change that it is given up",
    )


def stop_not_kept(case: Case) -> Finding | None:
    """A stop of the workflow at a percentage, beyond which the code went on holding.

    The widest distance that the row allows counts, because the code's own name for it may not be known, and bars on which the
    exit was still on its way do not. Trades that grew or shrank in several steps have no one entry to measure from.
    """
    workflow, own = case.context.workflow, case.evaluation
    if workflow is None or case.context.is_workflow or len(own.fills) > 2 * len(own.trades):
        return None
    distances = {row.id: reach for row in workflow.active(Section.RISK) if (reach := _find_stop_distance(case, row)) is not None}
    if not distances:
        return None
    row, reach = min(distances.items(), key=lambda item: item[1])
    beyond = [trade for trade in own.trades if _count_beyond(case, trade, reach) > 0]
    if not beyond:
        return None
    return Finding(
        code="stop_not_kept",
        severity=2,
        message=f"The stop of row {row} is not carried out: positions were held on after closes more than {reach:.3g}% beyond their entry",
        count=len(beyond),
        sample=f"{len(beyond)} of {len(own.trades)} trades, first entered at bar {beyond[0].entry_bar}",
        fix="place the stop of the row as soon as the entry is filled, and withdraw it when the position is closed",
    )


def _find_stop_distance(case: Case, row: Row) -> float | None:
    """The widest distance of a stop from the entry, in percent, that a row allows; None for what is no such row."""
    if row.indicators != ("stop_loss",) or row.operator is not Measure.PERCENT or not row.thresholds:
        return None
    try:
        written = float(row.thresholds[0])
    except ValueError:
        return None
    allowed = [parameter for parameter in case.context.parameters if parameter.row == row.id]
    running = [case.context.values[parameter.name] for parameter in allowed if parameter.name in case.context.values]
    reaches: list[float] = [written, *(running or (parameter.high for parameter in allowed))]
    return max(reaches)


def _count_beyond(case: Case, trade: Trade, reach: float) -> int:
    """Closes beyond the distance after which the position was held for two more bars."""
    closes = case.bars.find_instrument(trade.instrument).close
    held = closes[trade.entry_bar : (trade.exit_bar if trade.exit_bar is not None else len(closes)) - 2]
    side = 1.0 if trade.size > 0 else -1.0
    return int(np.count_nonzero(side * (held / trade.entry_price - 1.0) < -reach / 100))


def row_never_true(case: Case) -> Finding | None:
    """A row of the workflow was true on no bar."""
    never = _rows(case, lambda signal: not bool(signal.any()))
    if not never:
        return None
    return Finding(
        code="row_never_true",
        severity=2,
        message=f"Row {never[0]} is true on none of the {len(case.bars)} bars",
        count=len(never),
        sample=", ".join(f"row {row}" for row in never[:5]),
        fix="loosen its threshold",
    )


def row_always_true(case: Case) -> Finding | None:
    """A row of the workflow decides nothing."""
    always = _rows(case, lambda signal: float(np.mean(signal[len(signal) // 4 :])) >= 0.99)
    if not always:
        return None
    return Finding(
        code="row_always_true",
        severity=1,
        message=f"Row {always[0]} is true on practically every bar and decides nothing",
        count=len(always),
        sample=", ".join(f"row {row}" for row in always[:5]),
        fix="tighten its threshold, or leave the row out",
    )


def many_parameters(case: Case) -> Finding | None:
    """More free numbers than the trades can support, once numbers have been chosen by their result."""
    free, closed = len(_free_parameters(case)), len(case.closed)
    if case.context.trials < 2 or not free or not closed or (free <= MOST_PARAMETERS and closed >= 5 * free):
        return None
    return Finding(
        code="many_parameters",
        severity=2 if free > MOST_PARAMETERS else 1,
        message=f"{free} free numbers are chosen by {closed} closed trades: so many can be made to fit any past",
        sample=", ".join(_free_parameters(case)[:5]),
        fix="keep the numbers that matter least as they are, and remove rules that change few trades",
    )


def parameter_at_bound(case: Case) -> Finding | None:
    """A parameter was pushed to the end of its range."""
    edges = []
    for parameter in case.context.parameters:
        value = case.context.values.get(parameter.name)
        if value is None or parameter.high <= parameter.low or value == parameter.default:
            continue
        margin = 0.01 * (parameter.high - parameter.low)
        if value <= parameter.low + margin or value >= parameter.high - margin:
            edges.append(f"{parameter.name} = {value:g} in {parameter.low:g} to {parameter.high:g}")
    if not edges:
        return None
    return Finding(
        code="parameter_at_bound",
        severity=1,
        message="A parameter stands at the end of its range: the optimum may lie outside, or the rule should go",
        count=len(edges),
        sample=", ".join(edges[:3]),
        fix="ask why the extreme is best before going further",
    )


def _free_parameters(case: Case) -> list[str]:
    """Names of the free numbers: the workflow's own, and what the code adds to them; constants of the compiled workflow are none."""
    if case.context.is_workflow:
        return [parameter.name for parameter in case.context.parameters]
    return [name for name in case.context.values if name not in case.context.constants]


def _rows(case: Case, wanted: Callable[[Mask], bool]) -> list[str]:
    workflow, signals = case.context.workflow, case.signals
    if workflow is None or not len(case.bars):
        return []
    rows = [row for section in _SIGNAL_SECTIONS for row in workflow.active(section)]
    return [row.id for row in rows if row.id in signals and wanted(signals[row.id] != 0)]
