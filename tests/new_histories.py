"""New histories as the steps of the product make them, written out once: a test gets the tables in a moment instead of step by step."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import inspect

from core.store.database import Database

_steps = Database._upgrade


def _write_out() -> tuple[str, ...]:
    """The statements of a new history on SQLite, once all steps were taken."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as plain:
        plain.setattr(Database, "_upgrade", _steps)
        made = Database(str(Path(folder) / "new.db"))
        with closing(made._engine.raw_connection()) as connection:
            statements = tuple(connection.driver_connection.iterdump())[1:-1]  # without the frame of a transaction
        made.close()
        return statements


@contextmanager
def hand_out_new_histories() -> Iterator[None]:
    """Give every new history on SQLite its tables at once; a server's, and one of an earlier form, take the steps."""
    written: list[tuple[str, ...]] = []

    def upgrade(self: Database) -> None:
        if self._engine.dialect.name != "sqlite" or inspect(self._engine).get_table_names():
            _steps(self)
            return
        if not written:
            written.append(_write_out())
        with self._engine.connect() as connection:
            for statement in written[0]:
                connection.exec_driver_sql(statement)
            connection.commit()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "_upgrade", upgrade)
        yield
