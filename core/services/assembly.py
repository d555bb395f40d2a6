"""The parts of the product, each made on first use, and what belongs to the process as a whole. Verbs live in the other modules."""

import logging
import secrets
import threading
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from core import language
from core.domain.backtest import Isolation
from core.domain.errors import InputError
from core.domain.instrument import Instrument
from core.domain.run import Run, RunKind
from core.domain.usage import Price
from core.driving.course import Parts
from core.driving.drive import drive, fail
from core.driving.generation import generate
from core.driving.ports import Cancel, Rest
from core.driving.supervisor import Supervisor
from core.services.settings import Settings
from core.store import Store

PRICES = TypeAdapter(dict[str, Price])
"""How the user's own prices are stored."""


class Assembly:
    """The rooms put together. One object serves all threads of a process."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self.never = threading.Event()
        self._isolation: Isolation | None = None

    # -- parts ------------------------------------------------------------------------------------------------------

    @cached_property
    def store(self) -> Store:
        """The history. Raises StoreError."""
        return Store(self.settings.database, self.settings.home) if self.settings.database else Store.in_folder(self.settings.home)

    @cached_property
    def market(self) -> Any:
        """The bars."""
        from core.market import Market, ccxt_remote

        remotes = (ccxt_remote(self.settings.exchange),) if self.settings.exchange else ()
        return Market(self.settings.home, folders=self.settings.bars_folders, remotes=remotes)

    @cached_property
    def sandbox(self) -> Any:
        """The only place where code runs."""
        from core.sandbox import Sandbox

        return Sandbox(state=self.settings.home / "sandbox", allow_unisolated=self.unisolated_allowed)

    @cached_property
    def keys(self) -> Any:
        """Where the providers' keys are found; never in the store."""
        from core.llm.keys import Keys

        return Keys()

    @cached_property
    def ledger(self) -> Any:
        """The book of spending with the user's caps over it."""
        from core.llm.ledger import Ledger

        return Ledger(self.store.ledger, caps=self.caps)

    @cached_property
    def gateway(self) -> Any:
        """The models."""
        from core.llm import BuiltInParts, Gateway

        builtin = BuiltInParts(
            compile=lambda document, values, instrument: language.compile_workflow(
                language.parse(document), values, instrument=Instrument(symbol="traded", **instrument) if instrument else None
            ),
            parameters=lambda document: language.parameters(language.parse(document)),
        )
        return Gateway(keys=self.keys, ledger=self.ledger, builtin=builtin, prices=self.own_price)

    @cached_property
    def parts(self) -> Parts:
        """What the loop talks to."""
        return Parts(model=self.gateway, sandbox=self.sandbox, market=self.market, history=self.store)

    @cached_property
    def supervisor(self) -> Supervisor:
        """Works on runs in the background of this process."""
        return Supervisor(self.store, self._work, workers=self.settings.workers, bug=self._bug)

    def _work(self, run_id: str, cancel: Cancel, rest: Rest) -> Run:
        self.ledger.settle_abandoned(run_id)
        parts = replace(self.parts, history=self.store.fenced(self.supervisor.owner))
        if self.store.run(run_id).kind is RunKind.GENERATE:
            return generate(run_id, parts, cancel=cancel)
        return drive(run_id, parts, cancel=cancel, rest=rest)

    def _bug(self, run_id: str, error: Exception) -> None:
        """An unexpected error ended a job: log it, and say so in the run, which can be resumed."""
        number = self.record_bug(error)
        said = InputError(f"Something unexpected happened; it is in the log as {number}.")
        fail(self.store.fenced(self.supervisor.owner), run_id, said)

    def warm(self) -> None:
        """Import and start in the background what the first click would otherwise wait for."""
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def _warm(self) -> None:
        self._isolation = self.sandbox.isolation()
        self.gateway.warm()

    def isolation(self) -> Isolation | None:
        """What the sandbox's self-test found; None until `warm` has made it, which takes seconds that no screen should wait for."""
        return self._isolation

    def unisolated_allowed(self) -> bool:
        """Whether the operator lets strategies run where nothing isolates them: by the environment, or on the settings screen."""
        return self.settings.allow_unisolated or self.store.setting("allow_unisolated") == "1"

    def allow_unisolated(self, allowed: bool) -> None:
        """Take the operator's word on that, from the next run on."""
        self.store.save_setting("allow_unisolated", "1" if allowed else "")

    def accept_isolation(self) -> Isolation:
        """Expect from now on the level that is there now, after it dropped. Raises SandboxUnavailableError."""
        accepted: Isolation = self.sandbox.accept_level()
        self._isolation = accepted
        return accepted

    def close(self) -> None:
        """End what this process started."""
        if "supervisor" in self.__dict__:
            self.supervisor.close()
        if "sandbox" in self.__dict__:
            self.sandbox.close()
        if "store" in self.__dict__:
            self.store.close()

    def record_bug(self, error: BaseException) -> str:
        """Write an unexpected error with its traceback to the log folder; gives an id for people to quote."""
        number = secrets.token_hex(4)
        text = "".join(traceback.format_exception(error))
        try:
            folder = self.settings.home / "logs"
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "errors.log").open("a", encoding="utf-8") as file:
                file.write(f"--- {datetime.now(UTC).isoformat()} {number}\n{text}\n")
        except OSError:
            logging.getLogger(__name__).exception("error %s could not be written to the log folder", number)
        return number

    def own_prices(self) -> dict[str, Price]:
        """Prices that the user entered, by model id; they go before those of the catalogue."""
        return PRICES.validate_json(self.store.setting("prices") or "{}")

    def own_price(self, model: str) -> Price | None:
        """The user's price of a model, None when the catalogue's counts."""
        return self.own_prices().get(model)

    def caps(self) -> Any:
        """Limits on spending, as chosen on the credits screen."""
        from core.llm.ledger import Caps

        document = self.store.setting("caps")
        return Caps.model_validate_json(document) if document else Caps()
