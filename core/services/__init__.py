"""Puts the parts together, once a process, and is the only reader of the environment. Screens and the command line ask here."""

import threading
from typing import TYPE_CHECKING

from core.domain.version import VERSION
from core.services.made_once import MadeOnce
from core.services.rooms import Rooms
from core.services.settings import Settings

if TYPE_CHECKING:
    from core.domain.run import Run
    from core.market import Market
    from core.services.backups import Backups
    from core.services.bundles import Bundles
    from core.services.comparisons import Comparisons
    from core.services.connections import Connected
    from core.services.installation import Installation
    from core.services.models import Models
    from core.services.people import People
    from core.services.preferences import Preferences
    from core.services.remarks import Remarks
    from core.services.reports import Reports
    from core.services.runs import Runs
    from core.services.sessions import AgentSessions
    from core.services.sharing import Sharing
    from core.services.spending import Spending
    from core.services.sweeps import Sweeps
    from core.services.verifications import Verifications
    from core.services.workbench import Workbench
    from core.store import Store

__all__ = ["VERSION", "Rooms", "Services", "Settings", "services", "shut_down"]


class Services:
    """The product without a screen: its verbs, by subject, over the rooms put together. Each subject is imported on first use."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.rooms = Rooms(settings)
        if self.rooms.settings.look_closer:
            self.rooms.after_run = self._look_closer

    @MadeOnce
    def installation(self) -> "Installation":
        """This installation: what it is made of, and its isolation."""
        from core.services.installation import Installation

        return Installation(self.rooms)

    @MadeOnce
    def models(self) -> "Models":
        """The models and their keys."""
        from core.services.models import Models

        return Models(self.rooms)

    @MadeOnce
    def people(self) -> "People":
        """People of a server with a login, and what each may do."""
        from core.services.people import People

        return People(self.rooms)

    @MadeOnce
    def remarks(self) -> "Remarks":
        """Own words on runs, and iterations that are kept."""
        from core.services.remarks import Remarks

        return Remarks(self.rooms)

    @MadeOnce
    def runs(self) -> "Runs":
        """Runs: begun, steered, read."""
        from core.services.runs import Runs

        return Runs(self.rooms)

    @MadeOnce
    def sweeps(self) -> "Sweeps":
        """The workflow with other numbers, point after point."""
        from core.services.sweeps import Sweeps

        return Sweeps(self.rooms, self.runs)

    @MadeOnce
    def comparisons(self) -> "Comparisons":
        """Iterations side by side."""
        from core.services.comparisons import Comparisons

        return Comparisons(self.rooms)

    @MadeOnce
    def reports(self) -> "Reports":
        """Runs and comparisons as documents."""
        from core.services.reports import Reports

        return Reports(self.rooms, self.runs, self.comparisons)

    @MadeOnce
    def backups(self) -> "Backups":
        """Copies of the history, and what was deleted."""
        from core.services.backups import Backups

        return Backups(self.rooms)

    @MadeOnce
    def bundles(self) -> "Bundles":
        """Runs that others can check."""
        from core.services.bundles import Bundles

        return Bundles(self.rooms, self.installation, self.reports)

    @MadeOnce
    def verifications(self) -> "Verifications":
        """Closer looks at winners."""
        from core.services.verifications import Verifications

        return Verifications(self.rooms, self.runs)

    @MadeOnce
    def sharing(self) -> "Sharing":
        """One's work, shown to others."""
        from core.services.sharing import Sharing

        return Sharing(self.rooms)

    @MadeOnce
    def spending(self) -> "Spending":
        """Spending and its caps."""
        from core.services.spending import Spending

        return Spending(self.rooms)

    @MadeOnce
    def workbench(self) -> "Workbench":
        """Workflows, uploads and code in hand."""
        from core.services.workbench import Workbench

        return Workbench(self.rooms)

    @MadeOnce
    def sessions(self) -> "AgentSessions":
        """Loops whose author sits outside."""
        from core.services.sessions import AgentSessions

        return AgentSessions(self.rooms)

    @property
    def settings(self) -> Settings:
        """The environment's word on this installation."""
        return self.rooms.settings

    @property
    def store(self) -> "Store":
        """The history as the person in front of the screen may use it; a running job writes it. Raises StoreError."""
        return self.rooms.store

    @property
    def market(self) -> "Market":
        """The bars."""
        return self.rooms.market

    @property
    def preferences(self) -> "Preferences":
        """The choices made on the screens."""
        return self.rooms.preferences

    def list_connected(self) -> "tuple[Connected, ...]":
        """Servers that agents talk to now."""
        from core.services.connections import FOLDER, list_connected

        return list_connected(self.settings.home / FOLDER)

    def record_bug(self, error: BaseException) -> str:
        """Write an unexpected error to the log; gives an id for people to quote."""
        return self.rooms.bugs.record(error)

    def _look_closer(self, run: "Run") -> None:
        """Begin a closer look at a run that has come to its end."""
        self.verifications.begin_by_itself(run)

    def close(self) -> None:
        """End what this process started."""
        if "run_worker" in self.rooms.__dict__:
            self.rooms.run_worker.close()  # first: the end of a run begins a closer look
        for name in ("verifications", "sessions"):
            if name in self.__dict__:
                getattr(self, name).close()
        self.rooms.close()


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
