"""`The same for shorts, the other way round`: the rows of one side, written for the other."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Measure, Operator, Row, Section
from core.language.phrases.conditions import Builder
from core.language.phrases.found import ProposedRow
from core.language.spoken.mirror import mirror

MIRRORED = "mirrored("
"""Mark of words for the rules of the other side, which are those of this one turned around."""
_TURNED = (
    r"(?:(?:exact(?:ly)? |just |simply )?(?:in )?(?:the |an? )?(?:exact )?(?:opposite|inverse|reverse(?!d)|mirror image)(?: direction)?"
    r"|reversed|inverted|mirrored|flipped|(?:just )?the other way (?:a?round)|vice[- ]versa)"
)
_SAME = r"(?:(?:exactly |just |simply )?(?:the )?same(?: thing| idea| rules?| logic)?,? ?(?:but |just |only )?)"
_SHORTS = (
    r"(?:(?:the )?shorts?(?: side| trades?| entries| positions?| setups?| signals?| rules?)?|selling short|going short|short selling"
    r"|(?:the )?sell side)"
)
PHRASE = (
    rf"(?:and )?(?:for )?{_SHORTS}(?: |,|:|=|is|are|it is|it's|uses?|works?|i do|we do|do)*{_SAME}?{_TURNED}(?= ?[.,;)]|$)"
    rf"|(?:and )?(?:i |we )?(?:do |use )?{_SAME}?{_TURNED}(?: rules?| logic| conditions?| signals?| criteria)?"
    rf" (?:for|on|with|applies to|apply to) {_SHORTS}"
    rf"|(?:and )?vice[- ]versa(?= ?[.,;)]|$)|(?:with )?(?:{_SAME}(?:in reverse|{_TURNED})|the mirror image)(?= ?[.,;)]|$)"
    r"|(?:in |trade |traded |taken )?both (?:directions|ways)(?= ?[.,;)]|$)"
    rf"|(?:mirror|flip|reverse|invert) (?:it|this|that|these|them|everything|the (?:rules|logic|conditions)) for {_SHORTS}"
)
"""Words for the other side of the market, told by what was said of this one."""
PATTERNS: tuple[tuple[str, Builder], ...] = ((PHRASE, lambda match: MIRRORED),)
SIDES = {
    Section.ENTRY_LONG: Section.ENTRY_SHORT, Section.EXIT_LONG: Section.EXIT_SHORT,
    Section.ENTRY_SHORT: Section.ENTRY_LONG, Section.EXIT_SHORT: Section.EXIT_LONG,
}  # fmt: skip
PRICED = ("stop_loss", "take_profit", "trailing_stop")


def turn_around(rows: Sequence[ProposedRow], words: str) -> tuple[list[ProposedRow], list[str]]:
    """The rows with those of the side that is not told yet, and the words of rows whose other side is not known.

    A filter that has another side (`above the 200-day average`) becomes a condition of each side.
    """
    told = {each.row.section for each in rows}
    missing = [section for section in (Section.ENTRY_SHORT, Section.ENTRY_LONG) if section not in told]
    if len(missing) == 2:
        return list(rows), [words]
    asked = [each.row for each in rows if missing and each.row.section in (SIDES[missing[0]], Section.FILTER)]
    if any(_turn_row(row, missing[0]) is None for row in asked):
        return list(rows), [words]
    kept, new, lost = _put_filters_on_sides(rows, SIDES[missing[0]]) if missing else list(rows), [], []
    for each in kept:
        row, other = each.row, SIDES.get(each.row.section)
        price = row.indicators[0] in PRICED and row.operator is Measure.PRICE
        if (other is None and not price) or other in told:
            continue
        opposite = _turn_row(row, other or row.section)
        if opposite is None:
            lost.append(f"{words} ({each.words})")
        elif not price or sorted(opposite.thresholds[0]) != sorted(row.thresholds[0]):
            new.append(ProposedRow(opposite, words))
    return [*kept, *new], lost


def _put_filters_on_sides(rows: Sequence[ProposedRow], section: Section) -> list[ProposedRow]:
    groups = sorted({each.row.group for each in rows if each.row.section is section}) or ["A"]
    kept: list[ProposedRow] = []
    for each in rows:
        turned = _turn_row(each.row, Section.FILTER) if each.row.section is Section.FILTER else None
        sided = turned is not None and turned.indicators != each.row.indicators
        kept += [replace(each, row=each.row.changed(section=section, group=group)) for group in groups] if sided else [each]
    return kept


def _turn_row(row: Row, section: Section) -> Row | None:
    cells = row.thresholds if row.operator is not Operator.IS_TRUE else row.indicators
    told = mirror(cells[0]) if not re.search("entry_price|position|open_", cells[0]) else ""
    if not told:
        return None
    if row.operator is Operator.IS_TRUE:
        return row.changed(section=section, indicators=(told,))
    return row.changed(section=section, thresholds=(told, *row.thresholds[1:]))


def share_with_both(rows: Sequence[ProposedRow], before: int) -> list[ProposedRow]:
    """`ADX above 25. Long when A. Short when B.`: what is told before both sides, in the first rows, is asked of both."""
    later = {each.row.section for each in rows[before:]}
    if not {Section.ENTRY_LONG, Section.ENTRY_SHORT} <= later or any(each.row.section is Section.ENTRY_SHORT for each in rows[:before]):
        return list(rows)
    return [*(_ask_of_both(each) for each in rows[:before]), *rows[before:]]


def _ask_of_both(each: ProposedRow) -> ProposedRow:
    row = each.row
    asked = row.section is Section.ENTRY_LONG and row.operator is Operator.IS_TRUE
    return replace(each, row=row.changed(section=Section.FILTER, group="A")) if asked else each
