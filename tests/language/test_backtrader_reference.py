"""Every line of the reference is run in Backtrader: what a model is told to write must work."""

import backtrader as bt
import pytest
from workflow_runs import closes, load, run, walk

from core.prompts import indicator_reference
from core.prompts.backtrader_reference import BUILT_IN, CUSTOM_INDICATOR, UNSAFE, ReferenceEntry

TEMPLATE = """import backtrader as bt
{own}
class Probe(bt.Strategy):
    def __init__(self):
        self.asked = {code}
    def next(self):
        self.seen = [line[0] for line in ({lines},)]
"""


def probe(entry: ReferenceEntry, bars, own: str = ""):  # type: ignore[no-untyped-def]
    lines = ", ".join(f"self.asked.{name}" for name in entry.lines) or "self.asked"
    return run(TEMPLATE.format(code=entry.code, lines=lines, own=own), bars).strategy


@pytest.mark.parametrize("entry", [*BUILT_IN, *UNSAFE], ids=lambda entry: entry.code)
def test_a_line_of_the_reference_runs_and_its_outputs_exist(entry: ReferenceEntry) -> None:
    assert all(isinstance(value, float | int) for value in probe(entry, walk(120)).seen)


@pytest.mark.parametrize("entry", [entry for entry in BUILT_IN if "divides by zero" not in entry.note], ids=lambda entry: entry.code)
def test_what_is_called_safe_survives_flat_bars(entry: ReferenceEntry) -> None:
    assert probe(entry, closes([100.0] * 90)).seen


@pytest.mark.parametrize("entry", UNSAFE, ids=lambda entry: entry.code)
def test_what_is_called_unsafe_really_is(entry: ReferenceEntry) -> None:
    with pytest.raises(ZeroDivisionError):
        probe(entry, closes([100.0] * 90))


def test_the_example_of_an_own_indicator_runs() -> None:
    assert probe(ReferenceEntry("OnBalanceVolume(self.data)"), walk(40), CUSTOM_INDICATOR).seen
    assert CUSTOM_INDICATOR in indicator_reference()


def test_backtrader_has_none_of_what_is_called_missing() -> None:
    for name in ("VWAP", "OBV", "MFI", "SuperTrend", "Supertrend", "DonchianChannel", "KeltnerChannel", "ZScore"):
        assert not hasattr(bt.ind, name)
    assert load(TEMPLATE.format(code="bt.ind.SMA()", lines="self.asked", own=""))
