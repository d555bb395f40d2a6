"""From finished iterations to the next proposal: render the prompt, collect the completion, take the code out."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby, islice

from core import language
from core.domain.authorship import Authorship
from core.domain.backtest import Stage
from core.domain.bars import Bars
from core.domain.events import StageEvent
from core.domain.finding import Finding
from core.domain.iteration import Iteration
from core.domain.model_calls import AnswerProblem, ModelRequest, Prompt, RequestSettings
from core.domain.run import Effort, ModelChoice, Run, RunPlan
from core.domain.search import ChangeKind
from core.domain.seasonality import compute_seasonality, describe_seasonality
from core.domain.usage import Cost, Usage
from core.domain.workflow import Workflow
from core.driving.answers import Answer, Record, ask_for_program
from core.driving.finished import sum_up
from core.driving.free_numbers import KEPT_WORKFLOWS, find_free_numbers
from core.driving.ports import Cancel, Model
from core.driving.search import SearchStep
from core.driving.select import count_scored_loops_without_gain, find_best, find_newest, needs_repair
from core.driving.steering import Steering
from core.evidence import SUPPRESS_AFTER, describe_profile, explain_missing_score, profile_bars, suppress_repeated
from core.prompts import Facts, Mode, Task, hide_names, read_parameters, render_prompt
from core.prompts.templates.operators import ORDERS

EXPLORE_AFTER = 3
"""Loops with a score but without gain after which a different idea, or a stronger model, is asked for."""

TEMPERATURES = {Mode.FIRST: 0.2, Mode.IMPROVE: 0.4, Mode.EXPLORE: 0.85, Mode.REPAIR: 0.1}
"""Used unless the user chose one."""

KEPT_BARS = 2
"""Bars whose character is kept, and they with it."""

SEED_STEP = 7_919
"""Distance between the seeds of two candidates of one loop."""


@dataclass(frozen=True, slots=True)
class IterationSlot:
    """One iteration to make: its number, its loop, and its place among the loop's candidates (0 first)."""

    number: int
    loop: int
    candidate: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """An author's proposal: code, or the reason why there is none."""

    code: str | None
    model: str
    change: str = ""
    hypothesis: str = ""
    problem: str = ""
    kind: AnswerProblem | None = None
    """The problem as a fact."""
    text: str = ""
    earlier: tuple[str, ...] = ()
    """Answers before it that held no usable program."""
    notes: tuple[str, ...] = ()
    mode: str = ""
    prompt_hash: str = ""
    prompt: str = ""
    reasoning: str = ""
    request: RequestSettings | None = None
    authorship: Authorship | None = None
    operator: str = ""
    reason: str = ""
    parent: int | None = None
    usage: Usage = Usage()  # noqa: RUF009 - a frozen value
    cost: Cost = Cost()  # noqa: RUF009 - a frozen value
    submission: str = ""
    """Id of a session's author for it."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Values of the numbers that a sweep varies."""

    def add_remark(self, remark: str) -> "Proposal":
        """Add a remark behind the change."""
        return replace(self, change=f"{self.change} ({remark})".strip())


def request_proposal(
    run: Run,
    training: Bars,
    done: Sequence[Iteration],
    slot: IterationSlot,
    model: Model,
    cancel: Cancel,
    record: Record,
    steering: Steering,
    *,
    step: SearchStep | None = None,
    enrich: Callable[[Task], Task] = lambda task: task,
) -> Proposal:
    """Request the model's next proposal: what `step` asks for, else what follows from the best. Raises ProviderError and BudgetError.

    `enrich` adds what only the history knows of the version that is started from.
    """
    task = enrich(follow_step(build_task(run, training, done, slot, steering), step))
    prompt = render_prompt(task)
    chosen = step.model if step is not None else choose_model(run.plan, done)
    record(
        StageEvent(
            number=slot.number,
            loop=slot.loop,
            stage=Stage.GENERATE,
            mode=task.mode.value,
            model=chosen.id,
            prompt_tokens=prompt.tokens,
        )
    )
    cap = steering.budget_usd if steering.budget_given else run.plan.budget_usd
    request = build_request(run.plan, chosen, prompt, task.mode, run_id=run.id, slot=slot).changed(run_cap_usd=cap)
    base = task.start.code if task.start else ""
    answer = ask_for_program(model, request, base=base, cancel=cancel, record=record)
    proposal = build_proposal(answer, request, task.mode, parent=find_parent(task))
    return proposal if step is None else replace(proposal, operator=step.operator.value, reason=step.reason)


def follow_step(task: Task, step: SearchStep | None) -> Task:
    """The task with what a step of the search asks for, unless something has to be repaired or written first."""
    if step is None or task.mode not in (Mode.IMPROVE, Mode.EXPLORE):
        return task
    wide = step.operator in (ChangeKind.AFRESH, ChangeKind.CROSS)
    mode = Mode.EXPLORE if wide else Mode.IMPROVE
    return replace(
        task,
        mode=mode,
        base=step.base,
        inspiration=step.second,
        order=ORDERS[step.operator],
        findings=_choose_findings(step.base.findings, mode),
    )


def build_proposal(answer: Answer, request: ModelRequest, mode: Mode, *, parent: int | None = None) -> Proposal:
    """Build the proposal that a model's answer to a request holds."""
    found = answer.found
    return Proposal(
        code=found.code,
        model=request.model,
        change=found.change,
        hypothesis=found.hypothesis,
        problem=found.problem,
        kind=found.kind,
        text=answer.text,
        earlier=answer.earlier,
        notes=answer.notes,
        mode=mode.value,
        prompt_hash=request.prompt.hash,
        prompt=request.prompt.user,
        reasoning=answer.reasoning,
        request=answer.sent or request.settings,
        parent=parent,
        usage=answer.usage,
        cost=answer.cost,
    )


def find_parent(task: Task) -> int:
    """Find the iteration that the answer is derived from. Who reads no instruction does not start from an attempt without a score."""
    start = task.best if task.with_state and task.mode is Mode.FIRST else task.start
    return start.number if start else 0


def choose_model(plan: RunPlan, done: Sequence[Iteration]) -> ModelChoice:
    """Choose the model to ask: the plan's own, or the stronger one while the loop is stuck."""
    if plan.escalation is not None and count_scored_loops_without_gain(done) >= EXPLORE_AFTER:
        return plan.escalation
    return plan.model


def build_request(plan: RunPlan, chosen: ModelChoice, prompt: Prompt, mode: Mode, *, run_id: str, slot: IterationSlot) -> ModelRequest:
    """Build the call that a plan makes with a prompt. Candidates of one loop differ in seed, and from the second on in temperature."""
    usual = min(1.0, TEMPERATURES[mode] + 0.2 * slot.candidate)
    return ModelRequest(
        model=chosen.id,
        prompt=prompt,
        api_base=chosen.api_base,
        temperature=None if chosen.own_temperature else usual if chosen.temperature is None else chosen.temperature,
        max_tokens=chosen.max_tokens,
        effort="" if chosen.effort is Effort.OWN else chosen.effort.value,
        silence_seconds=chosen.silence_seconds,
        seed=derive_seed(plan.seed, slot.candidate),
        run_id=run_id,
        run_cap_usd=plan.budget_usd,
        loop=slot.number,
        purpose="repair" if mode is Mode.REPAIR else "generate",
    )


def derive_seed(seed: int, candidate: int) -> int:
    """Derive a seed for each candidate; the first keeps the run's."""
    return (seed + SEED_STEP * candidate) % 2**32


def build_task(run: Run, training: Bars, done: Sequence[Iteration], slot: IterationSlot, steering: Steering) -> Task:
    """Build the next task: a repair of the last answer, an improvement of the best, or another idea."""
    plan = run.plan
    mode, last, best = choose_mode(done), find_newest(done, slot.candidate), find_best(done)
    subject = None if mode is Mode.REPAIR else best or last
    return Task(
        workflow=plan.workflow,
        specification=hide_symbol(_render_specification(plan.workflow), plan, training),
        facts=build_facts(plan, training),
        objective=plan.objective,
        formula=plan.formula,
        minimum_trades=plan.minimum_trades,
        limits=plan.constraints,
        mode=mode,
        loop=slot.loop,
        loops=plan.loops if steering.loops is None else steering.loops,
        seed=derive_seed(plan.seed, slot.candidate),
        history=sum_up(done),
        best=best,
        last=last,
        unscored=_explain_no_score(last, plan) if last and last.score is None else "",
        findings=_choose_findings(suppress_repeated(subject.findings, collect_reported_findings(done)) if subject else (), mode),
        benchmark=run.benchmark,
        notes=tuple(text for _, text in steering.notes),
        constraints=steering.pins,
        with_state=not choose_model(plan, done).is_language_model,
        names=list_free_numbers(plan),
        memory=run.memory,
        hidden=list_hidden_names(plan, training),
    )


@lru_cache(maxsize=KEPT_WORKFLOWS)
def _render_specification(workflow: Workflow) -> str:
    """Render it once: each loop's prompt holds the same one."""
    return language.render_specification(workflow)


def _choose_findings(findings: Sequence[Finding], mode: Mode) -> tuple[Finding, ...]:
    """Leave out, where another idea is asked for, that it is another strategy."""
    return tuple(one for one in findings if mode is not Mode.EXPLORE or one.code not in _ABOUT_THE_ROWS)


_ABOUT_THE_ROWS = frozenset({"drift", "rows_left_out"})


def collect_reported_findings(done: Sequence[Iteration]) -> list[tuple[Finding, ...]]:
    """Collect what the newest `SUPPRESS_AFTER` prompts reported, oldest first; repairs are told of nothing but their error."""
    known = sum_up(done)
    modes = ((loop, next(each).mode) for loop, each in groupby(reversed(known), key=lambda one: one.loop))
    asked = islice((loop for loop, mode in modes if loop > 0 and mode != Mode.REPAIR), SUPPRESS_AFTER)
    subjects = []
    for loop in asked:
        before = known.before(loop)
        subjects.append(find_best(before) or find_newest(before, 0))
    return [subject.findings if subject else () for subject in reversed(subjects)]


def _explain_no_score(last: Iteration, plan: RunPlan) -> str:
    return explain_missing_score(last.metrics, plan) or last.no_score.removeprefix("No score: ").removesuffix(".")


def choose_mode(done: Sequence[Iteration]) -> Mode:
    """Choose the kind of prompt that follows from the finished iterations."""
    if needs_repair(done):
        return Mode.REPAIR
    if find_best(done) is None:
        return Mode.FIRST
    return Mode.EXPLORE if count_scored_loops_without_gain(done) >= EXPLORE_AFTER else Mode.IMPROVE


def hide_symbol(text: str, plan: RunPlan, training: Bars) -> str:
    """Hide the names of the instruments in a text, where the model works blind."""
    return hide_names(text, list_hidden_names(plan, training))


def list_hidden_names(plan: RunPlan, training: Bars) -> tuple[str, ...]:
    """List the names that a model which works blind is not told; none for any other."""
    if not plan.blind:
        return ()
    known = [one.instrument for one in (training, *training.others[: training.members])]
    names = [name for one in known for name in (one.symbol, one.name, _find_first_word(one.name))]
    names += [one.symbol for one in plan.bars.members]
    return tuple(dict.fromkeys(name for name in names if name))


def _find_first_word(name: str) -> str:
    """The word that people call a company by; empty where it is too short to be one."""
    word = re.split(r"\W", name.strip())[0]
    return word if len(word) > 3 and word.isalpha() else ""


def build_facts(plan: RunPlan, training: Bars) -> Facts:
    """Build the conditions of the run, of the training bars only."""
    instrument, blind = training.instrument, plan.blind
    return Facts(
        plan=plan.backtest,
        timeframe=training.timeframe,
        bars=len(training),
        asset="" if blind else instrument.symbol,
        others=tuple(other.instrument.symbol for other in training.further),
        basket=tuple("" if blind else one.instrument.symbol for one in training.others[: training.members]),
        across=plan.across,
        first=None if blind else training.first.date(),
        last=None if blind else training.last.date(),
        fractional=instrument.fractional,
        instrument=instrument,
        profile=_describe_character(training),
    )


@lru_cache(maxsize=KEPT_BARS)
def _describe_character(training: Bars) -> tuple[str, ...]:
    """Describe it once: each loop is on the same bars."""
    character = profile_bars(training)
    return *(describe_profile(character) if character is not None else ()), *describe_seasonality(compute_seasonality(training))


def find_constants(plan: RunPlan, done: Sequence[Iteration]) -> frozenset[str]:
    """Find names in `params` of the baseline that are no free numbers of the workflow: the compiler sets them, and nobody varies them."""
    free = {parameter.name for parameter in find_free_numbers(plan.workflow)}
    return frozenset(read_parameters(done[0].code)) - free if done else frozenset()


def list_free_numbers(plan: RunPlan) -> tuple[str, ...]:
    """List the workflow's free numbers, each as `name=value`."""
    return tuple(f"{parameter.name}={parameter.default:g}" for parameter in find_free_numbers(plan.workflow))


def render_first_prompt(plan: RunPlan, training: Bars) -> Prompt:
    """Render the prompt of a single generation: the specification, and nothing tried yet."""
    task = Task(
        workflow=plan.workflow,
        specification=hide_symbol(_render_specification(plan.workflow), plan, training),
        facts=build_facts(plan, training),
        objective=plan.objective,
        formula=plan.formula,
        minimum_trades=plan.minimum_trades,
        limits=plan.constraints,
        seed=plan.seed,
        with_state=not plan.model.is_language_model,
        names=list_free_numbers(plan),
    )
    return render_prompt(task)
