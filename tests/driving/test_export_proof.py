"""Only what plain Backtrader reproduces is handed out; else the difference is shown."""

import threading

import pytest

from core.domain.backtest import BacktestPlan, CodeFault
from core.domain.errors import InputError
from core.domain.plain_run import PlainRun
from core.driving.export import Export, ExportProof, describe_proof
from core.driving.export_proof import prove_export
from core.driving.ports import Cancel

DRAFT = Export(name="w", iteration=3, code="print()", bars="time\n")


class Runner:
    """Ends every program the same way."""

    def __init__(self, end: PlainRun) -> None:
        self.end = end

    def run_script(self, script: str, bars_csv: str, plan: BacktestPlan, *, bars: int, cancel: Cancel) -> PlainRun:
        return self.end


def prove(end: PlainRun, measured: float) -> ExportProof:
    return prove_export(DRAFT, measured, BacktestPlan(), bars=10, currency="USD", runner=Runner(end), cancel=threading.Event())


@pytest.mark.parametrize(("printed", "measured"), [(123.46, 123.4567), (123_456_789.12, 123_456_789.1199), (-5.0, -5.004)])
def test_a_value_that_differs_by_rounding_alone_is_proved(printed: float, measured: float) -> None:
    assert prove(PlainRun(printed, None), measured).final == printed


@pytest.mark.parametrize("level", [2, 1, 0])
def test_a_proof_says_where_its_process_was_not_isolated(level: int) -> None:
    proof = prove(PlainRun(1.0, None, level), 1.0)

    assert proof.isolation_level == level
    assert ("not isolated from its machine (sandbox level 0)" in describe_proof(proof).replace("\n# ", " ")) is (level == 0)


def test_another_value_is_refused_with_the_difference() -> None:
    with pytest.raises(InputError, match=r"101,234\.56 USD, and 101,300\.12 USD was measured here, a difference of -65\.56"):
        prove(PlainRun(101_234.56, None), 101_300.12)


@pytest.mark.parametrize("made", ["random.Random", "np.random.default_rng", "RandomState"])
def test_random_numbers_without_a_seed_are_named_where_they_are_drawn(made: str) -> None:
    draft = Export(name="w", iteration=3, code=f"import random\ndice = {made}()\n", bars="time\n")

    with pytest.raises(InputError) as refused:
        prove_export(draft, 1.0, BacktestPlan(), bars=10, currency="", runner=Runner(PlainRun(2.0, None)), cancel=threading.Event())

    assert f"Line 2 of the program draws random numbers without a seed: write `{made}(0)`" in refused.value.hint


def test_a_program_that_does_not_come_to_its_end_is_refused_with_its_error() -> None:
    with pytest.raises(InputError, match=r"NameError: name 'x' is not defined \(line 7 of the program\)"):
        prove(PlainRun(None, CodeFault(message="NameError: name 'x' is not defined", line=7)), 1.0)
