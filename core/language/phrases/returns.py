"""Ways there and back: a crossing where both cannot be true on one bar, a sequence where their levels lie apart."""

import re
from dataclasses import replace
from itertools import pairwise

from core.language.phrases import conditions, sequences, terms
from core.language.phrases.found import Found
from core.language.spoken.crossings import split_crossing


def add_returns(text: str, found: list[Found]) -> None:
    """`Closes below the band and then back above it within 3 days`: the way there and back, which is a crossing where no time is told."""
    for place, each in enumerate(found):
        match = sequences.BEHIND.match(text, each.end) if each.expression else None
        crossing = split_crossing(each.expression) if match and not match["of"] else None
        if match and crossing and re.search(r"\b(?:then|back)\b", text[each.start : each.end], re.IGNORECASE):
            above, left, right = crossing
            first, second, bars = "<" if above else ">", ">" if above else "<", terms.read_count(match[1])
            told = f"sequence({left} {first} {right}, {left} {second} {right}, within={bars})"
            found[place] = Found(each.start, match.end(), expression=told)


OF_BAR = re.compile(r"(?:an? |the (?:next|following) )?(?:bar|candle|day) (?:that )?(?:closes|breaks)\b", re.IGNORECASE)
"""A later bar, which is spoken of by itself."""
OPPOSITE = re.compile(r"(?P<left>.+) (?P<sign>[<>])=? (?P<right>.+) \| (?P=left) (?P<other>[<>])=? (?P=right)")
"""Two states that cannot be true on one bar."""


WAITS = re.compile(r"\bwait(?:ing)? (?:for|until|till)(?: the)?(?: [\w()]+)? ?$", re.IGNORECASE)
ENTERS = re.compile(
    r"(?:[\s,.;]|\band\b|\bbut\b|\bthen\b)*(?:i )?(?:buy|go long|enter(?: long)?|sell short|short|go short)(?: only)?"
    r" (?:when|once|if|as soon as|after)(?: it| the \w+)?[\s,]*",
    re.IGNORECASE,
)
"""`Wait for the RSI to dip under 35, then buy once it climbs back over 35`: what is waited for has been when the crossing comes."""


EVENTS = ("sequence(", "bullish_divergence", "bearish_divergence")
"""Conditions that are true on one bar, and not for as long as they hold."""
THEN_ENTERS = re.compile(
    r"[\s,;]*(?:and )?then (?:i |we )?(?:buy|enter|go long|short|go short|sell short)(?: on| at| when| if| once)?(?: the| an?)?\s*",
    re.IGNORECASE,
)
"""Words between two conditions that have followed each other, and the order that waits for a third."""


CANDLE = re.compile(r"close [<>] open|(?:bullish|bearish)_\w+|hammer|doji|shooting_star|inside_bar|outside_bar|morning_star|evening_star")
THEN_CANDLE = re.compile(
    r"[\s,;]*(?:and |but )?then (?:(?:i )?(?:wait|look)(?:ing)? for )?(?:the )?(?:first |next )?(?:an? )?", re.IGNORECASE
)
"""Words between what is waited for and the bar that decides."""
HAVING = re.compile(
    r"(?:first )?(?:having|being)\b|(?:an? |the )?(?:new )?(?:close|break(?:out)?|cross(?:over|ing)?) (?:above|below"
    r"|over|under|of)\b|it (?:has|had|was)\b",
    re.IGNORECASE,
)
BEEN = re.compile(r"\b(?:has|have|had) been\b|\bwas\b", re.IGNORECASE)
"""Words for what was true before."""


THEN = re.compile(r"[\s,]*(?:and|but)?[\s,]*then (?:(?:the |an? )?(?:first|next) )?(?:an? |the )?", re.IGNORECASE)
EVENT = re.compile(r"crosses_\w+\(.+\)|close [<>]=? (?:highest|lowest)\(\w+, \d+\)\[1\]")
PULLBACK = re.compile(r"(?:low|high) [<>]=? [^<>]+(?: and close [<>] [^<>]+)?|close [<>] [^<>]+")


SOLD = re.compile(
    r"\b(?:sell|exit|cover|leave|(?:get|am|i'm|we are) out|out|flat|close (?:it|out|the)|bail|dump|tp|target|take profits?|stop|sl)\b",
    re.IGNORECASE,
)
BOUGHT = re.compile(r"\b(?:buy|go (?:long|short)|short|enter)\b", re.IGNORECASE)
ENDED = re.compile(r"[.;!?](?:\s|$)")


def _is_ordered_between(text: str, one: Found, other: Found) -> bool:
    """Tell whether two conditions are those of two orders: each is asked of a bar of its own."""
    begun = max((match.end() for match in ENDED.finditer(text, 0, one.start)), default=0)
    first = SOLD.search(text, begun, one.start) or BOUGHT.search(text, begun, one.start)
    return SOLD.search(text, one.end, other.start) is not None or (
        first is not None and BOUGHT.search(text, one.end, other.start) is not None
    )


def _is_event(phrase: Found) -> bool:
    """Tell whether a condition is a break, a crossing or a pull-back: one behind `after` comes first."""
    return EVENT.fullmatch(phrase.expression) is not None or PULLBACK.fullmatch(phrase.expression) is not None


def merge_returns(text: str, found: list[Found]) -> None:
    """`RSI dips below 40, then crosses back above 40`: the crossing alone, as both cannot be true on one bar."""
    told = sorted((each for each in found if each.expression), key=lambda one: one.start)
    for one, other in pairwise(told):
        then = re.fullmatch(r"[\s,]*(?:and|but)?[\s,]*then ", text[one.end : other.start], re.IGNORECASE)
        opposite = OPPOSITE.fullmatch(f"{one.expression} | {other.expression}")
        if then and opposite and opposite["sign"] != opposite["other"]:
            found.remove(one)
            told_so = f"crosses_{'above' if opposite['sign'] == '<' else 'below'}({opposite['left']}, {opposite['right']})"
            found[found.index(other)] = replace(other, start=one.start, expression=told_so)
            continue
        lasted = re.fullmatch(r"count\((.+), (\d+)\) == \2", one.expression)
        if lasted and THEN.fullmatch(text[one.end : other.start]):
            found[found.index(one)] = replace(one, expression=f"count({lasted[1]}, {lasted[2]})[1] == {lasted[2]}")
            continue
        ordered = _is_ordered_between(text, one, other)
        contrary = OPPOSITE.fullmatch(f"{lasted[1]} | {other.expression}") if lasted and not ordered else None
        if lasted and contrary and contrary["sign"] != contrary["other"]:
            found[found.index(one)] = replace(one, expression=f"count({lasted[1]}, {lasted[2]})[1] == {lasted[2]}")
            continue
        candle = CANDLE.fullmatch(other.expression) and THEN_CANDLE.fullmatch(text[one.end : other.start])
        if (
            candle
            and not one.expression.startswith(("skip(", "sequence(", "first_", "last_"))
            and not CANDLE.fullmatch(one.expression)
            and "[1] ==" not in one.expression
        ):
            found.remove(one)
            told_so = f"sequence({one.expression}, {other.expression}, within={sequences.USUAL})"
            found[found.index(other)] = replace(other, start=one.start, expression=told_so)
            continue
        if not ordered and (turned := _turn_beyond(one.expression, other.expression)):
            found[found.index(one)] = replace(one, expression=turned)
            continue
        crossing = split_crossing(other.expression)
        if then and crossing and split_crossing(one.expression):
            found.remove(one)
            told_so = f"sequence({one.expression}, {other.expression}, within={sequences.USUAL})"
            found[found.index(other)] = replace(other, start=one.start, expression=told_so)
            continue
        state = re.fullmatch(r"(.+) ([<>])=? (.+)", one.expression)
        between = re.fullmatch(
            r"[\s,]*(?:and|but)?[\s,]*(?:then|later|after that)?[\s,]*(?:it )?", text[one.end : other.start], re.IGNORECASE
        )
        if crossing and state and between and crossing[1:] == (state[1], state[3]) and crossing[0] == (state[2] == "<"):
            found.remove(one)
            found[found.index(other)] = replace(other, start=one.start)
            continue
        if one.expression.startswith(EVENTS) and THEN_ENTERS.fullmatch(text[one.end : other.start]):
            told_so = f"sequence({one.expression}, {other.expression}, within={sequences.USUAL})"
            found[found.index(one)] = replace(one, expression=conditions.SKIP)
            found[found.index(other)] = replace(other, expression=told_so)
            continue
        awaited = WAITS.search(text[: one.start]) and ENTERS.fullmatch(text[one.end : other.start])
        narrow = re.fullmatch(r"(.+) (?:<=|>=) (?:lowest|highest)\(\1, \d+\)", one.expression)
        if awaited and narrow and not other.expression.startswith(narrow[1]):
            found.remove(one)
            told_so = f"sequence({one.expression}, {other.expression}, within={sequences.USUAL})"
            found[found.index(other)] = replace(other, start=one.start, expression=told_so)
            continue
        reached = re.fullmatch(r"(?:low|high) [<>]= [^<>]+?(?: <= high)?", one.expression)
        later = re.fullmatch(r"[\s,]*(?:and|but)?[\s,]*then (?:an? |the )?", text[one.end : other.start], re.IGNORECASE)
        if later and reached and OF_BAR.match(text, other.start):
            found.remove(one)
            told_so = f"sequence({one.expression}, {other.expression}, within={sequences.USUAL})"
            found[found.index(other)] = replace(other, start=one.start, expression=told_so)
            continue
        said, also = text[one.start : one.end], text[other.start : other.end]
        after = re.fullmatch(r"[\s,]*after(?: an?| the)?[\s,]*", text[one.end : other.start], re.IGNORECASE)
        if (
            after
            and other.within == 1
            and ((_is_event(one) and _is_event(other)) or ((HAVING.match(also) or BEEN.search(also)) and "count(" not in other.expression))
        ):
            found.remove(one)
            told_so = f"sequence({other.expression}, {one.expression}, within={sequences.USUAL})"
            found[found.index(other)] = replace(other, start=one.start, expression=told_so)
            continue
        been = BEEN.search(said) and re.search(r"\bback\b", also, re.IGNORECASE)
        apart = _find_levels_apart(one.expression, other.expression) if then or awaited or been else ""
        if apart:
            found[found.index(one)] = replace(one, expression=conditions.SKIP)
            found[found.index(other)] = replace(other, expression=apart)
            continue
        there, back = _read_way(one.expression), _read_way(other.expression)
        if awaited and there and back and there[1:] == back[1:] and there[0] != back[0]:
            told_so = f"crosses_{'above' if back[0] else 'below'}({back[1]}, {back[2]})"
            found[found.index(one)] = replace(one, expression=conditions.SKIP)
            found[found.index(other)] = replace(other, expression=told_so)


def _turn_beyond(one: str, other: str) -> str:
    """`Goes above 80 and turns down`: it cannot do both on one bar, so it has been above on the bar before; empty for anything else.

    >>> _turn_beyond("crosses_above(rsi(14), 80)", "rsi(14) < rsi(14)[1] and rsi(14)[1] >= rsi(14)[2]")
    'rsi(14)[1] > 80'
    """
    crossing = split_crossing(one)
    turn = re.match(r"(?P<what>.+) (?P<sign>[<>]) (?P=what)\[1\]", other)
    if crossing is None or turn is None or crossing[1] != turn["what"] or crossing[0] is (turn["sign"] == ">"):
        return ""
    return f"{crossing[1]}[1] {'>' if crossing[0] else '<'} {crossing[2]}"


def _read_way(expression: str) -> tuple[bool, str, str] | None:
    """Read a crossing, or a state that one leads to: whether it is above, what, and of what."""
    state = re.fullmatch(r"(.+) ([<>])=? (.+)", expression)
    return (state[2] == ">", state[1], state[3]) if state else split_crossing(expression)


def _find_levels_apart(one: str, other: str) -> str:
    """`RSI < 35, then back above 40`: what cannot be true on one bar comes one after the other; empty for what can."""
    first, second = (re.fullmatch(r"(.+) ([<>])=? (-?[\d.]+)", told) for told in (one, other))
    if first is None or second is None or first[1] != second[1] or first[2] == second[2]:
        return ""
    low, high = (float(first[3]), float(second[3])) if first[2] == "<" else (float(second[3]), float(first[3]))
    crossing = f"crosses_{'above' if second[2] == '>' else 'below'}({second[1]}, {second[3]})"
    return f"sequence({one}, {crossing}, within={sequences.USUAL})" if low <= high else ""
