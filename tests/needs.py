"""Tests that need something a machine may lack say so here, in one way: skipped at home, failed where everything must be there."""

import os

import pytest

REQUIRE_ALL = os.environ.get("STRATLOOP_REQUIRE_ALL") == "1"
"""Set by CI: a missing part is then a failure, so that no test goes quietly unrun."""


def need(condition: bool, reason: str) -> None:
    """Skip the calling test unless `condition` holds; fail it instead where everything is required."""
    if condition:
        return
    if REQUIRE_ALL:
        pytest.fail(f"missing on this machine: {reason}", pytrace=False)
    pytest.skip(reason)
