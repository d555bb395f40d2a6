"""The rooms of the product put together, each made on first use. Verbs over them live in the other modules."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import language
from core.domain.errors import InputError, StoreError
from core.domain.people import LOCAL, act_for
from core.services.act_log import ActLog
from core.services.bug_log import BugLog
from core.services.made_once import MadeOnce
from core.services.permissions import find_person
from core.services.settings import Settings

if TYPE_CHECKING:
    from core.cluster import Cluster
    from core.domain.run import Run
    from core.domain.workflow import Parameter
    from core.driving.fan_out import Evaluations
    from core.driving.local_step import Trial
    from core.driving.ports import Cancel, YieldSlot
    from core.driving.ports import Sandbox as CodeSandbox
    from core.driving.run_context import Ports
    from core.driving.run_worker import RunWorker
    from core.llm import Gateway, Quirks
    from core.llm.keys import Keys
    from core.llm.spending_ledger import SpendingLedger
    from core.market import Market
    from core.sandbox import Sandbox
    from core.services.limits import LimitBook
    from core.services.person_keys import KeyRing, PersonKeys
    from core.services.preferences import Preferences
    from core.store import Store

UPLOADS = "uploads"
"""Folder in the home for uploaded files of bars; each person's are in one of their own below it."""

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
        self._markets: dict[str, Market] = {}
        self._lock = threading.Lock()
        self.after_run: Callable[[Run], None] = lambda run: None
        """Told of each run that came to its end in the background."""

    @MadeOnce
    def history(self) -> "Store":
        """The whole history, for what no person in front of a screen asks for. Raises StoreError."""
        from core.store import Store

        return Store(self.settings.database, self.settings.home) if self.settings.database else Store.in_folder(self.settings.home)

    @property
    def store(self) -> "Store":
        """The history as the person may use it for whom this thread works. Raises StoreError."""
        person = find_person()
        return self.history if person == LOCAL else self.history.for_person(person)

    @MadeOnce
    def preferences(self) -> "Preferences":
        """The choices made on the screens."""
        from core.services.preferences import Preferences

        return Preferences(self.history, unisolated_by_environment=self.settings.allow_unisolated)

    @MadeOnce
    def _market(self) -> "Market":
        from core.market import Market, make_ccxt_remote

        remotes = (make_ccxt_remote(self.settings.exchange),) if self.settings.exchange else ()
        return Market(self.settings.home, folders=self.settings.bars_folders, remotes=remotes)

    @property
    def market(self) -> "Market":
        """The bars, with the uploads of the person for whom this thread works."""
        return self.make_market(find_person().id)

    def make_market(self, owner: str) -> "Market":
        """The bars, with the uploads of one person before those of nobody."""
        if not owner:
            return self._market
        with self._lock:
            if owner not in self._markets:
                self._markets[owner] = self._market.with_uploads(self.find_uploads(owner))
            return self._markets[owner]

    def find_uploads(self, owner: str) -> Path:
        """The folder of one person's uploads."""
        return self.settings.home / UPLOADS / owner if owner else self.settings.home / UPLOADS

    @MadeOnce
    def sandbox(self) -> "Sandbox":
        """The only place where code runs."""
        from core.sandbox import Sandbox

        return Sandbox(state=self.settings.home / "sandbox", allow_unisolated=self._allows_unisolated)

    def _allows_unisolated(self) -> bool:
        """Ask the history only where it matters: on a machine with isolation a backtest needs no database."""
        return self.preferences.allows_unisolated()

    @MadeOnce
    def key_ring(self) -> "KeyRing":
        """The providers' keys, the server's and each person's; never in the store but sealed."""
        from core.llm.keys import Keys
        from core.services.person_keys import KeyRing, Seal

        return KeyRing(Keys(), lambda: Seal.load(self.settings), lambda: self.history)

    @property
    def keys(self) -> "Keys | PersonKeys":
        """The keys of the person for whom this thread works."""
        return self.key_ring.of(find_person().id)

    @property
    def ledger(self) -> "SpendingLedger":
        """The book of spending of the person for whom this thread works."""
        person = find_person()
        return self.make_ledger(person.id, private=not person.sees_all)

    def make_ledger(self, owner: str, *, private: bool = False) -> "SpendingLedger":
        """The book of spending with the caps over one person's calls; a private one shows theirs alone."""
        from core.llm.spending_ledger import SpendingLedger

        return SpendingLedger(self.history.ledger, caps=lambda: self.limits.find_caps(owner), owner=owner, private=private)

    @MadeOnce
    def limits(self) -> "LimitBook":
        """The limits of people, and what they have used of them."""
        from core.services.limits import LimitBook

        return LimitBook(self)

    @MadeOnce
    def _quirks(self) -> "Quirks":
        from core.llm import Quirks

        return Quirks(self.preferences.read_quirks(), self.preferences.add_quirk)

    @property
    def gateway(self) -> "Gateway":
        """The models, with the keys and the credits of the person for whom this thread works."""
        return self.make_gateway(find_person().id)

    def make_gateway(self, owner: str) -> "Gateway":
        """The models, with the keys and the credits of one person, and nobody else's."""
        from core.driving.free_numbers import find_free_numbers
        from core.llm import BuiltInParts, Gateway

        builtin = BuiltInParts(
            compile=_compile_document,
            parameters=lambda document: find_free_numbers(language.parse(document)),
        )
        keys, ledger = self.key_ring.of(owner), self.make_ledger(owner)
        return Gateway(keys=keys, ledger=ledger, builtin=builtin, prices=self.preferences.find_price, quirks=self._quirks)

    def make_runner(self, owner: str) -> "CodeSandbox":
        """The place where code runs, with one person's processor time measured; nobody's needs no limits, and imports none."""
        runner = self.runner
        if self.cluster is None:
            from core.sandbox import OwnersSandbox

            runner = OwnersSandbox(self.sandbox, owner)
        return self.limits.meter_sandbox(owner, runner) if owner else runner

    def take_runner(self) -> "CodeSandbox":
        """Place where code of the person for whom this thread works runs. Raises LimitError when their processor time is used up."""
        owner = find_person().id
        if owner:
            self.limits.require_processor(owner)
        return self.make_runner(owner)

    @property
    def ports(self) -> "Ports":
        """The loop's neighbors, for the person for whom this thread works."""
        return self._make_ports(find_person().id, self.store)

    def make_ports_for(self, run: "Run") -> "Ports":
        """The loop's neighbors for work on a run that nobody sits in front of: what its owner sees, with their keys and credits."""
        return self._make_ports(run.owner, self.history.for_person(act_for(run.owner)))

    def _make_ports(self, owner: str, history: "Store") -> "Ports":
        from core.driving.run_context import Ports

        model, sandbox = self.limits.meter_model(owner, self.make_gateway(owner)), self.make_runner(owner)
        beyond = None if self.beyond is None else self.limits.meter_evaluations(owner, self.beyond)
        return Ports(model=model, sandbox=sandbox, market=self.make_market(owner), history=history, tune=_tune, beyond=beyond)

    @MadeOnce
    def cluster(self) -> "Cluster | None":
        """The workers beyond this process; None where none are set. Raises InputError for an address that cannot be meant."""
        address = self.settings.read_cluster()
        if address is None:
            return None
        from core.cluster import Cluster

        return Cluster(address, describe="core.services.cluster_work:describe", find_level=self._find_required_level)

    def _find_required_level(self) -> int:
        """The least isolation of a worker: as set, else that of this machine."""
        level = self.settings.cluster_isolation
        return self.sandbox.isolation().level if level is None else level

    @MadeOnce
    def runner(self) -> "CodeSandbox":
        """The place where the loop's code runs: the workers beyond this process, or else this machine's sandbox."""
        if self.cluster is None:
            return self.sandbox
        from core.driving.remote import RemoteSandbox
        from core.services.cluster_work import NAMES

        return RemoteSandbox(self.cluster, NAMES)

    @MadeOnce
    def beyond(self) -> "Evaluations | None":
        """The place for many programs at once beyond this process; None where there is none."""
        if self.cluster is None:
            return None
        from core.driving.remote import RemoteEvaluations
        from core.services.cluster_work import NAMES

        return RemoteEvaluations(self.cluster, NAMES)

    @property
    def evaluations(self) -> "Evaluations":
        """The place for many programs at once."""
        return self.ports.evaluations

    @MadeOnce
    def run_worker(self) -> "RunWorker":
        """The worker on runs in the background of this process."""
        from core.driving.run_worker import RunWorker
        from core.services.portable import can_begin, is_portable

        return RunWorker(
            self.history,
            self._work,
            workers=self.settings.workers,
            bug=self._end_on_bug,
            after=self._tell_end,
            is_portable=lambda run_id: is_portable(self, run_id),
            can_begin=lambda run_id: can_begin(self, run_id),
        )

    def make_session_ports(self, run: "Run") -> "Ports":
        """The loop's neighbors for a step of a session, which this process's worker holds."""
        ports = self.make_ports_for(run)
        return replace(ports, history=self.history.for_person(act_for(run.owner)).with_owner(self.run_worker.owner))

    def _work(self, run_id: str, cancel: "Cancel", yield_slot: "YieldSlot") -> "Run":
        from core.domain.run import RunKind
        from core.driving.drive import drive
        from core.driving.single_generation import generate
        from core.driving.sweep import sweep
        from core.store import Patience

        run = self.history.read_run(run_id)
        self.make_ledger(run.owner).settle_abandoned(run_id)
        waiting = Patience(
            lambda error, _: error.trouble.curable and not cancel.is_set() and self.run_worker.note_trouble(run_id, str(error)),
            lambda: self.run_worker.note_trouble(run_id, ""),
        )
        history = self.history.for_person(act_for(run.owner)).with_owner(self.run_worker.owner, waiting)
        ports = replace(self.make_ports_for(run), history=history)
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
            fail_run(self.history.with_owner(self.run_worker.owner), run_id, said)
        except StoreError as problem:
            log.warning("run %s is left as it is: %s", run_id, problem)

    def close(self) -> None:
        """End what this process started."""
        for name in ("run_worker", "limits", "cluster", "sandbox", "history"):
            if self.__dict__.get(name) is not None:
                getattr(self, name).close()
