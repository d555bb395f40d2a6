"""Levels of a pattern that a text names, and whether the bar after it decides."""

import re

from core.language.spoken.noun import Noun, put_back
from core.language.spoken.scanner import Scanner

PATTERN = (
    r"(?:doji|hammer|shooting star|inside (?:bar|day)|outside (?:bar|day)|(?:bullish |bearish )?engulfing(?: (?:bar|candle))?"
    r"|(?:signal|trigger|breakout|reversal|setup) (?:bar|candle)|(?:candle(?:stick)? )?pattern|pin ?bar|nr\d(?: (?:bar|day))?"
    r"|(?:bullish |bearish )?harami|morning star|evening star|entry (?:bar|candle))"
)
NEXT = re.compile(
    r"(?<!open on the )(?<!open of the )\b(?:next|following) (?:bar|day|candle"
    r"|session)(?!'?s? open)|followed by"
    r"|(?<!engulfing )(?<!hammer )(?<!harami )(?:bar|day|candle) after\b(?! (?:an? |at least )?\d)",
    re.IGNORECASE,
)

ON_NEXT = re.compile(
    r"\s*(?:buy|enter|go long|go short|short|sell short)\b(?: (?:on|it|only|the"
    r"|long|short))* (?:next|following) (?:bar|day|candle|session),? (?:only"
    r" )?(?:if|when)\b",
    re.IGNORECASE,
)
"""A sentence of its own that asks something of the next bar."""


def is_decided_later(pattern: str, text: str) -> bool:
    """Tell whether the bar after a pattern decides: `a doji, if the next bar closes above it`, and not `the day after a doji`."""
    words = pattern.replace(" bar", " (?:bar|day)").replace(" day", " (?:bar|day)") if "(" not in pattern else pattern
    first = re.search(words, text, re.IGNORECASE)
    behind = re.split(r"[.;!?](?:\s|$)", text[first.end() :]) if first else []
    if re.search(rf"\b(?:previous|prior) (?:bar|day|candle) (?:was|is|formed|made) (?:an? )?(?:{words})", text, re.IGNORECASE):
        return True
    return any(NEXT.search(one) for one in behind[:1]) or any(ON_NEXT.match(one) for one in behind[1:2])


def _find_sentence(scan: Scanner) -> str:
    """The sentence in which words stand."""
    return re.split(r"[.;!?](?:\s|$)", scan.text[: scan.at])[-1] + re.split(r"[.;!?](?:\s|$)", scan.text[scan.at :])[0]


def read_of_pattern(scan: Scanner) -> Noun | None:
    """`the doji's high`, `the low of the engulfing candle`, `the mother bar's high`: of the bar before where the next one decides."""
    match = scan.take(
        rf"(?:(?P<name>{PATTERN}|mother bar)'s (?P<line>high|low|close|open)"
        rf"|(?P<line2>high|low|close|open) of (?:the |that )?(?P<name2>{PATTERN}|mother bar))"
    )
    decided = NEXT.search(scan.text if scan.free else _find_sentence(scan)) is not None
    if match is None or not (decided or scan.free or "mother" in match.group().lower()):
        return None
    name, line = (match["name"] or match["name2"]).lower(), (match["line"] or match["line2"]).lower()
    return Noun(put_back(line, (name == "mother bar") + (decided and not scan.free)))
