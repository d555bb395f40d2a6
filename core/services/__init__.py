"""Puts the parts together, once a process, and is the only reader of the environment. Screens and the command line ask here."""

import threading

from core.services.diagnosis import VERSION, Diagnosis
from core.services.models import Models
from core.services.runs import Runs
from core.services.settings import Settings
from core.services.workbench import Workbench

__all__ = ["VERSION", "Services", "Settings", "services", "shut_down"]


class Services(Workbench, Models, Runs, Diagnosis):
    """The product without a screen: every verb over every part."""


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
