"""The heavy part of an iteration as compressed bytes: number columns, exact, little-endian, a fifth of their JSON; fills and trades."""

import zlib
from dataclasses import dataclass

import numpy as np

from core.domain.backtest import Fill, Trade
from core.domain.bars import FloatArray
from core.domain.history import DocumentKind
from core.domain.value import Value
from core.store.documents import name_unreadable, read_document, require_known
from core.store.tables import CurveTable

PREVIEW_POINTS = 120
"""Enough for a sparkline in a table."""


class _StoredFacts(Value):
    """Fills and trades as they are stored."""

    fills: tuple[Fill, ...]
    trades: tuple[Trade, ...]


def pack_column(column: FloatArray) -> bytes:
    """Bytes of a float column.

    >>> unpack_column(pack_column(np.array([1.5, 2.5]))).tolist()
    [1.5, 2.5]
    """
    return zlib.compress(np.ascontiguousarray(column, dtype="<f8").tobytes(), 6)


def unpack_column(data: bytes) -> FloatArray:
    """The column that `pack_column` was given, bit for bit."""
    return np.array(np.frombuffer(zlib.decompress(data), dtype="<f8"), dtype=np.float64)


def downsample(column: FloatArray, points: int = PREVIEW_POINTS) -> FloatArray:
    """At most `points` values of a curve, first and last kept.

    >>> downsample(np.arange(1000.0), 3).tolist()
    [0.0, 500.0, 999.0]
    """
    if len(column) <= points:
        return column
    return np.take(column, np.round(np.linspace(0, len(column) - 1, points)).astype(np.intp))


def pack_facts(fills: tuple[Fill, ...], trades: tuple[Trade, ...]) -> bytes:
    """Fills and trades as compressed JSON."""
    return zlib.compress(_StoredFacts(fills=fills, trades=trades).model_dump_json().encode(), 6)


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
        facts = read_document(_StoredFacts, DocumentKind.CURVE, row_id, zlib.decompress(row.facts), row.document_version)
        return Curves(unpack_column(row.equity), unpack_column(row.position), facts.fills, facts.trades)


def to_preview(run_id: str, number: int, preview: bytes, version: int) -> tuple[int, tuple[float, ...]]:
    """An iteration's number with its thinned curve, from columns of its row. Raises UnreadableRowError."""
    row_id = f"{run_id}:{number}"
    with name_unreadable(DocumentKind.CURVE, row_id):
        require_known(DocumentKind.CURVE, row_id, version)
        return number, tuple(unpack_column(preview).tolist())
