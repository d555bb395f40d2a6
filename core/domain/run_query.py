"""A page of the history's runs: what is asked for, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.history import ReadableRows
from core.domain.run import Run, RunKind, Status


class RunOrder(StrEnum):
    """Order of a list of runs; those without the figure come last."""

    NEWEST = "newest"
    SHARPE = "sharpe"
    RETURN = "return"
    MARKET = "market"
    """Return of the best iteration less that of buy and hold."""
    DRAWDOWN = "drawdown"
    """The smallest first."""
    HOLD_OUT = "hold_out"


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Runs that are asked for: all conditions together, one page of them."""

    words: tuple[str, ...] = ()
    """Each has to stand in the name of the workflow, an instrument, a file, the model or the id, or to be named in `noted`."""
    noted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ids of runs with the word in a note, by word."""
    statuses: tuple[Status, ...] = ()
    """Empty for any."""
    kinds: tuple[RunKind, ...] = ()
    """Empty for any."""
    owner: str | None = None
    """Id of the person whose runs they are; None for anybody's."""
    among: frozenset[str] | None = None
    """Ids that it has to be among; None for any."""
    order: RunOrder = RunOrder.NEWEST
    page: int = 0
    size: int = 50


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of runs."""

    runs: ReadableRows[Run]
    total: int
    """Runs on all pages, with those that cannot be read."""
