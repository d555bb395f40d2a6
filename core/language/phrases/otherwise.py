"""Being out otherwise: `when A and B, otherwise cash` is left once one of them no longer holds, on the day that is told."""

import re
from collections.abc import Sequence

from core.domain.workflow import Operator, Row, Section
from core.language.spoken.opposites import negate

EXITS = (Section.EXIT_LONG, Section.EXIT_SHORT)
STATE = re.compile(r"(?!.*(?:crosses_|_day_|weekday|month |minute_of_day|trading_day)).* [<>]=? ")
"""A comparison that holds for as long as it does, and no event or day."""


def find_otherwise(rows: Sequence[Row], exit_: Section) -> list[str]:
    """Find what ends a trade, each condition by itself; nothing where the ones of its entry are no plain states."""
    entry = Section.ENTRY_SHORT if exit_ is Section.EXIT_SHORT else Section.ENTRY_LONG
    entries = [row for row in rows if row.section is entry]
    days = [row.indicators[0] for row in entries if re.fullmatch(r"(?:first|last)_\w+", row.indicators[0])]
    states = [row for row in entries if row.indicators[0] not in days]
    if len(entries) < 2 or any(row.group != "A" or row.within > 1 or not STATE.match(row.indicators[0]) for row in states):
        return []
    if any(row.section in EXITS for row in rows) or any(row.operator is not Operator.IS_TRUE for row in entries):
        return []
    return [" and ".join([*days, negate(row.indicators[0])]) for row in states]
