"""A process stays for its owner's next proved program: within the same barriers, for nobody else, and never after anything went wrong."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from core.domain.backtest import BacktestPlan, Method, Outcome
from core.domain.bars import Bars
from core.domain.proved_program import ProvedProgram
from core.sandbox import OwnersSandbox, Sandbox
from core.sandbox.frames import describe_bars, encode_bars
from core.sandbox.host import ZygoteHost
from core.sandbox.proved_pass import MOST_PROGRAMS, ProvedProcess
from core.sandbox.waiting_passes import MOST
from tests.attacks.arena import HONEST, PLAN, alive, descendants, sample_bars, until
from tests.attacks.payloads.making import strategy
from tests.sandbox.test_sandbox_proved import SIGNALS, assert_same_facts

AUTO = PLAN.changed(method=Method.AUTO)
BARS = sample_bars(200)
NEVER = threading.Event()
RICH, POOR = AUTO.changed(cash=1_000_000.0), AUTO.changed(cash=150.0)
REMEMBERS = strategy(top="import backtrader\nseen = getattr(backtrader, 'left', 0)", each="if seen and len(self) == 5: self.buy(size=1)")
LEAVES = strategy(top="import backtrader\nbacktrader.left = 1", each="pass")


@pytest.fixture(scope="module")
def fresh(isolated: Sandbox) -> Iterator[Sandbox]:
    with Sandbox(workers=2) as sandbox:
        yield sandbox


@pytest.fixture
def own(fresh: Sandbox) -> Sandbox:
    """A sandbox of this file's own, in which nothing waits."""
    fresh.isolation()
    fresh._waiting.close()
    assert until(lambda: descendants(zygote_of(fresh)) == [])
    return fresh


def zygote_of(sandbox: Sandbox) -> int:
    assert isinstance(sandbox._host, ZygoteHost)
    return sandbox._host.pid


def run(sandbox: Sandbox, owner: str, code: str = HONEST, plan: BacktestPlan = AUTO, bars: Bars = BARS, **more: Any) -> Outcome:
    return OwnersSandbox(sandbox, owner).run_proved(ProvedProgram(code), plan, bars, cancel=more.pop("cancel", NEVER), **more)


def waiting(sandbox: Sandbox) -> list[int]:
    """Processes below the zygote, once as many are there as connections are kept."""
    assert until(lambda: len(descendants(zygote_of(sandbox))) == len(sandbox._waiting._waiting))
    return descendants(zygote_of(sandbox))


def test_a_second_program_of_the_same_owner_runs_in_the_same_process_and_gives_what_it_gives_in_its_own(own: Sandbox) -> None:
    first = run(own, "ada")
    before = waiting(own)
    for code, plan, more in ((SIGNALS, AUTO, {"signals": True}), (HONEST, RICH, {}), (SIGNALS, POOR, {}), (HONEST, AUTO, {})):
        found = run(own, "ada", code, plan, **more)
        alone = own.run_proved(ProvedProgram(code), plan, BARS, cancel=NEVER, **more)
        assert_same_facts(found, alone, {field.name for field in fields(Outcome)} - {"wall_seconds", "waited_seconds", "signals"})
        assert {row: flags.tobytes() for row, flags in found.signals.items()} == {
            row: flags.tobytes() for row, flags in alone.signals.items()
        }
    assert_same_facts(first, found, {"equity", "fills", "orders_hash", "certificate"})
    assert len(before) == 1
    assert waiting(own) == before


def test_without_an_owner_no_process_stays(own: Sandbox) -> None:
    assert own.run_proved(ProvedProgram(HONEST), AUTO, BARS, cancel=NEVER).ok
    assert OwnersSandbox(own, "ada").run(HONEST, AUTO, BARS, cancel=NEVER).ok
    assert waiting(own) == []


def test_a_process_is_shared_by_no_two_owners_nor_bars_nor_limits(own: Sandbox) -> None:
    """What a program left behind in the engine's own module, could the compiler write such a thing, is seen by its owner alone."""
    smaller = AUTO.changed(limits=AUTO.limits.changed(memory_mb=AUTO.limits.memory_mb // 2))
    assert run(own, "ada", LEAVES).orders.placed == 0
    assert run(own, "ada", REMEMBERS).orders.placed == 1
    assert run(own, "bob", REMEMBERS).orders.placed == 0
    assert run(own, "ada", REMEMBERS, bars=sample_bars(201)).orders.placed == 0
    assert run(own, "ada", REMEMBERS, plan=smaller).orders.placed == 0
    assert len(waiting(own)) == 4


def test_code_that_is_not_proved_never_joins_a_process_that_waits(own: Sandbox) -> None:
    run(own, "ada", LEAVES)
    before = waiting(own)

    unproved = OwnersSandbox(own, "ada").run(REMEMBERS, AUTO, BARS, cancel=NEVER)

    assert (unproved.certificate.method, unproved.orders.placed) == (Method.LOCK_STEP, 0)
    assert waiting(own) == before


@pytest.mark.parametrize("code", [strategy(each="1 / 0"), strategy(each="import os\nos._exit(3)"), strategy(each="self.env.runstop()")])
def test_a_process_in_which_a_program_did_not_come_to_its_end_is_not_used_again(own: Sandbox, code: str) -> None:
    run(own, "ada")
    (before,) = waiting(own)

    failed = run(own, "ada", code)

    assert failed.certificate.method is Method.LOCK_STEP
    assert until(lambda: not alive(before))
    assert waiting(own) == []
    assert run(own, "ada").certificate.method is Method.PROVED


def test_a_cancel_ends_the_process_that_was_used_again(own: Sandbox) -> None:
    run(own, "ada")
    (before,) = waiting(own)
    stop = threading.Event()
    caller = threading.Thread(target=run, args=(own, "ada", strategy(each="while True: pass")), kwargs={"cancel": stop})
    caller.start()
    assert until(lambda: own._waiting._waiting == [])

    stop.set()
    caller.join(300)

    assert until(lambda: not alive(before))
    assert waiting(own) == []


def test_a_process_that_was_killed_is_replaced_and_nobody_sees_it(own: Sandbox) -> None:
    expected = run(own, "ada")
    (before,) = waiting(own)
    os.kill(before, signal.SIGKILL)

    found = run(own, "ada")

    assert_same_facts(found, expected, {"status", "equity", "certificate"})
    assert waiting(own) not in ([], [before])


def test_a_process_that_dies_while_it_is_used_again_is_replaced_by_a_new_one(own: Sandbox) -> None:
    """The first attempt ends in the process that waited, the second comes to its end in a new one: nothing of the first is there."""
    dies_once = strategy(top="import backtrader\nif getattr(backtrader, 'left', 0):\n    import os\n    os._exit(3)", each="pass")
    run(own, "ada", LEAVES)

    assert run(own, "ada", dies_once).certificate.method is Method.PROVED


def test_what_waits_ends_with_the_sandbox_and_with_the_zygote(own: Sandbox) -> None:
    run(own, "ada")
    (first,) = waiting(own)
    os.kill(zygote_of(own), signal.SIGKILL)
    assert until(lambda: not alive(first))
    assert run(own, "ada").certificate.method is Method.PROVED
    (second,) = waiting(own)
    own.close()
    assert until(lambda: not alive(second))
    assert own._waiting._waiting == []


def test_no_more_processes_wait_than_may(own: Sandbox) -> None:
    for number in range(MOST + 2):
        run(own, f"owner {number}")
    assert len(waiting(own)) == MOST


def test_a_process_that_nobody_asks_for_ends_by_itself_and_the_next_program_has_a_new_one(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own._waiting, "seconds", 0.01)
    run(own, "ada")
    assert until(lambda: descendants(zygote_of(own)) == [])

    assert run(own, "ada").certificate.method is Method.PROVED


@pytest.mark.parametrize("use", ["self.held = bytearray(90 << 20)", "while time.process_time() < 1.2: pass"])
def test_a_process_that_grew_or_used_much_of_its_time_does_not_stay(own: Sandbox, use: str) -> None:
    plan = AUTO.changed(limits=AUTO.limits.changed(cpu_seconds=2, wall_seconds=60))

    found = run(own, "ada", strategy(top="import time", each=f"if len(self) == 5:\n    {use}"), plan)

    assert found.certificate.method is Method.PROVED
    assert until(lambda: descendants(zygote_of(own)) == [])


def test_a_process_ends_after_so_many_programs(isolated: Sandbox) -> None:
    process, request = make_process()
    for _ in range(MOST_PROGRAMS):
        process.serve(request, described())
        stays = process.may_stay
    assert not stays


def test_a_process_serves_no_request_with_other_limits(isolated: Sandbox) -> None:
    more = AUTO.changed(limits=AUTO.limits.changed(cpu_seconds=AUTO.limits.cpu_seconds + 1))
    process, request = make_process()
    process.serve(request, described())
    assert process.may_stay
    with pytest.raises(ValueError, match="limits"):
        process.serve({**request, "plan": more.model_dump(mode="json")}, described())


def make_process() -> tuple[ProvedProcess, dict[str, Any]]:
    """What runs in such a process, without its barriers, and a request."""
    request = {"plan": AUTO.model_dump(mode="json"), "code": HONEST, "watched": False, "signals": False, "seconds": 20.0}
    return ProvedProcess(memoryview(encode_bars(BARS)), lambda data: None, lambda plan, programs: None), request


def described() -> dict[str, Any]:
    return {"bars": describe_bars(BARS)}
