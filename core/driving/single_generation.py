"""Code Generation: one prompt, one answer, kept as a run so that a closed tab loses nothing."""

import time
from datetime import UTC, datetime
from functools import partial

from core.domain.backtest import Stage
from core.domain.errors import StratloopError
from core.domain.run import Run, Status, StopReason
from core.driving.answers import ask_for_program
from core.driving.build_iteration import IterationTiming, NotRun, Step, build_iteration, build_missing_code_fault
from core.driving.drive import fail_run
from core.driving.ports import Cancel
from core.driving.propose import IterationSlot, build_proposal, build_request, render_first_prompt
from core.driving.run_context import Ports, prepare_bars
from core.prompts import Mode


def generate(run_id: str, ports: Ports, *, cancel: Cancel) -> Run:
    """Carry a generation from wherever it stands to its end. Failures end in the run, not in an exception."""
    history = ports.history
    run = history.read_run(run_id)
    if run.status.finished:
        return run
    try:
        if not history.list_iterations(run_id):
            _, training, _ = prepare_bars(run.plan, ports.market)
            history.save_run(run.changed(status=Status.RUNNING, data_hash=training.hash, training_bars=len(training)))
            prompt = render_first_prompt(run.plan, training)
            began = time.perf_counter()
            slot = IterationSlot(0, 0, 0)
            request = build_request(run.plan, run.plan.model, prompt, Mode.FIRST, run_id=run_id, slot=slot)
            answer = ask_for_program(ports.model, request, base="", cancel=cancel, record=partial(history.add_event, run_id))
            if cancel.is_set() and not history.cancel_requested(run_id):
                return history.read_run(run_id)  # the process is going down: whoever comes next asks again
            proposal = build_proposal(answer, request, Mode.FIRST)
            fault = None if proposal.code is not None else build_missing_code_fault(proposal)
            timing = IterationTiming(began, time.perf_counter())
            history.append(build_iteration(Step(run_id, run.plan, training, slot, proposal, NotRun(Stage.PARSE, fault), timing)))
        return _finish(run_id, ports, cancelled=cancel.is_set())
    except StratloopError as error:
        return fail_run(history, run_id, error)


def _finish(run_id: str, ports: Ports, *, cancelled: bool) -> Run:
    (iteration,) = ports.history.list_iterations(run_id)
    failed = iteration.error is not None
    run = ports.history.read_run(run_id).changed(
        status=Status.CANCELLED if cancelled else Status.FAILED if failed else Status.COMPLETE,
        stop_reason=StopReason.CANCELLED if cancelled else StopReason.ERROR if failed else StopReason.LOOPS,
        message=iteration.error.message if iteration.error else "",
        iterations=1,
        cost_usd=iteration.cost.usd,
        finished=datetime.now(UTC),
    )
    ports.history.save_run(run)
    return run
