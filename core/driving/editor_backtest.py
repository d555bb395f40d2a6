"""Backtests that a person starts from the editor: the loop's own evaluation, kept as iterations of a run of their own."""

import time
from contextlib import suppress
from datetime import UTC, datetime

from core.domain.authorship import CodeSource
from core.domain.fingerprint import compute_fingerprint, compute_further_fingerprints
from core.domain.history import UnreadableRowError
from core.domain.iteration import IterationDetail
from core.domain.run import Run, RunKind, RunPlan, Status
from core.driving.build_iteration import IterationTiming, Step, build_iteration
from core.driving.confirm import confirm_evaluation
from core.driving.evaluate import evaluate_code
from core.driving.ports import Cancel
from core.driving.progress import ProgressWatcher
from core.driving.proof import prove_program
from core.driving.propose import IterationSlot, Proposal
from core.driving.run_context import Ports, find_changed_parameters, prepare_bars
from core.evidence import correlate_members, evaluate_benchmark, list_member_facts

EDITOR_AUTHOR = "editor"
"""The author of code that a person edited or pasted."""


def backtest_code(
    code: str,
    plan: RunPlan,
    ports: Ports,
    *,
    cancel: Cancel,
    run_id: str | None = None,
    note: str = "",
    source: CodeSource | None = None,
    watch: ProgressWatcher | None = None,
) -> tuple[Run, IterationDetail]:
    """Evaluate a person's code on the training bars of `plan` and keep it; `run_id` continues an earlier editor run of the same plan.

    `source` is the code as its author left it, where somebody else than the person wrote it.

    Raises WorkflowError, MarketDataError, SandboxUnavailableError and StoreError.
    """
    _, training, _ = prepare_bars(plan, ports.market)
    began = time.perf_counter()
    proved = prove_program(code, plan.workflow, training, find_changed_parameters(plan, code))
    result = evaluate_code(code, plan.backtest, training, sandbox=ports.sandbox, cancel=cancel, watch=watch, proved=proved)
    result = confirm_evaluation(result, code, plan.backtest, training, sandbox=ports.sandbox, cancel=cancel)
    run, before = _find_or_create_run(plan, ports, run_id)
    number = run.iterations
    proposal = Proposal(
        code=code,
        model=EDITOR_AUTHOR,
        change=note,
        parent=number - 1 if number else None,
        authorship=source.compare(code) if source else None,
    )
    step = Step(run.id, plan, training, IterationSlot(number, 0, 0), proposal, result, IterationTiming(began, began))
    detail = build_iteration(step)
    ports.history.append(detail)
    fingerprint = compute_fingerprint(training)
    further = compute_further_fingerprints(training)
    apart = further[: training.members]
    ports.history.record_training(run.id, fingerprint, further, apart)
    best, points = run.best, detail.iteration.score
    if points is not None and not detail.iteration.awaits_confirmation and (before is None or points > before):
        best = number
    market = evaluate_benchmark(training, plan.backtest)
    run = run.changed(
        status=Status.COMPLETE,
        iterations=number + 1,
        best=best,
        benchmark=market.metrics,
        instruments=list_member_facts(training, market),
        correlation=correlate_members(training),
        data_hash=training.hash,
        training_bars=len(training),
        earlier_tries=ports.history.count_earlier_tries(run.id, fingerprint, apart),
        finished=datetime.now(UTC),
    )
    ports.history.save_run(run)
    return run, detail


def _find_or_create_run(plan: RunPlan, ports: Ports, run_id: str | None) -> tuple[Run, float | None]:
    """The run that takes the backtest, with its best score; a new one where the one before is of another plan or cannot be read."""
    with suppress(UnreadableRowError):
        run = None if run_id is None else ports.history.read_run(run_id)
        if run is not None and run.kind is RunKind.EDITOR and run.plan == plan:
            return run, None if run.best is None else ports.history.read_detail(run.id, run.best).iteration.score
    return ports.history.create_run(plan, kind=RunKind.EDITOR), None
