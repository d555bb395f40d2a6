"""`Cluster`: the one object through which work is sent to other processes; survives workers and schedulers that go.

Work is named by `module:function` and gets bytes; it gives bytes back. Whoever sends it waits on an ordinary future.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any

from core.cluster.address import ClusterAddress
from core.cluster.state import ClusterState, NotIntroducedError
from core.domain.errors import RunKilledError, SandboxUnavailableError, StratloopError

if TYPE_CHECKING:
    import distributed

    from core.cluster.link import Link
    from core.cluster.local_host import LocalHost

TICK_SECONDS = 0.5
WAIT_SECONDS = 60.0
"""Time for a scheduler or workers that were lost to come back."""
RESTART_SECONDS = 20.0
"""Time for workers of this machine to come back by themselves, before all of them are started anew."""
FIRST_WAIT_SECONDS = 3.0
"""Time for a first worker to join."""
MOST_SENDINGS = 5
"""Times that the same work is sent before it is given up: each worker that has it went, or each scheduler."""
SENDINGS_OF_A_KILLER = 2
"""Times that work is sent under which workers ended, again and again: the first time others may have killed them, all at once."""
LOST = ("cancelled", "lost", "error")
"""States of a task that nobody works on, though what came of it was not passed on."""
RUN = "core.cluster.worker_side:run_work"
log = logging.getLogger(__name__)


class Job:
    """Work on its way. `result` is an ordinary future of what it gives; a cancel ends the work on its worker."""

    def __init__(self, work: str, payload: bytes, data: Mapping[str, bytes], report: Callable[[bytes], None] | None) -> None:
        self.work, self.payload, self.data, self.report = work, payload, data, report
        self.result: Future[bytes] = Future()
        self.key = ""
        self.remote: distributed.Future | None = None
        self.allowed: frozenset[str] = frozenset()
        self.sendings = 0

    def cancel(self) -> None:
        """Take the work back; its future is cancelled at once, and what runs of it is ended within a second."""
        if self.result.cancel():
            self.take_back()

    def take_back(self) -> None:
        """End what runs of it, in a thread of its own: a scheduler may be long in answering."""
        if self.remote is not None:
            threading.Thread(target=_take_back, args=(self.remote,), daemon=True, name="cluster-cancel").start()


class Cluster:
    """Work for other processes. One for the whole application; safe with several threads; connects on first use.

    `describe` names a function on the workers that tells more of them, among it the `level` of isolation; `find_level` gives the least
    one that is required. Everything raises SandboxUnavailableError while no worker can be had.
    """

    def __init__(
        self, address: ClusterAddress, *, describe: str, find_level: Callable[[], int], wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._address, self._describe, self._find_level, self._wait = address, describe, find_level, wait_seconds
        self._lock = threading.RLock()
        self._link: Link | None = None
        self._host: LocalHost | None = None
        self._jobs: dict[str, Job] = {}
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None
        self._topic = f"stratloop-{uuid.uuid4().hex}"

    @property
    def width(self) -> int:
        """Tasks that run at once now."""
        with self._lock:
            return self._require_link().width

    def send(self, work: str, payload: bytes, data: Mapping[str, bytes], report: Callable[[bytes], None] | None = None) -> Job:
        """Send work; `data` are kept on the workers under their SHA-256. Work that is lost with its worker is sent again by itself."""
        job = Job(work, payload, data, report)
        with self._lock:
            self._require_link()
            self._submit(job)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, daemon=True, name="cluster")
                self._watcher.start()
        return job

    def describe(self) -> ClusterState:
        """Tell who works, and who is refused for which reason. Connects when there is no connection yet."""
        with self._lock:
            problem = ""
            try:
                self._require_link()
            except SandboxUnavailableError as error:
                problem = str(error)
            workers = tuple(self._link.workers.values()) if self._link is not None else ()
        return ClusterState(address=self._address.text, workers=workers, problem=problem)

    def close(self) -> None:
        """Take back what is on its way, and end what was started here."""
        self._closed.set()
        with self._lock:
            self._give_up(SandboxUnavailableError("The cluster was left while work was going on."))
            self._leave()
            self._end_host()

    def _require_link(self) -> "Link":
        """The connection, made anew where it was lost, with one accepted worker at least."""
        if self._closed.is_set():
            raise SandboxUnavailableError("The cluster was left while work was going on.")
        if self._link is not None and not self._link.alive:
            self._leave()
        link = self._link or self._open()
        if not link.accepted and link.had_workers:
            self._await_workers(link, min(RESTART_SECONDS if self._address.workers else self._wait, self._wait))
        if not link.workers and self._address.workers:
            link = self._start_anew()
        self._require_workers(link)
        return link

    def _open(self) -> "Link":
        """Connect, and give the first workers a moment to join."""
        self._link = self._connect()
        self._await_workers(self._link, min(FIRST_WAIT_SECONDS, self._wait), least=max(1, self._address.workers))
        return self._link

    def _start_anew(self) -> "Link":
        """End what is left of this machine's scheduler and workers, and start all of them again: the last worker is gone for good."""
        log.warning("the workers of this machine are gone; they are started anew")
        self._leave()
        self._end_host()
        return self._open()

    def _connect(self) -> "Link":
        try:
            from core.cluster.link import Link
        except ImportError as error:
            said = "STRATLOOP_CLUSTER is set, and the package for clusters is not installed."
            raise SandboxUnavailableError(said, hint="Install it with pip install '.[cluster]'.") from error
        link = Link(self._find_scheduler(), self._address, describe=self._describe, find_level=self._find_level)
        link.subscribe(self._topic, self._hear)
        return link

    def _find_scheduler(self) -> str:
        if not self._address.workers:
            return self._address.text
        if self._host is None or not self._host.alive:
            from core.cluster.local_host import LocalHost

            self._host = LocalHost(self._address.workers)
        return self._host.address

    def _await_workers(self, link: "Link", seconds: float, *, least: int = 1) -> None:
        """Wait until so many workers are there, for a while."""
        until = time.monotonic() + seconds
        while True:
            self._meet(link)
            if len(link.workers) >= least or time.monotonic() > until or self._closed.wait(TICK_SECONDS / 5):
                return

    def _meet(self, link: "Link") -> None:
        try:
            link.meet_workers()
        except (OSError, TimeoutError, CancelledError) as error:
            raise SandboxUnavailableError(f"The cluster's scheduler at {self._address.text} was lost.") from error

    def _require_workers(self, link: "Link") -> None:
        if link.accepted:
            return
        if not link.workers and self._address.workers:
            raise SandboxUnavailableError("The workers of this machine do not start.", hint="Try it again, or take STRATLOOP_CLUSTER away.")
        if not link.workers:
            raise SandboxUnavailableError(
                f"The cluster at {self._address.text} has no workers.", hint="Start some: docs/scale.md says how."
            )
        reasons = "; ".join(f"{worker.address} ({worker.refused})" for worker in link.workers.values())
        raise SandboxUnavailableError(f"No worker of the cluster may work for this server: {reasons}.")

    def _submit(self, job: Job) -> None:
        link = self._link
        if link is None:
            return
        self._jobs.pop(job.key, None)
        if job.sendings >= MOST_SENDINGS:
            if job.result.set_running_or_notify_cancel():
                job.result.set_exception(_build_killed_error())
            return
        job.key, job.sendings, job.allowed = f"stratloop-{uuid.uuid4().hex}", job.sendings + 1, link.accepted
        self._jobs[job.key] = job
        try:
            job.remote = link.submit(job.key, RUN, (job.work, job.payload), job.data, self._topic)
        except ConnectionError as error:
            log.info("work waits for a scheduler: %s", error)
            job.remote = None
            return
        job.remote.add_done_callback(lambda remote: self._settle(job, remote))
        if job.result.cancelled():  # while it was sent again: what was taken back then was the sending before
            job.take_back()

    def _settle(self, job: Job, remote: Any) -> None:
        """Pass on what came of a task; what was lost is left to the watcher."""
        if job.result.done():
            self._jobs.pop(job.key, None)
        if job.remote is not remote or job.result.done():
            return
        task: Any = remote
        try:
            found = task.result(timeout=30) if task.status == "finished" else None
            error = task.exception(timeout=30) if task.status == "error" else None
        except (OSError, TimeoutError, CancelledError):
            return
        if found is not None:
            self._finish(job, found, None)
        elif isinstance(error, NotIntroducedError):
            self._forget_worker(str(error))
        elif error is not None and not (_is_killer(error) and job.sendings < SENDINGS_OF_A_KILLER):
            self._finish(job, b"", error)

    def _forget_worker(self, address: str) -> None:
        link = self._link
        if link is not None:
            link.workers.pop(address, None)

    def _finish(self, job: Job, found: bytes, error: BaseException | None) -> None:
        if self._jobs.pop(job.key, None) is None or not job.result.set_running_or_notify_cancel():
            return
        if error is None:
            job.result.set_result(found)
        else:
            job.result.set_exception(_translate(error))

    def _hear(self, event: Any) -> None:
        """Pass a report on to whoever sent the work."""
        _, said = event
        job = self._jobs.get(said["key"])
        if job is not None and job.report is not None:
            job.report(said["said"])

    def _watch(self) -> None:
        """Look after what is on its way: join new workers, send again what was lost, and say so when nothing can be had any more."""
        trouble_since = 0.0
        while not self._closed.wait(TICK_SECONDS):
            if not self._jobs:
                continue
            try:
                with self._lock:
                    self._send_again(self._require_link())
                trouble_since = 0.0
            except Exception as error:  # the thread's entry point: without it nothing that is lost would be sent again
                if not isinstance(error, SandboxUnavailableError) and not trouble_since:  # once, and not with every tick
                    log.exception("the cluster could not be looked after")
                now = time.monotonic()
                trouble_since = trouble_since or now
                if now - trouble_since > self._wait:
                    self._give_up(error)

    def _send_again(self, link: "Link") -> None:
        self._meet(link)
        for job in list(self._jobs.values()):
            if job.result.done():
                self._jobs.pop(job.key, None)
            elif job.remote is None or job.remote.status in LOST or not job.allowed & link.accepted:
                if job.remote is not None and job.remote.status not in LOST:
                    _take_back(job.remote)
                self._submit(job)

    def _give_up(self, error: Exception) -> None:
        for job in list(self._jobs.values()):
            self._finish(job, b"", error)

    def _end_host(self) -> None:
        if self._host is not None:
            self._host.close()
            self._host = None

    def _leave(self) -> None:
        if self._link is not None:
            link, self._link = self._link, None
            link.close()


def _take_back(remote: "distributed.Future") -> None:
    from distributed.client import ClosedClientError

    try:
        remote.cancel()
    except (OSError, TimeoutError, CancelledError, RuntimeError, ClosedClientError) as error:  # the last two: its connection was left
        log.info("a task could not be taken back: %s", error)


def _translate(error: BaseException) -> Exception:
    """The error of a task for whoever waits; what nobody expected keeps its words, which belong in the log."""
    if isinstance(error, StratloopError):
        return error
    if _is_killer(error):
        return _build_killed_error()
    return RuntimeError(f"A worker of the cluster failed: {type(error).__name__}: {error}")


def _is_killer(error: BaseException) -> bool:
    """True for work under which one worker after the other ended; told by name, so that nothing of Dask is imported for it."""
    return type(error).__name__ == "KilledWorker"


def _build_killed_error() -> RunKilledError:
    said = "The worker that ran it ended, again and again."
    return RunKilledError(said, hint="It may be short of memory. Nothing is held against the code; `resume` tries it again.")
