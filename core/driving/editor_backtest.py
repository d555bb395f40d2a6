"""Backtests that a person starts from the editor: the loop's own evaluation, kept as iterations of a run of their own."""

import time
from datetime import UTC, datetime

import numpy as np

from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, RunKind, RunPlan, Status
from core.driving.evaluate import evaluate_code
from core.driving.ports import Cancel
from core.driving.progress import ProgressWatcher
from core.driving.run_context import Ports, prepare_bars
from core.evidence import evaluate_benchmark, score

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
    watch: ProgressWatcher | None = None,
) -> tuple[Run, IterationDetail]:
    """Evaluate a person's code on the training bars of `plan` and keep it; `run_id` continues an earlier editor run of the same plan.

    Raises WorkflowError, MarketDataError, SandboxUnavailableError and StoreError.
    """
    _, training, _ = prepare_bars(plan, ports.market)
    began = time.perf_counter()
    result = evaluate_code(code, plan.backtest, training, sandbox=ports.sandbox, cancel=cancel, watch=watch)
    evaluation = result.evaluation
    points = None
    if evaluation is not None and result.fault is None:
        points = score(evaluation.metrics, plan.objective, plan.minimum_trades, formula=plan.formula, constraints=plan.constraints)
    run = _find_or_create_run(plan, ports, run_id)
    number = run.iterations
    iteration = Iteration(
        run_id=run.id,
        number=number,
        parent=number - 1 if number else None,
        status=result.outcome.status,
        stage=result.stage,
        error=result.fault,
        change=note,
        model=EDITOR_AUTHOR,
        code=code,
        metrics=evaluation.metrics if evaluation else None,
        score=points,
        orders=result.outcome.orders,
        orders_hash=result.outcome.orders_hash,
        findings=evaluation.findings if evaluation else (),
        certificate=result.outcome.certificate,
        isolation_level=result.outcome.isolation_level,
        log=result.outcome.log,
        notes=result.outcome.notes,
        data_hash=training.hash,
        backtest_seconds=result.outcome.wall_seconds,
        overhead_seconds=max(0.0, time.perf_counter() - began - result.outcome.wall_seconds - result.outcome.waited_seconds),
        created=datetime.now(UTC),
    )
    detail = IterationDetail(
        iteration=iteration,
        equity=evaluation.equity if evaluation else np.empty(0),
        position=evaluation.position if evaluation else np.empty(0),
        fills=evaluation.fills if evaluation else (),
        trades=evaluation.trades if evaluation else (),
    )
    ports.history.append(detail)
    best = run.best
    if points is not None and (best is None or points > (ports.history.read_detail(run.id, best).iteration.score or float("-inf"))):
        best = number
    update = {
        "status": Status.COMPLETE,
        "iterations": number + 1,
        "best": best,
        "benchmark": evaluate_benchmark(training, plan.backtest).metrics,
        "data_hash": training.hash,
        "training_bars": len(training),
        "finished": datetime.now(UTC),
    }
    run = run.model_copy(update=update)
    ports.history.save_run(run)
    return run, detail


def _find_or_create_run(plan: RunPlan, ports: Ports, run_id: str | None) -> Run:
    if run_id is not None:
        run = ports.history.read_run(run_id)
        if run.kind is RunKind.EDITOR and run.plan == plan:
            return run
    return ports.history.create_run(plan, kind=RunKind.EDITOR)
