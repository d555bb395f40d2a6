"""Parts that a worker is made of, and the reasons to give it no work: the same figures come from the same code and libraries alone."""

import hashlib
import os
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core.domain.version import VERSION

LIBRARIES = ("numpy", "backtrader", "pydantic")
"""Libraries that figures depend on."""
_ROOT = Path(__file__).resolve().parents[1]

Passport = dict[str, Any]
"""Plain strings and numbers, so that a worker of any version can be read."""


@cache
def hash_source() -> str:
    """Hash every line of this product's core: two programs with the same hash compute the same."""
    digest = hashlib.sha256()
    for path in sorted(_ROOT.rglob("*.py")):
        digest.update(str(path.relative_to(_ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def write_passport() -> Passport:
    """Describe this process: its versions, its machine, and names of keys that it should not have."""
    return {
        "version": VERSION,
        "source": hash_source(),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "machine": platform.machine(),
        **{name: _find_version(name) for name in LIBRARIES},
        "host": platform.node(),
        "keys": sorted(name for name in os.environ if name.endswith(("_API_KEY", "_SECRET_KEY", "_TOKEN", "_PASSWORD"))),
    }


def find_difference(theirs: Passport, ours: Passport) -> str:
    """Find the first reason why a worker would not compute the same as this process, in words; empty when there is none.

    >>> find_difference({"version": "0.1", "python": "3.12"}, {"version": "0.1", "python": "3.11"})
    'it has python 3.12, this server 3.11'
    """
    for name, mine in ours.items():
        if name in ("host", "keys", "level", "detail"):
            continue
        if theirs.get(name) != mine:
            words = "another state of the product's code" if name == "source" else f"{name} {theirs.get(name, 'unknown')}"
            return f"it has {words}, this server {mine}"
    return ""


def _find_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
