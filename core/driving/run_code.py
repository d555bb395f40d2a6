"""Code run in the sandbox: on one instrument, or on each of a basket side by side."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from core.domain.backtest import BacktestPlan, Certificate, MemberOutcome, Method, Outcome, OutcomeStatus, Progress, Stage, Verdict
from core.domain.bars import Bars
from core.domain.basket import join_outcomes, list_members, trace_account
from core.domain.errors import RunKilledError
from core.domain.instrument_progress import InstrumentProgress
from core.domain.proved_program import ProvedProgram
from core.driving.ports import Cancel, Sandbox
from core.driving.side_by_side import run_side_by_side

Report = Callable[[int, Outcome], object]
"""Told of each of several runs as it is done: its place, and what came of it."""


class Spread(Protocol):
    """A way to run one program on several instruments at once, wherever there is room."""

    def __call__(
        self, code: str | ProvedProgram, plan: BacktestPlan, members: Sequence[Bars], *, cancel: Cancel, report: Report
    ) -> list[Outcome] | None:
        """The outcomes in the order of the members; None when it was stopped before the last one. Raises as `run_code` does."""
        ...


def run_code(
    sandbox: Sandbox,
    code: str | ProvedProgram,
    plan: BacktestPlan,
    bars: Bars,
    *,
    cancel: Cancel,
    watch: Callable[[Progress], None] | None = None,
    signals: bool = False,
    spread: Spread | None = None,
) -> Outcome:
    """Run code in the sandbox, on the instruments of a basket with `spread` where there is one.

    What the machine did to the run is raised, for it says nothing about the code. A proved program runs in one pass.
    Raises RunKilledError when the run's processes were killed, again and again, and SandboxUnavailableError when there are none.
    """
    if bars.members:
        return _run_on_members(sandbox, code, plan, bars, cancel=cancel, watch=watch, signals=signals, spread=spread)
    if isinstance(code, ProvedProgram):
        outcome = sandbox.run_proved(code, plan, bars, cancel=cancel, watch=watch, signals=signals)
    else:
        outcome = sandbox.run(code, plan, bars, cancel=cancel, watch=watch, signals=signals)
    require_survived(outcome)
    return outcome


def require_survived(outcome: Outcome) -> None:
    """Require that the machine let a run come to its end. Raises RunKilledError."""
    if outcome.status is OutcomeStatus.SUPERVISOR_DIED:
        said = "The run's processes were killed by the machine, also when they were started again."
        raise RunKilledError(said, hint="It may be short of memory. Nothing is held against the code; `resume` tries it again.")


def _run_on_members(
    sandbox: Sandbox,
    code: str | ProvedProgram,
    plan: BacktestPlan,
    bars: Bars,
    *,
    cancel: Cancel,
    watch: Callable[[Progress], None] | None,
    signals: bool,
    spread: Spread | None,
) -> Outcome:
    """Run code on each instrument of a basket, with an account of its own each, and join the accounts. Progress is that of the whole."""
    members, began = list_members(bars), time.monotonic()
    report = _MembersWatch(bars, members, plan.cash, watch)

    def run(place: int) -> Outcome:
        own = members[place]
        found = run_code(sandbox, code, plan, own, cancel=cancel, signals=signals) if len(own) else build_idle_outcome()
        if not cancel.is_set():
            report(place, found)
        return found

    if spread is not None and not signals and all(len(own) for own in members):
        found = spread(code, plan, members, cancel=cancel, report=report)
    else:
        found = run_side_by_side(run, range(len(members)), cancel=cancel, name="basket", workers=len(members))
    if found is None:
        return replace(build_idle_outcome(), status=OutcomeStatus.CANCELLED)
    runs = zip(members, found, strict=True)
    joined = join_outcomes(bars, [MemberOutcome(own.instrument.symbol, outcome, plan.cash) for own, outcome in runs])
    return replace(joined, wall_seconds=time.monotonic() - began)


class _MembersWatch:
    """Passes on how far a basket has come: after each instrument the account of those that are done, and what each of them made."""

    def __init__(self, bars: Bars, members: Sequence[Bars], cash: float, watch: Callable[[Progress], None] | None) -> None:
        self._bars, self._members, self._cash, self._watch = bars, members, cash, watch
        self._done: dict[int, Outcome] = {}
        self._lock = threading.Lock()

    def __call__(self, place: int, outcome: Outcome) -> None:
        if self._watch is None:
            return
        with self._lock:
            self._done[place] = outcome
            self._watch(self._build())

    def _build(self) -> Progress:
        count, done = len(self._bars), sorted(self._done.items())
        equity = trace_account(self._bars, [(self._members[place], outcome) for place, outcome in done], self._cash)
        return Progress(
            done=count * len(done) // len(self._members),
            total=count,
            bars=tuple(range(count)),
            equity=tuple(equity.tolist()),
            instruments=tuple(self._describe(place, outcome) for place, outcome in done),
        )

    def _describe(self, place: int, outcome: Outcome) -> InstrumentProgress:
        symbol = self._members[place].instrument.symbol
        last = float(outcome.equity[-1]) if outcome.ok and len(outcome.equity) else math.nan
        made = last / self._cash - 1.0 if math.isfinite(last) else None
        return InstrumentProgress(symbol=symbol, total_return=made, trades=sum(trade.exit_bar is not None for trade in outcome.trades))


def build_idle_outcome() -> Outcome:
    """Build the outcome of an instrument that has no bar on a stretch: an account that stays as it is."""
    certificate = Certificate(verdict=Verdict.CLEAN, method=Method.LOCK_STEP, fills_checked=True)
    none = np.empty(0)
    return Outcome(OutcomeStatus.OK, Stage.DONE, 2, certificate, equity=none, position=none)
