"""The worker's side: work found by its name, ended the moment nobody waits for it any more, and the worker's introduction."""

import hashlib
import importlib
import threading
from collections.abc import Callable, Sequence
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker
from tornado.ioloop import PeriodicCallback

from core.cluster.passport import Passport, write_passport
from core.cluster.state import NotIntroducedError

PLUGIN = "stratloop"
LOOK_MILLISECONDS = 500
"""Time between two looks at the connection to the scheduler."""


class StopOnRelease(WorkerPlugin):  # type: ignore[misc]  # Dask has no types that are read here
    """Sets a task's request to stop when the task is taken back, or the scheduler is gone: Dask alone lets it run on."""

    name = PLUGIN

    def __init__(self) -> None:
        self._stops: dict[Any, threading.Event] = {}
        self._worker: Worker | None = None
        self._looking: PeriodicCallback | None = None

    def setup(self, worker: Worker) -> None:
        """Begin to watch the connection to the scheduler."""
        self._worker = worker
        self._looking = PeriodicCallback(self._look, LOOK_MILLISECONDS)
        self._looking.start()

    def teardown(self, worker: Worker) -> None:
        """End everything with the worker."""
        if self._looking is not None:
            self._looking.stop()
        self._stop_all()

    def transition(self, key: Any, start: str, finish: str, **kwargs: Any) -> None:
        """A task begins to run, or leaves that state: done, which the request no longer reaches, or taken back."""
        if finish == "executing":
            self._stops[key] = threading.Event()
        elif start in ("executing", "long-running") and (stop := self._stops.pop(key, None)) is not None:
            stop.set()

    def find_stop(self, key: Any) -> threading.Event:
        """The request to stop of a task that runs; already made where the task was taken back before it came to ask."""
        found = self._stops.get(key)
        if found is None:
            found = threading.Event()
            found.set()
        return found

    def _look(self) -> None:
        stream = self._worker.batched_stream if self._worker is not None else None
        if stream is None or stream.comm is None or stream.comm.closed():
            self._stop_all()

    def _stop_all(self) -> None:
        for stop in list(self._stops.values()):
            stop.set()


async def introduce(worker: Worker, describe: str) -> Passport:
    """Say what this worker is made of, and make it ready to end its work; `describe` names what else is to be told."""
    if PLUGIN not in worker.plugins:
        await worker.plugin_add(plugin=StopOnRelease(), name=PLUGIN)
    passport: Passport = write_passport() | find_function(describe)()
    return passport


def run_work(name: str, payload: bytes, hashes: Sequence[str], blobs: Sequence[bytes], topic: str) -> bytes:
    """Do the work of this name with what was sent for it; data arrive under their hashes, which are checked."""
    worker = get_worker()
    key = worker.get_current_task()
    plugin = worker.plugins.get(PLUGIN)
    if not isinstance(plugin, StopOnRelease):
        raise NotIntroducedError(worker.address)
    for expected, blob in zip(hashes, blobs, strict=True):
        if hash_bytes(blob) != expected:
            raise ValueError(f"data arrived damaged: {expected}")

    def report(said: bytes) -> None:
        worker.log_event(topic, {"key": str(key), "said": said})

    done: bytes = find_function(name)(payload, dict(zip(hashes, blobs, strict=True)), plugin.find_stop(key), report)
    return done


def find_function(name: str) -> Callable[..., Any]:
    """Find `module:function`."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def hash_bytes(data: bytes) -> str:
    """Hash what travels."""
    return hashlib.sha256(data).hexdigest()
