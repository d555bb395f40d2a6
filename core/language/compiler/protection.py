"""Orders that rest in the market while a position is open: the rows that ask for them, and what is kept between bars."""

from core.domain.workflow import Measure, Section
from core.language.compiler.plan import SIDES, StrategyPlan
from core.language.compiler.protection_code import ProtectionCode
from core.language.compiler.values import AND
from core.language.syntax.definition import Instruction
from core.language.syntax.nodes import PositionOperand, walk


class Protection(ProtectionCode):
    """The stop, target and partial-exit rows of a plan, and the methods made from them."""

    def __init__(self, plan: StrategyPlan) -> None:
        super().__init__(plan)
        self.resting_stops = self.find_exit_orders("stop_order")
        self.resting_limits = self.find_exit_orders("limit_order")
        self.openings = self.find_exit_orders("limit_on_open")
        for item in plan.definition.instructions:
            adder = {"stop_loss": self.add_stop_loss, "trailing_stop": self.add_trailing_stop, "break_even": self.add_break_even}.get(
                item.rule.name
            )
            adder = adder or {"take_profit": self.add_take_profit, "partial_exit": self.add_partial_exit}.get(item.rule.name)
            if adder:
                adder(item)
        self.may_be_passed |= bool(self.resting_stops)
        self.register_state()

    @property
    def measures_risk(self) -> bool:
        """True when the distance to the first stop is needed."""
        definition = self.plan.definition
        uses_r = any(item.measure is Measure.R for item in definition.instructions) or "open_r" in self.plan.expressions.positions
        return uses_r or self.caps_shorts or definition.rule("risk_per_trade") is not None

    def find_exit_orders(self, name: str) -> dict[int, Instruction]:
        """Find the price-order rows of the exit sections, by side."""
        exits = {Section.EXIT_LONG: self.plan.opens_longs, Section.EXIT_SHORT: self.plan.opens_shorts}
        found = {SIDES[section]: self.plan.definition.rule(name, section) for section, traded in exits.items() if traded}
        return {side: item for side, item in found.items() if item is not None}

    def register_state(self) -> None:
        """Register the attributes that the methods keep between bars."""
        plan = self.plan
        if self.has_orders:
            plan.setup.append("self.resting, self.wanted = [], None")
            plan.on_close.append("self.withdraw()")
        if self.stops:
            plan.keep("stop_at", "None")
            plan.on_open.append("self.stop_at = None")
        if self.closing_stops:
            plan.keep("closing_stop_at", "None")
            plan.on_open.append("self.closing_stop_at = None")
            plan.leave_when.append("self.is_stopped_on_close()")
            plan.methods += [
                self.build_level_method("closing_stop_level", self.closing_stops),
                [
                    "def is_stopped_on_close(self):",
                    '    """Whether the close has passed a stop that is judged on closes only."""',
                    "    side = 1 if self.position.size > 0 else -1",
                    "    level = self.closing_stop_level(side)",
                    "    return level is not None and side * (self.data.close[0] - level) <= 0",
                ],
            ]
        if self.measures_risk:
            plan.keep("risk", "math.nan")
            plan.on_open.append(f"self.risk = {self.call_stop_distance('trade.price', '1 if trade.size > 0 else -1')}")
            plan.methods.append(self.build_stop_distance_method())
        if self.timely_parts:
            plan.setup += ["self.largest, self.parts_taken = 0, set()"]
            plan.on_open.append("self.largest, self.parts_taken = 0, set()")
            plan.methods.append(self.build_take_parts_method())
        if self.parts:
            plan.setup += ["self.initial, self.parts, self.taken = 0, {}, set()"]
            plan.on_open.append("self.initial, self.parts, self.taken = 0, {}, set()")
            plan.on_order += ["if order.ref in self.parts:", "    self.taken.add(self.parts[order.ref])"]

    def stands_for_one_side(self, item: Instruction) -> bool:
        """True when the rule has several prices: each row is then for the side of the market that it lies on."""
        rows = [other for other in self.plan.definition.rules(item.rule.name) if other.measure is Measure.PRICE]
        return len(rows) > 1

    def keep_signal_price(self, item: Instruction, winning: int) -> str:
        """Keep a price read on the bar of the signal; a target on the wrong side of the market has no value.

        A stop that is passed already keeps its price, except where it is the other side's.
        """
        name = f"{self.plan.name_row(item)}_price"
        if item.reads_fill:
            return self.plan.keep_at_fill(name, self.plan.price(item))
        price = self.compile_price_of_side(item)
        if winning < 0 and not self.stands_for_one_side(item):
            return self.plan.keep_at_signal(name, price)
        self.plan.keep(name, "math.nan")
        sign = "level - price" if winning > 0 else "price - level"
        self.plan.on_signal += [
            f"level = {price}",
            f"self.{name} = level if side * ({sign}) > 0 else math.nan",
        ]
        return f"self.{name}"

    def add_stop_loss(self, item: Instruction) -> None:
        level = (
            self.keep_signal_price(item, -1)
            if item.measure is Measure.PRICE
            else f"entry - side * {self.plan.compile_distance(item, 'entry')}"
        )
        self.may_be_passed |= item.measure is Measure.PRICE
        self.add_stop(item, [f"levels.append({level})  # {item.row.id}"])

    def add_stop(self, item: Instruction, statements: list[str]) -> None:
        """Add the statements of a stop where they belong: resting in the market, or judged on closes."""
        (self.closing_stops if item.has("on close") else self.stops).extend(self.plan.guard_statements(item, statements))

    def add_take_profit(self, item: Instruction) -> None:
        level = (
            self.keep_signal_price(item, 1)
            if item.measure is Measure.PRICE
            else f"entry + side * {self.plan.compile_distance(item, 'entry')}"
        )
        self.targets += self.plan.guard_statements(item, [f"levels.append({level})  # {item.row.id}"])

    def add_trailing_stop(self, item: Instruction) -> None:
        plan = self.plan
        if item.measure is Measure.PRICE:
            self.may_be_passed = True
            self.add_stop(item, self.build_price_trail(item))
            return
        plan.track_best()
        unit = self.find_unit(item, "self.best / 100") or plan.atr(item)
        amount = self.times(plan.number(item, self.find_slot(item)), unit)
        level = f"levels.append(self.best - side * {amount})  # {item.row.id}"
        if item.number("start").value:
            begin = "entry / 100" if item.measure is Measure.PERCENT else unit
            level = f"if side * (self.best - entry) >= {self.times(plan.number(item, 'start'), begin)}:\n    {level}"
        self.add_stop(item, level.split("\n"))

    def build_price_trail(self, item: Instruction) -> list[str]:
        """Build the statements of a trailing price; where it may be the other side's it counts once it was on the right one."""
        level = self.plan.price(item)
        if not self.stands_for_one_side(item):
            return [f"levels.append({level})  # {item.row.id}"]
        name = f"{self.plan.name_row(item)}_counts"
        if self.plan.keep(name, "False"):
            self.plan.on_open.append(f"self.{name} = False")
        return [
            f"level = {level}",
            f"self.{name} = self.{name} or side * (self.data.close[0] - level) > 0",
            f"if self.{name}:",
            f"    levels.append(level)  # {item.row.id}",
        ]

    def find_unit(self, item: Instruction, percent: str) -> str:
        """Find the Python of a measure's unit; empty for average true ranges."""
        units = {Measure.PERCENT: percent, Measure.R: "self.risk", Measure.POINTS: "1"}
        return self.plan.pip() if item.measure is Measure.PIPS else units.get(item.measure, "")

    def find_slot(self, item: Instruction) -> str:
        """Find the slot that counts the measure's units."""
        return "atr" if item.measure is Measure.ATR else item.measure.value

    def times(self, number: str, unit: str) -> str:
        """A number of units as Python."""
        return number if unit == "1" else f"{number} * {unit}"

    def add_break_even(self, item: Instruction) -> None:
        plan = self.plan
        plan.track_best()
        unit = self.find_unit(item, "entry / 100") or self.keep_signal_range(item)
        beyond = f" + side * {self.times(plan.number(item, 'offset'), unit)}" if item.number("offset").value else ""
        statements = [
            f"if side * (self.best - entry) >= {self.times(plan.number(item, self.find_slot(item)), unit)}:",
            f"    levels.append(entry{beyond})  # {item.row.id}",
        ]
        self.add_stop(item, statements)

    def keep_signal_range(self, item: Instruction) -> str:
        """Keep the average true range of the signal's bar; its Python."""
        name = f"{self.plan.name_row(item)}_range"
        return self.plan.keep_at_signal(name, self.plan.atr(item))

    def add_partial_exit(self, item: Instruction) -> None:
        if item.measure is Measure.WHEN:
            test, when = self.plan.guard_setup(item), self.plan.compile(item.values["when"], AND)
            self.timely_parts.append((f"{test} and {when}" if test else when, self.plan.percent(item, "share")))
            return
        level = self.plan.price(item) if item.measure is Measure.PRICE else f"entry + side * {self.plan.compile_distance(item, 'entry')}"
        if test := self.plan.guard_setup(item):
            level = f"{level} if {test} else 0"
        self.parts.append(f"({self.plan.percent(item, 'share')}, {level}),  # {item.row.id}")

    @property
    def first_stops(self) -> tuple[Instruction, ...]:
        """The rows that a trade's first stop comes from."""
        return self.plan.definition.rules("stop_loss") or self.plan.definition.rules("trailing_stop")

    @property
    def asks_for_side(self) -> bool:
        """True when a price of the first stop is another one for either side: it asks which one is held."""
        read = [item for item in self.first_stops if item.measure is Measure.PRICE and item.reads_fill]
        return any(PositionOperand("position") in walk(node) for item in read for node in item.values.values())

    def call_stop_distance(self, price: str, side: str) -> str:
        """Call the method that says how far the first stop is from an entry, for a trade of that side, as Python."""
        return f"self.stop_distance({price}, {side})" if self.asks_for_side else f"self.stop_distance({price})"

    def compile_price_of_side(self, item: Instruction) -> str:
        """Compile a row's price where the trade is not there yet: the side that it asks for is that of the order, `side`."""
        self.plan.expressions.side_as = "side"
        price = self.plan.price(item)
        self.plan.expressions.side_as = ""
        return price

    def build_stop_distance_method(self) -> list[str]:
        """Build the method that says how far the first stop is from an entry."""
        distances = []
        for item in self.first_stops:
            distance = self.build_first_distance(item)
            if distance and (test := self.plan.guard_setup(item, held=False)):
                distance = f"{distance} if {test} else math.nan"
            distances += [distance] if distance else []
        pick = "max" if self.widest else "min"
        return [
            f"def stop_distance(self, price{', side' if self.asks_for_side else ''}):",
            '    """Distance from an entry at that price to its first stop: the initial risk of a unit."""',
            f"    distances = [{', '.join(distances)}]",
            f"    return {pick}((distance for distance in distances if distance > 0), default=math.nan)",
        ]

    def build_first_distance(self, item: Instruction) -> str:
        """Build the distance from an entry at `price` to that stop, as Python; empty when it is measured in the risk itself."""
        if item.measure is Measure.R:
            return ""
        if item.measure is not Measure.PRICE:
            return self.plan.compile_distance(item, "price")
        if item.reads_fill:
            self.plan.expressions.entry_as = "price"
            level = self.compile_price_of_side(item)
            self.plan.expressions.entry_as = ""
            return f"abs(price - {level})" if level.isidentifier() else f"abs(price - ({level}))"
        if item.rule.name == "stop_loss":
            return f"abs(price - self.{self.plan.name_row(item)}_price)"
        name = self.plan.keep_at_signal(f"{self.plan.name_row(item)}_first", self.compile_price_of_side(item))
        return f"abs(price - {name})"
