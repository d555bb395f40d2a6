"""The rules of `tests.bench.within_bars`: their accounts are what their fills say, and their days have the swings that were asked for."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan
from core.evidence import evaluate_cash, time_account
from core.evidence.equity_check import recompute_equity
from tests.bench.honesty import CASH
from tests.bench.within_bars import CELLS, SWING, collect_bars, run_rule, trade_days, walk_clusters, walk_days, walk_spells


@pytest.mark.parametrize("place", range(12))
def test_the_account_of_a_rule_is_that_of_its_fills(place: int) -> None:
    _, cell = CELLS[place]
    generator = np.random.default_rng(1)
    paths = cell.draw(generator, 80)
    equity, position, fills = trade_days(cell.rule, paths, generator)

    assert recompute_equity(fills, collect_bars(paths), CASH) == pytest.approx(equity)
    assert np.cumsum(np.bincount([fill.bar for fill in fills], [fill.size for fill in fills], 80)) == pytest.approx(position, abs=1e-6)


def test_days_swing_and_rise_as_asked() -> None:
    days = walk_days(np.random.default_rng(1), 20_000, 1.5, night=0.5)
    moves = np.diff(days[:, -1]) / days[:-1, -1]
    nights = days[1:, 0] / days[:-1, -1] - 1.0
    assert (moves.std(), nights.std()) == pytest.approx((SWING, SWING / 2**0.5), rel=0.02)
    assert moves.mean() / moves.std() * 252**0.5 == pytest.approx(1.5, abs=0.25)


@pytest.mark.parametrize("walk", [walk_clusters, walk_spells])
def test_days_whose_swings_change_have_fat_tails_and_the_usual_swing_on_average(walk: Callable[..., np.ndarray]) -> None:
    days = walk(np.random.default_rng(1), 20_000, 0.8)
    moves = np.diff(np.log(days[:, -1]))
    assert moves.std() == pytest.approx(SWING, rel=0.15)
    assert ((moves - moves.mean()) ** 4).mean() / moves.var() ** 2 > 5.0


def test_a_rule_is_timed_with_its_fills_and_without() -> None:
    cell = CELLS[1][1]
    said, closes = run_rule(cell, (0, 1), days=300)
    generator = np.random.default_rng((0, 1))
    paths = cell.draw(generator, 300)
    equity, position, fills = trade_days(cell.rule, paths, generator)
    bars = collect_bars(paths)
    account = replace(evaluate_cash(bars, BacktestPlan(cash=CASH)), equity=equity, position=position, fills=tuple(fills))

    assert time_account(account, bars, cash=CASH) == said
    assert said.exposure > closes.exposure + 0.1
