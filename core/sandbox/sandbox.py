"""`Sandbox`: the one object through which the application runs untrusted code, and learns how well this machine can hold it."""

import contextlib
import functools
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.backtest.bar_source import list_day_hours
from core.domain.backtest import BacktestPlan, CodeFault, Method, Outcome, OutcomeStatus, Progress
from core.domain.bars import Bars
from core.domain.errors import SandboxUnavailableError
from core.domain.isolation import Isolation
from core.domain.plain_run import PlainRun
from core.domain.proved_program import ProvedProgram
from core.sandbox import client, outcomes
from core.sandbox.client import (
    AnswerOverdueError,
    Cancel,
    CancelledError,
    Host,
    ProgressRelay,
    SandboxRequest,
    WatcherError,
    build_unanswered_outcome,
    request_outcome,
    send_request,
)
from core.sandbox.frames import describe_bars
from core.sandbox.host_choice import choose_host, measure_isolation
from core.sandbox.inspected_code import InspectedCode
from core.sandbox.isolation_baseline import IsolationBaseline
from core.sandbox.lookahead_check import PrefixCheck, certify
from core.sandbox.usual_modules import needs_everything
from core.sandbox.waiting_passes import WaitingPasses, request_pass

PATIENCE = 4
"""Times the limits of a backtest that a whole program may take: stock Backtrader is slower."""
_OPT_IN_HINT = (
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
        self,
        *,
        state: Path | None = None,
        allow_unisolated: bool | Callable[[], bool] = False,
        workers: int | None = None,
    ) -> None:
        self._remembered = IsolationBaseline(state)
        self._allow_unisolated = allow_unisolated if callable(allow_unisolated) else lambda: bool(allow_unisolated)
        self._slots = threading.Semaphore(workers or os.cpu_count() or 1)
        self._lock, self._widening = threading.Lock(), threading.Lock()
        self._host: Host | None = None
        self._measured: Isolation | None = None
        self._wide: tuple[Host, Isolation] | None = None
        """Processes that have everything, once a program wanted more than most do."""
        self._closings = 0
        self._inspected = InspectedCode()
        self._waiting = WaitingPasses()

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
        request = self._build_request("run", code, plan, bars, signals, watch)
        asked = started = time.monotonic()
        _, level = self._find_host(code)
        try:
            with self._hold_slot(cancel):
                started = time.monotonic()
                relay = None if watch is None else ProgressRelay(watch)
                outcome = self._try_twice(request, bars, cancel, relay)
                if _may_want_more(outcome) and not needs_everything(code):
                    outcome = self._try_twice(request, bars, cancel, relay, everything=True)  # what counts is how it ends there
        except WatcherError as error:
            raise error.cause from None
        except CancelledError:
            outcome = build_unanswered_outcome(request, OutcomeStatus.CANCELLED, CodeFault(message="The run was cancelled."))
        return replace(outcome, isolation_level=level, wall_seconds=time.monotonic() - started, waited_seconds=started - asked)

    def _build_request(
        self, kind: str, code: str, plan: BacktestPlan, bars: Bars, signals: bool, watch: Callable[[Progress], None] | None
    ) -> dict[str, Any]:
        seconds = plan.limits.compute_wall_seconds(len(bars))
        lock_step = plan.method is not Method.FAST
        plan = plan.changed(limits=plan.limits.grow_with_bars(len(bars) * len(bars.instruments)))
        return {
            "kind": kind, "gate": self._gate, "inspection": self._inspected.find(code), "code": code,
            "plan": plan.model_dump(mode="json"), "timeframe": bars.timeframe.value,
            "count": len(bars), "lock_step": lock_step, "signals": signals, "watched": watch is not None, "stays": 0.0,
            "symbols": [one.instrument.symbol for one in bars.instruments] if bars.others else [],
            "hours": list_day_hours(bars), "seconds": seconds,
        }  # fmt: skip

    def run_proved(
        self,
        program: ProvedProgram,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
        owner: str | None = None,
    ) -> Outcome:
        """Facts of a program whose causality is proved beforehand: one pass over all bars, without repeats, in a process of the platform.

        The account is that of lock-step, to the last bit, and every fill is checked the same way. Where the plan names a method, where this
        machine has no isolation, and whenever the pass does not come to its end, it is the same as `run`.
        The process stays for the next proved program of the same `owner`, who need not have a name; None has each end at once.
        """
        closings = self._closings
        host, level = self._find_host(program.code)
        if plan.method is Method.AUTO and host is not None and host.one_pass and len(bars):
            request = self._build_request("proved", program.code, plan, bars, signals, watch)
            outcome = self._pass_once(host, level, request, bars, cancel, watch, owner)
            if outcome is not None:
                return outcome
            self._require_open(closings)
        return self.run(program.code, plan, bars, cancel=cancel, signals=signals, watch=watch)

    def run_proved_all(self, programs: Sequence[ProvedProgram], plan: BacktestPlan, bars: Bars, *, cancel: Cancel) -> tuple[Outcome, ...]:
        """Facts of several proved programs on the same bars: those of `run_proved` for each, in one process one after the other.

        What one pass cannot do, and what was left when that process ended, runs by itself; what a cancel left over is cancelled.
        """
        if not programs:
            return ()
        closings = self._closings
        host, level = self._find_host(programs[0].code)
        found: list[Outcome | None] = []
        if plan.method is Method.AUTO and host is not None and host.one_pass and len(bars):
            found = self._pass_all(host, level, programs, plan, bars, cancel)
            self._require_open(closings)
        found += [None] * (len(programs) - len(found))
        pairs = zip(programs, found, strict=True)
        return tuple(self.run_proved(program, plan, bars, cancel=cancel) if known is None else known for program, known in pairs)

    def _pass_all(
        self, host: Host, level: int, programs: Sequence[ProvedProgram], plan: BacktestPlan, bars: Bars, cancel: Cancel
    ) -> list[Outcome | None]:
        """Outcomes of one process, as many as it came to; the last ones are missing when that process ended early."""
        count, found = len(programs), list[Outcome | None]()
        request = self._build_request("proved", programs[0].code, plan, bars, False, None)
        seconds = request["seconds"] + client.GRACE_SECONDS
        asking = SandboxRequest({**request, "codes": [one.code for one in programs]}, {"bars": describe_bars(bars)}, bars, cancel, seconds)
        asked = time.monotonic()
        try:
            with self._hold_slot(cancel):
                waited, began = time.monotonic() - asked, time.monotonic()
                for outcome in client.request_outcomes(host, asking, count):
                    took, began = time.monotonic() - began, time.monotonic()
                    told = None if outcome is None else replace(outcome, isolation_level=level, wall_seconds=took, waited_seconds=waited)
                    found.append(told)
                    waited = 0.0
        except CancelledError:
            cancelled = build_unanswered_outcome(request, OutcomeStatus.CANCELLED, CodeFault(message="The run was cancelled."))
            found += [replace(cancelled, code_ran=one.code) for one in programs[len(found) :]]
        except (AnswerOverdueError, EOFError):
            return found
        return found

    def _pass_once(
        self,
        host: Host,
        level: int,
        request: dict[str, Any],
        bars: Bars,
        cancel: Cancel,
        watch: Callable[[Progress], None] | None,
        owner: str | None,
    ) -> Outcome | None:
        """The outcome of one pass; None when the program has to run the ordinary way. Raises what the watcher raises."""
        asked, relay = time.monotonic(), None if watch is None else ProgressRelay(watch)
        seconds = request["seconds"] + client.GRACE_SECONDS
        try:
            with self._hold_slot(cancel):
                started = time.monotonic()
                asking = SandboxRequest(request, {"bars": describe_bars(bars)}, bars, cancel, seconds, watch=relay)
                outcome = request_pass(host, asking, self._waiting, owner)
        except WatcherError as error:
            raise error.cause from None
        except (client.DeclinedError, AnswerOverdueError, EOFError):
            return None
        except CancelledError:
            outcome = build_unanswered_outcome(request, OutcomeStatus.CANCELLED, CodeFault(message="The run was cancelled."))
            started = time.monotonic()
        return replace(outcome, isolation_level=level, wall_seconds=time.monotonic() - started, waited_seconds=started - asked)

    def run_script(self, script: str, bars_csv: str, plan: BacktestPlan, *, bars: int, file: str = "program", cancel: Cancel) -> PlainRun:
        """Run a whole program on the text of its file of bars, with plain Backtrader and nothing of the platform.

        Stock Backtrader is slower than the platform's, so it gets `PATIENCE` times the time. Raises SandboxUnavailableError, and
        CancelledError when somebody asked to stop.
        """
        limits = plan.limits.changed(
            cpu_seconds=plan.limits.cpu_seconds * PATIENCE,
            memory_mb=plan.limits.memory_mb * 2,
            wall_seconds=plan.limits.wall_seconds * PATIENCE,
        )
        seconds = limits.compute_wall_seconds(bars)
        request = {
            "kind": "script", "script": script, "csv": bars_csv, "file": file, "lock_step": True,
            "plan": plan.changed(limits=limits).model_dump(mode="json"), "seconds": seconds,
        }  # fmt: skip
        host, level = self._find_wide_host()
        with self._hold_slot(cancel):
            try:
                answer = send_request(host, SandboxRequest(request, {}, None, cancel, seconds + client.GRACE_SECONDS))
            except AnswerOverdueError:
                return PlainRun(None, outcomes.build_timeout_fault(seconds), level)
            except EOFError:
                raise SandboxUnavailableError("The sandbox's process for this program ended.", hint="Try it again.") from None
        fault = answer["fault"]
        return PlainRun(answer["final"], None if fault is None else CodeFault.model_validate(fault), level)

    def isolation(self) -> Isolation:
        """Result of the self-test; measured once for each start of the sandbox's processes. Raises SandboxUnavailableError."""
        with self._lock:
            if self._host is not None and not self._host.alive:
                self._waiting.close()
                self._host.close()
                self._host = self._wide = None
            if self._host is None or self._measured is None:
                self._host, self._measured = self._choose()
            return self._measured

    def refusal(self) -> SandboxUnavailableError | None:
        """The reason why strategies would not run now; None when they would."""
        try:
            self._check_permitted()
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
            self._closings += 1  # before anything ends: whoever sees the end of a run looks at this
            self._waiting.close()
            if self._host is not None:
                self._host.close()
                self._host = self._measured = None
            self._wide = None

    def _choose(self) -> tuple[Host, Isolation]:
        return choose_host()

    def _check_permitted(self) -> Isolation:
        """Check that code may run in the processes that are alive now; before each run, so that no code runs where nobody has measured."""
        return self._permit(self.isolation())

    def _permit(self, found: Isolation) -> Isolation:
        self._remembered.check(found)
        if found.level == 0 and not self._allow_unisolated():
            raise SandboxUnavailableError(f"Strategies do not run here: {found.detail}", hint=_OPT_IN_HINT)
        return found

    def _find_host(self, code: str) -> tuple[Host | None, int]:
        """The processes for a program and their level, both checked; None when the sandbox was closed meanwhile."""
        if needs_everything(code):
            return self._find_wide_host()
        level = self._check_permitted().level
        return self._host, level

    def _find_wide_host(self) -> tuple[Host, int]:
        """The processes that have everything, and their level, which is measured by itself. Raises SandboxUnavailableError."""
        found, usual = self._check_permitted(), self._host
        if usual is None:
            raise SandboxUnavailableError("The sandbox was closed while a run was going on.")
        with self._widening:
            host = usual.widen()
            if host is not usual and (self._wide is None or self._wide[0] is not host):
                self._wide = host, measure_isolation(host)
            if self._wide is not None and self._wide[0] is host:
                found = self._wide[1]
        return host, self._permit(found).level

    def _require_open(self, closings: int) -> None:
        """Require that nobody closed the sandbox since: what a close ended is not started anew. Raises SandboxUnavailableError."""
        if self._closings != closings:
            raise SandboxUnavailableError("The sandbox was closed while a run was going on.")

    @contextlib.contextmanager
    def _hold_slot(self, cancel: Cancel) -> Iterator[None]:
        while not self._slots.acquire(timeout=client.POLL_SECONDS):
            if cancel.is_set():
                raise CancelledError
        try:
            yield
        finally:
            self._slots.release()

    def _try_twice(
        self, request: dict[str, Any], bars: Bars, cancel: Cancel, watch: ProgressRelay | None, *, everything: bool = False
    ) -> Outcome:
        closings = self._closings
        for _ in range(2):
            host, _ = self._find_wide_host() if everything else self._find_host(request["code"])
            if host is None or self._closings != closings:
                raise SandboxUnavailableError("The sandbox was closed while a run was going on.")
            seconds = request["seconds"] + client.GRACE_SECONDS
            remember = functools.partial(self._remember, request)
            sandbox_request = SandboxRequest(request, {"bars": describe_bars(bars)}, bars, cancel, seconds, watch=watch, remember=remember)
            try:
                outcome = self._run_once(host, sandbox_request)
                if outcome.status is not OutcomeStatus.SUPERVISOR_DIED:
                    return outcome
            except AnswerOverdueError:
                return build_unanswered_outcome(request, OutcomeStatus.TIMEOUT, outcomes.build_timeout_fault(request["seconds"]))
            except EOFError:
                self._require_open(closings)
        fault = CodeFault(message="The platform's own process for this run ended twice.", hint="Not the code's fault; try again.")
        return build_unanswered_outcome(request, OutcomeStatus.SUPERVISOR_DIED, fault)

    def _remember(self, request: dict[str, Any], report: dict[str, Any]) -> None:
        """Remember the gate's report, for a repeat of this run as well."""
        request["inspection"] = report
        self._inspected.keep(request["code"], report)

    def _run_once(self, host: Host, sandbox_request: SandboxRequest) -> Outcome:
        if sandbox_request.request["lock_step"]:
            return request_outcome(host, sandbox_request, lambda orders, latest: None)
        check = PrefixCheck(host, sandbox_request)
        try:
            outcome = request_outcome(host, sandbox_request, check.start)
            if not outcome.ok:
                return outcome
            return replace(outcome, certificate=certify(outcome.certificate, check.result()))
        finally:
            check.close()


_OF_ABSENCE = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "LookupError"})
"""Kinds of errors with which Python says that a module, a part of one, or an encoding is not there."""


def _may_want_more(outcome: Outcome) -> bool:
    """Check whether a program may have failed for want of something that its text does not name."""
    return outcome.status is OutcomeStatus.ERROR and outcome.error is not None and outcome.error.kind in _OF_ABSENCE
