"""Frames between the sandbox's processes: length-prefixed, and the price bars as bytes. Never pickle: one side may be hostile.

A frame is four bytes of length (little-endian) and a body; the body is UTF-8 JSON unless the reader asked for raw bytes.
"""

import json
import socket
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from core.domain.bars import PRICE_COLUMNS, Bars
from core.domain.instrument import Instrument, Timeframe

LARGEST_FRAME = 8 * 1024 * 1024
"""Bytes; a hostile frame beyond this is not read."""
BAR_BYTES = 8 * (1 + len(PRICE_COLUMNS))
"""Time as seconds since 1970 (int64), then open, high, low, close, volume (float64)."""
STARTED = b'"started"'
"""A run monitor's first frame: the clock of the run has started."""
_LENGTH = struct.Struct("<I")


class FrameError(Exception):
    """A frame that cannot be read: too long, cut off, not JSON, nested without end."""


def pack(body: bytes) -> bytes:
    """The frame that carries `body`."""
    return _LENGTH.pack(len(body)) + body


def encode(document: object) -> bytes:
    """A document as a frame. NaN is written as NaN: the reader of orders knows what to do with it."""
    return pack(json.dumps(document, separators=(",", ":")).encode())


def decode(body: bytes) -> Any:
    """The document in a frame's body. Raises FrameError for anything that is not plain JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON: {type(error).__name__}") from None


class FrameTooLongError(FrameError):
    """The announced length is beyond the limit."""


class FrameBuffer:
    """Turns a stream of bytes, cut anywhere, back into frame bodies."""

    def __init__(self, limit: int = LARGEST_FRAME) -> None:
        self._limit = limit
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what was read."""
        self._bytes += data

    def take(self) -> bytes | None:
        """The next complete body, or None. Raises FrameTooLongError when its announced length is beyond the limit."""
        if len(self._bytes) < 4:
            return None
        (length,) = _LENGTH.unpack_from(self._bytes)
        if length > self._limit:
            raise FrameTooLongError(f"a frame of {length} bytes is too long")
        if len(self._bytes) < 4 + length:
            return None
        body = bytes(self._bytes[4 : 4 + length])
        del self._bytes[: 4 + length]
        return body

    @property
    def pending(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self._bytes)


def receive(channel: socket.socket, buffer: FrameBuffer) -> bytes:
    """Block until a whole body arrived. Raises EOFError when the other side closed."""
    while (body := buffer.take()) is None:
        data = channel.recv(1 << 20)
        if not data:
            raise EOFError
        buffer.feed(data)
    return body


def encode_bars(bars: Bars) -> bytes:
    """Encode bars as six columns, one after the other, eight bytes a value."""
    columns = [bars.time.astype("<i8").tobytes(), *(getattr(bars, name).astype("<f8").tobytes() for name in PRICE_COLUMNS)]
    return b"".join(columns)


def describe_bars(bars: Bars) -> dict[str, Any]:
    """Describe what the bytes do not say about the bars."""
    return {"instrument": bars.instrument.model_dump(mode="json"), "timeframe": bars.timeframe.value, "source": bars.source}


def decode_columns(data: bytes | memoryview) -> dict[str, Any]:
    """Decode `time` (datetime64[s]) and the price columns (float64), each of shape (n,), without a copy."""
    matrix = np.frombuffer(data, dtype="<f8").reshape(1 + len(PRICE_COLUMNS), -1)
    time = np.frombuffer(data, dtype="<i8", count=matrix.shape[1]).view("datetime64[s]")
    return {"time": time} | dict(zip(PRICE_COLUMNS, matrix[1:], strict=True))


def decode_bars(data: bytes | memoryview, description: dict[str, Any]) -> Bars:
    """Decode the bars, without a copy when `data` is read-only memory."""
    instrument, timeframe = Instrument.model_validate(description["instrument"]), Timeframe(description["timeframe"])
    return Bars(instrument=instrument, timeframe=timeframe, source=description["source"], **decode_columns(data))


def bar_rows(data: bytes | memoryview) -> Iterator[bytes]:
    """Each bar as its own 48 bytes, in the order of the columns: what lock-step sends, one at a time."""
    matrix = np.frombuffer(data, dtype="V8").reshape(1 + len(PRICE_COLUMNS), -1)
    return iter(np.ascontiguousarray(matrix.T).view(f"V{BAR_BYTES}").ravel().tolist())
