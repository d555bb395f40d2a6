"""Facts about the open position that rows read: kept up to date at the start of every bar."""

from core.language.compiler.plan import StrategyPlan
from core.language.compiler.values import name_attribute

FORMULAS = {
    "entry_price": "self.position.price",
    "last_entry_price": "self.last_entry",
    "entries_in_trade": "self.entries",
    "bars_in_trade": "len(self.data) - self.entered + 1",
    "open_profit": "(100 * (1 if self.position.size > 0 else -1) * (self.data.close[0] / self.position.price - 1))",
    "open_r": "((1 if self.position.size > 0 else -1) * ratio(self.data.close[0] - self.position.price, self.risk))",
    "highest_since_entry": "self.high_since",
    "lowest_since_entry": "self.low_since",
    "setup": "ord(self.setup) - 64",
    "stop_price": "(math.nan if self.stop_at is None else self.stop_at)",
}


def add_operands(plan: StrategyPlan, *, has_stop: bool) -> None:
    """Put the position operands that rows use into the plan; without a position those about the open trade have no value."""
    _add_history(plan)
    used = [name for name in FORMULAS if name in plan.expressions.positions]
    if {"last_entry_price", "entries_in_trade"} & set(used):
        plan.track_last_entry()
    if "bars_in_trade" in used:
        plan.track_entry()
    if "open_r" in used:
        plan.expressions.helpers.add("ratio")
    for name, source, pick in (("high_since", "high", "max"), ("low_since", "low", "min")):
        if OPERAND_BY_ATTRIBUTE[name] in used:
            plan.setup.append(f"self.{name} = math.nan")
            plan.on_open.append(f"self.{name} = self.data.{source}[0]")
            plan.updates += ["if self.position:", f"    self.{name} = {pick}(self.{name}, self.data.{source}[0])"]
    for name in used:
        formula = "math.nan" if name == "stop_price" and not has_stop else FORMULAS[name]
        plan.setup.append(f"self.{name_attribute(name)} = math.nan")
        plan.updates.append(f"self.{name_attribute(name)} = {formula} if self.position else math.nan")


HISTORY = {
    "bars_since_entry": "len(self.data) - self.entered_last + 1",
    "bars_since_exit": "len(self.data) - self.exited",
    "last_profit": "self.last_result",
    "losses_in_row": "self.losses",
    "wins_in_row": "self.wins",
    "trades_today": "self.day_trades",
    "position": "(self.position.size > 0) - (self.position.size < 0)",
    "equity": "self.broker.getvalue()",
}
RESULTS = ("bars_since_exit", "last_profit", "losses_in_row", "wins_in_row")
"""Those that come from closed trades."""


def _add_history(plan: StrategyPlan) -> None:
    """Facts about closed trades."""
    used = [name for name in HISTORY if name in plan.expressions.positions]
    if not used:
        return
    if any(name in RESULTS for name in used):
        plan.track_stake()
        plan.setup.append("self.exited, self.last_result, self.losses, self.wins = -math.inf, 0.0, 0, 0")
        plan.on_close += [
            "self.exited = len(self.data)",
            "self.last_result = 100 * trade.pnlcomm / self.stake if self.stake else 0.0",
            "self.losses = self.losses + 1 if trade.pnlcomm < 0 else 0",
            "self.wins = self.wins + 1 if trade.pnlcomm > 0 else 0",
        ]
    if "bars_since_entry" in used:
        plan.setup.append("self.entered_last = -math.inf")
        plan.on_open.append("self.entered_last = len(self.data)")
    for name in used:
        plan.setup.append(f"self.{name_attribute(name)} = math.nan")
        plan.updates.append(f"self.{name_attribute(name)} = {HISTORY[name]}")


OPERAND_BY_ATTRIBUTE = {"high_since": "highest_since_entry", "low_since": "lowest_since_entry"}
