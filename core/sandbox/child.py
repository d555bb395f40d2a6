"""The untrusted side: what happens in the process that runs a strategy, from the first byte of the job to its last breath.

The same code serves the forked child (Linux) and the spawned worker (elsewhere); they differ in how they got here and in `enclose`.
A job is one frame; orders, and at the end one closing document, go out as frames; prints go to the log.
Nothing that leaves this process is believed.
"""

import contextlib
import os
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.backtest.bar_source import AllBars, BarRow, BarSource, BarStream, Handed, Moment, MomentStream
from core.backtest.runner_report import StrategyReport
from core.backtest.strategy_module import FILENAME
from core.backtest.strategy_runner import run_strategy
from core.backtest.translate import translate
from core.backtest.wide_rows import END, LEAP_HEAD, end_row, read_bar
from core.domain.backtest import BacktestPlan, CodeFault, Stage
from core.domain.instrument import Timeframe
from core.sandbox import plain_script, selftest, stand_ins
from core.sandbox.child_protocol import ENCLOSED, NEXT_BAR_REQUEST, SEEN_BARS_REQUEST
from core.sandbox.frames import BAR_BYTES, NO_BAR, decode, decode_bars, decode_columns, encode, pack

_ROW = struct.Struct("<q5d")
MOST_HELD = 64
"""Orders of one bar that are sent together."""
_NEXT_BAR_FRAME = pack(NEXT_BAR_REQUEST)
_OUT_OF_MEMORY = CodeFault(message="MemoryError: the memory limit was reached", kind="MemoryError")
_OUT_OF_MEMORY_REPORT = encode({"done": StrategyReport(fault=_OUT_OF_MEMORY, stage=Stage.RUN).to_wire()})
"""Made beforehand: when memory is gone, nothing new can be."""


@dataclass(frozen=True, slots=True)
class Pipes:
    """Descriptors of this process: job and bars come in, frames go out."""

    job: int
    out: int


def serve(pipes: Pipes, *, all_bars: Callable[[], bytes | memoryview], enclose: Callable[[BacktestPlan], None]) -> None:
    """Read the job, close the doors, run it, tell how it ended. `all_bars` is asked for in fast mode only."""
    sys.argv = sys.orig_argv = [FILENAME]
    job = decode(read_frame(pipes.job))
    _redirect_prints()
    writer = FrameWriter(pipes.out)
    source = _open_source(job, pipes, writer, all_bars) if "lock_step" in job else None
    plan = BacktestPlan.model_validate(job["plan"])
    enclose(plan)
    writer.send(ENCLOSED)
    try:
        words = _do_other_job(job) if source is None else _run_job(job, plan, source, writer)
    except MemoryError:
        words = _OUT_OF_MEMORY_REPORT
    for finish in (writer.flush, sys.stdout.flush, sys.stderr.flush):
        with contextlib.suppress(BaseException):
            finish()
    write_all(pipes.out, words)


def _do_other_job(job: dict[str, Any]) -> bytes:
    """Do a job that is no backtest of ours: a whole program, or the self-test."""
    if "script" in job:
        return encode({"done": plain_script.run_plain(job["script"], job["csv"], job["file"])})
    return encode({"opened": selftest.probe_all(job["probe"])})


def _run_job(job: dict[str, Any], plan: BacktestPlan, source: BarSource, writer: "FrameWriter") -> bytes:
    stand_ins.install()
    try:
        emit, passed = (writer.hold, None) if job["lock_step"] else (writer.emit, writer.report_passed)
        report = run_strategy(job["code"], plan, source, emit, signals=job["signals"], passed=passed)
    except BaseException as error:  # noqa: BLE001 - entry point of the child: describing an error of the code may itself fail
        report = StrategyReport(fault=_describe_error(error, job["code"]), stage=Stage.RUN)
    report = replace(report, notes=(*report.notes, *stand_ins.describe_written()))
    return encode({"done": report.to_wire()})


def _describe_error(error: BaseException, code: str) -> CodeFault:
    try:
        return translate(error, code)
    except BaseException:  # noqa: BLE001 - the exception's own text raises, and may raise anything
        return CodeFault(message=f"{type(error).__name__}: an exception that cannot be described", kind=type(error).__name__)


def _open_source(job: dict[str, Any], pipes: Pipes, writer: "FrameWriter", all_bars: Callable[[], bytes | memoryview]) -> BarSource:
    timeframe, hours = Timeframe(job["timeframe"]), tuple(tuple(told) for told in job["hours"])
    if symbols := tuple(job.get("symbols", ())):
        if job["lock_step"]:
            return MomentStream(timeframe, symbols, _make_moment_requester(writer, pipes.job, len(symbols)), hours)
        first, *others = ({"symbol": symbol} for symbol in symbols)
        bars = decode_bars(all_bars(), {"instrument": first, "others": others, "timeframe": timeframe, "source": ""})
        return replace(MomentStream.from_bars(bars), hours=hours)
    if job["lock_step"]:
        requester = BarRequester(writer, pipes.job)
        return BarStream(timeframe, requester.next_bar, hours, requester.declare)
    return AllBars(timeframe, **decode_columns(all_bars()), hours=hours)


class BarRequester:
    """Asks for the next bar, once the orders of this one are out: that is lock-step."""

    def __init__(self, writer: "FrameWriter", descriptor: int) -> None:
        self._writer, self._descriptor = writer, descriptor
        self._ask = self._make_asker(BAR_BYTES)

    def next_bar(self) -> BarRow | None:
        """The next bar alone."""
        return read_bar(self._ask())

    def declare(self, blocks: list[object]) -> Handed:
        """Have the values of blocks sent along from the next bar on; gives what asks for both."""
        self._writer.send({"blocks": blocks})
        size = len(end_row(len(blocks)))
        self._ask = self._make_asker(size)
        return Handed(self._ask, self._make_leaper(size), self._make_recaller(size))

    def _make_leaper(self, size: int) -> Callable[[str, list[float], Sequence[float] | None], tuple[bytes, bool]]:
        writer, bars = self._writer, self._descriptor

        def leap(text: str, numbers: list[float], bounds: Sequence[float] | None) -> tuple[bytes, bool]:
            writer.send({"until": text, "numbers": numbers, "bounds": bounds})
            (count,) = LEAP_HEAD.unpack(read_exactly(bars, LEAP_HEAD.size))
            return read_exactly(bars, abs(count) * size), count > 0

        return leap

    def _make_recaller(self, size: int) -> Callable[[], bytes]:
        writer, bars = self._writer, self._descriptor

        def recall() -> bytes:
            writer.send(SEEN_BARS_REQUEST)
            (count,) = LEAP_HEAD.unpack(read_exactly(bars, LEAP_HEAD.size))
            return read_exactly(bars, count * size)

        return recall

    def _make_asker(self, size: int) -> Callable[[], bytes]:
        write, read, orders, bars = os.write, os.read, self._writer.descriptor, self._descriptor
        held, request_bar = self._writer.held, self._writer.request_bar

        def ask() -> bytes:
            if held:
                request_bar()
            else:
                write(orders, _NEXT_BAR_FRAME)  # a few bytes go into a pipe whole or not at all
            data = read(bars, size)
            return data if len(data) == size else data + read_exactly(bars, size - len(data))

        return ask


def _make_moment_requester(writer: "FrameWriter", descriptor: int, instruments: int) -> Callable[[], Moment | None]:
    """The bars of the next moment, once the orders of this one are out."""

    def ask() -> Moment | None:
        writer.request_bar()
        first = read_exactly(descriptor, BAR_BYTES)
        if _ROW.unpack(first)[0] == END:
            return None
        data = first + read_exactly(descriptor, BAR_BYTES * (instruments - 1))
        parts = [data[start : start + BAR_BYTES] for start in range(0, len(data), BAR_BYTES)]
        return tuple(None if part == NO_BAR else _ROW.unpack(part) for part in parts)

    return ask


def _redirect_prints() -> None:
    """Prints and errors go to the log descriptor line by line; there is nothing to read from."""
    log = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.stdout = sys.__stdout__ = sys.stderr = sys.__stderr__ = log  # type: ignore[misc]
    sys.stdin = sys.__stdin__ = None  # type: ignore[misc]


class FrameWriter:
    """Writes orders out as frames: at once where the code has every bar, so that no end takes back what was ordered.

    In lock-step those of a bar go out together with the request for the next one: until then the code learns nothing new.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.held: list[dict[str, object]] = []
        """Orders of this bar, in lock-step."""

    def emit(self, record: dict[str, object]) -> None:
        """Send an order."""
        self.send({"orders": [record]})

    def hold(self, record: dict[str, object]) -> None:
        """Keep an order until this bar is over; many are sent at once."""
        self.held.append(record)
        if len(self.held) >= MOST_HELD:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        write_all(self.descriptor, self._take_held())

    def _take_held(self) -> bytes:
        """The orders that are held, as a frame; nothing without any."""
        if not self.held:
            return b""
        frame = encode({"orders": self.held})
        self.held.clear()
        return frame

    def report_passed(self, bars: int) -> None:
        """Say that no order will be stamped with fewer bars any more."""
        self.send({"passed": bars})

    def request_bar(self) -> None:
        """Say that this bar is over, and ask for the next."""
        write_all(self.descriptor, self._take_held() + _NEXT_BAR_FRAME)

    def send(self, document: object) -> None:
        """Write one frame, however long that takes."""
        write_all(self.descriptor, self._take_held() + encode(document))


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte, also into a pipe that is full."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def read_exactly(descriptor: int, size: int) -> bytes:
    """Read `size` bytes. Raises EOFError when the other side closed before."""
    data = bytearray()
    while len(data) < size:
        more = os.read(descriptor, size - len(data))
        if not more:
            raise EOFError
        data += more
    return bytes(data)


def read_frame(descriptor: int) -> bytes:
    """One frame's body, without taking a byte more. Raises EOFError when the other side closed."""
    return read_exactly(descriptor, struct.unpack("<I", read_exactly(descriptor, 4))[0])
