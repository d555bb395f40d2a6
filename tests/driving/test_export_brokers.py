"""An exported program has the account that was measured: its leverage, and fills that stay within their bar."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.backtest.bar_source import BarStream, MomentStream
from core.backtest.orders import parse_record
from core.backtest.replay import replay
from core.backtest.strategy_runner import run_strategy
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.basket import build_basket, list_members
from core.domain.instrument import Instrument
from core.driving.export_brokers import render_brokers, render_costs, render_leverage
from tests.driving.fakes import walk
from tests.driving.test_export import exported

LIMITS = """
import backtrader as bt


class Limits(bt.Strategy):
    def next(self):
        if not self.position:
            self.buy(size=int(2.5 * self.broker.getcash() / self.data.close[0]))
        else:
            self.sell(size=self.position.size, exectype=bt.Order.Limit, price=0.9 * self.data.close[0])
"""
"""Buys with borrowed money, and sells at a limit that each opening meets."""


def run_here(code: str, plan: BacktestPlan, bars: Bars) -> float:
    """Run code and replay its orders as the platform does; gives the final value."""
    records: list[dict[str, object]] = []
    stream = MomentStream.from_bars(bars) if bars.others else BarStream.from_bars(bars)
    assert run_strategy(code, plan, stream, records.append, signals=False).fault is None
    return replay([parse_record(record) for record in records], plan, bars).final_value


def run_alone(folder: Path, code: str, plan: BacktestPlan, bars: Bars) -> float:
    """Run the exported program in a process of its own; gives the final value that it prints."""
    made = exported(code, bars=bars, money=plan)
    (folder / "winner.py").write_text(made.code)
    (folder / "winner.csv").write_text(made.bars)
    done = subprocess.run([sys.executable, "winner.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert "final value" in done.stdout, done.stderr
    return float(done.stdout.rpartition("final value ")[2].split()[0])


@pytest.mark.parametrize("per_unit", [0.0, 0.01])
def test_borrowed_money_and_sales_that_slip_come_to_the_measured_value(tmp_path: Path, per_unit: float) -> None:
    plan, bars = BacktestPlan(leverage=3.0, slippage=0.01, commission_per_unit=per_unit), walk(60)

    measured = run_here(LIMITS, plan, bars)

    assert run_alone(tmp_path, LIMITS, plan, bars) == pytest.approx(measured, abs=0.006)
    assert measured != pytest.approx(run_here(LIMITS, plan.changed(leverage=1.0), bars)), "the money was borrowed"


DATES = """
import datetime

import backtrader as bt


class Dates(bt.Strategy):
    def next(self):
        today, price = self.data.datetime.date(0), 0.995 * self.data.close[0]
        if self.position:
            self.close()
        elif self.data.datetime.time(0) == datetime.time(0):
            self.buy(size=10, exectype=bt.Order.Limit, price=price, valid=today + datetime.timedelta(days=1))
"""


def test_a_day_is_known_by_its_date_alone_so_that_an_order_with_a_date_lives_on_that_day(tmp_path: Path) -> None:
    plan, bars = BacktestPlan(slippage=0.0), walk(60)

    measured = run_here(DATES, plan, bars)

    assert run_alone(tmp_path, DATES, plan, bars) == pytest.approx(measured, abs=0.006)
    assert measured != plan.cash


def test_only_an_account_that_needs_it_brings_more_than_plain_backtrader() -> None:
    assert render_leverage(BacktestPlan()) == ""
    assert render_brokers(BacktestPlan(), "self.buy()") == ""
    assert render_brokers(BacktestPlan(slippage=0.0), LIMITS) == ""
    assert "InBarBroker" in render_brokers(BacktestPlan(), LIMITS)
    assert "InBarBroker" in render_brokers(BacktestPlan(), "self.sell(exectype=2, price=9)")
    assert "leverage=3.0" in render_costs(BacktestPlan(leverage=3.0, commission_per_order=1.0))


BESIDE = """
import backtrader as bt


class Beside(bt.Strategy):
    def next(self):
        if len(self) == 4 and len(self.data1):
            self.buy(size=10)
"""


def test_a_basket_beside_an_instrument_of_a_longer_past_begins_with_what_they_share(tmp_path: Path) -> None:
    """Both the member's bars and those beside it are cut to the first moment at which each has one."""
    long, index = walk(60, seed=1), replace(walk(60, seed=2), instrument=Instrument(symbol="INDEX"))
    columns = {name: getattr(long, name)[20:] for name in ("time", "open", "high", "low", "close", "volume")}
    short = replace(long, instrument=Instrument(symbol="SHORT"), **columns)
    bars, plan = build_basket([long, short], [index]), BacktestPlan(slippage=0.0)

    measured = [run_here(BESIDE, plan, own) for own in list_members(bars)]

    assert run_alone(tmp_path, BESIDE, plan, bars) == pytest.approx(np.mean(measured), abs=0.006)
    assert measured[0] != measured[1]


BOTH = """
import backtrader as bt


class Both(bt.Strategy):
    def next(self):
        if len(self) == 4:
            self.buy(size=10)
            self.buy(data=self.data1, size=20)
"""


def test_a_basket_whose_member_is_read_by_the_others_comes_to_the_measured_value(tmp_path: Path) -> None:
    """On that member the second instrument is the first one again, here and in plain Backtrader."""
    own, index = walk(60, seed=1), replace(walk(60, seed=2), instrument=Instrument(symbol="INDEX"))
    bars, plan = build_basket([own, index], [index]), BacktestPlan(slippage=0.0)

    measured = [run_here(BOTH, plan, member) for member in list_members(bars)]

    assert run_alone(tmp_path, BOTH, plan, bars) == pytest.approx(np.mean(measured), abs=0.006)
    assert measured[1] == pytest.approx(plan.cash + 30 * (index.close[-1] - index.open[4]), abs=30 * 0.01 * index.open[4])
