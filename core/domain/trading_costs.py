"""Arithmetic of trading costs: what an execution costs, what is left of a cash sum for units, and how costs read in words."""

import numpy as np

from core.domain.backtest import BacktestPlan
from core.domain.bars import FloatArray


def compute_commission(plan: BacktestPlan, size: float, price: float) -> float:
    """Compute the commission of one execution, account currency: value, units and order added up, never below the minimum.

    >>> compute_commission(BacktestPlan(commission=0, commission_per_unit=0.005, commission_minimum=1.0), -100, 50.0)
    1.0
    >>> compute_commission(BacktestPlan(commission=0.001, commission_per_order=2.0), 100, 50.0)
    7.0
    """
    if not size:
        return 0.0
    due = abs(size) * plan.commission * price
    if not plan.has_flat_commission:
        return due
    return max(due + abs(size) * plan.commission_per_unit + plan.commission_per_order, plan.commission_minimum)


def compute_fill_commission(plan: BacktestPlan, held: float, size: float, price: float) -> float:
    """Compute the commission of a fill: what it closes of the position `held` and what it opens are two executions.

    >>> compute_fill_commission(BacktestPlan(commission=0, commission_per_order=1.0), 10, -15, 50.0)
    2.0
    """
    closed = min(abs(size), abs(held)) if held * size < 0 else 0.0
    return compute_commission(plan, closed, price) + compute_commission(plan, abs(size) - closed, price)


def slip_against(plan: BacktestPlan, price: float) -> float:
    """Amount of price that slippage takes from a market or stop order, before the bar's range limits it."""
    return abs(price) * plan.slippage + plan.slippage_price


def compute_cost_share(plan: BacktestPlan, price: FloatArray, size: float) -> FloatArray:
    """Share of the traded value that one side costs at each price, shape of `price`: commission of `size` units and slippage."""
    units = max(abs(size), 1e-12)
    flat = plan.commission_per_unit + plan.commission_per_order / units
    commission: FloatArray = np.maximum(plan.commission + flat / price, plan.commission_minimum / units / price)
    share: FloatArray = commission + plan.slippage + plan.slippage_price / price
    return share


def count_affordable(plan: BacktestPlan, price: float, *, fractional: bool) -> float:
    """Count the units that the plan's cash pays for at a price, commission included, without leverage; 0 when not one."""

    def whole(units: float) -> float:
        return units if fractional else float(np.floor(units))

    by_value = (plan.cash - plan.commission_per_order) / (price * (1.0 + plan.commission) + plan.commission_per_unit)
    units = whole(min(by_value, (plan.cash - plan.commission_minimum) / price))
    return max(units, 0.0)


def describe_commission(plan: BacktestPlan) -> str:
    """Describe the commission in words.

    >>> describe_commission(BacktestPlan(commission=0, commission_per_unit=0.005, commission_minimum=1.0))
    '0.005 a unit, at least 1 an execution'
    """
    parts = [f"{plan.commission * 100:g}% of the traded value"] if plan.commission or not plan.has_flat_commission else []
    parts += [f"{plan.commission_per_unit:g} a unit"] if plan.commission_per_unit else []
    parts += [f"{plan.commission_per_order:g} an execution"] if plan.commission_per_order else []
    words = " and ".join(parts)
    if plan.commission_minimum:
        least = f"at least {plan.commission_minimum:g} an execution"
        return f"{words}, {least}" if words else least
    return words


def describe_slippage(plan: BacktestPlan) -> str:
    """Describe the slippage in words."""
    return f"{plan.slippage_price:g} of price" if plan.slippage_price else f"{plan.slippage * 100:g}% of the price"
