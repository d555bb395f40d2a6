"""Texts that begin with a sale: what is sold and never bought is sold short, and conditions belong to the order that they lead to."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Section
from core.language.phrases.found import ProposedRow

ENTRIES = (Section.ENTRY_LONG, Section.ENTRY_SHORT)
OTHER_SIDE = re.compile(r"\b(?:other|opposite) (?:side|end)\b", re.IGNORECASE)
OPENED = re.compile(r"\b(?:buy|bought|long|enter|entry|own|hold|invest\w*|short|accumulate)\b", re.IGNORECASE)
"""Words for a way in; without any of them a sale is one."""


def sell_first(text: str, rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`EURUSD: sell when RSI is above 70, SL 40 pips, TP 80 pips`: where nothing is ever bought, what is sold is sold short."""
    protected = any(each.row.indicators[0] in ("stop_loss", "take_profit") for each in rows)
    sold = re.search(r"\bsell\b", text, re.IGNORECASE)
    if OPENED.search(text) or not protected or not sold or any(each.row.section in ENTRIES for each in rows):
        return list(rows)
    return [_put(each, Section.ENTRY_SHORT, "A") if each.row.section is Section.EXIT_LONG else each for each in rows]


def sell_the_other_side(rows: Sequence[ProposedRow]) -> tuple[list[ProposedRow], list[str]]:
    """`Buy above the range, sell below it, stop at the other side`: a sale where the stop lies already is one of the other side.

    Gives the rows, and what was read so.
    """
    other = {each.row.thresholds[0] for each in rows if each.row.indicators == ("stop_loss",) and OTHER_SIDE.search(each.words)}
    if any(each.row.section is Section.ENTRY_SHORT for each in rows) or not any(each.row.section is Section.ENTRY_LONG for each in rows):
        return list(rows), []
    sold = [
        each
        for each in rows
        if each.row.section is Section.EXIT_LONG
        and each.row.indicators[0]
        .removeprefix("close < ")
        .removeprefix("crosses_below(close, ")
        .removesuffix(")" if each.row.indicators[0].startswith("crosses_") else "")
        in other
    ]
    kept = [_put(each, Section.ENTRY_SHORT, "A") if each in sold else each for each in rows]
    return kept, [f"read as a short sale, as the stop is at the other side: {each.words}" for each in sold]


def follow_orders(text: str, rows: Sequence[ProposedRow], *, short: bool) -> list[ProposedRow]:
    """`Shooting star: short the break of its low`: what is told before a short sale belongs to it, where no purchase is named."""
    orders = {each.row.section for each in rows if each.row.indicators == ("stop_order",) and each.row.section in ENTRIES}
    bought = re.search(r"\b(?:buy|buying|long|longs|bought)\b", text, re.IGNORECASE)
    if not (short or orders) or Section.ENTRY_LONG in orders or bought or any(each.row.section is Section.EXIT_LONG for each in rows):
        return list(rows)
    return [_put(each, Section.ENTRY_SHORT, each.row.group) if each.row.section is Section.ENTRY_LONG else each for each in rows]


def _put(each: ProposedRow, section: Section, group: str) -> ProposedRow:
    return replace(each, row=each.row.changed(section=section, group=group))
