"""Numbers of a program are those of the workflow under whatever names."""

import pytest

from core.domain.workflow import Parameter
from core.driving.run_context import match_numbers

DEFAULTS = {"sma_fast": 20.0, "sma_slow": 50.0}
KNOWN = tuple(Parameter(name=name, row="r1", default=value, low=1.0, high=200.0, integer=True) for name, value in DEFAULTS.items())


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"sma_fast": 10.0, "sma_slow": 60.0}, {"sma_fast": 10.0, "sma_slow": 60.0}),
        ({"smaFast": 10.0, "SMA_slow": 60.0}, {"sma_fast": 10.0, "sma_slow": 60.0}),
        ({"short": 20.0, "long": 50.0}, {"sma_fast": 20.0, "sma_slow": 50.0}),
        ({"short": 10.0, "long": 60.0}, {"sma_fast": 10.0, "sma_slow": 60.0}),
        ({"long": 50.0, "short": 10.0}, {"sma_fast": 10.0, "sma_slow": 50.0}),
        ({"short": 10.0}, {}),
        ({"short": 10.0, "long": 60.0, "stop": 3.0}, {}),
        ({"short": 10.0, "long": 900.0}, {}),
    ],
)
def test_numbers_are_matched_by_name_value_and_place(written: dict[str, float], found: dict[str, float]) -> None:
    assert match_numbers(KNOWN, written) == found
