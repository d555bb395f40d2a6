"""A person's own words on finished work: a star, a note, tags on a run; and iterations kept as strategies under a name."""

from datetime import datetime

from pydantic import Field

from core.domain.value import Value

MOST_WORDS = 2_000
"""Longest note, in characters."""


class RunRemark(Value):
    """A person's own words on a run."""

    run_id: str
    owner: str = ""
    """Id of the person whose word it is; empty for nobody's."""
    starred: bool = False
    note: str = Field(default="", max_length=MOST_WORDS)
    tags: tuple[str, ...] = ()


class KeptStrategy(Value):
    """An iteration that a person keeps, beside the workflows: its program and its figures stand in the history."""

    run_id: str
    iteration: int
    owner: str = ""
    """Id of the person who keeps it; empty for nobody's."""
    name: str = Field(min_length=1, max_length=120)
    note: str = Field(default="", max_length=MOST_WORDS)
    tags: tuple[str, ...] = ()
    created: datetime
    """UTC."""
