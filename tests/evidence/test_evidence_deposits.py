"""Figures of an account that is paid into: those of a unit, with the money beside them, whoever asks."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Fill, Outcome
from core.domain.bars import Bars
from core.domain.deposits import Deposit, Rhythm, find_deposits
from core.evidence import combine, evaluate, evaluate_benchmark, evaluate_cash, measure_timing, recall_paid_account
from core.evidence.checks.activity import open_profit
from core.evidence.checks.sizing import over_invested
from core.evidence.equity_check import find_first_difference
from tests.evidence.evidence_samples import PLAN, bars, play, walk

BARE = PLAN.changed(commission=0.0)
MONTHLY = BARE.changed(deposits=(Deposit(amount=30_000, every=Rhythm.MONTHLY),))


def ride(prices: Bars, plan: BacktestPlan) -> Outcome:
    """All of the money in the market from the sixth to the twelfth bar of each month, by fractions of units and without costs."""
    paid_in, first = find_deposits(prices.time, plan.deposits), find_deposits(prices.time, MONTHLY.deposits)
    cash, held, since = plan.cash, 0.0, 0
    money, units, fills = np.empty(len(prices)), np.empty(len(prices)), []
    for bar in range(len(prices)):
        since, opened = (0 if first[bar] else since + 1), float(prices.open[bar])
        if since in (6, 12) and (since == 6) == (held == 0.0):
            size = cash / opened if since == 6 else -held
            fills.append(Fill(order=len(fills), bar=bar, size=size, price=opened, commission=0.0))
            cash, held = cash - size * opened, held + size
        cash += paid_in[bar]
        money[bar], units[bar] = cash + held * prices.close[bar], held
    return replace(play(prices, (), plan), fills=tuple(fills), equity=money, position=units)


def test_what_is_done_with_the_same_part_of_the_account_has_the_same_figures_with_deposits_and_without() -> None:
    prices = walk(700, seed=3)
    plain, paid = evaluate(ride(prices, BARE), prices, BARE), evaluate(ride(prices, MONTHLY), prices, MONTHLY)

    for name in ("total_return", "cagr", "sharpe", "sortino", "calmar", "volatility", "max_drawdown", "exposure", "skew"):
        assert getattr(paid.metrics, name) == pytest.approx(getattr(plain.metrics, name), rel=1e-9), name
    assert paid.equity == pytest.approx(plain.equity, rel=1e-9)
    assert paid.position_per_unit == pytest.approx(plain.position, rel=1e-9)
    timings = [measure_timing(one.equity, one.position_per_unit, prices, cash=BARE.cash) for one in (plain, paid)]
    assert (timings[1].z, timings[1].exposure) == pytest.approx((timings[0].z, timings[0].exposure), rel=1e-9)
    assert (plain.metrics.paid_in, plain.metrics.profit, plain.metrics.money_weighted) == (None, None, None)


def test_the_money_is_what_came_in_and_what_it_became() -> None:
    prices = walk(700, seed=3)
    outcome = ride(prices, MONTHLY)
    found = evaluate(outcome, prices, MONTHLY).metrics
    months = len(np.unique(prices.time.astype("datetime64[M]"))) - 1

    assert found.paid_in == 30_000 * months
    assert found.final_value == outcome.equity[-1]
    assert found.profit == pytest.approx(outcome.equity[-1] - 100_000 - 30_000 * months)
    assert found.turnover == pytest.approx(sum(abs(fill.size) * fill.price for fill in outcome.fills) / outcome.equity.mean() / found.years)


def test_buying_and_holding_is_paid_into_on_the_same_days_and_the_same_by_the_unit() -> None:
    prices = walk(300, seed=4)
    plain, paid = evaluate_benchmark(prices, PLAN), evaluate_benchmark(prices, PLAN.changed(deposits=MONTHLY.deposits))
    deposits = find_deposits(prices.time, MONTHLY.deposits)

    assert paid.equity.tolist() == plain.equity.tolist()
    assert paid.metrics.sharpe == plain.metrics.sharpe
    units = 1.0 + sum(amount / value for amount, value in zip(deposits, plain.equity, strict=True))
    assert paid.metrics.final_value == pytest.approx(units * plain.equity[-1])


def test_cash_earns_nothing_on_what_is_paid_in() -> None:
    found = evaluate_cash(walk(300), MONTHLY)

    assert set(found.equity.tolist()) == {100_000.0}
    assert (found.metrics.total_return, found.metrics.profit) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert found.metrics.money_weighted == pytest.approx(0.0, abs=1e-9)


def test_a_part_that_begins_with_a_deposit_counts_it() -> None:
    prices = bars([100.0] * 60)
    first = int(np.flatnonzero(find_deposits(prices.time, MONTHLY.deposits))[1])
    part, before = prices.slice(first, 60), prices.slice(0, first)

    paid = [evaluate_benchmark(part, MONTHLY, context).metrics.paid_in for context in (None, before)]
    run = evaluate(replace(play(part, (), MONTHLY), paid_in=find_deposits(prices.time, MONTHLY.deposits)[first:]), part, MONTHLY)

    assert paid == [0.0, 30_000.0]
    assert run.metrics.paid_in == 30_000.0


def test_the_second_opinion_on_the_account_knows_the_deposits() -> None:
    prices = walk(200, seed=3)
    outcome = ride(prices, MONTHLY)
    found = evaluate(outcome, prices, MONTHLY)
    wrong = evaluate(replace(outcome, equity=outcome.equity + 500.0 * (np.arange(200) > 150)), prices, MONTHLY)

    assert find_first_difference(found, prices, MONTHLY) is None
    assert find_first_difference(wrong, prices, MONTHLY) == 151
    recalled = recall_paid_account(outcome.fills, prices, MONTHLY)
    assert recalled is not None
    assert recalled.value == pytest.approx(outcome.equity)


def test_two_accounts_together_are_one_that_is_given_the_sum() -> None:
    prices = walk(300, seed=5)
    half = MONTHLY.halve()
    ridden, held = evaluate(ride(prices, half), prices, half), evaluate_benchmark(prices, half)
    assert ridden.paid is not None
    assert held.paid is not None

    together = combine([ridden, held], prices, MONTHLY)

    assert together.metrics.paid_in == evaluate_cash(prices, MONTHLY).metrics.paid_in
    assert together.metrics.final_value == pytest.approx(ridden.paid.value[-1] + held.paid.value[-1])
    assert together.equity[0] == pytest.approx(100_000)


def test_findings_take_no_deposit_for_a_profit_and_no_larger_position_for_leverage() -> None:
    prices = walk(700, seed=3)
    names = {finding.code for finding in evaluate(ride(prices, MONTHLY), prices, MONTHLY).findings}

    assert over_invested.__name__ not in names
    assert open_profit.__name__ not in names
