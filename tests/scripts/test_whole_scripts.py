"""Whole scripts, as people paste them, give to the bit what they give their authors under stock Backtrader."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.aligned_bars import align_bars
from core.domain.backtest import BacktestPlan, Method
from core.domain.instrument import Instrument
from core.gate import inspect_code
from core.sandbox import Sandbox
from tests.attacks.arena import run
from tests.backtest.backtest_cases import walk
from tests.scripts.several_feeds import SEVERAL_FEEDS
from tests.scripts.shapes import whole_scripts
from tests.scripts.stock_script import run_stock_script

SCRIPTS = whole_scripts()
VARIED, PASTED = (
    {file.stem: file.read_text(encoding="utf-8") for file in sorted((Path(__file__).parent / kind).glob("*.txt"))}
    for kind in ("varied", "pasted")
)
"""Scripts of many kinds: what people import, how they name, wire and start what they wrote; and in the manner of people and models."""
BARS = walk(260)
PLAN = BacktestPlan(slippage=0.0)


def test_there_are_as_many_as_were_collected() -> None:
    assert len(SCRIPTS) >= 60
    assert len(VARIED) + len(PASTED) >= 60


@pytest.mark.parametrize("code", SCRIPTS.values(), ids=SCRIPTS)
def test_a_whole_script_gives_the_stock_account(code: str, isolated: Sandbox, tmp_path: Path) -> None:
    expected = run_stock_script(code, PLAN, BARS, tmp_path)

    outcome, _ = run(isolated, code, PLAN.changed(method=Method.LOCK_STEP), BARS)

    assert outcome.ok, outcome.error
    assert float(outcome.equity[-1]) == expected
    assert outcome.orders.placed > 0


@pytest.mark.parametrize("code", VARIED.values(), ids=VARIED)
def test_a_script_of_any_kind_gives_the_stock_account_bar_by_bar(code: str, isolated: Sandbox, tmp_path: Path) -> None:
    expected = run_stock_script(code, PLAN, BARS, tmp_path, bar_by_bar=True)

    outcome, _ = run(isolated, code, PLAN.changed(method=Method.LOCK_STEP), BARS)

    assert outcome.ok, outcome.error
    assert float(outcome.equity[-1]) == expected
    assert outcome.orders.placed > 0


@pytest.mark.parametrize("code", PASTED.values(), ids=PASTED)
def test_a_pasted_script_gives_the_stock_account(code: str, isolated: Sandbox, tmp_path: Path) -> None:
    expected = run_stock_script(code, PLAN, BARS, tmp_path)

    outcome, _ = run(isolated, code, PLAN.changed(method=Method.LOCK_STEP), BARS)

    assert outcome.ok, outcome.error
    assert float(outcome.equity[-1]) == expected
    assert outcome.orders.placed > 0


ALERTS = """
import os
import backtrader as bt
import requests

TOKEN = os.environ["BOT_TOKEN"]


class S(bt.Strategy):
    params = dict(live=False, careful=True)

    def tell(self):
        try:
            requests.post(f"https://example.org/{TOKEN}", timeout=1)
        except requests.exceptions.RequestException as error:
            print("not told:", error)

    def next(self):
        if len(self) == 3 and self.p.careful:
            self.tell()
        if len(self) % 9 == 0:
            self.buy()
            if self.p.live:
                requests.get("https://example.org")
"""


def test_a_network_fails_when_it_is_called_and_what_is_not_set_is_empty_and_named(isolated: Sandbox) -> None:
    outcome, _ = run(isolated, ALERTS, PLAN, BARS)

    assert outcome.ok, outcome.error
    assert outcome.log.startswith("not told: What it would give is not there")
    assert any("(BOT_TOKEN)" in note for note in outcome.notes)


WRITES = """
import backtrader as bt
import pandas as pd

class S(bt.Strategy):
    def stop(self):
        table = pd.DataFrame({"a": [1.0, 2.0]})
        with pd.ExcelWriter("a.xlsx") as book:
            table.to_excel(book, sheet_name="a")
        table.to_excel("b.xlsx")
        table["a"].to_pickle("c.pkl")
        table.to_parquet("d.parquet")
        print(table.to_markdown())
"""


def test_tables_are_written_nowhere_whatever_the_format_and_the_files_are_named(isolated: Sandbox) -> None:
    outcome, _ = run(isolated, WRITES, PLAN, BARS)

    assert outcome.ok, outcome.error
    assert any("(a.xlsx, b.xlsx, c.pkl, d.parquet)" in note for note in outcome.notes)
    assert outcome.log.splitlines()[:3] == ["|  | a |", "| --- | --- |", "| 0 | 1.0 |"]


@pytest.mark.parametrize("code", SEVERAL_FEEDS.values(), ids=SEVERAL_FEEDS)
def test_a_script_with_several_feeds_gives_the_stock_account_on_as_many_instruments(code: str, isolated: Sandbox, tmp_path: Path) -> None:
    symbols = "ABC" if "CCC" in code else "AB"
    bars = align_bars([replace(walk(160, seed=seed), instrument=Instrument(symbol=symbol)) for seed, symbol in enumerate(symbols, start=3)])
    expected = run_stock_script(code, PLAN, bars, tmp_path)

    outcome, _ = run(isolated, code, PLAN.changed(method=Method.LOCK_STEP), bars)

    assert outcome.ok, outcome.error
    assert float(outcome.equity[-1]) == expected
    assert outcome.orders.placed > 0
    assert outcome.certificate.fills_checked


@pytest.mark.parametrize("code", SCRIPTS.values(), ids=SCRIPTS)
def test_the_gate_reads_its_own_answer_the_same_way(code: str) -> None:
    once = inspect_code(code)

    assert once.errors == ()
    assert inspect_code(once.code).code == once.code
