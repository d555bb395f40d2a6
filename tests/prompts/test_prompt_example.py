"""The worked example that every prompt shows is a program that runs, trades, and is what the contract asks for."""

import json
import re
import sys
import types
from pathlib import Path

import backtrader as bt
import numpy as np
import pandas as pd
import pytest

from core.prompts import extract_code, read_parameters
from core.prompts.templates.example import EXAMPLE_ANSWER, EXAMPLE_CODE

STARTERS = Path(__file__).parents[2] / "data" / "workflows"


def prices(count: int = 700) -> pd.DataFrame:
    generator = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(generator.normal(0.0006, 0.015, count)))
    frame = pd.DataFrame({"open": close, "high": close * 1.01, "low": close * 0.99, "close": close, "volume": 1e6})
    frame.index = pd.bdate_range("2020-01-01", periods=count)
    return frame


@pytest.fixture
def strategy(monkeypatch: pytest.MonkeyPatch) -> type[bt.Strategy]:
    module = types.ModuleType("example_strategy")
    monkeypatch.setitem(sys.modules, "example_strategy", module)
    exec(compile(EXAMPLE_CODE, "example", "exec"), module.__dict__)
    return module.PullbackInTrend


def test_the_example_runs_in_stock_backtrader_and_trades(strategy):
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.setcash(100_000)
    cerebro.broker.setcommission(0.001)
    cerebro.adddata(bt.feeds.PandasData(dataname=prices()))
    cerebro.addstrategy(strategy)
    cerebro.addanalyzer(bt.analyzers.TradeAnalyzer, _name="trades")
    closed = cerebro.run()[0].analyzers.trades.get_analysis()["total"]["closed"]
    assert closed >= 5


def test_the_example_answer_is_extracted_as_it_stands():
    found = extract_code(EXAMPLE_ANSWER)
    assert found.code == EXAMPLE_CODE
    assert found.change
    assert found.hypothesis
    assert read_parameters(EXAMPLE_CODE)["hold"] == 15.0


def test_the_example_names_rows_as_workflows_do():
    ids = {row["id"] for path in STARTERS.glob("*.json") for row in json.loads(path.read_text(encoding="utf-8"))["rows"]}
    named = re.findall(r"\b([\w-]+): ", "\n".join(re.findall(r"# (r.*)", EXAMPLE_CODE)))
    assert len(named) >= 4
    assert set(named) <= ids
