"""Unexpected errors, written down with their traceback so that people can quote an id."""

import logging
import secrets
import traceback
from datetime import UTC, datetime
from pathlib import Path


class BugLog:
    """The file of unexpected errors below a state folder."""

    def __init__(self, home: Path) -> None:
        self.path = home / "logs" / "errors.log"

    def record(self, error: BaseException) -> str:
        """Write an unexpected error with its traceback to the log folder; gives an id for people to quote."""
        number = secrets.token_hex(4)
        text = "".join(traceback.format_exception(error))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"--- {datetime.now(UTC).isoformat()} {number}\n{text}\n")
        except OSError:
            logging.getLogger(__name__).exception("error %s could not be written to the log folder", number)
        return number
