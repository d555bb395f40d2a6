"""A child that was forked is never waited for beyond its time, whatever it does or leaves undone."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from core.sandbox.child_protocol import ChildOverdueError
from core.sandbox.forked import ForkedChild
from tests.needs import need


@pytest.fixture
def fork() -> Iterator[Callable[[], ForkedChild]]:
    """Fork a child that sleeps; it is ended with the test."""
    need(hasattr(os, "fork"), "a system with fork")
    made: list[ForkedChild] = []

    def make() -> ForkedChild:
        made.append(ForkedChild(signal.pause, layers=frozenset(), bars=None, log_bytes=0))
        return made[-1]

    yield make
    for child in made:
        assert child.stop().killed


def test_a_child_that_never_reads_is_overdue_at_its_time(fork: Callable[[], ForkedChild]) -> None:
    child = fork()
    child.send(b"read at once, or later", time.monotonic())
    with pytest.raises(ChildOverdueError):
        child.send(bytes(1 << 20), time.monotonic() + 0.1)


def test_the_timer_says_once_that_a_child_is_overdue(fork: Callable[[], ForkedChild]) -> None:
    child = fork()
    look = child.look_after()
    child._deadline, child._waits = 0.0, True
    with pytest.raises(ChildOverdueError):
        look()
    look()  # the read that waited may not have heard of it yet
