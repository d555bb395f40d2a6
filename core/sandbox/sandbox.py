"""`Sandbox`: the one object through which the application runs untrusted code, and learns how well this machine can hold it."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.domain.backtest import BacktestPlan, CodeFault, Isolation, Method, Outcome, OutcomeStatus, Progress
from core.domain.bars import Bars
from core.domain.errors import SandboxUnavailableError
from core.sandbox import client, figures, lockdown, selftest
from core.sandbox.client import (
    Cancel,
    CancelledError,
    Errand,
    Host,
    OverdueError,
    Watch,
    WatcherError,
    ask,
    ask_for_outcome,
    without_figures,
)
from core.sandbox.foresight import PrefixCheck, certified
from core.sandbox.frames import describe
from core.sandbox.remembered import RememberedLevel

LOCK_STEP_BARS = 20_000
"""Up to this many bars lock-step adds less than about a second, and is used unless the plan says otherwise."""
FORCED_LEVEL = "STRATLOOP_SANDBOX_LEVEL"
"""Environment variable; `0` makes this machine behave like one without isolation."""
_SELF_TEST_SECONDS = 30.0
_OPT_IN = (
    "Allow strategies to run unisolated on this machine in the settings, or use Linux (5.13 or newer), where isolation needs no set-up."
)


class Sandbox:
    """Runs untrusted strategies. One for the whole application; safe with several threads; starts its processes on first use.

    `state` is the folder in which the highest level seen on this machine is remembered (None: not remembered), `workers` the
    number of strategies that run at once. Unless `allow_unisolated`, a machine without isolation runs nothing; it may be a question
    that is asked anew before each run.
    """

    _gate = True
    """False only where the barriers behind the gate are tested."""

    def __init__(
        self, *, state: Path | None = None, allow_unisolated: bool | Callable[[], bool] = False, workers: int | None = None
    ) -> None:
        self._remembered = RememberedLevel(state)
        self._allow_unisolated = allow_unisolated if callable(allow_unisolated) else lambda: bool(allow_unisolated)
        self._slots = threading.Semaphore(workers or os.cpu_count() or 1)
        self._lock = threading.Lock()
        self._host: Host | None = None
        self._measured: Isolation | None = None
        self._closings = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

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
        """Facts of the run: what the platform's own broker made of the strategy's orders.

        `watch` gets the account's value bar by bar while the run goes on, a few times a second, in this thread; what it raises ends the
        run and is raised here. Its values are the outcome's, provided that there is one.
        Everything that code can do wrong is an outcome. Raises SandboxUnavailableError when isolation is not what it should be.
        """
        lock_step = plan.method is Method.LOCK_STEP or (plan.method is Method.AUTO and len(bars) <= LOCK_STEP_BARS)
        request = {
            "kind": "run", "gate": self._gate, "code": code, "plan": plan.model_dump(mode="json"), "timeframe": bars.timeframe.value,
            "count": len(bars), "lock_step": lock_step, "signals": signals, "watched": watch is not None,
        }  # fmt: skip
        asked = started = time.monotonic()
        level = self._permitted().level
        try:
            with self._slot(cancel):
                started = time.monotonic()
                outcome = self._tried_twice(request, plan, bars, cancel, None if watch is None else Watch(watch))
        except WatcherError as error:
            raise error.cause from None
        except CancelledError:
            outcome = without_figures(request, OutcomeStatus.CANCELLED, CodeFault(message="The run was cancelled."))
        return replace(outcome, isolation_level=level, wall_seconds=time.monotonic() - started, waited_seconds=started - asked)

    def isolation(self) -> Isolation:
        """What the self-test found; measured once for each start of the sandbox's processes. Raises SandboxUnavailableError."""
        with self._lock:
            if self._host is not None and not self._host.alive:
                self._host.close()
                self._host = None
            if self._host is None or self._measured is None:
                self._host, self._measured = self._choose()
            return self._measured

    def refusal(self) -> SandboxUnavailableError | None:
        """Why strategies would not run now; None when they would."""
        try:
            self._permitted()
        except SandboxUnavailableError as error:
            return error
        return None

    def accept_level(self) -> Isolation:
        """Take the level that is there now as the one to expect: for the operator, who knows why it dropped."""
        found = self.isolation()
        self._remembered.accept(found)
        return found

    def close(self) -> None:
        """End every process of the sandbox; it starts again on the next use."""
        with self._lock:
            if self._host is not None:
                self._host.close()
                self._host = self._measured = None
            self._closings += 1

    def _choose(self) -> tuple[Host, Isolation]:
        return chosen_host()

    def _permitted(self) -> Isolation:
        """What holds for the processes that are alive now; asked before each run, so that no code runs where nobody has measured."""
        found = self.isolation()
        self._remembered.check(found)
        if found.level == 0 and not self._allow_unisolated():
            raise SandboxUnavailableError(f"Strategies do not run here: {found.detail}", hint=_OPT_IN)
        return found

    @contextlib.contextmanager
    def _slot(self, cancel: Cancel) -> Iterator[None]:
        while not self._slots.acquire(timeout=client.POLL_SECONDS):
            if cancel.is_set():
                raise CancelledError
        try:
            yield
        finally:
            self._slots.release()

    def _tried_twice(self, request: dict[str, Any], plan: BacktestPlan, bars: Bars, cancel: Cancel, watch: Watch | None) -> Outcome:
        closings = self._closings
        for _ in range(2):
            self._permitted()
            host = self._host
            if host is None or self._closings != closings:
                raise SandboxUnavailableError("The sandbox was closed while a run was going on.")
            seconds = plan.limits.wall_seconds + client.GRACE_SECONDS
            try:
                return self._once(host, Errand(request, {"bars": describe(bars)}, bars, cancel, seconds, watch=watch))
            except OverdueError:
                return without_figures(request, OutcomeStatus.TIMEOUT, figures.overdue(plan.limits.wall_seconds))
            except EOFError:
                if self._closings != closings:
                    raise SandboxUnavailableError("The sandbox was closed while a run was going on.") from None
        fault = CodeFault(message="The platform's own process for this run ended twice.", hint="Not the code's fault; try again.")
        return without_figures(request, OutcomeStatus.SUPERVISOR_DIED, fault)

    def _once(self, host: Host, errand: Errand) -> Outcome:
        if errand.request["lock_step"]:
            return ask_for_outcome(host, errand, lambda orders, latest: None)
        check = PrefixCheck(host, errand, self._slots)
        try:
            outcome = ask_for_outcome(host, errand, check.start)
            if not outcome.ok:
                return outcome
            return replace(outcome, certificate=certified(outcome.certificate, check.result()))
        finally:
            check.close()


def chosen_host() -> tuple[Host, Isolation]:
    """The best host of this machine and what its self-test found. Raises SandboxUnavailableError."""
    forced = os.environ.get(FORCED_LEVEL) == "0"
    if forced or not lockdown.machine():
        return _spawned(kernel=not forced), selftest.unmeasured()
    from core.sandbox.host import ZygoteHost

    zygote = ZygoteHost()
    try:
        found = measured(zygote)
    except SandboxUnavailableError:
        zygote.close()
        raise
    if found.level > 0:
        return zygote, found
    zygote.close()
    return _spawned(kernel=True), found


def measured(host: Host) -> Isolation:
    """The self-test's result. Raises SandboxUnavailableError when it cannot be had: what is unknown is not promised."""
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        plan = BacktestPlan().model_dump(mode="json")
        request = {"kind": "probe", "plan": plan, "port": listener.getsockname()[1], "lock_step": True}
        try:
            answer = ask(host, Errand(request, {}, None, threading.Event(), _SELF_TEST_SECONDS))
        except (OverdueError, EOFError):
            raise SandboxUnavailableError("The sandbox's self-test did not finish, so its isolation is unknown.") from None
    if answer["opened"] is None:
        raise SandboxUnavailableError("The sandbox's self-test failed, so its isolation is unknown.", hint=answer["log"].strip()[:300])
    return selftest.isolation(answer["opened"], time.monotonic() - started)


def _spawned(*, kernel: bool) -> Host:
    from core.sandbox.spawned import SpawnedHost

    return SpawnedHost(kernel=kernel)
