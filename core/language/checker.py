"""What is wrong with a workflow, in words, before anything is spent: every problem names row, column and remedy."""

from collections.abc import Iterator

from core.domain.errors import Problem, Severity, WorkflowError
from core.domain.instrument import Timeframe
from core.domain.workflow import Direction, Section, Workflow
from core.language.definition import Condition, Definition, read_definition
from core.language.expression import ExpressionError, parse_expression
from core.language.kinds import ANYTHING, comparable, kind_words, scale
from core.language.nodes import Compare, Function, Node, Number, Position, walk
from core.language.rules import ENTRIES, EXITS


def check(workflow: Workflow, *, bars: int | None = None, timeframe: Timeframe | None = None) -> tuple[Problem, ...]:
    """Errors and warnings of a workflow, errors first; with `bars` also whether its warm-up fits."""
    definition, problems = read_definition(workflow)
    found = [*problems, *_structure(definition, bool(problems)), *_rows(definition)]
    return tuple(sorted(found, key=lambda problem: problem.severity is not Severity.ERROR))


def require_valid(workflow: Workflow, *, bars: int | None = None, timeframe: Timeframe | None = None) -> tuple[Problem, ...]:
    """The warnings of a workflow. Raises WorkflowError with the errors when there are any."""
    problems = check(workflow, bars=bars, timeframe=timeframe)
    errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
    if errors:
        raise WorkflowError(errors)
    return problems


def check_operand(text: str, section: Section) -> tuple[Problem, ...]:
    """What is wrong with one operand as it is typed into a cell of that section; empty when it can be read."""
    try:
        node = parse_expression(text)
    except ExpressionError as error:
        return (Problem(column="indicators", message=error.message, remedy=error.remedy),)
    if section in (Section.SIZING, Section.RISK, *EXITS):
        return ()
    return tuple(_position_problem(None, part) for part in walk(node) if isinstance(part, Position))


def _position_problem(row: str | None, node: Position) -> Problem:
    message = f"`{node.name}` exists only while a position is open."
    return Problem(row=row, column="indicators", message=message, remedy="Use it in exit rows and risk rows.")


def _structure(definition: Definition, unread: bool) -> Iterator[Problem]:
    workflow = definition.workflow
    entries = [row for section in ENTRIES for row in workflow.active(section)]
    wanted = Section.ENTRY_SHORT if workflow.direction is Direction.SHORT_ONLY else Section.ENTRY_LONG
    if not any(definition.section(section) for section in ENTRIES) and not (unread and entries):
        yield Problem(column="rows", message="there is no entry row.", remedy=f"Add a row to the section {wanted.value}.")
    ways_out = any(definition.section(section) for section in EXITS) or any(item.rule.exits for item in definition.instructions)
    if not ways_out and not unread and workflow.direction is not Direction.LONG_SHORT:
        yield Problem(
            column="rows", message="nothing ends a trade.", remedy="Add an exit row, or a risk row such as a stop loss or a time stop."
        )
    for row in workflow.rows:
        if row.enabled and row.section.value.endswith("short") and workflow.direction is Direction.LONG_ONLY:
            yield Problem(
                row=row.id, column="section", message="a short row in a long-only workflow.", remedy="Set the direction to long_short."
            )
        if row.enabled and row.section.value.endswith("long") and workflow.direction is Direction.SHORT_ONLY:
            yield Problem(
                row=row.id, column="section", message="a long row in a short-only workflow.", remedy="Set the direction to long_short."
            )
    sizes = [item for item in definition.instructions if item.rule.base_size]
    if len(sizes) > 1:
        yield Problem(
            row=sizes[1].row.id, column="indicators", message="there is more than one size.", remedy="Keep one sizing row enabled."
        )


def _rows(definition: Definition) -> Iterator[Problem]:
    for item in definition.conditions:
        for node in walk(item.node):
            yield from _comparison(item, node)
            if isinstance(node, Position) and item.row.section not in EXITS:
                yield _position_problem(item.row.id, node)


def _comparison(item: Condition, node: Node) -> Iterator[Problem]:
    if isinstance(node, Compare):
        pairs = list(zip(node.operands, node.operands[1:], strict=False))
    elif isinstance(node, Function) and node.name in ("crosses_above", "crosses_below", "between", "outside"):
        pairs = [(node.arguments[0], other) for other in node.arguments[1:]]
    else:
        return
    for left, right in pairs:
        first, second = scale(left), scale(right)
        if not comparable(first, second):
            message = f"{kind_words(first)} is compared with {kind_words(second)}."
            yield Problem(row=item.row.id, column="thresholds", message=message, remedy="Compare values of the same kind.")
        yield from _range(item, left, right)


def _range(item: Condition, left: Node, right: Node) -> Iterator[Problem]:
    number, other = (right, left) if isinstance(right, Number) else (left, right)
    bounds = scale(other)
    if not isinstance(number, Number) or isinstance(other, Number) or bounds == ANYTHING:
        return
    if (bounds.low is not None and number.value < bounds.low) or (bounds.high is not None and number.value > bounds.high):
        limits = f"from {bounds.low:g} to {bounds.high:g}" if bounds.low is not None and bounds.high is not None else "never below 0"
        message = f"the threshold {number.value:g} is outside what the indicator can reach."
        yield Problem(row=item.row.id, column="thresholds", message=message, remedy=f"It is {limits}.")


def completeness(workflow: Workflow) -> float:
    """How concrete the definition is, from 0 (nothing said) to 1 (nothing left to guess)."""
    return round(1.0 - len(completeness_gaps(workflow)) / 5, 2)


def completeness_gaps(workflow: Workflow) -> tuple[str, ...]:
    """What is still missing, one sentence each."""
    definition, problems = read_definition(workflow)
    gaps = []
    if not any(definition.section(section) for section in ENTRIES):
        gaps.append("No entry: say when a position is opened.")
    if not any(definition.section(section) for section in EXITS) and not any(item.rule.exits for item in definition.instructions):
        gaps.append("No way out: say when a position is closed.")
    if not any(item.rule.base_size for item in definition.instructions):
        gaps.append("No size: say how much each entry trades.")
    if not any(item.rule.name in ("stop_loss", "trailing_stop") for item in definition.instructions):
        gaps.append("No stop: say how much a trade may lose.")
    if problems:
        gaps.append("Some rows cannot be read.")
    return tuple(gaps)
