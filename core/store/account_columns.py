"""The account of an iteration as what cannot be foreseen of it: between two fills it is cash plus size times close.

Stored are the last places by which the account differs from that, next to nothing when compressed, and the digest of the closes, which lie
in the history once for all iterations on the same bars. Whatever the account was, it is read back bit for bit, or not at all: a checksum
stands beside it.
"""

import hashlib
import struct
import zlib
from collections.abc import Sequence

import numpy as np

from core.domain.backtest import Fill
from core.domain.bars import FloatArray

MARK = b"a"
"""First byte of an account that is kept so."""
_HEAD = struct.Struct("<1s32sdI")
"""Mark, digest of the closes, cash before the first fill, checksum of the account."""


def digest_closes(closes: FloatArray) -> str:
    """Digest by which closes are found again."""
    return hashlib.sha256(_to_bytes(closes)).hexdigest()


def pack_account(equity: FloatArray, fills: Sequence[Fill], closes: FloatArray) -> bytes | None:
    """Bytes of an account; None when the closes are not those of its bars.

    >>> closes = np.linspace(50.0, 90.0, 1_000)
    >>> fill = Fill(order=0, bar=10, size=3.0, price=50.1, commission=0.15)
    >>> equity = np.where(np.arange(1_000) < 10, 1_000.0, 1_000.0 - 3.0 * 50.1 - 0.15 + 3.0 * closes)
    >>> packed = pack_account(equity, [fill], closes)
    >>> len(packed) < 200, bool((unpack_account(packed, [fill], closes) == equity).all())
    (True, True)
    """
    if not len(equity) or len(equity) != len(closes):
        return None
    cash, exact = float(equity[0]), _to_bytes(equity)
    places = np.frombuffer(exact, dtype="<i8") - _foresee(cash, fills, closes)
    head = _HEAD.pack(MARK, bytes.fromhex(digest_closes(closes)), cash, zlib.crc32(exact))
    return head + zlib.compress(shuffle(places.tobytes()), 9)


def read_digest(packed: bytes) -> str:
    """Read the digest of the closes that an account was packed with."""
    return bytes(_HEAD.unpack_from(packed)[1]).hex()


def unpack_account(packed: bytes, fills: Sequence[Fill], closes: FloatArray) -> FloatArray:
    """The account that was packed, bit for bit. Raises ValueError when it cannot be made again."""
    _, _, cash, checksum = _HEAD.unpack_from(packed)
    places = np.frombuffer(unshuffle(zlib.decompress(packed[_HEAD.size :])), dtype="<i8")
    if len(places) != len(closes):
        raise ValueError("its closes are those of other bars")
    equity = (_foresee(cash, fills, closes) + places).astype("<i8").view("<f8")
    if zlib.crc32(equity.tobytes()) != checksum:
        raise ValueError("its account does not come out as it was")
    return np.array(equity, dtype=np.float64)


def _foresee(cash: float, fills: Sequence[Fill], closes: FloatArray) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    """The account by its fills and closes, as whole numbers whose neighbors are neighboring numbers of the account."""
    units, starts, steps = 0.0, [0], [(cash, 0.0)]
    for fill in fills:
        cash += -fill.size * fill.price - fill.commission
        units += fill.size
        starts.append(fill.bar)
        steps.append((cash, units))
    lengths = np.diff(np.append(np.array(starts, dtype=np.int64), len(closes)))
    held = np.repeat(np.array(steps), lengths, axis=0)
    return (held[:, 0] + held[:, 1] * closes).astype("<f8").view("<i8")


def shuffle(data: bytes) -> bytes:
    """Numbers of eight bytes, turned so that bytes of one rank lie side by side: they are much alike."""
    return np.ascontiguousarray(np.frombuffer(data, dtype=np.uint8).reshape(-1, 8).T).tobytes()


def unshuffle(data: bytes) -> bytes:
    """Turn back what `shuffle` turned."""
    return np.ascontiguousarray(np.frombuffer(data, dtype=np.uint8).reshape(8, -1).T).tobytes()


def _to_bytes(column: FloatArray) -> bytes:
    return np.ascontiguousarray(column, dtype="<f8").tobytes()
