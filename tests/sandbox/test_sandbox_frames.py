"""Frames, bars and outcomes come out of the wire as they went in, and what is no frame is refused."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.backtest import Certificate, CodeFault, Fill, Method, OrderCounts, Outcome, OutcomeStatus, Stage, Trade, Verdict
from core.sandbox.child_protocol import FLOOD_BYTES, CapturedLog, FloodError
from core.sandbox.frames import (
    BAR_BYTES,
    FrameBuffer,
    FrameError,
    FrameTooLongError,
    bar_rows,
    decode,
    decode_bars,
    describe_bars,
    encode,
    encode_bars,
    pack,
)
from core.sandbox.outcome_frames import decode_outcome, encode_outcome
from tests.attacks.arena import sample_bars


@given(st.lists(st.binary(max_size=50), max_size=8), st.integers(1, 20))
def test_frames_survive_any_cut_of_the_stream(bodies: list[bytes], step: int) -> None:
    stream = b"".join(map(pack, bodies))
    buffer, found = FrameBuffer(), []
    for start in range(0, len(stream), step):
        buffer.feed(stream[start : start + step])
        while (body := buffer.take()) is not None:
            found.append(body)
    assert found == bodies
    assert buffer.pending == 0


def test_a_frame_that_announces_too_much_is_refused_before_it_is_read() -> None:
    buffer = FrameBuffer(limit=100)
    buffer.feed(b"\x65\0\0\0")
    with pytest.raises(FrameTooLongError):
        buffer.take()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1e", b"9" * 10_000, b"nul"])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError):
        decode(body)


def test_bars_come_back_equal_and_read_only() -> None:
    bars = sample_bars(50)
    again = decode_bars(encode_bars(bars), describe_bars(bars))
    assert again.hash == bars.hash
    assert again.instrument == bars.instrument
    assert not again.close.flags.writeable


def test_each_row_holds_one_bar() -> None:
    bars = sample_bars(3)
    rows = list(bar_rows(encode_bars(bars)))
    assert [len(row) for row in rows] == [BAR_BYTES] * 3
    assert np.frombuffer(rows[1], "<f8")[1:].tolist() == [bars.open[1], bars.high[1], bars.low[1], bars.close[1], bars.volume[1]]
    assert np.frombuffer(rows[2], "<i8")[0] == bars.time[2].astype("int64")


CHECKED = Certificate(verdict=Verdict.CHECKED, method=Method.FAST, cuts=9)


def test_an_outcome_comes_back_equal() -> None:
    outcome = Outcome(
        status=OutcomeStatus.OK, stage=Stage.DONE, isolation_level=2, certificate=CHECKED,
        error=CodeFault(message="m", line=3), fills=(Fill(order=0, bar=1, size=-2.0, price=3.5, commission=0.1),),
        trades=(Trade(entry_bar=1, exit_bar=None, size=1.0, entry_price=2.0, exit_price=None, profit=0.5, commission=0.0),),
        orders=OrderCounts(placed=1), equity=np.array([1.0, 2.0]), position=np.array([0.0, -2.0]), log="l\n",
        notes=("n",), early_reads=(3, 8), signals={"r1": np.array([0, 1], dtype=np.uint8)}, orders_hash="h",
        wall_seconds=0.5, code_ran="pass",
    )  # fmt: skip
    buffer = FrameBuffer()
    buffer.feed(encode_outcome(outcome))
    bodies = iter(buffer.take, None)
    again = decode_outcome(next(bodies), lambda: next(bodies))
    for name in ("status", "certificate", "error", "fills", "trades", "orders", "log", "notes", "early_reads", "orders_hash", "code_ran"):
        assert getattr(again, name) == getattr(outcome, name)
    assert again.position.tolist() == [0.0, -2.0]
    assert again.signals["r1"].tolist() == [0, 1]


def test_a_log_keeps_its_beginning_says_what_was_dropped_and_has_an_end() -> None:
    log = CapturedLog(keep=5)
    log.add(b"abc")
    log.add(b"defg")
    assert (log.text, log.remark) == ("abcde", "The code printed at least 7 bytes; the first 5 are kept.")
    with pytest.raises(FloodError):
        log.add(bytes(FLOOD_BYTES))


def test_sealed_bars_can_be_read_and_never_written() -> None:
    shared_bars = pytest.importorskip("core.sandbox.shared_bars", exc_type=ImportError)
    descriptor = shared_bars.seal(b"12345678")
    with pytest.raises(PermissionError):
        os.write(descriptor, b"x")
    with pytest.raises(PermissionError):
        os.ftruncate(descriptor, 4)
    assert bytes(shared_bars.view(descriptor)) == b"12345678"


def test_the_same_bars_are_written_once() -> None:
    shared_bars = pytest.importorskip("core.sandbox.shared_bars", exc_type=ImportError)
    sealed = shared_bars.SealedBars()
    one, other = sealed.descriptor(sample_bars(30)), sealed.descriptor(sample_bars(30))
    assert os.fstat(one).st_ino == os.fstat(other).st_ino
    for descriptor in (one, other):
        os.close(descriptor)
    sealed.close()


def test_encode_writes_what_decode_reads() -> None:
    assert decode(encode({"a": [1, None, "ü\ud800"]})[4:]) == {"a": [1, None, "ü\ud800"]}
