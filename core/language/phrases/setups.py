"""Setups keep to themselves: ways out ask for the setup that they were told in, and rules that cannot are named."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Measure, Operator, Row, Section
from core.language.phrases.found import Found, ProposedRow

EXITS = (Section.EXIT_LONG, Section.EXIT_SHORT)
OWN = ("stop_loss", "take_profit", "trailing_stop", "break_even", "time_stop", "partial_exit")


def count_setups(found: Sequence[Found]) -> int:
    """Count the setups that a text names."""
    return len({each.side.setup for each in found if each.side is not None and each.side.setup not in ("", "*")})


def keep_to_setups(rows: Sequence[ProposedRow], setups: dict[str, str]) -> tuple[list[ProposedRow], list[str]]:
    """Keep the ways out to the setup that they were told in, by the words that each row came from.

    A rule of the first setup counts for all where no other one has its own; a time stop becomes a way out, others are named.
    """
    kept: list[ProposedRow] = []
    lost: list[str] = []
    for each in rows:
        row, letter = each.row, setups.get(each.words, "")
        alone = letter == "A" and row.indicators[0] in OWN and not _has_other(rows, row.indicators[0])
        if letter and row.section in EXITS and row.operator is Operator.IS_TRUE:
            kept.append(replace(each, row=_keep(row, letter, row.indicators[0])))
        elif alone and row.indicators[0] == "time_stop":
            section = Section.EXIT_LONG if any(one.row.section is Section.ENTRY_LONG for one in rows) else Section.EXIT_SHORT
            group = chr(ord(max((one.row.group for one in (*rows, *kept) if one.row.section is section), default="@")) + 1)
            told = Row(id=row.id, section=section, group=group, indicators=("setup",), operator=Operator.IS_TRUE)
            kept.append(replace(each, row=_keep(told, letter, f"bars_in_trade >= {row.thresholds[0]}")))
        else:
            kept.append(each)
            lost += [f"{each.words} (of this setup alone)"] if alone and isinstance(row.operator, Measure) else []
    return kept, lost


def _has_other(rows: Sequence[ProposedRow], rule: str) -> bool:
    return any(each.row.indicators[0] == rule and each.row.group != "A" for each in rows)


def _keep(row: Row, letter: str, told: str) -> Row:
    return row.changed(indicators=(f"setup is {letter} and {f'({told})' if ' or ' in told else told}",))
