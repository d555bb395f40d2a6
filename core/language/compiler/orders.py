"""Entering and leaving: market and waiting orders, further entries, steps out, and what the broker reports back."""

from core.domain.workflow import Measure, Section
from core.language.compiler.plan import SIDES, StrategyPlan
from core.language.compiler.protection import Protection
from core.language.compiler.values import OR, TERNARY
from core.language.syntax.definition import Instruction

ENTRY = {1: Section.ENTRY_LONG, -1: Section.ENTRY_SHORT}


class Orders:
    """The methods that place orders, and the statements of `next` that call them."""

    def __init__(self, plan: StrategyPlan, protection: Protection) -> None:
        self.plan = plan
        self.protection = protection
        self.sides = [side for side, traded in ((1, plan.opens_longs), (-1, plan.opens_shorts)) if traded]
        self.waiting = {side: item for side in self.sides if (item := plan.order_row(ENTRY[side]))}
        self.pyramiding = plan.definition.rule("pyramiding")
        self.scale_out = plan.definition.rule("scale_out")
        if self.waiting:
            plan.setup.append("self.waiting, self.waiting_until = [], 0")
            plan.on_open.append("self.forget()")
        if self.pyramiding or {"last_entry_price", "entries_in_trade"} & set(plan.expressions.positions):
            plan.track_last_entry()
        if self.scale_out:
            plan.setup.append("self.step = 0")
            plan.on_open.append("self.step = 0")
        self.add_reach = self.compile_add_distance()
        self.adds_wait = bool(self.waiting and self.pyramiding and not self.add_reach)
        self.adds_at_once = bool(self.waiting and self.pyramiding and self.add_reach)
        if self.adds_wait:
            plan.on_close.append("self.forget()")
        self.balancing = plan.definition.rules("rebalance")
        self.balance_due = self.compile_balance_due()
        drifts = [plan.percent(item) for item in self.balancing if item.measure is Measure.PERCENT]
        self.drift = next(iter(drifts), "")
        """The drift that is let be, as Python; empty where every look brings the size back."""
        if self.balancing:
            plan.keep("balanced", "0")
            plan.on_open.append("self.balanced = len(self.data)")
        if plan.has_setups:
            plan.setup.append('self.setup, self.asked = "", ""')
            plan.on_open.insert(0, "self.setup = self.asked")
        self.leaves = protection.has_orders or self.adds_wait

    def compile_add_distance(self) -> str:
        """Compile the distance from the last entry at which is added; empty when new signals decide."""
        item = self.pyramiding
        if item is None or item.measure is Measure.COUNT:
            return ""
        if item.measure is Measure.PERCENT:
            return f"self.last_entry * {self.plan.percent(item)}"
        return f"{self.plan.number(item, 'atr')} * {self.plan.atr(item)}"

    def compile_balance_due(self) -> str:
        """Compile the test of whether bars or a condition ask for the size itself; empty when a drift alone decides."""
        tests = []
        timely = [item for item in self.balancing if item.measure is not Measure.PERCENT]
        for item in timely:
            if item.measure is Measure.BARS:
                tests.append(f"len(self.data) - self.balanced >= {self.plan.number(item, 'bars')}")
            else:
                tests.append(self.plan.compile(item.values["when"], OR if len(timely) > 1 else TERNARY))
        return " or ".join(tests)

    # ------------------------------------------------------------------ methods

    def build_methods(self) -> list[list[str]]:
        found = [self.build_enter_method()]
        if self.waiting:
            found.append(self.build_forget_method())
        if self.pyramiding:
            found.append(self.build_adds_method())
        if self.scale_out:
            found.append(self.build_step_out_method(self.scale_out))
        if self.balancing:
            found.append(self.build_rebalance_method())
        if self.leaves:
            first = [*(["    self.withdraw()"] if self.protection.has_orders else []), *(["    self.forget()"] if self.adds_wait else [])]
            found.append(["def leave(self):", '    """Close the position at the next open."""', *first, "    self.close()"])
        return found

    def build_enter_method(self) -> list[str]:
        plan = self.plan
        head = "def enter(self, side, at_once=False):" if self.adds_at_once else "def enter(self, side):"
        lines = [head, f'    """{self.describe_entry()}"""', *self.build_entry_price()]
        if plan.has_setups:
            sides = [f"self.setup_{self.name(side)}" for side in self.sides]
            lines.append(f"    self.asked = {' if side > 0 else '.join(sides)}")
        lines += [f"    {statement}" for statement in plan.on_signal]
        lines += ["    size = self.units(side, price)", "    if not size:", "        return"]
        order = (
            "order = self.buy if side > 0 else self.sell"
            if len(self.sides) > 1
            else f"order = self.{'buy' if plan.opens_longs else 'sell'}"
        )
        lines.append(f"    {order}")
        market = "self.openers.add(order(size=size).ref)" if plan.tracks_entries else "order(size=size)"
        if not self.waiting:
            return [*lines, f"    {market}"]
        placed = (
            f"order(size=size, exectype=kind, price=price{self.build_opening_argument()}, oco=self.waiting[0] if self.waiting else None)"
        )
        waiting = [f"self.waiting.append({placed})"]
        waiting += ["self.openers.add(self.waiting[-1].ref)"] if plan.tracks_entries else []
        if len(self.waiting) == len(self.sides) and not self.adds_at_once:
            return [*lines, *(f"    {line}" for line in waiting)]
        return [*lines, "    if kind is None:", f"        {market}", "    else:", *(f"        {line}" for line in waiting)]

    def build_opening_argument(self) -> str:
        """Build the argument of waiting orders that says which of them are for the next opening alone."""
        sides = [side for side, item in self.waiting.items() if item.rule.name == "limit_on_open"]
        if not sides:
            return ""
        return f", on_open={'True' if len(sides) == len(self.waiting) else 'side > 0' if sides == [1] else 'side < 0'}"

    def describe_entry(self) -> str:
        return "Place the entry order." if self.waiting else "Open a position, or add to it, at the next open."

    def build_entry_price(self) -> list[str]:
        """Build the statements that set the price reckoned with, and the order type where price orders are used."""
        if not self.waiting:
            return ["    price = self.data.close[0]"]
        lines = []
        for number, side in enumerate(self.sides):
            if len(self.sides) > 1:
                lines.append("    if side > 0:" if number == 0 else "    else:")
            indent = "        " if len(self.sides) > 1 else "    "
            item = self.waiting.get(side)
            if item is None:
                lines.append(f"{indent}kind, price, lasts = None, self.data.close[0], 1")
            else:
                kind = "Stop" if item.rule.name == "stop_order" else "Limit"
                lines.append(f"{indent}kind, price, lasts = bt.Order.{kind}, {self.plan.price(item)}, {item.row.within}  # {item.row.id}")
        lines += ["    if at_once:", "        kind, price = None, self.data.close[0]"] if self.adds_at_once else []
        lines += ["    if not price > 0:", "        return", "    self.waiting_until = len(self.data) + lasts"]
        return lines

    def build_forget_method(self) -> list[str]:
        return [
            "def forget(self):",
            '    """Take waiting entry orders out of the market."""',
            "    for order in self.waiting:",
            "        if order.alive():",
            "            self.cancel(order)",
            "    self.waiting = []",
        ]

    def build_adds_method(self) -> list[str]:
        """Build the method that says whether to enter once more."""
        assert self.pyramiding is not None
        most = self.plan.number(self.pyramiding, "entries")
        lines = ["def adds(self, side, signal):", '    """Whether to enter once more in the direction of the position."""']
        if not self.add_reach:
            return [*lines, f"    return signal and self.entries < {most}"]
        return [
            *lines,
            f"    reach, moved = {self.add_reach}, side * (self.data.close[0] - self.last_entry)",
            f"    return self.entries < {most} and (moved >= reach if reach > 0 else moved <= reach)",
        ]

    def build_step_out_method(self, item: Instruction) -> list[str]:
        steps = self.plan.number(item, "steps")
        lines = [
            "def step_out(self):",
            '    """Close one step of the position at the next open, the last step all of it."""',
            "    held = abs(self.position.size)",
            "    self.step += 1",
            f"    size = self.rounded(held / ({steps} - self.step + 1)) if self.step < {steps} else held",
            "    if size >= held or not size:",
            f"        self.{'leave' if self.leaves else 'close'}()",
            "        return",
            *(["    self.withdraw()"] if self.protection.has_orders else []),
            "    self.sell(size=size) if self.position.size > 0 else self.buy(size=size)",
        ]
        return [*lines, *(["    self.protect(held - size)"] if self.protection.has_orders else [])]

    def build_notify_methods(self) -> list[list[str]]:
        """Build the methods that are called when the broker reports back."""
        plan, found = self.plan, []
        if plan.on_order:
            lines = [
                "def notify_order(self, order):",
                '    """Note what was filled."""',
                "    if order.status != order.Completed:",
                "        return",
            ]
            found.append([*lines, *(f"    {statement}" for statement in plan.on_order)])
        if plan.on_open or plan.on_close:
            lines = ["def notify_trade(self, trade):", '    """Keep what later bars need to know about the trade."""']
            lines += ["    self.mark_day()"] if plan.counts_days else []
            if plan.on_close:
                lines += ["    if trade.isclosed:", *(f"        {statement}" for statement in plan.on_close)]
            if plan.on_open:
                lines += ["    if trade.justopened:"]
                lines += ["        side = 1 if trade.size > 0 else -1"] if plan.reads_side_on_open else []
                lines += [f"        {statement}" for statement in plan.on_open]
            found.append(lines)
        return found

    # ------------------------------------------------------------------ statements of next

    def build_trading_statements(self) -> list[str]:
        """Build the statements of `next` that act on the signals of a bar."""
        plan, lines = self.plan, list(self.plan.before_leaving)
        if plan.leave_when:
            must = " or ".join(plan.leave_when)
            lines.append(f"must_leave = bool(self.position) and {f'({must})' if len(plan.leave_when) > 1 else must}")
        if plan.enter_when:
            lines.append(f"may_enter = {' and '.join(plan.enter_when)}")
        lines += self.build_go_statements()
        for number, side in enumerate(self.sides):
            test = "self.position" if len(self.sides) == 1 else f"self.position.size {'>' if side > 0 else '<'} 0"
            lines += [f"{'if' if number == 0 else 'elif'} {test}:", *(f"    {line}" for line in self.build_holding_statements(side))]
        return [*lines, *self.build_flat_statements()]

    def name(self, side: int) -> str:
        return "long" if side > 0 else "short"

    def build_go_statements(self) -> list[str]:
        """Build the statements that set `go_long` and `go_short`: an exit beats an entry, and contrary market entries cancel each other."""
        gate = " and may_enter" if self.plan.enter_when else ""
        lines = []
        for side in self.sides:
            other = -side
            contrary = other in self.sides and not (side in self.waiting and other in self.waiting)
            against = f" and not entry_{self.name(other)}" if contrary else ""
            blocked = f" and not exit_{self.name(side)}" if self.blocks else ""
            lines.append(f"go_{self.name(side)} = entry_{self.name(side)}{blocked}{against}{gate}")
        return lines

    @property
    def blocks(self) -> bool:
        """True when an exit row keeps entries away also while nothing is held: the first version's way, or a row that says so."""
        definition = self.plan.definition
        return definition.workflow.schema_version == 1 or definition.rule("exits_block_entries") is not None

    @property
    def opposite(self) -> str:
        """Effect of an entry signal of the other side: `reverse`, `close` or `ignore`."""
        item = self.plan.definition.rule("on_opposite_signal")
        return item.words[0] if item else "reverse"

    def build_holding_statements(self, side: int) -> list[str]:
        """Build the statements for a bar on which a position of that side is held."""
        other, name = -side, self.name(side)
        turns = other in self.sides and other not in self.waiting and self.opposite != "ignore"
        reverses = turns and self.opposite == "reverse"
        forced = (["must_leave"] if self.plan.leave_when else []) + ([f"go_{self.name(other)}"] if turns else [])
        leave = "self.leave()" if self.leaves else "self.close()"
        lines = []
        if self.scale_out:
            if forced:
                lines += [f"if {' or '.join(forced)}:", f"    {leave}"]
                lines += [f"    if go_{self.name(other)}:", f"        self.enter({other})"] if reverses else []
            lines += [f"{'elif' if forced else 'if'} exit_{name}:", "    self.step_out()"]
        else:
            lines += [f"if {' or '.join([f'exit_{name}', *forced])}:", f"    {leave}"]
            lines += [f"    if go_{self.name(other)}:", f"        self.enter({other})"] if reverses else []
        resting = self.protection.has_orders
        more = [*self.build_adding_statements(side), *([] if resting else self.build_rebalancing_statements())]
        protect = f"self.protect({self.build_rebalanced_size()})"
        stay = ([f"    {protect}"] if resting else []) + more
        if more and self.protection.may_be_passed:
            stay = [f"    if not {protect}:", *(f"    {line}" for line in more)]
        if parts := self.protection.build_parts_call():
            return [*lines, *([f"elif not {parts}:", *stay] if stay else ["else:", f"    {parts}"])]
        return [*lines, *(["else:", *stay] if stay else [])]

    def build_rebalancing_statements(self) -> list[str]:
        if not self.balancing:
            return []
        test, call = self.build_balance_call()
        return [f"    if {test}:", f"        {call}"] if test else [f"    {call}"]

    def build_rebalanced_size(self) -> str:
        """Build the size that resting orders are made for, as Python: an order of this bar cannot be withdrawn on it again."""
        if not self.balancing:
            return ""
        test, call = self.build_balance_call()
        return f"{call} if {test} else 0" if test else call

    def build_balance_call(self) -> tuple[str, str]:
        """Build the test before the size is looked at, and the call; a drift is looked at on every bar unless the size is due."""
        if not self.drift:
            return self.balance_due, "self.rebalance()"
        return "", f"self.rebalance(0 if {self.balance_due} else {self.drift})" if self.balance_due else "self.rebalance()"

    def build_rebalance_method(self) -> list[str]:
        """Build the method that brings the position back to the size that the sizing row asks for."""
        told = bool(self.drift and self.balance_due)
        drift = f" or abs(size - held) < size * {'drift' if told else self.drift}" if self.drift else ""
        resting = self.protection.has_orders
        nothing, gives = ("return 0", "; gives a smaller size, 0 for any other") if resting else ("return", "")
        passed = [
            *(f"    {line}" for line in self.protection.build_level_statements("stop")),
            "    if stop is not None and side * (self.data.close[0] - stop) <= 0:  # it is on its way out",
            "        return 0",
        ]
        return [
            "def rebalance(self, drift):" if told else "def rebalance(self):",
            f'    """Bring the position back to its size at the next open{gives}."""',
            "    side, held = (1 if self.position.size > 0 else -1), abs(self.position.size)",
            "    size = self.units(side, self.data.close[0])",
            *([] if told else ["    self.balanced = len(self.data)"]),
            f"    if not size or size == held{drift}:",
            *(["        self.balanced = self.balanced if drift else len(self.data)"] if told else []),
            f"        {nothing}",
            *(["    self.balanced = len(self.data)"] if told else []),
            *(passed if resting and self.protection.may_be_passed else []),
            "    order = self.buy if (size > held) == (side > 0) else self.sell",
            "    order(size=abs(size - held))",
            *(["    return size if size < held else 0"] if resting else []),
        ]

    def build_adding_statements(self, side: int) -> list[str]:
        if not self.pyramiding:
            return []
        gate = "may_enter and " if self.plan.enter_when else ""
        signal = f"go_{self.name(side)}"
        again = f"self.enter({side}, at_once=True)" if self.adds_at_once else f"self.enter({side})"
        lines = [f"    if {gate}self.adds({side}, {signal}):"]
        if not self.adds_wait:
            return [*lines, f"        {again}"]
        over = "len(self.data) >= self.waiting_until" + (" or not may_enter" if self.plan.enter_when else "")
        return [*lines, "        self.forget()", f"        {again}", f"    elif {over}:", "        self.forget()"]

    def build_flat_statements(self) -> list[str]:
        """Build the statements for a bar on which nothing is held."""
        go = [f"go_{self.name(side)}" for side in self.sides]
        if not self.waiting:
            lines = []
            for side in self.sides:
                lines += [f"elif go_{self.name(side)}:", f"    self.enter({side})"]
            return lines
        blocked = " or not may_enter" if self.plan.enter_when else ""
        lines = ["else:", f"    if {' or '.join(go)} or len(self.data) >= self.waiting_until{blocked}:", "        self.forget()"]
        for side in self.sides:
            lines += [f"    if go_{self.name(side)}:", f"        self.enter({side})"]
        return lines


__all__ = ["SIDES", "Orders"]
