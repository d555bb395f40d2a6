"""The promises that every place for many evaluations keeps."""

import threading

from core.domain.backtest import BacktestPlan, OutcomeStatus
from core.driving.fan_out import Evaluations, EvaluationTask
from tests.driving.fakes import walk

NEVER = threading.Event()
BARS = walk(120)
PLAN = BacktestPlan()


def build_code(units: int, remark: str = "") -> str:
    """A program that buys so many units at once; `remark` stands in it as a comment."""
    return (
        f"import backtrader as bt\n{remark}\n\nclass Buy(bt.Strategy):\n    params = dict(hold={units})\n\n    def next(self):\n"
        f"        if not self.position:\n            self.buy(size={units})\n"
    )


def build_tasks(count: int, *, curves: bool = True) -> list[EvaluationTask]:
    """Tasks that each come out otherwise."""
    return [EvaluationTask(build_code(number + 1), PLAN, BARS, curves=curves) for number in range(count)]


class EvaluationsContract:
    """Run over every implementation; `places` is a fixture with one."""

    def test_every_task_has_one_result_under_its_place(self, places: Evaluations) -> None:
        found = dict(places.run_all(build_tasks(5), cancel=NEVER))

        assert sorted(found) == [0, 1, 2, 3, 4]
        finals = [float(found[place].evaluation.equity[-1]) for place in range(5)]  # type: ignore[union-attr]
        assert len(set(finals)) == 5

    def test_without_curves_the_figures_are_the_same(self, places: Evaluations) -> None:
        ((_, whole),) = places.run_all(build_tasks(1), cancel=NEVER)
        ((_, bare),) = places.run_all(build_tasks(1, curves=False), cancel=NEVER)

        assert whole.evaluation is not None
        assert bare.evaluation is not None
        assert bare.evaluation.metrics == whole.evaluation.metrics
        assert (len(whole.evaluation.equity), len(bare.evaluation.equity), len(bare.outcome.equity)) == (120, 0, 0)

    def test_code_that_fails_is_a_result_with_a_fault(self, places: Evaluations) -> None:
        fails = build_code(1, "# fails").replace("self.buy(", "self.no_such_method(")
        tasks = [EvaluationTask(fails, PLAN, BARS), *build_tasks(1)]

        found = dict(places.run_all(tasks, cancel=NEVER))

        assert (found[0].evaluation, found[1].fault) == (None, None)
        assert found[0].fault is not None

    def test_nothing_to_do_is_done_at_once(self, places: Evaluations) -> None:
        assert list(places.run_all([], cancel=NEVER)) == []

    def test_what_was_stopped_is_not_among_the_results(self, places: Evaluations) -> None:
        stop = threading.Event()
        found = []

        for _, one in places.run_all(iter(build_tasks(200)), cancel=stop):
            found.append(one)
            stop.set()

        assert 1 <= len(found) < 200
        assert all(one.outcome.status is OutcomeStatus.OK for one in found)
