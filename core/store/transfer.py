"""Moving a whole history from one database into another, checked row by row. Copies of an SQLite file are made in `backups`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, insert, select, text, tuple_
from sqlmodel import Session, SQLModel

from core.domain.errors import StoreError
from core.store.database import Database

ROWS_AT_ONCE = 200
"""Rows that are read, written and compared together; a row with curves is some ten thousand bytes."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Transfer:
    """A history that was copied into another database."""

    rows: dict[str, int]
    """Number of rows by table, each compared with its original."""
    left_out: tuple[str, ...]
    """Damaged rows that no database takes as text, by table and key."""


def copy_rows(source: Database, target: Database) -> Transfer:
    """Copy every row of one history, as it stands at one moment, into an empty one; all of it or nothing. Raises StoreError."""
    counts: dict[str, int] = {}
    left_out: list[str] = []
    with source.read() as here, target.write() as there:
        _hold_moment(here)
        for table in _list_tables():
            if there.execute(select(func.count()).select_from(table)).scalar_one():
                raise StoreError(f"The other history is not empty: it has rows in {table.name!r}.", hint="Name a new database.")
        for table in _list_tables():
            counts[table.name] = _copy_table(table, here, there, left_out)
            _set_counter(table, there)
    return Transfer(counts, tuple(left_out))


def _list_tables() -> Sequence[Table]:
    """Every table, those first that others refer to."""
    return SQLModel.metadata.sorted_tables


def _hold_moment(session: Session) -> None:
    """Let everything that is read belong to one moment; SQLite's transactions do so by themselves."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def _copy_table(table: Table, here: Session, there: Session, left_out: list[str]) -> int:
    copied = 0
    for batch in _read_batches(table, here):
        good = []
        for row in batch:
            if _is_storable(row) and not _is_orphan(table, row, left_out):
                good.append(row)
            else:
                left_out.append(_name_row(table, row))
        if good:
            there.execute(insert(table), good)
            _compare(table, good, there)
        copied += len(good)
    if there.execute(select(func.count()).select_from(table)).scalar_one() != copied:
        raise StoreError(f"The other history has rows in {table.name!r} that nobody copied.", hint="Name a database that nobody uses yet.")
    return copied


def _read_batches(table: Table, session: Session) -> Iterator[list[Row]]:
    rows = session.execute(select(table), execution_options={"yield_per": ROWS_AT_ONCE})
    for part in rows.mappings().partitions(ROWS_AT_ONCE):
        yield [dict(row) for row in part]


def _compare(table: Table, written: Sequence[Row], session: Session) -> None:
    """Read back what was written. Raises StoreError at the first difference."""
    keys = list(table.primary_key.columns)
    query = select(table).where(tuple_(*keys).in_([tuple(row[key.name] for key in keys) for row in written]))
    found = {_name_row(table, row): dict(row) for row in session.execute(query).mappings()}
    for row in written:
        name = _name_row(table, row)
        if found.get(name) != row:
            raise StoreError(f"{name} is not the same in the other history; nothing was copied.")


def _name_row(table: Table, row: Any) -> str:
    return f"{table.name} {':'.join(str(row[key.name]) for key in table.primary_key.columns)}"


def _is_storable(row: Row) -> bool:
    """True when every text is text: half a letter or a zero byte comes from a damaged file."""
    texts = [value for value in row.values() if isinstance(value, str)]
    return not any("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value) for value in texts)


def _is_orphan(table: Table, row: Row, left_out: Sequence[str]) -> bool:
    """True when the row refers to one that was left out."""
    return any(f"{key.column.table.name} {row[key.parent.name]}" in left_out for key in table.foreign_keys)


def _set_counter(table: Table, session: Session) -> None:
    """Let the next number of a counted key come after the highest that was copied; SQLite does so by itself."""
    counted = table.autoincrement_column
    if counted is None or session.get_bind().dialect.name != "postgresql":
        return
    highest = session.execute(select(func.max(counted))).scalar_one()
    if highest is not None:
        session.execute(select(func.setval(func.pg_get_serial_sequence(table.name, counted.name), highest)))
