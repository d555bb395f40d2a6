"""One request to a model, as a value: everything that the prompt is rendered from, and nothing else.

There is no field for a hold-out figure or a hold-out date, so neither can reach a prompt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from core.domain.backtest import BacktestPlan
from core.domain.finding import Finding
from core.domain.instrument import Instrument, Timeframe
from core.domain.instrument_result import Across
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import Constraints, Objective
from core.domain.workflow import Workflow

PROMPT_TOKENS = 12_000
"""Default size of a prompt: fits every model of the last years and stays cheap over a hundred loops."""


class Mode(StrEnum):
    """Purpose of a prompt."""

    FIRST = "first"
    """Write the specification as it stands."""
    IMPROVE = "improve"
    """One weakness, one hypothesis, one change to the best code."""
    REPAIR = "repair"
    """The last attempt failed: fix that and nothing else."""
    EXPLORE = "explore"
    """Small changes stopped helping: one different idea within the specification."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Under which conditions the code is run; of the training bars only."""

    plan: BacktestPlan
    timeframe: Timeframe
    bars: int
    """Number of training bars."""
    asset: str = ""
    """Label of the instrument; empty hides it (blind mode)."""
    basket: tuple[str, ...] = ()
    """Instruments that the program is run on one by one, empty names where they are not told; none for a single instrument."""
    across: Across = Across.MEAN
    """Way from the objective on each of them to the score."""
    others: tuple[str, ...] = ()
    """Labels of further instruments, in the order of `self.data1`, `self.data2`."""
    first: date | None = None
    last: date | None = None
    """Dates of the first and last training bar; None hides them (blind mode)."""
    fractional: bool = False
    """True when less than one unit can be traded."""
    instrument: Instrument | None = None
    """The instrument, for its trading day; the text names it by `asset` only."""
    profile: tuple[str, ...] = ()
    """Sentences about the character of the training bars."""


@dataclass(frozen=True, slots=True)
class Task:
    """One iteration to ask for, as the prompt's author sees it."""

    workflow: Workflow
    specification: str
    """The workflow in words and rules, printed by the language room."""
    facts: Facts
    objective: Objective = Objective.SHARPE
    formula: str = ""
    """Arithmetic over figures, when the objective is a formula."""
    minimum_trades: int = 0
    limits: Constraints = field(default_factory=Constraints)
    """Limits that the plan asks every candidate to keep; one that does not has no score."""
    mode: Mode = Mode.FIRST
    loop: int = 1
    """Number of the iteration that the answer becomes."""
    loops: int = 1
    seed: int = 0
    history: tuple[Iteration, ...] = ()
    """Finished iterations of the run, by number."""
    values: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    """Parameters per iteration number; read from the code where an iteration is missing."""
    best: Iteration | None = None
    last: Iteration | None = None
    unscored: str = ""
    """Reason that the last attempt has no score although it ran; empty when it has one."""
    findings: tuple[Finding, ...] | None = None
    """Observations worth saying (repeated ones left out); None takes those of the iteration that is worked on, and none for a repair.
    The gravest ones of the last attempt are said beside them."""
    benchmark: Metrics | None = None
    """Buy and hold on the same training bars."""
    notes: tuple[str, ...] = ()
    """Notes of the user to the model, between loops."""
    constraints: tuple[str, ...] = ()
    """Constraints that the user pinned: each holds for every answer from now on."""
    with_state: bool = False
    """True when the run stands at the end once more in a form for machines: for an author that reads no words."""
    names: tuple[str, ...] = ()
    """Names of the workflow's free numbers, each with its value: the code is asked to keep them."""
    details: tuple[str, ...] = ()
    """Sentences on what the code that is started from did: results by year, ways out, worst trades."""
    noise: float | None = None
    """Difference of two scores that these bars cannot tell from none; None where it is not known."""
    base: Iteration | None = None
    """The version to start from, where that is not simply the best."""
    inspiration: Iteration | None = None
    """Another good version, of another kind."""
    order: str = ""
    """The one change that is asked for, in the place of the mode's own words."""
    hidden: tuple[str, ...] = ()
    """Names that findings may hold and the author is not told (blind mode)."""
    memory: tuple[str, ...] = ()
    """Lines on what earlier runs of this workflow tried, and what came of it on their training bars."""
    max_tokens: int = PROMPT_TOKENS
    """Largest prompt, system and user part together."""

    @property
    def start(self) -> Iteration | None:
        """The iteration whose code this one starts from; None when it starts from the specification."""
        if self.mode is Mode.REPAIR:
            return self.last
        if self.base is not None:
            return self.base
        if self.best is None and self.last is not None and self.last.error is None:
            return self.last
        return self.best
