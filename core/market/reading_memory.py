"""Corrections that people made of files, kept: columns by the header they stand in, everything else by the file's own bytes."""

import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any

from core.domain.errors import MarketDataError
from core.domain.readings import Corrections


class ReadingMemory:
    """Sayings of people that hold for every later reading; `path` is a JSON file, made when something is said."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def find(self, data_hash: str, headers: tuple[str, ...] = ()) -> Corrections:
        """Find what is known of a file with these bytes and this header."""
        known = self._load()
        by_header = Corrections(columns=tuple(known["columns"].get(hash_headers(headers), {}).items())) if any(headers) else Corrections()
        return by_header.merge(Corrections.model_validate(known["files"].get(data_hash, {})))

    def remember(self, data_hash: str, headers: tuple[str, ...], said: Corrections) -> None:
        """Keep what a person said. Raises MarketDataError when it cannot be written."""
        with self._lock:
            known = self._load()
            if said.columns and any(headers):
                key = hash_headers(headers)
                known["columns"][key] = {**known["columns"].get(key, {}), **dict(said.columns)}
            rest = said.changed(columns=())
            before = Corrections.model_validate(known["files"].get(data_hash, {}))
            known["files"][data_hash] = before.merge(rest).model_dump(mode="json", exclude_defaults=True)
            self._write(known)

    def forget(self, data_hash: str, headers: tuple[str, ...] = ()) -> None:
        """Forget what was said of a file and its header. Raises MarketDataError when that cannot be written."""
        with self._lock:
            known = self._load()
            known["files"].pop(data_hash, None)
            known["columns"].pop(hash_headers(headers), None)
            self._write(known)

    @property
    def state(self) -> tuple[int, int]:
        """Changes whenever something is said, in whatever process."""
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size

    def _load(self) -> dict[str, Any]:
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            known = {}
        except (OSError, ValueError) as problem:
            message = f"What was said of earlier files cannot be read ({self._path.name}): {problem}."
            raise MarketDataError(message, hint=f"Move {self._path.name} out of the state folder.") from problem
        return {"columns": dict(known.get("columns", {})), "files": dict(known.get("files", {}))}

    def _write(self, known: dict[str, Any]) -> None:
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(known, indent=1, ensure_ascii=False), encoding="utf-8")
            part.replace(self._path)
        except OSError as problem:
            raise MarketDataError(f"What you said cannot be kept: {problem.strerror}.", hint="Make room in the state folder.") from problem


def hash_data(data: bytes) -> str:
    """Name of a file's content."""
    return hashlib.sha256(data).hexdigest()[:32]


def hash_headers(headers: tuple[str, ...]) -> str:
    """Name of a header, whatever blanks stand around its words."""
    return hashlib.sha256("\x1f".join(header.strip() for header in headers).encode()).hexdigest()[:32]
