"""One iteration of the loop: a proposal, its run in the sandbox, its figures, and the record that is kept of it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from core import language
from core.domain.backtest import BacktestPlan, CodeFault, Outcome, OutcomeStatus, Stage
from core.domain.bars import Bars, FloatArray
from core.domain.basket import trace_positions
from core.domain.errors import ProviderError
from core.domain.events import EventKind, LogEvent, StageEvent
from core.domain.iteration import COMPILER, Iteration, IterationDetail
from core.domain.proved_program import ProvedProgram
from core.domain.search import ChangeKind
from core.driving.build_iteration import IterationTiming, NotRun, Step, build_iteration, build_missing_code_fault
from core.driving.candidate_pool import CandidatePool
from core.driving.confirm import confirm_evaluation
from core.driving.evaluate import CodeEvaluation, evaluate_code, to_evaluation
from core.driving.finished import find_duplicate, find_same_program, sum_up
from core.driving.free_numbers import find_free_numbers
from core.driving.progress import IterationReporter
from core.driving.proof import prove_program
from core.driving.propose import IterationSlot, Proposal, choose_model, derive_seed, find_constants, request_proposal
from core.driving.run_context import RunContext, compute_signals, count_earlier_tries, find_changed_parameters
from core.driving.search import SearchStep, plan_candidate
from core.driving.select import find_best, find_leader
from core.driving.spread_members import build_spread
from core.driving.start_facts import add_start_facts
from core.driving.steering import keep_unanswered_notes
from core.driving.tune import tune_nothing, tune_numbers
from core.evidence import CheckContext, Signals, recall_paid_account, restore_evaluation
from core.prompts import read_parameters

TUNER = "built-in"
"""Author of versions whose numbers were tuned."""


def make_iteration(
    context: RunContext, done: Sequence[Iteration], slot: IterationSlot, candidate_pool: CandidatePool
) -> IterationDetail | None:
    """Make one iteration from prompt to score; None when it was cancelled half-way. Other candidates may run at the same time.

    Raises ProviderError, BudgetError and SandboxUnavailableError.
    """
    began = time.perf_counter()
    answer = _propose_baseline(context) if slot.number == 0 else _ask_model(context, done, slot)
    return run_proposal(context, done, slot, candidate_pool, answer, began)


def run_proposal(
    context: RunContext, done: Sequence[Iteration], slot: IterationSlot, candidate_pool: CandidatePool, answer: Proposal, began: float
) -> IterationDetail | None:
    """Run what an author proposed, and make the record of it; None when it was cancelled half-way. Raises SandboxUnavailableError."""
    generated = time.perf_counter()
    if context.cancel.is_set():
        return None
    if answer.code is None:
        result = NotRun(Stage.PARSE, build_missing_code_fault(answer))
        return _record(context, done, slot, answer, result, IterationTiming(began, generated))
    evaluated, same = _evaluate(context, answer.code, done, slot, candidate_pool)
    if context.cancel.is_set() or evaluated.outcome.status is OutcomeStatus.CANCELLED:
        return None
    if same is not None:
        answer = answer.add_remark(f"the same program as iteration {same}")
    elif (duplicate := _find_duplicate(evaluated.outcome, done, slot, candidate_pool)) is not None:
        answer = answer.add_remark(f"trades exactly like iteration {duplicate}")
    timing = IterationTiming(began, generated)
    detail = _record(context, done, slot, answer, evaluated, timing)
    if not _leads_unconfirmed(detail.iteration, done):
        return detail
    confirmed = confirm_evaluation(
        evaluated, detail.iteration.code, context.plan.backtest, context.training, sandbox=context.ports.sandbox, cancel=context.cancel
    )
    if confirmed.outcome.status is OutcomeStatus.CANCELLED:
        return None
    return _record(context, done, slot, answer, confirmed, timing)


def _leads_unconfirmed(iteration: Iteration, done: Sequence[Iteration]) -> bool:
    """True for an iteration that would be the best one if it were sure that it does not read the future."""
    best = find_best(done)
    return iteration.awaits_confirmation and find_leader([*([best] if best else []), iteration]) is iteration


def record_missing_answer(context: RunContext, done: Sequence[Iteration], slot: IterationSlot, error: BaseException) -> IterationDetail:
    """Record a candidate whose model gave no answer, while the others' did."""
    kind = error.name if isinstance(error, ProviderError) else type(error).__name__
    best = find_best(done)
    model, parent = choose_model(context.plan, done).id, best.number if best else 0
    answer = Proposal(code=None, model=model, parent=parent)
    came = "No answer came"
    if isinstance(error, ProviderError):
        notes = ("Only part of an answer came; it is kept, and holds no whole program.",) if error.partial else ()
        answer = Proposal(code=None, model=model, parent=parent, text=error.partial, notes=notes, usage=error.usage, cost=error.cost)
        came = "Only part of an answer came" if error.partial else came
    now = time.perf_counter()
    fault = CodeFault(message=f"{came}: {error}", kind=kind)
    return _record(context, done, slot, answer, NotRun(Stage.GENERATE, fault), IterationTiming(now, now))


def _record(
    context: RunContext,
    done: Sequence[Iteration],
    slot: IterationSlot,
    answer: Proposal,
    result: CodeEvaluation | NotRun,
    timing: IterationTiming,
) -> IterationDetail:
    return build_iteration(Step(context.run.id, context.plan, context.training, slot, answer, result, timing, done))


def _propose_baseline(context: RunContext) -> Proposal:
    bars = context.training
    code = language.compile_workflow(context.plan.workflow, instrument=bars.instrument, several=bool(bars.further))
    return Proposal(code=code, change="The workflow as it stands, compiled without a model.", model=COMPILER)


def _ask_model(context: RunContext, done: Sequence[Iteration], slot: IterationSlot) -> Proposal:
    history, run_id = context.ports.history, context.run.id
    steering = keep_unanswered_notes(
        context.read_steering(), lambda seq: history.list_events(run_id, after=seq, kind=EventKind.STAGE), done
    )
    step = _choose_step(context, done, slot)
    if isinstance(step, Proposal):
        return step
    enrich = partial(add_start_facts, context)
    ask = partial(
        request_proposal, context.run, context.training, done, slot, context.ports.model, context.cancel, context.record, steering
    )
    return ask(step=step, enrich=enrich)


def _choose_step(context: RunContext, done: Sequence[Iteration], slot: IterationSlot) -> SearchStep | Proposal | None:
    """Choose what the search asks of this candidate: a step, or a proposal with other numbers; None where it does not search."""
    plan = context.plan
    tunes = context.ports.tune is not tune_nothing
    step = plan_candidate(plan, done, slot.loop, slot.candidate, tunes=tunes)
    if step is None:
        return None
    context.record(LogEvent(text=f"Iteration {slot.number}: {step.reason}."))
    if step.operator is not ChangeKind.TUNE:
        return step
    known, constants = find_free_numbers(plan.workflow), find_constants(plan, done)
    found = tune_numbers(step.base, done, known, constants, context.ports.tune, seed=derive_seed(plan.seed, slot.candidate), loop=slot.loop)
    if found is None:
        return plan_candidate(plan, done, slot.loop, slot.candidate, tunes=False)
    context.record(StageEvent(number=slot.number, loop=slot.loop, stage=Stage.GENERATE, mode="tune", model=TUNER))
    code, change = found
    words = "none; the built-in optimizer proposes these numbers by statistics, without a call."
    made = Proposal(code=code, model=TUNER, change=change, hypothesis=words, mode="tune", parent=step.base.number)
    return replace(made, operator=step.operator.value, reason=step.reason)


def _evaluate(
    context: RunContext, code: str, done: Sequence[Iteration], slot: IterationSlot, candidate_pool: CandidatePool
) -> tuple[CodeEvaluation, int | None]:
    """Run the code, unless the same program has been run in this run before; then its result, and the number of that iteration."""
    same = find_same_program(code, done) or find_same_program(code, candidate_pool.finished)
    if same is not None:
        return _reuse_result(context, same, code, done), same.number
    reporter = IterationReporter(context.record, slot)

    def run() -> CodeEvaluation:
        return evaluate_code(
            code,
            context.plan.backtest,
            context.training,
            sandbox=context.ports.sandbox,
            cancel=context.cancel,
            build_context=lambda outcome: _build_check_context(context, code, done, outcome),
            watch=reporter.watch,
            report_stage=reporter.tell,
            spread=build_spread(context.ports.evaluations),
            proved=_prove(context, code, find_changed_parameters(context.plan, code)),
        )

    evaluated, first = candidate_pool.run(code, slot.number, run)
    if first is None:
        return evaluated, None
    outcome = replace(evaluated.outcome, notes=(_duplicate_note(first),), wall_seconds=0.0)
    return replace(evaluated, outcome=outcome), first


def _duplicate_note(number: int) -> str:
    return f"The same program as iteration {number}: not run again."


def _find_duplicate(outcome: Outcome, done: Sequence[Iteration], slot: IterationSlot, candidate_pool: CandidatePool) -> int | None:
    """Number of an iteration that placed the very same orders before."""
    beside = candidate_pool.find_duplicate(outcome, slot.number)
    earlier = find_duplicate(outcome, done)
    return earlier.number if earlier is not None else beside


def _build_check_context(context: RunContext, code: str, done: Sequence[Iteration], outcome: Outcome) -> CheckContext:
    """Gather what the checks may know beyond the run itself."""
    numbers = find_changed_parameters(context.plan, code)
    is_workflow = _prove(context, code, numbers) is not None
    earlier = count_earlier_tries(context, joining=code) if context.run.earlier_tries else 0
    few = sum(trade.exit_bar is not None for trade in outcome.trades) < max(1, context.plan.minimum_trades)
    return CheckContext(
        workflow=context.plan.workflow,
        signals=_signals_for(context, numbers) if few or not is_workflow else {},
        is_workflow=is_workflow,
        values=read_parameters(code),
        constants=find_constants(context.plan, done),
        parameters=find_free_numbers(context.plan.workflow),
        baseline=done[0].metrics if done else None,
        minimum_trades=context.plan.minimum_trades,
        constraints=context.plan.constraints,
        objective=context.plan.objective,
        formula=context.plan.formula,
        trials=sum_up(done).count_tries(joining=outcome.orders_hash or code) + earlier,
    )


def _prove(context: RunContext, code: str, numbers: Mapping[str, float]) -> ProvedProgram | None:
    """Prove that the code is the compiled workflow with these numbers: it cannot have drifted from itself, and reads no later bar."""
    return prove_program(code, context.plan.workflow, context.training, numbers)


def _signals_for(context: RunContext, numbers: Mapping[str, float]) -> Signals:
    """Find the bars on which each row of the workflow is true with these numbers."""
    if not numbers:
        return context.signals
    return compute_signals(context.plan, context.training, context.ports.sandbox, context.cancel, numbers)


def _recall_money(detail: IterationDetail, plan: BacktestPlan, bars: Bars) -> FloatArray:
    """Recall an account in money: of one that is paid into, the history keeps the value per unit, and its fills."""
    paid = recall_paid_account(detail.fills, bars, plan) if len(detail.equity) else None
    if paid is None:
        return detail.equity
    return paid.value


def _reuse_result(context: RunContext, same: Iteration, code: str, done: Sequence[Iteration]) -> CodeEvaluation:
    """The facts of an earlier run of the same program."""
    detail = context.ports.history.read_detail(context.run.id, same.number)
    if same.certificate is None:
        raise AssertionError("an iteration that was run has a certificate")
    outcome = Outcome(
        status=same.status,
        stage=same.stage,
        isolation_level=same.isolation_level or 0,
        certificate=same.certificate,
        fills=detail.fills,
        trades=detail.trades,
        orders=same.orders,
        equity=_recall_money(detail, context.plan.backtest, context.training),
        position=detail.position,
        notes=(_duplicate_note(same.number),),
        orders_hash=same.orders_hash,
        code_ran=same.code,
        error=same.error,
    )
    if same.metrics is None:
        return CodeEvaluation(outcome, None, same.error, same.stage)
    if same.instruments:  # the instruments' own accounts are not kept, their results are
        kept = restore_evaluation(detail, cash=context.plan.backtest.cash)
        held = trace_positions(detail.fills, context.training)
        return CodeEvaluation(outcome, kept and replace(kept, other_positions=held), same.error, same.stage)
    return to_evaluation(outcome, context.plan.backtest, context.training, _build_check_context(context, code, done, outcome))
