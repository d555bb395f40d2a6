"""The gate's reports on the programs that ran last: a program that runs again, on other bars or to be confirmed, is not read again."""

import threading
from collections import OrderedDict
from typing import Any

MOST = 64
"""Programs that are remembered."""
LONGEST = 200_000
"""Characters; the gate refuses a longer program at once, so there is nothing worth keeping."""


class InspectedCode:
    """Reports by the program's whole text, as a run monitor made them. Safe with several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reports: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def keep(self, code: str, report: dict[str, Any]) -> None:
        """Keep a report; the oldest beyond `MOST` is forgotten, and a text that is refused for its length is never kept."""
        if len(code) > LONGEST:
            return
        with self._lock:
            self._reports[code] = report
            self._reports.move_to_end(code)
            if len(self._reports) > MOST:
                self._reports.popitem(last=False)

    def find(self, code: str) -> dict[str, Any] | None:
        """The report on exactly this text; None when it is not known."""
        with self._lock:
            return self._reports.get(code)
