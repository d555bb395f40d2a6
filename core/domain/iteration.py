"""One iteration of the loop, and the figures of one evaluated strategy."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from core.domain.authorship import Authorship
from core.domain.backtest import Certificate, CodeFault, Fill, OrderCounts, OutcomeStatus, Stage, Trade
from core.domain.bars import FloatArray
from core.domain.deposits import PaidAccount
from core.domain.finding import Finding
from core.domain.history import count_stored
from core.domain.instrument_result import InstrumentResult
from core.domain.metrics import Metrics
from core.domain.model_calls import RequestSettings
from core.domain.timing import Timing
from core.domain.usage import Cost, Usage
from core.domain.value import Value

_NO_HYPOTHESIS = re.compile(r"\s*none\s*(?:[.;,:(-]|$)", re.IGNORECASE)
COMPILER = "compiler"
"""Author of iteration 0."""
SCORE_TOLERANCE = 1e-9
"""Relative difference under which two scores are one: rounding in another order of sums."""


class Judgment(StrEnum):
    """Fate of a hypothesis."""

    CONFIRMED = "confirmed"
    """The score rose above that of the code it started from."""
    REFUTED = "refuted"
    """The score fell."""
    NO_DIFFERENCE = "no difference"
    NOT_TESTED = "not tested"
    """The code failed or has no score, or nothing before it has one."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Facts plus figures of one run on one stretch of bars; `equity` and `drawdown` have shape (n,), drawdown as a fraction <= 0."""

    metrics: Metrics
    equity: FloatArray
    drawdown: FloatArray
    position: FloatArray
    fills: tuple[Fill, ...]
    trades: tuple[Trade, ...]
    orders: OrderCounts
    findings: tuple[Finding, ...]
    conformity: float | None = None
    """Fraction of entries and exits that agree with the workflow; None where that cannot be judged."""
    other_positions: tuple[FloatArray, ...] = ()
    """Units of each further instrument, as `position`, which is that of the first one."""
    paid: PaidAccount | None = None
    """The account in money where the plan pays into it: `equity` is then its value per unit. Positions, fills and trades are in money."""
    instruments: tuple[InstrumentResult, ...] = ()
    """Of a basket: the result on each instrument; the rest is then their equal-weight account."""
    timing: Timing | None = None
    """Gain beyond holding, where that was measured already."""

    @property
    def position_per_unit(self) -> FloatArray:
        """Units held of the first instrument for each unit of the account, as `equity` is worth: to be set against it."""
        return self.position if self.paid is None else self.position * self.paid.scale

    @property
    def other_positions_per_unit(self) -> tuple[FloatArray, ...]:
        """As `position_per_unit`, of each further instrument."""
        return self.other_positions if self.paid is None else tuple(held * self.paid.scale for held in self.other_positions)


class Iteration(Value):
    """One finished attempt of a run. Number 0 is the workflow compiled without a model: the baseline."""

    run_id: str
    number: int
    loop: int = 0
    """The loop it belongs to; several candidates share one."""
    candidate: int = 0
    """Its place among the loop's candidates, the first is 0; the number follows from loop and place."""
    parent: int | None
    """Number of the iteration this one was derived from; None for number 0."""
    status: OutcomeStatus
    stage: Stage
    """Last stage that it reached; DONE when scored."""
    error: CodeFault | None = None
    change: str = ""
    """The author's own word for the change, one line."""
    hypothesis: str = ""
    """The author's reason to expect that it helps."""
    verdict: str = ""
    """End of the hypothesis, one of `Judgment`; empty when the author stated none."""
    mode: str = ""
    """Purpose of the iteration: first, improve, repair or explore."""
    model: str
    """`compiler` for number 0, else the model id."""
    authorship: Authorship | None = None
    """Author of the code where a person handed in what somebody else wrote, with the lines that were changed since; else None."""
    code: str = ""
    """The exact code that ran."""
    answer: str = ""
    """The model's full answer, for replay; of an answer that broke off, the part that came."""
    earlier_answers: tuple[str, ...] = ()
    """Answers of this iteration before it from which no program could be had; they were paid for too."""
    prompt_hash: str = ""
    prompt: str = ""
    """The part of the prompt that was written for it; what is constant for all prompts is not kept."""
    reasoning: str = ""
    """Reasoning that the model sent with its answer; empty where it sent none, and for iterations of earlier versions."""
    request: RequestSettings | None = None
    """Settings that the model was asked with; None where no model was asked, and for iterations of earlier versions."""
    versions: dict[str, str] = Field(default_factory=dict)
    """Programs that it was made with, by name; empty for iterations of earlier versions."""
    operator: str = ""
    """Kind of change that was asked for, where the loop searches with an archive."""
    reason: str = ""
    """Words on why that was asked for, of this version."""
    numbers: dict[str, float] = Field(default_factory=dict)
    """Values of the numbers that a sweep varies, by name; empty elsewhere."""
    metrics: Metrics | None = None
    """On the training bars; None when it failed. Of a basket they are those of the equal-weight account."""
    instruments: tuple[InstrumentResult, ...] = ()
    """Result on each instrument of a basket, on the training bars; empty for one instrument."""
    score: float | None = None
    """The objective's value, higher is better; None when it failed or has too few trades."""
    orders: OrderCounts = OrderCounts()
    orders_hash: str = ""
    findings: tuple[Finding, ...] = ()
    conformity: float | None = None
    """Share of entries and exits that agree with the workflow's rows, 0 to 1; None where that cannot be judged."""
    timing: Timing | None = None
    """Measure of its timing on the training bars; None when it failed, and for iterations of earlier versions."""
    certificate: Certificate | None = None
    isolation_level: int | None = None
    usage: Usage = Usage()
    cost: Cost = Cost()
    log: str = ""
    notes: tuple[str, ...] = ()
    no_score: str = ""
    """The note that says why it has no score although it ran, as it stands among `notes`; empty where there is none."""
    data_hash: str = ""
    generate_seconds: float = 0.0
    backtest_seconds: float = 0.0
    overhead_seconds: float = 0.0
    """Everything of the iteration that is neither generation nor backtest."""
    created: datetime
    """UTC."""
    submission: str = ""
    """Id that the author of a session gave it; the same id is the same iteration. Empty elsewhere."""

    @property
    def is_baseline(self) -> bool:
        """True for the workflow itself, compiled without a model."""
        return self.number == 0 and self.model == COMPILER

    @property
    def awaits_confirmation(self) -> bool:
        """True while nobody ran it in lock-step: until then it is never best, recommended or exported."""
        return self.certificate is not None and not self.certificate.confirmed

    @property
    def states_hypothesis(self) -> bool:
        """True when the author said why the change should help."""
        return states_hypothesis(self.hypothesis)


def count_tries(iterations: Sequence[Iteration], *, joining: str = "") -> int:
    """Count the tries that could have been picked as best: those with a score, exact copies once, and those that cannot be read.

    `joining` is the hash of the orders of one that is about to join them, or its code where it has none.
    """
    scored = {find_identity(one) for one in iterations if one.score is not None}
    if joining:
        scored.add(joining)
    return len(scored) + count_stored(iterations) - len(iterations)


def find_identity(iteration: Iteration) -> str | int:
    """Find what an exact copy shares with it: the hash of its orders, its code where it has none."""
    return iteration.orders_hash or iteration.code or iteration.number


def outranks(iteration: Iteration, best: Iteration | None) -> bool:
    """Check whether its score is above that of the best so far, or as high and earlier. False without a score."""
    if iteration.score is None or best is None or best.score is None:
        return iteration.score is not None
    return iteration.score > best.score or (iteration.score == best.score and iteration.number < best.number)


def states_hypothesis(text: str) -> bool:
    """True for a reason; "none", alone or with an explanation behind it, is not one.

    >>> states_hypothesis("None of the late entries pays."), states_hypothesis("none; an optimizer does not reason")
    (True, False)
    """
    return bool(text.strip()) and _NO_HYPOTHESIS.match(text) is None


def find_scored_ancestor(parent: int | None, iterations: Sequence[Iteration]) -> Iteration | None:
    """Find the nearest iteration with a score that code was derived from, itself or through others: a repair is compared with it."""
    passed: set[int] = set()
    while parent is not None and parent not in passed and (found := _find_number(parent, iterations)) is not None:
        if found.score is not None:
            return found
        passed.add(parent)
        parent = found.parent
    return None


def _find_number(number: int, iterations: Sequence[Iteration]) -> Iteration | None:
    """Find an iteration, first at the place where it stands if none is missing."""
    if 0 <= number < len(iterations) and iterations[number].number == number:
        return iterations[number]
    return next((one for one in iterations if one.number == number), None)


def judge_change(score: float | None, before: float | None) -> Judgment:
    """Judge a change by its score against the one before it.

    >>> judge_change(1.1, 1.0).value, judge_change(1.0, 1.0).value, judge_change(None, 1.0).value
    ('confirmed', 'no difference', 'not tested')
    """
    if score is None or before is None:
        return Judgment.NOT_TESTED
    if math.isclose(score, before, rel_tol=SCORE_TOLERANCE):
        return Judgment.NO_DIFFERENCE
    return Judgment.CONFIRMED if score > before else Judgment.REFUTED


@dataclass(frozen=True, slots=True)
class IterationDetail:
    """The heavy part of an iteration, loaded only where it is drawn."""

    iteration: Iteration
    equity: FloatArray
    position: FloatArray
    fills: tuple[Fill, ...]
    trades: tuple[Trade, ...]
    closes: FloatArray | None = None
    """Closes that the account was valued at, of one instrument, with which the history keeps it in less room; not read back."""
