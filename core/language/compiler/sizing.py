"""Units that an entry trades: the sizing row, held within what the account can pay for."""

from core.domain.workflow import Measure
from core.language.compiler.plan import StrategyPlan
from core.language.compiler.protection import Protection
from core.language.syntax.definition import Instruction

RESERVE = 0.05
"""Part of the buying power that is kept for commission, slippage and the opening gap: orders for all of it are rejected by the broker."""
DEFAULT_SHARE = 0.95
KELLY_MIN_TRADES = 10
"""Closed trades before Kelly's formula is used; until then the cap is."""


def add_sizing(plan: StrategyPlan, protection: Protection) -> None:
    """Put the method `units`, and what it needs, into the plan."""
    plan.constants["reserve"] = (RESERVE, "part of the buying power kept for costs and the opening gap")
    sizes = [item for item in plan.definition.instructions if item.rule.base_size]
    wanted = _wanted(plan, protection, next((item for item in sizes if not plan.guard_setup(item)), None))
    for item in reversed(sizes):
        if test := plan.guard_setup(item, held=False):
            wanted = f"{_wanted(plan, protection, item)} if {test} else {wanted}"
    plan.methods.append(
        [
            "def units(self, side, price):",
            '    """Units of an entry at that price: what the sizing row asks for, as far as the account can pay for it."""',
            "    equity = self.broker.getvalue()",
            f"    wanted = {wanted}",
            *(f"    {line}" for line in _room(plan, protection)),
            "    size = min(wanted, room / price)",
            f"    return {_rounded(plan, protection, 'size')} if size > 0 else 0",
        ]
    )


def _wanted(plan: StrategyPlan, protection: Protection, item: Instruction | None) -> str:
    """Units that the sizing row asks for, as Python."""
    if item is None:
        return f"equity * {DEFAULT_SHARE} / price"
    match item.rule.name, item.measure:
        case "position_size", Measure.UNITS:
            return plan.number(item, "units")
        case "position_size", Measure.CASH:
            return f"{plan.number(item, 'cash')} / price"
        case "position_size", _:
            return f"equity * {plan.percent(item)} / price"
        case "risk_per_trade", measure:
            money = plan.number(item, "cash") if measure is Measure.CASH else f"equity * {plan.percent(item)}"
            return f"{money} / {protection.call_stop_distance('price', 'side')}"
        case "volatility_target", _:
            return _volatility(plan, item)
        case _:
            return _kelly(plan, item)


def _room(plan: StrategyPlan, protection: Protection) -> list[str]:
    """Statements that set `room`: how much more may be held, in account currency."""
    leverage = "self.broker.getcommissioninfo(self.data).get_leverage()"
    if item := plan.definition.rule("max_leverage"):
        leverage = f"min({leverage}, {plan.number(item, 'times')})"
    lines = [f"leverage = {leverage}", "room = equity * leverage * (1 - self.p.reserve)"]
    if protection.caps_shorts:
        orders, moved = protection.orders_at_once - 1, "2 * leverage" if protection.openings else "leverage"
        together = "the orders that end a trade could all" if protection.openings else "stop and target could both"
        lines += [
            f"if side < 0:  # the broker must see that {together} be paid for",
            f"    distance = {protection.call_stop_distance('price', 'side')}",
            f"    room /= {orders} + {moved} * (distance / price if distance > 0 else 1)",
        ]
    if item := plan.definition.rule("max_exposure"):
        lines.append(f"room = min(room, equity * {plan.percent(item)})")
    if plan.definition.rule("pyramiding"):
        lines += ["if side * self.position.size > 0:", "    room -= abs(self.position.size) * price"]
    return lines


def _rounded(plan: StrategyPlan, protection: Protection, name: str) -> str:
    """Units rounded down to what can be traded, as Python."""
    lot = plan.definition.rule("lot_size")
    scale_out = plan.definition.rule("scale_out")
    if lot or protection.parts or protection.timely_parts or scale_out:
        step = plan.number(lot, "units") if lot else "1"
        body = "math.floor(size)" if step == "1" else f"round(math.floor(size / {step} + 1e-9) * {step}, 10)"
        plan.methods.append(
            ["def rounded(self, size):", '    """Units rounded down to a size that can be traded."""', f"    return {body}"]
        )
        return f"self.rounded({name})"
    return f"math.floor({name})"


def _volatility(plan: StrategyPlan, item: Instruction) -> str:
    plan.expressions.need_classes("LogReturn", "RealisedVolatility")
    plan.expressions.lines.append(f"self.size_volatility = RealisedVolatility(self.data.close, period={plan.number(item, 'period')})")
    plan.setup.append("self.dates, self.first_date, self.last_date = 0, None, None")
    plan.updates += [
        f"date = {plan.expressions.today()}",
        "self.first_date = self.first_date or date",
        "self.dates += date != self.last_date",
        "self.last_date = date",
    ]
    plan.setup.append("self.bars_counted = 0")
    plan.updates.append("self.bars_counted += 1")
    days = "(self.last_date - self.first_date)" + ("" if plan.expressions.hours.roll else ".days")
    plan.expressions.day_entries.add("days_per_year")
    a_year = "self.p.days_per_year" if plan.expressions.hours.has("days_per_year") else "(365 if gap < 1.2 else 252)"
    plan.methods.append(
        [
            "def annual_volatility(self):",
            '    """Volatility a year as a fraction, from the bars a day and the days between dates that were seen so far."""',
            f"    gap = {days} / (self.dates - 1) if self.dates > 1 else 1.4",
            f"    periods = 52 if gap > 5 else {a_year} * self.bars_counted / self.dates",
            "    return self.size_volatility[0] / 100 * math.sqrt(periods)",
        ]
    )
    plan.expressions.helpers.add("ratio")
    return f"ratio(equity * {plan.percent(item)}, self.annual_volatility() * price)"


def _kelly(plan: StrategyPlan, item: Instruction) -> str:
    plan.track_stake()
    plan.setup.append("self.results = []")
    plan.on_close += ["if self.stake:", "    self.results.append(trade.pnlcomm / self.stake)"]
    cap = plan.percent(item, "cap")
    plan.methods.append(
        [
            "def kelly_share(self):",
            '    """Share of equity by Kelly\'s formula, between a hundredth and the cap; the cap itself while few trades are closed."""',
            f"    results = self.results[-{plan.number(item, 'trades')}:]",
            f"    if len(results) < min({KELLY_MIN_TRADES}, {plan.number(item, 'trades')}):",
            f"        return {cap}",
            "    wins, losses = [x for x in results if x > 0], [-x for x in results if x <= 0]",
            "    gain = sum(wins) / len(wins) if wins else 0.0",
            "    loss = sum(losses) / len(losses) if losses else 0.0",
            "    won = len(wins) / len(results)",
            "    share = won - (1 - won) * loss / gain if gain else 0.0",
            f"    return min({cap}, max(0.01, {plan.percent(item)} * share))",
        ]
    )
    return "equity * self.kelly_share() / price"
