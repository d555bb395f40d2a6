"""Costs as the field says them: words to amounts, by hand."""

import pytest

from core.domain.backtest import BacktestPlan
from core.domain.cost_words import apply_usual_costs, parse_costs
from core.domain.errors import InputError
from core.domain.instrument import AssetClass, Instrument
from core.domain.trading_costs import (
    compute_commission,
    compute_fill_commission,
    count_affordable,
    describe_commission,
    describe_slippage,
)
from core.market.instrument_classes import make_instrument

PAIR = make_instrument("EURUSD", asset_class=AssetClass.FOREX)
YEN = make_instrument("USDJPY", asset_class=AssetClass.FOREX)
SHARE = make_instrument("AAPL", exchange="XNAS")
FUTURE = Instrument(symbol="ES", asset_class=AssetClass.FUTURE, tick=0.25)


@pytest.mark.parametrize(
    ("words", "instrument", "fields"),
    [
        ("0.1 %", SHARE, {"commission": 0.001}),
        ("5 bps", SHARE, {"commission": 0.0005}),
        ("0.005 per share", SHARE, {"commission": 0.0, "commission_per_unit": 0.005}),
        ("$0.005/share, min $1", SHARE, {"commission_per_unit": 0.005, "commission_minimum": 1.0}),
        ("0.05 per unit", FUTURE, {"commission_per_unit": 0.05}),
        ("¥2 per share", Instrument(symbol="7203.T", currency="JPY"), {"commission_per_unit": 2.0}),
        ("$4.90 per order", Instrument(symbol="RY.TO", currency="CAD"), {"commission_per_order": 4.9}),
        ("3.5 per lot", PAIR, {"commission_per_unit": pytest.approx(0.000035)}),
        ("4.90 per order + 0.25 %", SHARE, {"commission": 0.0025, "commission_per_order": 4.9}),
        ("at least 9.99", SHARE, {"commission": 0.0, "commission_minimum": 9.99}),
        ("spread 1 pip", PAIR, {"commission": 0.0, "slippage": 0.0, "slippage_price": pytest.approx(0.00005)}),
        ("spread 1 pip", YEN, {"slippage_price": pytest.approx(0.005)}),
        ("slippage 1 tick", FUTURE, {"slippage_price": 0.25}),
        ("spread 2 ticks, slippage 1 tick", FUTURE, {"slippage_price": 0.5}),
        ("slippage 0.02", SHARE, {"slippage": 0.0, "slippage_price": 0.02, "commission": 0.001}),
        ("spread 0.02 %, slippage 0.01 %", SHARE, {"slippage": pytest.approx(0.0002), "slippage_price": 0.0}),
        ("1/order", SHARE, {"commission_per_order": 1.0, "slippage": pytest.approx(0.0005)}),
    ],
)
def test_words_become_the_plans_amounts(words: str, instrument: Instrument, fields: dict[str, float]) -> None:
    plan = parse_costs(words, instrument, BacktestPlan())

    assert {name: getattr(plan, name) for name in fields} == fields
    assert plan.costs_said == words


@pytest.mark.parametrize(
    ("words", "instrument", "reason"),
    [
        ("cheap", SHARE, "'cheap' says no cost"),
        ("spread 1 pip", SHARE, "no currency pair"),
        ("slippage 1 tick", Instrument(symbol="X"), "tick of X is not known"),
        ("spread 1 pip, slippage 0.01 %", PAIR, "two kinds of units"),
        ("-5 %", SHARE, "says no cost"),
        ("2.50 per contract", FUTURE, "the multiplier of ES is not known"),
        ("2.25/lot", FUTURE, "how many units of ES a lot has"),
        ("1 a lot", SHARE, "how many units of AAPL a lot has"),
        ("€1 per order", SHARE, "€ is not the currency of AAPL: its account is in USD"),
        ("$3.5 per lot", YEN, "its account is in JPY"),
    ],
)
def test_words_that_say_no_cost_are_refused_with_what_to_write(words: str, instrument: Instrument, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        parse_costs(words, instrument, BacktestPlan())

    assert caught.value.hint


def test_a_turned_over_position_pays_for_two_executions() -> None:
    plan = BacktestPlan(commission=0.0, commission_per_order=1.0)

    assert compute_fill_commission(plan, 10.0, -15.0, 50.0) == 2.0
    assert compute_fill_commission(plan, 10.0, -10.0, 50.0) == 1.0
    assert compute_fill_commission(plan, 10.0, 5.0, 50.0) == 1.0


def test_a_minimum_binds_small_orders_alone() -> None:
    plan = BacktestPlan(commission=0.0, commission_per_unit=0.005, commission_minimum=1.0)

    assert [compute_commission(plan, size, 50.0) for size in (0.0, 1.0, 200.0, -1000.0)] == [0.0, 1.0, 1.0, 5.0]


def test_what_is_affordable_leaves_room_for_the_commission() -> None:
    plan = BacktestPlan(cash=1_000.0, commission=0.0, commission_per_order=5.0)

    assert count_affordable(plan, 100.0, fractional=False) == 9.0
    assert count_affordable(BacktestPlan(cash=1_000.0, commission=0.0), 100.0, fractional=False) == 10.0
    assert count_affordable(plan, 2_000.0, fractional=False) == 0.0


def test_the_usual_costs_of_a_pair_are_no_shares_costs() -> None:
    plan = apply_usual_costs(BacktestPlan(), PAIR)

    assert (plan.commission, plan.slippage) == (0.0, 0.0001)
    assert apply_usual_costs(BacktestPlan(), SHARE) == BacktestPlan()


def test_a_plan_of_an_earlier_version_reads_as_it_was() -> None:
    old = '{"cash": 5000.0, "commission": 0.002, "slippage": 0.001, "leverage": 2.0}'

    plan = BacktestPlan.model_validate_json(old)

    assert (plan.has_flat_commission, plan.slippage_price, plan.costs_said) == (False, 0.0, "")
    assert (describe_commission(plan), describe_slippage(plan)) == ("0.2% of the traded value", "0.1% of the price")
