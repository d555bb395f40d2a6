"""A run of LLM Driving: its plan, its state, and the result on the hold-out at the end."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import PurePath
from typing import Self

from pydantic import Field, model_validator

from core.domain.backtest import BacktestPlan
from core.domain.instrument import Timeframe
from core.domain.metrics import Metrics
from core.domain.value import Value
from core.domain.workflow import Workflow


class Status(StrEnum):
    """Life of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """True when nothing more will happen by itself."""
        return self in (Status.COMPLETE, Status.FAILED, Status.CANCELLED)


class RunKind(StrEnum):
    """Maker of the run."""

    DRIVE = "drive"
    """LLM Driving."""
    GENERATE = "generate"
    """One answer of a model, not backtested; its code is iteration 0."""
    EDITOR = "editor"
    """Backtests that a person started from the code editor; each is an iteration."""


class StopReason(StrEnum):
    """Reason why a run ended."""

    LOOPS = "loops"
    PATIENCE = "patience"
    TARGET = "target"
    BUDGET = "budget"
    TIME = "time"
    EXHAUSTED = "exhausted"
    """The model has nothing left to propose."""
    CANCELLED = "cancelled"
    ERROR = "error"


class Objective(StrEnum):
    """Figure that the loop maximizes."""

    SHARPE = "sharpe"
    SORTINO = "sortino"
    CALMAR = "calmar"
    TOTAL_RETURN = "total_return"
    FORMULA = "formula"
    """The plan's own formula over the figures."""


class Constraints(Value):
    """Conditions on a candidate; one that does not keep to them has no score."""

    max_drawdown: float | None = Field(default=None, gt=0, le=1)
    """Deepest fall allowed, as a positive fraction."""
    minimum_exposure: float | None = Field(default=None, ge=0, le=1)
    """Least fraction of bars with a position."""
    maximum_exposure: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _check_exposure_range(self) -> Self:
        if self.minimum_exposure is not None and self.maximum_exposure is not None and self.minimum_exposure > self.maximum_exposure:
            raise ValueError("the least exposure is above the most, so nothing could have a score")
        return self


class BarsRequest(Value):
    """Bars to load: a symbol of a source, or a file."""

    symbol: str = ""
    path: str = ""
    """A file of bars; when given, `symbol` is only its label."""
    start: date | None = None
    end: date | None = None
    """Inclusive."""
    timeframe: Timeframe = Timeframe.D1
    adjusted: bool = True

    @property
    def subject(self) -> str:
        """Subject of the bars, whichever source they come from.

        >>> BarsRequest(symbol="yahoo:aapl").subject, BarsRequest(path="bars/Mine.csv").subject
        ('AAPL', 'file:Mine.csv')
        """
        return f"file:{PurePath(self.path).name}" if self.path else self.symbol.rpartition(":")[2].strip().upper()


BUNDLED_MODELS = frozenset({"built-in", "demo", "stratloop/built-in", "stratloop/demo"})
"""Ids of what ships with the product: an optimizer and a replay, no language models."""


class ModelChoice(Value):
    """Chosen model, its address and its limits. Never holds a key."""

    id: str = "built-in"
    """`built-in`, or `provider/name` as LiteLLM writes it."""
    api_base: str = ""
    temperature: float | None = None
    max_tokens: int = Field(default=8_000, ge=16)

    @property
    def is_language_model(self) -> bool:
        """True when it reads a prompt's words; what ships with the product reads its state alone, so neither notes nor pins."""
        return self.id.strip() not in BUNDLED_MODELS


class RunPlan(Value):
    """Everything a run depends on; stored with it, so that it can be repeated."""

    workflow: Workflow
    bars: BarsRequest
    backtest: BacktestPlan = BacktestPlan()
    model: ModelChoice = ModelChoice()
    loops: int = Field(default=10, ge=0, le=1000)
    objective: Objective = Objective.SHARPE
    formula: str = ""
    """Arithmetic over the names of figures, for example `sharpe * (1 + max_drawdown)`; used when the objective is FORMULA."""
    minimum_trades: int = Field(default=5, ge=0)
    """Fewer closed trades than this and an iteration has no score."""
    constraints: Constraints = Constraints()
    candidates: int = Field(default=1, ge=1, le=8)
    """Answers asked for in each loop, run side by side; each is an iteration."""
    escalation: ModelChoice | None = None
    """A stronger model that is asked when the loop is stuck; None stays with the chosen one."""
    hold_out: float = Field(default=0.3, ge=0, le=0.8)
    seed: int = Field(default=0, ge=0, lt=2**32)
    patience: int | None = Field(default=None, ge=1)
    """Loops without improvement after which the run stops; None never."""
    minimum_gain: float = Field(default=0.0, ge=0)
    """Rise of the score that counts as an improvement for the patience."""
    target: float | None = None
    """Score at which the run stops; None never."""
    wall_seconds: float | None = Field(default=None, gt=0)
    """Time of work after which no new loop begins; None no limit. Waiting in the queue and pauses do not count."""
    budget_usd: float | None = Field(default=None, gt=0)


class HoldOutFigure(Value):
    """Result of one candidate on the bars that the loop never saw."""

    name: str
    """`best`, `baseline` or `benchmark`."""
    iteration: int | None = None
    metrics: Metrics | None = None
    error: str = ""


class HoldOut(Value):
    """The evaluation on the hold-out, made when the loop is over."""

    bars: int
    first: datetime
    last: datetime
    best: HoldOutFigure
    baseline: HoldOutFigure
    benchmark: HoldOutFigure
    looks: int = 1
    """Number of evaluations on these bars, or some of them, with this one, by any run of this installation."""


class HoldOutEvaluation(Value):
    """Record of a hold-out evaluation: which bars a run was evaluated on when its loop was over."""

    run_id: str
    iterations: int
    """Iterations that were done; the same evaluation made again after a kill has the same number."""
    instrument: str
    """Text of `BarsRequest.subject`."""
    timeframe: Timeframe
    first: datetime
    last: datetime
    """Wall times of the first and the last bar."""


class Run(Value):
    """A run as the store knows it."""

    id: str
    plan: RunPlan
    kind: RunKind = RunKind.DRIVE
    status: Status
    stop_reason: StopReason | None = None
    message: str = ""
    """In words, why it failed or stopped."""
    says_more: bool = False
    """True when `message` tells more than the usual words for its stop reason."""
    best: int | None = None
    """Number of the best scored iteration."""
    iterations: int = 0
    hold_out: HoldOut | None = None
    benchmark: Metrics | None = None
    """Buy and hold on the training bars, same costs."""
    data_hash: str = ""
    training_bars: int = 0
    cost_usd: float | None = 0.0
    created: datetime
    """UTC."""
    finished: datetime | None = None
    reopened: int = 0
    """Iterations that were done when it was last opened again after it had ended by a rule: patience, target and time count from there."""

    @property
    def reopenable(self) -> bool:
        """True when it is over and can go on; one that has done all of its loops needs more of them for that."""
        return self.status.finished and (self.kind is RunKind.DRIVE or self.status is not Status.COMPLETE)
