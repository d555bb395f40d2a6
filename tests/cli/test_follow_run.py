"""Following a run from a terminal: what ends the terminal's process cancels the run first."""

import signal

import pytest

from core.cli.follow_run import catch_interrupt


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_end_is_an_event_while_a_run_is_followed_and_what_it_was_afterwards(ending: signal.Signals) -> None:
    before = signal.getsignal(ending)
    with catch_interrupt() as interrupted:
        signal.raise_signal(ending)
        assert interrupted.is_set()
    assert signal.getsignal(ending) is before
