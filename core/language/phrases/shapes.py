"""Conditions as they stand in their sentence: of the bar before, of the other side, or of the bars before those that follow."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Operator, Section
from core.language.phrases import references
from core.language.phrases.found import ProposedRow
from core.language.spoken.candles import is_decided_later

ENTRIES = (Section.ENTRY_LONG, Section.ENTRY_SHORT)
ON_IT = re.compile(
    r"\s*(?:(?:that|which) (?:forms?|appears?|is made|is|prints|occurs|was made)|forming|appearing|made|printed)\s*", re.IGNORECASE
)
"""Words that tie a condition to the pattern before it."""
SENTENCE = re.compile(r"[.;!?](?:\s|$)")


def shape(expression: str, words: str, between: str, mine: Sequence[ProposedRow], section: Section, text: str) -> str:
    """Write a condition as it stands here, behind the rows of its section: of the bar before, or the other way round."""
    after = (
        re.fullmatch(r"\s*", between) and re.match(r"after\b", words, re.IGNORECASE) and re.match(r"count\((?!.*\[1\] == \d+$)", expression)
    )
    row = re.fullmatch(r"\s*after\s*", between, re.IGNORECASE) and re.fullmatch(r"count\((.+), (\d+)\) == \2", expression)
    if mine and (after or row):
        return f"({expression})[1]"  # these bars were over before this one
    if mine and re.fullmatch(r"\s*after(?: at least)?\s*", between, re.IGNORECASE):
        expression = re.sub(r"^(falling|rising)\(close,", r"\1(close[1],", expression)  # the streak ended before this bar
    if mine and re.fullmatch(r"[a-z_]+", expression) and re.fullmatch(r"\s*after (?:an? |the )?", between, re.IGNORECASE):
        return f"count({expression}, 1)[1] == 1"
    if (
        mine
        and mine[-1].row.indicators[0].startswith("count(")
        and mine[-1].row.indicators[0].endswith(", 1)[1] == 1")
        and ON_IT.fullmatch(between)
    ):
        return f"({expression})[1]"  # said of the bar that the next one decides about
    if mine and section in ENTRIES and re.match(r"(?:at|near) ", words) and re.fullmatch(r"[a-z_]+", mine[-1].row.indicators[0]):
        return references.touch_extreme(expression)  # where a pattern stands, and no break
    if section in (Section.EXIT_LONG, Section.ENTRY_SHORT):
        expression = references.break_down(expression, words)
    if section in (Section.EXIT_LONG, Section.EXIT_SHORT):
        expression = references.cross_either_way(expression, words)
    if section is Section.ENTRY_SHORT:
        expression = references.come_back_up(expression, words)
    if re.fullmatch(r"[a-z_]+", expression) and is_decided_later(expression.replace("_", " "), text):
        expression = f"count({expression}, 1)[1] == 1"  # the next bar decides
    return expression


def put_back_sentence(rows: Sequence[ProposedRow], section: Section, group: str, text: str, words: str) -> list[ProposedRow]:
    """`Closes below the band. The next day closes above the high`: what was told in the sentence before is of the bar before."""
    before = text.split(words, maxsplit=1)[0]
    places = {each.words: before.rfind(each.words) for each in rows if each.words}
    last = max((place for each, place in places.items() if place >= 0), default=0)
    start = last - len(SENTENCE.split(before[:last])[-1])
    return [
        replace(each, row=each.row.changed(indicators=(f"({each.row.indicators[0]})[1]",)))
        if each.row.section is section
        and each.row.group == group
        and each.row.operator is Operator.IS_TRUE
        and places.get(each.words, -1) >= start
        and not re.search(r"\[1\]( == \d+)?$", each.row.indicators[0])
        else each
        for each in rows
    ]
