"""Puts the parts together, once a process, and is the only reader of the environment. Screens and the command line ask here."""

import logging
import os
import platform
import secrets
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from core import language
from core.domain.backtest import Annotation, BacktestPlan, Isolation, Outcome
from core.domain.bars import Bars
from core.domain.errors import InputError, StratloopError
from core.domain.generation import ModelInfo, Prompt, ProviderInfo
from core.domain.instrument import Timeframe
from core.domain.iteration import IterationDetail
from core.domain.run import BarsRequest, ModelChoice, Run, RunKind, RunPlan, Status
from core.domain.usage import Price, Spent
from core.domain.workbench import Starter
from core.domain.workflow import Workflow
from core.driving.course import Parts, compiled_signals, prepare
from core.driving.drive import drive, fail
from core.driving.evaluate import Evaluated, evaluate_code
from core.driving.export import Export, export_iteration
from core.driving.generate import first_prompt
from core.driving.generation import generate
from core.driving.manual import backtest_code
from core.driving.ports import Cancel
from core.driving.progress import Watch
from core.driving.steering import KIND, Wish, checked
from core.driving.supervisor import Supervisor
from core.evidence import Conformity, conformity
from core.store import Store

VERSION = "0.1.0"
FIRST_STARTER = "sma_cross"
MOST_ROWS = 100_000
"""Calls that a summary looks at, the newest first."""
ROOT = Path(__file__).resolve().parent.parent
_PRICES = TypeAdapter(dict[str, Price])


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says: `STRATLOOP_HOME` holds all state, `STRATLOOP_DATABASE` is an SQLAlchemy URL used instead of SQLite."""

    home: Path
    database: str = ""
    allow_unisolated: bool = False
    workers: int = 1
    bars_folders: tuple[Path, ...] = ()
    """Folders whose files of bars are found by the search."""
    exchange: str = ""
    """ccxt id of a crypto exchange that is asked too."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read `STRATLOOP_*`. Raises InputError on a value that cannot be meant."""
        workers = environment.get("STRATLOOP_WORKERS", "") or str(max(1, (os.cpu_count() or 2) - 1))
        if not workers.isdecimal() or int(workers) < 1:
            raise InputError(f"STRATLOOP_WORKERS is {workers!r}; a whole number from 1 up is needed.")
        return cls(
            home=Path(environment.get("STRATLOOP_HOME") or ROOT / "data" / "local").expanduser().absolute(),
            database=environment.get("STRATLOOP_DATABASE", ""),
            allow_unisolated=environment.get("STRATLOOP_ALLOW_UNISOLATED", "") == "1",
            workers=int(workers),
            bars_folders=tuple(Path(part) for part in environment.get("STRATLOOP_BARS", "").split(os.pathsep) if part),
            exchange=environment.get("STRATLOOP_EXCHANGE", ""),
        )


class Services:
    """The product without a screen. Every part is made on first use; one object serves all threads of a process."""

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
            compile=lambda document, values: language.compile_workflow(language.parse(document), values),
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

    def _work(self, run_id: str, cancel: Cancel) -> Run:
        if self.store.run(run_id).kind is RunKind.GENERATE:
            return generate(run_id, self.parts, cancel=cancel)
        return drive(run_id, self.parts, cancel=cancel)

    def _bug(self, run_id: str, error: Exception) -> None:
        """An unexpected error ended a job: log it, and say so in the run, which can be resumed."""
        number = self.record_bug(error)
        fail(self.store, run_id, InputError(f"Something unexpected happened; it is in the log as {number}."))

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

    # -- workflows --------------------------------------------------------------------------------------------------

    def starters(self) -> tuple[Starter, ...]:
        """The workflows that ship with the product: the simplest one first, then by name."""
        files = sorted((ROOT / "data" / "workflows").glob("*.json"), key=lambda file: (file.stem != FIRST_STARTER, file.stem))
        return tuple(Starter(key=file.stem, workflow=language.parse(file.read_bytes())) for file in files)

    def workflow_from(self, name: str) -> Workflow:
        """A workflow by file path, starter key or saved name. Raises WorkflowError and InputError."""
        path = Path(name)
        if path.is_file():
            try:
                return language.parse(path.read_bytes())
            except OSError as error:
                raise InputError(f"{name} cannot be read: {error.strerror}.") from error
        starter = ROOT / "data" / "workflows" / f"{path.name.removesuffix('.json')}.json"
        if path.name == name and starter.is_file():
            return language.parse(starter.read_bytes())
        saved = next((saved for saved in self.store.workflows() if saved.name == name), None)
        if saved is None:
            raise InputError(
                f"There is no workflow {name!r}.", hint="Give the path of a JSON file, a starter such as sma_cross, or a saved name."
            )
        return saved.workflow

    def timeframe_of(self, path: Path) -> Timeframe:
        """The timeframe that a file of bars has. Raises MarketDataError."""
        found: Timeframe = self.market.timeframe(path)
        return found

    def uploads(self) -> tuple[Path, ...]:
        """Files of bars that were uploaded and kept, by name."""
        found = (self.settings.home / "uploads").glob("[!.]*")
        return tuple(sorted(path for path in found if path.is_file()))

    def remove_upload(self, name: str) -> None:
        """Delete a kept upload. Runs that used it keep their results, but cannot be repeated. Raises InputError."""
        path = next((path for path in self.uploads() if path.name == name), None)
        if path is None:
            raise InputError(f"There is no upload called {name!r}.")
        path.unlink(missing_ok=True)

    # -- code -------------------------------------------------------------------------------------------------------

    def annotations(self, code: str) -> tuple[Annotation, ...]:
        """What the static gate says about code, for the editor's gutter."""
        from core.sandbox.gate import inspect

        return inspect(code).annotations

    def evaluate(self, code: str, request: BarsRequest, plan: BacktestPlan, *, cancel: Cancel | None = None) -> tuple[Bars, Evaluated]:
        """Run code on all bars of a request; nothing is kept. Raises MarketDataError and SandboxUnavailableError."""
        bars = self.market.bars(request)
        return bars, evaluate_code(code, plan, bars, sandbox=self.sandbox, cancel=cancel or self.never)

    def backtest(
        self, code: str, plan: RunPlan, *, run_id: str | None = None, note: str = "", watch: Watch | None = None
    ) -> tuple[Run, IterationDetail]:
        """Run a person's code on the training bars of a plan and keep it in the history; `watch` is told how far it has come."""
        return backtest_code(code, plan, self.parts, cancel=self.never, run_id=run_id, note=note, watch=watch)

    def signals(self, workflow: Workflow, request: BarsRequest, plan: BacktestPlan) -> tuple[Bars, Outcome]:
        """The compiled workflow on the bars of a request, with each row's truth per bar."""
        language.require_valid(workflow)
        bars = self.market.bars(request)
        return bars, self.sandbox.run(language.compile_workflow(workflow, signals=True), plan, bars, cancel=self.never, signals=True)

    def conformity(self, run_id: str, number: int) -> Conformity | None:
        """How far an iteration's entries and exits agree with each row of its run's workflow; None where that cannot be judged.

        Runs the compiled workflow on the training bars once. Raises InputError, MarketDataError and SandboxUnavailableError.
        """
        run = self.store.run(run_id)
        fills = self.store.detail(run.id, number).fills
        _, training, _ = prepare(run.plan, self.market)
        return conformity(run.plan.workflow, compiled_signals(run.plan, training, self.sandbox, self.never), fills, training)

    # -- models -----------------------------------------------------------------------------------------------------

    def models(self, provider: str | None = None, query: str = "") -> tuple[ModelInfo, ...]:
        """The model picker's entries, the built-in one first."""
        from core.llm import models

        own = self.own_prices()
        return tuple(_priced(info, own) for info in models(provider, query))

    def providers(self) -> tuple[ProviderInfo, ...]:
        """The model picker's groups."""
        from core.llm import providers

        found: tuple[ProviderInfo, ...] = providers()
        return found

    def describe_model(self, model: str) -> ModelInfo:
        """What is known about a model id, whether it is in the catalogue or not."""
        from core.llm import describe

        return _priced(describe(model), self.own_prices())

    def listed_models(self, provider: str, api_base: str = "") -> tuple[ModelInfo, ...]:
        """What a server has right now, asked over the network. Raises InputError and ProviderError."""
        from core.llm import key_name, local_models

        key = self.keys(key_name(provider, api_base))
        own = self.own_prices()
        return tuple(_priced(info, own) for info in local_models(provider, api_base, key=key))

    def key_problem(self, model: str, api_base: str = "") -> StratloopError | None:
        """Ask a model for one token: None when it answered, else what was wrong. The call is real, and in the ledger."""
        from core.llm import key_name, key_problem

        key = self.keys(key_name(model.split("/", 1)[0], api_base))
        problem: StratloopError | None = key_problem(model, api_base, key, ledger=self.ledger, prices=self.own_price)
        return problem

    def own_prices(self) -> dict[str, Price]:
        """Prices that the user entered, by model id; they go before those of the catalogue."""
        return _PRICES.validate_json(self.store.setting("prices") or "{}")

    def own_price(self, model: str) -> Price | None:
        """The user's price of a model, None when the catalogue's counts."""
        return self.own_prices().get(model)

    def set_own_price(self, model: str, price: Price | None) -> None:
        """Keep a price of the user's own, or with None go back to the catalogue's. Calls already made keep theirs."""
        from core.llm import describe

        name = describe(model).id
        others = {key: kept for key, kept in self.own_prices().items() if key != name}
        self.store.save_setting("prices", _PRICES.dump_json(others if price is None else {**others, name: price}).decode())

    def default_model(self) -> ModelChoice:
        """The model for new runs, as chosen on the settings screen; the built-in one at first."""
        document = self.store.setting("default_model")
        return ModelChoice.model_validate_json(document) if document else ModelChoice()

    def set_default_model(self, choice: ModelChoice) -> None:
        """Keep the model for new runs."""
        self.store.save_setting("default_model", choice.model_dump_json())

    def spending(self) -> dict[str, Any]:
        """Balances against the caps, and what each model cost, newest call last."""
        balances = [balance.model_dump(mode="json") for balance in self.ledger.balances()]
        by_model: dict[str, dict[str, float | int | None]] = {}
        for row in self.ledger.rows(limit=MOST_ROWS):
            entry = by_model.setdefault(row.model, {"calls": 0, "usd": 0.0, "tokens": 0})
            entry["calls"] = int(entry["calls"] or 0) + 1
            entry["tokens"] = int(entry["tokens"] or 0) + row.counted_tokens
            known = row.price is not None and entry["usd"] is not None
            entry["usd"] = float(entry["usd"] or 0.0) + row.counted_micros / 1e6 if known else None
        return {"balances": balances, "models": by_model}

    def spending_by(self, by: str) -> tuple[tuple[str, Spent], ...]:
        """Sums by `model`, `run` or `day` (UTC): the dearest first, days from the newest. A call outside a run has an empty name."""
        from core.llm import spending

        return tuple((line.name, line.spent) for line in spending(self.ledger.rows(limit=MOST_ROWS), by))

    def ledger_csv(self) -> str:
        """Every call with its facts, as a table for a spreadsheet."""
        from core.llm import csv_of

        return csv_of(self.ledger.rows(limit=MOST_ROWS))

    def prompt(self, plan: RunPlan) -> Prompt:
        """The first prompt of a plan, as it would be sent."""
        _, training, _ = prepare(plan, self.market)
        return first_prompt(plan, training)

    def estimate(self, plan: RunPlan) -> tuple[float, float] | None:
        """US dollars that a run will probably cost, (expected, most); None when the model's price is unknown. Raises as `prompt` does."""
        from core.llm import estimate

        return estimate(
            plan.model.id,
            loops=plan.loops * plan.candidates,
            prompt_tokens=self.prompt(plan).tokens,
            max_tokens=plan.model.max_tokens,
            price=self.own_price(plan.model.id),
        )

    def caps(self) -> Any:
        """Limits on spending, as chosen on the credits screen."""
        from core.llm.ledger import Caps

        document = self.store.setting("caps")
        return Caps.model_validate_json(document) if document else Caps()

    def set_caps(
        self, *, run_usd: float | None = None, day_usd: float | None = None, month_usd: float | None = None, run_tokens: int | None = None
    ) -> None:
        """Keep limits on spending; None sets no limit. They hold from the next call on, also in runs under way."""
        from core.llm.ledger import Caps

        chosen = Caps(run_usd=run_usd, day_usd=day_usd, month_usd=month_usd, run_tokens=run_tokens)
        self.store.save_setting("caps", chosen.model_dump_json())

    def enter_key(self, model: str, key: str, *, api_base: str = "", keep: bool = False) -> str:
        """Take a provider's key for this process, or with `keep` into the operating system's keyring; says where it went.

        A key that is entered for an address of its own is sent to that address only.
        """
        place: str = self.keys.enter(model.split("/", 1)[0], key, api_base=api_base, keep=keep).value
        return place

    def provider_error(self, run: Run) -> dict[str, object] | None:
        """Why a failed run ended: class, message, hint and action; None when it did not fail."""
        event = self.store.last_event(run.id, "error") if run.status is Status.FAILED else None
        return None if event is None else event.data

    # -- runs -------------------------------------------------------------------------------------------------------

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
        self.store.event(run.id, KIND, {"wish": wish.value, "text": checked(wish, text)})

    def resume(self, run_id: str) -> Run:
        """Let an unfinished, failed or cancelled run go on in the background. Raises InputError when it is complete or being worked on."""
        run = self.store.reopen(self.store.run(run_id).id)
        if not self.supervisor.submit(run.id):
            raise InputError(f"Run {run.id} is being worked on by another process.", hint="`show` tells how it stands.")
        return run

    def versions(self) -> dict[str, str]:
        """This product, the interpreter, the system, and the libraries that figures and prices depend on."""
        packages = ("streamlit", "backtrader", "litellm", "pandas", "yfinance")
        own = _version("stratloop")
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        document = {"stratloop": VERSION if own == "missing" else own, "python": platform.python_version(), "system": system}
        return document | {package: _version(package) for package in packages}

    def database(self) -> str:
        """Where the history is, for people: a file, or a server without the name and password that are used there."""
        if not self.settings.database:
            return str(self.settings.home / "stratloop.db")
        parts = urlsplit(self.settings.database)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"

    def diagnosis(self) -> dict[str, Any]:
        """What `doctor` prints: versions, state folder, isolation, and whether each part answers. `ok` sums it up."""
        document: dict[str, Any] = {**self.versions(), "home": str(self.settings.home)}
        problems: list[str] = []
        for name, look in (("store", self._look_at_store), ("market", self._look_at_market), ("sandbox", self._look_at_sandbox)):
            try:
                document |= look()
            except StratloopError as error:
                problems.append(f"{name}: {error}")
        return document | {"problems": problems, "ok": not problems}

    def _look_at_store(self) -> dict[str, Any]:
        return {"runs": self.store.count()}

    def _look_at_market(self) -> dict[str, Any]:
        bars = self.market.bars(BarsRequest(symbol="AAPL"))
        return {"bundled_bars": f"AAPL {bars.first:%Y-%m-%d} to {bars.last:%Y-%m-%d}, {len(bars)} bars"}

    def _look_at_sandbox(self) -> dict[str, Any]:
        isolation = self.sandbox.isolation()
        return {"isolation_level": isolation.level, "isolation": isolation.detail, "open_probes": list(isolation.open_probes)}

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


def _priced(info: ModelInfo, own: Mapping[str, Price]) -> ModelInfo:
    price = own.get(info.id)
    if price is None:
        return info
    return info.model_copy(update={"input_price": price.input, "output_price": price.output, "price_source": price.source})


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


_services: Services | None = None
_lock = threading.Lock()


def services() -> Services:
    """The one `Services` of this process."""
    global _services
    with _lock:
        if _services is None:
            _services = Services()
        return _services


def shut_down() -> None:
    """End what this process started; the next `services()` begins anew."""
    global _services
    with _lock:
        if _services is not None:
            _services.close()
        _services = None
