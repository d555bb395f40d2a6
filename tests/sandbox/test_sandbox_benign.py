"""Honest strategies of every style give stock Backtrader's account through the whole sandbox, in both modes."""

from pathlib import Path

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Method, Verdict
from core.sandbox import Sandbox
from tests.attacks.arena import run, sample_bars
from tests.reference_backtrader import run_reference

BENIGN = sorted(path for path in (Path(__file__).parents[1] / "backtest" / "benign").glob("*.py") if path.name != "conftest.py")
SHORT_TIMEFRAME = {"two_clocks", "session_hours"}


@pytest.mark.parametrize("path", [path for path in BENIGN if path.stem not in SHORT_TIMEFRAME], ids=lambda path: path.stem)
def test_an_honest_strategy_gives_the_stock_account(path: Path, isolated: Sandbox) -> None:
    bars, code = sample_bars(320), path.read_text()
    expected = run_reference(code, BacktestPlan(), bars).equity
    for method in (Method.LOCK_STEP, Method.FAST):
        outcome, _ = run(isolated, code, BacktestPlan(method=method), bars)
        assert outcome.ok, outcome.error
        assert np.array_equal(outcome.equity, expected)
        assert outcome.certificate.verdict is not Verdict.LEAKED
        assert outcome.certificate.fills_checked
        assert not outcome.certificate.altered


def test_there_are_at_least_25_of_them() -> None:
    assert len([path for path in BENIGN if path.stem not in SHORT_TIMEFRAME]) >= 25
