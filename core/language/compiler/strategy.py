"""The file that a workflow compiles to, put together: header, own classes, and one strategy."""

import builtins
import keyword
import re
from collections.abc import Mapping

from core.domain.errors import Problem, WorkflowError
from core.domain.workflow import Section, Workflow
from core.language.checker import require_valid
from core.language.compiler.series import At, Series
from core.language.compiler.support import CLASSES as SUPPORT
from core.language.compiler.support import HELPERS
from core.language.compiler.trading import Trading
from core.language.definition import Condition, Definition, read_definition
from core.language.explainer import row_sentences
from core.language.indicators import CLASSES
from core.language.naming import Named, name_parameters
from core.language.nodes import Higher, walk
from core.language.timeframes import HIGHER_TIMEFRAMES

SIGNALS = (Section.ENTRY_LONG, Section.EXIT_LONG, Section.ENTRY_SHORT, Section.EXIT_SHORT)
"""Sections whose combined signal is kept under its own name."""


def compile_workflow(workflow: Workflow, values: Mapping[str, float] | None = None, *, signals: bool = False) -> str:
    """Backtrader source of a workflow: one strategy class that trades as the rows say.

    `values` replaces parameters by name (see `parameters`). With `signals` the strategy also keeps `self.signals`: for each row id, and
    for each of entry_long, exit_long, entry_short and exit_short, a bytearray with one 0 or 1 for every bar of the run.
    Raises WorkflowError when the workflow has errors or a value does not belong to it.
    """
    require_valid(workflow)
    definition, _ = read_definition(workflow)
    named = name_parameters(definition)
    return _File(named, _checked(named, values or {}), signals).text()


def _checked(named: Named, values: Mapping[str, float]) -> dict[str, float]:
    """Every parameter's value: the given one, else the analyst's own."""
    known = {parameter.name: parameter for parameter in named.parameters}
    problems = [
        Problem(message=f"`{name}` is not a parameter of this workflow.", remedy=f"It has {', '.join(known) or 'none'}.")
        for name in values
        if name not in known
    ]
    if problems:
        raise WorkflowError(tuple(problems))
    chosen = {}
    for name, parameter in known.items():
        value = float(values.get(name, parameter.default))
        chosen[name] = float(round(value)) if parameter.integer else value
    return chosen


class _File:
    """Collects the parts of one compiled file."""

    def __init__(self, named: Named, values: dict[str, float], signals: bool) -> None:
        self.named = named
        self.definition: Definition = named.definition
        self.values = values
        self.signals = signals
        self.feeds = _feeds(self.definition)
        self.series = Series(named, self.feeds)
        self.names = _row_names(self.definition)
        self.sentences = row_sentences(self.definition)
        self.rows = self.row_lines()
        self.trading = Trading(self.definition, self.series)

    def text(self) -> str:
        body = self.methods()
        parts = [self.header(), "import math\n\nimport backtrader as bt\n"]
        parts += [HELPERS[name] for name in HELPERS if name in self.series.helpers]
        parts += [(SUPPORT | dict(CLASSES))[name] for name in self.series.classes]
        return "\n\n".join([*parts, body]).replace("\n\n\n\n", "\n\n\n")

    def header(self) -> str:
        workflow = self.definition.workflow
        lines = [_comment(workflow.name)]
        lines += (
            ["#", *(_comment(line) for line in workflow.description.splitlines() if line.strip())] if workflow.description.strip() else []
        )
        lines += [
            "#",
            "# Compiled from the workflow's rows, without a model. Signals are read on a bar's close; market orders fill on the next open.",
        ]
        return "\n".join(lines) + "\n"

    # ------------------------------------------------------------------ the class

    def methods(self) -> str:
        next_method = self.next_method()
        blocks = [self.params(), self.init_method(), *self.warmup_methods(), next_method]
        blocks += [
            self.trading.sizing(),
            self.trading.entering(),
            self.trading.leaving(),
            self.trading.protecting(),
            self.trading.notifying(),
        ]
        lines = [f"class {_class_name(self.definition.workflow.name)}(bt.Strategy):"]
        for block in blocks:
            if block:
                lines += [f"    {line}".rstrip() for line in block] + [""]
        return "\n".join(lines).rstrip() + "\n"

    def params(self) -> list[str]:
        lines = [f'"""{_plain(self.definition.workflow.name)}"""', ""]
        if self.feeds:
            lines += [f"timeframes = ({', '.join(repr(frame) for frame in self.feeds)},)", ""]
        lines += ["params = dict("]
        for parameter in self.named.parameters:
            value = self.values[parameter.name]
            shown = str(int(value)) if parameter.integer else repr(value)
            lines.append(f"    {parameter.name}={shown},  # {_plain(parameter.row)}")
        lines += [f"    {name}={value!r},  # {comment}" for name, (value, comment) in self.trading.constants.items()]
        return [*lines, ")"]

    def init_method(self) -> list[str]:
        lines = ["def __init__(self):", *(f"    {line}" for line in self.series.lines)]
        lines += [f"    self.{name} = {'bytearray()' if sort == 'seen' else '[]'}" for (sort, _), name in self.series.memory.items()]
        lines += [f"    self.{name} = bytearray()" for name in self.within_names()]
        lines += [f"    self.{name} = math.nan" for name in sorted(self.series.positions)]
        lines += [f"    {line}" for line in self.trading.setup]
        if self.trading.protects:
            lines += ["    self.resting, self.wanted = [], None"]
            lines += ["    self.stop_at = self.risk = None"] if self.trading.stops else []
        if self.signals:
            lines += [f"    self.signals = {{name: bytearray() for name in {tuple(self.signal_names())!r}}}"]
        if self.lookback():
            lines += ["    self.ready = 0"]
        return lines if len(lines) > 1 else [*lines, "    pass"]

    def within_names(self) -> list[str]:
        return [f"seen_{self.names[item.row.id]}" for item in self.definition.conditions if item.row.within > 1]

    def lookback(self) -> str:
        """Bars that must have been seen before the first signal, as Python; empty when one is enough."""
        terms = sorted(
            set(self.series.lookback.get(0, ())), key=lambda term: (not term.isdigit(), int(term) if term.isdigit() else 0, term)
        )
        plain = [int(term) for term in terms if term.isdigit()]
        others = [term for term in terms if not term.isdigit()]
        if not terms:
            return ""
        if not others:
            return str(max(plain))
        return others[0] if len(others) == 1 and not plain else f"max({', '.join([*(str(max(plain)) for _ in plain[:1]), *others])})"

    def warmup_methods(self) -> list[list[str]]:
        if not self.signals:
            return []
        return [["def prenext(self):", '    """No signal before every indicator has its first value."""', "    self.keep({})"]]

    def next_method(self) -> list[str]:
        lines = ["def next(self):"]
        if lookback := self.lookback():
            silent = ["        self.keep({})"] if self.signals else []
            lines += ["    self.ready += 1", f"    if self.ready <= {lookback}:  # the rows look back", *silent, "        return"]
        if self.series.uses_now:
            lines += ["    now = self.data.datetime.datetime(0)"]
        lines += [f"    {line}" for line in (*self.trading.updates, *self.series.records)]
        lines += [f"    {line}" for line in self.rows]
        lines += [f"    {line}" for line in self.combined()]
        if self.signals:
            pairs = ", ".join(f"{name!r}: {value}" for name, value in self.signal_values().items())
            lines += [f"    self.keep({{{pairs}}})"]
        lines += [f"    {line}" for line in self.acting()]
        if self.signals:
            lines += ["", "def keep(self, values):", '    """Remember what was true on this bar."""']
            lines += ["    for name, seen in self.signals.items():", "        seen.append(bool(values.get(name, False)))"]
        return lines

    def row_lines(self) -> list[str]:
        """One comment and one assignment for each condition row."""
        lines: list[str] = []
        for item in self.definition.conditions:
            lines += self.row(item)
        for instruction in self.definition.instructions:
            lines.append(_comment(f"{instruction.row.id} ({instruction.row.section.value}): {self.sentences[instruction.row.id]}"))
        return lines

    def row(self, item: Condition) -> list[str]:
        name = self.names[item.row.id]
        lines = [_comment(f"{item.row.id} ({item.row.section.value}): {self.sentences[item.row.id]}")]
        lines.append(f"{name} = {self.series.value(item.node, At())}")
        if item.row.within > 1:
            lines += [f"self.seen_{name}.append({name})", f"{name} = 1 in self.seen_{name}[-{item.row.within}:]"]
        return lines

    def combined(self) -> list[str]:
        """The signals: groups OR-ed, rows of a group AND-ed, filters on top of every entry."""
        allowed = self.joined(Section.FILTER)
        lines = [f"allowed = {allowed}"] if allowed else []
        for section in self.traded():
            text = self.joined(section) or "False"
            entry = section in (Section.ENTRY_LONG, Section.ENTRY_SHORT)
            if allowed and entry and text != "False":
                text = f"allowed and ({text})" if " or " in text else f"allowed and {text}"
            lines.append(f"{section.value} = {text}")
        return lines

    def traded(self) -> tuple[Section, ...]:
        longs = (Section.ENTRY_LONG, Section.EXIT_LONG) if self.trading.longs else ()
        return longs + ((Section.ENTRY_SHORT, Section.EXIT_SHORT) if self.trading.shorts else ())

    def joined(self, section: Section) -> str:
        groups = [" and ".join(self.names[item.row.id] for item in group) for group in self.definition.groups(section).values()]
        return " or ".join(groups)

    def signal_names(self) -> list[str]:
        return [*(item.row.id for item in self.definition.conditions), *(section.value for section in SIGNALS)]

    def signal_values(self) -> dict[str, str]:
        rows = {item.row.id: self.names[item.row.id] for item in self.definition.conditions}
        return rows | {section.value: section.value for section in self.traded()}

    def acting(self) -> list[str]:
        """What is done with the signals."""
        trading = self.trading
        leave = "self.leave()" if trading.protects else "self.close()"
        protect = ["else:", "    self.protect()"] if trading.protects else []
        must = " or ".join(trading.leave_when)
        may = " and ".join(trading.enter_when)
        lines = [f"must_leave = bool(self.position) and {f'({must})' if ' or ' in must else must}"] if must else []
        if trading.longs and trading.shorts:
            return lines + self.both_sides(leave, bool(must), may, bool(protect))
        side = "long" if trading.longs else "short"
        leaving = f"exit_{side}" + (" or must_leave" if must else "")
        lines += ["if self.position:", f"    if {leaving}:", f"        {leave}", *(f"    {line}" for line in protect)]
        gate = f" and {may}" if may else ""
        return [*lines, f"elif entry_{side} and not exit_{side}{gate}:", f"    self.enter({1 if side == 'long' else -1})"]

    def both_sides(self, leave: str, must: bool, may: str, protects: bool) -> list[str]:
        gate = f" and {may}" if may else ""
        forced = " or must_leave" if must else ""
        lines = [
            f"go_long = entry_long and not exit_long and not entry_short{gate}",
            f"go_short = entry_short and not exit_short and not entry_long{gate}",
            "if self.position.size > 0:",
            f"    if exit_long or go_short{forced}:",
            f"        {leave}",
            "        if go_short:",
            "            self.enter(-1)",
            *(["    else:", "        self.protect()"] if protects else []),
            "elif self.position.size < 0:",
            f"    if exit_short or go_long{forced}:",
            f"        {leave}",
            "        if go_long:",
            "            self.enter(1)",
            *(["    else:", "        self.protect()"] if protects else []),
        ]
        return [*lines, "elif go_long:", "    self.enter(1)", "elif go_short:", "    self.enter(-1)"]


def _feeds(definition: Definition) -> tuple[str, ...]:
    found = {part.timeframe for item in definition.conditions for part in walk(item.node) if isinstance(part, Higher)}
    found |= {
        part.timeframe
        for item in definition.instructions
        for node in item.values.values()
        for part in walk(node)
        if isinstance(part, Higher)
    }
    return tuple(frame for frame in HIGHER_TIMEFRAMES if frame in found)


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


LANGUAGE_WORDS = "bt math self now allowed must_leave go_long go_short ratio remainder power square_root logarithm sign past count since"
RESERVED = frozenset((*keyword.kwlist, *dir(builtins), *LANGUAGE_WORDS.split(" "), *(section.value for section in Section)))
"""Names that a row's variable must not take."""


def _class_name(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name)
    joined = "".join(word[0].upper() + word[1:] for word in words)[:60]
    if not joined or joined[0].isdigit():
        joined = f"Workflow{joined}"
    return joined if joined.endswith("Strategy") else f"{joined}Strategy"


def _plain(text: str) -> str:
    """Text that can stand in a comment or a docstring: one line, printable, without quotes' tricks."""
    cleaned = "".join(char if char.isprintable() else " " for char in text).replace("\\", "/").replace('"', "'")
    return " ".join(cleaned.split())[:300]


def _comment(text: str) -> str:
    return f"# {_plain(text)}"
