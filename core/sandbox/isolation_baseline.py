"""The highest level of isolation that this machine has shown, so that a later drop is noticed instead of shrugged off."""

import json
import logging
import os
import secrets
from pathlib import Path

from core.domain.errors import SandboxUnavailableError
from core.domain.isolation import Isolation

log = logging.getLogger(__name__)

FILE_NAME = "isolation.json"
_HOW_TO_ACCEPT = "If this is meant, accept the level that is there now with `python -m core.cli doctor --accept-level`."


class IsolationBaseline:
    """A small file in the folder `state`; without a folder nothing is remembered."""

    def __init__(self, state: Path | None) -> None:
        self._path = None if state is None else state / FILE_NAME

    def check(self, found: Isolation) -> None:
        """Compare with what was seen before, and remember a higher level. Raises SandboxUnavailableError when the level dropped."""
        before = self._read()
        if before is not None and found.level < before:
            probes = ", ".join(found.open_probes) or "none"
            raise SandboxUnavailableError(
                f"Isolation on this machine dropped from level {before} to {found.level}; these probes got through: {probes}.",
                hint=_HOW_TO_ACCEPT,
            )
        if before is None or found.level > before:
            try:
                self.accept(found)
            except SandboxUnavailableError as error:  # a disk that is full is no reason to run nothing: it holds what was measured just now
                log.warning("%s", error)

    def accept(self, found: Isolation) -> None:
        """From now on, expect this level. Raises SandboxUnavailableError when that cannot be written down."""
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}.new")
            draft.write_text(json.dumps({"level": found.level, "open_probes": found.open_probes}), encoding="utf-8")
            draft.replace(self._path)
        except OSError as error:
            raise SandboxUnavailableError(f"The level of isolation cannot be written to {self._path}: {error.strerror}.") from None

    def _read(self) -> int | None:
        if self._path is None or not self._path.exists():
            return None
        try:
            return int(json.loads(self._path.read_text(encoding="utf-8"))["level"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = f"The remembered level of isolation in {self._path} cannot be read ({type(error).__name__})."
            raise SandboxUnavailableError(problem, hint=_HOW_TO_ACCEPT) from None
