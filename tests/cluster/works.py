"""Work that tests send to real workers, by name."""

import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

from distributed import get_worker

from core.driving.ports import Cancel
from core.driving.remote import Report


def wait_for_stop(payload: bytes, data: Mapping[str, bytes], cancel: Cancel, report: Report) -> bytes:
    """Say that it began, go on until somebody asks it to stop, and leave a file that says so."""
    report(b"begun")
    while not cancel.is_set():
        threading.Event().wait(0.02)
    Path(payload.decode()).write_text("stopped")
    return b"stopped"


def list_names(payload: bytes, data: Mapping[str, bytes], cancel: Cancel, report: Report) -> bytes:
    """Names of the variables in the worker's environment."""
    return " ".join(os.environ).encode()


def list_arrivals(payload: bytes, data: Mapping[str, bytes], cancel: Cancel, report: Report) -> bytes:
    """This worker's address, and the keys of the data that it got from another one, one for each time."""
    threading.Event().wait(0.1)  # long enough for the other workers to get one of these as well
    worker = get_worker()
    return " ".join([worker.address, *(str(key) for arrival in worker.transfer_incoming_log for key in arrival["keys"])]).encode()


def die(payload: bytes, data: Mapping[str, bytes], cancel: Cancel, report: Report) -> bytes:
    """End the worker itself."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def die_once(payload: bytes, data: Mapping[str, bytes], cancel: Cancel, report: Report) -> bytes:
    """End the worker at the first time; the second time it is done."""
    if Path(payload.decode()).exists():
        return b"done"
    Path(payload.decode()).write_text("begun")
    return die(payload, data, cancel, report)
