"""Code Generation: one prompt, one answer, kept as a run so that a closed tab loses nothing."""

import time
from datetime import UTC, datetime

import numpy as np

from core.domain.backtest import CodeFault, OutcomeStatus, Stage
from core.domain.errors import StratloopError
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, Status, StopReason
from core.driving.drive import fail_run
from core.driving.ports import Cancel
from core.driving.propose import IterationSlot, build_request, collect_completion, render_first_prompt
from core.driving.run_context import Ports, prepare_bars
from core.prompts import Mode, extract_code


def generate(run_id: str, ports: Ports, *, cancel: Cancel) -> Run:
    """Carry a generation from wherever it stands to its end. Failures end in the run, not in an exception."""
    history = ports.history
    run = history.read_run(run_id)
    if run.status.finished:
        return run
    try:
        if not history.list_iterations(run_id):
            _, training, _ = prepare_bars(run.plan, ports.market)
            history.save_run(run.model_copy(update={"status": Status.RUNNING, "data_hash": training.hash, "training_bars": len(training)}))
            prompt = render_first_prompt(run.plan, training)
            began = time.perf_counter()

            def record_event(kind: str, **data: object) -> None:
                history.add_event(run_id, kind, data)

            request = build_request(run.plan, run.plan.model, prompt, Mode.FIRST, run_id=run_id, slot=IterationSlot(0, 0, 0))
            completion = collect_completion(ports.model, request, cancel=cancel, record_event=record_event)
            if cancel.is_set() and not history.cancel_requested(run_id):
                return history.read_run(run_id)  # the process is going down: whoever comes next asks again
            found = extract_code(completion.finished.text, finish_reason=completion.finished.finish_reason)
            fault = None if found.code is not None else CodeFault(message=found.problem, kind="NoCode")
            iteration = Iteration(
                run_id=run_id,
                number=0,
                parent=None,
                status=OutcomeStatus.OK if fault is None else OutcomeStatus.ERROR,
                stage=Stage.PARSE,
                error=fault,
                change=found.change,
                hypothesis=found.hypothesis,
                model=run.plan.model.id,
                code=found.code or "",
                answer=completion.finished.text,
                prompt_hash=prompt.hash,
                usage=completion.finished.usage,
                cost=completion.finished.cost,
                generate_seconds=time.perf_counter() - began,
                created=datetime.now(UTC),
            )
            history.append(IterationDetail(iteration=iteration, equity=np.empty(0), position=np.empty(0), fills=(), trades=()))
        return _finish(run_id, ports, cancelled=cancel.is_set())
    except StratloopError as error:
        return fail_run(history, run_id, error)


def _finish(run_id: str, ports: Ports, *, cancelled: bool) -> Run:
    (iteration,) = ports.history.list_iterations(run_id)
    failed = iteration.error is not None
    status = Status.CANCELLED if cancelled else Status.FAILED if failed else Status.COMPLETE
    update = {
        "status": status,
        "stop_reason": StopReason.CANCELLED if cancelled else StopReason.ERROR if failed else StopReason.LOOPS,
        "message": iteration.error.message if iteration.error else "",
        "iterations": 1,
        "cost_usd": iteration.cost.usd,
        "finished": datetime.now(UTC),
    }
    run = ports.history.read_run(run_id).model_copy(update=update)
    ports.history.save_run(run)
    return run
