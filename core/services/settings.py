"""Settings of this installation, read from the environment. Nothing else reads it."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from core.domain.errors import InputError
from core.domain.people import Role
from core.domain.value import Value

if TYPE_CHECKING:
    from core.cluster import ClusterAddress

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the product, with its `data`."""

FEWEST_WORKERS = 4
"""Runs at once even where there are fewer cores: a run mostly waits for its model, and backtests queue for the cores by themselves."""

SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
"""Words by which people say that something is on, or off."""

NAMES = tuple(
    f"STRATLOOP_{name}"
    for name in (
        *("HOME", "DATABASE", "BARS", "EXCHANGE", "HOSTS", "PORT", "WORKERS", "MCP_TOKEN", "LOOK_CLOSER", "SANDBOX_LEVEL"),
        *("ALLOW_UNISOLATED", "CLUSTER", "CLUSTER_CERTIFICATES", "CLUSTER_TRUST_NETWORK", "CLUSTER_ISOLATION"),
        *("ADMINS", "ROLE", "SECRET", "SIGN_IN_HOURS"),
    )
)
"""Variables that are read, here or by the launcher and the sandbox."""


class Settings(Value):
    """Settings from the environment: `STRATLOOP_HOME` holds all state, `STRATLOOP_DATABASE` is an SQLAlchemy URL instead of SQLite."""

    home: Path
    database: str = ""
    allow_unisolated: bool = False
    workers: int = Field(default=1, ge=1)
    bars_folders: tuple[Path, ...] = ()
    """Folders whose files of bars are found by the search."""
    mcp_token: str = ""
    """Token that agents show to the server over HTTP; without it one is made and kept in the home folder."""
    exchange: str = ""
    """ccxt id of a crypto exchange that is asked too."""
    look_closer: bool = False
    """True when a closer look is taken by itself after each loop in the background; so it is unless the environment says otherwise."""
    cluster: str = ""
    """Address of the workers that runs go to: `local:4`, or a scheduler's; empty: this machine's processes."""
    cluster_certificates: Path | None = None
    """Folder with ca.pem, cert.pem and key.pem for a `tls://` scheduler."""
    cluster_trusts_network: bool = False
    """True reaches a scheduler on another machine without TLS."""
    cluster_isolation: int | None = Field(default=None, ge=0, le=2)
    """Least isolation level of a worker; None: the one of this machine."""
    hosts: tuple[str, ...] = ()
    """Host names beyond loopback under which the dashboard may be asked for; they need a login."""

    secret: str = Field(default="", repr=False)
    """Secret with which keys of people are sealed; without one it is made and kept in the home folder."""
    sign_in_hours: float = Field(default=12.0, gt=0)
    """Time for which a sign-in counts."""
    admins: tuple[str, ...] = ()
    """Addresses of people who may do everything once the login's provider has confirmed them."""
    role: Role = Role.ANALYST
    """The role of whoever signs in for the first time."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read `STRATLOOP_*`. Raises InputError on a value that cannot be meant, and on a name that is nearly one of them."""
        _refuse_misspelled(environment)
        workers = environment.get("STRATLOOP_WORKERS", "") or str(max(FEWEST_WORKERS, os.cpu_count() or 1))
        if not workers.isdecimal() or int(workers) < 1:
            raise InputError(f"STRATLOOP_WORKERS is {workers!r}; a whole number from 1 up is needed.")
        hours = environment.get("STRATLOOP_SIGN_IN_HOURS", "") or "12"
        if not hours.replace(".", "", 1).isdecimal() or not float(hours) > 0:
            raise InputError(f"STRATLOOP_SIGN_IN_HOURS is {hours!r}; a number of hours above 0 is needed.")
        made = cls(
            home=Path(environment.get("STRATLOOP_HOME") or ROOT / "data" / "local").expanduser().absolute(),
            database=environment.get("STRATLOOP_DATABASE", ""),
            allow_unisolated=_read_switch(environment, "STRATLOOP_ALLOW_UNISOLATED", otherwise=False),
            workers=int(workers),
            look_closer=_read_switch(environment, "STRATLOOP_LOOK_CLOSER", otherwise=True),
            bars_folders=tuple(Path(part) for part in environment.get("STRATLOOP_BARS", "").split(os.pathsep) if part),
            cluster=environment.get("STRATLOOP_CLUSTER", "").strip(),
            cluster_certificates=_read_folder(environment.get("STRATLOOP_CLUSTER_CERTIFICATES", "")),
            cluster_trusts_network=_read_switch(environment, "STRATLOOP_CLUSTER_TRUST_NETWORK", otherwise=False),
            cluster_isolation=_read_level(environment.get("STRATLOOP_CLUSTER_ISOLATION", "").strip()),
            hosts=_read_hosts(environment.get("STRATLOOP_HOSTS", "")),
            admins=_read_list(environment.get("STRATLOOP_ADMINS", "")),
            role=_read_role(environment.get("STRATLOOP_ROLE", "") or Role.ANALYST.value),
            secret=environment.get("STRATLOOP_SECRET", "").strip(),
            sign_in_hours=float(hours),
            mcp_token=environment.get("STRATLOOP_MCP_TOKEN", "").strip(),
            exchange=environment.get("STRATLOOP_EXCHANGE", ""),
        )
        made.read_cluster()
        return made

    def read_cluster(self) -> "ClusterAddress | None":
        """The cluster's address, read; None where none is set. Raises InputError for one that cannot be meant or trusted."""
        if not self.cluster:
            return None
        from core.cluster import read_address

        return read_address(self.cluster, certificates=self.cluster_certificates, trust_network=self.cluster_trusts_network)


def _refuse_misspelled(environment: Mapping[str, str]) -> None:
    """Refuse a variable whose name is nearly that of a setting: what it says would be left aside without a word."""
    unknown = sorted(name for name in environment if name.startswith("STRATLOOP_") and name not in NAMES)
    for name in unknown:
        meant = get_close_matches(name.removeprefix("STRATLOOP_"), [known.removeprefix("STRATLOOP_") for known in NAMES], 1, cutoff=0.75)
        if meant:
            raise InputError(f"There is no setting {name}.", hint=f"Is STRATLOOP_{meant[0]} meant? Take {name} away, or write that.")


def _read_switch(environment: Mapping[str, str], name: str, *, otherwise: bool) -> bool:
    text = environment.get(name, "").strip().lower()
    if text and text not in SWITCHES:
        raise InputError(f"{name} is {text!r}; 1 (on) or 0 (off) is needed.")
    return SWITCHES.get(text, otherwise)


def _read_list(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def _read_hosts(text: str) -> tuple[str, ...]:
    hosts = _read_list(text)
    for host in hosts:
        if "/" in host or any(letter.isspace() for letter in host):
            raise InputError(f"STRATLOOP_HOSTS has {host!r}; names of hosts are needed, separated by commas, as in stratloop.example.")
    return hosts


def _read_folder(text: str) -> Path | None:
    return Path(text).expanduser().absolute() if text.strip() else None


def _read_level(text: str) -> int | None:
    if text not in ("", "0", "1", "2"):
        raise InputError(f"STRATLOOP_CLUSTER_ISOLATION is {text!r}; 0, 1 or 2 is needed.")
    return int(text) if text else None


def _read_role(text: str) -> Role:
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise InputError(f"STRATLOOP_ROLE is {text!r}; one of {', '.join(Role)} is needed.") from None
