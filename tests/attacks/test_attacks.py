"""Nothing that hostile code does is seen from outside: no file, no network, no key, no process, no wrong figure."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.domain.backtest import Method, Outcome, OutcomeStatus, Verdict
from core.domain.isolation import Isolation
from core.sandbox.client import Host
from core.sandbox.host import ZygoteHost
from core.sandbox.lockdown import ALL_LAYERS, Layer
from tests.attacks.arena import BRIEF, ENDS, HONEST, WALL_SECONDS, Arena, Payload, Ungated, descendants, run, sample_bars, until
from tests.attacks.conftest import AT_ONCE, Result, let_loose
from tests.attacks.payloads import ALL
from tests.needs import need

STATUS = OutcomeStatus
NOT_PROMISED = {"file_read-09", "file_read-10", "env-10"}
"""Payloads that only ask whether a path is there, or what the machine is called: what level 1 does not promise to stop."""
ROOT = Path(__file__).parents[2]


def ids(payload: Payload) -> str:
    return f"{payload.id}: {payload.note}"


def test_the_corpus_is_large_and_covers_every_category() -> None:
    assert len(ALL) >= 150
    assert len({payload.category for payload in ALL}) == 21
    assert len({payload.id for payload in ALL}) == len(ALL)


@pytest.mark.parametrize("payload", ALL, ids=ids)
def test_a_payload_is_contained(payload: Payload, results: dict[str, Result]) -> None:
    result = results[payload.id]
    assert not result.found
    assert result.outcome.status is not STATUS.SUPERVISOR_DIED
    assert len(result.outcome.log) <= 65_536


@pytest.mark.parametrize("payload", [payload for payload in ALL if payload.expect in ENDS], ids=ids)
def test_code_that_uses_things_up_is_stopped_in_time(payload: Payload, results: dict[str, Result]) -> None:
    result = results[payload.id]
    assert result.outcome.status in ENDS[payload.expect]
    assert result.outcome.wall_seconds < WALL_SECONDS + 30, "however much else the machine does"


@pytest.mark.parametrize("payload", [payload for payload in ALL if payload.expect == "forgery"], ids=ids)
@pytest.mark.parametrize("method", [Method.LOCK_STEP, Method.FAST])
def test_a_forged_account_changes_no_figure(
    payload: Payload, method: Method, results: dict[str, Result], fast_results: dict[str, Result], honest: Outcome
) -> None:
    outcome = (results if method is Method.LOCK_STEP else fast_results)[payload.id].outcome
    if outcome.ok and outcome.certificate.verdict in (Verdict.CLEAN, Verdict.CHECKED):
        np.testing.assert_allclose(outcome.equity, honest.equity, rtol=1e-9)


@pytest.mark.parametrize("payload", [payload for payload in ALL if payload.expect == "lookahead"], ids=ids)
@pytest.mark.parametrize("method", [Method.LOCK_STEP, Method.FAST])
def test_orders_do_not_depend_on_later_bars_or_the_run_is_flagged(
    payload: Payload, method: Method, results: dict[str, Result], fast_results: dict[str, Result], sandbox: Ungated, arena: Arena
) -> None:
    first = (results if method is Method.LOCK_STEP else fast_results)[payload.id].outcome
    if not first.ok or first.certificate.verdict in (Verdict.LEAKED, Verdict.NOT_CHECKABLE):
        return
    plan = BRIEF.changed(method=method)
    second, _ = run(sandbox, arena.fill(payload.code), plan, sample_bars(changed_after=60))
    assert [fill for fill in first.fills if fill.bar <= 60] == [fill for fill in second.fills if fill.bar <= 60]


def test_afterwards_no_process_is_left_and_the_honest_strategy_gives_its_exact_result(
    results: dict[str, Result], sandbox: Ungated, honest: Outcome
) -> None:
    zygote = sandbox._host
    assert isinstance(zygote, ZygoteHost)
    again, _ = run(sandbox, HONEST)
    assert until(lambda: descendants(zygote.pid) == [])
    assert np.array_equal(again.equity, honest.equity)


@pytest.fixture(scope="session")
def fast_results(sandbox: Ungated, arena: Arena, honest: Outcome) -> dict[str, Result]:
    return let_loose(sandbox, arena, [payload for payload in ALL if payload.expect in ("forgery", "lookahead")], Method.FAST)


class Confined(Ungated):
    """A machine that offers no namespaces."""

    def _choose(self) -> tuple[Host, Isolation]:
        return ZygoteHost(ALL_LAYERS - {Layer.NAMESPACES}), Isolation(level=1)


@pytest.mark.slow
def test_without_namespaces_only_the_existence_of_a_path_shows(arena: Arena, sandbox: Ungated) -> None:
    payloads = [payload for payload in ALL if payload.expect == "denied"]
    with Confined(workers=AT_ONCE) as confined:
        results = let_loose(confined, arena, payloads)
    assert {name for name, result in results.items() if result.found} <= NOT_PROMISED


@pytest.mark.slow
def test_started_by_an_ordinary_user_nothing_gets_out_either(sandbox: Ungated) -> None:
    need(os.getuid() == 0, "root, to become another user; as an ordinary user every test here proves it")
    need(bool(shutil.which("setpriv")), "setpriv (util-linux)")
    read_only = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]  # the interpreter may lie in root's home
    user = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", *read_only]
    command = [*user, sys.executable, "-m", "tests.attacks.everyday"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    said = json.loads(done.stdout)
    assert (said["level"], said["found"]) == (sandbox.isolation().level, {})


@pytest.mark.slow
def test_without_any_barrier_at_least_half_of_the_payloads_get_out(sandbox: Ungated) -> None:
    need(bool(shutil.which("unshare")), "unshare (util-linux)")
    mapped = [] if os.getuid() == 0 else ["--map-root-user"]
    command = ["unshare", *mapped, "-npmi", "--fork", "--mount-proc", sys.executable, "-m", "tests.attacks.control"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    need(done.returncode == 0 or "unshare" not in done.stderr, f"namespaces for the control: {done.stderr.strip()}")
    found = json.loads(done.stdout)
    assert sum(found.values()) >= len(found) / 2
