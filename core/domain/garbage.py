"""Looking for garbage less often, while much is made that stays and next to nothing that lies in a circle."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS_BETWEEN_COLLECTIONS = 50_000
_lock = threading.Lock()
_usual: list[tuple[int, int, int]] = []
"""The usual thresholds, once for each who asked for others."""


@contextmanager
def collect_rarely() -> Iterator[None]:
    """Look for garbage less often in this process; several threads may ask for it at once."""
    with _lock:
        _usual.append(_usual[0] if _usual else gc.get_threshold())
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 100)
    try:
        yield
    finally:
        with _lock:
            before = _usual.pop()
            if not _usual:
                gc.set_threshold(*before)
