"""One operand, checked as the checker does in a row's cell."""

import re

from core.domain.errors import Problem, Severity
from core.domain.workflow import Section
from core.language import list_rules
from core.language.analysis.operands import find_faults
from core.language.syntax.expression import parse_expression
from core.language.syntax.operand_tree import ExpressionError


def check_operand(text: str, section: Section) -> tuple[Problem, ...]:
    """Problems of one operand as it is typed into a cell of that section; empty when it can be read.

    A rule's name and, among risk rows, a time of day such as 15:45 are fine as well.
    """
    if text.strip() in (rule.name for rule in list_rules(section)):
        return ()
    if section is Section.RISK and re.fullmatch(r"\s*([01]?\d|2[0-3]):[0-5]\d\s*", text):
        return ()
    try:
        faults = tuple(find_faults(parse_expression(text), section))
    except ExpressionError as error:
        return (Problem(message=error.message, remedy=error.remedy),)
    weight = {True: Severity.WARNING, False: Severity.ERROR}
    return tuple(dict.fromkeys(Problem(severity=weight[fault.warning], message=fault.message, remedy=fault.remedy) for fault in faults))
