"""Many evaluations at once on this machine: every task once, machine faults beside results, and an end when asked."""

import threading
from collections.abc import Iterator

import pytest

from core.domain.backtest import OutcomeStatus
from core.driving.fan_out import Evaluations, EvaluationTask, LocalEvaluations, evaluate_all
from core.driving.memory_history import MemoryHistory
from core.driving.run_context import Ports
from tests.driving.evaluations_contract import BARS, NEVER, PLAN, EvaluationsContract, build_code, build_tasks
from tests.driving.fakes import RuleSandbox, ScriptedAnswers, SeededMarket


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
