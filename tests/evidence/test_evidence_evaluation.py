"""From facts to figures: the strategy's, and the two references beside it."""

from dataclasses import replace

import backtrader as bt
import numpy as np
import pandas as pd
import pytest

from core.domain.backtest import BacktestPlan, CodeFault, OutcomeStatus, Stage
from core.domain.errors import CodeError
from core.domain.instrument import Instrument, Timeframe
from core.domain.run import Objective
from core.evidence import CheckContext, evaluate, evaluate_benchmark, evaluate_cash, recompute_equity, score
from core.evidence.equity_check import find_first_difference
from tests.evidence.evidence_samples import PLAN, bars, in_and_out, play, walk


def test_ten_bars_by_hand_give_the_figures_beside_them():
    prices = bars([10, 10, 12, 12, 9, 9])
    found = evaluate(play(prices, [(2, 1_000.0), (4, -1_000.0)]), prices, PLAN)
    # bought 1000 at 10 for 10 commission, sold at 12 for 12: 2000 - 22 won
    assert found.metrics.final_value == pytest.approx(101_978)
    assert found.metrics.total_return == pytest.approx(0.01978)
    assert (found.metrics.trades, found.metrics.win_rate, found.metrics.costs) == (1, 1.0, 22.0)
    assert found.metrics.exposure == pytest.approx(2 / 6)
    assert found.drawdown.tolist() == pytest.approx([0, 0, 0, 0, -12 / 101_990, -12 / 101_990])


def test_buying_and_holding_pays_its_costs_and_is_marked_at_the_close():
    prices = bars([100, 100, 110, 90])
    found = evaluate_benchmark(prices, PLAN)
    size = 999  # 1000 units would cost 100,100 with commission
    assert (found.fills[0].bar, found.fills[0].size, found.fills[0].price) == (1, size, 100.0)
    assert found.equity.tolist() == pytest.approx([100_000, 100_000 - 99.9, 100_000 - 99.9 + 9_990, 100_000 - 99.9 - 9_990])
    assert (found.metrics.trades, found.trades[0].exit_bar, found.metrics.exposure) == (0, None, 0.75)


def test_buying_and_holding_equals_stock_backtrader_on_the_same_account():
    prices = walk(300, seed=4)
    plan = BacktestPlan(commission=0.002, slippage=0.0003)
    found = evaluate_benchmark(prices, plan)

    class Hold(bt.Strategy):
        def __init__(self):
            self.values = []

        def next(self):
            if len(self) == 1:
                self.buy(size=found.fills[0].size)
            self.values.append(self.broker.getvalue())

    frame = pd.DataFrame({name: getattr(prices, name) for name in ("open", "high", "low", "close", "volume")}, index=prices.time)
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.setcash(plan.cash)
    cerebro.broker.setcommission(plan.commission)
    cerebro.broker.set_slippage_perc(plan.slippage, slip_open=True, slip_limit=True, slip_match=True, slip_out=False)
    cerebro.adddata(bt.feeds.PandasData(dataname=frame))
    cerebro.addstrategy(Hold)
    assert found.equity.tolist() == pytest.approx(cerebro.run()[0].values, rel=1e-12)


def test_what_can_be_split_is_bought_to_the_last_cent():
    prices = bars([100, 100, 110], instrument=Instrument(symbol="X", fractional=True))
    fill = evaluate_benchmark(prices, PLAN).fills[0]
    assert fill.size * fill.price + fill.commission == pytest.approx(PLAN.cash)


@pytest.mark.parametrize("closes", [[100.0], [1e6, 1e6, 2e6]])
def test_a_benchmark_that_cannot_be_bought_is_cash(closes):
    prices = bars(closes)
    assert evaluate_benchmark(prices, PLAN).equity.tolist() == evaluate_cash(prices, PLAN).equity.tolist() == [100_000.0] * len(closes)


def test_intraday_bars_are_annualized_by_the_day():
    prices = walk(780)
    stamps = (
        np.repeat(np.array(["2024-01-02", "2024-01-03"], dtype="datetime64[s]"), 390).astype("int64") + np.tile(np.arange(390) * 60, 2)
    ).astype("datetime64[s]")
    found = evaluate(play(prices, []), replace(prices, time=stamps, timeframe=Timeframe.M1, _hash=[]), PLAN)
    assert found.metrics.periods == 2


def test_findings_come_with_the_evaluation():
    prices = walk(300)
    found = evaluate(play(prices, []), prices, PLAN, CheckContext(minimum_trades=5))
    assert [finding.code for finding in found.findings] == ["no_orders"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": OutcomeStatus.ERROR, "error": CodeFault(message="no such indicator", line=3), "stage": Stage.RUN}, "no such indicator"),
        ({"equity": np.ones(3)}, "3 account values for 50 bars"),
        ({"equity": np.full(50, np.inf)}, "not a finite number"),
    ],
)
def test_a_run_without_usable_figures_is_a_code_error(changes, words):
    prices = walk(50)
    with pytest.raises(CodeError, match=words):
        evaluate(replace(play(prices, []), **changes), prices, PLAN)


def test_the_equity_check_finds_a_forged_account_and_accepts_an_honest_one():
    prices = walk(100)
    outcome = play(prices, in_and_out([5, 30, 60], 10, 400.0))
    honest = evaluate(outcome, prices, PLAN)
    assert recompute_equity(outcome.fills, prices, PLAN.cash) == pytest.approx(outcome.equity)
    assert find_first_difference(honest, prices, PLAN) is None
    forged = replace(outcome, equity=np.where(np.arange(100) < 40, outcome.equity, outcome.equity + 1_000))
    assert find_first_difference(evaluate(forged, prices, PLAN), prices, PLAN) == 40
    assert evaluate(forged, prices, PLAN).findings[0].code == "equity_mismatch"


def test_a_position_that_was_carried_in_is_not_held_against_the_account():
    prices = walk(20)
    outcome = replace(play(prices, []), position=np.full(20, 5.0), equity=100_000 + 5.0 * prices.close)
    assert find_first_difference(evaluate(outcome, prices, PLAN), prices, PLAN) is None


@pytest.mark.parametrize("objective", [each for each in Objective if each is not Objective.FORMULA])
def test_the_score_is_the_objectives_figure(objective):
    prices = walk(300, drift=0.002)
    found = evaluate(play(prices, in_and_out(range(5, 250, 20), 10, 400.0)), prices, PLAN)
    assert score(found, objective, 5) == score(found.metrics, objective, 5) == getattr(found.metrics, objective.value)
    assert score(found, objective, found.metrics.trades + 1) is None
