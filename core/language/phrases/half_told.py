"""Conditions and rules of which the words around them tell only a half: a part that is traded, an exception, the first of two steps."""

import re

from core.language.phrases.fillers import ENDED, HARMLESS, list_words
from core.language.phrases.found import Found

SENTENCE = re.compile(r"[.;!?]+(?:\s|$)")
_UNITS = r"(?:shares|units|contracts|coins|lots)"
OF_A_PART = re.compile(
    r"(?:\b|(?<=\s))(?:1/[2-9]|(?:one|an?|another) (?:half|third|quarter|fifth)|\d+ ?%)(?: of (?:it"
    r"|the (?:money|position)))?(?: when| if| once)?\s*$"
    rf"|\b(?:sell|exit|close|cover)?(?: off)?(?: (?:the|my|other|another|remaining))*\s*\d[\d,]* {_UNITS} (?:when|if|once|at|on)\s*$"
    r"|(?:^|,|;|\band) (?:another |the other |the last )?\d[\d,]* (?:when|if|once)\s*$"
    r"|\b(?:\d+|two|three|four|five|six|ten) (?:trading )?(?:days|bars|candles|sessions|weeks) (?:after|before|from)\b[^.;,]*\band\s*$"
    r"|\bboth\b[^.;,]*\band\s*$|\b(?:on|after) the (?:second|third|fourth|2nd|3rd|4th)\s*$",
    re.IGNORECASE,
)
"""Words before a condition for a part of what is traded, and for a time that something else begins."""
EXCEPTED = re.compile(r",? (?:but |and )?(?:only )?(?:if|unless|provided|as long as|in case)\b(?P<what>[^.;,]*)", re.IGNORECASE)


def has_unread_exception(text: str, phrase: Found, found: list[Found]) -> bool:
    """Tell a stop, a target or a time behind which a condition stands that was not understood: `after 15 days if not at my goal`."""
    match = EXCEPTED.match(text, phrase.end)
    if match is None or any(each.start < match.end() and match.start() < each.end for each in found):
        return False
    return any(word not in HARMLESS | ENDED for word in list_words(match["what"]))


NEAR = re.compile(r"\b(?:touch\w*|test(?:ing|s|ed)?|near\w*|approach\w*|bounc\w+(?: off| from)?|respect\w*)\s*(?:the )?$", re.IGNORECASE)
ORDERED = re.compile(r"\b(?:buy|sell|short|long|enter|exit|cover|close (?:it|the)|go|get)\b", re.IGNORECASE)
LATER = re.compile(r"\s*(?:and |but )?(?:then|next|after (?:that|this)|afterwards|now wait)\b,?(?P<what>[^.;!?]*)", re.IGNORECASE)


def goes_on_later(text: str, phrase: Found, found: list[Found]) -> bool:
    """`Wait for A. Then B. Buy it.`: B was not understood, and alone A would be the half of a sequence."""
    if ORDERED.search(SENTENCE.split(text[: phrase.start])[-1]):
        return False
    ended = SENTENCE.search(text, phrase.end)
    match = LATER.match(text, ended.end()) if ended else None
    if match is None or any(each.start < match.end() and match.start() < each.end for each in found):
        return False
    return any(word not in HARMLESS for word in list_words(match["what"]))
