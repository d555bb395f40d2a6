"""Screens on which a run is told and kept can be used by everybody, and so can those of money and settings."""

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Served, Visit
from tests.e2e.every_screen import find_faults

pytestmark = pytest.mark.e2e

SCREENS = ("driving?run={run}", "compare?it={run}:0,{run}:2", "library?run={run}", "credits", "settings")


def test_every_screen_of_results_can_be_used_by_everybody_and_says_nothing_to_the_console(
    dashboard: Served, visit: Callable[..., Visit]
) -> None:
    assert find_faults(dashboard, visit, SCREENS) == {}
