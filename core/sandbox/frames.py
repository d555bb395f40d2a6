"""Frames between the sandbox's processes: length-prefixed, and the price bars as bytes. Never pickle: one side may be hostile.

A frame is four bytes of length (little-endian) and a body; the body is UTF-8 JSON unless the reader asked for raw bytes.
"""

import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from core.domain.bars import PRICE_COLUMNS, Bars, BoolArray
from core.domain.instrument import Instrument, Timeframe

LARGEST_FRAME = 8 * 1024 * 1024
"""Bytes; a hostile frame beyond this is not read."""
BAR_BYTES = 8 * (1 + len(PRICE_COLUMNS))
"""Time as seconds since 1970 (int64), then open, high, low, close, volume (float64)."""
NO_BAR = (1 - 2**63).to_bytes(8, "little", signed=True) + bytes(BAR_BYTES - 8)
"""In place of the bar of an instrument that has none at a moment."""
STEP, FAST, PROVED = b"step", b"fast", b"proved"
"""The word with which a run monitor is asked for: all that is known of a run when its child is made. A proved program gets no child."""
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
    """Encode bars as six columns, one after the other, eight bytes a value.

    Of several instruments the times come first, once; then each has its price columns, and one that says where it has a bar.
    """
    columns = [bars.time.astype("<i8").tobytes()]
    for one in bars.instruments:
        columns += [getattr(one, name).astype("<f8").tobytes() for name in PRICE_COLUMNS]
        if bars.others:
            columns.append(_presence(one).astype("<f8").tobytes())
    return b"".join(columns)


def describe_bars(bars: Bars) -> dict[str, Any]:
    """Describe what the bytes do not say about the bars."""
    instruments = [one.instrument.model_dump(mode="json") for one in bars.instruments]
    return {"instrument": instruments[0], "others": instruments[1:], "timeframe": bars.timeframe.value, "source": bars.source}


def decode_columns(data: bytes | memoryview) -> dict[str, Any]:
    """Decode `time` (datetime64[s]) and the price columns (float64) of one instrument, each of shape (n,), without a copy."""
    matrix = np.frombuffer(data, dtype="<f8").reshape(1 + len(PRICE_COLUMNS), -1)
    time = np.frombuffer(data, dtype="<i8", count=matrix.shape[1]).view("datetime64[s]")
    return {"time": time} | dict(zip(PRICE_COLUMNS, matrix[1:], strict=True))


def decode_bars(data: bytes | memoryview, description: dict[str, Any]) -> Bars:
    """Decode the bars, without a copy when `data` is read-only memory."""
    first, *others = (Instrument.model_validate(said) for said in (description["instrument"], *description["others"]))
    timeframe, source = Timeframe(description["timeframe"]), description["source"]
    if not others:
        return Bars(instrument=first, timeframe=timeframe, source=source, **decode_columns(data))
    found = [
        Bars(instrument=instrument, timeframe=timeframe, source=source, **columns)
        for instrument, columns in zip((first, *others), _decode_several(data, 1 + len(others)), strict=True)
    ]
    return replace(found[0], others=tuple(found[1:]))


def _decode_several(data: bytes | memoryview, count: int) -> Iterator[dict[str, Any]]:
    """The columns of each of several instruments, with `present`."""
    width = len(PRICE_COLUMNS) + 1
    matrix = np.frombuffer(data, dtype="<f8").reshape(1 + count * width, -1)
    time = np.frombuffer(data, dtype="<i8", count=matrix.shape[1]).view("datetime64[s]")
    for start in range(1, 1 + count * width, width):
        *prices, present = matrix[start : start + width]
        yield {"time": time, "present": present != 0} | dict(zip(PRICE_COLUMNS, prices, strict=True))


def bar_rows(data: bytes | memoryview, instruments: int = 1) -> Iterator[bytes]:
    """Cut bars into the pieces that lock-step sends, one at a time: each bar as its own 48 bytes, in the order of the columns.

    Of several instruments it is each moment, the bars side by side; one that has none there is `NO_BAR`.
    """
    if instruments == 1:
        matrix = np.frombuffer(data, dtype="V8").reshape(1 + len(PRICE_COLUMNS), -1)
        return iter(np.ascontiguousarray(matrix.T).view(f"V{BAR_BYTES}").ravel().tolist())
    return _moment_rows(data, instruments)


def _moment_rows(data: bytes | memoryview, instruments: int) -> Iterator[bytes]:
    parts = []
    for columns in _decode_several(data, instruments):
        values = [columns["time"].astype("<i8").view("<f8"), *(columns[name] for name in PRICE_COLUMNS)]
        rows = np.ascontiguousarray(np.array(values).T).view(f"V{BAR_BYTES}").ravel()
        rows[~columns["present"]] = np.void(NO_BAR)
        parts.append(rows)
    return iter(np.ascontiguousarray(np.array(parts).T).view(f"V{BAR_BYTES * instruments}").ravel().tolist())


def _presence(bars: Bars) -> BoolArray:
    return np.ones(len(bars), dtype=np.bool_) if bars.present is None else bars.present
