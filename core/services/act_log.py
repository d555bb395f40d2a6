"""Log of what people did that others may ask about: sign-ins, links, roles, keys, deletions, copies of the history."""

import json
import logging
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.services.permissions import find_person

log = logging.getLogger(__name__)


class ActLog:
    """A file in the home, readable by its owner, that is only ever added to."""

    def __init__(self, home: Path) -> None:
        self._file = home / "logs" / "acts.jsonl"
        self._lock = threading.Lock()

    def record(self, act: str, what: str, *, by: str | None = None) -> None:
        """Add a line: when, who (the person in front of the screen by default), what."""
        from core.store import make_private_file, make_private_folder

        who = by if by is not None else find_person().name or "this machine"
        line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "by": who, "act": act, "what": what}
        try:
            with self._lock:
                make_private_folder(self._file.parent)
                make_private_file(self._file)
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
        except OSError as error:  # what was done is done; that it is not in the log is said in the other one
            log.warning("%s by %s was not written down: %s", act, who, error)

    def list_newest(self, limit: int) -> tuple[dict[str, str], ...]:
        """The newest lines, newest first; a line that was cut off is left out."""
        if not self._file.is_file():
            return ()
        lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()[-limit:]
        return tuple(reversed(list(_parse(lines))))


def _parse(lines: Iterable[str]) -> Iterable[dict[str, str]]:
    for line in lines:
        try:
            found: Any = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield {str(key): str(value) for key, value in found.items()}
