"""Readings of a workflow, kept for the screens: each rerun asks for them again, and most change nothing.

All of them depend on the table alone, the last on a program too. The builder, whose table changes all the time, asks the language itself.
"""

from functools import lru_cache

from core import language
from core.domain.errors import Problem
from core.domain.workflow import Workflow
from core.language import Sentence
from core.services import services

KEPT = 64
"""Workflows of which each reading is kept."""


@lru_cache(maxsize=KEPT)
def explain(workflow: Workflow) -> tuple[Sentence, ...]:
    """Explain each row in a sentence."""
    return tuple(language.explain(workflow))


@lru_cache(maxsize=KEPT)
def check(workflow: Workflow) -> tuple[Problem, ...]:
    """Check each row."""
    return tuple(language.check(workflow))


@lru_cache(maxsize=KEPT)
def list_other_instruments(workflow: Workflow) -> tuple[str, ...]:
    """List the instruments that rows name beside the traded one."""
    return language.list_other_instruments(workflow)


@lru_cache(maxsize=KEPT)
def write_back(workflow: Workflow, code: str) -> tuple[Workflow, tuple[str, ...]]:
    """Write the numbers that a program runs with into the cells; gives also the names of those that no cell takes."""
    return services().workbench.write_back(workflow, code)
