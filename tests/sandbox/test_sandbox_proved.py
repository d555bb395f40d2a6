"""A proved program runs in one pass: the facts of lock-step under a certificate of its own, behind the same barriers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Limits, Method, Outcome, OutcomeStatus, Progress, Verdict
from core.domain.errors import SandboxUnavailableError
from core.domain.proved_program import ProvedProgram
from core.language import compile_workflow, parse
from core.sandbox import Sandbox
from core.sandbox.host import ZygoteHost
from tests.attacks.arena import HONEST, PLAN, descendants, sample_bars, until
from tests.attacks.payloads.making import strategy

AUTO = PLAN.changed(method=Method.AUTO)
BARS = sample_bars(400)
NEVER = threading.Event()
ROOT = Path(__file__).parents[2]
OWN = {"certificate", "wall_seconds", "waited_seconds", "signals"}
SIGNALS = strategy(
    init="self.signals = {'r1': bytearray()}", each="self.signals['r1'].append(len(self) % 3 == 0)\nif len(self) % 20 == 1: self.buy()"
)


def run_proved(sandbox: Sandbox, code: str, plan: BacktestPlan = AUTO, **more: Any) -> Outcome:
    return sandbox.run_proved(ProvedProgram(code), plan, BARS, cancel=NEVER, **more)


@pytest.mark.parametrize("code", [HONEST, SIGNALS])
@pytest.mark.parametrize("plan", [AUTO, AUTO.changed(leverage=2.0, commission_per_order=1.0), AUTO.changed(cash=50.0)])
def test_one_pass_gives_all_facts_of_lock_step(isolated: Sandbox, code: str, plan: BacktestPlan) -> None:
    once = run_proved(isolated, code, plan, signals=True)
    stepped = isolated.run(code, plan, BARS, cancel=NEVER, signals=True)

    assert (once.certificate.verdict, once.certificate.method, once.certificate.fills_checked) == (Verdict.PROVED, Method.PROVED, True)
    assert "one pass" in once.certificate.checked
    for name in {field.name for field in fields(Outcome)} - OWN:
        one, other = getattr(once, name), getattr(stepped, name)
        assert np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
    assert {row: flags.tobytes() for row, flags in once.signals.items()} == {row: flags.tobytes() for row, flags in stepped.signals.items()}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (strategy(each="1 / 0"), OutcomeStatus.ERROR),
        (strategy(init="bt.ind.SMA(period=500)"), OutcomeStatus.ERROR),
        (strategy(each="import os\nos._exit(3)"), OutcomeStatus.GATE),
        (strategy(each="self.env.runstop()"), OutcomeStatus.OK),
    ],
)
def test_what_does_not_come_to_its_end_is_run_the_ordinary_way(isolated: Sandbox, code: str, status: OutcomeStatus) -> None:
    outcome = run_proved(isolated, code)

    assert (outcome.status, outcome.certificate.method) == (status, Method.LOCK_STEP)


def test_a_plan_that_names_a_method_gets_it(isolated: Sandbox) -> None:
    assert run_proved(isolated, HONEST, AUTO.changed(method=Method.LOCK_STEP)).certificate.verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    "deed", ["open('/etc/hostname')", "__import__('socket').socket()", "__import__('os').fork()", "__import__('os').listdir('/proc')"]
)
def test_the_barriers_stand_around_the_one_pass_too(isolated: Sandbox, deed: str) -> None:
    got_through = f"try:\n    {deed}\nexcept (OSError, ImportError):\n    self.buy(size=1)"
    code = strategy(each="if len(self) == 5:\n    " + got_through.replace("\n", "\n    "))

    outcome = run_proved(isolated, code)

    assert outcome.certificate.method is not Method.PROVED or outcome.orders.placed == 1


def test_whoever_watches_sees_the_account_of_the_outcome(isolated: Sandbox) -> None:
    seen: list[Progress] = []

    outcome = run_proved(isolated, HONEST, watch=seen.append)

    assert seen[-1].done == seen[-1].total == len(BARS)
    told = {bar: value for report in seen for bar, value in zip(report.bars, report.equity, strict=True)}
    assert all(outcome.equity[bar] == value for bar, value in told.items())


def test_a_cancelled_pass_is_cancelled(isolated: Sandbox) -> None:
    stop = threading.Event()
    stop.set()

    assert isolated.run_proved(ProvedProgram(HONEST), AUTO, BARS, cancel=stop).status is OutcomeStatus.CANCELLED


def assert_same_facts(one: Outcome, other: Outcome, names: set[str]) -> None:
    for name in names:
        ours, theirs = getattr(one, name), getattr(other, name)
        assert np.array_equal(ours, theirs) if isinstance(ours, np.ndarray) else ours == theirs, name


def test_programs_that_share_a_process_give_what_each_gives_alone(isolated: Sandbox) -> None:
    """The third has no end that counts in one pass, the last ends its process: both are run by themselves, and nobody else notices."""
    deaf = strategy(top="import random\nseen = []", each="seen.append(1)\nif random.random() < 0.1 and len(seen) == len(self): self.buy()")
    codes = [HONEST, deaf, strategy(each="1 / 0"), deaf, SIGNALS, strategy(each="import os\nos._exit(3)"), deaf]

    together = isolated.run_proved_all([ProvedProgram(code) for code in codes], AUTO, BARS, cancel=NEVER)

    for code, found in zip(codes, together, strict=True):
        alone = run_proved(isolated, code)
        assert found.status is alone.status
        assert_same_facts(found, alone, {field.name for field in fields(Outcome)} - OWN | {"certificate"})


def test_programs_that_share_a_process_are_cancelled_together(isolated: Sandbox) -> None:
    stop = threading.Event()
    stop.set()

    found = isolated.run_proved_all([ProvedProgram(HONEST), ProvedProgram(SIGNALS)], AUTO, BARS, cancel=stop)

    assert [(one.status, one.code_ran) for one in found] == [(OutcomeStatus.CANCELLED, HONEST), (OutcomeStatus.CANCELLED, SIGNALS)]


def test_closing_ends_a_pass_and_starts_nothing_anew(isolated: Sandbox) -> None:
    program, patient = ProvedProgram(strategy(each="while True: pass")), AUTO.changed(limits=Limits())

    with Sandbox(workers=2) as own, ThreadPoolExecutor(2) as pool:
        own.isolation()
        zygote = own._host.pid if isinstance(own._host, ZygoteHost) else 0
        assert until(lambda: descendants(zygote) == [])
        alone = pool.submit(own.run_proved, program, patient, BARS, cancel=NEVER)
        together = pool.submit(own.run_proved_all, [program] * 2, patient, BARS, cancel=NEVER)
        assert until(lambda: len(descendants(zygote)) == 2)
        own.close()
        raised = [running.exception(60) for running in (alone, together)]

        assert [type(error) for error in raised] == [SandboxUnavailableError] * 2
        assert own._host is None


def test_no_program_shares_a_process_where_the_plan_names_a_method(isolated: Sandbox) -> None:
    found = isolated.run_proved_all([ProvedProgram(HONEST)] * 2, AUTO.changed(method=Method.LOCK_STEP), BARS, cancel=NEVER)

    assert [one.certificate.verdict for one in found] == [Verdict.CLEAN] * 2


def test_every_starter_in_one_process_gives_what_it_gives_alone(isolated: Sandbox) -> None:
    workflows = [parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "data" / "workflows").glob("*.json"))]
    programs = [ProvedProgram(compile_workflow(workflow)) for workflow in workflows]

    together = isolated.run_proved_all(programs, AUTO, BARS, cancel=NEVER)

    assert sum(one.certificate.method is Method.PROVED for one in together) > 15
    for program, found in zip(programs, together, strict=True):
        assert_same_facts(found, run_proved(isolated, program.code), {field.name for field in fields(Outcome)} - OWN | {"certificate"})
