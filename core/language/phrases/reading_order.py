"""The order of what was found: a side that stands behind its condition comes before it, and what is said of two sides is said twice."""

import re

from core.domain.workflow import Section
from core.language.phrases.found import Found
from core.language.phrases.sides import Opening

ENTRIES = (Section.ENTRY_LONG, Section.ENTRY_SHORT)
EXITS = (Section.EXIT_LONG, Section.EXIT_SHORT)
BEHIND = re.compile(
    r"gets? me (?:out|in)\b|goes (?:long|short)\b|enters\b|exits\b|is (?:my|the"
    r"|an?) (?:buy|entry|sell|exit) signal",
    re.IGNORECASE,
)
"""Words for a side that stand behind its condition."""


ASKED = re.compile(r"\s*(?:[^.;:,]{1,40}:\s*)?(?:if|when|whenever|once)\b", re.IGNORECASE)


AGAIN = re.compile(r"(?: it| the market)?\s*[,;]?\s*(?:and |but )?(?:if|when|whenever|once)\b", re.IGNORECASE)


def _alternates(text: str, end: int, inside: list[Found], sides: list[int]) -> bool:
    """`If A buy, if B sell short`: each of several orders stands behind conditions of its own, and nothing is told behind the last."""
    if len(sides) < 2 or re.sub(r"[\s.,;!]", "", text[inside[sides[-1]].end : end]):
        return False
    apart = all(AGAIN.match(text, inside[place].end) for place in sides[:-1])
    return apart and all(any(each.expression for each in inside[start:last]) for start, last in zip([0, *sides], sides, strict=False))


ELSE = re.compile(r"\b(?:else|otherwise)\b", re.IGNORECASE)


def turn_sides(text: str, found: list[Found]) -> list[Found]:
    """`Golden cross: buy` and `If RSI is below 30, buy`: the side that follows its condition is put before it."""
    ends = [match.end() for match in re.finditer(r"[.;!?](?:\s|$)", text)] + [len(text)]
    turned: list[Found] = []
    for start, end in zip([0, *ends], ends, strict=False):
        inside = _turn_refusals(text, [each for each in found if start <= each.start < end])
        told = {each.start for each in inside if each.expression}
        opened = [place for place, each in enumerate(inside) if each.side is not None]
        sides = [
            place
            for place in opened
            if (side := inside[place].side) and side.section is not Section.FILTER and inside[place].start not in told
        ]
        led = [place for place in sides if _ends_with(text[start:end], inside, place, start)] or [
            place for place in sides if re.search(r":\s*$", text[start : inside[place].start]) or BEHIND.match(text, inside[place].start)
        ]
        led = led or (sides if _alternates(text, end, inside, sides) and ASKED.match(text[start:end]) else [])
        refused = bool(inside) and inside[0].side is not None and inside[0].side.behind
        asked = not refused and re.match(
            r"\s*(?:[^.;:,]{1,40}:\s*)?(?:if|when|whenever|once|on|after|above|below|over|under)\b", text[start:end], re.IGNORECASE
        )
        if not led and asked and _asks_both(inside, sides) and not ELSE.search(text[start:end]):
            turned += [Found(inside[0].start, inside[0].start, side=Opening(Section.FILTER)), *inside] if turned else inside
        elif led or (asked and sides and _asks_first(inside, sides[0])):
            before = 0
            for place in led or sides[:1]:
                mine = inside[before:place]
                if led and all(each.side is not None for each in mine):
                    turned += [*mine, inside[place]]  # a name: `double top exit: go long when ...`
                else:
                    turned += [inside[place], *(each for each in mine if led or not _is_bare_while(each))]
                before = place + 1
            turned += inside[before:]
        else:
            turned += _turn_last(text, end, inside)
    return _say_twice(text, turned)


def _asks_first(inside: list[Found], place: int) -> bool:
    """Tell whether conditions before a side are asked of it: not those of an order in between, which is a rule: `buy the break of ...`."""
    ordered = any(each.rule is not None and each.rule[0] in ENTRIES for each in inside[:place])
    return not ordered and any(each.expression for each in inside[:place])


def _asks_both(inside: list[Found], sides: list[int]) -> bool:
    """`If ADX is over 25, buy when A, short when B`: what is asked first is asked of both, as each has conditions of its own."""
    opened = [side.section for place in sides if (side := inside[place].side) is not None]
    if sorted(opened) != sorted(ENTRIES):
        return False
    first = any(each.expression for each in inside[: sides[0]])
    parts = [inside[place + 1 : end] for place, end in zip(sides, [*sides[1:], len(inside)], strict=True)]
    return first and all(any(each.expression for each in part) for part in parts)


ORDER = re.compile(r"[\s,:]*(?:and|then|i|we|so)?[\s,:]*", re.IGNORECASE)


def _ends_with(sentence: str, inside: list[Found], place: int, start: int) -> bool:
    """`RSI crosses down through 70, sell.`: an order alone at the end of a sentence without another one."""
    one = inside[place]
    before = [each for each in inside[:place] if each.expression]
    alone = sum(each.side is not None for each in inside) == 1 and place == len(inside) - 1
    if not before or not alone or not re.fullmatch(r" ?(?:it|again|all|everything|all of it)?[.;!]?\s*", sentence[one.end - start :]):
        return False
    return ORDER.fullmatch(sentence[before[-1].end - start : one.start - start]) is not None


BEGUN = re.compile(r"[\s,;]*(?:and |but )?(?:if|when|whenever|once)\s+(?:the |price |it )?", re.IGNORECASE)
NOTHING = re.compile(r"(?:\b(?:it|again|all|everything|the (?:position|trade))\b|[\s.,;!])*", re.IGNORECASE)


def _turn_last(text: str, end: int, inside: list[Found]) -> list[Found]:
    """`Buy when A, and if B get out`: an order that ends a sentence belongs to the conditions that begin anew right before it."""
    last = inside[-1] if inside else None
    if last is None or last.side is None or last.side.section not in (*ENTRIES, *EXITS) or not NOTHING.fullmatch(text[last.end : end]):
        return inside
    place = len(inside) - 1
    while place > 1 and inside[place - 1].expression:
        place -= 1
        if BEGUN.fullmatch(text, inside[place - 1].end, inside[place].start):
            close = ORDER.fullmatch(text, inside[-2].end, last.start) is not None
            return [*inside[:place], last, *inside[place:-1]] if close else inside
    return inside


def _say_twice(text: str, told: list[Found]) -> list[Found]:
    """`RSI above 70: sell and go short`: what is said of the first side is said of the second, behind which nothing stands."""
    whole: list[Found] = []
    sides = [each for each in told if each.side is not None and each.side.section in (*ENTRIES, *EXITS)]
    for one in told:
        place = next((number for number, side in enumerate(sides) if side is one), len(sides))
        whole.append(one)
        if (
            place + 1 < len(sides)
            and re.fullmatch(r"(?: it| the position| longs?| shorts?)?,? (?:and|&)(?: then)? ", text[one.end : sides[place + 1].start])
            and not re.match(r" (?:tomorrow|next|later|after|at|on) ", text[sides[place + 1].end :])
        ):
            following = told[told.index(one) + 1 :]
            mine = following[: next((number for number, each in enumerate(following) if each.side is not None), len(following))]
            behind = following[len(mine) : len(mine) + 2]
            said = [each for each in mine if each.expression]
            if said and behind and behind[0] is sides[place + 1] and (len(behind) == 1 or not behind[1].expression):
                whole += [*mine, sides[place + 1], *said]
                skipped = {id(each) for each in (*mine, sides[place + 1])}
                return [*whole, *_say_twice(text, [each for each in following if id(each) not in skipped])]
    return whole


def _turn_refusals(text: str, inside: list[Found]) -> list[Found]:
    """`If ADX is not above 20, do nothing`: the words are put before their conditions; alone they repeat what was said before."""
    turned: list[Found] = []
    for each in inside:
        if each.side is None or not each.side.behind:
            turned.append(each)
            continue
        led = any(one.side is not None for one in turned)
        place = len(turned)
        while place and turned[place - 1].expression:
            between = text[turned[place - 1].end : turned[place].start] if place < len(turned) else ""
            if between and not re.fullmatch(rf"\s*,?\s*(?:(?:and|or|&)\s*(?:also\s*)?){'' if led else '?'}", between, re.IGNORECASE):
                break
            place -= 1
        if place < len(turned):
            turned.insert(place, each)
    return turned


def _is_bare_while(found: Found) -> bool:
    """`If A while B, buy C`: all of it is said of the entry."""
    return found.side is not None and found.side.section is Section.FILTER and not found.side.negated
