"""The free numbers of a workflow, found once: each step of a loop asks for those of the same table."""

from functools import lru_cache

from core import language
from core.domain.workflow import Parameter, Workflow

KEPT_WORKFLOWS = 64


@lru_cache(maxsize=KEPT_WORKFLOWS)
def find_free_numbers(workflow: Workflow) -> tuple[Parameter, ...]:
    """Find the free numbers of a workflow, with their names and search ranges."""
    return language.parameters(workflow)
