"""This installation: its versions, its isolation, and whether its parts answer."""

import logging
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError, SandboxUnavailableError, StratloopError
from core.domain.history import UnreadableRow
from core.domain.isolation import Isolation
from core.domain.people import Role
from core.driving.versions import list_versions
from core.report.labels import RESTRICTION
from core.services.permissions import needs
from core.services.rooms import Rooms

if TYPE_CHECKING:
    from core.cluster import ClusterState

log = logging.getLogger(__name__)


class Installation:
    """The answers of the settings screen and of `doctor`."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._isolation: Isolation | None = None

    def preload(self) -> threading.Thread:
        """Import and start in the background what the first click would otherwise wait for; the thread ends when it is there."""
        thread = threading.Thread(target=self._preload, name="preload", daemon=True)
        thread.start()
        return thread

    def _preload(self) -> None:
        try:
            self._isolation = self._rooms.sandbox.isolation()
        except SandboxUnavailableError as error:  # whoever runs a strategy is told in words
            log.warning("the sandbox did not start: %s", error)
        self._rooms.gateway.preload().join()

    def known_isolation(self) -> Isolation | None:
        """The result of the sandbox's self-test; None until `preload` has made it, which takes seconds that no screen should wait for."""
        return self._isolation

    @needs(Role.ADMIN)
    def accept_isolation(self) -> Isolation:
        """Expect from now on the level that is there now, after it dropped. Raises SandboxUnavailableError."""
        self._isolation = self._rooms.sandbox.accept_level()
        return self._isolation

    def list_versions(self) -> dict[str, str]:
        """This product, the interpreter, the system, and the libraries that figures and prices depend on."""
        return dict(list_versions())

    def locate_database(self) -> str:
        """Name the place of the history, for people: a file, or a server without the name and password that are used there."""
        if not self._rooms.settings.database:
            return str(self._rooms.settings.home / "stratloop.db")
        parts = urlsplit(self._rooms.settings.database)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"

    def diagnose(self) -> dict[str, Any]:
        """Gather what `doctor` prints: versions, state folder, isolation, and whether each part answers. `ok` sums it up."""
        document: dict[str, Any] = {**self.list_versions(), "home": str(self._rooms.settings.home)}
        problems: list[str] = []
        looks = {
            "store": self._look_at_store,
            "storing": self._look_at_storing,
            "market": self._look_at_market,
            "sandbox": self._look_at_sandbox,
            "cluster": self._look_at_cluster,
        }
        for name, look in looks.items():
            try:
                document |= look()
            except StratloopError as error:
                problems.append(f"{name}: {error}")
        unreadable: tuple[UnreadableRow, ...] = document.pop("unreadable", ())
        problems += [f"store: {row}" for row in unreadable]
        document["unreadable"] = [row.model_dump(mode="json") for row in unreadable]
        return document | {"problems": problems, "ok": not problems}

    def describe_cluster(self) -> "ClusterState | None":
        """Ask the cluster how it stands; None where none is set."""
        from core.cluster import ClusterState

        try:
            return None if self._rooms.cluster is None else self._rooms.cluster.describe()
        except InputError as error:
            return ClusterState(address=self._rooms.settings.cluster, problem=str(error))

    def _look_at_cluster(self) -> dict[str, Any]:
        state = self.describe_cluster()
        if state is None:
            return {}
        if state.problem:
            raise InputError(state.problem)
        refused = [f"{worker.address}: {worker.refused}" for worker in state.workers if worker.refused]
        return {"cluster": state.address, "cluster_workers": len(state.accepted), "cluster_refused": refused}

    def _look_at_store(self) -> dict[str, Any]:
        return {"runs": self._rooms.store.count_runs(), "unreadable": self.list_unreadable()}

    def _look_at_storing(self) -> dict[str, Any]:
        self._rooms.history.check_writing()
        return {}

    def list_unreadable(self) -> tuple[UnreadableRow, ...]:
        """Everything in the history that cannot be read, each once; reads all of it. Raises StoreError."""
        found = (*self._rooms.history.list_unreadable(), *self._rooms.preferences.list_unreadable())
        return tuple({(row.kind, row.id): row for row in found}.values())

    def _look_at_market(self) -> dict[str, Any]:
        bars = self._rooms.market.bars(BarsRequest(symbol="AAPL"))
        return {"bundled_bars": f"AAPL {bars.first:%Y-%m-%d} to {bars.last:%Y-%m-%d}, {len(bars)} bars"}

    def _look_at_sandbox(self) -> dict[str, Any]:
        isolation = self._rooms.sandbox.isolation()
        return {
            "isolation_level": isolation.level,
            "isolation": isolation.detail,
            "open_probes": list(isolation.open_probes),
            "remedies": [RESTRICTION[each] for each in isolation.restrictions],
        }
