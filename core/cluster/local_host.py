"""A scheduler and worker processes on this machine, in a process of their own that ends with the one that asked for them.

Run as `python -m core.cluster.local_host WORKERS`; prints the address, and ends when its standard input is closed.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from core.domain.errors import SandboxUnavailableError

START_SECONDS = 120.0
ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = frozenset({"HOME", "LANG", "PATH", "PYTHONPATH", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV", "STRATLOOP_SANDBOX_LEVEL"})
_PASSED_ON_BEGINNINGS = ("LC_", "DASK_")
ALLOWED_FAILURES = 1
"""Workers that one task may take with it before it is given up, beside the first."""


class LocalHost:
    """The process with scheduler and workers. Raises SandboxUnavailableError when it does not start."""

    def __init__(self, workers: int) -> None:
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "core.cluster.local_host", str(workers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=build_environment(os.environ) | {"PYTHONPATH": path},
            text=True,
        )
        self.address = self._read_address()

    @property
    def alive(self) -> bool:
        """True while scheduler and workers are there."""
        return self._process.poll() is None

    def close(self) -> None:
        """End scheduler and workers."""
        for end in (self._process.stdin, self._process.stdout):
            if end is not None:
                end.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read_address(self) -> str:
        late = threading.Timer(START_SECONDS, self._process.kill)
        late.start()
        try:
            line = self._process.stdout.readline().strip() if self._process.stdout else ""
        finally:
            late.cancel()
        if not line:
            self.close()
            raise SandboxUnavailableError("The local workers did not start.", hint="Try it again, or take STRATLOOP_CLUSTER away.")
        return line


def build_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Build the workers' environment: what a program needs to run, and no key of anybody."""
    return {name: value for name, value in environment.items() if name in _PASSED_ON or name.startswith(_PASSED_ON_BEGINNINGS)}


def serve(workers: int) -> None:
    """Hold scheduler and workers until standard input is closed."""
    import dask
    from distributed import LocalCluster

    dask.config.set(
        {
            "distributed.scheduler.active-memory-manager.start": False,
            "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
        }
    )
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, worker_dashboard_address=None
    ) as cluster:
        print(cluster.scheduler_address, flush=True)  # noqa: T201 - this is how its parent learns it
        sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
