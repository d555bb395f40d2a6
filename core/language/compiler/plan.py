"""The parts that a workflow's rules add to a compiled strategy, sorted by where they belong; the modules beside this one read the rules."""

from dataclasses import dataclass, field

from core.domain.workflow import Direction, Measure, Section
from core.language.catalogue.rules import PRICE_ORDERS
from core.language.compiler.bar_offset import BarOffset
from core.language.compiler.values import ATOM, TERNARY, ExpressionCompiler
from core.language.syntax.definition import Definition, Instruction
from core.language.syntax.nodes import Node, Number

SIDES = {Section.ENTRY_LONG: 1, Section.EXIT_LONG: 1, Section.ENTRY_SHORT: -1, Section.EXIT_SHORT: -1}


@dataclass(slots=True)
class StrategyPlan:
    """Statements and conditions, as Python text, that the methods of the strategy are put together from."""

    definition: Definition
    expressions: ExpressionCompiler
    constants: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Entries of `params` that no row holds: value and comment."""
    setup: list[str] = field(default_factory=list)
    """Statements of `__init__`."""
    updates: list[str] = field(default_factory=list)
    """Statements at the start of every bar."""
    leave_when: list[str] = field(default_factory=list)
    """Conditions that end any trade at the next open."""
    enter_when: list[str] = field(default_factory=list)
    """Conditions without which no trade is opened."""
    on_signal: list[str] = field(default_factory=list)
    """Statements on the bar of an entry signal; `side` is 1 or -1, `price` the price reckoned with."""
    on_open: list[str] = field(default_factory=list)
    """Statements for a trade that has just been opened; `side` is 1 or -1."""
    on_close: list[str] = field(default_factory=list)
    """Statements for a trade that has just been closed."""
    on_order: list[str] = field(default_factory=list)
    """Statements for an order that has just been filled."""
    methods: list[list[str]] = field(default_factory=list)
    """Further methods."""
    counts_days: bool = False
    """True when something is counted by the day."""
    ends_days: bool = False
    """True when a rule can end the trading of a day."""
    reads_side_on_open: bool = False
    """True when a statement of `on_open` reads `side`."""
    kept: set[str] = field(default_factory=set)
    """Attributes that `keep` has begun."""
    ranges: set[str] = field(default_factory=set)
    """Rows' average true ranges that are made."""
    at_fill: list[str] = field(default_factory=list)
    """Statements that read, once a position is open, what belongs to the bar of its fill."""
    before_leaving: list[str] = field(default_factory=list)
    """Statements of `next` after the signals and before it is decided who must leave."""

    @property
    def opens_longs(self) -> bool:
        """True when long positions are opened."""
        return self._opens(Section.ENTRY_LONG, Direction.SHORT_ONLY)

    @property
    def opens_shorts(self) -> bool:
        """True when short positions are opened."""
        return self._opens(Section.ENTRY_SHORT, Direction.LONG_ONLY)

    def _opens(self, section: Section, never: Direction) -> bool:
        told = bool(self.definition.section(section)) or self.order_row(section) is not None
        return self.definition.workflow.direction is not never and told

    def number(self, item: Instruction, slot: str) -> str:
        """A slot's number as Python; an expression is read on the present bar."""
        node = item.values[slot]
        return self.expressions.number(node) if isinstance(node, Number) else self.compile(node, ATOM)

    def compile(self, node: Node, tight: int = TERNARY) -> str:
        """Compile an expression that a method of the strategy reads on the present bar."""
        self.expressions.in_method = True
        text = self.expressions.compile_value(node, BarOffset(), tight)
        self.expressions.in_method = False
        return text

    def percent(self, item: Instruction, slot: str = "percent") -> str:
        """A slot's percentage as a fraction in Python."""
        return f"{self.number(item, slot)} / 100"

    def price(self, item: Instruction) -> str:
        """A slot's price expression on the present bar, as Python."""
        return self.compile(item.values["price"])

    def name_row(self, item: Instruction) -> str:
        """Name what belongs to one row: after its rule, numbered when the rule has several rows."""
        rows = [
            other.row.id for other in self.definition.rules(item.rule.name) if SIDES.get(other.row.section) == SIDES.get(item.row.section)
        ]
        side = {1: "long_", -1: "short_"}.get(SIDES.get(item.row.section, 0), "")
        return f"{side}{item.rule.name}" + (f"_{rows.index(item.row.id) + 1}" if len(rows) > 1 else "")

    def atr(self, item: Instruction) -> str:
        """The average true range of a row on the present bar, as Python."""
        name = f"{self.name_row(item)}_atr"
        if name not in self.ranges:
            self.ranges.add(name)
            self.expressions.lines.append(f"self.{name} = bt.ind.ATR(self.data, period={self.number(item, 'atr_period')})")
        return f"self.{name}[0]"

    def keep(self, name: str, start: str) -> bool:
        """Keep an attribute from bar to bar, begun in `__init__` once; True when it was not kept before."""
        if name in self.kept:
            return False
        self.kept.add(name)
        self.setup.append(f"self.{name} = {start}")
        return True

    def keep_at_signal(self, name: str, python: str) -> str:
        """Keep a value that is read on the bar of the signal for the trade; its Python."""
        self.keep(name, "math.nan")
        self.on_signal.append(f"self.{name} = {python}")
        return f"self.{name}"

    def compile_distance(self, item: Instruction, of: str) -> str:
        """Compile the distance of a price order from `of`, in the currency; average true ranges are those of the signal's bar."""
        if item.measure is Measure.PERCENT:
            return f"{of} * {self.percent(item)}"
        if item.measure is Measure.R:
            return f"{self.number(item, 'r')} * self.risk"
        if item.measure in (Measure.POINTS, Measure.PIPS):
            return self.compile_unit_distance(item)
        if item.reads_fill:
            reach = f"{self.number(item, 'atr')} * {self.atr(item)}"
            return reach if of == "price" else self.keep_at_fill(f"{self.name_row(item)}_reach", reach)
        name = f"{self.name_row(item)}_reach"
        return f"self.{name}" if name in self.kept else self.keep_at_signal(name, f"{self.number(item, 'atr')} * {self.atr(item)}")

    def compile_unit_distance(self, item: Instruction) -> str:
        """Compile a distance in points or pips."""
        if item.measure is Measure.POINTS:
            return self.number(item, "points")
        return f"{self.number(item, 'pips')} * {self.pip()}"

    def pip(self) -> str:
        """One pip as Python: told by the instrument, else guessed from the price."""
        if not self.expressions.hours.has("pip"):
            return "(0.01 if self.data.close[0] > 20 else 0.0001)"
        self.expressions.day_entries.add("pip")
        return "self.p.pip"

    def keep_at_fill(self, name: str, python: str) -> str:
        """Keep a value that is read on the close of the fill's bar for the trade; its Python."""
        if self.keep(name, "math.nan"):
            self.on_open.append(f"self.{name} = math.nan")
            self.at_fill += [f"if self.{name} != self.{name}:", f"    self.{name} = {python}"]
        return f"self.{name}"

    @property
    def has_setups(self) -> bool:
        """True when rows of size or risk belong to one group of entries."""
        return self.definition.has_setups

    def guard_setup(self, item: Instruction, held: bool = True) -> str:
        """Python that is true for the trades that a row of size or risk belongs to; empty when it belongs to all."""
        group = self.definition.find_setup(item)
        return f'self.{"setup" if held else "asked"} == "{group}"' if group else ""

    def guard_statements(self, item: Instruction, statements: list[str]) -> list[str]:
        """Guard statements so that they act on the trades of the row's group only."""
        test = self.guard_setup(item)
        return [f"if {test}:", *(f"    {statement}" for statement in statements)] if test else statements

    def track_best(self) -> None:
        """Keep the best price since entry."""
        if not self.keep("best", "math.nan"):
            return
        self.reads_side_on_open = True
        self.on_open.append("self.best = self.data.high[0] if side > 0 else self.data.low[0]")
        self.updates += [
            "if self.position:",
            "    self.best = max(self.best, self.data.high[0]) if self.position.size > 0 else min(self.best, self.data.low[0])",
        ]

    def track_entry(self) -> None:
        """Keep the bar of the entry's fill."""
        if self.keep("entered", "0"):
            self.on_open.append("self.entered = len(self.data)")

    def track_stake(self) -> None:
        """Keep the largest value that a trade had at its entry prices."""
        if self.keep("stake", "0.0"):
            self.on_open.append("self.stake = abs(trade.value)")
            self.updates.append(
                "self.stake = max(self.stake, abs(self.position.size) * self.position.price) if self.position else self.stake"
            )

    def track_last_entry(self) -> None:
        """Keep the number of entries of a trade, and the price of the latest."""
        if self.keep("entries", "0"):
            self.setup += ["self.last_entry = math.nan", "self.openers = set()"]
            self.on_open.append("self.entries, self.last_entry = 1, trade.price")
            self.on_order += [
                "if order.ref in self.openers:",
                "    self.entries, self.last_entry = self.entries + 1, order.executed.price",
            ]

    @property
    def tracks_entries(self) -> bool:
        """True when the entries of a trade are counted."""
        return "entries" in self.kept

    def order_row(self, section: Section) -> Instruction | None:
        """Find the price-order row of an entry section, if it has one."""
        return next((item for name in PRICE_ORDERS if (item := self.definition.rule(name, section))), None)
