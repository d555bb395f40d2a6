"""Conditions of one entry beside each other: at one moment, one after the other, or of the pattern whose high or low an order waits at."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Measure, Operator, Row, Section
from core.language.phrases.found import ProposedRow
from core.language.phrases.sequences import USUAL
from core.language.spoken.candles import PATTERN
from core.language.spoken.opposites import negate
from core.language.syntax.expression import find_meaning

ENTRIES = (Section.ENTRY_LONG, Section.ENTRY_SHORT)
MOMENT = re.compile(r"minute_of_day == time\(")
CROSSING = re.compile(r"crosses_(?P<side>above|below)\((?P<left>\w+), (?P<right>[^,]+(?:\([^()]*\))?[^,]*)\)")
MOVES = re.compile(
    r"\b(?:cross\w*|break\w*|broke\w*|goes|moves?|turns?|through|clears?|flips?|takes? out|push\w*|trades? above)\b", re.IGNORECASE
)
LEVEL = re.compile(
    r"(?P<left>close|low|high) (?P<sign>[<>])=? (?:(?P<factor>[\d.]+) \* )?"
    r"(?P<base>[a-z_]+(?:\([^()]*\))?(?:\.\w+)?)(?P<step> [-+] [^<>]+)?"
)


def put_together(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """Write the conditions of each entry so that they can hold together."""
    return _follow(_name_patterns(_hold_at_moment(rows)))


def find_opposite(rows: Sequence[ProposedRow], section: Section, between: str, opening: int, entered_at: int) -> str:
    """`If A, go long when B. Otherwise go short when C`: what is asked before the first order must not be; empty for any other words."""
    if section not in ENTRIES or not re.search(r"\b(?:otherwise|else)\b", between, re.IGNORECASE):
        return ""
    other = ENTRIES[1 - ENTRIES.index(section)]
    told = [each for each in rows if each.row.section is other and each.opening == opening and each.row.operator is Operator.IS_TRUE]
    asked = [each.row.indicators[0] for each in told if 0 <= each.place[1] <= entered_at] or [each.row.indicators[0] for each in told]
    return negate(" and ".join(asked)) if asked else ""


def _list_beside(rows: Sequence[ProposedRow], one: ProposedRow) -> list[ProposedRow]:
    return [each for each in rows if each is not one and (each.row.section, each.row.group) == (one.row.section, one.row.group)]


def _hold_at_moment(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`At 9:45, if the price is above the range`: the side on which it is at that moment, and no crossing on that very bar."""
    kept = []
    for each in rows:
        crossing = CROSSING.fullmatch(each.row.indicators[0])
        moment = any(MOMENT.match(one.row.indicators[0]) for one in _list_beside(rows, each))
        if crossing and moment and each.row.section in ENTRIES and not MOVES.search(each.words):
            told = f"{crossing['left']} {'>' if crossing['side'] == 'above' else '<'} {crossing['right']}"
            kept.append(replace(each, row=each.row.changed(indicators=(told,))))
        else:
            kept.append(each)
    return kept


def _name_patterns(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`Buy above the high of the inside bar`: the pattern is asked for where no condition does."""
    kept: list[ProposedRow] = []
    for each in rows:
        kept.append(each)
        named = (
            re.search(PATTERN, each.words, re.IGNORECASE) if each.row.operator is Measure.PRICE and each.row.section in ENTRIES else None
        )
        if named is None:
            continue
        pattern = re.sub(r"\W+", "_", named.group().lower().replace(" day", " bar"))
        said = " ".join(one.row.indicators[0] for one in _list_beside(rows, each))
        if find_meaning(pattern) is not None and pattern not in said:
            row = Row(id="r", section=each.row.section, group=each.row.group, indicators=(pattern,), operator=Operator.IS_TRUE)
            kept.append(replace(each, row=row))
    return kept


def _follow(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`Dips 1% under the average; buy the close back over it`: what cannot be true on one bar comes one after the other."""
    kept = list(rows)
    for one in rows:
        later = next((other for other in _list_beside(kept, one) if one in kept and _excludes(one, other)), None)
        if later is None:
            continue
        side, left, right = _split(later)
        told = f"sequence({one.row.indicators[0]}, crosses_{side}({left}, {right}), within={USUAL})"
        kept[kept.index(later)] = replace(
            later, row=later.row.changed(indicators=(told,)), guessed=True, words=f"{one.words} ... {later.words}"
        )
        kept.remove(one)
    return kept


def _split(each: ProposedRow) -> tuple[str, str, str]:
    left, sign, right = re.split(r" ([<>])=? ", each.row.indicators[0], maxsplit=1)
    return "above" if sign == ">" else "below", left, right


def _excludes(one: ProposedRow, other: ProposedRow) -> bool:
    """Tell whether a price stands beyond a level in one condition and, told later, on its other side in another."""
    if one.row.section not in ENTRIES or not 0 <= one.place[0] < other.place[0] or max(one.row.within, other.row.within) > 1:
        return False
    first, second = (LEVEL.fullmatch(each.row.indicators[0]) for each in (one, other))
    if first is None or second is None or first["base"] != second["base"] or first["sign"] == second["sign"]:
        return False
    if {first["left"], second["left"]} != {"close"} or first["step"] or second["step"]:
        return False
    low, high = (first, second) if first["sign"] == "<" else (second, first)
    return float(low["factor"] or 1) <= float(high["factor"] or 1)
