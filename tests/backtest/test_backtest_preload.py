"""What is imported when: nothing heavy with the package, no pandas in a run, no TA-Lib ever."""

import subprocess
import sys

import pytest


def loaded(code: str) -> list[str]:
    """Which heavy libraries a fresh interpreter holds after running the code."""
    probe = "import sys; print(*[name for name in ('backtrader', 'pandas', 'talib') if sys.modules.get(name) is not None])"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{probe}"], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    "module", ["core.backtest", "core.backtest.strategy_runner", "core.backtest.replay", "core.backtest.fill_audit", "core.gate.inspection"]
)
def test_importing_the_room_imports_nothing_heavy(module: str) -> None:
    assert loaded(f"import {module}") == []


def test_a_warm_process_has_backtrader_and_neither_pandas_nor_talib() -> None:
    assert loaded("from core.backtest.preload_backtest import preload_engine; preload_engine()") == ["backtrader"]
