"""One function for all that happens to lines on one bar: each known building block becomes a line of Python, in Backtrader's own order.

The values are those of the blocks' `next()`, to the last bit: the same operations on the same numbers. A block that is not known here
keeps its own `next()`, called in its turn. Imports Backtrader.
"""

import functools
import math
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backtrader import functions, linebuffer
from backtrader.indicators import basicops, crossover
from backtrader.linebuffer import LineBuffer, PseudoArray
from backtrader.lineroot import LineRoot

from core.backtest.building_blocks import BEFORE_VALUES, SIGNS
from core.backtest.schedule import Step, find_targets, line_of

_FILE = "<bar>"


@dataclass(slots=True)
class _Writer:
    """The function's text as it grows, and the objects that it names."""

    names: dict[str, Any] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    owners: dict[int, Any] = field(default_factory=dict)
    """Line of the text to the block that it computes."""
    written: frozenset[int] = frozenset()
    """Lines that get their one value of the bar from a block, so that they need no empty place before."""
    _grown: set[int] = field(default_factory=set)
    """Those of them that have it already, as far as the text goes."""
    _known: dict[int, str] = field(default_factory=dict)

    def read(self, line: Any, ago: int = 0) -> str:
        """A line's value some bars before; it has no place for this bar yet when a later block is going to write it."""
        waits = id(line) in self.written and id(line) not in self._grown
        return f"{self.name(line.array)}[{ago - 1 + waits}]" if ago or not waits else "nan"

    def write(self, line: Any, value: str, owner: Any) -> None:
        """Give a line its value of this bar."""
        place = self.name(line.array)
        self.add(f"{place}.append({value})" if id(line) in self.written else f"{place}[-1] = {value}", owner)
        self._grown.add(id(line))

    def has_grown(self, line: Any) -> bool:
        """Tell whether a line has a place for this bar, as far as the text goes."""
        return id(line) not in self.written or id(line) in self._grown

    def name(self, thing: Any) -> str:
        """A name for an object inside the function; the same one each time."""
        if id(thing) not in self._known:
            self._known[id(thing)] = f"v{len(self._known)}"
            self.names[self._known[id(thing)]] = thing
        return self._known[id(thing)]

    def add(self, line: str, owner: Any = None) -> None:
        """One more line of the function."""
        self.text.append(line)
        self.owners[len(self.text) + 1] = owner


@dataclass(frozen=True, slots=True)
class CompiledSteps:
    """All that happens to the lines of indicators on one bar."""

    run: Callable[[], None]
    """Raises what the block whose turn it is raises, from the block itself."""
    left_to_backtrader: tuple[str, ...]
    """Class names of the blocks that keep their own `next()`."""


def compile_steps(steps: Sequence[Step]) -> CompiledSteps:
    """Compile what happens on a bar. Every line hangs on a clock that has moved on; none of them has grown yet."""
    writer, left = _choose_writer(steps, {})
    return CompiledSteps(_build(writer, ""), tuple(left))


def compile_given(
    steps: Sequence[Step], places: Mapping[int, int], late: Collection[int], touched: list[bool]
) -> Callable[..., int | None]:
    """Compile what happens on a bar that comes with values: those of the blocks in `places` (by id) are only put into their lines.

    The function takes the values in their order, without those that go into no other lines than `late` ones (by id), which it leaves out.
    `touched` is filled when somebody writes to a line whose values are given; when that was a block with a `next()` of its own, the
    function gives the number of steps that are done, and the others have to be computed here. It gives None when all are.
    """
    kept = [(tuple(line for line in lines if id(line) not in late), item) for lines, item in steps]
    writer, _ = _choose_writer(kept, places, late)
    writer.names["touched"] = touched
    return _build(writer, "row")  # type: ignore[no-any-return]


def _choose_writer(steps: Sequence[Step], places: Mapping[int, int], late: Collection[int] = ()) -> tuple[_Writer, list[str]]:
    writer, left = _write_steps(steps, frozenset(), places, late)
    if not left:
        shorter, missing = _write_steps(steps, _find_written(steps), places, late)
        writer = writer if missing else shorter
    return writer, left


def _write_steps(
    steps: Sequence[Step], written: frozenset[int], places: Mapping[int, int], late: Collection[int]
) -> tuple[_Writer, list[str]]:
    """The function's text, and the class names of the blocks that are not known."""
    writer, left = _Writer(written=written), []
    if places:
        writer.add(_unpack_row(steps, places, late))
    for line in (line for lines, _ in steps for line in lines if id(line) not in written):
        writer.add(f"{writer.name(line.array)}.append(nan)")  # all of them first, as `schedule.grow` does
    for number, (_, item) in enumerate(steps, 1):
        place = None if item is None else places.get(id(item))
        expression = f"r{place}" if place is not None else None if item is None else _express(item, writer)
        if expression is not None:
            _write_value(item, expression, writer, owner=item if place is None else None, late=late)
        elif item is not None:
            left.append(type(item).__name__)
            writer.add(f"{writer.name(item)}.next()")
            if places:
                writer.add(f"if touched: return {number}")
    return writer, left


def _unpack_row(steps: Sequence[Step], places: Mapping[int, int], late: Collection[int]) -> str:
    used = [places[id(item)] for _, item in steps if item is not None and id(item) in places and list_prompt_targets(item, late)]
    return f"({', '.join(['_'] * BEFORE_VALUES + [f'r{place}' for place in sorted(used)])},) = row"


def list_prompt_targets(item: Any, late: Collection[int]) -> list[Any]:
    """The lines that a block writes to, without `late` ones (by id)."""
    return [target for target in find_targets(line_of(item)) if id(target) not in late]


def _find_written(steps: Sequence[Step]) -> frozenset[int]:
    """Lines that get their one value of the bar from a block, so that they need no empty place before."""
    counts: dict[int, int] = {}
    for _, item in steps:
        for line in [] if item is None else find_targets(line_of(item)):
            counts[id(line)] = counts.get(id(line), 0) + 1
    grown = {id(line) for lines, _ in steps for line in lines}
    return frozenset(number for number, count in counts.items() if count == 1 and number in grown)


def _write_value(item: Any, expression: str, writer: _Writer, *, owner: Any, late: Collection[int]) -> None:
    targets = list_prompt_targets(item, late)
    if len(targets) > 1 and owner is not None:
        writer.add(f"x = {expression}", owner)
        expression = "x"
    for target in targets:
        writer.write(target, expression, owner)


def _build(writer: _Writer, taken: str) -> Any:
    """The function of the text, and the name of what it takes."""
    names = {**writer.names, "nan": math.nan, "fsum": math.fsum, "mul": operator.mul, "cmp": functions.cmp}
    head = f"def step({', '.join([*filter(None, [taken]), *(f'{name}={name}' for name in names)])}):"
    exec(compile("\n ".join([head, *(writer.text or ["pass"])]), _FILE, "exec"), names)
    step: Callable[..., Any] = names["step"]

    def run(*row: Sequence[float]) -> Any:
        try:
            return step(*row)
        except Exception as error:
            _raise_from_block(error, writer)
            raise

    return run if any(owner is not None for owner in writer.owners.values()) else step


def _raise_from_block(error: Exception, writer: _Writer) -> None:
    """Let the block raise the error itself, as it does without compiling: whoever explains it looks at the block's own frame."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != _FILE:
        trace = trace.tb_next
    owner = None if trace is None else writer.owners.get(trace.tb_lineno)
    if owner is None:
        return
    for line in find_targets(line_of(owner)):
        if len(line.array) < len(line):
            line.array.append(math.nan)
    owner.next()


def _express(item: Any, writer: _Writer) -> str | None:
    """The value of a block on this bar, as an expression; None when the block is not known."""
    stock = getattr(type(item), "next", None)
    for owner, express in _EXPRESSIONS.items():
        if stock is owner.__dict__["next"]:
            return express(item, writer)
    return None


def _last(source: Any, writer: _Writer, ago: int = 0) -> str | None:
    """The newest value of a line, or of one some bars before; of a constant that takes a line's place, the constant."""
    if isinstance(source, PseudoArray):
        return writer.name(source.wrapped)
    if not isinstance(source, LineRoot):
        return None
    line = source if isinstance(source, LineBuffer) else source.lines.lines[0]
    return None if line.mode else writer.read(line, ago)


def _express_delay(item: Any, writer: _Writer) -> str | None:
    return _last(item.a, writer, item.ago) if item.ago <= 0 else None


def _express_operation(item: Any, writer: _Writer) -> str | None:
    sign = SIGNS.get(item.operation)
    if sign is None or item.btime:
        return None
    parts = []
    for part in (item.a, item.b):
        parts.append(_last(part, writer) if isinstance(part, LineBuffer) else writer.name(part))
    return None if None in parts else f"{parts[0]} {sign} {parts[1]}"


def _express_own(item: Any, writer: _Writer) -> str | None:
    value = _last(item.a, writer)
    if value is None or item.operation not in (operator.__abs__, operator.__neg__):
        return None
    return f"-{value}" if item.operation is operator.__neg__ else f"abs({value})"


def _express_division(item: Any, writer: _Writer) -> str | None:
    left, right = _last(item.a, writer), _last(item.b, writer)
    return None if left is None or right is None else f"{left} / {right} if {right} else {writer.name(item.zero)}"


def _express_division_of_zero(item: Any, writer: _Writer) -> str | None:
    left, right = _last(item.a, writer), _last(item.b, writer)
    if left is None or right is None:
        return None
    defaults = f"({writer.name(item.dual)} if {left} == 0.0 else {writer.name(item.single)})"
    return f"{defaults} if {right} == 0.0 else {left} / {right}"


def _express_comparison(item: Any, writer: _Writer) -> str | None:
    left, right = _last(item.a, writer), _last(item.b, writer)
    return None if left is None or right is None else f"cmp({left}, {right})"


def _express_choice(item: Any, writer: _Writer) -> str | None:
    one, other, condition = (_last(part, writer) for part in (item.a, item.b, item.cond))
    return None if one is None or other is None or condition is None else f"{one} if {condition} else {other}"


def _express_logic(item: Any, writer: _Writer) -> str | None:
    parts = [_last(part, writer) for part in item.args]
    if None in parts:
        return None
    logic = item.flogic
    words = {functions._andlogic: "and", functions._orlogic: "or"}
    if isinstance(logic, functools.partial) and logic.func is functools.reduce and not logic.keywords and len(logic.args) == 1:
        word = words.get(logic.args[0])
        if word is not None and len(parts) > 1:
            return functools.reduce(lambda one, other: f"bool({one} {word} {other})", map(str, parts))
    return f"{writer.name(logic)}([{', '.join(map(str, parts))}])"


def _window(item: Any, writer: _Writer) -> str | None:
    period = item.p.period
    line = item.data if isinstance(item.data, LineBuffer) else item.data.lines.lines[0]
    plain = type(period) is int and period > 0 and not line.mode and writer.has_grown(line)
    return f"{writer.name(line.array)}[-{period}:]" if plain else None


def _express_average(item: Any, writer: _Writer) -> str | None:
    window = _window(item, writer)
    return None if window is None else f"fsum({window}) / {item.p.period}"


def _express_window(item: Any, writer: _Writer) -> str | None:
    window = _window(item, writer)
    return None if window is None else f"{writer.name(item.func)}({window})"


def _own(item: Any, writer: _Writer) -> str:
    """The value of the block's line on the bar before."""
    return writer.read(item.lines.lines[0], -1)


def _express_smoothing(item: Any, writer: _Writer) -> str | None:
    value = _last(item.data, writer)
    if value is None or type(item.alpha) is not float or type(item.alpha1) is not float:
        return None
    return f"{_own(item, writer)} * {writer.name(item.alpha1)} + {value} * {writer.name(item.alpha)}"


def _express_sum(item: Any, writer: _Writer) -> str | None:
    value = _last(item.data, writer)
    return None if value is None else f"{_own(item, writer)} + {value}"


def _express_weighted(item: Any, writer: _Writer) -> str | None:
    window = _window(item, writer)
    return None if window is None else f"{writer.name(item.p.coef)} * fsum(map(mul, {window}, {writer.name(item.p.weights)}))"


def _express_difference(item: Any, writer: _Writer) -> str | None:
    one, other = _last(item.data0, writer), _last(item.data1, writer)
    return None if one is None or other is None else f"({one} - {other}) or {_own(item, writer)}"


_EXPRESSIONS: dict[Any, Callable[[Any, _Writer], str | None]] = {
    linebuffer._LineDelay: _express_delay,
    linebuffer.LinesOperation: _express_operation,
    linebuffer.LineOwnOperation: _express_own,
    functions.DivByZero: _express_division,
    functions.DivZeroByZero: _express_division_of_zero,
    functions.Cmp: _express_comparison,
    functions.If: _express_choice,
    functions.MultiLogic: _express_logic,
    basicops.Average: _express_average,
    basicops.OperationN: _express_window,
    basicops.ExponentialSmoothing: _express_smoothing,
    basicops.Accum: _express_sum,
    basicops.WeightedAverage: _express_weighted,
    crossover.NonZeroDifference: _express_difference,
}
"""By the class whose `next()` it is."""
