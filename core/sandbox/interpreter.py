"""Starts the sandbox's own interpreters: isolated, with the same packages as this one and next to no environment."""

import os
import sys
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[2])
_PASSED_ON = ("LD_LIBRARY_PATH", "SYSTEMROOT")
"""Variables without which an interpreter may not start; none of them holds a secret."""
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYDANTIC_DISABLE_PLUGINS": "1",
    "LC_ALL": "C.UTF-8",
}


def isolated_command(call: str) -> list[str]:
    """The command that runs one Python statement in an isolated interpreter that finds the same packages as this one.

    Neither the user's packages nor the folder that it starts in are on its path. It has to be started with `clean_environment`, of which
    it reads the seed of hashes: with `-I` it would not, and programs that walk over sets of words would end differently each time.
    """
    paths = [_ROOT, *(path for path in sys.path if path and os.path.isdir(path))]  # noqa: PTH112 - sys.path holds strings
    start = f"import sys; sys.path += [p for p in {paths!r} if p not in sys.path]; {call}"
    return [sys.executable, "-s", "-P", "-X", "utf8", "-c", start]


def clean_environment() -> dict[str, str]:
    """The part of this process's environment that the sandbox's processes see: next to nothing, and no key."""
    return ENVIRONMENT | {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
