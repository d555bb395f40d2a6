"""Puts the parts together, once a process, and is the only reader of the environment. Screens and the command line ask here."""

import threading
from typing import TYPE_CHECKING

from core.services.backups import Backups
from core.services.bundles import Bundles
from core.services.comparisons import Comparisons
from core.services.connections import FOLDER as CONNECTIONS
from core.services.connections import Connected, list_connected
from core.services.installation import VERSION, Installation
from core.services.models import Models
from core.services.remarks import Remarks
from core.services.reports import Reports
from core.services.rooms import Rooms
from core.services.runs import Runs
from core.services.sessions import AgentSessions
from core.services.settings import Settings
from core.services.spending import Spending
from core.services.verifications import Verifications
from core.services.workbench import Workbench

if TYPE_CHECKING:
    from core.market import Market
    from core.services.preferences import Preferences
    from core.store import Store

__all__ = ["VERSION", "Rooms", "Services", "Settings", "services", "shut_down"]


class Services:
    """The product without a screen: its verbs, by subject, over the rooms put together."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.rooms = Rooms(settings)
        self.installation = Installation(self.rooms)
        self.models = Models(self.rooms)
        self.remarks = Remarks(self.rooms)
        self.runs = Runs(self.rooms)
        self.comparisons = Comparisons(self.rooms, self.runs)
        self.reports = Reports(self.rooms, self.runs, self.comparisons)
        self.backups = Backups(self.rooms)
        self.bundles = Bundles(self.rooms, self.installation, self.reports)
        self.verifications = Verifications(self.rooms, self.runs)
        self.spending = Spending(self.rooms)
        self.workbench = Workbench(self.rooms)
        self.sessions = AgentSessions(self.rooms)

    @property
    def settings(self) -> Settings:
        """The environment's word on this installation."""
        return self.rooms.settings

    @property
    def store(self) -> "Store":
        """The history: screens read it, a running job writes it. Raises StoreError."""
        return self.rooms.store

    @property
    def market(self) -> "Market":
        """The bars."""
        return self.rooms.market

    @property
    def preferences(self) -> "Preferences":
        """The choices made on the screens."""
        return self.rooms.preferences

    def list_connected(self) -> tuple[Connected, ...]:
        """Servers that agents talk to now."""
        return list_connected(self.settings.home / CONNECTIONS)

    def record_bug(self, error: BaseException) -> str:
        """Write an unexpected error to the log; gives an id for people to quote."""
        return self.rooms.bugs.record(error)

    def close(self) -> None:
        """End what this process started."""
        self.verifications.close()
        self.sessions.close()
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
