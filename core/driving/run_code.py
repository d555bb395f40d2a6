"""Code run in the sandbox: on one instrument, or on each of a basket side by side."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from core.domain.backtest import BacktestPlan, Certificate, MemberOutcome, Method, Outcome, OutcomeStatus, Progress, Stage, Verdict
from core.domain.bars import Bars
from core.domain.basket import join_outcomes, list_members
from core.domain.errors import RunKilledError
from core.domain.proved_program import ProvedProgram
from core.driving.ports import Cancel, Sandbox
from core.driving.side_by_side import run_side_by_side

Report = Callable[[int], object]
"""Told how many of several runs are done."""


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
    if outcome.status is OutcomeStatus.SUPERVISOR_DIED:
        said = "The run's processes were killed by the machine, also when they were started again."
        raise RunKilledError(said, hint="It may be short of memory. Nothing is held against the code; `resume` tries it again.")
    return outcome


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

    def run(own: Bars) -> Outcome:
        return run_code(sandbox, code, plan, own, cancel=cancel, signals=signals) if len(own) else build_idle_outcome()

    def report(done: int) -> None:
        if watch is not None:
            watch(Progress(done=len(bars) * done // len(members), total=len(bars)))

    if spread is not None and not signals and all(len(own) for own in members):
        found = spread(code, plan, members, cancel=cancel, report=report)
    else:
        found = run_side_by_side(run, members, cancel=cancel, report=report, name="basket", workers=len(members))
    if found is None:
        return replace(build_idle_outcome(), status=OutcomeStatus.CANCELLED)
    runs = zip(members, found, strict=True)
    joined = join_outcomes(bars, [MemberOutcome(own.instrument.symbol, outcome, plan.cash) for own, outcome in runs])
    return replace(joined, wall_seconds=time.monotonic() - began)


def build_idle_outcome() -> Outcome:
    """Build the outcome of an instrument that has no bar on a stretch: an account that stays as it is."""
    certificate = Certificate(verdict=Verdict.CLEAN, method=Method.LOCK_STEP, fills_checked=True)
    none = np.empty(0)
    return Outcome(OutcomeStatus.OK, Stage.DONE, 2, certificate, equity=none, position=none)
