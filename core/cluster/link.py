"""The connection to one scheduler: who may work there, data that lie there, and tasks handed over. Lives until the scheduler is lost."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from distributed import Client, Future, Security
from distributed.client import ClosedClientError

from core.cluster.address import CERTIFICATE_FILES, ClusterAddress
from core.cluster.passport import Passport, find_difference, write_passport
from core.cluster.state import ClusterWorker
from core.domain.errors import SandboxUnavailableError

CONNECT_SECONDS = 2
KEPT_DATA = 64
"""Pieces of data that are kept on the workers between two uses."""
log = logging.getLogger(__name__)


def _call(name: str, *arguments: Any) -> Any:
    """Call a function by its name on a worker; sent as its code, so that a scheduler needs nothing of the product."""
    import importlib

    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)(*arguments)


async def _call_on_worker(name: str, *arguments: Any, dask_worker: Any) -> Any:
    """Call a function by its name beside a worker's tasks, with the worker itself."""
    import importlib

    module, _, function = name.partition(":")
    return await getattr(importlib.import_module(module), function)(dask_worker, *arguments)


for _sent in (_call, _call_on_worker):
    _sent.__module__ = "__main__"


class Link:
    """A connection that was made. Raises SandboxUnavailableError when no scheduler answers."""

    def __init__(self, address: str, named: ClusterAddress, *, describe: str, find_level: Callable[[], int]) -> None:
        for name in ("", ".client", ".core", ".comm"):  # what they would print is said in words by us
            logging.getLogger(f"distributed{name}").setLevel(logging.CRITICAL)
        self._describe, self._find_level = describe, find_level
        self._ours: Passport = write_passport()
        self._data: OrderedDict[str, Future] = OrderedDict()
        self.workers: dict[str, ClusterWorker] = {}
        """Everybody who is there, by address."""
        self.had_workers = False
        """True once anybody was there: who went may come back."""
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, security=_build_security(named), set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            log.info("no scheduler at %s: %s", address, error)
            raise SandboxUnavailableError(
                f"No scheduler of a cluster answers at {named.text}.",
                hint="Start it there, or take STRATLOOP_CLUSTER away to use this machine's processes.",
            ) from error

    @property
    def alive(self) -> bool:
        """False once the scheduler was lost."""
        return bool(self._client.status == "running")

    @property
    def accepted(self) -> frozenset[str]:
        """Addresses of the workers that get work."""
        return frozenset(address for address, worker in self.workers.items() if not worker.refused)

    @property
    def width(self) -> int:
        """Tasks that run at once."""
        return sum(worker.threads for worker in self.workers.values() if not worker.refused)

    def meet_workers(self) -> None:
        """Ask those who are new to introduce themselves, and forget those who went. Raises OSError when the scheduler is lost."""
        if not self.alive:
            raise ConnectionError("the connection to the scheduler was left")
        present: Mapping[str, int] = self._client.nthreads()
        self.workers = {address: worker for address, worker in self.workers.items() if address in present}
        new = [address for address in present if address not in self.workers]
        if not new:
            return
        self.had_workers = True
        told = self._client.run(_call_on_worker, "core.cluster.worker_side:introduce", self._describe, workers=new, on_error="return")
        required = self._find_level()
        for address, passport in told.items():
            self.workers[address] = judge_worker(address, present[address], passport, self._ours, required)

    def subscribe(self, topic: str, listen: Callable[[Any], None]) -> None:
        """Hear what work reports under a topic."""
        self._client.subscribe_topic(topic, listen)

    def submit(self, key: str, function: str, arguments: tuple[Any, ...], data: Mapping[str, bytes], topic: str) -> Future:
        """Hand work over; data travel under their hashes, once a worker. Raises ConnectionError when the scheduler was lost meanwhile."""
        try:
            held = [self._hold(name, blob) for name, blob in data.items()]
            return self._client.submit(
                _call,
                function,
                *arguments,
                list(data),
                held,
                topic,
                key=key,
                pure=False,
                workers=sorted(self.accepted),
                allow_other_workers=False,
            )
        except ClosedClientError as error:
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        """Leave; what was handed over is taken back."""
        self._data.clear()
        try:
            self._client.close(timeout=1)
        except (OSError, TimeoutError) as error:
            log.info("the connection to the cluster did not end in order: %s", error)

    def _hold(self, name: str, blob: bytes) -> Future:
        """Data as a task of its own: made again by itself where the last worker that had them died."""
        found = self._data.pop(name, None)
        if found is None or found.status in ("cancelled", "error", "lost"):
            found = self._client.submit(bytes, blob, key=f"data-{name}")
        self._data[name] = found
        while len(self._data) > KEPT_DATA:
            self._data.popitem(last=False)
        return found


def judge_worker(address: str, threads: int, told: Passport | BaseException, ours: Passport, required: int) -> ClusterWorker:
    """Judge a worker by what it said of itself: whether it gets work, and in words why not."""
    if not isinstance(told, dict):
        return ClusterWorker(address=address, threads=threads, refused="it does not have this product, or another version of it")
    level = told.get("level")
    refused = find_difference(told, ours)
    if not refused and (level is None or level < required):
        why = told.get("detail", "")
        refused = f"it isolates code at level {'unknown' if level is None else level}, and {required} is required. {why}".strip()
    host, keys = str(told.get("host", "")), tuple(told.get("keys", ()))
    return ClusterWorker(address=address, host=host, threads=threads, level=level, refused=refused, keys=keys)


def _build_security(named: ClusterAddress) -> Security | None:
    if named.certificates is None:
        return None
    authority, certificate, key = (str(named.certificates / name) for name in CERTIFICATE_FILES)
    return Security(tls_ca_file=authority, tls_client_cert=certificate, tls_client_key=key, require_encryption=True)
