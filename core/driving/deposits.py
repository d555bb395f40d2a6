"""Deposits of a run's workflow, put into the plan once, on the trusted side: no program can pay into it."""

from core import language
from core.domain.errors import InputError
from core.domain.run import Objective, RunPlan
from core.evidence.formula import find_formula_figures

GROWS_BY_DEPOSITS = "final_value"
"""The figure of a formula that money makes larger by being paid in."""


def settle_deposits(plan: RunPlan) -> RunPlan:
    """The plan with what its workflow's `add_cash` rows pay in. Raises InputError for what cannot be measured right together with it."""
    deposits = language.read_deposits(plan.workflow)
    if deposits != plan.backtest.deposits:
        plan = plan.changed(backtest=plan.backtest.changed(deposits=deposits))
    if not deposits:
        return plan
    if plan.bars.basket:
        raise InputError(
            "A basket cannot be paid into: its account is shared out once, and stays so.",
            hint="Run the instruments one by one, or take the `add_cash` row out.",
        )
    if plan.bars.others:
        raise InputError(
            "An account that is paid into trades one instrument: deposits fall on the days of its bars.",
            hint="Take the further instruments out, or the `add_cash` row.",
        )
    if plan.objective is Objective.FORMULA and GROWS_BY_DEPOSITS in find_formula_figures(plan.formula):
        raise InputError(
            f"The objective's formula names {GROWS_BY_DEPOSITS}, which money that is paid in makes larger.",
            hint="Name total_return, cagr or a ratio: they are those of a unit of the account.",
        )
    return plan
