"""Copies of the history, by hand and daily, and what was deleted within the last day."""

import json
import logging
import re
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from core.domain.errors import InputError, StoreError
from core.domain.history import UnreadableRow
from core.domain.people import Role
from core.domain.workbench import SavedWorkflow
from core.services.permissions import find_person, needs
from core.services.rooms import Rooms
from core.store import backups
from core.store.address import FILE, hide_password, read_address
from core.store.database import Database
from core.store.transfer import Transfer, copy_rows

log = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 3600.0
"""Time for which what was deleted can be brought back."""
LOOK_SECONDS = 3600.0
"""Time between two looks whether the day's copy is made."""
_WORKFLOW, _UPLOAD = "workflow", "upload"


@dataclass(frozen=True, slots=True)
class Deleted:
    """A deleted thing that can be brought back."""

    id: str
    kind: str
    """`workflow` or `upload`."""
    name: str
    deleted: datetime
    """UTC."""


class Backups:
    """Verbs over copies, for the settings screen, the launcher and the terminal."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    @property
    def folder(self) -> Path:
        """The folder of the daily copies."""
        return self._rooms.settings.home / "backups"

    @property
    def _bin(self) -> Path:
        """Folder in which deleted things of the person wait; each has one of their own."""
        return self._rooms.settings.home / "deleted" / find_person().id

    @needs(Role.ADMIN)
    def back_up(self, file: Path) -> backups.Copy:
        """Copy the history to a file, consistent while runs go on. Raises InputError for one that exists, and StoreError."""
        if file.exists():
            raise InputError(f"{file} exists.", hint="Choose another name; nothing is overwritten.")
        made = backups.copy_history(self._locate(), file)
        self._rooms.acts.record("history copied", str(file))
        return made

    @needs(Role.ADMIN)
    def restore(self, file: Path) -> backups.Copy:
        """Put a copy back; gives the copy of what was there before. Raises InputError while runs are worked on, and StoreError."""
        database = self._locate()
        if database.is_file() and not backups.find_damage(database):
            self._refuse_working_runs()
        before = self.folder / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}.db"
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = backups.restore_history(file, database, before)
        self._rooms.acts.record("history put back", str(file))
        return kept

    @needs(Role.ADMIN)
    def copy_to(self, target: str, source: str = "") -> Transfer:
        """Copy the history, or the one at `source`, into an empty database at `target`, checked row by row.

        Raises InputError while runs of the history are worked on, or when both are the same place, and StoreError.
        """
        here = read_address(source or self._rooms.settings.database or str(self._locate()))
        there = read_address(target)
        if here == there:
            raise InputError("Both addresses are the same history.")
        for address, kept in ((here, True), (there, False)):
            _require_place(address, exists=kept)
        if not source:
            self._refuse_working_runs()
        with closing(Database(here)) as one, closing(Database(there)) as other:
            made = copy_rows(one, other)
        self._rooms.acts.record("history copied", hide_password(there))
        return made

    def _refuse_working_runs(self) -> None:
        working = [run.id for run in self._rooms.history.list_open_runs() if self._rooms.history.is_claimed(run.id)]
        if working:
            raise InputError(f"Run {working[0]} is being worked on.", hint="Cancel it or stop the server first.")

    def check(self, file: Path | None = None) -> tuple[str, ...]:
        """Check the history, or a copy of it, whole; gives what is wrong with it. Raises StoreError."""
        damage = backups.find_damage(file or self._locate())
        if damage or file is not None:
            return damage
        rows: tuple[UnreadableRow, ...] = self._rooms.history.list_unreadable()
        return tuple(str(row) for row in rows)

    def list_copies(self) -> tuple[backups.Copy, ...]:
        """List the copies that are kept, the newest first."""
        return backups.list_copies(self.folder)

    def keep_daily_copies(self, closing: threading.Event) -> None:
        """Make a copy a day until `closing` is set; for a thread of the server. What goes wrong is noted and tried again."""
        while not closing.is_set():
            try:
                if not self._rooms.settings.database:
                    backups.keep_daily_copy(self._locate(), self.folder, date.today())
                self._empty_bin()
            except (OSError, StoreError) as error:
                log.warning("the daily copy of the history was not made: %s", error)
            closing.wait(LOOK_SECONDS)

    def _locate(self) -> Path:
        """The file of the history. Raises InputError where it lies in a database server."""
        address = self._rooms.settings.database and read_address(self._rooms.settings.database)
        if address and not address.startswith(FILE):
            raise InputError("The history lies in a database server.", hint="Use the server's own tools, for example pg_dump.")
        return Path(address.removeprefix(FILE)) if address else self._rooms.settings.home / "stratloop.db"

    @needs(Role.ANALYST)
    def delete_workflow(self, name: str, *, owner: str | None = None) -> None:
        """Delete every version of a saved workflow; it can be brought back for a day. Raises InputError when there is none."""
        versions = self._rooms.store.list_versions(name, owner=owner)
        document = json.dumps([saved.model_dump(mode="json") for saved in versions])
        kept = self._make_place(_WORKFLOW, name)
        kept.write_text(document, encoding="utf-8")
        try:
            self._rooms.store.delete_workflow(name, owner=owner)
        except InputError:
            kept.unlink(missing_ok=True)
            raise
        self._rooms.acts.record("workflow deleted", name)

    @needs(Role.ANALYST)
    def delete_upload(self, path: Path) -> None:
        """Delete a kept upload; it can be brought back for a day. Raises InputError when somebody has just deleted it."""
        place = self._make_place(_UPLOAD, path.name)
        try:
            path.replace(place)
        except FileNotFoundError as error:
            raise InputError(f"There is no upload called {path.name!r}.") from error
        self._rooms.limits.note_uploads(find_person().id)
        self._rooms.acts.record("upload deleted", path.name)

    def list_deleted(self) -> tuple[Deleted, ...]:
        """List what was deleted within the last day, the newest first."""
        self._empty_bin()
        found = [_read_deleted(file) for file in self._bin.glob("*.*.*")] if self._bin.is_dir() else []
        return tuple(sorted((each for each in found if each is not None), key=lambda each: each.deleted, reverse=True))

    @needs(Role.ANALYST)
    def bring_back(self, deleted_id: str) -> Deleted:
        """Bring back what was deleted. Raises InputError when it is gone, or when its name is taken by now."""
        found = next((each for each in self.list_deleted() if each.id == deleted_id), None)
        gone = InputError(f"There is nothing deleted called {deleted_id!r}.", hint="`history deleted` lists what can be brought back.")
        if found is None:
            raise gone
        try:
            self._put_back(found)
        except FileNotFoundError as error:  # another tab has just brought it back
            raise gone from error
        self._rooms.acts.record(f"{found.kind} brought back", found.name)
        return found

    def _put_back(self, found: Deleted) -> None:
        """Put a deleted thing back in its place. Raises InputError when its name is taken, and FileNotFoundError when it is gone."""
        kept = self._bin / found.id
        if found.kind == _UPLOAD:
            target = self._rooms.find_uploads(find_person().id) / found.name
            if target.exists():
                raise InputError(f"There is another upload called {found.name!r} by now.")
            target.parent.mkdir(parents=True, exist_ok=True)
            kept.replace(target)
            self._rooms.limits.note_uploads(find_person().id)
        else:
            saved = [SavedWorkflow.model_validate(each) for each in json.loads(kept.read_text(encoding="utf-8"))]
            self._rooms.store.bring_back_workflow(saved)
            kept.unlink(missing_ok=True)

    def _make_place(self, kind: str, name: str) -> Path:
        self._bin.mkdir(parents=True, exist_ok=True)
        safe = re.sub(r"[/\\\x00]", "_", name)[:150]
        return self._bin / f"{time.time_ns()}.{kind}.{safe}"

    def _empty_bin(self) -> None:
        for file in self._bin.glob("*.*.*"):
            kept = _read_deleted(file)
            if kept is None or (datetime.now(UTC) - kept.deleted).total_seconds() > KEPT_SECONDS:
                file.unlink(missing_ok=True)


def _require_place(address: str, *, exists: bool) -> None:
    """Refuse a file that is not there, or could not be made, before anything opens it. Raises InputError."""
    if not address.startswith(FILE):
        return
    file = Path(address.removeprefix(FILE))
    if exists and not file.is_file():
        raise InputError(f"There is no history at {file}.")
    if not file.parent.is_dir():
        raise InputError(f"There is no folder {file.parent}.")


def _read_deleted(file: Path) -> Deleted | None:
    moment, kind, name = file.name.split(".", 2)
    if not moment.isdecimal() or kind not in (_WORKFLOW, _UPLOAD):
        return None
    try:
        return Deleted(file.name, kind, name, datetime.fromtimestamp(int(moment) / 1e9, UTC))
    except (OverflowError, ValueError, OSError):  # no moment that a clock could show
        return None
