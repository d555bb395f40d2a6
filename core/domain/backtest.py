"""A backtest's plan and its facts: orders, fills, trades, equity, and the certificate that says how they were checked."""

from dataclasses import dataclass, field
from enum import StrEnum
from operator import not_
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, model_validator

from core.domain.deposits import Deposit, is_empty
from core.domain.instrument_progress import InstrumentProgress
from core.domain.plan_fields import FieldUnit
from core.domain.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.domain.bars import FloatArray

BARS_OF_A_LIMIT = 20_000
"""Bars for which the wall clock's limit is meant."""
BARS_WITHOUT_A_STEP = 100_000
BYTES_OF_A_BAR = 2_000
"""Memory for a bar with two hundred and fifty values of indicators."""


class Method(StrEnum):
    """Way of feeding the strategy: one bar at a time, all at once with a check afterwards, or all at once with a proof beforehand."""

    AUTO = "auto"
    """The safe way: lock-step, however many bars there are."""
    LOCK_STEP = "lock_step"
    FAST = "fast"
    PROVED = "proved"
    """In one pass, because the program is the compiler's own. A certificate's word only: no plan can ask for it."""


class Limits(Value):
    """Resources a strategy may use before it is stopped."""

    wall_seconds: float = Field(default=30.0, gt=0)
    """For up to `BARS_OF_A_LIMIT` bars; longer runs may take longer in proportion."""
    cpu_seconds: int = Field(default=60, gt=0)
    """The same for any number of bars up to a large one, then more in steps of ten times as many: the code can read it, and must not
    learn from it how many there are."""
    memory_mb: int = Field(default=512, gt=0)
    """On top of what the warm process holds already; it grows in the same steps."""
    log_bytes: int = 65_536
    orders: int = 200_000

    def compute_wall_seconds(self, bars: int) -> float:
        """Compute the time that a run over so many bars may take.

        >>> Limits().compute_wall_seconds(250), Limits().compute_wall_seconds(100_000)
        (30.0, 150.0)
        """
        return self.wall_seconds * max(1.0, bars / BARS_OF_A_LIMIT)

    def grow_with_bars(self, bars: int) -> "Limits":
        """The limits of a run over so many bars, of all instruments together.

        >>> Limits().grow_with_bars(100_000) == Limits(), Limits().grow_with_bars(1_000_000).memory_mb
        (True, 2312)
        """
        step = BARS_WITHOUT_A_STEP
        while step < bars:
            step *= 10
        more = (step - BARS_WITHOUT_A_STEP) * BYTES_OF_A_BAR // 1_000_000
        return self.changed(cpu_seconds=self.cpu_seconds * step // BARS_WITHOUT_A_STEP, memory_mb=self.memory_mb + more)


class BacktestPlan(Value):
    """Account and costs under which a strategy is run."""

    cash: float = Field(default=100_000.0, gt=0, title="Cash", description="Money in the account when the run begins.")
    commission: Annotated[float, FieldUnit.FRACTION] = Field(
        default=0.001, ge=0, lt=0.5, title="Commission", description="Of the traded value, each side."
    )
    slippage: Annotated[float, FieldUnit.FRACTION] = Field(
        default=0.0005, ge=0, lt=0.5, title="Slippage", description="Of the price, against every market and stop order."
    )
    commission_per_unit: float = Field(
        default=0.0, ge=0, title="Commission per unit", description="Account currency for each share, contract or unit, each side."
    )
    commission_per_order: float = Field(
        default=0.0,
        ge=0,
        title="Commission per order",
        description="Account currency for each execution; an order that turns a position over is two, a close and an opening.",
    )
    commission_minimum: float = Field(
        default=0.0, ge=0, title="Least commission", description="Account currency that an execution costs at least."
    )
    slippage_price: float = Field(
        default=0.0,
        ge=0,
        title="Slippage as an amount",
        description="An amount of the price, instead of a fraction of it; the fraction is then 0.",
    )
    costs_said: str = Field(
        default="",
        title="Or as your broker says them",
        description="Percent of value, per share, contract or order, a minimum; spread and slippage in ticks, pips, money or percent.",
    )
    leverage: float = Field(
        default=1.0, ge=1, le=100, title="Leverage", description="Most that may be held, as a multiple of the account's value."
    )
    method: Method = Field(
        default=Method.AUTO, title="Method", description="One bar at a time, or all at once with a check for reading the future afterwards."
    )
    deposits: tuple[Deposit, ...] = Field(
        default=(), max_length=8, exclude_if=is_empty, title="Paid in", description="From the `add_cash` rows of the workflow."
    )
    limits: Limits = Field(default=Limits(), title="Limits", description="Resources that the strategy may use before it is stopped.")

    @model_validator(mode="after")
    def _check_slippage(self) -> Self:
        if self.slippage and self.slippage_price:
            raise ValueError("slippage is either a fraction of the price or an amount of it, not both")
        return self

    @model_validator(mode="after")
    def _check_method(self) -> Self:
        if self.method is Method.PROVED:
            raise ValueError("a proof is found for a program, and cannot be asked for")
        return self

    def halve(self) -> "BacktestPlan":
        """The plan of an account that is given half of all money: at the start, and of every deposit."""
        deposits = tuple(one.changed(amount=one.amount / 2) for one in self.deposits)
        return self.changed(cash=self.cash / 2, deposits=deposits)

    @property
    def has_flat_commission(self) -> bool:
        """True when commission is more than a fraction of the value."""
        return bool(self.commission_per_unit or self.commission_per_order or self.commission_minimum)


class Side(StrEnum):
    """Direction of an order."""

    BUY = "buy"
    SELL = "sell"


class Fill(Value):
    """One execution, as the replayed broker made it."""

    order: int
    """Number of the order in the order log."""
    bar: int
    """Index of the bar on which the fill happened (0 = first bar of the run)."""
    size: float
    """Units; positive buys, negative sells."""
    price: float
    """Account currency per unit, slippage included, before commission."""
    commission: float
    """Account currency."""
    instrument: str = ""
    """Symbol of the further instrument that was traded; empty: the run's first one."""
    kind: str = ""
    """Type of its order as it was placed: `market`, `close`, `limit`, `stop`, ...; empty in results of older versions."""


class Trade(Value):
    """A round trip: from flat to flat, or the part that was closed."""

    entry_bar: int
    exit_bar: int | None
    """None while the position is still open at the end of the run."""
    size: float
    """Largest position held; positive long, negative short."""
    entry_price: float
    exit_price: float | None
    profit: float
    """Account currency after commission; marked at the last close while open."""
    commission: float
    instrument: str = ""
    """Symbol of the further instrument that was traded; empty: the run's first one."""

    @property
    def move(self) -> float:
        """Change of price between entry and exit on the trade's side, as a fraction of the entry, commission left out; 0 while open."""
        sign = 1.0 if self.size > 0 else -1.0
        return sign * ((self.exit_price or self.entry_price) / self.entry_price - 1.0)


class OrderCounts(Value):
    """Counts of orders by their end."""

    placed: int = 0
    filled: int = 0
    cancelled: int = 0
    expired: int = 0
    missed_open: int = Field(default=0, exclude_if=not_)
    """Those of the expired that were for one opening alone, which lay beyond their limit."""
    margin_rejected: int = 0
    open_at_end: int = 0

    def describe_expired(self) -> str:
        """Describe how many expired, and how many of them because the one opening that they were for lay beyond their limit.

        >>> OrderCounts(expired=3, missed_open=2).describe_expired(), OrderCounts(expired=1).describe_expired()
        ('3 expired (2 not at the open)', '1 expired')
        """
        return f"{self.expired} expired" + (f" ({self.missed_open} not at the open)" if self.missed_open else "")


class Verdict(StrEnum):
    """Result of the check for reading the future."""

    CLEAN = "clean"
    """No order can depend on a later bar: the code was run in lock-step. Never the verdict of a fast run."""
    PROVED = "proved"
    """No order can depend on a later bar: the program is the compiler's own, and each of its constructs is proved not to read one."""
    CHECKED = "checked"
    """A fast run placed the same orders again where later bars did not exist, or its text shows that it has no way to them.

    It is not confirmed in lock-step."""
    LEAKED = "leaked"
    NOT_CHECKABLE = "not_checkable"


class Certificate(Value):
    """Evidence for trusting a figure: the check that was made, and its result."""

    verdict: Verdict
    method: Method
    """Never AUTO: what was really done."""
    checked: str = ""
    """One sentence for people: what was compared."""
    cuts: int = 0
    """Places after which later bars were taken away or changed, and the same orders came out; 0 in lock-step."""
    bar: int | None = None
    """First bar at which the future showed in an order."""
    line: int | None = None
    """Line of the strategy's code that is suspected."""
    altered: bool = False
    """The code changed the engine; what it claimed differs from the platform's figures."""
    fills_checked: bool = False
    """Every fill was re-computed by independent arithmetic."""

    @model_validator(mode="before")
    @classmethod
    def _read_earlier_name(cls, told: Any) -> Any:
        """Histories and bundles of earlier versions call the audit of the fills a ledger."""
        if isinstance(told, dict) and "ledger_checked" in told:
            told = {"fills_checked" if name == "ledger_checked" else name: value for name, value in told.items()}
        return told

    @model_validator(mode="after")
    def _check_verdict(self) -> Self:
        if self.verdict is Verdict.CLEAN and self.method is not Method.LOCK_STEP:
            raise ValueError("only a run in lock-step is clean")
        if (self.verdict is Verdict.PROVED) is not (self.method is Method.PROVED) and self.verdict is not Verdict.NOT_CHECKABLE:
            raise ValueError("a program is proved before it runs, or not at all")
        return self

    @property
    def confirmed(self) -> bool:
        """True when it is certain that no order depends on a later bar: only then a figure may be best, recommended or exported."""
        return self.verdict in (Verdict.CLEAN, Verdict.PROVED)


class OutcomeStatus(StrEnum):
    """End of a sandboxed run. `SUPERVISOR_DIED` is the platform's own failure; everything else is about the code."""

    OK = "ok"
    ERROR = "error"
    GATE = "gate"
    TIMEOUT = "timeout"
    CPU_LIMIT = "cpu_limit"
    MEMORY = "memory"
    OUTPUT_LIMIT = "output_limit"
    RESULT_TOO_LARGE = "result_too_large"
    MALFORMED = "malformed"
    REJECTED = "rejected"
    DIED = "died"
    CANCELLED = "cancelled"
    SUPERVISOR_DIED = "supervisor_died"


class Stage(StrEnum):
    """Stage that an iteration or a backtest reached."""

    GENERATE = "generate"
    PARSE = "parse"
    GATE = "gate"
    LOAD = "load"
    RUN = "run"
    FILL_AUDIT = "fill_audit"
    LOOK_AHEAD = "look_ahead"
    SCORE = "score"
    HOLD_OUT = "hold_out"
    """Of a run: its loops are over and the hold-out is evaluated. No iteration ends here."""
    DONE = "done"

    @classmethod
    def _missing_(cls, value: object) -> "Stage | None":
        """Histories and bundles of earlier versions call the audit of the fills a ledger."""
        return cls.FILL_AUDIT if value == "ledger" else None


class CodeFault(Value):
    """Reason why code failed, in words that its author can act on."""

    message: str
    line: int | None = None
    hint: str = ""
    kind: str = ""
    """Name of the exception class, when there was one."""


def _make_empty() -> "FloatArray":
    """The curve of a run without one. Plans live in this module too, and reading one needs no numpy."""
    import numpy as np

    return np.empty(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Facts of one sandboxed run: orders and fills replayed by the platform, equity per bar, log. No metrics.

    `equity` has shape (n,): account value at the close of each bar, account currency; `position` has shape (n,): units of the run's
    first instrument held at the close. Both are empty unless `status` is OK.
    """

    status: OutcomeStatus
    stage: Stage
    isolation_level: int
    certificate: Certificate
    error: CodeFault | None = None
    fills: tuple[Fill, ...] = ()
    trades: tuple[Trade, ...] = ()
    orders: OrderCounts = field(default_factory=OrderCounts)
    equity: "FloatArray" = field(default_factory=_make_empty)
    position: "FloatArray" = field(default_factory=_make_empty)
    other_positions: "tuple[FloatArray, ...]" = ()
    """Units of each further instrument, as `position`."""
    paid_in: "FloatArray | None" = None
    """Of a part of a run, what is paid in at each close, shape (n,); None: by the plan, of which the first bar is none to pay in on."""
    log: str = ""
    """Print-outs of the code: hostile text, control characters removed, capped."""
    notes: tuple[str, ...] = ()
    """Things that the platform did to the code or wants known, for people: stripped blocks, ignored broker settings."""
    early_reads: tuple[int, ...] = ()
    """Lines of the code that read a bar before the first one, ascending."""
    signals: "dict[str, NDArray[np.uint8]]" = field(default_factory=dict)
    """For compiled workflows run with `signals=True`: row id to one 0/1 per bar."""
    orders_hash: str = ""
    """SHA-256 of the order log: two programs with the same hash trade the same."""
    wall_seconds: float = 0.0
    """From the moment the run had its place; what it waited for that is not in it."""
    waited_seconds: float = 0.0
    code_ran: str = ""
    """The code after the gate took out what cannot run here."""
    members: "tuple[MemberOutcome, ...]" = ()
    """Of a basket: the run on each instrument alone. The rest is then their equal-weight account."""

    @property
    def ok(self) -> bool:
        """True when the figures can be used."""
        return self.status is OutcomeStatus.OK


@dataclass(frozen=True, slots=True)
class MemberOutcome:
    """Run on one instrument of a basket, with an account of its own."""

    symbol: str
    outcome: Outcome
    cash: float
    """Value that its account began with."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a run in the sandbox. Its values are the platform's own, but only the outcome counts: the run may still fail."""

    done: int
    """Bars that are behind it."""
    total: int
    bars: tuple[int, ...] = ()
    """Indices of bars since the last report, ascending, thinned out."""
    equity: tuple[float, ...] = ()
    """Account value at the close of each of `bars`, account currency."""
    instruments: tuple[InstrumentProgress, ...] = ()
    """Instruments of a basket that are done so far; the curve is then the whole one of their equal-weight account."""
