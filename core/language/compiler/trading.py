"""The part of a compiled strategy that trades: sizing, entering, leaving, and the orders that rest in the market."""

from dataclasses import dataclass, field

from core.domain.workflow import Direction, Measure, Section
from core.language.compiler.series import At, Series
from core.language.definition import Definition, Instruction

RESERVE = 0.05
"""Part of the buying power that is kept for commission, slippage and the opening gap: orders for all of it are rejected by the broker."""


@dataclass(slots=True)
class Trading:
    """What the rules of a definition add to the strategy, sorted by the place where it belongs."""

    definition: Definition
    series: Series
    setup: list[str] = field(default_factory=list)
    """Statements of `__init__`."""
    updates: list[str] = field(default_factory=list)
    """Statements at the start of every bar."""
    leave_when: list[str] = field(default_factory=list)
    """Conditions that end any trade at the next open."""
    enter_when: list[str] = field(default_factory=list)
    """Conditions without which no trade is opened."""
    on_open: list[str] = field(default_factory=list)
    """Statements for a trade that has just been opened; `side` is 1 or -1."""
    on_close: list[str] = field(default_factory=list)
    """Statements for a trade that has just been closed."""
    on_signal: list[str] = field(default_factory=list)
    """Statements on the bar of the entry signal."""
    stops: list[str] = field(default_factory=list)
    """Statements that add a price to `levels`, from which the tightest becomes the stop."""
    targets: list[str] = field(default_factory=list)
    """Statements that add a price to `levels`, from which the nearest becomes the target."""
    constants: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Entries of `params` that no row holds: value and comment."""

    def __post_init__(self) -> None:
        direction = self.definition.workflow.direction
        self.longs = direction is not Direction.SHORT_ONLY and bool(self.definition.section(Section.ENTRY_LONG))
        self.shorts = direction is not Direction.LONG_ONLY and bool(self.definition.section(Section.ENTRY_SHORT))
        self.constants["reserve"] = (RESERVE, "part of the buying power kept for costs and the opening gap")
        for item in self.definition.rules("stop_loss"):
            self.stop_loss(item)
        for item in self.definition.rules("trailing_stop"):
            self.trailing_stop(item)
        for item in self.definition.rules("take_profit"):
            self.take_profit(item)
        for item in self.definition.rules("time_stop"):
            self.time_stop(item)

    longs: bool = False
    shorts: bool = False

    @property
    def protects(self) -> bool:
        """True when orders rest in the market while a position is open."""
        return bool(self.stops or self.targets)

    def number(self, item: Instruction, slot: str) -> str:
        return self.series.number(item.number(slot))

    def fraction(self, item: Instruction) -> str:
        return f"{self.number(item, 'percent')} / 100"

    def atr(self, item: Instruction) -> str:
        """The average true range of a rule, as Python on the present bar."""
        name = f"{item.rule.name}_atr"
        self.series.lines.append(f"self.{name} = bt.ind.ATR(self.data, period={self.number(item, 'atr_period')})")
        return f"self.{name}[0]"

    def at_signal(self, name: str, python: str) -> str:
        """A value that is read on the bar of the signal and kept for the trade."""
        self.setup.append(f"self.{name} = None")
        self.on_signal.append(f"self.{name} = {python}")
        return f"self.{name}"

    def distance(self, item: Instruction) -> str:
        """Distance from the entry price in the currency, as Python."""
        if item.measure is Measure.PERCENT:
            return f"entry * {self.fraction(item)}"
        if item.measure is Measure.R:
            return f"{self.number(item, 'r')} * self.risk"
        return self.at_signal(f"{item.rule.name}_reach", f"{self.number(item, 'atr')} * {self.atr(item)}")

    def fixed_price(self, item: Instruction) -> str:
        return self.at_signal(f"{item.rule.name}_price", self.series.value(item.values["price"], At()))

    def stop_loss(self, item: Instruction) -> None:
        level = self.fixed_price(item) if item.measure is Measure.PRICE else f"entry - side * {self.distance(item)}"
        self.stops.append(f"levels.append({level})  # {item.row.id}")

    def take_profit(self, item: Instruction) -> None:
        level = self.fixed_price(item) if item.measure is Measure.PRICE else f"entry + side * {self.distance(item)}"
        self.targets.append(f"levels.append({level})  # {item.row.id}")

    def trailing_stop(self, item: Instruction) -> None:
        if item.measure is Measure.PRICE:
            self.stops.append(f"levels.append({self.series.value(item.values['price'], At())})  # {item.row.id}")
            return
        self.track_best()
        if item.measure is Measure.PERCENT:
            reach = f"self.best * {self.fraction(item)}"
        elif item.measure is Measure.R:
            reach = f"{self.number(item, 'r')} * self.risk"
        else:
            reach = f"{self.number(item, 'atr')} * {self.atr(item)}"
        self.stops.append(f"levels.append(self.best - side * {reach})  # {item.row.id}")

    def track_best(self) -> None:
        """Keep the best price since entry."""
        if "self.best = None" in self.setup:
            return
        self.setup.append("self.best = None")
        self.on_open.append("self.best = self.data.high[0] if side > 0 else self.data.low[0]")
        self.updates += [
            "if self.position:",
            "    self.best = max(self.best, self.data.high[0]) if self.position.size > 0 else min(self.best, self.data.low[0])",
        ]

    def time_stop(self, item: Instruction) -> None:
        self.track_entry()
        self.leave_when.append(f"len(self.data) - self.entered + 1 >= {self.number(item, 'bars')}")

    def track_entry(self) -> None:
        """Keep the bar of the entry's fill."""
        if "self.entered = 0" not in self.setup:
            self.setup.append("self.entered = 0")
            self.on_open.append("self.entered = len(self.data)")

    # ------------------------------------------------------------------ methods

    def sizing(self) -> list[str]:
        """The method that decides how many units an entry trades."""
        item = self.definition.rule("position_size")
        wanted = {
            None: "equity * 0.95 / price",
            Measure.PERCENT: f"equity * {self.fraction(item)} / price" if item and item.measure is Measure.PERCENT else "",
            Measure.CASH: f"{self.number(item, 'cash')} / price" if item and item.measure is Measure.CASH else "",
            Measure.UNITS: self.number(item, "units") if item and item.measure is Measure.UNITS else "",
        }[item.measure if item else None]
        return [
            "def units(self):",
            '    """Whole units of an entry: what the sizing row asks for, as far as the account can pay for it."""',
            "    equity, price = self.broker.getvalue(), self.data.close[0]",
            "    leverage = self.broker.getcommissioninfo(self.data).get_leverage()",
            "    affordable = equity * leverage * (1 - self.p.reserve) / price",
            f"    return max(0, math.floor(min({wanted}, affordable)))",
        ]

    def entering(self) -> list[str]:
        return [
            "def enter(self, side):",
            '    """Open a position at the next open."""',
            "    size = self.units()",
            *(f"    {statement}" for statement in self.on_signal),
            "    if size:",
            "        self.buy(size=size) if side > 0 else self.sell(size=size)"
            if self.longs and self.shorts
            else f"        self.{'buy' if self.longs else 'sell'}(size=size)",
        ]

    def leaving(self) -> list[str]:
        if not self.protects:
            return []
        return [
            "def leave(self):",
            '    """Close the position at the next open."""',
            "    self.withdraw()",
            "    self.close()",
            "",
            "def withdraw(self):",
            '    """Take the resting orders out of the market."""',
            "    for order in self.resting:",
            "        self.cancel(order)",
            "    self.resting, self.wanted = [], None",
        ]

    def protecting(self) -> list[str]:
        if not self.protects:
            return []
        stop = self.level("stop_level", self.stops, "max", "min", "The tightest stop price; it never moves back.") if self.stops else []
        target = self.level("target_level", self.targets, "min", "max", "The nearest target price.") if self.targets else []
        return [
            "def protect(self):",
            '    """Keep a stop and a target resting in the market; when one fills, the other is withdrawn by the broker."""',
            "    side, size = (1, self.position.size) if self.position.size > 0 else (-1, -self.position.size)",
            f"    stop = {'self.stop_level(side)' if self.stops else 'None'}",
            f"    target = {'self.target_level(side)' if self.targets else 'None'}",
            "    if self.wanted == (size, stop, target):",
            "        return",
            "    self.withdraw()",
            "    self.wanted = (size, stop, target)",
            "    order = self.sell if side > 0 else self.buy",
            "    if stop is not None:",
            "        self.resting.append(order(exectype=bt.Order.Stop, size=size, price=stop))",
            "    if target is not None:",
            "        other = self.resting[0] if self.resting else None",
            "        self.resting.append(order(exectype=bt.Order.Limit, size=size, price=target, oco=other))",
            "",
            *stop,
            *([""] if stop and target else []),
            *target,
        ]

    def level(self, name: str, statements: list[str], long: str, short: str, purpose: str) -> list[str]:
        stop = name == "stop_level"
        return [
            f"def {name}(self, side):",
            f'    """{purpose}"""',
            "    entry, levels = self.position.price, []"
            if not stop
            else "    entry, levels = self.position.price, [] if self.stop_at is None else [self.stop_at]",
            *(f"    {statement}" for statement in statements),
            "    levels = [level for level in levels if level is not None and level > 0]",
            "    if not levels:",
            "        return None",
            f"    level = {long}(levels) if side > 0 else {short}(levels)",
            *(["    if self.risk is None:", "        self.risk = abs(entry - level)", "    self.stop_at = level"] if stop else []),
            "    return level",
        ]

    def notifying(self) -> list[str]:
        if not (self.on_open or self.on_close or self.protects):
            return []
        clear = ["self.stop_at = self.risk = None"] if self.stops else []
        closed = [*self.on_close, *(["self.withdraw()"] if self.protects else []), *clear]
        lines = ["def notify_trade(self, trade):", '    """Keep what later bars need to know about the trade."""']
        if self.on_open:
            lines += ["    if trade.justopened:"]
            lines += ["        side = 1 if trade.size > 0 else -1"] if any("side" in statement for statement in self.on_open) else []
            lines += [f"        {statement}" for statement in self.on_open]
        if closed:
            lines += ["    if trade.isclosed:", *(f"        {statement}" for statement in closed)]
        return lines
