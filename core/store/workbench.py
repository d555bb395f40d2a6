"""The things people keep between visits: saved workflows, drafts, code revisions, settings."""

import time
from datetime import UTC, datetime

from sqlmodel import Session, col, func, select

from core.domain.errors import InputError
from core.domain.workbench import Revision, SavedWorkflow
from core.domain.workflow import Workflow
from core.store.database import Database
from core.store.tables import DraftTable, RevisionTable, SettingTable, WorkflowTable


class WorkbenchRepository:
    """Workflows by name and version; drafts, revisions and settings."""

    _database: Database

    def save_workflow(self, workflow: Workflow, *, tags: tuple[str, ...] = ()) -> SavedWorkflow:
        """Keep a workflow under its name; the next version when the name is taken."""
        with self._database.write() as session:
            latest = session.exec(select(func.max(WorkflowTable.version)).where(WorkflowTable.name == workflow.name)).one()
            row = WorkflowTable(
                name=workflow.name,
                version=(latest or 0) + 1,
                created=time.time(),
                tags="\n".join(tags),
                document=workflow.model_dump_json(),
            )
            session.add(row)
            session.flush()
            return _saved(row)

    def list_workflows(self) -> tuple[SavedWorkflow, ...]:
        """The latest version of each name, newest first."""
        latest = select(WorkflowTable.name, func.max(WorkflowTable.version).label("version")).group_by(WorkflowTable.name).subquery()
        query = (
            select(WorkflowTable)
            .join(latest, (col(WorkflowTable.name) == latest.c.name) & (col(WorkflowTable.version) == latest.c.version))
            .order_by(col(WorkflowTable.created).desc())
        )
        with self._database.read() as session:
            return tuple(_saved(row) for row in session.exec(query))

    def list_versions(self, name: str) -> tuple[SavedWorkflow, ...]:
        """Every version of one name, newest first."""
        query = select(WorkflowTable).where(WorkflowTable.name == name).order_by(col(WorkflowTable.version).desc())
        with self._database.read() as session:
            return tuple(_saved(row) for row in session.exec(query))

    def delete_workflow(self, name: str) -> None:
        """Forget every version of a name. Raises InputError when there is none."""
        with self._database.write() as session:
            rows = session.exec(select(WorkflowTable).where(WorkflowTable.name == name)).all()
            if not rows:
                raise InputError(f"There is no saved workflow {name!r}.")
            for row in rows:
                session.delete(row)

    def save_draft(self, key: str, document: str) -> None:
        """Keep the unsaved work of a screen."""
        with self._database.write() as session:
            session.merge(DraftTable(key=key, updated=time.time(), document=document))

    def read_draft(self, key: str) -> str | None:
        """The unsaved work of a screen, if any."""
        with self._database.read() as session:
            row = session.get(DraftTable, key)
            return None if row is None else row.document

    def add_revision(self, code: str, *, origin: str, note: str = "") -> Revision:
        """Keep a state of the code; the same code twice in a row is kept once."""
        with self._database.write() as session:
            last = session.exec(select(RevisionTable).order_by(col(RevisionTable.id).desc()).limit(1)).first()
            if last is not None and last.code == code:
                return _revision(last)
            row = RevisionTable(created=time.time(), origin=origin, note=note, code=code)
            session.add(row)
            session.flush()
            return _revision(row)

    def list_revisions(self, *, limit: int = 50) -> tuple[Revision, ...]:
        """The newest states of the code first."""
        with self._database.read() as session:
            return tuple(_revision(row) for row in session.exec(select(RevisionTable).order_by(col(RevisionTable.id).desc()).limit(limit)))

    def read_setting(self, key: str, default: str = "") -> str:
        """A setting chosen on screen."""
        with self._database.read() as session:
            return _setting(session, key, default)

    def save_setting(self, key: str, value: str) -> None:
        """Keep a setting. Never give it a key or a password."""
        with self._database.write() as session:
            session.merge(SettingTable(key=key, value=value))


def _setting(session: Session, key: str, default: str) -> str:
    row = session.get(SettingTable, key)
    return default if row is None else row.value


def _saved(row: WorkflowTable) -> SavedWorkflow:
    return SavedWorkflow(
        name=row.name,
        version=row.version,
        created=datetime.fromtimestamp(row.created, UTC),
        tags=tuple(tag for tag in row.tags.split("\n") if tag),
        workflow=Workflow.model_validate_json(row.document),
    )


def _revision(row: RevisionTable) -> Revision:
    return Revision(id=row.id or 0, created=datetime.fromtimestamp(row.created, UTC), origin=row.origin, note=row.note, code=row.code)
