"""Exceptions from a way out: `sell when A unless B`. Behind an entry, `unless` keeps trades away; behind an exit, it keeps the trade."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Section
from core.language.phrases.found import Found
from core.language.spoken.opposites import negate
from core.language.syntax.expression import find_meaning

UNLESS = re.compile(r"(?:unless|except)\b", re.IGNORECASE)
ENDED = re.compile(r"[.;!?]\s")
EXITS = (Section.EXIT_LONG, Section.EXIT_SHORT)


def keep_exceptions(text: str, found: Sequence[Found]) -> list[Found]:
    """Ask an exception of the way out that it is told of; behind a stop, a target or a time its words are left, and named."""
    kept: list[Found] = []
    rest = list(found)
    while rest:
        each = rest.pop(0)
        last = next((one for one in reversed(kept) if not one.expression), None)
        unless = each.side is not None and each.side.negated and UNLESS.match(text, each.start)
        out = last is not None and (last.rule is not None or (last.side is not None and last.side.section in EXITS))
        if not unless or last is None or not out or last.end > each.start or ENDED.search(text, last.end, each.start):
            kept.append(each)
            continue
        asked: list[Found] = []
        while rest and rest[0].expression and not ENDED.search(text, each.end, rest[0].start):
            asked.append(rest.pop(0))
        if last.side is not None and len(asked) == 1 and kept[-1].expression and find_meaning(asked[0].expression) is not None:
            kept.append(replace(asked[0], start=each.start, expression=negate(asked[0].expression)))
    return kept
