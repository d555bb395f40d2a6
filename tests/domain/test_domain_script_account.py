"""Cash and costs of a pasted script beside the plan's."""

from core.domain.backtest import BacktestPlan
from core.domain.script_account import ScriptAccount

PLAN = BacktestPlan(cash=100_000.0, commission=0.001, slippage=0.0)


def test_only_what_the_plan_has_otherwise_is_told() -> None:
    account = ScriptAccount(cash=50_000.0, commission=0.001)

    assert account.find_differences(PLAN) == {"cash": 50_000.0}
    assert account.describe_left_out(PLAN) == ("The script sets cash 50,000; the plan's count: cash 100,000.",)


def test_the_plan_with_the_scripts_settings_keeps_the_rest() -> None:
    plan = ScriptAccount(cash=5_000.0, commission=0.002, leverage=2.0).apply(PLAN)

    assert (plan.cash, plan.commission, plan.slippage, plan.leverage) == (5_000.0, 0.002, 0.0, 2.0)
    assert ScriptAccount(cash=5_000.0).describe_left_out(plan) == ()


def test_a_script_that_says_nothing_changes_nothing() -> None:
    assert (ScriptAccount().apply(PLAN), ScriptAccount().describe_left_out(PLAN)) == (PLAN, ())


def test_costs_of_another_kind_give_way_whole() -> None:
    plan = BacktestPlan(slippage=0.0, slippage_price=0.5, commission_per_unit=0.01, costs_said="1 cent a share, half a point")

    account = ScriptAccount(commission=0.001, slippage=0.01)

    assert account.find_differences(plan) == {"commission": 0.001, "slippage": 0.01}
    assert (account.apply(plan).has_flat_commission, account.apply(plan).slippage_price) == (False, 0.0)
