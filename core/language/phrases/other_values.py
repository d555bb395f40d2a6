"""Conditions whose words mean another value than they name alone: the length of an average, one end of a range, the opposite."""

import re

from core.language.phrases.found import Found

NEGATION = re.compile(
    r"(?:n['’]t|\b(?:not|never|without|no|fail(?:s|ed)? to))(?: (?:in|on|at|been|be|an?|the|any|yet|is|was|such|new|have"
    r"|had))*\s*$",
    re.IGNORECASE,
)
"""Words right before a phrase after which the opposite is meant."""
HISTOGRAM = re.compile(r"squeeze|\bttm\b|momentum histogram", re.IGNORECASE)
"""Words for an oscillator whose histogram is not that of the MACD."""
OF_A_PERIOD = re.compile(
    r" of (?:the |this |that |each |a )*(?:current |last |previous |opening |first )?(?:week|month|quarter|year|hour|session|range)\b",
    re.IGNORECASE,
)
"""Words behind a price that say whose it is."""
PRICE = re.compile(r"(?:crosses_\w+\()?(?:close|open|high|low)(?: [<>]=? |, )(?:open|high|low|close)\)?")
OF_BAR = re.compile(r"close [<>]=? [\d.]+ \* (?:high|low)")
"""So far from `its high`, which is not that of the bar."""
END_OF_RANGE = re.compile(r"\d ?%? ?(?:to|-|–)\s*$")
KEPT = re.compile(
    r"(?:n['’]t|\b(?:not|never)) (?:sell|exit|close (?:it|the)|cover|get out|take profits?)\b"
    r"(?:(?!\b(?:buy|sell|exit|cover|enter|go (?:long|short))\b)[^.;])*$",
    re.IGNORECASE,
)
"""Words before a condition on which a position is not sold."""
NUMBER = re.compile(r"(?:crosses_\w+\((?:close|[sewh]ma\(\d+\)), |(?:close|[sewh]ma\(\d+\)) [<>]=? )(\d{1,3})\)?")


def is_of_another_value(text: str, phrase: Found, before: str) -> bool:
    """Tell a condition of which the words around it make another one; `before` are the words since the phrase before it."""
    if "macd(12, 26, 9).histogram" in phrase.expression and HISTOGRAM.search(text) and "macd" not in text.lower():
        return True
    if OF_BAR.fullmatch(phrase.expression) and re.search(
        r"\b(?:its|the|recent) (?:high|low)$", text[phrase.start : phrase.end], re.IGNORECASE
    ):
        return True
    if KEPT.search(text[: phrase.start]):
        return True
    if PRICE.fullmatch(phrase.expression) and OF_A_PERIOD.match(text, phrase.end):
        return True
    return NEGATION.search(before) is not None or END_OF_RANGE.search(before) is not None or _is_length(text, phrase.expression)


def _is_length(text: str, expression: str) -> bool:
    """Tell a price compared with a number that the text names as the length of an average: `EMA 8, 13, 34 ... closes under 34`."""
    number = NUMBER.fullmatch(expression)
    if number is None:
        return False
    listed = rf"(?:\d{{1,3}}(?:,? and |[,/& ]+))*{number[1]}\b"
    behind = rf"\b{number[1]}(?:(?:,? and |[,/& ]+)\d{{1,3}})*[- ]?(?:day |period )?[sewh]?ma"
    return re.search(rf"\b(?:[sewh]?mas?|averages?|ribbon) ?\(?{listed}|{behind}", text, re.IGNORECASE) is not None


TITLE = re.compile(
    r"(?:the |my |an? )?(?:[\w-]+ ){1,3}(?:break-?outs?|strategy|set-?up|system|reversals?|trades?|trading|method)[.:;]\s", re.IGNORECASE
)


def is_title(text: str, phrase: Found) -> bool:
    """Tell a pattern that only names the strategy, at the beginning of a text that speaks of it again: `Inside bar breakout. ...`."""
    title = TITLE.match(text)
    said = text[phrase.start : phrase.end].lower()
    return title is not None and phrase.end < title.end() and said in text[title.end() :].lower()
