"""Things that people keep between visits: saved workflows and states of the code."""

from datetime import datetime

from core.domain.value import Value
from core.domain.workflow import Workflow


class SavedWorkflow(Value):
    """One version of a workflow that was saved under a name."""

    name: str
    version: int
    owner: str = ""
    """Id of the person whose it is; empty for nobody's. Each person has names of their own."""
    created: datetime
    """UTC."""
    tags: tuple[str, ...] = ()
    workflow: Workflow


class Starter(Value):
    """A workflow that ships with the product."""

    key: str
    """Name of its file without the ending, for example `sma_cross`."""
    workflow: Workflow


class Revision(Value):
    """A state of the code editor."""

    id: int
    created: datetime
    """UTC."""
    origin: str
    """`generated`, `edited`, `compiled`, or `run <id> iteration <number>`."""
    note: str = ""
    code: str
