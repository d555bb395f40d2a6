"""Runs: begun, stopped, spoken to, resumed, exported. The work itself belongs to the supervisor."""

from collections.abc import Callable

from core.domain.errors import InputError
from core.domain.run import Run, RunKind, RunPlan, Status
from core.driving.course import prepare
from core.driving.export import Export, export_iteration
from core.driving.steering import KIND, Wish, admitted, checked, steering
from core.services.assembly import Assembly


class Runs(Assembly):
    """What the driving screen, the library and their verbs ask for."""

    def start(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE) -> Run:
        """Check a plan, store it as a run and begin, or wait for a free worker. Nothing is stored when it raises.

        Raises WorkflowError, MarketDataError, StoreError, and BudgetError for a budget that cannot be kept.
        """
        self._check(plan, plan.budget_usd)
        run = self.store.create_run(plan, kind=kind)
        self.supervisor.submit(run.id)
        return run

    def run_here(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE, watch: Callable[[Run], None] | None = None) -> Run:
        """Check a plan and carry it to its end in this thread; `watch` is told the run as soon as it exists."""
        self._check(plan, plan.budget_usd)
        run = self.store.create_run(plan, kind=kind)
        if watch is not None:
            watch(run)
        return self.supervisor.here(run.id)

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop, whichever process works on it."""
        self.store.request_cancel(run_id)
        self.supervisor.cancel(run_id)
        if self.store.run(run_id).status.finished:  # nobody worked on it: calls of a dead worker hold no reserve any more
            self.ledger.settle_abandoned(run_id)

    def steer(self, run_id: str, wish: Wish, text: str = "") -> None:
        """Say something to a run under way; it is heard before the next loop. Raises InputError when the run is over or the text is off."""
        run = self.store.run(run_id)
        if run.status.finished:
            raise InputError(f"Run {run.id} is already {run.status.value}.", hint="`resume` lets it go on, with `--loops` and `--budget`.")
        said = admitted(wish, text, run.plan, steering(self.store.events(run.id, kind=KIND)))
        self.store.event(run.id, KIND, {"wish": wish.value, "text": said})

    def resume(self, run_id: str, loops: int | None = None, budget_usd: float | None = None) -> Run:
        """Let a run go on in the background: an unfinished, failed or cancelled one, or one that ended by a rule of its plan.

        `loops` is the new number of loops in all, `budget_usd` the new cap for the whole run; None leaves either as it is. What ended
        the run does not end it at once again: patience and time count afresh, and a target must be reached by a new best. A pause is over.
        Raises InputError when it is being worked on or has done all of its loops, and BudgetError as `start` does.
        """
        run = self.store.run(run_id)
        said = steering(self.store.events(run.id, kind=KIND))
        wishes = [] if loops is None else [(Wish.LOOPS, checked(Wish.LOOPS, str(loops)))]
        wishes += [] if budget_usd is None else [(Wish.BUDGET, checked(Wish.BUDGET, str(budget_usd)))]
        wishes += [(Wish.GO_ON, "")] if said.paused else []
        if run.status is Status.COMPLETE and run.kind is RunKind.DRIVE:
            self._require_loops(run, self.loops_of(run) if loops is None else loops)
        cap = said.budget_usd if said.budget_given else run.plan.budget_usd
        self._require_prices(run.plan, cap if budget_usd is None else budget_usd)
        run = self.store.reopen(run.id, [(KIND, {"wish": wish.value, "text": text}) for wish, text in wishes])
        if not self.supervisor.submit(run.id):
            raise InputError(f"Run {run.id} is being worked on by another process.", hint="`show` tells how it stands.")
        return run

    def loops_of(self, run: Run) -> int:
        """Loops that a run is to make in all: as planned, or as last asked for."""
        asked = steering(self.store.events(run.id, kind=KIND)).loops
        return run.plan.loops if asked is None else asked

    def _require_loops(self, run: Run, loops: int) -> None:
        done = max((iteration.loop for iteration in self.store.iterations(run.id)), default=0)
        if loops <= done:
            raise InputError(f"Run {run.id} has done {done} loops of {loops}.", hint="Give it more: `resume RUN --loops N`, N in all.")

    def _check(self, plan: RunPlan, budget_usd: float | None) -> None:
        self._require_prices(plan, budget_usd)
        prepare(plan, self.market)

    def _require_prices(self, plan: RunPlan, budget_usd: float | None) -> None:
        """A cap in money cannot be kept over a model whose price nobody knows; better to say so before than after the first loop."""
        from core.llm import describe

        for choice in filter(None, (plan.model, plan.escalation)):
            info = describe(choice.id)
            priced = not info.unpriced or self.own_price(info.id) is not None
            self.ledger.require_price(info.id, priced=priced, run_id="new", run_cap_usd=budget_usd)

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
