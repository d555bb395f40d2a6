"""Compiles nodes to Python that is read on every bar, in `next`. Orders are built by the `orders` module."""

import json
from dataclasses import dataclass, field, replace

from core.language.compiler.bar_offset import BarOffset
from core.language.compiler.series import LineCompiler
from core.language.syntax.nodes import (
    BAR_BLENDS,
    Arithmetic,
    BarField,
    Call,
    Choice,
    ClockOperand,
    Compare,
    Function,
    HigherTimeframe,
    Logic,
    Node,
    Not,
    Number,
    OtherInstrument,
    Past,
    PositionOperand,
    ZonedTime,
)

TERNARY, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, ATOM = range(9)
"""Precedence of a piece of Python, loosest first."""

NOW_EXPRESSIONS = {
    "hour": ("now.hour", ATOM),
    "minute": ("now.minute", ATOM),
    "minute_of_day": ("now.hour * 60 + now.minute", SUM),
    "weekday": ("now.weekday()", ATOM),
    "day": ("now.day", ATOM),
    "month": ("now.month", ATOM),
    "year": ("now.year", ATOM),
    "date": ("now.toordinal()", ATOM),
}
"""Clock operands as Python, with its precedence."""
CALENDAR_LINES = ("bar_of_week", "trading_day_of_month", "trading_days_left")
SESSION_LINES = ("bar_of_day", "bar_of_month", "minutes_since_open", "minutes_to_close")


@dataclass(slots=True)
class ExpressionCompiler(LineCompiler):
    """Compiles nodes to Python, and collects what a strategy needs to make and to remember for them."""

    memory: dict[tuple[str, Node], str] = field(default_factory=dict)
    """Values that are kept from bar to bar, to attribute name."""
    records: list[str] = field(default_factory=list)
    """Statements of `next` that remember something, in order."""
    lookback: dict[int, set[tuple[int | str, ...]]] = field(default_factory=dict)
    """Feed to the bars that are read back: sums of numbers and Python."""
    positions: set[str] = field(default_factory=set)
    """Position operands in use."""
    uses_now: bool = False
    in_method: bool = False
    """True while something is compiled that is read outside of `next`, where there is no local `now`."""
    entry_as: str = ""
    """Python in place of the entry price, while a trade is sized that is not there yet."""
    side_as: str = ""
    """The same in place of the side that is held."""
    reads_calendar: bool = False
    """True when the calendar is made."""
    reads_session: bool = False
    """True when the session clock is made."""
    loops: int = 0

    def compile_value(self, node: Node, at: BarOffset, tight: int = TERNARY) -> str:
        """Compile the node to Python that is evaluated on a bar; in parentheses when it binds looser than `tight`."""
        text, binding = self.compile_node(node, at)
        return f"({text})" if binding < tight else text

    def compile_node(self, node: Node, at: BarOffset) -> tuple[str, int]:
        match node:
            case Number():
                text = self.number(node)
                return text, UNARY if node.value < 0 and not node.name else ATOM
            case BarField() | Call():
                return self.compile_reading(node, at)
            case Past():
                return self.compile_node(node.node, at.earlier(node.bars))
            case HigherTimeframe():
                feed = self.feeds.index(node.timeframe) + 1
                self.note_lookback(at)
                return self.compile_node(node.node, BarOffset(feed=feed, outer=at))
            case OtherInstrument():
                return self.compile_node(node.node, replace(at, feed=self.other_feed(node)))
            case PositionOperand():
                return self.compile_position(node, at)
            case ClockOperand():
                return self.compile_clock(node, at)
            case ZonedTime():
                return self.compile_zoned_time(node, at)
            case Arithmetic():
                return self.compile_arithmetic(node, at)
            case Function():
                return self.compile_function(node, at)
            case Compare():
                parts = [self.compile_value(part, at, SUM) for part in node.operands]
                return " ".join([parts[0], *(f"{sign} {part}" for sign, part in zip(node.operators, parts[1:], strict=True))]), COMPARISON
            case Logic():
                binding = AND if node.operator == "and" else OR
                return f" {node.operator} ".join(self.compile_value(part, at, binding + 1) for part in node.operands), binding
            case Not():
                return f"not {self.compile_value(node.node, at, NOT)}", NOT
            case Choice():
                then, otherwise = self.compile_value(node.then, at, OR), self.compile_value(node.otherwise, at, TERNARY)
                return f"{then} if {self.compile_value(node.condition, at, OR)} else {otherwise}", TERNARY
        raise TypeError(type(node).__name__)

    def note_lookback(self, at: BarOffset) -> None:
        """Note that a value is read back, so that nothing is read before there is anything; a loop's first pass reads its own bar."""
        fixed = at.ago - len(at.spans)
        terms = (*at.spans, fixed) if fixed else at.spans
        if terms and fixed >= 0:
            self.lookback.setdefault(at.feed, set()).add(terms)

    def compile_reading(self, node: BarField | Call, at: BarOffset) -> tuple[str, int]:
        self.note_lookback(at)
        if isinstance(node, BarField) and node.name in BAR_BLENDS:
            parts = BAR_BLENDS[node.name]
            total = " + ".join(f"{self.data(at.feed)}.{part}[{at.index}]" for part in parts)
            return f"({total}) / {len(parts)}", PRODUCT
        return f"{self.compile_line(node, at.feed)}[{at.index}]", ATOM

    def compile_arithmetic(self, node: Arithmetic, at: BarOffset) -> tuple[str, int]:
        if node.operator == "**" or (node.operator in "/%" and not (isinstance(node.right, Number) and node.right.value)):
            name = {"**": "power", "/": "ratio", "%": "remainder"}[node.operator]
            self.helpers.add(name)
            return f"{name}({self.compile_value(node.left, at)}, {self.compile_value(node.right, at)})", ATOM
        if node.operator == "-" and node.left == Number(0.0):
            return f"-{self.compile_value(node.right, at, UNARY)}", UNARY
        binding = SUM if node.operator in "+-" else PRODUCT
        return f"{self.compile_value(node.left, at, binding)} {node.operator} {self.compile_value(node.right, at, binding + 1)}", binding

    def compile_position(self, node: PositionOperand, at: BarOffset) -> tuple[str, int]:
        if node.name == "entry_price" and self.entry_as:
            return self.entry_as, ATOM
        if node.name == "position" and self.side_as and at.bars == "0" and at.feed == 0:
            return self.side_as, ATOM
        self.positions.add(node.name)
        if at.bars == "0" and at.feed == 0:
            return f"self.{name_attribute(node.name)}", ATOM
        if at.feed:
            return self.compile_position(node, at.outer or BarOffset())
        self.helpers.add("past")
        return f"past(self.{self.remember('past', node, f'self.{name_attribute(node.name)}')}, {at.bars})", ATOM

    def compile_clock(self, node: ClockOperand, at: BarOffset) -> tuple[str, int]:
        if node.name in SESSION_LINES:
            self.need_session()
            self.note_lookback(at)
            return f"self.session.{node.name}[{at.index}]", ATOM
        if node.name in CALENDAR_LINES:
            self.need_calendar()
            self.note_lookback(at)
            return f"self.calendar.{node.name}[{at.index}]", ATOM
        text, binding = NOW_EXPRESSIONS[node.name]
        if at.bars == "0" and not self.in_method:
            self.uses_now = True
            return text, binding
        self.note_lookback(at)
        return text.replace("now", f"self.data.datetime.datetime({at.index})"), binding

    def need_session(self) -> None:
        """Have the session clock made."""
        if not self.reads_session:
            self.reads_session = True
            self.need_classes("SessionClock")
            told = self.build_day_arguments(roll="day_roll", opens="session_open", closes="session_close")
            self.lines.insert(0, f"self.session = SessionClock(self.data{told})")

    def need_calendar(self) -> None:
        """Have the calendar of weeks and months made."""
        if not self.reads_calendar:
            self.reads_calendar = True
            self.need_classes("Calendar")
            closed = f", closed={self.hours.closed}" if self.hours.closed else ""
            if closed:
                self.helpers |= {self.hours.closed, "easter_sunday"} - ({"easter_sunday"} if "new_york" in self.hours.closed else set())
            self.lines.append(f"self.calendar = Calendar(self.data{self.build_day_arguments(roll='day_roll')}{closed})")

    def compile_zoned_time(self, node: ZonedTime, at: BarOffset) -> tuple[str, int]:
        """Compile a time of another zone to the minute of the bars' own clock on that day."""
        self.helpers.add("zoned_time")
        if at.bars == "0" and not self.in_method:
            self.uses_now = True
            moment = "now"
        else:
            moment = f"self.data.datetime.datetime({at.index})"
        return f"zoned_time({moment}, {node.minutes}, {json.dumps(node.zone)}, {json.dumps(self.hours.zone)})", ATOM

    def today(self) -> str:
        """The trading day of the present bar, as Python."""
        if not self.hours.roll:
            return "self.data.datetime.date(0)"
        self.helpers.add("trading_day")
        self.day_entries.add("day_roll")
        return "trading_day(self.data.datetime.datetime(0), self.p.day_roll)"

    def remember(self, sort: str, node: Node, statement: str) -> str:
        """Remember a value on every bar; the name of the list that it goes into."""
        key = (sort, node)
        if key not in self.memory:
            self.memory[key] = f"{sort}_{len(self.memory) + 1}"
            self.records.append(f"self.{self.memory[key]}.append({statement})")
        return self.memory[key]

    # ------------------------------------------------------------------ functions of the language

    def compile_function(self, node: Function, at: BarOffset) -> tuple[str, int]:
        match node.name:
            case "abs" | "min" | "max":
                return f"{node.name}({', '.join(self.compile_value(part, at) for part in node.arguments)})", ATOM
            case "sqrt" | "log" | "sign":
                name = {"sqrt": "square_root", "log": "logarithm", "sign": "sign"}[node.name]
                self.helpers.add(name)
                return f"{name}({self.compile_value(node.arguments[0], at)})", ATOM
            case "crosses_above" | "crosses_below":
                return self.compile_cross(node, at)
            case "rising" | "falling":
                return self.compile_trend(node, at)
            case "between":
                middle, low, high = (self.compile_value(part, at, SUM) for part in node.arguments)
                return f"{low} <= {middle} <= {high}", COMPARISON
            case "outside":
                middle, low, high = (self.compile_value(part, at, SUM) for part in node.arguments)
                return f"{middle} < {low} or {middle} > {high}", OR
            case "near":
                value, level, percent = (self.compile_value(part, at, PRODUCT + 1) for part in node.arguments)
                return f"abs({value} - {level}) <= abs({level}) * {percent} / 100", COMPARISON
            case "count" | "since":
                return self.compile_count(node, at)
            case "sequence":
                return self.compile_sequence(node, at)
            case _:
                return self.compile_kept_value(node, at)

    def compile_cross(self, node: Function, at: BarOffset) -> tuple[str, int]:
        left, right = node.arguments
        now, before = (">", "<=") if node.name == "crosses_above" else ("<", ">=")
        earlier = at.earlier(1)
        first = f"{self.compile_value(left, earlier, SUM)} {before} {self.compile_value(right, earlier, SUM)}"
        return f"{first} and {self.compile_value(left, at, SUM)} {now} {self.compile_value(right, at, SUM)}", AND

    def compile_trend(self, node: Function, at: BarOffset) -> tuple[str, int]:
        source, bars = node.arguments
        sign = ">" if node.name == "rising" else "<"
        if isinstance(bars, Number) and not bars.name and bars.value == 1:
            return f"{self.compile_value(source, at, SUM)} {sign} {self.compile_value(source, at.earlier(1), SUM)}", COMPARISON
        loop = "ijklmn"[self.loops % 6]
        self.loops += 1
        amount = self.compile_value(bars, at)
        looped = at.add_loop(loop, amount if not isinstance(bars, Number) or bars.name else int(bars.value))
        text = f"{self.compile_value(source, looped, SUM)} {sign} {self.compile_value(source, looped.earlier(1), SUM)}"
        self.loops -= 1
        return f"all({text} for {loop} in range({amount}))", ATOM

    def compile_count(self, node: Function, at: BarOffset) -> tuple[str, int]:
        condition = node.arguments[0]
        seen = self.remember("seen", condition, self.compile_value(condition, BarOffset(feed=at.feed, outer=at.outer)))
        self.helpers.add(node.name)
        amount = f", {self.compile_value(node.arguments[1], at)}" if node.name == "count" else ""
        ago = "" if at.bars == "0" else f", ago={at.bars}"
        return f"{node.name}(self.{seen}{amount}{ago})", ATOM

    def compile_sequence(self, node: Function, at: BarOffset) -> tuple[str, int]:
        *steps, within = node.arguments
        self.helpers.add("past")
        before = ""
        for number, step in enumerate(steps):
            text = self.compile_value(step, BarOffset(feed=at.feed, outer=at.outer), AND + 1 if number else TERNARY)
            if number:
                text = f"{text} and 1 in self.{before}[-{self.compile_value(within, at)} - 1:-1]"
            before = self.remember("seen", Function("sequence", (*steps[: number + 1], within)) if number else step, text)
        return f"past(self.{before}, {at.bars}) == 1", COMPARISON

    def compile_kept_value(self, node: Function, at: BarOffset) -> tuple[str, int]:
        condition, source = (self.compile_value(part, BarOffset(feed=at.feed, outer=at.outer), PRODUCT) for part in node.arguments)
        name = f"kept_{len(self.memory) + 1}"
        known = self.memory.get(("kept", node), name)
        otherwise = f"past(self.{known}, 0)"
        if node.name == "sum_since":
            otherwise = f"{otherwise} + {source}"
        elif node.name != "value_when":
            otherwise = f"{'max' if node.name == 'highest_since' else 'min'}({otherwise}, {source})"
        kept = self.remember("kept", node, f"{source} if {condition} else {otherwise}")
        self.helpers.add("past")
        return f"past(self.{kept}, {at.bars})", ATOM


def name_attribute(operand: str) -> str:
    """Name the attribute that holds an operand of the trade; a strategy has a `position` of its own."""
    return {"position": "side_held", "setup": "setup_held"}.get(operand, operand)
