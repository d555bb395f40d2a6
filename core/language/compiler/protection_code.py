"""The methods of compiled code that keep stops, targets and partial exits in the market. Which of them there are is `protection`'s work."""

from core.language.compiler.plan import StrategyPlan
from core.language.syntax.definition import Instruction


class ProtectionCode:
    """Statements of the orders that are kept while a position is open, and the methods made from them."""

    def __init__(self, plan: StrategyPlan) -> None:
        self.plan = plan
        self.stops: list[str] = []
        self.closing_stops: list[str] = []
        """Statements of stops that are judged on closes only."""
        self.targets: list[str] = []
        self.parts: list[str] = []
        self.timely_parts: list[tuple[str, str]] = []
        """Condition and share, as Python, of each partial exit that waits for a condition."""
        self.may_be_passed = False
        """True when a stop can lie beyond the market by the time it is placed."""
        self.resting_stops: dict[int, Instruction] = {}
        self.resting_limits: dict[int, Instruction] = {}
        self.openings: dict[int, Instruction] = {}
        """Exits that are asked for at the next opening alone, by side."""

    @property
    def has_stop(self) -> bool:
        """True when a stop order may rest in the market."""
        return bool(self.stops or self.resting_stops)

    @property
    def has_target(self) -> bool:
        """True when a limit order for the whole position may rest in the market."""
        return bool(self.targets or self.resting_limits)

    @property
    def has_orders(self) -> bool:
        """True when orders rest in the market while a position is open."""
        return self.has_stop or self.has_target or bool(self.parts or self.openings)

    @property
    def orders_at_once(self) -> int:
        """Orders that may be sent together for one part of a position."""
        return sum((self.has_stop, self.has_target or bool(self.parts), bool(self.openings)))

    @property
    def caps_shorts(self) -> bool:
        """True when a short position must leave room for several purchases of which one is made."""
        return self.plan.opens_shorts and self.orders_at_once > 1 and bool(self.stops or self.openings)

    @property
    def steps_out(self) -> bool:
        """True when part of the position may be on its way out while the orders for the rest are placed."""
        return self.plan.definition.rule("scale_out") is not None or bool(self.timely_parts)

    @property
    def widest(self) -> bool:
        """True when of several stops the widest counts."""
        item = self.plan.definition.rule("stops")
        return item is not None and item.has("widest")

    def build_methods(self) -> list[list[str]]:
        """Build every method that keeps orders in the market."""
        if not self.has_orders:
            return []
        found = [self.build_withdraw_method(), self.build_protect_method()]
        found += [self.build_level_method("stop_level", self.stops)] if self.stops else []
        found += [self.build_level_method("target_level", self.targets)] if self.targets else []
        return found + ([self.build_part_levels_method()] if self.parts else [])

    def build_take_parts_method(self) -> list[str]:
        """Build the method that closes the parts whose conditions hold."""
        resting = self.has_orders
        return [
            "def take_parts(self, *due):",
            '    """Close the shares that are due at the next open, each once in a trade; True when there is something to close."""',
            "    held, size = abs(self.position.size), 0",
            "    self.largest = max(self.largest, held)",
            "    for part, share in enumerate(due):",
            "        if share and part not in self.parts_taken:",
            "            self.parts_taken.add(part)",
            "            size += self.rounded(self.largest * share)",
            "    if not size:",
            "        return False",
            *(["    self.withdraw()"] if resting else []),
            "    size = min(size, held)",
            "    self.sell(size=size) if self.position.size > 0 else self.buy(size=size)",
            *(["    if size < held:", "        self.protect(held - size)"] if resting else []),
            "    return True",
        ]

    def build_parts_call(self) -> str:
        """Build the call that closes the parts which are due, as Python; empty without such rows."""
        due = ", ".join(f"{share} if {when} else 0" for when, share in self.timely_parts)
        return f"self.take_parts({due})" if due else ""

    def build_withdraw_method(self) -> list[str]:
        return [
            "def withdraw(self):",
            '    """Take the resting orders out of the market."""',
            "    for order in self.resting:",
            "        if order.alive():",
            "            self.cancel(order)",
            "    self.resting, self.wanted = [], None",
        ]

    def build_protect_method(self) -> list[str]:
        stop, target = self.build_level_statements("stop"), self.build_level_statements("target")
        lines = [
            "def protect(self, size=0):",
            '    """Keep the orders that end the trade in the market, at the present levels; a stop and its target withdraw each other."""',
            *(["    stepped = size > 0"] if self.may_be_passed and self.steps_out else []),
            "    side, size = (1 if self.position.size > 0 else -1), size or abs(self.position.size)",
            *(f"    {line}" for line in stop),
            *(self.build_passed_statements() if self.may_be_passed else []),
            *(f"    {line}" for line in target),
            *(f"    {line}" for line in self.build_level_statements("opening")),
            *self.build_wanted_statements(),
            f"    if wanted == self.wanted{' and opening is None' if self.openings else ''}:",
            "        return",
            "    self.withdraw()",
            "    self.wanted = wanted",
            "    order = self.sell if side > 0 else self.buy",
        ]
        return [*lines, *self.build_placing_statements()]

    def build_passed_statements(self) -> list[str]:
        """Build the statements that leave when the market is beyond the stop already; True tells that the position is on its way out."""
        steps = "not stepped and " if self.steps_out else ""
        return [
            f"    if {steps}stop is not None and side * (self.data.close[0] - stop) <= 0:  # passed before it could rest",
            "        self.leave()",
            "        return True",
        ]

    def build_wanted_statements(self) -> list[str]:
        """Build the statements that list the orders which should rest: size, stop, target, and which partial exit it is."""
        names = f"{'stop' if self.has_stop else 'None'}, {{target}}, {'opening, ' if self.openings else ''}{{part}}"
        whole = names.format(target="target" if self.has_target else "None", part="None")
        if not self.parts:
            return [f"    wanted = [(size, {whole})]"]
        return [
            "    wanted, self.initial = [], max(self.initial, abs(self.position.size))",
            "    for part, (share, level) in enumerate(self.part_levels(side)):",
            "        units = min(size, self.rounded(self.initial * share))",
            "        if part not in self.taken and units > 0 and level > 0:",
            f"            wanted.append((units, {names.format(target='level', part='part')}))",
            "            size -= units",
            "    if size > 0:",
            f"        wanted.append((size, {whole}))",
        ]

    def build_placing_statements(self) -> list[str]:
        """Build the statements that send the wanted orders."""
        lines = [f"    for units, stop, target, {'opening, ' if self.openings else ''}part in wanted:"]
        oco = ", oco=first" if self.has_stop or self.orders_at_once > 1 else ""
        lines += ["        first = None"] if oco else []
        if self.has_stop:
            lines += [
                "        if stop is not None:",
                "            first = order(exectype=bt.Order.Stop, size=units, price=stop)",
                "            self.resting.append(first)",
            ]
        if self.has_target or self.parts:
            lines += [
                "        if target is not None:",
                f"            self.resting.append(order(exectype=bt.Order.Limit, size=units, price=target{oco}))",
            ]
            lines += ["            self.parts[self.resting[-1].ref] = part"] if self.parts else []
            lines += ["            first = self.resting[-1] if first is None else first"] if self.openings else []
        if self.openings:
            lines += [
                "        if opening is not None:",
                f"            self.resting.append(order(exectype=bt.Order.Limit, size=units, price=opening, on_open=True{oco}))",
            ]
        return lines

    def build_level_statements(self, sort: str) -> list[str]:
        """Build the statements that set `stop`, `target` or `opening` from the levels of risk rows and the price orders of exit rows."""
        sources = {"stop": (self.stops, self.resting_stops), "target": (self.targets, self.resting_limits), "opening": ([], self.openings)}
        rows, orders = sources[sort]
        if not rows and not orders:
            return []
        lines = [f"{sort} = {f'self.{sort}_level(side)' if rows else 'None'}"]
        best = {("stop", 1): "max", ("stop", -1): "min", ("target", 1): "min", ("target", -1): "max"}
        both = self.plan.opens_longs and self.plan.opens_shorts
        for side, item in orders.items():
            only = f"side {'>' if side > 0 else '<'} 0 and " if both else ""
            price = self.plan.price(item)
            merged = f"level if {sort} is None else {best[sort, side]}({sort}, level)" if rows else "level"
            lines += [f"level = {price}  # {item.row.id}", f"if {only}level > 0:", f"    {sort} = {merged}"]
        return lines

    def build_level_method(self, name: str, statements: list[str]) -> list[str]:
        """Build the method that gives the tightest stop, or the nearest target, of the risk rows."""
        stop = name != "target_level"
        kept = name.removesuffix("_level") + "_at"
        if stop and self.widest:
            return self.build_widest_method(name, kept, statements)
        purpose = "The tightest stop price; it never moves back." if stop else "The nearest target price."
        pick = "max(levels) if side > 0 else min(levels)" if stop else "min(levels) if side > 0 else max(levels)"
        start = f"[] if self.{kept} is None else [self.{kept}]" if stop else "[]"
        lines = [
            f"def {name}(self, side):",
            f'    """{purpose}"""',
            f"    entry, levels = self.position.price, {start}",
            *(f"    {statement}" for statement in statements),
            "    levels = [level for level in levels if level > 0]",
        ]
        if not stop:
            return [*lines, f"    return ({pick}) if levels else None"]
        return [*lines, "    if levels:", f"        self.{kept} = {pick}", f"    return self.{kept}"]

    def build_widest_method(self, name: str, kept: str, statements: list[str]) -> list[str]:
        return [
            f"def {name}(self, side):",
            '    """The widest of the stop prices; it never moves back."""',
            "    entry, levels = self.position.price, []",
            *(f"    {statement}" for statement in statements),
            "    levels = [level for level in levels if level > 0]",
            "    if levels:",
            f"        known = [] if self.{kept} is None else [self.{kept}]",
            f"        self.{kept} = max([min(levels), *known]) if side > 0 else min([max(levels), *known])",
            f"    return self.{kept}",
        ]

    def build_part_levels_method(self) -> list[str]:
        return [
            "def part_levels(self, side):",
            '    """Share and price of each partial exit."""',
            "    entry = self.position.price",
            "    return (",
            *(f"        {part}" for part in self.parts),
            "    )",
        ]
