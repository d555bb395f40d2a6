"""One arena and one sandbox for all attacks; every payload is let loose once, a few at a time, before a test looks at the results."""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from core.domain.backtest import Method, Outcome
from core.sandbox.lockdown import detect_processor
from tests.attacks.arena import BRIEF, ENDS, HASTY, HONEST, KEYS, Arena, Payload, Ungated, leaks, run
from tests.attacks.payloads import ALL
from tests.needs import need

AT_ONCE = 4
"""Payloads that run side by side."""


@dataclass(frozen=True)
class Result:
    """What was seen of one payload from outside."""

    payload: Payload
    outcome: Outcome
    found: tuple[str, ...]


@pytest.fixture(scope="session")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder = tmp_path_factory.mktemp("arena")
    for place in (folder, *folder.parents):
        if place.is_relative_to(tempfile.gettempdir()) and place.stat().st_uid == os.getuid():
            place.chmod(place.stat().st_mode | 0o055)
    with Arena(folder) as made:
        yield made


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Ungated]:
    need(bool(detect_processor()), "kernel isolation needs Linux on x86_64 or aarch64")
    os.environ.update(KEYS)
    with Ungated(workers=AT_ONCE) as made:
        need(made.isolation().level > 0, f"no isolation here: {made.isolation().open_probes}")
        yield made
    for name in KEYS:
        del os.environ[name]


@pytest.fixture(scope="session")
def honest(sandbox: Ungated) -> Outcome:
    return run(sandbox, HONEST)[0]


def let_loose(sandbox: Ungated, arena: Arena, payloads: list[Payload], method: Method = Method.LOCK_STEP) -> dict[str, Result]:
    """Results by payload id; what only waits for a limit waits beside the others."""
    plan = BRIEF.changed(method=method)

    def one(payload: Payload) -> Result:
        outcome, _ = run(sandbox, arena.fill(payload.code), HASTY if payload.expect in ENDS else plan)
        return Result(payload, outcome, tuple(leaks(outcome) + arena.breaches()))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {result.payload.id: result for result in pool.map(one, payloads)}


@pytest.fixture(scope="session")
def results(sandbox: Ungated, arena: Arena, honest: Outcome) -> dict[str, Result]:
    return let_loose(sandbox, arena, list(ALL))
