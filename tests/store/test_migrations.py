"""Steps from one form of the database to the next, on both databases; a form that is not known is left alone."""

import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from core.domain.errors import StoreError
from core.domain.hold_out import HoldOut, HoldOutFigure
from core.domain.people import Person, Role
from core.domain.run import Status
from core.domain.turns import WaitingRun
from core.store import Store
from core.store.database import REVISIONS
from core.store.migrations.versions import __path__ as folder
from tests.store.samples import detail, look, plan

DOCUMENTS = ("run", "iteration", "curve", "event", "workflow", "draft", "ledger", "setting")
OLD_COLUMNS = "name, version, created, tags, document, document_version"
TO_THE_SEVENTH = ("DROP TABLE closes", "UPDATE alembic_version SET version_num = '0007'")
TO_THE_SIXTH = (
    *TO_THE_SEVENTH,
    "DROP TABLE upload_room",
    "DROP INDEX place_of_owner",
    *(f"ALTER TABLE run DROP COLUMN {column}" for column in ("waits_since", "has_place", "placed", "portable")),
    "UPDATE alembic_version SET version_num = '0006'",
)
TO_THE_FIFTH = (
    *TO_THE_SIXTH,
    *(f"DROP TABLE {table}" for table in ("share", "sealed_key", "processor_time")),
    *(f"DROP INDEX ix_{table}_owner" for table in ("run", "ledger")),
    *(f"ALTER TABLE {table} DROP COLUMN owner" for table in ("run", "ledger", "revision")),
    f"CREATE TABLE unowned AS SELECT {OLD_COLUMNS} FROM workflow",
    "DROP TABLE workflow",
    "ALTER TABLE unowned RENAME TO workflow",
    "UPDATE alembic_version SET version_num = '0005'",
)
TO_THE_THIRD = (
    *TO_THE_FIFTH,
    "DROP TABLE further_use",
    "DROP TABLE fingerprint",
    "DROP TABLE training",
    "DROP INDEX ix_look_fingerprint",
    "ALTER TABLE look DROP COLUMN fingerprint",
    "UPDATE alembic_version SET version_num = '0003'",
)
TO_THE_SECOND = (
    *TO_THE_THIRD,
    *(f"ALTER TABLE {table} DROP COLUMN document_version" for table in DOCUMENTS),
    "ALTER TABLE run ADD COLUMN pause_requested BOOLEAN NOT NULL DEFAULT false",
    "UPDATE alembic_version SET version_num = '0002'",
)
TO_THE_FIRST = ("DROP TABLE look", "UPDATE alembic_version SET version_num = '0001'")


def execute(store: Store, *statements: str) -> None:
    with store._database.write() as session:
        for statement in statements:
            session.connection().execute(text(statement))


def url_of(store: Store) -> str:
    return store._database._engine.url.render_as_string(hide_password=False)


def test_a_history_of_the_first_format_keeps_its_looks(store: Store, tmp_path: Path) -> None:
    run, broken, nothing = store.create_run(plan()), store.create_run(plan()), HoldOutFigure(name="best")
    day = {"first": datetime(2025, 3, 1), "last": datetime(2025, 3, 9)}
    seen = HoldOut(bars=9, **day, best=nothing, baseline=nothing, benchmark=nothing)
    store.save_run(run.changed(status=Status.COMPLETE, iterations=4, hold_out=seen))
    execute(store, f"UPDATE run SET document = 'cut off' WHERE id = '{broken.id}'", *TO_THE_SECOND, *TO_THE_FIRST)

    again = Store(url_of(store), tmp_path)

    assert again.record_hold_out(look(again.create_run(plan()), 1)) == 2
    assert again.record_hold_out(look(run, 4)) == 2, "its own look is there already"
    again.close()


def test_runs_of_the_sixth_format_wait_and_take_turns_as_new_ones_do(store: Store, tmp_path: Path) -> None:
    run = store.create_run(plan())
    execute(store, *TO_THE_SIXTH)

    again = Store(url_of(store), tmp_path)

    assert again.read_run(run.id) == run
    assert again.claim(run.id, "one", seconds=60)
    assert again.list_waiting_elsewhere("two") == ()
    assert again.take_turns("one", [WaitingRun(run.id)], places=1, seconds=60).given == (run.id,)
    again.close()


def test_a_history_of_the_second_format_has_the_first_version_of_every_document(store: Store, tmp_path: Path) -> None:
    run = store.create_run(plan())
    store.append(detail(run, 0))
    execute(store, *TO_THE_SECOND)

    again = Store(url_of(store), tmp_path)

    assert again.read_run(run.id) == run
    assert again.read_detail(run.id, 0).iteration == detail(run, 0).iteration
    with again._database.read() as session:
        for table in DOCUMENTS:
            found = session.connection().execute(text(f"SELECT DISTINCT document_version FROM {table}")).scalars().all()
            assert set(found) <= {1}, table
        with pytest.raises(StoreError), again._database.read() as probe:
            probe.connection().execute(text("SELECT pause_requested FROM run"))
    again.close()


def test_a_history_from_before_people_belongs_to_nobody_and_everybody_sees_it(store: Store, tmp_path: Path) -> None:
    run, saved = store.create_run(plan()), store.save_workflow(plan("kept").workflow)
    store.add_revision("x = 1", origin="edited")
    execute(store, *TO_THE_FIFTH)

    again = Store(url_of(store), tmp_path)

    for one in (again, again.for_person(Person(id="ann", role=Role.VIEWER))):
        assert (one.read_run(run.id), list(one.list_workflows())) == (run, [saved])
    assert [each.code for each in again.list_revisions()] == ["x = 1"]
    assert again.save_workflow(saved.workflow).version == 2
    again.close()


def test_a_database_of_a_newer_version_is_left_alone(store: Store, tmp_path: Path) -> None:
    run = store.create_run(plan())
    execute(store, "UPDATE alembic_version SET version_num = '9999'", "ALTER TABLE run RENAME COLUMN model TO author")

    with pytest.raises(StoreError, match="newer version") as refused:
        Store(url_of(store), tmp_path)

    assert ("9999" in str(refused.value), "Update Stratloop" in str(refused.value)) == (True, True)
    with store._database.read() as session:
        assert session.connection().execute(text("SELECT id, author FROM run")).all() == [(run.id, "built-in")]
        assert session.connection().execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["9999"]


def test_a_program_that_runs_while_a_newer_one_changes_the_history_says_so(store: Store) -> None:
    execute(store, "ALTER TABLE run RENAME COLUMN model TO author")

    with pytest.raises(StoreError, match="has changed the history meanwhile"):
        store.list_runs()


def test_processes_that_start_at_once_change_the_history_once(store: Store, tmp_path: Path) -> None:
    execute(store, *TO_THE_SECOND, *TO_THE_FIRST)
    opened: list[Store] = []
    starters = [threading.Thread(target=lambda: opened.append(Store(url_of(store), tmp_path))) for _ in range(4)]

    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()

    assert [one.count_runs() for one in opened] == [0, 0, 0, 0]
    for one in opened:
        one.close()


def test_every_step_is_known_by_its_number() -> None:
    files = sorted(file.name[:4] for file in Path(folder[0]).glob("0*.py"))

    assert tuple(files) == REVISIONS
