"""Runs: begun, stopped, spoken to, resumed, exported. The work itself belongs to the run worker."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress

from core.domain.backtest import Verdict
from core.domain.bars import Bars
from core.domain.decision import Action, Decision, HalfAndHalf
from core.domain.errors import InputError, MarketDataError, StoreError
from core.domain.events import ErrorEvent, EventKind, RejectedEvent, SteeringCommand, SteeringEvent
from core.domain.history import UnreadableRowError
from core.domain.iteration import Iteration
from core.domain.people import Role
from core.domain.run import Objective, Run, RunKind, RunPlan, Status
from core.driving.choose_basket import choose_basket
from core.driving.confirm import RepeatResult, repeat_in_lock_step
from core.driving.confirm_winner import load_rankable_iterations
from core.driving.deposits import settle_deposits
from core.driving.export import Export, ExportProof, export_iteration, find_final
from core.driving.export_proof import prove_export
from core.driving.half_and_half import run_half_and_half
from core.driving.judge import gather_tries
from core.driving.run_context import load_split_bars, prepare_bars
from core.driving.select import find_best
from core.driving.steering import read_steering, validate_command, validate_text
from core.driving.verify import read_studies
from core.evidence import sharpe_error
from core.report.assessment import Assessment, assess
from core.report.leaderboard import RankedIteration, build_leaderboard
from core.services.permissions import find_person, needs
from core.services.rooms import Rooms
from core.services.run_rows import RunRows, judge_stored

MOST_RANGES = 300
"""Iterations of a run that get a range, the newest ones."""
MOST_PROOFS = 64
"""Proofs that a process remembers, so that the same program is run once."""


class Runs:
    """Verbs over runs, for the driving screen, the library and the terminal."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._proofs: dict[str, ExportProof] = {}

    @needs(Role.ANALYST)
    def start(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE) -> Run:
        """Check a plan, store it as a run and begin, or wait for a free worker. Nothing is stored when it raises.

        Raises WorkflowError, MarketDataError, StoreError, ProviderError for a model that cannot be asked, BudgetError for a budget that
        cannot be kept, and LimitError.
        """
        run = self._create(plan, kind)
        self._rooms.run_worker.submit(run.id)
        return run

    @needs(Role.ANALYST)
    def run_here(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE, watch: Callable[[Run], None] | None = None) -> Run:
        """Check a plan and carry it to its end in this thread; `watch` is told the run as soon as it exists."""
        run = self._create(plan, kind)
        if watch is not None:
            watch(run)
        return self._rooms.run_worker.run_here(run.id)

    def _create(self, plan: RunPlan, kind: RunKind) -> Run:
        limits, owner = self._rooms.limits, find_person().id
        limits.require_room(owner, new_runs=1)
        plan = self._check(plan, plan.budget_usd)
        plan = plan.changed(bars=self._rooms.market.pin_uploads(plan.bars))
        return self._rooms.store.create_run(plan, kind=kind, most_open=limits.find_most_open(owner))

    @needs(Role.ANALYST)
    def cancel(self, run_id: str) -> None:
        """Ask a run to stop, whichever process works on it."""
        self._rooms.store.require_own(run_id)
        self._rooms.run_worker.cancel(run_id)
        try:
            self._rooms.store.request_cancel(run_id)
        except StoreError:
            if self._rooms.run_worker.works_on(run_id):  # it stops here all the same, with its next look
                return
            raise
        run = self._rooms.store.read_run(run_id)
        if run.status.finished:  # nobody worked on it: calls of a dead worker hold no reserve any more
            self._rooms.make_ledger(run.owner).settle_abandoned(run_id)

    @needs(Role.ANALYST)
    def steer(self, run_id: str, command: SteeringCommand, text: str = "") -> None:
        """Say something to a run under way; it is read before the next loop. Raises InputError when the run is over or the text is off."""
        run = self._rooms.store.read_run(run_id)
        if run.status.finished:
            raise InputError(f"Run {run.id} is already {run.status.value}.", hint="`resume` lets it go on, with `--loops` and `--budget`.")
        said = validate_command(command, text, run.plan, read_steering(self._rooms.store.list_events(run.id, kind=EventKind.STEER)))
        self._rooms.store.add_event(run.id, SteeringEvent(command=command, text=said))

    @needs(Role.ANALYST)
    def resume(self, run_id: str, loops: int | None = None, budget_usd: float | None = None) -> Run:
        """Let a run go on in the background: an unfinished, failed or cancelled one, or one that ended by a rule of its plan.

        `loops` is the new number of loops in all, `budget_usd` the new cap for the whole run; None leaves either as it is. What ended
        the run does not end it at once again: patience and time count afresh, and a target must be reached by a new best. A pause is over.
        Raises InputError when it is being worked on or has done all of its loops, ProviderError and BudgetError as `start` does.
        """
        run = self._rooms.store.read_run(run_id)
        self._rooms.limits.require_room(run.owner, new_runs=int(run.status.finished))
        if run.kind is RunKind.SESSION:
            raise InputError(f"Run {run.id} is a session.", hint="Its author carries it; another session counts what this one tried.")
        said = read_steering(self._rooms.store.list_events(run.id, kind=EventKind.STEER))
        commands = [] if loops is None else [(SteeringCommand.LOOPS, validate_text(SteeringCommand.LOOPS, str(loops)))]
        commands += [] if budget_usd is None else [(SteeringCommand.BUDGET, validate_text(SteeringCommand.BUDGET, str(budget_usd)))]
        commands += [(SteeringCommand.GO_ON, "")] if said.paused else []
        if run.status is Status.COMPLETE and run.kind is RunKind.DRIVE:
            self._require_loops(run, self.count_loops(run) if loops is None else loops)
        cap = said.budget_usd if said.budget_given else run.plan.budget_usd
        self._require_models(run.plan, cap if budget_usd is None else budget_usd)
        steering = [SteeringEvent(command=command, text=text) for command, text in commands]
        run = self._rooms.store.reopen(run.id, steering, most_open=self._rooms.limits.find_most_open(run.owner))
        if not self._rooms.run_worker.submit(run.id):
            raise InputError(f"Run {run.id} is being worked on by another process.", hint="`show` tells how it stands.")
        return run

    def count_loops(self, run: Run) -> int:
        """Loops that a run is to make in all: as planned, or as last asked for."""
        asked = read_steering(self._rooms.store.list_events(run.id, kind=EventKind.STEER)).loops
        return run.plan.loops if asked is None else asked

    def _require_loops(self, run: Run, loops: int) -> None:
        done = max((iteration.loop for iteration in self._rooms.store.list_iterations(run.id)), default=0)
        if loops <= done:
            raise InputError(f"Run {run.id} has done {done} loops of {loops}.", hint="Give it more: `resume RUN --loops N`, N in all.")

    def _check(self, plan: RunPlan, budget_usd: float | None) -> RunPlan:
        """The plan as it can be carried out: of a basket, with the instruments that can be used."""
        self._require_models(plan, budget_usd)
        chosen = choose_basket(settle_deposits(plan), self._rooms.market)
        prepare_bars(chosen, self._rooms.market)
        return chosen

    def _require_models(self, plan: RunPlan, budget_usd: float | None) -> None:
        """Models that cannot be asked, for want of a provider or a key, or whose price nobody knows under a cap in money.

        Better to say so before anything is stored and backtested than after the first loop.
        """
        from core.llm import describe_model

        for choice in filter(None, (plan.model, plan.escalation)):
            info = describe_model(choice.id)
            priced = not info.unpriced or self._rooms.preferences.find_price(info.id) is not None
            self._rooms.ledger.require_price(info.id, priced=priced, run_id="new", run_cap_usd=budget_usd)
            self._rooms.gateway.require_route(choice.id, choice.api_base)

    def find_trouble(self, run: Run) -> str:
        """Find the words on why a run of this process waits, for example for room on the disk; empty when it does not."""
        return "" if run.status.finished else self._rooms.run_worker.find_trouble(run.id)

    def find_error(self, run: Run) -> ErrorEvent | None:
        """Find the error on which a run failed; None when it did not fail, or on no error that was kept."""
        event = self._rooms.store.find_last_event(run.id, EventKind.ERROR) if run.status is Status.FAILED else None
        return event.body if event is not None and isinstance(event.body, ErrorEvent) else None

    def assess(self, run_id: str, number: int | None = None) -> Assessment:
        """Assess an iteration of a run, the best one unless a number is given: luck, hold-out, findings, in numbers and sentences.

        Raises InputError for an unknown run or number, and UnreadableRowError for a number that cannot be read, unless it is the best.
        Bars that cannot be had any more, and a best iteration that cannot be read, leave out only what needs them.
        """
        return RunRows(self._rooms.store.read_run(run_id), self._rooms).assess(number)

    def rank(self, run_id: str) -> tuple[RankedIteration, ...]:
        """Rank a run's iterations, with the range of each score where the bars that they were measured on can be had. Raises InputError."""
        run = self._rooms.store.read_run(run_id)
        iterations = load_rankable_iterations(self._rooms.store, run.id)
        return build_leaderboard(run, iterations, self.assess(run.id), self._measure_errors(run, iterations))

    def _measure_errors(self, run: Run, iterations: Sequence[Iteration]) -> dict[int, float]:
        """Standard errors of the Sharpe ratios, by number; none where the bars or a curve cannot be had."""
        if run.plan.objective is not Objective.SHARPE or run.plan.bars.basket:
            return {}
        with suppress(MarketDataError, UnreadableRowError):
            bars = load_split_bars(run.plan.bars, run.plan.hold_out, self._rooms.market)[0]
            scored = [one for one in iterations if one.score is not None][-MOST_RANGES:]
            tries = gather_tries(run, (self._rooms.store.read_detail(run.id, one.number) for one in scored), bars)
            periods = bars.instrument.periods_per_year(bars.timeframe)
            found = {each.number: sharpe_error(each.returns, periods_per_year=periods) for each in tries}
            return {number: error for number, error in found.items() if error is not None}
        return {}

    def confirm(self, run_id: str, number: int | None = None) -> Iteration:
        """Make sure that an iteration, the best one unless a number is given, does not read the future: run it in lock-step if need be.

        What comes of it is kept with the iteration. Raises InputError when it reads the future or cannot be repeated to its end.
        """
        run = self._rooms.store.read_run(run_id)
        chosen = run.best if number is None else number
        if chosen is None:
            raise InputError(f"Run {run.id} has no best iteration.", hint="Name one with --iteration.")
        _, training, _ = prepare_bars(run.plan, self._rooms.market)
        self._confirm(run, chosen, training)
        return self._rooms.store.read_detail(run.id, chosen).iteration

    def _confirm(self, run: Run, number: int, training: Bars) -> None:
        """Confirm an iteration that awaits it. Raises InputError when that does not succeed."""
        store = self._rooms.history  # what is found out here is a fact, whoever asks
        iteration = store.read_detail(run.id, number).iteration
        certificate = iteration.certificate
        if certificate is None or certificate.confirmed or iteration.metrics is None:
            return
        if certificate.verdict is Verdict.LEAKED:
            raise InputError(f"Iteration {number} of run {run.id} reads the future: {certificate.checked}")
        repeat = repeat_in_lock_step(
            iteration.code,
            iteration.orders_hash,
            certificate,
            run.plan.backtest,
            training,
            sandbox=self._rooms.sandbox,
            cancel=self._rooms.never,
        )
        if repeat.result in (RepeatResult.SAME, RepeatResult.DIFFERENT):
            store.certify(run.id, number, repeat.certificate)
        if repeat.result is RepeatResult.DIFFERENT:
            store.add_event(run.id, RejectedEvent(number=number, reason=repeat.certificate.checked))
            self._replace_best(run, number)
            raise InputError(f"Iteration {number} of run {run.id} reads the future: {repeat.certificate.checked}")
        if repeat.result is not RepeatResult.SAME:
            raise InputError(
                f"Iteration {number} of run {run.id} is not confirmed: run again bar by bar it did not come to its end.",
                hint="Shorten the range of dates, or make the code faster: an unconfirmed version is not exported.",
            )

    def _replace_best(self, run: Run, number: int) -> None:
        """Take the place of the best from an iteration that turned out to read the future."""
        best = find_best(load_rankable_iterations(self._rooms.history, run.id))
        self._rooms.history.replace_best(run.id, number, best.number if best else None)

    def export(self, run_id: str, number: int | None = None, *, name: str = "") -> Export:
        """One iteration as a file that runs with plain Backtrader; the best one unless a number is given.

        It is run in a fresh process before it is handed out. Raises InputError, also when it does not come to the measured value there.
        """
        run = self._rooms.store.read_run(run_id)
        chosen = run.best if number is None else number
        if chosen is None:
            raise InputError(f"Run {run.id} has no scored iteration to export.", hint="Name one with --iteration.")
        return self._export(run, chosen, name)

    def export_recommended(self, run_id: str, *, name: str = "") -> tuple[Export, ...]:
        """The recommendation as one program, or as two with half the cash each. Raises InputError when nothing is."""
        run = self._rooms.store.read_run(run_id)
        _, training, _ = prepare_bars(run.plan, self._rooms.market)
        iterations = self._rooms.store.list_iterations(run.id)
        judged = judge_stored(run, iterations, training, self._rooms.store)
        decision = judged.decision if judged else None
        if decision is None:
            raise InputError(f"Nothing is recommended for run {run.id}.", hint="`verify RUN` says why; `export` takes an iteration.")
        if decision.action is not Action.HALF:
            return tuple(self._export(run, number, name) for number in decision.recommended)
        half = self._find_half(run, decision, iterations, training)
        parts = zip(half.iterations, half.finals, strict=True)
        return tuple(self._export(run, number, f"{name}_{number}" if name else "", half=final) for number, final in parts)

    def _find_half(self, run: Run, decision: Decision, iterations: Sequence[Iteration], training: Bars) -> HalfAndHalf:
        """Half and half as it was run at the end; of a run that was stopped before, run now. Raises InputError where half is too little."""
        if run.half is not None and run.half.iterations == decision.recommended:
            return run.half
        rooms = self._rooms
        half = run_half_and_half(run.plan, decision, tuple(iterations), training, sandbox=rooms.sandbox, cancel=rooms.never)
        if half is None:
            raise InputError(
                f"Half and half is recommended for run {run.id}, and one of the two programs does not come to its end with half the cash.",
                hint="Export them one by one with --iteration, or run with more cash.",
            )
        return half

    def _export(self, run: Run, number: int, name: str, half: float | None = None) -> Export:
        from core.gate import inspect_code

        _, training, _ = prepare_bars(run.plan, self._rooms.market)
        self._confirm(run, number, training)
        detail = self._rooms.store.read_detail(run.id, number)
        iterations = self._rooms.store.list_iterations(run.id)
        judged, studies = judge_stored(run, iterations, training, self._rooms.store), read_studies(self._rooms.store, run)
        assessment = assess(run, iterations, detail, training, selection=judged, studies=studies)
        code = inspect_code(detail.iteration.code).code
        draft = export_iteration(run, detail, code, training, assessment, half=half)
        proof = self._prove(run, draft, find_final(detail, half), training)
        return export_iteration(run, detail, code, training, assessment, name=name, half=half, proof=proof)

    def _prove(self, run: Run, draft: Export, measured: float, training: Bars) -> ExportProof:
        """Prove that a program comes to the measured value; once for each program and bars. Raises InputError when it does not."""
        key = hashlib.sha256(f"{training.hash}\n{draft.code}".encode()).hexdigest()
        if key not in self._proofs:
            bars = len(training) * max(training.members, 1)
            runner, never, currency = self._rooms.sandbox, self._rooms.never, training.instrument.currency
            proof = prove_export(draft, measured, run.plan.backtest, bars=bars, currency=currency, runner=runner, cancel=never)
            while len(self._proofs) >= MOST_PROOFS:
                self._proofs.pop(next(iter(self._proofs)), None)
            self._proofs[key] = proof
        return self._proofs[key]
