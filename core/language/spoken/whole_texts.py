"""Texts that are one thing as a whole, as in a cell: a condition put together from clauses, or one that has a name."""

import re

from core.language.spoken.clauses import find_clauses
from core.language.spoken.nouns import read_value
from core.language.spoken.scanner import Scanner
from core.language.spoken.vocabulary import SWINGS


def find_joined(text: str) -> str:
    """Find the condition that a whole text means, put together from its clauses; empty where a part is not understood.

    >>> find_joined("RSI(14) under 30 and close above its 200 day average"), find_joined("RSI(14) under 30 my friend")
    ('rsi(14) < 30 and close > sma(200)', '')
    """
    clauses = find_clauses(text)
    places = [0, *(place for clause in clauses for place in (clause.start, clause.end)), len(text)]
    gaps = [text[start:end].strip(" ,").lower() for start, end in zip(places[::2], places[1::2], strict=True)]
    words = {*gaps[1:-1]}
    if not clauses or gaps[0] or gaps[-1] or len(words) > 1 or words - {"and", "or"}:
        return ""
    said = [f"count({each.expression}, {each.within}) >= 1" if each.within > 1 else each.expression for each in clauses]
    return f" {''.join(words)} ".join(said)


STATES = (
    (r"(?:an? |the )?golden cross", "crosses_above(sma(50), sma(200))"),
    (r"(?:an? |the )?death cross", "crosses_below(sma(50), sma(200))"),
)
"""Conditions that have a name of their own."""


def find_state(text: str) -> str:
    """Find a condition that is said by a name, or by the usual limits of an indicator; empty for any other text.

    >>> find_state("RSI(2) is overbought"), find_state("golden cross"), find_state("ADX is oversold")
    ('rsi(2) > 70', 'crosses_above(sma(50), sma(200))', '')
    """
    scan = Scanner(text)
    for pattern, expression in STATES:
        if scan.take(pattern) and scan.is_done():
            return expression
        scan.at = 0
    subject = read_value(scan)
    match = scan.take(r"(?:is |gets |becomes )?(?P<state>oversold|overbought)") if subject else None
    limits = SWINGS.get(re.split(r"[(.]", subject.expression)[0]) if subject and match and scan.is_done() else None
    if subject is None or match is None or limits is None:
        return ""
    return f"{subject.expression} < {limits[0]}" if match["state"].lower() == "oversold" else f"{subject.expression} > {limits[1]}"
