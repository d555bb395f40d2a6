"""From finished iterations to the next answer: render the prompt, listen to the model, take the code out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from core import language
from core.domain.bars import Bars
from core.domain.generation import Finished, ModelRequest, Prompt, ReasoningDelta, Retrying, TextDelta
from core.domain.iteration import Finding, Iteration
from core.domain.run import ModelChoice, Run, RunPlan
from core.domain.seasonality import seasonality, seasonality_text
from core.domain.usage import Cost, Usage
from core.driving.ports import Cancel, Model
from core.driving.select import best_of, calls_for_repair, newest_of, scored_loops_without_gain
from core.driving.steering import Steering
from core.evidence import REPEATS, mute, no_score_reason, profile, sentences
from core.prompts import Facts, Mode, Task, extract, parameter_values, render

EXPLORE_AFTER = 3
"""Loops with a score but without gain after which a different idea, or a stronger model, is asked for."""

TEMPERATURES = {Mode.FIRST: 0.2, Mode.IMPROVE: 0.4, Mode.EXPLORE: 0.85, Mode.REPAIR: 0.1}
"""Used unless the user chose one."""

EVENT_SECONDS = 0.3
"""Text is passed on to watchers in pieces of this length."""


SEED_STEP = 7_919
"""Distance between the seeds of two candidates of one loop."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Which iteration is made: its number, its loop, and its place among the loop's candidates (0 first)."""

    number: int
    loop: int
    candidate: int


class Note(Protocol):
    """Where news for watchers goes."""

    def __call__(self, kind: str, **data: object) -> None:
        """Store one event."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What an author gave: code, or the reason why there is none."""

    code: str | None
    model: str
    change: str = ""
    hypothesis: str = ""
    problem: str = ""
    text: str = ""
    mode: str = ""
    prompt_hash: str = ""
    parent: int | None = None
    usage: Usage = Usage()  # noqa: RUF009 - a frozen value
    cost: Cost = Cost()  # noqa: RUF009 - a frozen value

    def with_remark(self, remark: str) -> "Answer":
        """The same with a remark behind its change."""
        return replace(self, change=f"{self.change} ({remark})".strip())


@dataclass(frozen=True, slots=True)
class Heard:
    """A model's whole answer to one call."""

    finished: Finished
    reasoning: str


def listen(model: Model, request: ModelRequest, *, cancel: Cancel, note: Note) -> Heard:
    """Pass a stream on to watchers piece by piece. Raises ProviderError and BudgetError."""
    pieces: list[str] = []
    thoughts: list[str] = []
    reasoning: list[str] = []
    told = time.monotonic()
    finished: Finished | None = None
    for event in model.stream(request, cancel=cancel):
        match event:
            case TextDelta():
                pieces.append(event.text)
            case ReasoningDelta():
                reasoning.append(event.text)
                thoughts.append(event.text)
            case Retrying():
                pieces.clear()
                note("text", number=request.loop, text="", afresh=True)
                note("log", text=f"Attempt {event.attempt} failed, waiting {event.wait_seconds:.1f} s: {event.message}")
            case Finished():
                finished = event
        if finished is None and time.monotonic() - told < EVENT_SECONDS:
            continue
        for kind, arrived in (("reasoning", thoughts), ("text", pieces)):
            if arrived:
                note(kind, number=request.loop, text="".join(arrived))
                arrived.clear()
                told = time.monotonic()
    if finished is None:
        raise AssertionError("a model's stream ended without Finished")
    return Heard(finished, "".join(reasoning))


def answer_of(
    run: Run, training: Bars, done: Sequence[Iteration], turn: Turn, model: Model, cancel: Cancel, note: Note, wishes: Steering
) -> Answer:
    """The model's next answer in a run. Raises ProviderError and BudgetError."""
    task = next_task(run, training, done, turn, wishes)
    prompt = render(task)
    chosen = model_of(run.plan, done)
    note("stage", number=turn.number, loop=turn.loop, stage="generate", mode=task.mode.value, model=chosen.id, prompt_tokens=prompt.tokens)
    cap = wishes.budget_usd if wishes.budget_given else run.plan.budget_usd
    request = request_of(run.plan, chosen, prompt, task.mode, run_id=run.id, turn=turn).model_copy(update={"run_cap_usd": cap})
    heard = listen(model, request, cancel=cancel, note=note)
    found = extract(heard.finished.text, finish_reason=heard.finished.finish_reason)
    return Answer(
        code=found.code,
        model=chosen.id,
        change=found.change,
        hypothesis=found.hypothesis,
        problem=found.problem,
        text=heard.finished.text,
        mode=task.mode.value,
        prompt_hash=prompt.hash,
        parent=parent_of(task),
        usage=heard.finished.usage,
        cost=heard.finished.cost,
    )


def parent_of(task: Task) -> int:
    """Number of the iteration that the answer is derived from. Who reads no instruction does not start from an attempt without a score."""
    start = task.best if task.with_state and task.mode is Mode.FIRST else task.start
    return start.number if start else 0


def model_of(plan: RunPlan, done: Sequence[Iteration]) -> ModelChoice:
    """Who is asked: the chosen model, or the stronger one while the loop is stuck."""
    if plan.escalation is not None and scored_loops_without_gain(done) >= EXPLORE_AFTER:
        return plan.escalation
    return plan.model


def request_of(plan: RunPlan, chosen: ModelChoice, prompt: Prompt, mode: Mode, *, run_id: str, turn: Turn) -> ModelRequest:
    """The call that a plan makes with a prompt. Candidates of one loop differ in seed, and from the second on in temperature."""
    usual = min(1.0, TEMPERATURES[mode] + 0.2 * turn.candidate)
    return ModelRequest(
        model=chosen.id,
        prompt=prompt,
        api_base=chosen.api_base,
        temperature=usual if chosen.temperature is None else chosen.temperature,
        max_tokens=chosen.max_tokens,
        seed=candidate_seed(plan.seed, turn.candidate),
        run_id=run_id,
        run_cap_usd=plan.budget_usd,
        loop=turn.number,
        purpose="repair" if mode is Mode.REPAIR else "generate",
    )


def candidate_seed(seed: int, candidate: int) -> int:
    """A seed of its own for each candidate; the first keeps the run's."""
    return (seed + SEED_STEP * candidate) % 2**32


def next_task(run: Run, training: Bars, done: Sequence[Iteration], turn: Turn, wishes: Steering) -> Task:
    """What the next turn asks: a repair of the last answer, an improvement of the best, or another idea."""
    plan = run.plan
    mode, last, best = mode_of(done), newest_of(done, turn.candidate), best_of(done)
    subject = None if mode is Mode.REPAIR else best or last
    return Task(
        workflow=plan.workflow,
        specification=language.prompt_text(plan.workflow),
        crib=language.indicator_crib(),
        facts=facts_of(plan, training),
        objective=plan.objective,
        formula=plan.formula,
        minimum_trades=plan.minimum_trades,
        limits=plan.constraints,
        mode=mode,
        loop=turn.loop,
        loops=plan.loops if wishes.loops is None else wishes.loops,
        seed=candidate_seed(plan.seed, turn.candidate),
        history=tuple(done),
        values={iteration.number: parameter_values(iteration.code) for iteration in done if iteration.code},
        best=best,
        last=last,
        unscored=no_score_reason(last.metrics, plan) if last and last.score is None else "",
        findings=mute(subject.findings, findings_said(done)) if subject else (),
        benchmark=run.benchmark,
        notes=tuple(text for _, text in wishes.notes),
        constraints=wishes.pins,
        with_state=not model_of(plan, done).is_language_model,
    )


def findings_said(done: Sequence[Iteration]) -> list[tuple[Finding, ...]]:
    """What stood when the newest `REPEATS` loops were asked for something better, oldest first; repairs hear of nothing but their error."""
    asked = [loop for loop, mode in {each.loop: each.mode for each in done}.items() if loop > 0 and mode != Mode.REPAIR]
    subjects = []
    for loop in asked[-REPEATS:]:
        before = [iteration for iteration in done if iteration.loop < loop]
        subjects.append(best_of(before) or newest_of(before, 0))
    return [subject.findings if subject else () for subject in subjects]


def mode_of(done: Sequence[Iteration]) -> Mode:
    """What kind of turn follows from the finished ones."""
    if calls_for_repair(done):
        return Mode.REPAIR
    if best_of(done) is None:
        return Mode.FIRST
    return Mode.EXPLORE if scored_loops_without_gain(done) >= EXPLORE_AFTER else Mode.IMPROVE


def facts_of(plan: RunPlan, training: Bars) -> Facts:
    """The conditions of the run, of the training bars only."""
    instrument, character = training.instrument, profile(training)
    return Facts(
        plan=plan.backtest,
        timeframe=training.timeframe,
        bars=len(training),
        asset=instrument.symbol,
        first=training.first.date(),
        last=training.last.date(),
        fractional=instrument.fractional,
        instrument=instrument,
        profile=(*(sentences(character) if character is not None else ()), *seasonality_text(seasonality(training))),
    )


def constants_of(plan: RunPlan, done: Sequence[Iteration]) -> frozenset[str]:
    """Names in `params` of the baseline that are no free numbers of the workflow: the compiler sets them, and nobody varies them."""
    free = {parameter.name for parameter in language.parameters(plan.workflow)}
    return frozenset(parameter_values(done[0].code)) - free if done else frozenset()


def first_prompt(plan: RunPlan, training: Bars) -> Prompt:
    """The prompt of a single generation: the specification, and nothing tried yet."""
    task = Task(
        workflow=plan.workflow,
        specification=language.prompt_text(plan.workflow),
        crib=language.indicator_crib(),
        facts=facts_of(plan, training),
        objective=plan.objective,
        formula=plan.formula,
        minimum_trades=plan.minimum_trades,
        limits=plan.constraints,
        seed=plan.seed,
        with_state=not plan.model.is_language_model,
    )
    return render(task)
