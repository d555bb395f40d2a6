"""The rooms of the product put together, each made on first use. Verbs over them live in the other modules."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core import language
from core.domain.errors import InputError, StoreError
from core.services.act_log import ActLog
from core.services.bug_log import BugLog
from core.services.settings import Settings

if TYPE_CHECKING:
    from core.domain.run import Run
    from core.domain.workflow import Parameter
    from core.driving.fan_out import Evaluations
    from core.driving.local_step import Trial
    from core.driving.ports import Cancel, YieldSlot
    from core.driving.run_context import Ports
    from core.driving.run_worker import RunWorker
    from core.llm import Gateway
    from core.llm.keys import Keys
    from core.llm.spending_ledger import SpendingLedger
    from core.market import Market
    from core.sandbox import Sandbox
    from core.services.preferences import Preferences
    from core.store import Store

log = logging.getLogger(__name__)


def _tune(parameters: "Sequence[Parameter]", trials: "Sequence[Trial]", seed: int, loop: int) -> Mapping[str, float] | None:
    """The built-in optimizer, for the numbers of any program."""
    from core.llm import ParameterTrial, propose_values

    history = [ParameterTrial(values=dict(values), score=score) for values, score in trials]
    found: dict[str, float] | None = propose_values(parameters, history, seed=seed, loop=loop, feasible=lambda _: True)
    return found


def _compile_document(document: Mapping[str, Any], values: Mapping[str, float], facts: Mapping[str, Any]) -> str:
    """Compile a workflow document for the built-in model, which knows what its prompt tells of the run."""
    from core.domain.instrument import Instrument

    told = dict(facts)
    several = bool(told.pop("several", False))
    instrument = Instrument(symbol="traded", **told) if told else None
    return language.compile_workflow(language.parse(document), values, instrument=instrument, several=several)


class Rooms:
    """One object serves all threads of a process."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self.bugs = BugLog(self.settings.home)
        self.acts = ActLog(self.settings.home)
        self.never = threading.Event()
        """Is never set: for work that nobody cancels."""
        self.after_run: Callable[[Run], None] = lambda run: None
        """Told of each run that came to its end in the background."""

    @cached_property
    def store(self) -> "Store":
        """The history. Raises StoreError."""
        from core.store import Store

        return Store(self.settings.database, self.settings.home) if self.settings.database else Store.in_folder(self.settings.home)

    @cached_property
    def preferences(self) -> "Preferences":
        """The choices made on the screens."""
        from core.services.preferences import Preferences

        return Preferences(self.store, unisolated_by_environment=self.settings.allow_unisolated)

    @cached_property
    def market(self) -> "Market":
        """The bars."""
        from core.market import Market, make_ccxt_remote

        remotes = (make_ccxt_remote(self.settings.exchange),) if self.settings.exchange else ()
        return Market(self.settings.home, folders=self.settings.bars_folders, remotes=remotes)

    @cached_property
    def sandbox(self) -> "Sandbox":
        """The only place where code runs."""
        from core.sandbox import Sandbox

        return Sandbox(state=self.settings.home / "sandbox", allow_unisolated=self._allows_unisolated)

    def _allows_unisolated(self) -> bool:
        """Ask the history only where it matters: on a machine with isolation a backtest needs no database."""
        return self.preferences.allows_unisolated()

    @cached_property
    def keys(self) -> "Keys":
        """The providers' keys; never in the store."""
        from core.llm.keys import Keys

        return Keys()

    @cached_property
    def ledger(self) -> "SpendingLedger":
        """The book of spending with the user's caps over it."""
        from core.llm.spending_ledger import SpendingLedger

        return SpendingLedger(self.store.ledger, caps=self.preferences.read_caps)

    @cached_property
    def gateway(self) -> "Gateway":
        """The models."""
        from core.llm import BuiltInParts, Gateway, Quirks

        builtin = BuiltInParts(
            compile=_compile_document,
            parameters=lambda document: language.parameters(language.parse(document)),
        )
        quirks = Quirks(self.preferences.read_quirks(), self.preferences.add_quirk)
        return Gateway(keys=self.keys, ledger=self.ledger, builtin=builtin, prices=self.preferences.find_price, quirks=quirks)

    @cached_property
    def ports(self) -> "Ports":
        """The loop's neighbors."""
        from core.driving.run_context import Ports

        return Ports(model=self.gateway, sandbox=self.sandbox, market=self.market, history=self.store, tune=_tune)

    @property
    def evaluations(self) -> "Evaluations":
        """The place for many programs at once."""
        return self.ports.evaluations

    @cached_property
    def run_worker(self) -> "RunWorker":
        """The worker on runs in the background of this process."""
        from core.driving.run_worker import RunWorker

        return RunWorker(self.store, self._work, workers=self.settings.workers, bug=self._end_on_bug, after=self._tell_end)

    def make_session_ports(self) -> "Ports":
        """The loop's neighbors for a step of a session, which this process's worker holds."""
        return replace(self.ports, history=self.store.with_owner(self.run_worker.owner))

    def _work(self, run_id: str, cancel: "Cancel", yield_slot: "YieldSlot") -> "Run":
        from core.domain.run import RunKind
        from core.driving.drive import drive
        from core.driving.single_generation import generate
        from core.driving.sweep import sweep
        from core.store import Patience

        self.ledger.settle_abandoned(run_id)
        waiting = Patience(
            lambda error, _: error.trouble.curable and not cancel.is_set() and self.run_worker.note_trouble(run_id, str(error)),
            lambda: self.run_worker.note_trouble(run_id, ""),
        )
        ports = replace(self.ports, history=self.store.with_owner(self.run_worker.owner, waiting))
        run = self.store.read_run(run_id)
        if run.kind is RunKind.SESSION:  # its author carries it
            return run
        if run.kind is RunKind.GENERATE:
            return generate(run_id, ports, cancel=cancel)
        if run.kind is RunKind.SWEEP:
            return sweep(run_id, ports, cancel=cancel)
        return drive(run_id, ports, cancel=cancel, yield_slot=yield_slot)

    def _tell_end(self, run: "Run") -> None:
        self.after_run(run)

    def _end_on_bug(self, run_id: str, error: Exception) -> None:
        """An unexpected error ended a job: log it, and say so in the run, which can be resumed."""
        from core.driving.drive import fail_run

        number = self.bugs.record(error)
        said = InputError(f"Something unexpected happened; it is in the log as {number}.")
        try:
            fail_run(self.store.with_owner(self.run_worker.owner), run_id, said)
        except StoreError as problem:
            log.warning("run %s is left as it is: %s", run_id, problem)

    def close(self) -> None:
        """End what this process started."""
        for name in ("run_worker", "sandbox", "store"):
            if name in self.__dict__:
                getattr(self, name).close()
