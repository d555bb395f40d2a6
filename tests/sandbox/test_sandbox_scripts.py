"""A whole program runs in the sandbox as a user runs it: plain Backtrader, its bars, nothing of the platform, no other file."""

import threading

import pytest

from core.domain.backtest import BacktestPlan
from core.domain.plain_run import PlainRun
from core.sandbox import Sandbox

BARS = "time,open,high,low,close,volume\n2020-01-01,1,1,1,1,0\n"


def play(sandbox: Sandbox, script: str) -> PlainRun:
    return sandbox.run_script(script, BARS, BacktestPlan(), bars=1, cancel=threading.Event())


def test_the_last_value_that_is_printed_counts(isolated: Sandbox) -> None:
    assert play(isolated, "print('final value 1.00')\nprint('final value 2.50 (more)')\nprint('end')") == PlainRun(2.5, None)


def test_backtrader_is_the_one_that_nobody_made_faster(isolated: Sandbox) -> None:
    script = (
        "from backtrader.linebuffer import LineBuffer\nfrom backtrader.lineiterator import LineIterator\nimport backtrader\n"
        "own = [each.__module__ for each in (LineBuffer.forward, LineBuffer.__getitem__, backtrader.Strategy.buy)]\n"
        "print('final value', float(all(name.startswith('backtrader') for name in own)))"
    )

    assert play(isolated, script).final == 1.0


def test_a_program_reads_its_bars_under_their_name_and_no_other_file(isolated: Sandbox) -> None:
    read = "import sys\nprint('final value %d.0' % len(open(sys.argv[1]).read()))"

    assert play(isolated, read).final == len(BARS)
    found = play(isolated, "open('/etc/passwd')")
    assert found.final is None
    assert found.fault is not None
    assert found.fault.line == 1


@pytest.mark.parametrize(
    "script", ["import core.store", "from core.domain.bars import Bars", "import socket; socket.create_connection(('127.0.0.1', 9))"]
)
def test_a_program_finds_nothing_of_the_platform_and_no_network(isolated: Sandbox, script: str) -> None:
    assert play(isolated, script + "\nprint('final value 1.0')").final is None


@pytest.mark.parametrize("script", ["x = 1", "print('final value nan')", "raise SystemExit(3)", "1 / 0", "def ("])
def test_a_program_without_a_value_says_why(isolated: Sandbox, script: str) -> None:
    found = play(isolated, script)

    assert found.final is None
    assert found.fault is not None
    assert found.fault.message
