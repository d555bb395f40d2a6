"""The file that a workflow compiles to, put together: header, own classes, and one strategy."""

import builtins
import keyword
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from core.domain.errors import Problem, WorkflowError
from core.domain.instrument import Instrument
from core.domain.workflow import Section, Workflow
from core.language.analysis.checker import require_valid
from core.language.analysis.instruments import find_other_symbols
from core.language.analysis.parameters import NamedDefinition, name_parameters
from core.language.compiler.bar_offset import BarOffset
from core.language.compiler.hours import COMMENTS, Hours, read_hours
from core.language.compiler.limits import add_limits
from core.language.compiler.operands import add_operands
from core.language.compiler.orders import Orders
from core.language.compiler.plan import StrategyPlan
from core.language.compiler.protection import Protection
from core.language.compiler.running_numbers import show_running_numbers
from core.language.compiler.series import CLASS_SOURCES
from core.language.compiler.sizing import add_sizing
from core.language.compiler.support import HELPERS
from core.language.compiler.values import ExpressionCompiler
from core.language.rendering.explainer import explain_rows
from core.language.syntax.definition import FIRST_GROUP, Condition, Definition, read_definition
from core.language.syntax.nodes import HigherTimeframe, PositionOperand, walk
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES

KEPT_WORKFLOWS = 64
"""Workflows that are kept as they were read: a sweep compiles one of them hundreds of times."""
SIGNALS = (Section.ENTRY_LONG, Section.EXIT_LONG, Section.ENTRY_SHORT, Section.EXIT_SHORT)
"""Sections whose combined signal is kept under its own name."""


def compile_workflow(
    workflow: Workflow,
    values: Mapping[str, float] | None = None,
    *,
    signals: bool = False,
    instrument: Instrument | None = None,
    several: bool = False,
) -> str:
    """Backtrader source of a workflow: one strategy class that trades as the rows say.

    `values` replaces parameters by name (see `parameters`). With `signals` the strategy also keeps `self.signals`: for each row id, and
    for each of entry_long, exit_long, entry_short and exit_short, a bytearray with one 0 or 1 for every bar of the run.
    `instrument` tells when its trading day begins and its session opens and ends, as entries of `params` where rows need them; without it
    the code learns the session from the bars, and a day is a date. `several` says that the run has further instruments, on whose moments
    nothing is decided; it is so anyway where a row reads one.
    Raises WorkflowError when the workflow has errors or a value does not belong to it.
    """
    named, sentences = _read_once(workflow)
    return _File(named, sentences, _check_values(named, values or {}), signals, read_hours(instrument), several).text()


@lru_cache(maxsize=KEPT_WORKFLOWS)
def _read_once(workflow: Workflow) -> tuple[NamedDefinition, Mapping[str, str]]:
    """Check and read a workflow, and say its rows, once for all numbers that it is compiled with. Raises WorkflowError, each time anew."""
    require_valid(workflow)
    definition, _ = read_definition(workflow)
    named = name_parameters(definition)
    return named, MappingProxyType(explain_rows(named.definition, by_name=False))


def _check_values(named: NamedDefinition, values: Mapping[str, float]) -> dict[str, float]:
    """Every parameter's value: the given one, else the analyst's own."""
    known = {parameter.name: parameter for parameter in named.parameters}
    remedy = f"It has {', '.join(known) or 'none'}."
    problems = [Problem(message=f"`{name}` is not a parameter of this workflow.", remedy=remedy) for name in values if name not in known]
    if problems:
        raise WorkflowError(tuple(problems))
    chosen = {}
    for name, parameter in known.items():
        value = float(values.get(name, parameter.default))
        if not math.isfinite(value) or (parameter.integer and round(value) < min(1, parameter.default)):
            remedy = f"It goes from {parameter.low:g} to {parameter.high:g}."
            raise WorkflowError((Problem(row=parameter.row, message=f"`{name}` cannot be {value:g}.", remedy=remedy),))
        chosen[name] = float(round(value)) if parameter.integer else value
    return chosen


class _File:
    """Collects the parts of one compiled file."""

    def __init__(
        self,
        named: NamedDefinition,
        sentences: Mapping[str, str],
        values: dict[str, float],
        signals: bool,
        hours: Hours,
        several: bool,
    ) -> None:
        self.named = named
        self.definition: Definition = named.definition
        self.values = values
        self.signals = signals
        self.feeds = _feeds(self.definition)
        self.others = find_other_symbols(self.definition)
        self.several = several or bool(self.others)
        self.expressions = ExpressionCompiler(named, self.feeds, self.others, hours, positions=_positions(self.definition))
        self.names = _row_names(self.definition)
        self.sentences = show_running_numbers(sentences, named.parameters, values)
        self.rows = self.row_lines()
        self.plan = StrategyPlan(self.definition, self.expressions)
        self.protection = Protection(self.plan)
        self.orders = Orders(self.plan, self.protection)
        add_limits(self.plan)
        add_sizing(self.plan, self.protection)
        self.trading = [*self.orders.build_methods(), *self.protection.build_methods(), *self.plan.methods]
        add_operands(self.plan, has_stop=bool(self.protection.stops))
        if self.plan.at_fill:
            self.plan.before_leaving[:0] = ["if self.position:", *(f"    {line}" for line in self.plan.at_fill)]
        if self.feeds:
            self.expressions.make_longer_bars()
        self.expressions.make_others()

    def text(self) -> str:
        body = self.strategy()
        imports = ["import math", *(["import datetime", "import zoneinfo"] if "zoned_time" in self.expressions.helpers else [])]
        parts = [self.header(opens="on_open=True" in body), "\n".join(sorted(imports)) + "\n\nimport backtrader as bt\n"]
        parts += [HELPERS[name] for name in HELPERS if name in self.expressions.helpers]
        parts += [CLASS_SOURCES[name] for name in self.expressions.classes]
        return parts[0] + "\n" + "\n\n".join([*parts[1:], body])

    def header(self, *, opens: bool) -> str:
        workflow = self.definition.workflow
        about = [_comment(line) for line in workflow.description.splitlines() if line.strip()]
        lines = [_comment(workflow.name), *(["#", *about] if about else []), "#"]
        lines.append(
            "# Compiled from the workflow's rows, without a model. Signals are read on a bar's close; market orders fill on the next open."
        )
        if opens:
            lines.append(
                "# An order with on_open=True fills at that opening or not at all. Plain Backtrader would let it wait for the whole day;"
            )
            lines.append("# a program that is exported from a run brings a broker that does.")
        if self.others:
            lines.append(
                f"# It reads {', '.join(self.others)} as well: plain Backtrader needs each of them as a feed of that name, for example"
            )
            lines.append(f'#     cerebro.adddata(feed, name="{self.others[0]}")')
        return "\n".join(lines) + "\n"

    # ------------------------------------------------------------------ the class

    def strategy(self) -> str:
        blocks = [self.params(), self.init_method(), *self.feed_methods(), *self.warmup_methods(), self.next_method()]
        blocks += [*self.trading, *self.orders.build_notify_methods(), *self.keep_method()]
        lines = [f"class {_class_name(self.definition.workflow.name)}(bt.Strategy):"]
        for block in blocks:
            lines += [f"    {line}".rstrip() for line in block] + [""]
        return "\n".join(lines).rstrip() + "\n"

    def params(self) -> list[str]:
        lines = [f'"""{_plain(self.definition.workflow.name)}"""', ""]
        lines += ["params = dict("]
        for parameter in self.named.parameters:
            value = self.values[parameter.name]
            shown = str(int(value)) if parameter.integer else repr(value)
            lines.append(f"    {parameter.name}={shown},  # {_plain(parameter.row)}")
        lines += [f"    {name}={value!r},  # {comment}" for name, (value, comment) in self.plan.constants.items()]
        lines += [
            f"    {name}={value:g},  # {COMMENTS[name]}"
            for name, value in self.expressions.hours.entries
            if name in self.expressions.day_entries
        ]
        return [*lines, ")"]

    def init_method(self) -> list[str]:
        lines = list(self.expressions.lines)
        lines += [f"self.{name} = {'bytearray()' if sort == 'seen' else '[]'}" for (sort, _), name in self.expressions.memory.items()]
        lines += [f"self.{name} = bytearray()" for name in self.within_names()]
        lines += self.plan.setup
        if self.signals:
            names = ", ".join(f"{name!r}: bytearray()" for name in self.signal_names())
            lines.append(f"self.signals = {{{names}}}")
        if self.lookback(0):
            lines.append("self.ready = 0")
        if self.several:
            lines.append("self.bars_seen = 0")
        if self.feeds:
            lines += [f"self.complete = {{{', '.join(f'{number}: []' for number in range(1, len(self.feeds) + 1))}}}"]
        return ["def __init__(self):", *(f"    {line}" for line in lines or ["pass"])]

    def within_names(self) -> list[str]:
        return [f"seen_{self.names[item.row.id]}" for item in self.definition.conditions if item.row.within > 1]

    def lookback(self, feed: int) -> str:
        """Bars that must have been seen before the first signal, as Python; empty when one is enough."""
        sums = self.expressions.lookback.get(feed, set())
        plain = max((terms[0] for terms in sums if len(terms) == 1 and isinstance(terms[0], int)), default=0)
        named = [terms for terms in sums if len(terms) > 1 or isinstance(terms[0], str)]
        longest = [terms for terms in named if not any(len(more) > len(terms) and more[: len(terms)] == terms for more in named)]
        others = sorted(" + ".join(map(str, terms)) for terms in longest)
        if not others:
            return str(plain) if plain else ""
        return others[0] if len(others) == 1 and not plain else f"max({', '.join([*([str(plain)] if plain else []), *others])})"

    # ------------------------------------------------------------------ higher timeframes

    def feed_methods(self) -> list[list[str]]:
        """Methods that see to it that only completed bars of longer timeframes are read."""
        if not self.feeds:
            return []
        note = [
            "def note_longer_bars(self):",
            '    """Count the completed bars of each longer timeframe."""',
            *(f"    self.complete[{number}].append(len(self.bars_{frame}))" for number, frame in enumerate(self.feeds, start=1)),
        ]
        lengths = ", ".join(f"{number}: self.bars_{frame}" for number, frame in enumerate(self.feeds, start=1))
        completed = [
            "def completed(self, feed, ago=0):",
            '    """Index of the last bar of a longer timeframe that was complete so many bars ago."""',
            f"    return self.complete[feed][-1 - ago] - len({{{lengths}}}[feed])"
            if len(self.feeds) > 1
            else f"    return self.complete[feed][-1 - ago] - len(self.bars_{self.feeds[0]})",
        ]
        return [note, completed]

    def own_bar_guard(self) -> list[str]:
        """Statements that leave a moment on which only another instrument has a bar."""
        if not self.several:
            return []
        return [
            "    if len(self.data) == self.bars_seen:  # a bar of another instrument only",
            *self.early_return(),
            "    self.bars_seen = len(self.data)",
        ]

    def warmup_methods(self) -> list[list[str]]:
        statements = self.own_bar_guard() if self.feeds or self.signals else []
        if self.feeds:
            statements += ["    self.note_longer_bars()"]
        if self.signals:
            statements += ["    self.keep({})"]
        return (
            [["def prenext(self):", '    """Nothing is traded before every indicator has its first value."""', *statements]]
            if statements
            else []
        )

    def early_return(self) -> list[str]:
        return ["        self.keep({})", "        return"] if self.signals else ["        return"]

    def guards(self) -> list[str]:
        """Statements that leave `next` while there is not enough to look back on."""
        lines = self.own_bar_guard()
        if self.feeds:
            lines += ["    self.note_longer_bars()"]
            tests = []
            for feed in range(1, len(self.feeds) + 1):
                back = self.lookback(feed)
                made = [f"self.{name}._minperiod" for (_, on), name in self.expressions.made.items() if on == feed]
                needed = (f"max({', '.join(made)})" if len(made) > 1 else made[0] if made else "1") + (f" + {back}" if back else "")
                tests.append(f"self.complete[{feed}][-1] < {needed}")
            lines += [f"    if {' or '.join(tests)}:", *self.early_return()]
        if lookback := self.lookback(0):
            lines += ["    self.ready += 1", f"    if self.ready <= {lookback}:  # the rows look back", *self.early_return()]
        for feed in range(len(self.feeds) + 1, len(self.feeds) + len(self.others) + 1):
            if back := self.lookback(feed):
                made = [f"self.{name}._minperiod" for (_, on), name in self.expressions.made.items() if on == feed]
                needed = (f"max({', '.join(made)})" if len(made) > 1 else made[0] if made else "1") + f" + {back}"
                lines += [f"    if len({self.expressions.data(feed)}) < {needed}:", *self.early_return()]
        return lines

    # ------------------------------------------------------------------ the bar

    def next_method(self) -> list[str]:
        lines = ["def next(self):", *self.guards()]
        if self.expressions.uses_now:
            lines += ["    now = self.data.datetime.datetime(0)"]
        for group in (self.plan.updates, self.expressions.records, self.rows, self.combined()):
            lines += [f"    {line}" for line in group]
        if self.signals:
            pairs = ", ".join(f"{name!r}: {value}" for name, value in self.signal_values().items())
            lines += [f"    self.keep({{{pairs}}})"]
        return [*lines, *(f"    {line}" for line in self.orders.build_trading_statements())]

    def keep_method(self) -> list[list[str]]:
        if not self.signals:
            return []
        lines = ["def keep(self, values):", '    """Remember what was true on this bar."""']
        return [[*lines, "    for name, seen in self.signals.items():", "        seen.append(bool(values.get(name, False)))"]]

    def row_lines(self) -> list[str]:
        """One comment and one assignment for each condition row; rules stand as comments where the table has them."""
        lines: list[str] = []
        for item in self.definition.conditions:
            lines += self.row(item)
        for instruction in self.definition.instructions:
            lines.append(_comment(f"{instruction.row.id} ({instruction.row.section.value}): {self.sentences[instruction.row.id]}"))
        return lines

    def row(self, item: Condition) -> list[str]:
        name = self.names[item.row.id]
        lines = [_comment(f"{item.row.id} ({item.row.section.value}): {self.sentences[item.row.id]}")]
        lines.append(f"{name} = {self.expressions.compile_value(item.node, BarOffset())}")
        if item.row.within > 1:
            lines += [f"self.seen_{name}.append({name})", f"{name} = 1 in self.seen_{name}[-{item.row.within}:]"]
        return lines

    def combined(self) -> list[str]:
        """The signals: groups OR-ed, rows of a group AND-ed, filters on top of every entry."""
        filters = self.definition.groups(Section.FILTER)
        lines = [f"allowed = {self.join_groups(Section.FILTER)}"] if filters else []
        for section in self.traded():
            entry, groups = section in (Section.ENTRY_LONG, Section.ENTRY_SHORT), self.definition.groups(section)
            text = self.join_groups(section) if groups else str(entry)
            if entry and filters:
                text = f"allowed and ({text})" if len(groups) > 1 else f"allowed and {text}" if groups else "allowed"
            lines.append(f"{section.value} = {text}")
            if entry and self.plan.has_setups:
                side = section.value.removeprefix("entry_")
                lines.append(f"self.setup_{side} = {self.build_setup_choice(section)}")
        return lines

    def build_setup_choice(self, section: Section) -> str:
        """Build the letter of the first group of entries that is true, as Python."""
        groups = list(self.definition.groups(section).items())
        text = f'"{groups[-1][0]}"' if groups else f'"{FIRST_GROUP}"'
        for letter, rows in reversed(groups[:-1]):
            text = f'"{letter}" if {" and ".join(self.names[item.row.id] for item in rows)} else {text}'
        return text

    def traded(self) -> tuple[Section, ...]:
        longs = (Section.ENTRY_LONG, Section.EXIT_LONG) if self.plan.opens_longs else ()
        return longs + ((Section.ENTRY_SHORT, Section.EXIT_SHORT) if self.plan.opens_shorts else ())

    def join_groups(self, section: Section) -> str:
        groups = [" and ".join(self.names[item.row.id] for item in group) for group in self.definition.groups(section).values()]
        return " or ".join(groups)

    def signal_names(self) -> list[str]:
        return [*(item.row.id for item in self.definition.conditions), *(section.value for section in SIGNALS)]

    def signal_values(self) -> dict[str, str]:
        rows = {item.row.id: self.names[item.row.id] for item in self.definition.conditions}
        return rows | {section.value: section.value for section in self.traded()}


def _feeds(definition: Definition) -> tuple[str, ...]:
    found = {part.timeframe for node in definition.nodes() for part in walk(node) if isinstance(part, HigherTimeframe)}
    return tuple(frame for frame in HIGHER_TIMEFRAMES if frame in found)


def _positions(definition: Definition) -> set[str]:
    return {part.name for node in definition.nodes() for part in walk(node) if isinstance(part, PositionOperand)}


def _row_names(definition: Definition) -> dict[str, str]:
    """A local variable for each condition row, close to its id."""
    names: dict[str, str] = {}
    for item in definition.conditions:
        base = re.sub(r"\W+", "_", item.row.id, flags=re.ASCII).strip("_").lower() or "row"
        base = f"row_{base}" if not base[0].isalpha() or base in RESERVED else base
        name, number = base, 2
        while name in names.values():
            name, number = f"{base}_{number}", number + 1
        names[item.row.id] = name
    return names


LOCAL_NAMES = "bt math self now date allowed must_leave may_enter go_long go_short reach moved"
RESERVED = frozenset((*keyword.kwlist, *dir(builtins), *LOCAL_NAMES.split(" "), *HELPERS, *(section.value for section in Section)))
"""Names that a row's variable must not take."""


def _class_name(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name)
    joined = "".join(word[0].upper() + word[1:] for word in words)[:60]
    if not joined or joined[0].isdigit():
        joined = f"Workflow{joined}"
    return joined if joined.endswith("Strategy") else f"{joined}Strategy"


def _plain(text: str) -> str:
    """Text that can stand in a comment or a docstring: one line, printable, without quotes' tricks."""
    printable = text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
    cleaned = printable.replace("\\", "/").replace('"', "'")
    return " ".join(cleaned.split())[:300]


def _comment(text: str) -> str:
    return f"# {_plain(text)}"
