"""A proved program runs in one pass: the facts of lock-step under a certificate of its own, behind the same barriers."""

import threading
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Method, Outcome, OutcomeStatus, Progress, Verdict
from core.domain.proved_program import ProvedProgram
from core.sandbox import Sandbox
from tests.attacks.arena import HONEST, PLAN, sample_bars
from tests.attacks.payloads.making import strategy

AUTO = PLAN.changed(method=Method.AUTO)
BARS = sample_bars(400)
NEVER = threading.Event()
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
