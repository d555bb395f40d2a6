"""The only door to Dask: work that is sent to other processes and machines, by name and as bytes. Knows nothing of backtests."""

from core.cluster.address import ClusterAddress, read_address
from core.cluster.cluster import Cluster
from core.cluster.state import ClusterState, ClusterWorker

__all__ = ["Cluster", "ClusterAddress", "ClusterState", "ClusterWorker", "read_address"]
