"""A machine that cannot isolate runs nothing until somebody allowed it, and a level that drops is not shrugged off."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Limits, Method, Outcome, OutcomeStatus
from core.domain.errors import SandboxUnavailableError
from core.domain.isolation import Isolation
from core.sandbox import Sandbox
from core.sandbox.client import Host
from core.sandbox.host import ZygoteHost
from core.sandbox.host_choice import FORCED_LEVEL, measure_isolation
from core.sandbox.isolation_baseline import FILE_NAME, IsolationBaseline
from core.sandbox.lockdown import ALL_LAYERS, Layer
from tests.attacks.arena import HONEST, alive, descendants, run, sample_bars, until
from tests.attacks.payloads.making import strategy

ROOT = Path(__file__).parents[2]
ACCIDENT = Path(tempfile.gettempdir()) / "stratloop-accident.npy"
HIGH, LOW = Isolation(level=2), Isolation(level=1, open_probes=("stat", "parent"))


def test_a_level_that_dropped_stops_everything_and_names_the_open_probe(tmp_path: Path) -> None:
    IsolationBaseline(tmp_path).check(HIGH)
    with pytest.raises(SandboxUnavailableError, match=r"from level 2 to 1.*stat, parent.*--accept-level"):
        IsolationBaseline(tmp_path).check(LOW)


def test_a_drop_that_was_accepted_is_the_new_level_and_a_rise_is_remembered(tmp_path: Path) -> None:
    remembered = IsolationBaseline(tmp_path)
    remembered.check(HIGH)
    remembered.accept(LOW)
    remembered.check(LOW)
    remembered.check(HIGH)
    with pytest.raises(SandboxUnavailableError):
        remembered.check(LOW)


def test_a_damaged_memory_is_no_reason_to_go_on(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{")
    with pytest.raises(SandboxUnavailableError, match="cannot be read"):
        IsolationBaseline(tmp_path).check(HIGH)


def test_without_a_folder_nothing_is_remembered() -> None:
    remembered = IsolationBaseline(None)
    remembered.check(HIGH)
    remembered.check(LOW)


class Weakened(Sandbox):
    """A machine that has lost its namespaces since last time."""

    def _choose(self) -> tuple[Host, Isolation]:
        host = ZygoteHost(ALL_LAYERS - {Layer.NAMESPACES})
        return host, measure_isolation(host)


def test_code_does_not_run_on_a_machine_that_became_weaker_until_that_is_accepted(isolated: Sandbox, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({"level": 2}))
    with Weakened(state=tmp_path) as sandbox:
        with pytest.raises(SandboxUnavailableError, match="stat"):
            run(sandbox, HONEST)
        assert sandbox.accept_level().level == 1
        assert run(sandbox, HONEST)[0].isolation_level == 1


def test_a_machine_without_isolation_runs_nothing_until_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FORCED_LEVEL, "0")
    with Sandbox() as sandbox, pytest.raises(SandboxUnavailableError, match="Not isolated"):
        run(sandbox, HONEST)
    assert sandbox.isolation().level == 0


@pytest.fixture(scope="module")
def unisolated(monkeypatch_module: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch_module.setenv(FORCED_LEVEL, "0")
    monkeypatch_module.setenv("OPENAI_API_KEY", "sk-canary-level-0")
    with Sandbox(allow_unisolated=True, workers=1) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_unisolated_figures_are_those_of_the_isolated_machine(unisolated: Sandbox, isolated: Sandbox) -> None:
    for method in (Method.LOCK_STEP, Method.FAST):
        plan = BacktestPlan(method=method)
        ours, theirs = run(unisolated, HONEST, plan)[0], run(isolated, HONEST, plan)[0]
        assert ours.isolation_level == 0
        assert np.array_equal(ours.equity, theirs.equity)
        assert ours.certificate == theirs.certificate
        assert ours.certificate.confirmed is (method is Method.LOCK_STEP)


ACCIDENTS = {
    "reading a file": f"print('ESCAPED', open({__file__!r}).read())",
    "writing a file": f"import os\nos.close(os.open({str(ACCIDENT)!r}, os.O_CREAT | os.O_WRONLY))",
    "a connection": "import asyncio\nasyncio.run(asyncio.open_connection('127.0.0.1', 9))",
    "a program": "__import__('os').system('echo ESCAPED')",
    "a key": "import logging\nif logging.os.environ.get('OPENAI_API_KEY'): print('ESCAPED')\nraise PermissionError",
    "a library's own file function": f"import numpy as np\nnp.array([1]).tofile({str(ACCIDENT)!r}, sep=' ')\nnp.load({str(ACCIDENT)!r})",
    "C": "import ctypes\nctypes.CDLL(None)",
}


@pytest.fixture(scope="module")
def accidents(unisolated: Sandbox) -> Outcome:
    """One strategy that has every accident, one after the other."""
    attempt = "try:\n{lines}\nexcept BaseException:\n    print({name!r} + ': stopped')\nelse:\n    print({name!r} + ': got through')"
    tries = [attempt.format(name=name, lines=indent(lines, "    ")) for name, lines in ACCIDENTS.items()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unisolated, "_gate", False)
        return run(unisolated, strategy(stop="\n".join(tries)))[0]


@pytest.mark.parametrize("name", ACCIDENTS)
def test_accidents_are_stopped_also_without_isolation(name: str, accidents: Outcome) -> None:
    assert f"{name}: stopped\n" in accidents.log
    assert "ESCAPED" not in accidents.log


def test_what_code_writes_goes_nowhere_and_is_named(unisolated: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unisolated, "_gate", False)
    outcome, _ = run(unisolated, strategy(stop=f"open({str(ACCIDENT)!r}, 'w').write('x')"))
    assert outcome.ok, outcome.error
    assert any(f"The code writes to files ({ACCIDENT})" in note for note in outcome.notes)
    assert not ACCIDENT.exists()


def test_a_killed_application_leaves_nothing_behind_without_isolation(isolated: Sandbox) -> None:
    program = (
        "import threading\nfrom core.sandbox import Sandbox\nfrom tests.attacks.arena import *\n"
        "s = Sandbox(allow_unisolated=True); run(s, HONEST); print('ran', flush=True)\n"
        "run(s, HONEST.replace('self.buy(size=10)', 'while True: pass'), BacktestPlan())\n"
    )
    environment = os.environ | {FORCED_LEVEL: "0"}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as application:
        assert application.stdout is not None
        assert application.stdout.readline() == "ran\n"
        below = descendants(application.pid)
        application.kill()
    assert len(below) >= 2
    assert until(lambda: not any(map(alive, below)))


def test_limits_and_cancel_hold_without_isolation(unisolated: Sandbox) -> None:
    loop = strategy(each="while True: pass")
    assert run(unisolated, loop, BacktestPlan(limits=Limits(wall_seconds=1)))[0].status is OutcomeStatus.TIMEOUT
    busy = BacktestPlan(limits=Limits(wall_seconds=30, cpu_seconds=1))
    assert run(unisolated, loop, busy)[0].status is OutcomeStatus.CPU_LIMIT
    flood = strategy(each="while True: print('x' * 10 ** 6)")
    assert run(unisolated, flood)[0].status is OutcomeStatus.OUTPUT_LIMIT
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    assert unisolated.run(loop, BacktestPlan(), sample_bars(), cancel=cancel).status is OutcomeStatus.CANCELLED
    assert run(unisolated, HONEST)[0].ok
    assert not ACCIDENT.exists()
