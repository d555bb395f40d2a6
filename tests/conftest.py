"""What holds for every test: no price download by LiteLLM, browsers last (Playwright keeps an event loop running in the main thread)."""

import gc
import os
import sys
from collections.abc import Iterator

import hypothesis
import pytest

from tests.effort import THOROUGH

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""What was compiled once is not compiled again by each process that a test starts."""

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("STRATLOOP_LOOK_CLOSER", "0")
"""Closer looks are taken where a test asks for them: nobody waits for those that begin by themselves."""

hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], derandomize=not THOROUGH
)
hypothesis.settings.load_profile("unhurried")
"""No example fails for what else the machine does, and the same code has the same examples, unless others are asked for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, browsers at the end."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)


def pytest_sessionstart() -> None:
    """Look for garbage after everything was collected: until then there is hardly any."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Whatever was collected stays to the end, and is not looked through, now or later."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """What nearly every test of the whole product makes, and hardly one is about: processes of the sandbox, tables of a new history."""
    from tests.new_histories import hand_out_new_histories
    from tests.warm_sandbox import lend_processes

    with lend_processes(), hand_out_new_histories():
        yield


@pytest.fixture(autouse=True)
def _no_keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees a provider's key of this machine, or one that the attack tests plant for their whole session."""
    if "attacks" not in request.path.parts:
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
            monkeypatch.delenv(name, raising=False)
