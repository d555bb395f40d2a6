"""Checks of the workflow as a whole: ways in and out, one size, rules that have what they need."""

import re
from collections.abc import Iterator

from core.domain.errors import Problem, Severity
from core.domain.instrument import Timeframe
from core.domain.workflow import Direction, Measure, Section
from core.language.analysis.deposits import find_deposit_problems
from core.language.catalogue.rules import ENTRIES, EXITS, PRICE_ORDERS
from core.language.syntax.definition import FIRST_GROUP, Definition, Instruction
from core.language.syntax.nodes import PositionOperand, walk

STOPS = ("stop_loss", "trailing_stop")
SIZES = ("position_size", "risk_per_trade", "volatility_target", "kelly")
BY_SETUP = frozenset((*SIZES, *STOPS, "take_profit", "break_even", "partial_exit", "time_stop"))
"""Rules that can differ between groups of entries."""


_PLAIN_GROUP = re.compile(r"[A-Za-z0-9_]{1,20}")
"""A letter, or a word of letters and digits, which cannot be anything else where it stands in code."""


def find_structure_problems(definition: Definition, *, unread: bool) -> Iterator[Problem]:
    """Find problems of the whole; `unread` says that some rows could not be read, so that nothing is claimed to be missing."""
    yield from _names(definition)
    yield from _directions(definition)
    if not unread:
        yield from _check_entries_and_exits(definition)
    yield from _sizes(definition)
    yield from _rules(definition)
    yield from _orders(definition)
    yield from find_deposit_problems(definition)


def _names(definition: Definition) -> Iterator[Problem]:
    """Ids and groups stand in the code as they are: an id within a line of it, a group as a text and in a name."""
    letters = definition.asks_setup
    for row in definition.workflow.rows:
        if not row.enabled:
            continue
        if not row.id.isprintable():
            message = "the id has a line break, or a sign that cannot be shown."
            yield Problem(row=row.id, column="id", message=message, remedy="Give it a short unique id such as `r1`.")
        if not _PLAIN_GROUP.fullmatch(row.group):
            message = f"the group {row.group[:40]!a} is no letter."
            remedy = "Rows of one group have the same letter, A to Z: they must all be true; of several groups one is enough."
            yield Problem(row=row.id, column="group", message=message, remedy=remedy)
        elif letters and row.section in ENTRIES and not ("A" <= row.group <= "Z" and len(row.group) == 1):
            message = f"the group {row.group} is no letter, and `setup` asks for one."
            yield Problem(row=row.id, column="group", message=message, remedy="Give the group a letter, A to Z, as in `setup is B`.")


def _directions(definition: Definition) -> Iterator[Problem]:
    direction = definition.workflow.direction
    for row in definition.workflow.rows:
        if not row.enabled:
            continue
        wrong = {Direction.LONG_ONLY: "short", Direction.SHORT_ONLY: "long"}.get(direction, "none")
        if row.section.value.endswith(f"_{wrong}"):
            message = f"a {wrong} row in a workflow that is {direction.value.replace('_', ' ')}."
            yield Problem(row=row.id, column="section", message=message, remedy="Set the direction to long_short, or remove the row.")


def has_trigger(definition: Definition, section: Section) -> bool:
    """True when a condition row or a price order acts in that section."""
    ordered = any(item.row.section is section for item in definition.rules(*PRICE_ORDERS))
    return bool(definition.section(section)) or ordered


def _has_exit(definition: Definition, section: Section) -> bool:
    ordered = any(item.row.section is section for item in definition.rules(*PRICE_ORDERS))
    by_risk = any(item.rule.exits and item.row.section is Section.RISK for item in definition.instructions)
    return bool(definition.section(section)) or ordered or by_risk


def _check_entries_and_exits(definition: Definition) -> Iterator[Problem]:
    direction = definition.workflow.direction
    long, short = (has_trigger(definition, section) for section in ENTRIES)
    if not long and not short:
        wanted = Section.ENTRY_SHORT if direction is Direction.SHORT_ONLY else Section.ENTRY_LONG
        yield Problem(column="rows", message="there is no entry row.", remedy=f"Add a row to the section {wanted.value}.")
    waits = {item.row.section for item in definition.rules(*PRICE_ORDERS)}
    for mine, other, entry, leaving in (
        (long, short, Section.ENTRY_SHORT, Section.EXIT_LONG),
        (short, long, Section.ENTRY_LONG, Section.EXIT_SHORT),
    ):
        turned = other and entry not in waits
        if mine and not turned and not _has_exit(definition, leaving):
            message = f"nothing ends a {'long' if leaving is Section.EXIT_LONG else 'short'} trade."
            remedy = f"Add a row to {leaving.value}, a stop loss or time stop, or say `hold_to_end` when it is meant so."
            yield Problem(column="rows", message=message, remedy=remedy)


def _sizes(definition: Definition) -> Iterator[Problem]:
    sizes = [item for item in definition.instructions if item.rule.base_size]
    by_setup: dict[str, Instruction] = {}
    if not sizes:
        message = "there is no sizing row: each entry uses 95% of equity."
        yield Problem(severity=Severity.WARNING, column="rows", message=message, remedy="Add one, for example position_size percent 95.")
    for item in sizes:
        first = by_setup.setdefault(definition.find_setup(item), item)
        if first is not item:
            message = "there is more than one size."
            yield Problem(row=item.row.id, column="indicators", message=message, remedy=f"Keep only row {first.row.id} or this one.")
    yield from _setups(definition)


def _setups(definition: Definition) -> Iterator[Problem]:
    """Rows of size and risk with a letter need entries of that group, and a rule that can differ from trade to trade."""
    entries = {row.group for section in ENTRIES for row in definition.workflow.active(section)}
    for item in definition.instructions:
        setup = definition.find_setup(item)
        if not setup:
            continue
        if item.rule.name not in BY_SETUP:
            message = f"`{item.rule.name}` counts for every entry, not only for those of group {setup}."
            yield Problem(row=item.row.id, column="group", message=message, remedy=f"Put the row into group {FIRST_GROUP}.")
        elif setup not in entries:
            message = f"no entry is in group {setup}, so this row never counts."
            yield Problem(
                row=item.row.id, column="group", message=message, remedy=f"Entries are in {', '.join(sorted(entries)) or 'none'}."
            )


def _rules(definition: Definition) -> Iterator[Problem]:
    seen: dict[tuple[str, Section, str, Measure | None], Instruction] = {}
    stopped = bool(definition.rules(*STOPS))
    for item in definition.instructions:
        measure = item.measure if item.rule.name == "rebalance" else None
        key = (item.rule.name, item.row.section, definition.find_setup(item), measure)
        if key in seen and not item.rule.several:
            message = f"`{item.rule.name}` is there twice."
            yield Problem(row=item.row.id, column="indicators", message=message, remedy=f"Keep only row {seen[key].row.id} or this one.")
        seen.setdefault(key, item)
        if (item.measure is Measure.R or item.rule.name == "risk_per_trade") and not stopped:
            message = f"`{item.rule.name}` needs the distance to a stop."
            yield Problem(row=item.row.id, column="operator", message=message, remedy="Add a stop_loss row, or choose another measure.")
        if item.reads_fill:
            yield from _read_once(item)
    parts = [item for item in definition.rules("partial_exit") if item.measure is Measure.WHEN]
    undoing = definition.rule("pyramiding") or definition.rule("scale_out") or next(iter(parts), None)
    if (rebalance := definition.rule("rebalance")) and (other := undoing):
        message = f"`rebalance` and `{other.rule.name}` would undo each other."
        yield Problem(row=rebalance.row.id, column="indicators", message=message, remedy="Keep one of them.")
    if definition.rule("scale_out") and not any(definition.section(section) for section in EXITS):
        item = definition.rules("scale_out")[0]
        yield Problem(
            row=item.row.id, column="indicators", message="`scale_out` needs exit rows.", remedy="Add a row to exit_long or exit_short."
        )


def _read_once(item: Instruction) -> Iterator[Problem]:
    """A fixed stop or target is read once, on the bar of the fill: what goes on changing afterwards is seldom meant."""
    for part in (part for node in item.values.values() for part in walk(node)):
        if isinstance(part, PositionOperand) and not part.past and part.name not in ("entry_price", "last_entry_price"):
            remedy = (
                "Use `trailing_stop` with the measure price to follow it."
                if item.rule.name == "stop_loss"
                else ("Use an exit row with `limit_order` to follow it.")
            )
            message = f"`{part.name}` is read once, on the bar of the fill."
            yield Problem(severity=Severity.WARNING, row=item.row.id, column="thresholds", message=message, remedy=remedy)


def _orders(definition: Definition) -> Iterator[Problem]:
    for item in definition.rules("limit_on_open"):
        if item.row.within > 1:
            message = f"`limit_on_open` takes part in the next opening only, not in {item.row.within} of them."
            remedy = "Set within to 1; `limit_order` waits for a price, and a condition row with within asks for several openings."
            yield Problem(row=item.row.id, column="within", message=message, remedy=remedy)
    for section in (*ENTRIES, *EXITS):
        rows = [item for item in definition.rules(*PRICE_ORDERS) if item.row.section is section]
        names = {item.rule.name for item in rows}
        if section in ENTRIES and len(rows) > 1:
            yield Problem(
                row=rows[1].row.id, column="indicators", message="an entry section takes one price order.", remedy="Keep one of them."
            )
        if section in EXITS and len(names) < len(rows):
            yield Problem(
                row=rows[1].row.id, column="indicators", message="this price order is there twice.", remedy="Use max() or min() in one row."
            )


def find_rule_timeframe_problems(definition: Definition, timeframe: Timeframe) -> Iterator[Problem]:
    """Find rules that cannot work on bars of that length."""
    for item in definition.instructions:
        if item.rule.intraday and not timeframe.intraday:
            message = f"`{item.rule.name}` needs bars shorter than a day."
            yield Problem(row=item.row.id, column="indicators", message=message, remedy="Disable the row, or choose an intraday timeframe.")
