"""The heavy part of an iteration as compressed bytes: number columns, exact, little-endian, a fifth of their JSON; fills and trades.

What earlier versions wrote begins as zlib's streams do, and is read by that; a mark of one byte says what is kept otherwise.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sqlalchemy.orm import object_session

from core.domain.backtest import Fill, Trade
from core.domain.bars import FloatArray
from core.domain.history import DocumentKind
from core.domain.iteration import IterationDetail
from core.domain.value import Value
from core.store.account_columns import MARK, pack_account, read_digest, shuffle, unpack_account, unshuffle
from core.store.documents import current_version, name_unreadable, read_document, require_known
from core.store.tables import ClosesTable, CurveTable

PREVIEW_POINTS = 120
"""Enough for a sparkline in a table."""


_EFFORT = 6
"""Of the compressor: the most, 9, takes ten times as long with a column of steps, such as a position, and gains nothing."""
_PLAINLY_SMALL = 0.25
"""Share of its eight bytes a value from which down an account is kept by its fills without trying anything else."""
_KEPT_CLOSES = 4
"""Columns of closes that are kept as they are stored: those of all points of a sweep are the same."""
_SHUFFLED = b"s"
"""Mark of a column whose bytes lie side by side by their rank."""
_IN_COLUMNS = b"c"
"""Mark of fills and trades whose fields lie side by side."""


class _StoredFacts(Value):
    """Fills and trades as they are stored."""

    fills: tuple[Fill, ...]
    trades: tuple[Trade, ...]


def pack_column(column: FloatArray) -> bytes:
    """Bytes of a float column.

    >>> unpack_column(pack_column(np.array([1.5, 2.5]))).tolist()
    [1.5, 2.5]
    """
    data = np.ascontiguousarray(column, dtype="<f8").tobytes()
    return min(zlib.compress(data, _EFFORT), _SHUFFLED + zlib.compress(shuffle(data), _EFFORT), key=len)


def unpack_column(data: bytes) -> FloatArray:
    """The column that `pack_column` was given, bit for bit."""
    plain = unshuffle(zlib.decompress(data[1:])) if data[:1] == _SHUFFLED else zlib.decompress(data)
    return np.array(np.frombuffer(plain, dtype="<f8"), dtype=np.float64)


def downsample(column: FloatArray, points: int = PREVIEW_POINTS) -> FloatArray:
    """At most `points` values of a curve, first and last kept.

    >>> downsample(np.arange(1000.0), 3).tolist()
    [0.0, 500.0, 999.0]
    """
    if len(column) <= points:
        return column
    return np.take(column, np.round(np.linspace(0, len(column) - 1, points)).astype(np.intp))


def pack_facts(fills: tuple[Fill, ...], trades: tuple[Trade, ...]) -> bytes:
    """Fills and trades as compressed JSON, field by field."""
    columns = {"fills": _turn_to_columns(fills), "trades": _turn_to_columns(trades)}
    return _IN_COLUMNS + zlib.compress(json.dumps(columns, separators=(",", ":"), allow_nan=False).encode(), 9)


def _turn_to_columns(rows: Sequence[Value]) -> dict[str, list[object]]:
    said = [vars(row) for row in rows]  # plain numbers and texts, each of them
    return {name: [row[name] for row in said] for name in (said[0] if said else ())}


def _unpack_facts(data: bytes) -> bytes:
    """The JSON of fills and trades, row by row."""
    if data[:1] != _IN_COLUMNS:
        return zlib.decompress(data)
    columns = json.loads(zlib.decompress(data[1:]))
    rows = {kind: [dict(zip(own, values, strict=True)) for values in zip(*own.values(), strict=True)] for kind, own in columns.items()}
    return json.dumps(rows).encode()


def build_rows(detail: IterationDetail) -> tuple[dict[str, object], ClosesTable | None]:
    """The row of an iteration's heavy part by column, and that of the closes without which its account cannot be read."""
    equity = None if detail.closes is None else pack_account(detail.equity, detail.fills, detail.closes)
    if equity is None or len(equity) > _PLAINLY_SMALL * detail.equity.nbytes:
        plain = pack_column(detail.equity)
        equity = equity if equity is not None and len(equity) < len(plain) else plain
    row: dict[str, object] = {
        "run_id": detail.iteration.run_id,
        "number": detail.iteration.number,
        "equity": equity,
        "position": pack_column(detail.position),
        "facts": pack_facts(detail.fills, detail.trades),
        "preview": pack_column(downsample(detail.equity)),
        "document_version": current_version(DocumentKind.CURVE),
    }
    known = None if detail.closes is None or equity[:1] != MARK else _build_closes(read_digest(equity), detail.closes.tobytes())
    return row, known


@lru_cache(maxsize=_KEPT_CLOSES)
def _build_closes(digest: str, data: bytes) -> ClosesTable:
    return ClosesTable(digest=digest, data=pack_column(np.frombuffer(data, dtype=np.float64)))


def _read_equity(row: CurveTable, fills: Sequence[Fill]) -> FloatArray:
    """The account of a row that a session holds. Raises ValueError when it cannot be made again."""
    if row.equity[:1] != MARK:
        return unpack_column(row.equity)
    session, digest = object_session(row), read_digest(row.equity)
    found = None if session is None else session.get(ClosesTable, digest)
    if found is None:
        raise ValueError("the closes of its bars are not there")
    return unpack_account(row.equity, fills, unpack_column(found.data))


@dataclass(frozen=True, slots=True)
class Curves:
    """The heavy part of one iteration."""

    equity: FloatArray
    position: FloatArray
    fills: tuple[Fill, ...]
    trades: tuple[Trade, ...]


def to_curves(row: CurveTable) -> Curves:
    """The heavy part of an iteration that a row holds. Raises UnreadableRowError."""
    row_id = f"{row.run_id}:{row.number}"
    with name_unreadable(DocumentKind.CURVE, row_id):
        require_known(DocumentKind.CURVE, row_id, row.document_version)
        facts = read_document(_StoredFacts, DocumentKind.CURVE, row_id, _unpack_facts(row.facts), row.document_version)
        return Curves(_read_equity(row, facts.fills), unpack_column(row.position), facts.fills, facts.trades)


def to_preview(run_id: str, number: int, preview: bytes, version: int) -> tuple[int, tuple[float, ...]]:
    """An iteration's number with its thinned curve, from columns of its row. Raises UnreadableRowError."""
    row_id = f"{run_id}:{number}"
    with name_unreadable(DocumentKind.CURVE, row_id):
        require_known(DocumentKind.CURVE, row_id, version)
        return number, tuple(unpack_column(preview).tolist())
