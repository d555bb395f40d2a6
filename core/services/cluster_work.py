"""The worker's parts put together: one sandbox a process, the bars that came, and the work that servers send by these names."""

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.domain.errors import SandboxUnavailableError
from core.driving.ports import Cancel
from core.driving.remote import Report, UnpackedBars, WorkNames, evaluate_there, run_there

if TYPE_CHECKING:
    from core.sandbox import Sandbox

NAMES = WorkNames(run="core.services.cluster_work:run", evaluate="core.services.cluster_work:evaluate")

_lock = threading.Lock()
_sandboxes: dict[int, "Sandbox"] = {}
_bars = UnpackedBars()


def find_sandbox() -> "Sandbox":
    """The one sandbox of this process, made on first use and never taken over from another process.

    Whether code may run here is decided by the server that sends it, which knows this worker's level.
    """
    from core.sandbox import Sandbox

    with _lock:
        if os.getpid() not in _sandboxes:
            _sandboxes[os.getpid()] = Sandbox(allow_unisolated=True)
        return _sandboxes[os.getpid()]


def describe() -> dict[str, Any]:
    """Tell how well this worker isolates code; level None where that cannot be said."""
    try:
        found = find_sandbox().isolation()
    except SandboxUnavailableError as error:
        return {"level": None, "detail": str(error)}
    return {"level": found.level, "detail": found.detail}


def run(payload: bytes, data: Mapping[str, bytes], cancel: Cancel, report: Report) -> bytes:
    """One run."""
    return run_there(payload, data, bars=_bars, sandbox=find_sandbox(), cancel=cancel, report=report)


def evaluate(payload: bytes, data: Mapping[str, bytes], cancel: Cancel, report: Report) -> bytes:
    """A batch of evaluations."""
    return evaluate_there(payload, data, bars=_bars, sandbox=find_sandbox(), cancel=cancel)
