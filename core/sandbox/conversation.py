"""What the supervisor and one untrusted child say to each other, bar by bar, and how the child's words are distrusted.

No processes here: `forked` and `spawned` provide a `Child`, `supervisor` turns what was heard into figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.backtest.orders import OrderRecord, parse_record
from core.sandbox.frames import FrameError, decode
from core.sandbox.preview import Preview

FLOOD_BYTES = 32 * 1024 * 1024
"""A child that prints more than this is stopped."""
NO_MORE_BARS = (-(2**63)).to_bytes(8, "little", signed=True) + bytes(40)
"""What the child reads in place of a bar when there are no more."""


ENCLOSED = {"enclosed": True}
"""A child's first word, said before the code begins."""
NEXT_PLEASE = b"[]"
"""The body with which a child asks for the next bar."""


class OverdueError(Exception):
    """The child did not answer in time."""


class FloodError(Exception):
    """The child printed without end."""


class RefusedError(Exception):
    """An order that cannot be: malformed, or stamped with a bar that the child had not seen."""


class TooManyOrdersError(Exception):
    """More orders than the plan allows."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a child ended."""

    code: int
    """Exit status; negative: the signal that killed it."""
    cpu_seconds: float = 0.0
    killed: bool = False
    """Whether it was ended from here."""


@dataclass(slots=True)
class LogTail:
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
        """What was kept, as text; still hostile."""
        return self.kept.decode("utf-8", errors="replace")

    @property
    def remark(self) -> str:
        """What is not shown of the log, in words; empty when all of it is."""
        if self.total <= self.keep:
            return ""
        return f"The code printed at least {self.total:,} bytes; the first {self.keep:,} are kept."


class Child(Protocol):
    """The supervisor's end of an untrusted process."""

    log: LogTail

    def send(self, data: bytes) -> None:
        """Write to the child."""
        ...

    def receive(self, deadline: float) -> bytes | None:
        """The next frame's body, None when the child ended. Raises OverdueError, FloodError, FrameError."""
        ...

    def release(self) -> None:
        """End a child that has said everything; nobody asks how it ended."""
        ...

    def stop(self, *, patience: float = 0.0) -> Exit:
        """End the child and say how it ended."""
        ...


@dataclass(slots=True)
class Heard:
    """What a child said: its orders, stamped by our clock in lock-step, and its closing words if there were any."""

    records: list[OrderRecord] = field(default_factory=list)
    closing: dict[str, Any] | None = None
    """`{"done": report}`, or `{"opened": probes}` in a self-test; None when it ended without a word."""
    enclosed: bool = False
    """Whether every barrier was up before the code began."""
    shown: int = 0
    """Bars that were handed out, in lock-step."""


def converse(
    child: Child, heard: Heard, *, rows: Iterator[bytes] | None, most_orders: int, deadline: float, preview: Preview | None = None
) -> None:
    """Listen until the closing words or the end, filling `heard`. In lock-step, `rows` are the bars, handed out one an answer.

    With a `preview`, the orders are replayed while the child computes, and a child in fast mode says how far it is.
    Raises OverdueError, FloodError, FrameError, RefusedError, TooManyOrdersError.
    """
    shown = passed = 0
    while (body := child.receive(deadline)) is not None:
        if body == NEXT_PLEASE and rows is not None:
            row = next(rows, NO_MORE_BARS)
            child.send(row)
            if preview is not None:
                preview.follow(heard.records, shown)
            shown += row is not NO_MORE_BARS
            heard.shown = shown
            continue
        said = decode(body)
        if isinstance(said, dict) and isinstance(said.get("orders"), list):
            _take(heard, said["orders"], shown if rows is not None else None, passed, most_orders)
            if preview is not None and rows is None and heard.records:
                preview.follow(heard.records, heard.records[-1].cycle - 1)
        elif preview is not None and rows is None and _is_passed(said):
            passed = max(passed, said["passed"])
            preview.follow(heard.records, passed - 1)
        elif said == ENCLOSED and not heard.enclosed:
            heard.enclosed = True
        elif isinstance(said, dict) and ("done" in said or "opened" in said):
            heard.closing = said
            return
        else:
            raise FrameError("a document that is neither orders nor an end")


def _is_passed(said: object) -> bool:
    """Whether it is the word of a child in fast mode that this many bars were shown, so that no order is stamped with fewer any more."""
    return isinstance(said, dict) and said.keys() == {"passed"} and type(said["passed"]) is int and said["passed"] > 0


def _take(heard: Heard, said: list[Any], shown: int | None, passed: int, most: int) -> None:
    if len(heard.records) + len(said) > most:
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
        heard.records.append(record)
