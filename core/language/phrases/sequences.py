"""One condition that comes after another: `A, then B within 10 days`, `B within 3 days after A`. Places and expressions alone."""

import re
from dataclasses import dataclass

from core.language.phrases.terms import COUNT, read_count

USUAL = 10
"""Bars within which one crossing follows another where no time is told: assumed, and marked as that."""
_BARS = r"(?:trading |business )?(?:days?|bars?|candles?|sessions?|closes)"
_WITHIN = rf"(?:within(?: a maximum of| at most| no more than)?(?: the)?(?: next| following)?|in the (?:next|following)) {COUNT} {_BARS}"
BEHIND = re.compile(rf",? {_WITHIN}(?! (?:ago|of entry|before))(?P<of> (?:of|after|following) )?", re.IGNORECASE)
"""`within 3 days`, behind the later condition; with `after` the earlier one follows."""
_JOINING = (
    r"and|but|then|next|after that|afterwards|followed by|subsequently|wait(?:ing)?(?: for| until| till)?|i|we|look(?:ing)? for"
    r"|the|an?|price|it"
    r"|first|next|confirmed by|is confirmed by|confirmation by|must|has to|needs to|should|only|if|when|once|on"
)
_SIDE = r"buy|go long|long|enter|enter long|go short|sell short|short"
BETWEEN = re.compile(rf"[ ,;:.]*(?:(?:{_JOINING}|(?P<side>{_SIDE}))(?!\w)[ ,]*)*", re.IGNORECASE)
"""Words between the earlier condition and the later one; with a side among them the places of both are kept."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Two conditions, one after the other, in place of the phrases that they were found as."""

    start: int
    end: int
    first: int
    """Place of the earlier condition in the list of phrases."""
    second: int
    bars: int
    apart: bool = False
    """True where a side is named between the two."""


def find_sequences(text: str, places: list[tuple[int, int]]) -> list[Sequence]:
    """Find conditions that follow each other within so many bars, among phrases that stand at these places, in reading order."""
    found: list[Sequence] = []
    used: set[int] = set()
    for index, (start, end) in enumerate(places):
        match = BEHIND.match(text, end)
        if match is None or index in used:
            continue
        bars = read_count(match[1])
        later = _find_next(places, match.end(), text) if match["of"] else None
        before = index - 1
        if match["of"] and later is not None and later not in used:
            found.append(Sequence(start, places[later][1], later, index, bars))
            used |= {index, later}
        elif not match["of"] and before >= 0 and before not in used and (between := BETWEEN.fullmatch(text[places[before][1] : start])):
            found.append(Sequence(places[before][0], match.end(), before, index, bars, apart=between["side"] is not None))
            used |= {before, index}
    return found


def _find_next(places: list[tuple[int, int]], at: int, text: str) -> int | None:
    """The phrase that begins at a place, past an article."""
    return next(
        (number for number, (start, _) in enumerate(places) if start >= at and re.fullmatch(r"\s*(?:an?|the)?\s*", text[at:start])), None
    )
