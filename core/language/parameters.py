"""The free numbers of a workflow: what an optimiser may vary, and within which range."""

from core.domain.workflow import Parameter, Workflow
from core.language.definition import read_definition
from core.language.naming import name_parameters


def parameters(workflow: Workflow) -> tuple[Parameter, ...]:
    """Every free number with a readable, stable name and a sensible search range; rows that cannot be read contribute none."""
    definition, _ = read_definition(workflow)
    return name_parameters(definition).parameters
