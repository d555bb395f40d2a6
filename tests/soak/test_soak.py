"""After hard use by several processes, kills among it, nothing is left over and nothing is lost."""

from pathlib import Path

from core.sandbox.lockdown import detect_processor
from tests.needs import need
from tests.soak.soak import soak

SECONDS = 10.0


def test_two_workers_and_the_terminal_on_one_home_leave_nothing_behind(tmp_path: Path) -> None:
    need(bool(detect_processor()), "kernel isolation needs Linux on x86_64 or aarch64")
    found = soak(tmp_path, SECONDS)
    assert found.finished > 0
    assert (found.open_runs, found.damage, found.leftovers) == ((), (), ())
