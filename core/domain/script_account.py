"""Cash and costs that a pasted script sets for itself, beside the plan's, which count."""

from collections.abc import Mapping

from core.domain.backtest import BacktestPlan
from core.domain.value import Value


class ScriptAccount(Value):
    """Account settings of a script; None where it says nothing, or nothing that a plan has."""

    cash: float | None = None
    """Account currency."""
    commission: float | None = None
    """Fraction of the traded value, for each side."""
    slippage: float | None = None
    """Fraction of the price."""
    leverage: float | None = None

    @property
    def said(self) -> dict[str, float]:
        """Everything that the script says, by the names of the plan's fields."""
        return {name: value for name, value in self.model_dump().items() if value is not None}

    def find_differences(self, plan: BacktestPlan) -> dict[str, float]:
        """The settings that the plan has otherwise, or in another kind (commission per share, slippage in ticks)."""
        other_kind = {name for name, given in (("commission", plan.has_flat_commission), ("slippage", plan.slippage_price)) if given}
        return {name: value for name, value in self.said.items() if value != getattr(plan, name) or name in other_kind}

    def apply(self, plan: BacktestPlan) -> BacktestPlan:
        """The plan with the script's settings; what they replace is in no other kind either."""
        said: dict[str, float | str] = dict(self.said)
        if self.commission is not None:
            said |= {"commission_per_unit": 0.0, "commission_per_order": 0.0, "commission_minimum": 0.0, "costs_said": ""}
        if self.slippage is not None:
            said |= {"slippage_price": 0.0, "costs_said": ""}
        return plan.changed(**said)

    def describe_left_out(self, plan: BacktestPlan) -> tuple[str, ...]:
        """One sentence on what the script sets and the plan has otherwise; none when they agree."""
        other = self.find_differences(plan)
        if not other:
            return ()
        if plan.costs_said and {"commission", "slippage"} & set(other):
            return (f"The script sets {describe_settings(other)}; the plan's cash and costs count ({plan.costs_said}).",)
        own = {name: getattr(plan, name) for name in other}
        return (f"The script sets {describe_settings(other)}; the plan's count: {describe_settings(own)}.",)


def describe_settings(settings: Mapping[str, float]) -> str:
    """Settings in words.

    >>> describe_settings({"cash": 50_000.0, "commission": 0.002})
    'cash 50,000 and commission 0.2%'
    """
    words = [f"{name} {value:,.10g}" if name in ("cash", "leverage") else f"{name} {value * 100:.6g}%" for name, value in settings.items()]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
