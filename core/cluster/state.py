"""Values that say how a cluster stands, for settings and `doctor`. Needs no Dask."""

from core.domain.value import Value


class NotIntroducedError(Exception):
    """A worker got work before anybody asked what it is made of: it began anew under the address of an earlier one."""


class ClusterWorker(Value):
    """One worker as it introduced itself."""

    address: str
    host: str = ""
    threads: int = 1
    level: int | None = None
    """Isolation of the code that it runs; None where it could not say."""
    refused: str = ""
    """Reason why it gets no work, in words; empty when it gets some."""
    keys: tuple[str, ...] = ()
    """Names of variables in its environment that look like keys: they do not belong there."""


class ClusterState(Value):
    """A cluster as it stands now."""

    address: str
    workers: tuple[ClusterWorker, ...] = ()
    problem: str = ""
    """Reason why nothing can be sent, in words; empty when work is taken."""

    @property
    def accepted(self) -> tuple[ClusterWorker, ...]:
        """Workers that get work."""
        return tuple(worker for worker in self.workers if not worker.refused)
