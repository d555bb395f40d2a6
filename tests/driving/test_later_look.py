"""A later look at the hold-out counts, is kept with the run, and is the same look when it is taken again."""

import threading
from pathlib import Path

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.events import LookEvent
from core.domain.run import ModelChoice, Run, RunPlan, Status
from core.driving.drive import drive
from core.driving.later_look import list_later_looks, take_later_look
from core.driving.run_context import Ports, load_split_bars
from core.store import Store
from tests.driving.drive_harness import WORKFLOW
from tests.driving.fakes import RuleSandbox, ScriptedAnswers, SeededMarket, program

NEVER = threading.Event()


def finish(folder: Path, *, hold_out: float = 0.3) -> tuple[Run, Ports]:
    """A finished run of two loops."""
    store = Store.in_folder(folder)
    ports = Ports(ScriptedAnswers((program(0.9), program(0.2))), RuleSandbox(), SeededMarket(), store)
    plan = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=2, hold_out=hold_out, model=ModelChoice(id="built-in"))
    return drive(store.create_run(plan).id, ports, cancel=NEVER), ports


def look(run: Run, ports: Ports, number: int) -> LookEvent:
    training, hold_out = load_split_bars(run.plan.bars, run.plan.hold_out, ports.market)
    iteration = ports.history.read_detail(run.id, number).iteration
    return take_later_look(run, iteration, training, hold_out, history=ports.history, sandbox=ports.sandbox, cancel=NEVER)


def test_a_later_look_is_the_second_at_these_bars_and_its_figures_stay(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)
    locked = next(number for number in (1, 2) if number != run.best)

    said = look(run, ports, locked)

    assert said.looks == 2
    assert said.figure.metrics is not None
    assert list_later_looks(ports.history, run) == {locked: said}


def test_the_same_look_taken_again_counts_once_and_runs_nothing(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)
    first = look(run, ports, 2)
    ran = len(ports.sandbox.ran)

    assert look(run, ports, 2) == first
    assert len(ports.sandbox.ran) == ran


def test_each_look_keeps_the_course_at_the_moments_of_the_run(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)

    held = run.hold_out

    assert held is not None
    assert len(held.moments) == len(held.best.growth) == len(held.benchmark.growth) == len(look(run, ports, 2).figure.growth)
    assert held.moments[0] == held.first
    assert held.best.metrics is not None
    assert held.best.growth[-1] == pytest.approx(1 + held.best.metrics.total_return)


@pytest.mark.parametrize(("hold_out", "changes", "words"), [(0.0, {}, "held nothing out"), (0.3, {"status": Status.RUNNING}, "going on")])
def test_where_there_is_nothing_to_look_at_it_is_said(tmp_path: Path, hold_out: float, changes: dict[str, object], words: str) -> None:
    run, ports = finish(tmp_path, hold_out=hold_out)

    with pytest.raises(InputError, match=words):
        look(run.changed(**changes), ports, 1)
