"""Errors and warnings of a workflow, in words, before anything is spent: every problem names row, column and remedy."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.domain.errors import Problem, Severity, WorkflowError
from core.domain.instrument import Instrument, Timeframe
from core.domain.workflow import Direction, Section, Workflow
from core.language.analysis.contradictions import find_contradictions
from core.language.analysis.entry_levels import find_entry_level_problems
from core.language.analysis.first_trade import find_first_trade_problems
from core.language.analysis.levels import find_level_problems
from core.language.analysis.month_ends import count_missed_month_ends, find_month_end_problems
from core.language.analysis.operands import OperandFault, find_day_fault, find_faults, find_timeframe_faults
from core.language.analysis.structure import find_rule_timeframe_problems, find_structure_problems, has_trigger
from core.language.analysis.warmup import warmup_bars
from core.language.analysis.warnings import find_volume_problems, find_warnings
from core.language.catalogue.rules import ENTRIES, EXITS
from core.language.syntax.condition_rows import list_cells
from core.language.syntax.definition import Definition, read_definition
from core.language.syntax.expression import parse_expression
from core.language.syntax.nodes import Node

if TYPE_CHECKING:
    from core.domain.bars import Bars


def check(
    workflow: Workflow,
    *,
    bars: int | None = None,
    timeframe: Timeframe | None = None,
    instrument: Instrument | None = None,
    without_volume: bool = False,
    month_ends: tuple[int, int] | None = None,
) -> tuple[Problem, ...]:
    """Errors and warnings of a workflow, errors first.

    With `bars`, the number of bars to be run on, also whether the warm-up fits; with `timeframe` also whether every row makes sense on
    bars of that length; `instrument` says how long its days are, where rows read days or weeks of intraday bars; `without_volume` tells
    that the bars hold none, so that rows that read it are named; `month_ends` are those that the bars miss, of how many months.
    """
    definition, unread = read_definition(workflow)
    found = [
        *unread,
        *find_structure_problems(definition, unread=bool(unread)),
        *_check_rows(definition, timeframe),
        *find_contradictions(definition),
        *find_level_problems(definition),
        *find_entry_level_problems(definition),
        *find_first_trade_problems(definition),
    ]
    if without_volume:
        found += find_volume_problems(definition)
    if instrument is not None:
        found += find_month_end_problems(definition, instrument, month_ends)
    if timeframe is not None:
        found += find_rule_timeframe_problems(definition, timeframe)
    if bars is not None:
        found += _check_warmup(definition, bars, timeframe, instrument)
    if not any(problem.severity is Severity.ERROR for problem in found):
        found += find_warnings(definition)
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: problem.severity is not Severity.ERROR))


def check_on(workflow: Workflow, bars: "Bars") -> tuple[Problem, ...]:
    """Errors and warnings of a workflow, those included that show only on these bars."""
    return check(
        workflow,
        bars=len(bars),
        timeframe=bars.timeframe,
        instrument=bars.instrument,
        without_volume=not bars.volume.any(),
        month_ends=count_missed_month_ends(bars.time),
    )


def require_valid(
    workflow: Workflow, *, bars: int | None = None, timeframe: Timeframe | None = None, instrument: Instrument | None = None
) -> tuple[Problem, ...]:
    """The warnings of a workflow. Raises WorkflowError with the errors when there are any."""
    problems = check(workflow, bars=bars, timeframe=timeframe, instrument=instrument)
    errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
    if errors:
        raise WorkflowError(errors)
    return problems


def _check_rows(definition: Definition, timeframe: Timeframe | None) -> Iterator[Problem]:
    adding = definition.rule("pyramiding") is not None
    for condition in definition.conditions:
        row = condition.row
        told: set[str] = set()
        for column, texts in zip(("indicators", "thresholds"), list_cells(row, definition.names), strict=True):
            for text in getattr(row, column) if not any("tf(" in text for text in texts) else ():
                if timeframe is not None and (fault := find_day_fault(text, timeframe)):
                    yield _problem(row.id, column, fault)
            for text in texts:
                for fault in _find_faults(parse_expression(text, definition.names), row.section, timeframe, adding):
                    told.add(fault.message)
                    yield _problem(row.id, column, fault)
        for fault in _find_faults(condition.node, row.section, timeframe, adding):
            if fault.message not in told:
                column = "timeframe" if fault.about_timeframe and row.timeframe else "thresholds" if row.thresholds else "indicators"
                yield _problem(row.id, column, fault)
    for row in definition.workflow.active(Section.DEFINE):
        node = definition.names.get(row.indicators[0].strip()) if row.indicators else None
        if node is not None and timeframe is not None:
            for fault in find_timeframe_faults(node, timeframe):
                yield _problem(row.id, "thresholds", fault)
    for item in definition.instructions:
        for node in item.values.values():
            for fault in _find_faults(node, item.row.section, timeframe, adding):
                yield _problem(item.row.id, "thresholds", fault)


def _find_faults(node: Node, section: Section, timeframe: Timeframe | None, adding: bool) -> Iterator[OperandFault]:
    yield from find_faults(node, section, adding=adding)
    if timeframe is not None:
        yield from find_timeframe_faults(node, timeframe)


def _problem(row: str | None, column: str | None, fault: OperandFault) -> Problem:
    severity = Severity.WARNING if fault.warning else Severity.ERROR
    return Problem(severity=severity, row=row, column=column, message=fault.message, remedy=fault.remedy)


def _check_warmup(definition: Definition, bars: int, timeframe: Timeframe | None, instrument: Instrument | None) -> Iterator[Problem]:
    needed = warmup_bars(definition, timeframe, instrument)
    if needed >= bars:
        message = f"the first signal needs {needed} bars, but there are only {bars}."
        yield Problem(column="rows", message=message, remedy="Choose a longer range of dates, or shorter periods.")
    elif needed > bars / 2:
        message = f"the first signal needs {needed} of the {bars} bars: little is left to trade on."
        yield Problem(severity=Severity.WARNING, column="rows", message=message, remedy="Choose a longer range of dates.")


def completeness(workflow: Workflow) -> float:
    """Score of how concrete the definition is, from 0 (nothing said) to 1 (nothing left to guess)."""
    return round(1.0 - sum(weight for weight, _ in _weigh_gaps(workflow)), 2)


def find_completeness_gaps(workflow: Workflow) -> tuple[str, ...]:
    """Missing parts of the definition, one sentence each, the weightiest first."""
    return tuple(text for _, text in sorted(_weigh_gaps(workflow), key=lambda gap: -gap[0]))


def _weigh_gaps(workflow: Workflow) -> Iterator[tuple[float, str]]:
    """Missing parts with their weights; the weights add up to one."""
    definition, unread = read_definition(workflow)
    problems = [*unread, *_check_rows(definition, None), *find_contradictions(definition), *find_level_problems(definition)]
    opened = [section for section in ENTRIES if has_trigger(definition, section)]
    if not opened:
        yield 0.3, "No entry: say when a position is opened."
    elif workflow.direction is Direction.LONG_SHORT and len(opened) < len(ENTRIES):
        missing, other = ("short", "long") if opened == [Section.ENTRY_LONG] else ("long", "short")
        yield (
            0.15,
            f"No {missing} entry, though both sides are to be traded: say when a {missing} position is opened, or trade {other} only.",
        )
    by_risk = any(item.rule.exits and item.row.section is Section.RISK for item in definition.instructions)
    if (
        not any(has_trigger(definition, section) for section in EXITS)
        and not by_risk
        and not all(has_trigger(definition, part) for part in ENTRIES)
    ):
        yield 0.2, "No way out: say when a position is closed."
    if not any(item.rule.base_size for item in definition.instructions):
        yield 0.15, "No size: say how much each entry trades."
    if not definition.rules("stop_loss", "trailing_stop", "stop_order"):
        yield 0.15, "No stop: say how much a trade may lose."
    if any(problem.severity is Severity.ERROR for problem in problems):
        yield 0.15, "Some rows cannot work as they stand: see the problems at the rows."
    if not workflow.description.strip():
        yield 0.05, "No description: say the idea in a sentence."
