"""The things people keep between visits: saved workflows, drafts, code revisions, settings."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, func, select

from core.domain.errors import InputError
from core.domain.history import DocumentKind, ReadableRows
from core.domain.people import NotYoursError, ShareKind
from core.domain.workbench import Revision, SavedWorkflow
from core.domain.workflow import Workflow
from core.store.documents import current_version, name_unreadable, read_document, read_rows, read_text
from core.store.patience import patient
from core.store.rows import add_once, put_row
from core.store.tables import DraftTable, RevisionTable, SettingTable, ShareTable, WorkflowTable
from core.store.visibility import VisibilityRepository, filter_visible, lock_name


@patient()
class WorkbenchRepository(VisibilityRepository):
    """Workflows by owner, name and version; drafts, revisions and settings."""

    _drafts: str = ""
    """Beginning of the keys of a person's drafts."""

    def save_workflow(self, workflow: Workflow, *, tags: tuple[str, ...] = ()) -> SavedWorkflow:
        """Keep a workflow under its name among the person's own; the next version when they have the name."""
        owner = self._own_id()
        with self._database.write() as session:
            lock_name(session, f"workflow {owner} {workflow.name}")
            mine = (WorkflowTable.owner == owner, WorkflowTable.name == workflow.name)
            latest = session.exec(select(func.max(WorkflowTable.version)).where(*mine)).one()
            row = WorkflowTable(
                owner=owner,
                name=workflow.name,
                version=(latest or 0) + 1,
                created=time.time(),
                tags="\n".join(tags),
                document=workflow.model_dump_json(),
            )
            return to_saved_workflow(add_once(session, row, ("created", "document")))

    def list_workflows(self) -> ReadableRows[SavedWorkflow]:
        """The latest version of each name that can be read and is seen, newest first."""
        keys = (WorkflowTable.owner, WorkflowTable.name)
        latest = select(*keys, func.max(WorkflowTable.version).label("version")).group_by(*keys).subquery()
        same = (col(WorkflowTable.owner) == latest.c.owner) & (col(WorkflowTable.name) == latest.c.name)
        query = select(WorkflowTable).join(latest, same & (col(WorkflowTable.version) == latest.c.version))
        with self._database.read() as session:
            newest = session.exec(query.where(*self._filter_workflows())).all()
            found = read_rows(newest, to_saved_workflow)
            lost = {row.id for row in found.left_out}
            names = [(row.owner, row.name) for row in newest if name_row(row) in lost]
            earlier = [saved for owner, name in names for saved in read_rows(_versions(session, owner, name), to_saved_workflow, 1)]
        return ReadableRows(sorted([*found, *earlier], key=lambda saved: saved.created, reverse=True), found.left_out)

    def list_versions(self, name: str, *, owner: str | None = None) -> ReadableRows[SavedWorkflow]:
        """Every version of one name, newest first. Without an owner: the person's own, else nobody's, else one that they were shown."""
        with self._database.read() as session:
            whose = self._find_owner_of(session, name, owner)
            return read_rows([] if whose is None else _versions(session, whose, name), to_saved_workflow)

    def delete_workflow(self, name: str, *, owner: str | None = None) -> None:
        """Forget every version of a name, found as `list_versions` does. Raises InputError when there is none, or it is somebody else's."""
        with self._database.write() as session:
            whose = self._find_owner_of(session, name, owner)
            if whose is None:
                raise InputError(f"There is no saved workflow {name!r}.")
            if whose not in ("", self._own_id()) and self._viewer is not None and not self._viewer.sees_all:
                raise NotYoursError(f"The workflow {name!r}")
            for row in session.exec(select(WorkflowTable).where(WorkflowTable.owner == whose, WorkflowTable.name == name)).all():
                session.delete(row)
            for share in session.exec(
                select(ShareTable).where(ShareTable.kind == ShareKind.WORKFLOW.value, ShareTable.owner == whose, ShareTable.subject == name)
            ).all():
                session.delete(share)

    def _filter_workflows(self) -> list[ColumnElement[bool]]:
        return filter_visible(self._viewer, ShareKind.WORKFLOW, col(WorkflowTable.owner), col(WorkflowTable.name))

    def _find_owner_of(self, session: Session, name: str, owner: str | None) -> str | None:
        """The owner whose workflow of that name is meant; None when the person sees none."""
        query = select(WorkflowTable.owner).where(WorkflowTable.name == name, *self._filter_workflows()).distinct()
        owners = set(session.exec(query if owner is None else query.where(WorkflowTable.owner == owner)))
        return next((each for each in (self._own_id(), "", *sorted(owners)) if each in owners), None)

    def bring_back_workflow(self, versions: Iterable[SavedWorkflow]) -> None:
        """Store the versions of a deleted workflow as they were. Raises InputError when its name is taken by now."""
        with self._database.write() as session:
            for saved in versions:
                if session.get(WorkflowTable, (saved.owner, saved.name, saved.version)) is not None:
                    raise InputError(f"There is another workflow {saved.name!r} by now.", hint="Rename or delete that one first.")
                session.add(
                    WorkflowTable(
                        owner=saved.owner,
                        name=saved.name,
                        version=saved.version,
                        created=saved.created.timestamp(),
                        tags="\n".join(saved.tags),
                        document=saved.workflow.model_dump_json(),
                    )
                )

    def save_draft(self, key: str, document: str) -> None:
        """Keep the unsaved work of a screen; each person has their own."""
        with self._database.write(personal=True) as session:
            put_row(session, DraftTable(key=self._drafts + key, updated=time.time(), document=document))

    def read_draft(self, key: str) -> str | None:
        """The unsaved work of a screen, if there is any that this version can read."""
        with self._database.read() as session:
            row = session.get(DraftTable, self._drafts + key)
            found = read_rows([] if row is None else [row], to_draft)
            return next(iter(found), None)

    def add_revision(self, code: str, *, origin: str, note: str = "") -> Revision:
        """Keep a state of a person's code; the same code twice in a row is kept once."""
        with self._database.write() as session:
            last = session.exec(
                select(RevisionTable).where(RevisionTable.owner == self._own_id()).order_by(col(RevisionTable.id).desc()).limit(1)
            ).first()
            if last is not None and last.code == code:
                return _revision(last)
            row = RevisionTable(owner=self._own_id(), created=time.time(), origin=origin, note=note, code=code)
            return _revision(add_once(session, row, ("created", "code")))

    def list_revisions(self, *, limit: int = 50) -> tuple[Revision, ...]:
        """The newest states of the person's code first."""
        query = select(RevisionTable).where(RevisionTable.owner == self._own_id()).order_by(col(RevisionTable.id).desc())
        with self._database.read() as session:
            return tuple(_revision(row) for row in session.exec(query.limit(limit)))

    def read_setting(self, key: str, default: str = "") -> str:
        """A setting chosen on screen. Raises UnreadableRowError, since what it says must not be guessed."""
        with self._database.look() as connection:
            row = connection.execute(_SETTING, {"key": key}).first()
            return default if row is None else to_setting(row)

    def list_settings(self, prefix: str) -> dict[str, str]:
        """The settings whose key begins so, by key; without those that this version cannot read."""
        with self._database.read() as session:
            rows = session.exec(
                select(SettingTable).where(col(SettingTable.key).startswith(prefix, autoescape=True)).order_by(SettingTable.key)
            )
            return {row.key: row.value for row in rows if row.document_version <= current_version(DocumentKind.SETTING)}

    def delete_setting(self, key: str) -> None:
        """Forget a setting; nothing happens where there is none."""
        with self._database.write() as session:
            if (row := session.get(SettingTable, key)) is not None:
                session.delete(row)

    def save_setting(self, key: str, value: str) -> None:
        """Keep a setting. Never give it a key or a password."""
        with self._database.write() as session:
            put_row(session, SettingTable(key=key, value=value))


_SETTING = select(SettingTable.key, SettingTable.value, SettingTable.document_version).where(col(SettingTable.key) == bindparam("key"))


def _versions(session: Session, owner: str, name: str) -> Iterable[WorkflowTable]:
    same = (WorkflowTable.owner == owner, WorkflowTable.name == name)
    return session.exec(select(WorkflowTable).where(*same).order_by(col(WorkflowTable.version).desc()))


def name_row(row: WorkflowTable) -> str:
    """The name of a row in lists of what cannot be read."""
    return f"{row.name}:{row.version}"


def to_draft(row: DraftTable) -> str:
    """The unsaved work that a row holds. Raises UnreadableRowError."""
    return read_text(DocumentKind.DRAFT, row.key, row.document, row.document_version)


def to_setting(row: Any) -> str:
    """The setting that a row holds. Raises UnreadableRowError."""
    return read_text(DocumentKind.SETTING, row.key, row.value, row.document_version)


def to_saved_workflow(row: WorkflowTable) -> SavedWorkflow:
    """The saved workflow that a row holds. Raises UnreadableRowError."""
    row_id = name_row(row)
    with name_unreadable(DocumentKind.WORKFLOW, row_id):
        return SavedWorkflow(
            name=row.name,
            version=row.version,
            owner=row.owner,
            created=datetime.fromtimestamp(row.created, UTC),
            tags=tuple(tag for tag in row.tags.split("\n") if tag),
            workflow=read_document(Workflow, DocumentKind.WORKFLOW, row_id, row.document, row.document_version),
        )


def _revision(row: RevisionTable) -> Revision:
    return Revision(id=row.id or 0, created=datetime.fromtimestamp(row.created, UTC), origin=row.origin, note=row.note, code=row.code)
