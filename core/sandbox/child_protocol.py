"""Messages between the run monitor and one untrusted child, bar by bar, and the checks that distrust the child's.

No processes here: `forked` and `spawned` provide a `Child`, `run_monitor` turns what was received into figures.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.backtest.orders import OrderRecord, parse_record
from core.backtest.wide_rows import Leap
from core.sandbox.frames import FrameError, decode
from core.sandbox.progress_replay import LiveReplay

FLOOD_BYTES = 32 * 1024 * 1024
"""A child that prints more than this is stopped."""
_FOLLOW_SECONDS = 0.02
"""Least time between two looks at how far a run in lock-step is."""
NO_MORE_BARS = (-(2**63)).to_bytes(8, "little", signed=True) + bytes(40)
"""Sent to the child in place of a bar when there are no more."""


SEEN_BARS_REQUEST = {"again": "bars"}
"""Asks for bars with values that were handed out, once more."""
ENCLOSED = {"enclosed": True}
"""A child's first word, said before the code begins."""
NEXT_BAR_REQUEST = b"[]"
"""The body with which a child asks for the next bar."""


class ChildOverdueError(Exception):
    """The child did not answer in time."""


class FloodError(Exception):
    """The child printed without end."""


class RefusedError(Exception):
    """An order that cannot be: malformed, or stamped with a bar that the child had not seen."""


class TooManyOrdersError(Exception):
    """More orders than the plan allows."""


@dataclass(frozen=True, slots=True)
class Exit:
    """Exit of a child."""

    code: int
    """Exit status; negative: the signal that killed it."""
    cpu_seconds: float = 0.0
    killed: bool = False
    """True when it was ended from here."""


@dataclass(slots=True)
class CapturedLog:
    """The first `keep` bytes of what a child printed, and how much it was in all."""

    keep: int
    kept: bytearray = field(default_factory=bytearray)
    total: int = 0

    def add(self, data: bytes) -> None:
        """Take what was printed. Raises FloodError when it is too much altogether."""
        self.total += len(data)
        self.kept += data[: max(0, self.keep - len(self.kept))]
        if self.total > FLOOD_BYTES:
            raise FloodError

    @property
    def text(self) -> str:
        """The kept part, as text; still hostile."""
        return self.kept.decode("utf-8", errors="replace")

    @property
    def remark(self) -> str:
        """Remark on the part of the log that is not shown; empty when all of it is."""
        if self.total <= self.keep:
            return ""
        return f"The code printed at least {self.total:,} bytes; the first {self.keep:,} are kept."


class Child(Protocol):
    """The run monitor's end of an untrusted process."""

    log: CapturedLog

    def send(self, data: bytes, deadline: float) -> None:
        """Write to the child. Raises ChildOverdueError when it does not read in time."""
        ...

    def receive(self, deadline: float) -> bytes | None:
        """The next frame's body, None when the child ended. Raises ChildOverdueError, FloodError, FrameError."""
        ...

    def release(self) -> None:
        """End a child that has said everything; nobody asks how it ended."""
        ...

    def stop(self, *, patience: float = 0.0) -> Exit:
        """End the child and say how it ended."""
        ...


class HandedRows(Protocol):
    """The bars of a run in lock-step."""

    pieces: Iterator[bytes]
    end: bytes

    def declare(self, raw: object, shown: int, deadline: float) -> None:
        """Take the child's description of what is to be sent along. Raises FrameError."""
        ...

    def leap(self, said: dict[str, Any]) -> Leap:
        """Hand out the bars up to a condition of the child's. Raises FrameError."""
        ...

    def recall(self) -> bytes:
        """Hand out bars once more that the child has seen. Raises FrameError."""
        ...


@dataclass(slots=True)
class ChildOutput:
    """Output of a child: its orders, stamped by our clock in lock-step, and its closing words if there were any."""

    records: list[OrderRecord] = field(default_factory=list)
    closing: dict[str, Any] | None = None
    """`{"done": report}`, or `{"opened": probes}` in a self-test; None when it ended without a word."""
    enclosed: bool = False
    """True when every barrier was up before the code began."""
    shown: int = 0
    """Bars that were handed out, in lock-step."""


def collect_output(
    child: Child,
    output: ChildOutput,
    *,
    rows: HandedRows | None,
    most_orders: int,
    deadline: float,
    preview: LiveReplay | None = None,
) -> None:
    """Fill `output` until the child's closing words or its end. In lock-step, `rows` are the bars, handed out one an answer.

    With a `preview`, the orders are replayed while the child computes. A child in fast mode says how far it is.
    Raises OverdueError, FloodError, FrameError, RefusedError, TooManyOrdersError.
    """
    shown = passed = 0
    due = 0.0
    while (body := child.receive(deadline)) is not None:
        if body == NEXT_BAR_REQUEST and rows is not None:
            row = next(rows.pieces, None)
            child.send(rows.end if row is None else row, deadline)
            if preview is not None and (moment := time.monotonic()) >= due:
                preview.follow(output.records, shown)
                due = moment + _FOLLOW_SECONDS
            shown += row is not None
            output.shown = shown
            continue
        said = decode(body)
        if rows is not None and isinstance(said, dict) and "until" in said:
            leap = rows.leap(said)
            child.send(leap.message, deadline)
            if preview is not None and (moment := time.monotonic()) >= due:
                preview.follow(output.records, shown)
                due = moment + _FOLLOW_SECONDS
            shown += leap.bars
            output.shown = shown
            continue
        if isinstance(said, dict) and isinstance(said.get("orders"), list):
            _add_orders(output, said["orders"], shown if rows is not None else None, passed, most_orders)
            if preview is not None and rows is None and output.records:
                preview.follow(output.records, output.records[-1].cycle - 1)
        elif rows is None and _is_passed(said):
            passed = max(passed, said["passed"])
            if preview is not None:
                preview.follow(output.records, passed - 1)
        elif rows is not None and isinstance(said, dict) and said.keys() == {"blocks"}:
            rows.declare(said["blocks"], shown, deadline)
        elif rows is not None and said == SEEN_BARS_REQUEST:
            child.send(rows.recall(), deadline)
        elif said == ENCLOSED and not output.enclosed:
            output.enclosed = True
        elif isinstance(said, dict) and ("done" in said or "opened" in said):
            output.closing = said
            return
        else:
            raise FrameError("a document that is neither orders nor an end")


def _is_passed(said: object) -> bool:
    """Check for the word of a child in fast mode that this many bars were shown, so that no order is stamped with fewer any more."""
    return isinstance(said, dict) and said.keys() == {"passed"} and type(said["passed"]) is int and said["passed"] > 0


def _add_orders(output: ChildOutput, said: list[Any], shown: int | None, passed: int, most: int) -> None:
    if len(output.records) + len(said) > most:
        raise TooManyOrdersError
    for raw in said:
        try:
            record = parse_record(raw)
        except ValueError as error:
            raise RefusedError(str(error)) from None
        if shown is not None and record.cycle != shown:
            raise RefusedError(f"order {record.id} is stamped with bar {record.cycle}, but {shown} bars had been shown")
        if record.cycle < passed:
            raise RefusedError(f"order {record.id} is stamped with bar {record.cycle}, but {passed} bars had gone by")
        output.records.append(record)
