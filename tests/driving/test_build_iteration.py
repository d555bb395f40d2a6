"""The one builder of iterations: every field is filled, by each of the three ways that lead to it."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.authorship import Authorship
from core.domain.backtest import BacktestPlan, CodeFault, Outcome, OutcomeStatus, Progress, Stage
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.finding import Finding
from core.domain.iteration import Iteration
from core.domain.model_calls import RequestSettings
from core.domain.run import ModelChoice, RunKind, RunPlan
from core.domain.usage import Cost, Usage, UsageSource
from core.driving.build_iteration import IterationTiming, NotRun, Step, build_iteration, keep_visible
from core.driving.drive import drive
from core.driving.editor_backtest import backtest_code
from core.driving.evaluate import CodeEvaluation, to_evaluation
from core.driving.ports import Cancel
from core.driving.propose import IterationSlot, Proposal
from core.driving.run_context import Ports
from core.driving.single_generation import generate
from core.store import Store
from tests.driving.drive_harness import WORKFLOW
from tests.driving.fakes import RuleSandbox, ScriptedAnswers, SeededMarket, program, walk

ROOT = Path(__file__).parents[2]
PLAN = RunPlan(
    workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), model=ModelChoice(id="test/model"), loops=1, candidates=2, search="archive"
)
BARS = walk()
FAULT = CodeFault(message="There is no code in the answer.", kind="NoCode")
EVERY_FIELD = set(Iteration.model_fields)
OF_A_RUN = {
    "timing",
    "metrics",
    "score",
    "orders",
    "orders_hash",
    "findings",
    "certificate",
    "isolation_level",
    "log",
    "notes",
    "backtest_seconds",
}
"""Fields that only code that was run can fill."""


class TalkativeSandbox(RuleSandbox):
    """The rule sandbox, with everything in its outcomes that a run can bring."""

    def run(
        self,
        code: str,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
    ) -> Outcome:
        """The rule's outcome, with a log, a note, a hash of its orders and a time."""
        outcome = super().run(code, plan, bars, cancel=cancel, signals=signals, watch=watch)
        return replace(outcome, log="bought", notes=("One import was left out.",), orders_hash=code, wall_seconds=0.01)


def build_step(result: CodeEvaluation | NotRun, proposal: Proposal, plan: RunPlan = PLAN) -> Step:
    before = build_iteration(
        Step("r", plan, BARS, IterationSlot(0, 0, 0), Proposal(code="", model="compiler"), evaluate(), IterationTiming(0, 0))
    )
    return Step("r", plan, BARS, IterationSlot(2, 1, 1), proposal, result, IterationTiming(1.0, 3.5), (before.iteration,))


def evaluate(code: str = program(0.5)) -> CodeEvaluation:
    outcome = TalkativeSandbox().run(code, PLAN.backtest, BARS, cancel=threading.Event())
    found = to_evaluation(outcome, PLAN.backtest, BARS)
    assert found.evaluation is not None
    told = Finding(code="few_trades", severity=1, message="Few trades.")
    return replace(found, evaluation=replace(found.evaluation, findings=(told,), conformity=0.75))


def propose() -> Proposal:
    return Proposal(
        code="code",
        model="test/model",
        change="hold more",
        hypothesis="more is more",
        text="the whole answer",
        earlier=("an answer without a program",),
        mode="improve",
        prompt_hash="abc",
        prompt="Write it.",
        reasoning="let me think",
        request=RequestSettings(model="test/model", max_tokens=8_000, seed=1, deadline_seconds=60.0),
        authorship=Authorship(model="test/model", run_id="r0", number=3),
        submission="s1",
        operator="exit",
        reason="not tried yet",
        numbers={"sma_fast": 10.0},
        parent=0,
        usage=Usage(prompt_tokens=10, completion_tokens=5, source=UsageSource.PROVIDER),
        cost=Cost(usd=0.5, price_source="user"),
    )


def find_filled(iteration: Iteration) -> set[str]:
    """Names of the fields that say something: other than their default, and not empty where there is none.

    What else a step took says something also when it rounds to nothing.
    """
    fields = Iteration.model_fields.items()
    said = {name for name, field in fields if getattr(iteration, name) != (None if field.is_required() else field.get_default())}
    return said | ({"overhead_seconds"} if "metrics" in said else set())


def test_a_step_of_which_everything_is_known_fills_every_field_of_its_record() -> None:
    detail = build_iteration(build_step(evaluate(), propose()))

    assert find_filled(detail.iteration) == EVERY_FIELD - {"error", "no_score", "instruments"}
    assert (detail.iteration.generate_seconds, detail.iteration.backtest_seconds) == (2.5, 0.01)
    assert (detail.iteration.stage, detail.iteration.verdict) == (Stage.DONE, "no difference")
    assert len(detail.equity) == len(detail.position) == len(BARS)
    assert detail.fills
    assert detail.trades


def test_a_step_without_a_run_keeps_its_answer_its_cost_and_its_fault() -> None:
    iteration = build_iteration(build_step(NotRun(Stage.PARSE, FAULT), replace(propose(), code=None))).iteration

    assert (iteration.status, iteration.stage, iteration.error) == (OutcomeStatus.ERROR, Stage.PARSE, FAULT)
    assert find_filled(iteration) == EVERY_FIELD - OF_A_RUN - {"code", "conformity", "no_score", "instruments"}


def test_figures_of_code_with_a_fault_are_kept_without_a_score() -> None:
    leaked = replace(evaluate(), fault=CodeFault(message="It reads the future."), stage=Stage.LOOK_AHEAD)

    iteration = build_iteration(build_step(leaked, propose())).iteration

    assert (iteration.stage, iteration.score, iteration.metrics is not None) == (Stage.LOOK_AHEAD, None, True)
    assert iteration.no_score == ""


def test_a_missing_score_is_explained_and_is_not_called_done() -> None:
    iteration = build_iteration(build_step(evaluate(), propose(), PLAN.changed(minimum_trades=10_000))).iteration

    assert (iteration.stage, iteration.score) == (Stage.SCORE, None)
    assert iteration.no_score.startswith("No score: ")
    assert iteration.no_score in iteration.notes


def test_iterations_are_built_in_one_place_alone() -> None:
    files = [file for room in ("core", "pages") for file in (ROOT / room).rglob("*.py")]

    call = re.compile(r"(?<!class )\bIteration\(")
    builders = {file.relative_to(ROOT).as_posix() for file in files if call.search(file.read_text(encoding="utf-8"))}

    assert builders == {"core/driving/build_iteration.py"}


@pytest.fixture
def ports(tmp_path: Path) -> Ports:
    return Ports(ScriptedAnswers([program(0.2), program(0.9)]), TalkativeSandbox(), SeededMarket(), Store.in_folder(tmp_path))


def test_the_loop_the_editor_and_a_single_generation_fill_the_same_fields_but_for_what_they_cannot_know(ports: Ports) -> None:
    cancel, store = threading.Event(), ports.history
    looped = store.list_iterations(drive(store.create_run(PLAN).id, ports, cancel=cancel).id)[2]
    generated = store.list_iterations(generate(store.create_run(PLAN, kind=RunKind.GENERATE).id, ports, cancel=cancel).id)[0]
    first, _ = backtest_code(program(0.2), PLAN, ports, cancel=cancel, note="by hand")
    edited = backtest_code(program(0.4), PLAN, ports, cancel=cancel, run_id=first.id, note="by hand")[1].iteration

    nowhere = {
        "earlier_answers",
        "error",
        "no_score",
        "conformity",
        "instruments",
    }  # nothing failed, and this sandbox gives no signals to hold the trades against
    of_others = {"reasoning", "authorship", "submission"}  # this model does not think aloud, no code came from elsewhere, no agent sent it
    of_a_model = {"request", "hypothesis", "verdict", "mode", "answer", "prompt", "prompt_hash", "usage", "cost", "generate_seconds"}
    of_a_loop = {"loop", "candidate", "operator", "reason"}
    assert EVERY_FIELD - find_filled(looped) == nowhere | of_others
    assert EVERY_FIELD - find_filled(edited) == nowhere | of_others | of_a_model | of_a_loop
    assert EVERY_FIELD - find_filled(generated) == nowhere | of_others | OF_A_RUN | of_a_loop | {"parent"}


def test_an_edited_strategy_without_a_score_says_why(ports: Ports) -> None:
    plan = PLAN.changed(minimum_trades=10_000)

    _, detail = backtest_code(program(0.2), plan, ports, cancel=threading.Event())

    assert detail.iteration.stage is Stage.SCORE
    assert detail.iteration.no_score in detail.iteration.notes


def test_an_answer_without_code_fails_its_generation_with_a_hint(tmp_path: Path) -> None:
    ports = Ports(ScriptedAnswers(["I would rather not."]), RuleSandbox(), SeededMarket(), Store.in_folder(tmp_path))

    run = generate(ports.history.create_run(PLAN, kind=RunKind.GENERATE).id, ports, cancel=threading.Event())

    (iteration,) = ports.history.list_iterations(run.id)
    assert (run.status.value, iteration.stage, iteration.error is not None) == ("failed", Stage.PARSE, True)
    assert iteration.error is not None
    assert iteration.error.hint
    assert iteration.data_hash == run.data_hash != ""


def test_the_words_of_a_change_are_kept_as_far_as_they_can_be_seen() -> None:
    assert keep_visible("wider stop\x1b[2J\x07 \u202eé\n“more”") == "wider stop[2J é\n“more”"
