"""Rules that forbid or end trades for reasons other than price: time, days, losses, drawdown."""

from core.domain.workflow import Measure
from core.language.compiler.plan import StrategyPlan
from core.language.syntax.definition import Instruction


def add_limits(plan: StrategyPlan) -> None:
    """Put every such rule of the definition into the plan."""
    adders = {
        "time_stop": _time_stop,
        "daily_loss_limit": _daily_limit,
        "daily_profit_target": _daily_limit,
        "drawdown_halt": _drawdown_halt,
        "max_trades_per_day": _max_trades,
        "max_losses_per_day": _max_losses,
        "cool_down": _cool_down,
        "flat_at_close": _flat_at_close,
        "no_entries_on": _no_entries_on,
    }
    for item in plan.definition.instructions:
        if item.rule.name in adders:
            adders[item.rule.name](plan, item)
    _trading_hours(plan)
    if "trades_today" in plan.expressions.positions:
        _count_trades(plan)
    if plan.counts_days:
        _mark_day(plan)


def _time_stop(plan: StrategyPlan, item: Instruction) -> None:
    if item.has("renew"):
        counted = f"self.counted_from{'_' + item.row.group.lower() if plan.guard_setup(item) else ''}"
        plan.keep(counted.removeprefix("self."), "0")
        plan.on_open.append(f"{counted} = len(self.data)")
        for side, opened, sign in (("long", plan.opens_longs, ">"), ("short", plan.opens_shorts, "<")):
            if opened:
                plan.before_leaving += [f"if self.position.size {sign} 0 and entry_{side}:", f"    {counted} = len(self.data) + 1"]
    else:
        plan.track_entry()
        counted = "self.entered"
    reached = f"len(self.data) - {counted} + 1 >= {plan.number(item, 'bars')}"
    test = plan.guard_setup(item)
    plan.leave_when.append(f"({test} and {reached})" if test else reached)


def _no_entries_on(plan: StrategyPlan, item: Instruction) -> None:
    plan.expressions.need_session()
    days = [word.split("..") for word in item.words]
    pairs = [f'("{first[0]}", "{first[-1]}"),' for first in days]
    lines = [" ".join(pairs[place : place + 4]) for place in range(0, len(pairs), 4)]
    plan.setup += ["self.quiet_days = (", *(f"    {line}" for line in lines), ")"]
    plan.enter_when.append("not self.is_quiet()")
    plan.methods.append(
        [
            "def is_quiet(self):",
            '    """Whether an order of this bar would be placed, or filled, on a day on which nothing is opened."""',
            f"    day = {plan.expressions.today()}",
            "    day = day if isinstance(day, int) else day.toordinal()",
            "    days = [day]",
            "    if self.data._timeframe != bt.TimeFrame.Minutes or self.session.minutes_to_close[0] <= 0:",
            "        days += [day + 1, day + 1 + (2 if day % 7 == 5 else 1 if day % 7 == 6 else 0)]",
            "    date = self.data.datetime.date(0)",
            "    texts = [date.fromordinal(one).isoformat() for one in days]",
            "    return any(first <= text <= last for text in texts for first, last in self.quiet_days)",
        ]
    )


def _daily_limit(plan: StrategyPlan, item: Instruction) -> None:
    """A loss or a gain that ends the day."""
    plan.counts_days = True
    amount = plan.number(item, "cash") if item.measure is Measure.CASH else f"self.day_value * {plan.percent(item)}"
    reached = f"<= self.day_value - {amount}" if item.rule.name == "daily_loss_limit" else f">= self.day_value + {amount}"
    plan.updates += [f"if self.broker.getvalue() {reached}:", "    self.day_over = True"]
    if not plan.ends_days:
        plan.ends_days = True
        plan.leave_when.append("self.day_over")
        plan.enter_when.append("not self.day_over")


def _drawdown_halt(plan: StrategyPlan, item: Instruction) -> None:
    plan.setup += ["self.peak, self.halted = 0.0, False"]
    plan.updates += [
        "self.peak = max(self.peak, self.broker.getvalue())",
        f"if self.broker.getvalue() <= self.peak * (1 - {plan.percent(item)}):",
        "    self.halted = True",
    ]
    plan.leave_when.append("self.halted")
    plan.enter_when.append("not self.halted")


def _count_trades(plan: StrategyPlan) -> None:
    plan.counts_days = True
    if "self.day_trades += 1" not in plan.on_open:
        plan.on_open.append("self.day_trades += 1")


def _max_trades(plan: StrategyPlan, item: Instruction) -> None:
    _count_trades(plan)
    plan.enter_when.append(f"self.day_trades < {plan.number(item, 'count')}")


def _max_losses(plan: StrategyPlan, item: Instruction) -> None:
    plan.counts_days = True
    plan.on_close += ["if trade.pnlcomm < 0:", "    self.day_losses += 1"]
    plan.enter_when.append(f"self.day_losses < {plan.number(item, 'count')}")


def _cool_down(plan: StrategyPlan, item: Instruction) -> None:
    plan.keep("cooled", "0")
    plan.on_close += ["if trade.pnlcomm < 0:", f"    self.cooled = len(self.data) + {plan.number(item, 'bars')}"]
    plan.enter_when.append("len(self.data) > self.cooled")


def _trading_hours(plan: StrategyPlan) -> None:
    windows = [(item.number("start").value, item.number("end").value) for item in plan.definition.rules("trading_hours")]
    if not windows:
        return
    plan.expressions.need_session()
    tests = [f"self.session.ends[0] >= {a:.0f} {'and' if a <= b else 'or'} self.session.ends[0] < {b:.0f}" for a, b in windows]
    within_a_day = len(windows) == 1 and windows[0][0] <= windows[0][1]
    plan.enter_when.append(tests[0] if within_a_day else f"({' or '.join(f'({test})' for test in tests)})")


def _flat_at_close(plan: StrategyPlan, item: Instruction) -> None:
    plan.expressions.need_session()
    plan.keep("entered_on", "None")
    plan.on_open.append(f"self.entered_on = {plan.expressions.today()}")
    plan.leave_when.append(f"self.entered_on != {plan.expressions.today()}")
    if item.measure is Measure.TIME:
        time = f"{(item.number('time').value - plan.expressions.hours.roll) % 1440 or 1440:.0f}"
        plan.leave_when.append(f"self.session.into_day[0] >= {time}")
        plan.enter_when.append(f"self.session.into_day[0] < {time}")
    else:
        left = f"{plan.number(item, 'bars')} * self.session.bar_minutes[0]"
        plan.leave_when.append(f"self.session.minutes_to_close[0] <= {left}")
        plan.enter_when.append(f"self.session.minutes_to_close[0] > {left}")


def _mark_day(plan: StrategyPlan) -> None:
    """Counters by the day: started anew by whichever comes first on a new date, a fill or the bar's close."""
    plan.setup.append("self.this_date, self.day_value, self.day_over, self.day_trades, self.day_losses = None, 0.0, False, 0, 0")
    plan.setup.append("self.last_value = None")
    plan.updates[:0] = ["self.mark_day()", "self.last_value = self.broker.getvalue()"]
    plan.methods.append(
        [
            "def mark_day(self):",
            '    """Start the day\'s counters anew on a new date; equity is measured from the close of the day before."""',
            f"    today = {plan.expressions.today()}",
            "    if today != self.this_date:",
            "        self.this_date, self.day_over, self.day_trades, self.day_losses = today, False, 0, 0",
            "        self.day_value = self.broker.getvalue() if self.last_value is None else self.last_value",
        ]
    )
