"""Strategies that nobody here wrote: the package ai-trader, read as text and never imported, each pasted together into one file."""

import contextlib
import re
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from core.domain.backtest import BacktestPlan, Method
from core.gate import inspect_code
from core.sandbox import Sandbox
from tests.attacks.arena import run
from tests.backtest.backtest_cases import walk
from tests.needs import need
from tests.scripts.stock_script import run_stock_script

RUNS = ("adaptive_rsi", "alpharsi_pro", "bbands", "buyhold", "hybrid_alpharsi", "momentum", "risk_averse", "roc", "rsi", "sma", "vcp")
REFUSED = {
    "double_top": "a positive index reads a bar that has not happened yet",
    "macd": "bt.talib is not there: TA-Lib is not installed.",
    "rsrs": "statsmodels.api cannot be imported here.",
    "turtle": "bt.talib is not there: TA-Lib is not installed.",
}
"""Three that stock Backtrader does not run here either, and one that reads the future."""
READS_EARLY = ("adaptive_rsi", "hybrid_alpharsi", "risk_averse")
OWN_IMPORT = re.compile(r"^from ai_trader[^\n]*\n", re.MULTILINE)
BARS, PLAN = walk(400), BacktestPlan(slippage=0.0)


@cache
def read_texts() -> dict[str, str]:
    """Every module of the installed package, by its path; nothing where it is not installed."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        files = metadata.files("ai-trader") or []
        return {str(file): Path(str(file.locate())).read_text(encoding="utf-8") for file in files if file.suffix == ".py"}
    return {}


def paste_together(name: str) -> str:
    """One file: the package's logger, base class and indicators before the strategy, main block and all."""
    texts = read_texts()
    need(bool(texts), "the package ai-trader, installed without its dependencies")
    folder = "ai_trader/backtesting/strategies"
    parts = ("ai_trader/core/logging.py", f"{folder}/base.py", f"{folder}/indicators.py", f"{folder}/classic/{name}.py")
    return "\n".join(OWN_IMPORT.sub("", texts[part]) for part in parts)


@pytest.mark.parametrize("name", RUNS)
def test_a_strategy_of_the_package_gives_the_stock_account(name: str, isolated: Sandbox, tmp_path: Path) -> None:
    code = paste_together(name)
    early = name in READS_EARLY
    expected = run_stock_script(code.partition("\nif __name__ ==")[0], PLAN, BARS, tmp_path, bar_by_bar=early)

    outcome, _ = run(isolated, code, PLAN.changed(method=Method.LOCK_STEP), BARS)

    assert outcome.ok, outcome.error
    assert float(outcome.equity[-1]) == expected
    assert any("before the first one" in note for note in outcome.notes) is early


@pytest.mark.parametrize(("name", "message"), REFUSED.items(), ids=REFUSED)
def test_what_the_package_cannot_have_here_is_named(name: str, message: str, isolated: Sandbox) -> None:
    outcome, _ = run(isolated, paste_together(name), PLAN, BARS)

    assert outcome.error is not None
    assert outcome.error.message == message


@pytest.mark.parametrize("name", [*RUNS, *REFUSED])
def test_a_file_of_the_package_alone_says_what_to_paste(name: str) -> None:
    need(bool(read_texts()), "the package ai-trader, installed without its dependencies")
    (error,) = inspect_code(read_texts()[f"ai_trader/backtesting/strategies/classic/{name}.py"]).errors
    assert error.hint == "Paste the class BaseStrategy into this file."
