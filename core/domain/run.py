"""A run of LLM Driving: its plan and its state. Its result on the bars that the loop never saw is `hold_out`."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.decision import HalfAndHalf, Selection
from core.domain.hold_out import HoldOut
from core.domain.instrument_result import Across, LeftOut, MemberFacts
from core.domain.metric_values import Metrics
from core.domain.plan_fields import FieldUnit, PlanField
from core.domain.search import SearchMethod
from core.domain.sweep import SweepPlan
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
    SESSION = "session"
    """A loop whose author sits outside: an agent that submits one iteration after the other over MCP."""
    SWEEP = "sweep"
    """The workflow with other numbers, point after point; each is an iteration. It never looks at the hold-out."""

    @property
    def is_loop(self) -> bool:
        """True for what is judged as a whole: iterations against the workflow, luck by their number, at most one look at the hold-out."""
        return self in (RunKind.DRIVE, RunKind.SESSION, RunKind.SWEEP)

    @property
    def is_conversation(self) -> bool:
        """True for a loop with an author who writes version after version, and whom one may watch or tell something."""
        return self in (RunKind.DRIVE, RunKind.SESSION)


class StopReason(StrEnum):
    """Reason why a run ended."""

    LOOPS = "loops"
    PATIENCE = "patience"
    TARGET = "target"
    BUDGET = "budget"
    TIME = "time"
    EXHAUSTED = "exhausted"
    """The model has nothing left to propose."""
    NO_PROGRAM = "no_program"
    """No answer of several loops in a row held a program."""
    FINISHED = "finished"
    """The author of a session has finished it."""
    SWEPT = "swept"
    """All points of a sweep are done."""
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


FORMULA_EXAMPLE = "sharpe * (1 + max_drawdown)"
"""A formula over the figures, wherever one is shown as an example."""


class Constraints(Value):
    """Conditions on a candidate; one that does not keep to them has no score."""

    max_drawdown: Annotated[float | None, FieldUnit.FRACTION] = Field(
        default=None,
        gt=0,
        le=1,
        title="Deepest drawdown allowed",
        description="A version that falls further gets no score; 0 allows any.",
    )
    minimum_exposure: Annotated[float | None, FieldUnit.FRACTION] = Field(
        default=None,
        ge=0,
        le=1,
        title="Least time in the market",
        description="A version that holds a position on fewer bars gets no score; 0 allows any.",
    )
    maximum_exposure: Annotated[float | None, FieldUnit.FRACTION] = Field(
        default=None,
        ge=0,
        le=1,
        title="Most time in the market",
        description="A version that holds a position on more bars gets no score; all of them allows any.",
    )

    @model_validator(mode="after")
    def _check_exposure_range(self) -> Self:
        if self.minimum_exposure is not None and self.maximum_exposure is not None and self.minimum_exposure > self.maximum_exposure:
            raise ValueError("the least exposure is above the most, so nothing could have a score")
        return self


TIME_IN_MARKET = PlanField("exposure", "Time in the market", "A version outside of this range gets no score.", FieldUnit.FRACTION, 0, 1)
"""Least and most of it in one field, for forms that have fields for ranges."""


BUNDLED_MODELS = frozenset({"built-in", "demo", "stratloop/built-in", "stratloop/demo"})
"""Ids of what ships with the product: an optimizer and a replay, no language models."""


AGENT_PREFIX = "mcp/"
"""Begin of a model's id that stands for an agent outside, which submits what it writes; its own name follows."""


class Effort(StrEnum):
    """Time that a reasoning model may think; what that means, its provider decides."""

    OWN = "own"
    """As the provider decides."""
    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ModelChoice(Value):
    """Chosen model, its address and its limits. Never holds a key."""

    id: str = Field(default="built-in", title="Model", description="built-in, or provider/name.")
    """Names of providers are LiteLLM's."""
    api_base: str = Field(default="", title="Address of the server", description="Address of an OpenAI-compatible server.")
    temperature: float | None = Field(
        default=None, title="Temperature", description="Of the model's answers; by default it follows from what the loop is for."
    )
    own_temperature: bool = Field(
        default=False, title="The model's own temperature", description="Send no temperature: the provider's default holds."
    )
    effort: Effort = Field(
        default=Effort.OWN, title="Reasoning effort", description="How long a reasoning model thinks; by default as its provider decides."
    )
    max_tokens: int = Field(default=8_000, ge=16, title="Longest answer", description="Longest answer, in tokens.")
    knows_until: date | None = Field(
        default=None, title="Trained until", description="Day up to which the model was trained, where it is not a well-known one."
    )
    silence_seconds: Annotated[float | None, FieldUnit.SECONDS] = Field(
        default=None,
        gt=0,
        title="Longest silence, minutes",
        description="Time without a sign of life after which a call is given up; thinking that is shown counts as one. 0: the usual.",
    )

    @property
    def is_language_model(self) -> bool:
        """True when it reads a prompt's words; what ships with the product reads its state alone, so neither notes nor pins."""
        return self.id.strip() not in BUNDLED_MODELS


class RunPlan(Value):
    """Everything a run depends on; stored with it, so that it can be repeated."""

    workflow: Workflow = Field(title="Workflow", description="The strategy as a table: the specification that every version keeps to.")
    bars: BarsRequest = Field(title="Bars", description="The bars that it is developed and judged on.")
    backtest: BacktestPlan = Field(default=BacktestPlan(), title="Account", description="Cash and costs of every backtest.")
    model: ModelChoice = Field(default=ModelChoice(), title="Model", description="The author of new versions.")
    loops: int = Field(default=10, ge=0, le=1000, title="Loops", description="How often a new version is written and tried.")
    objective: Objective = Field(default=Objective.SHARPE, title="Objective", description="Figure that the loop maximizes.")
    formula: str = Field(
        default="",
        title="Formula over the figures",
        description=f"Objective of your own, for example {FORMULA_EXAMPLE}.",
    )
    """Used when the objective is FORMULA."""
    across: Across = Field(
        default=Across.MEAN,
        title="Over the instruments",
        description="Of a basket, the score is the mean, the median or the worst of the objective over its instruments.",
    )
    left_out: tuple[LeftOut, ...] = Field(
        default=(), title="Left out", description="Instruments that were asked for, and why they are not in the basket."
    )
    minimum_trades: int = Field(
        default=5, ge=0, title="Minimum trades", description="A version that closes fewer trades than this gets no score."
    )
    constraints: Constraints = Field(
        default=Constraints(), title="Constraints", description="A version that does not keep to them gets no score."
    )
    candidates: int = Field(
        default=1,
        ge=1,
        le=8,
        title="Answers a loop",
        description="Asked for and backtested side by side; each costs a call.",
    )
    """Each answer is an iteration."""
    escalation: ModelChoice | None = Field(
        default=None, title="Ask a stronger model when stuck", description="Model that is asked while the loop is stuck; none by default."
    )
    search: SearchMethod = Field(
        default=SearchMethod.CLIMB,
        title="Search",
        description="archive asks for different kinds of change to the best version of each kind, and tunes numbers without a paid call; "
        "climb asks for one change to the best version every time.",
    )
    """Without a language model the built-in optimizer varies the numbers either way."""
    memory: bool = Field(
        default=True,
        title="Learn from earlier runs",
        description="The model is told what earlier runs of this workflow on this class of asset tried, and what came of it in training.",
    )
    blind: bool = Field(
        default=False,
        title="Blind mode",
        description="The model is told neither the symbol nor any date, so that it cannot remember these bars.",
    )
    hold_out: Annotated[float, FieldUnit.FRACTION] = Field(
        default=0.3,
        ge=0,
        le=0.8,
        title="Hold-out",
        description="The last part of the bars: never shown to the loop, looked at once when it is over.",
    )
    seed: int = Field(
        default=0,
        ge=0,
        lt=2**32,
        title="Seed",
        description="The same seed gives the same run with the built-in optimizer.",
    )
    patience: int | None = Field(
        default=None,
        ge=1,
        title="Patience",
        description="Loops without a better score after which the run stops; 0 never stops early.",
    )
    minimum_gain: float = Field(
        default=0.0, ge=0, title="Least gain", description="Rise of the score that counts as better for the patience."
    )
    target: float | None = Field(default=None, title="Target score", description="Stop as soon as the score is reached.")
    wall_seconds: Annotated[float | None, FieldUnit.SECONDS] = Field(
        default=None,
        gt=0,
        title="Minutes",
        description="Time of work after which no new loop begins; waiting and pauses do not count. 0 sets no limit.",
    )
    budget_usd: Annotated[float | None, FieldUnit.DOLLARS] = Field(
        default=None, gt=0, title="Budget", description="The run stops before it costs more; 0: no limit."
    )
    sweep: SweepPlan | None = Field(
        default=None, title="Sweep", description="Numbers of the workflow that are varied, point after point; none for a loop."
    )


class Run(Value):
    """A run as the store knows it."""

    id: str
    plan: RunPlan
    kind: RunKind = RunKind.DRIVE
    owner: str = ""
    """Id of the person whose run it is; empty for nobody's, which everybody sees."""
    status: Status
    stop_reason: StopReason | None = None
    message: str = ""
    """In words, why it failed or stopped."""
    origin: str = ""
    """The place it comes from, in words, when it was not made here; empty for a run of this installation."""
    says_more: bool = False
    """True when `message` tells more than the usual words for its stop reason."""
    best: int | None = None
    """Number of the best scored iteration."""
    iterations: int = 0
    selection: Selection | None = None
    """Worth of the winner and the recommendation, named before the hold-out was looked at; None until then."""
    half: HalfAndHalf | None = None
    """The recommendation to share the cash, as it was run; None for any other."""
    hold_out: HoldOut | None = None
    benchmark: Metrics | None = None
    """Buy and hold on the training bars, same costs."""
    data_hash: str = ""
    training_bars: int = 0
    earlier_tries: int = 0
    """Tries that other runs made on the same training bars before it began."""
    held_elsewhere: int = 0
    """Other runs that hold out some of the days that it is trained on."""
    cost_usd: float | None = 0.0
    asset_class: str = ""
    """Class of the instrument; empty before the bars were loaded, and for runs from before it was kept."""
    trained_until: date | None = None
    """Day of the last training bar."""
    instruments: tuple[MemberFacts, ...] = ()
    """Instruments of a basket with their training bars, once these were loaded; empty for one instrument."""
    correlation: float | None = None
    """Mean correlation of the returns of a basket's instruments on the training bars; None for one instrument."""
    memory: tuple[str, ...] = ()
    """Lines on what earlier runs of this workflow tried and what came of it on their training bars, as this run was told when it began."""
    created: datetime
    """UTC."""
    finished: datetime | None = None
    reopened: int = 0
    """Iterations that were done when it was last opened again after it had ended by a rule: patience, target and time count from there."""

    @property
    def unseen_after(self) -> date:
        """The last day that could be known when it ended: that of its end, and never before its own last bar, whatever the clock said."""
        ended = (self.finished or self.created).date()
        return ended if self.hold_out is None else max(ended, self.hold_out.last.date())

    @property
    def reopenable(self) -> bool:
        """True when it is over and can go on; one that has done all of its loops needs more of them for that.

        A session never does: another one begins anew, with what was tried and looked at counted.
        """
        if self.kind is RunKind.SESSION:
            return False
        return self.status.finished and (self.kind is RunKind.DRIVE or self.status is not Status.COMPLETE)
