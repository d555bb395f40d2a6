"""One sandbox for the whole room: starting it takes a second, a run a few hundredths."""

from collections.abc import Iterator

import pytest

from core.sandbox import Sandbox
from core.sandbox.host_choice import FORCED_LEVEL
from core.sandbox.lockdown import detect_processor
from tests.needs import need


@pytest.fixture(scope="session")
def isolated() -> Iterator[Sandbox]:
    need(bool(detect_processor()), "kernel isolation needs Linux on x86_64 or aarch64")
    with Sandbox() as sandbox:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv(FORCED_LEVEL, raising=False)  # a module's fixture may have set it before this one is asked for
            sandbox.isolation()
        need(sandbox.isolation().level > 0, f"no isolation here: {sandbox.isolation().open_probes}")
        yield sandbox
