"""Number columns as compressed bytes: exact, little-endian, a fifth of their JSON."""

import json
import zlib

import numpy as np
from pydantic import TypeAdapter

from core.domain.backtest import Fill, Trade
from core.domain.bars import FloatArray

PREVIEW_POINTS = 120
"""Enough for a sparkline in a table."""

_FILLS = TypeAdapter(tuple[Fill, ...])
_TRADES = TypeAdapter(tuple[Trade, ...])


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
    document = {"fills": _FILLS.dump_python(fills, mode="json"), "trades": _TRADES.dump_python(trades, mode="json")}
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 6)


def unpack_facts(data: bytes) -> tuple[tuple[Fill, ...], tuple[Trade, ...]]:
    """The fills and trades that `pack_facts` was given."""
    document = json.loads(zlib.decompress(data))
    return _FILLS.validate_python(document["fills"]), _TRADES.validate_python(document["trades"])
