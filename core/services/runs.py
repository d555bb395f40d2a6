"""Runs: begun, stopped, spoken to, resumed, exported. The work itself belongs to the supervisor."""

from collections.abc import Callable

from core.domain.errors import InputError
from core.domain.run import Run, RunKind, RunPlan, Status
from core.driving.course import prepare
from core.driving.export import Export, export_iteration
from core.driving.steering import KIND, Wish, admitted, steering
from core.services.assembly import Assembly


class Runs(Assembly):
    """What the driving screen, the library and their verbs ask for."""

    def start(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE) -> Run:
        """Check a plan, store it as a run and begin, or wait for a free worker. Nothing is stored when it raises.

        Raises WorkflowError, MarketDataError and StoreError.
        """
        prepare(plan, self.market)
        run = self.store.create_run(plan, kind=kind)
        self.supervisor.submit(run.id)
        return run

    def run_here(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE, watch: Callable[[Run], None] | None = None) -> Run:
        """Check a plan and carry it to its end in this thread; `watch` is told the run as soon as it exists."""
        prepare(plan, self.market)
        run = self.store.create_run(plan, kind=kind)
        if watch is not None:
            watch(run)
        return self.supervisor.here(run.id)

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop, whichever process works on it."""
        self.store.request_cancel(run_id)
        self.supervisor.cancel(run_id)

    def steer(self, run_id: str, wish: Wish, text: str = "") -> None:
        """Say something to a run under way; it is heard before the next loop. Raises InputError when the run is over or the text is off."""
        run = self.store.run(run_id)
        if run.status.finished:
            raise InputError(f"Run {run.id} is already {run.status.value}.")
        said = admitted(wish, text, run.plan, steering(self.store.events(run.id, kind=KIND)))
        self.store.event(run.id, KIND, {"wish": wish.value, "text": said})

    def resume(self, run_id: str) -> Run:
        """Let an unfinished, failed or cancelled run go on in the background. Raises InputError when it is complete or being worked on."""
        run = self.store.reopen(self.store.run(run_id).id)
        if not self.supervisor.submit(run.id):
            raise InputError(f"Run {run.id} is being worked on by another process.", hint="`show` tells how it stands.")
        return run

    def provider_error(self, run: Run) -> dict[str, object] | None:
        """Why a failed run ended: class, message, hint and action; None when it did not fail."""
        event = self.store.last_event(run.id, "error") if run.status is Status.FAILED else None
        return None if event is None else event.data

    def export(self, run_id: str, number: int | None = None, *, name: str = "") -> Export:
        """One iteration as a file that runs with plain Backtrader; the best one unless a number is given. Raises InputError."""
        run = self.store.run(run_id)
        chosen = run.best if number is None else number
        if chosen is None:
            raise InputError(f"Run {run.id} has no scored iteration to export.", hint="Name one with --iteration.")
        from core.sandbox.gate import inspect

        detail = self.store.detail(run.id, chosen)
        _, training, _ = prepare(run.plan, self.market)
        return export_iteration(run, detail, inspect(detail.iteration.code).code, training, name=name)
