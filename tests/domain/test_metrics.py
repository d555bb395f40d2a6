"""Figures against hand-made tables, and against two well-kept libraries where the definitions agree."""

from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.domain import metrics
from core.domain.backtest import Fill, Trade
from core.domain.metrics import Metrics, compute_metrics

START = 100.0


def load_empyrical() -> Any:
    """The one library: loaded by the process that asks, for whoever else collects these tests would wait for it too."""
    import empyrical

    return empyrical


def load_quantstats() -> Any:
    """The other library."""
    import quantstats.stats

    return quantstats.stats


def _weekdays(count: int) -> np.ndarray:
    return np.busday_offset("2024-01-01", np.arange(count)).astype("datetime64[s]")


def trade(profit: float, *, exit_bar: int | None = 2, commission: float = 1.0) -> Trade:
    price = None if exit_bar is None else 11.0
    return Trade(entry_bar=1, exit_bar=exit_bar, size=10, entry_price=10, exit_price=price, profit=profit, commission=commission)


def figures(equity: list[float], **changes: object) -> Metrics:
    values = np.array(equity, dtype=float)
    facts = {"position": np.ones(len(values)), "trades": (), "fills": (), "time": _weekdays(len(values)), "periods_per_year": 252}
    return compute_metrics(values, start_value=START, intraday=False, **{**facts, **changes})


@pytest.fixture(scope="module", params=[1, 2, 3])
def curve(request: pytest.FixtureRequest) -> tuple[np.ndarray, pd.Series, Metrics]:
    generator = np.random.default_rng(request.param)
    returns = generator.standard_t(4, 750) * 0.01 + 0.0004
    equity = START * np.cumprod(1 + returns)
    found = compute_metrics(
        equity, start_value=START, position=np.ones(750), trades=(), fills=(), time=_weekdays(750), periods_per_year=252, intraday=False
    )
    return equity, pd.Series(returns, index=pd.DatetimeIndex(_weekdays(750))), found


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("total_return", lambda r: load_empyrical().cum_returns_final(r)),
        ("cagr", lambda r: load_empyrical().annual_return(r, annualization=252)),
        ("volatility", lambda r: load_empyrical().annual_volatility(r, annualization=252)),
        ("sharpe", lambda r: load_empyrical().sharpe_ratio(r, annualization=252)),
        ("sortino", lambda r: load_empyrical().sortino_ratio(r, annualization=252)),
        ("calmar", lambda r: load_empyrical().calmar_ratio(r, annualization=252)),
        ("max_drawdown", lambda r: load_empyrical().max_drawdown(r)),
        ("total_return", lambda r: load_quantstats().comp(r)),
        ("cagr", lambda r: load_quantstats().cagr(r, periods=252)),
        ("calmar", lambda r: load_quantstats().calmar(r, periods=252)),
        ("volatility", lambda r: load_quantstats().volatility(r, periods=252)),
        ("sharpe", lambda r: load_quantstats().sharpe(r, periods=252)),
        ("sortino", lambda r: load_quantstats().sortino(r, periods=252)),
        ("max_drawdown", lambda r: load_quantstats().max_drawdown(r)),
    ],
)
def test_a_figure_equals_the_library_where_definitions_agree(curve, name, oracle):
    _, returns, found = curve
    assert getattr(found, name) == pytest.approx(float(oracle(returns)), rel=1e-9, abs=1e-12)


def test_skew_and_kurtosis_equal_scipy(curve):
    from scipy import stats

    _, returns, found = curve
    assert found.skew == pytest.approx(float(stats.skew(returns)), rel=1e-9)
    assert found.kurtosis == pytest.approx(float(stats.kurtosis(returns, fisher=False)), rel=1e-9)


def test_trade_figures_equal_the_library(curve):
    profits = pd.Series([5.0, -2.0, 3.0, -1.0, 4.0])
    trades = [trade(profit) for profit in profits]
    assert metrics.win_rate(trades) == pytest.approx(float(load_quantstats().win_rate(profits)), rel=1e-9)
    assert metrics.profit_factor(trades) == pytest.approx(float(load_quantstats().profit_factor(profits)), rel=1e-9)
    assert metrics.expectancy(trades) == pytest.approx(float(profits.mean()), rel=1e-9)


def test_where_the_libraries_differ_the_difference_is_the_documented_one():
    flat = pd.Series([0.0] * 10 + [0.02, -0.01], index=pd.DatetimeIndex(_weekdays(12)))
    winners = [trade(3.0), trade(1.0), trade(0.0)]
    profits = pd.Series([0.3, 0.1, 0.0])
    assert (load_quantstats().exposure(flat), metrics.exposure(flat.to_numpy())) == (0.17, pytest.approx(1 / 6))
    assert (load_quantstats().profit_factor(profits, prepare_returns=False), metrics.profit_factor(winners)) == (float("inf"), None)
    assert (load_quantstats().win_rate(profits, prepare_returns=False), metrics.win_rate(winners)) == (1.0, pytest.approx(2 / 3))
    assert abs(float(load_empyrical().sharpe_ratio(pd.Series([0.001] * 50 + [0.001 + 1e-15])))) > 1e6
    assert metrics.sharpe(np.array([0.001] * 50 + [0.001 + 1e-15]), periods_per_year=252) is None


def test_a_hand_made_curve_gives_the_figures_beside_it():
    found = figures([110.0, 99.0, 121.0, 121.0])
    returns = [0.1, -0.1, 121 / 99 - 1, 0.0]
    mean, deviation = np.mean(returns), np.std(returns, ddof=1)
    assert found.total_return == pytest.approx(0.21)
    assert found.max_drawdown == pytest.approx(-0.1)
    assert found.sharpe == pytest.approx(mean / deviation * sqrt(252))
    assert found.sortino == pytest.approx(mean / sqrt(0.01 / 4) * sqrt(252))
    assert found.cagr == pytest.approx(1.21 ** (252 / 4) - 1)
    assert (found.max_drawdown_days, found.final_value, found.bars, found.periods) == (1.0, 121.0, 4, 4)


def test_the_first_return_is_against_the_starting_cash():
    assert figures([90.0, 90.0]).max_drawdown == pytest.approx(-0.1)
    assert metrics.period_returns(np.array([90.0, 90.0]), start_value=START).tolist() == pytest.approx([-0.1, 0.0])


def test_minutes_are_sampled_at_the_end_of_each_day_before_anything_is_annualized():
    generator = np.random.default_rng(5)
    daily = START * np.cumprod(1 + generator.normal(0.001, 0.01, 60))
    stamps = (_weekdays(60)[:, None] + np.arange(390)[None, :] * np.timedelta64(60, "s") + np.timedelta64(34_200, "s")).ravel()
    minute = np.repeat(daily, 390) * (1 + generator.normal(0, 0.001, 60 * 390))
    minute[389::390] = daily
    arguments = {"start_value": START, "trades": (), "fills": (), "periods_per_year": 252}
    found = compute_metrics(minute, position=np.ones(len(minute)), time=stamps, intraday=True, **arguments)
    expected = compute_metrics(daily, position=np.ones(60), time=_weekdays(60), intraday=False, **arguments)
    assert (found.sharpe, found.sortino, found.cagr, found.periods) == (expected.sharpe, expected.sortino, expected.cagr, 60)
    assert found.max_drawdown < expected.max_drawdown  # falls inside a day count


def test_a_sunday_evening_belongs_to_monday_and_a_sunday_morning_does_not():
    stamps = np.array(["2024-01-05T12:00", "2024-01-07T17:00", "2024-01-08T12:00"], dtype="datetime64[s]")
    morning = np.array(["2024-01-07T10:00", "2024-01-08T10:00"], dtype="datetime64[s]")
    assert len(metrics.sample_daily(np.ones(3), stamps, periods_per_year=260)) == 2
    assert len(metrics.sample_daily(np.ones(2), morning, periods_per_year=252)) == 2
    assert len(metrics.sample_daily(np.ones(3), stamps, periods_per_year=365)) == 3


def test_a_trading_day_that_begins_at_five_in_the_evening_is_sampled_there():
    stamps = np.array(["2024-01-08T16:59", "2024-01-08T17:00", "2024-01-09T16:59", "2024-01-09T17:00"], dtype="datetime64[s]")
    sampled = metrics.sample_daily(np.array([1.0, 2.0, 3.0, 4.0]), stamps, periods_per_year=260, day_roll=1_020)
    assert sampled.tolist() == [1.0, 3.0, 4.0]


@pytest.mark.parametrize("equity", [[100.0] * 50, [100.0 * 1.001**n for n in range(1, 51)], [100.0 - 0.01 * n for n in range(50)]])
def test_a_curve_without_variance_has_no_ratio_instead_of_an_enormous_one(equity):
    found = figures(equity)
    assert found.sharpe is None or abs(found.sharpe) < 100
    assert found.sortino is None or abs(found.sortino) < 100


def test_a_constant_drip_has_no_sharpe():
    assert figures([100.0 - 1e-4 * n for n in range(1, 100)]).sharpe is None


def test_a_curve_that_never_falls_has_no_sortino_and_no_calmar():
    found = figures([101.0, 103.0, 104.0, 108.0])
    assert (found.sortino, found.calmar, found.max_drawdown) == (None, None, 0.0)
    assert found.sharpe is not None


@pytest.mark.parametrize("equity", [[100.0, 50.0, 0.0], [100.0, -20.0, 60.0], [100.0, 40.0, -5.0]])
def test_a_ruined_account_has_lost_everything_a_year_and_has_no_ratio(equity):
    found = figures(equity)
    assert found.cagr == -1.0
    assert (found.sharpe, found.sortino, found.calmar, found.volatility) == (None, None, None, None)
    assert found.max_drawdown <= -1.0


def test_growth_that_no_number_can_hold_is_not_a_number():
    assert metrics.cagr(np.array([1e9]), start_value=1e-9, periods_per_year=252) is None


def test_the_longest_drawdown_counts_one_that_never_ends():
    assert metrics.longest_drawdown(np.array([99.0, 101.0, 100.0, 100.0, 100.0]), start_value=START) == 3
    assert metrics.longest_drawdown(np.empty(0), start_value=START) == 0


def test_open_trades_are_not_counted_as_results():
    found = figures([100.0, 101.0], trades=(trade(3.0), trade(-1.0), trade(50.0, exit_bar=None)))
    assert (found.trades, found.win_rate, found.profit_factor, found.expectancy) == (2, 0.5, 3.0, 1.0)


def test_without_a_loss_there_is_no_profit_factor():
    assert metrics.profit_factor([trade(3.0)]) is None
    assert metrics.win_rate([]) is None


def test_turnover_and_costs_add_both_sides():
    fills = (Fill(order=1, bar=0, size=10, price=10, commission=0.5), Fill(order=2, bar=1, size=-10, price=10, commission=0.5))
    found = figures([100.0, 100.0], fills=fills)
    assert (found.turnover, found.costs) == (pytest.approx(2 * 252 / 2), 1.0)


def test_no_bars_give_the_starting_cash_and_nothing_else():
    found = compute_metrics(
        np.empty(0), start_value=START, position=np.empty(0), trades=(), fills=(), time=_weekdays(0), periods_per_year=252, intraday=False
    )
    assert (found.final_value, found.total_return, found.sharpe, found.bars) == (START, 0.0, None, 0)


def test_one_bar_has_no_ratio_and_raises_nothing():
    found = figures([100.0])
    assert (found.sharpe, found.volatility, found.skew, found.cagr) == (None, None, None, 0.0)


@pytest.mark.parametrize("wrong", [{"position": np.ones(3)}, {"time": _weekdays(3)}])
def test_arrays_of_unlike_length_are_refused(wrong):
    with pytest.raises(ValueError, match="one entry a bar"):
        figures([100.0, 101.0], **wrong)


def test_an_account_that_is_not_a_number_is_refused():
    with pytest.raises(ValueError, match="not finite"):
        figures([100.0, float("nan")])


def test_figures_survive_a_round_trip_through_json(curve):
    _, _, found = curve
    assert Metrics.model_validate_json(found.model_dump_json()) == found


def test_old_stored_figures_without_the_newer_fields_still_read():
    assert Metrics.model_validate({"total_return": 0.1}).periods == 0


def test_weekly_bars_are_annualized_by_weeks():
    returns = np.random.default_rng(1).normal(0.002, 0.02, 104)
    weeks = (np.datetime64("2024-01-01") + 7 * np.arange(104)).astype("datetime64[s]")
    found = figures(list(START * np.cumprod(1 + returns)), time=weeks, periods_per_year=52)
    assert found.years == 2.0
    assert found.sharpe == pytest.approx(float(load_empyrical().sharpe_ratio(pd.Series(returns), annualization=52)), rel=1e-9)


def test_a_last_digit_that_rounding_took_is_no_time_under_water():
    peak = np.array([100.0, 113.28125, np.nextafter(113.28125, 0.0)])
    assert metrics.longest_drawdown(peak, start_value=100.0) == 0
