"""Crossings as expressions: their parts, and the state that one leads to."""

import re

TURN = re.compile(r"^(?P<what>.+) (?P<sign>[<>]) (?P=what)\[1\] and (?P=what)\[1\] [<>]= (?P=what)\[2\]")
"""A value that turns: on each of several bars it goes on the way that it has turned to."""


def split_crossing(expression: str) -> tuple[bool, str, str] | None:
    """Split a crossing into its side and its two values; None for any other condition.

    >>> split_crossing("crosses_below(close, bbands(20, 2).lower)")
    (False, 'close', 'bbands(20, 2).lower')
    """
    found = re.fullmatch(r"crosses_(above|below)\((.+)\)", expression)
    if found is None:
        return None
    depth = 0
    for place, sign in enumerate(found[2]):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            return found[1] == "above", found[2][:place], found[2][place + 1 :].strip()
    return None


def write_as_state(expression: str) -> str:
    """A condition as it can last: what `turns negative two bars running` is below zero on both, as nothing crosses on each of two bars.

    >>> write_as_state("crosses_below(macd(12, 26, 9).histogram, 0)")
    'macd(12, 26, 9).histogram < 0'
    >>> write_as_state("rsi(14) > rsi(14)[1] and rsi(14)[1] <= rsi(14)[2] and rsi(14)[1] < 30")
    'rsi(14) > rsi(14)[1] and rsi(14)[1] < 30'
    """
    crossing = split_crossing(expression)
    if crossing is None:
        return TURN.sub(r"\g<what> \g<sign> \g<what>[1]", expression)
    upward, one, other = crossing
    return f"{one} {'>' if upward else '<'} {other}"
