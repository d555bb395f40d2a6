"""Code run in the sandbox: on one instrument, or on each of a basket side by side."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.domain.backtest import BacktestPlan, Certificate, MemberOutcome, Method, Outcome, OutcomeStatus, Progress, Stage, Verdict
from core.domain.bars import Bars
from core.domain.basket import join_outcomes, list_members
from core.domain.errors import RunKilledError
from core.driving.ports import Cancel, Sandbox
from core.driving.side_by_side import run_side_by_side


def run_code(
    sandbox: Sandbox,
    code: str,
    plan: BacktestPlan,
    bars: Bars,
    *,
    cancel: Cancel,
    watch: Callable[[Progress], None] | None = None,
    signals: bool = False,
) -> Outcome:
    """Run code in the sandbox; what the machine did to the run is raised, for it says nothing about the code.

    Raises RunKilledError when the run's processes were killed, again and again, and SandboxUnavailableError when there are none.
    """
    if bars.members:
        return _run_on_members(sandbox, code, plan, bars, cancel=cancel, watch=watch, signals=signals)
    outcome = sandbox.run(code, plan, bars, cancel=cancel, watch=watch, signals=signals)
    if outcome.status is OutcomeStatus.SUPERVISOR_DIED:
        said = "The run's processes were killed by the machine, also when they were started again."
        raise RunKilledError(said, hint="It may be short of memory. Nothing is held against the code; `resume` tries it again.")
    return outcome


def _run_on_members(
    sandbox: Sandbox,
    code: str,
    plan: BacktestPlan,
    bars: Bars,
    *,
    cancel: Cancel,
    watch: Callable[[Progress], None] | None,
    signals: bool,
) -> Outcome:
    """Run code on each instrument of a basket, with an account of its own each, and join the accounts. Progress is that of the whole."""
    members, began = list_members(bars), time.monotonic()

    def run(own: Bars) -> Outcome:
        return run_code(sandbox, code, plan, own, cancel=cancel, signals=signals) if len(own) else build_idle_outcome()

    def report(done: int) -> None:
        if watch is not None:
            watch(Progress(done=len(bars) * done // len(members), total=len(bars)))

    found = run_side_by_side(run, members, cancel=cancel, report=report, name="basket")
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
