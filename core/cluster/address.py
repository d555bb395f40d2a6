"""The address of a cluster: worker processes of this machine, or a scheduler that is reached over loopback or TLS. Needs no Dask."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from core.domain.errors import InputError

MOST_LOCAL_WORKERS = 64
CERTIFICATE_FILES = ("ca.pem", "cert.pem", "key.pem")
"""Names in the folder of certificates: the authority that signed all of them, this server's own, and its key."""
_HINT = "Write local:4 for four processes on this machine, or tls://HOST:8786 for a scheduler."


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """Address as it was set, read and found fit."""

    text: str
    workers: int = 0
    """Processes that are started on this machine; 0 where there is a scheduler to go to."""
    certificates: Path | None = None


def read_address(text: str, *, certificates: Path | None = None, trust_network: bool = False) -> ClusterAddress:
    """Read an address. Raises InputError: a scheduler without TLS runs any code for everybody who reaches its port.

    >>> read_address("local:4").workers, read_address("tcp://127.0.0.1:8786").text
    (4, 'tcp://127.0.0.1:8786')
    """
    said = text.strip()
    if said.startswith("local"):
        return ClusterAddress(said, workers=_read_workers(said))
    parts = _split(said)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or _read_port(said) is None:
        raise InputError(f"The cluster's address {text!r} cannot be read.", hint=_HINT)
    if parts.scheme == "tls":
        return ClusterAddress(said, certificates=_require_certificates(certificates))
    if not _is_loopback(parts.hostname) and not trust_network:
        raise InputError(
            f"{said} is neither on this machine nor encrypted: such a scheduler runs any code for everybody who reaches its port.",
            hint="Use tls:// with certificates, or set STRATLOOP_CLUSTER_TRUST_NETWORK=1 where nobody else is on that network.",
        )
    return ClusterAddress(said)


def _read_workers(said: str) -> int:
    found = re.fullmatch(r"local:([1-9]\d{0,3})", said)
    count = int(found.group(1)) if found else 0
    if not 1 <= count <= MOST_LOCAL_WORKERS:
        raise InputError(f"{said!r} names no number of workers from 1 to {MOST_LOCAL_WORKERS}.", hint=_HINT)
    return count


def _split(said: str) -> SplitResult:
    """The parts of an address; none of them where it has no such form."""
    try:
        return urlsplit(said)
    except ValueError:  # brackets that are not closed, or hold no address
        return urlsplit("")


def _read_port(said: str) -> int | None:
    try:
        return urlsplit(said).port
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_certificates(folder: Path | None) -> Path:
    wanted = ", ".join(CERTIFICATE_FILES)
    if folder is None:
        raise InputError("A tls:// cluster needs certificates.", hint=f"Set STRATLOOP_CLUSTER_CERTIFICATES to a folder with {wanted}.")
    missing = [name for name in CERTIFICATE_FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(f"The folder of certificates {folder} has no {' and no '.join(missing)}.", hint=f"It needs {wanted}.")
    return folder
