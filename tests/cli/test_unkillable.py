"""A run survives the death of its process at any moment: it goes on from its last finished iteration as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.cli.verbs import app
from core.services import shut_down
from core.store import Store

ROOT = Path(__file__).parents[2]
LOOPS = 12
"""More than are made while whoever watches looks away."""
PATIENCE_SECONDS = 300.0


def start(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "STRATLOOP_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "core.cli", *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def call(home: Path, *arguments: str) -> Result:
    """A command that this process carries out, which is another one than that which is killed or cancelled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRATLOOP_HOME", str(home))
        shut_down()
        return CliRunner().invoke(app, list(arguments))


def finish(home: Path, *arguments: str) -> dict[str, Any]:
    result = call(home, *arguments, "--json")
    assert "Traceback" not in result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def kill_when(home: Path, process: "subprocess.Popen[str]", iterations: int) -> str:
    """Kill without warning once the run has so many iterations; gives its id."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (home / "stratloop.db").exists():
            store = Store.in_folder(home)
            runs = store.list_runs()
            store.close()
            if runs and runs[0].iterations >= iterations:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                return runs[0].id
        time.sleep(0.02)
    raise AssertionError("the run did not get that far")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_run_killed_twice_ends_with_the_same_iterations_as_one_that_was_left_alone(tmp_path: Path) -> None:
    plan = ("drive", "sma_cross", "--asset", "AAPL", "--loops", str(LOOPS), "--seed", "3")
    whole = finish(tmp_path / "calm", *plan)
    home = tmp_path / "storm"

    run = kill_when(home, start(home, *plan), 1)
    kill_when(home, start(home, "resume", run), 2)
    resumed = finish(home, "resume", run)

    assert (resumed["status"], resumed["best"]) == ("complete", whole["best"])
    assert [iteration["number"] for iteration in resumed["iterations"]] == list(range(LOOPS + 1))
    assert [iteration["code"] for iteration in resumed["iterations"]] == [iteration["code"] for iteration in whole["iterations"]]
    assert [iteration["metrics"] for iteration in resumed["iterations"]] == [iteration["metrics"] for iteration in whole["iterations"]]
    assert resumed["hold_out"] == whole["hold_out"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_cancel_from_another_process_ends_a_run_and_keeps_what_is_done(tmp_path: Path) -> None:
    process = start(tmp_path, "drive", "sma_cross", "--asset", "AAPL", "--loops", "500", "--json")
    store = None
    deadline = time.monotonic() + PATIENCE_SECONDS
    while store is None or not store.list_runs() or store.list_runs()[0].iterations < 1:
        assert time.monotonic() < deadline
        if (tmp_path / "stratloop.db").exists():
            store = store or Store.in_folder(tmp_path)
        time.sleep(0.05)

    assert call(tmp_path, "cancel", store.list_runs()[0].id).exit_code == 0
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)

    document = json.loads(out)
    assert (document["status"], document["stop_reason"], process.returncode) == ("cancelled", "cancelled", 0)
    assert len(document["iterations"]) >= 1
