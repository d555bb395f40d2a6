"""A closer look at a winner: each study is kept as it comes, the placebo is the whole loop again, a stop keeps what is there."""

import threading
from pathlib import Path

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.events import EventKind
from core.domain.iteration import Iteration
from core.domain.run import ModelChoice, Run, RunPlan
from core.domain.study import PlaceboKind
from core.driving.drive import drive
from core.driving.run_context import Ports
from core.driving.verify import LookProgress, read_studies, verify
from core.driving.what_paid import find_what_paid
from core.store import Store
from tests.driving.drive_harness import WORKFLOW
from tests.driving.fakes import RuleSandbox, ScriptedAnswers, SeededMarket, program, walk

NEVER = threading.Event()


def finish(folder: Path, *answers: str, model: str = "built-in") -> tuple[Run, Ports]:
    """A finished run over these answers, and what it ran with."""
    store = Store.in_folder(folder)
    ports = Ports(ScriptedAnswers(answers or (program(0.9), program(0.2))), RuleSandbox(), SeededMarket(), store)
    plan = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=2, hold_out=0.0, model=ModelChoice(id=model))
    return drive(store.create_run(plan).id, ports, cancel=NEVER), ports


def test_a_closer_look_makes_every_study_and_keeps_it(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)

    found = verify(run, walk(400), ports, rounds=2, cancel=NEVER)

    assert found == read_studies(ports.history, run)
    assert found.sensitivity is not None
    assert {point.parameter for point in found.sensitivity.points} == {"hold"}
    assert found.warm_up is not None
    assert found.placebo is not None
    assert (found.placebo.kind, found.placebo.rounds, found.placebo.p) == (PlaceboKind.LOOP, 2, (1 + found.placebo.better) / 3)


def test_what_is_kept_is_not_made_again(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)
    first = verify(run, walk(400), ports, rounds=1, cancel=NEVER)
    ran = len(ports.sandbox.ran)

    assert verify(run, walk(400), ports, rounds=1, cancel=NEVER) == first
    assert len(ports.sandbox.ran) == ran
    more = verify(run, walk(400), ports, rounds=2, cancel=NEVER).placebo
    assert more is not None
    assert more.rounds == 2


def test_a_paid_model_gets_the_weaker_placebo_and_is_not_asked_again(tmp_path: Path) -> None:
    run, ports = finish(tmp_path, model="openai/gpt-4o")
    asked = len(ports.model.asked)

    found = verify(run, walk(400), ports, rounds=2, cancel=NEVER)

    assert found.placebo is not None
    assert (found.placebo.kind, len(ports.model.asked)) == (PlaceboKind.CANDIDATES, asked)


def test_a_placebo_loop_leaves_no_trace_in_the_history_and_its_calls_are_the_runs(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)

    verify(run, walk(400), ports, rounds=2, cancel=NEVER)

    assert len(ports.history.list_runs()) == 1
    assert len(ports.history.list_iterations(run.id)) == run.iterations
    assert {request.run_id for request in ports.model.asked} == {run.id}


def test_a_look_that_is_stopped_keeps_what_it_found(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)
    stop = threading.Event()

    def watch(progress: LookProgress) -> None:
        if progress.step == "neighbors of the winner":
            stop.set()

    verify(run, walk(400), ports, rounds=2, cancel=stop, report=watch)

    kept = read_studies(ports.history, run)
    assert (kept.warm_up is None, kept.sensitivity, kept.placebo) == (False, None, None)


def test_studies_of_fewer_iterations_are_out_of_date(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)
    assert ports.history.list_events(run.id, kind=EventKind.STUDY), "what takes no backtest is there when the loop ends"

    assert read_studies(ports.history, run.changed(iterations=run.iterations + 1)).conformity is None


def test_a_run_without_a_score_cannot_be_looked_at(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)

    with pytest.raises(InputError, match="no scored iteration"):
        verify(run.changed(best=None), walk(400), ports, rounds=0, cancel=NEVER)


CODE = "import backtrader as bt\n\n\nclass A(bt.Strategy):\n    params = dict(fast={fast}, slow={slow})\n"


def one(number: int, run: Run, ports: Ports, **changes: object) -> Iteration:
    return ports.history.list_iterations(run.id)[number].changed(**changes)


def chain(run: Run, ports: Ports, *codes: str) -> list[Iteration]:
    """Iterations with these programs, each started from the one before; their scores are 1, 2, 3."""
    facts = [{"number": at, "parent": at - 1 if at else None, "code": code, "score": 1.0 + at} for at, code in enumerate(codes)]
    return [one(min(at, 1), run, ports).changed(**fact, change=f"step {at}") for at, fact in enumerate(facts)]


RULE = """import backtrader as bt


class A(bt.Strategy):
    params = dict(n=10{number})

    def next(self):
        if not self.position{entry}:
            self.buy()
        elif {exit}:
            self.close()
"""
PLAIN = {"number": "", "entry": "", "exit": "len(self) % 9 == 0"}


def test_rules_that_a_model_changed_are_taken_back_and_added_alone(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)
    steps = [PLAIN, PLAIN | {"entry": " and self.data[0] > self.data[-1]"}]
    steps.append(steps[1] | {"exit": "len(self) % 5 == 0", "number": ", m=2"})
    tries = chain(run, ports, *(RULE.format(**step) for step in steps))
    scores = {RULE.format(**(steps[2] | {"entry": ""})): 3.0, RULE.format(**steps[1]): 2.0}

    found = find_what_paid(tries, tries[2], lambda code: scores.get(code), cancel=NEVER)

    assert found is not None
    assert [(change.name, change.words, change.taken_back, change.pays) for change in found.changes] == [
        ("iteration 1", "step 1", 3.0, False),
        ("iteration 2", "step 2", 2.0, True),
    ]
    assert (found.lean, found.lean_score) == (("iteration 1",), 3.0)
    assert found.changes[1].added_alone == 3.0, "the exit alone is the winner without the entry"


def test_a_change_that_later_ones_stand_on_is_said_not_to_come_out(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)
    exits = ["len(self) % 9 == 0", "len(self) % 5 == 0", "len(self) % 3 == 0"]
    tries = chain(run, ports, *(RULE.format(**(PLAIN | {"exit": each})) for each in exits))

    found = find_what_paid(tries, tries[2], lambda code: 1.0, cancel=NEVER)

    assert found is not None
    assert [(change.separable, change.pays) for change in found.changes] == [(False, True), (True, True)]


def test_each_change_is_taken_back_and_added_alone(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)
    base = one(0, run, ports, code=CODE.format(fast=10, slow=50), score=1.0)
    best = one(1, run, ports, code=CODE.format(fast=20, slow=80), score=2.0)
    scores = {(10, 80): 1.2, (20, 50): 2.0, (20, 80): 2.0}

    def score(code: str) -> float | None:
        return next((value for (fast, slow), value in scores.items() if f"fast={fast}, slow={slow}" in code), None)

    found = find_what_paid((base, best), best, score, cancel=NEVER)

    assert found is not None
    assert [(change.name, change.taken_back, change.added_alone, change.pays) for change in found.changes] == [
        ("fast", 1.2, 2.0, True),
        ("slow", 2.0, 1.2, False),
    ]
    assert (found.lean, found.lean_score) == (("slow",), 2.0)
    assert [(step.number, step.gain) for step in found.steps] == [(1, 1.0)]
