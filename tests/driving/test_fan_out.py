"""Many evaluations at once on this machine: every task once, machine faults beside results, and an end when asked."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from core.domain.backtest import BacktestPlan, Outcome, OutcomeStatus
from core.domain.bars import Bars
from core.domain.proved_program import ProvedProgram
from core.driving.evaluate import CodeEvaluation
from core.driving.fan_out import MOST_IN_A_BATCH, Evaluations, EvaluationTask, LocalEvaluations, evaluate_all, gather_batches
from core.driving.memory_history import MemoryHistory
from core.driving.ports import Cancel
from core.driving.run_context import Ports
from tests.driving.evaluations_contract import BARS, NEVER, PLAN, EvaluationsContract, build_code, build_tasks
from tests.driving.fakes import RuleSandbox, ScriptedAnswers, SeededMarket, walk


class TestLocalEvaluations(EvaluationsContract):
    @pytest.fixture
    def places(self) -> Evaluations:
        return LocalEvaluations(RuleSandbox(), workers=2)


def test_tasks_are_taken_only_a_few_ahead_of_those_that_run() -> None:
    taken = []

    def watch() -> Iterator[EvaluationTask]:
        for number, task in enumerate(build_tasks(50)):
            taken.append(number)
            yield task

    next(iter(LocalEvaluations(RuleSandbox(), workers=2).run_all(watch(), cancel=NEVER)))

    assert len(taken) <= 5


def test_a_program_whose_processes_were_killed_stands_beside_the_others() -> None:
    tasks = [EvaluationTask(build_code(1, "# killed"), PLAN, BARS), *build_tasks(2)]

    found = evaluate_all(tasks, LocalEvaluations(RuleSandbox()), cancel=NEVER)

    assert found is not None
    assert [one.outcome.status for one in found] == [OutcomeStatus.SUPERVISOR_DIED, OutcomeStatus.OK, OutcomeStatus.OK]
    assert found[0].fault is not None
    assert "killed by the machine" in found[0].fault.message


def test_results_in_the_order_of_the_tasks_are_none_once_it_was_stopped() -> None:
    stopped = threading.Event()
    stopped.set()

    assert evaluate_all(build_tasks(3), LocalEvaluations(RuleSandbox()), cancel=stopped) is None


def test_leaving_early_ends_what_still_runs() -> None:
    sandbox = RuleSandbox()
    results = LocalEvaluations(sandbox, workers=1).run_all(build_tasks(100), cancel=NEVER)

    next(results)
    results.close()  # type: ignore[attr-defined]

    assert len(sandbox.ran) < 6


def test_the_loop_finds_this_machine_where_there_is_no_other() -> None:
    sandbox = RuleSandbox()
    ports = Ports(ScriptedAnswers(()), sandbox, SeededMarket(), MemoryHistory("run"))

    assert ports.evaluations == LocalEvaluations(sandbox)


class SharingSandbox(RuleSandbox):
    """Runs proved programs together, and remembers how many."""

    def __init__(self) -> None:
        super().__init__()
        self.together: list[int] = []

    def run_proved_all(self, programs: Sequence[ProvedProgram], plan: BacktestPlan, bars: Bars, *, cancel: Cancel) -> list[Outcome]:
        self.together.append(len(programs))
        return [self.run_proved(program, plan, bars, cancel=cancel) for program in programs]


def prove(tasks: Sequence[EvaluationTask]) -> list[EvaluationTask]:
    return [replace(task, proved=ProvedProgram(task.code)) for task in tasks]


class TestLocalEvaluationsTogether(EvaluationsContract):
    @pytest.fixture
    def places(self) -> Evaluations:
        return LocalEvaluations(SharingSandbox(), workers=2)


def describe(found: dict[int, CodeEvaluation]) -> dict[int, tuple[object, ...]]:
    made = {place: one.evaluation for place, one in found.items() if one.evaluation is not None}
    return {place: (one.metrics, one.findings, one.equity.tobytes(), one.trades) for place, one in made.items()}


def test_proved_programs_go_together_and_come_out_as_alone() -> None:
    sandbox, tasks = SharingSandbox(), build_tasks(30)

    together = dict(LocalEvaluations(sandbox, workers=2).run_all(prove(tasks), cancel=NEVER))
    alone = dict(LocalEvaluations(RuleSandbox(), workers=2).run_all(tasks, cancel=NEVER))

    assert (sorted(sandbox.together), sum(sandbox.together)) == ([4, 4, 6, 16], 30)
    assert describe(together) == describe(alone)


def test_a_proved_program_whose_processes_were_killed_stands_beside_the_others() -> None:
    tasks = prove([*build_tasks(2), EvaluationTask(build_code(1, "# killed"), PLAN, BARS), *build_tasks(1)])

    found = evaluate_all(tasks, LocalEvaluations(SharingSandbox()), cancel=NEVER)

    assert found is not None
    assert [one.outcome.status for one in found] == [OutcomeStatus.OK] * 2 + [OutcomeStatus.SUPERVISOR_DIED, OutcomeStatus.OK]
    assert found[2].fault is not None
    assert "killed by the machine" in found[2].fault.message


def test_only_neighbors_on_the_same_bars_and_account_go_together() -> None:
    proved, other = prove(build_tasks(2)), walk(60)
    mixed = [*proved, *build_tasks(1), *(replace(one, bars=other) for one in proved), replace(proved[0], plan=PLAN.changed(cash=5.0))]

    assert [[place for place, _ in batch] for batch in gather_batches(enumerate(mixed))] == [[0, 1], [2], [3, 4], [5]]


def test_batches_grow_and_are_short_on_long_histories() -> None:
    short, long = prove(build_tasks(150)), [replace(one, bars=walk(80_000)) for one in prove(build_tasks(1))] * 5

    assert [len(batch) for batch in gather_batches(enumerate(short))] == [4, 16, MOST_IN_A_BATCH, MOST_IN_A_BATCH, 2]
    assert [len(batch) for batch in gather_batches(enumerate(long))] == [2, 2, 1]
    assert [len(batch) for batch in gather_batches(enumerate(short), grow=False)] == [MOST_IN_A_BATCH, MOST_IN_A_BATCH, 22]
