"""What is wrong with a workflow, in words, before anything is spent: every problem names row, column and remedy."""

import re
from collections.abc import Iterator

from core.domain.errors import Problem, Severity, WorkflowError
from core.domain.instrument import Instrument, Timeframe
from core.domain.workflow import Section, Workflow
from core.language.checks.contradictions import contradictions
from core.language.checks.doubts import doubts
from core.language.checks.operands import Fault, faults, timeframe_faults
from core.language.checks.structure import opens, rule_timeframe_problems, structure_problems
from core.language.definition import Definition, read_definition
from core.language.expression import ExpressionError, parse_expression
from core.language.nodes import Node
from core.language.rules import ENTRIES, EXITS, rules_of
from core.language.warmup import warmup_bars


def check(
    workflow: Workflow, *, bars: int | None = None, timeframe: Timeframe | None = None, instrument: Instrument | None = None
) -> tuple[Problem, ...]:
    """Errors and warnings of a workflow, errors first.

    With `bars`, the number of bars to be run on, also whether the warm-up fits; with `timeframe` also whether every row makes sense on
    bars of that length; `instrument` says how long its days are, where rows read days or weeks of intraday bars.
    """
    definition, unread = read_definition(workflow)
    found = [*unread, *structure_problems(definition, unread=bool(unread)), *_rows(definition, timeframe), *contradictions(definition)]
    if timeframe is not None:
        found += rule_timeframe_problems(definition, timeframe)
    if bars is not None:
        found += _warmup(definition, bars, timeframe, instrument)
    if not any(problem.severity is Severity.ERROR for problem in found):
        found += doubts(definition)
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: problem.severity is not Severity.ERROR))


def require_valid(
    workflow: Workflow, *, bars: int | None = None, timeframe: Timeframe | None = None, instrument: Instrument | None = None
) -> tuple[Problem, ...]:
    """The warnings of a workflow. Raises WorkflowError with the errors when there are any."""
    problems = check(workflow, bars=bars, timeframe=timeframe, instrument=instrument)
    errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
    if errors:
        raise WorkflowError(errors)
    return problems


def check_operand(text: str, section: Section) -> tuple[Problem, ...]:
    """What is wrong with one operand as it is typed into a cell of that section; empty when it can be read.

    A rule's name and, among risk rows, a time of day such as 15:45 are fine as well.
    """
    if text.strip() in (rule.name for rule in rules_of(section)):
        return ()
    if section is Section.RISK and re.fullmatch(r"\s*([01]?\d|2[0-3]):[0-5]\d\s*", text):
        return ()
    try:
        node = parse_expression(text)
    except ExpressionError as error:
        return (Problem(message=error.message, remedy=error.remedy),)
    return tuple(dict.fromkeys(_problem(None, None, fault) for fault in faults(node, section)))


def _rows(definition: Definition, timeframe: Timeframe | None) -> Iterator[Problem]:
    for condition in definition.conditions:
        row = condition.row
        told: set[str] = set()
        for column, texts in (("indicators", row.indicators), ("thresholds", row.thresholds)):
            for text in texts:
                for fault in _faults(parse_expression(text), row.section, timeframe):
                    told.add(fault.message)
                    yield _problem(row.id, column, fault)
        for fault in _faults(condition.node, row.section, timeframe):
            if fault.message not in told:
                column = "timeframe" if fault.about_timeframe and row.timeframe else "thresholds" if row.thresholds else "indicators"
                yield _problem(row.id, column, fault)
    for item in definition.instructions:
        for node in item.values.values():
            for fault in _faults(node, item.row.section, timeframe):
                yield _problem(item.row.id, "thresholds", fault)


def _faults(node: Node, section: Section, timeframe: Timeframe | None) -> Iterator[Fault]:
    yield from faults(node, section)
    if timeframe is not None:
        yield from timeframe_faults(node, timeframe)


def _problem(row: str | None, column: str | None, fault: Fault) -> Problem:
    severity = Severity.WARNING if fault.warning else Severity.ERROR
    return Problem(severity=severity, row=row, column=column, message=fault.message, remedy=fault.remedy)


def _warmup(definition: Definition, bars: int, timeframe: Timeframe | None, instrument: Instrument | None) -> Iterator[Problem]:
    needed = warmup_bars(definition, timeframe, instrument)
    if needed >= bars:
        message = f"the first signal needs {needed} bars, but there are only {bars}."
        yield Problem(column="rows", message=message, remedy="Choose a longer range of dates, or shorter periods.")
    elif needed > bars / 2:
        message = f"the first signal needs {needed} of the {bars} bars: little is left to trade on."
        yield Problem(severity=Severity.WARNING, column="rows", message=message, remedy="Choose a longer range of dates.")


def completeness(workflow: Workflow) -> float:
    """How concrete the definition is, from 0 (nothing said) to 1 (nothing left to guess)."""
    return round(1.0 - sum(weight for weight, _ in _gaps(workflow)), 2)


def completeness_gaps(workflow: Workflow) -> tuple[str, ...]:
    """What is still missing, one sentence each, the weightiest first."""
    return tuple(text for _, text in sorted(_gaps(workflow), key=lambda gap: -gap[0]))


def _gaps(workflow: Workflow) -> Iterator[tuple[float, str]]:
    """What is missing, with its weight; the weights add up to one."""
    definition, unread = read_definition(workflow)
    problems = [*unread, *_rows(definition, None), *contradictions(definition)]
    if not any(opens(definition, section) for section in ENTRIES):
        yield 0.3, "No entry: say when a position is opened."
    by_risk = any(item.rule.exits and item.row.section is Section.RISK for item in definition.instructions)
    if not any(opens(definition, section) for section in EXITS) and not by_risk and not all(opens(definition, part) for part in ENTRIES):
        yield 0.2, "No way out: say when a position is closed."
    if not any(item.rule.base_size for item in definition.instructions):
        yield 0.15, "No size: say how much each entry trades."
    if not definition.rules("stop_loss", "trailing_stop", "stop_order"):
        yield 0.15, "No stop: say how much a trade may lose."
    if any(problem.severity is Severity.ERROR for problem in problems):
        yield 0.15, "Some rows cannot work as they stand: see the problems at the rows."
    if not workflow.description.strip():
        yield 0.05, "No description: say the idea in a sentence."
