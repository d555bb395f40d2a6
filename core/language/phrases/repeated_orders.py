"""Orders that a text gives twice: `buy when A. Buy when B.` is two ways in, each with the conditions of its own sentence."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Operator, Section
from core.language.phrases.found import ProposedRow

ENTRIES = (Section.ENTRY_LONG, Section.ENTRY_SHORT)
ENDED = re.compile(r"[.;!?](?:\s|$)")
_VERB = r"buy|go long|enter long|sell short|go short|enter short|short"
_ASKED = r"(?:when|if|once|whenever|as soon as)"
ORDERED = re.compile(
    rf"(?P<verb>{_VERB})(?: it| the stock| shares)? {_ASKED}\b|(?:and |but )?{_ASKED}\b[^.;]*?[,:]? (?P<verb2>{_VERB})\b"
    rf"|in [^.;]*?(?:\)|,) (?P<verb3>{_VERB})\b",
    re.IGNORECASE,
)
"""A sentence that gives an order and what it waits for."""
ADDED = re.compile(r"\b(?:also|too|as well|still|again|more|add|another|second)\b", re.IGNORECASE)


def part_repeated_orders(text: str, rows: Sequence[ProposedRow]) -> tuple[list[ProposedRow], list[str]]:
    """Put the conditions of each sentence that gives the same order once more into a group of their own, and say so."""
    kept, remarks = list(rows), []
    for section in ENTRIES:
        mine = [each for each in kept if each.row.section is section]
        places = [_find_sentence(text, each) for each in mine]
        orders = {place: _find_order(text, place) for place in places}
        first = next(iter(orders.values()), "")
        if len(orders) < 2 or not first or any(verb != first for verb in orders.values()):
            continue
        if len({each.row.group for each in mine}) > 1 or any(each.row.operator is not Operator.IS_TRUE for each in mine):
            continue
        letters = dict(zip(orders, "ABCDEFGH", strict=False))
        if len(letters) < len(orders):
            continue
        told = iter(places)
        kept = [replace(each, row=each.row.changed(group=letters[next(told)])) if each.row.section is section else each for each in kept]
        ways = (" and ".join(each.words for each, at in zip(mine, places, strict=True) if at == place) for place in orders)
        remarks.append(f"each of these is a way in: {'; '.join(ways)}")
    return kept, remarks


def _find_sentence(text: str, row: ProposedRow) -> tuple[int, int]:
    """The place of the sentence that a row was told in."""
    start = max((match.end() for match in ENDED.finditer(text, 0, max(row.place[0], 0))), default=0)
    end = ENDED.search(text, max(row.place[1] - 1, 0))
    return start, end.start() if end else len(text)


def _find_order(text: str, place: tuple[int, int]) -> str:
    """The order that a sentence gives; empty where it gives none, or adds to one."""
    sentence = text[slice(*place)].strip()
    match = ORDERED.match(sentence)
    if match is None or ADDED.search(sentence):
        return ""
    return next(match[name] for name in ("verb", "verb2", "verb3") if match[name]).lower()
