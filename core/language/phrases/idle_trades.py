"""Ways out for trades that go nowhere: `if the trade is not up at least 1R after 8 bars, get out`."""

import re
from collections.abc import Iterator

from core.language.phrases.terms import COUNT, read_count

_TRADE = r"(?:(?:the|a|my) (?:trade|position)|it|i|we|price)"
_LEAVE = (
    r"(?:i |we |then |just )?(?:time[- ](?:exit|stop|limit):?|close|exit|sell|get out|leave|cover|cut|dump"
    r"|out|go flat)(?: (?:it|out|of it|(?:the|my) (?:trade|position)|at (?:the"
    r" )?market))?"
)
_AMOUNT = r"(?:(?: by)?(?: at least| more than| a)? ?(?P<number{0}>\d+(?:\.\d+)?) ?(?P<unit{0}>%|percent|r\b))"
_NOT_UP = (
    r"(?:(?:is|am|are|was|'s|'m)?(?: still)? ?(?:not|n't)(?: yet| been)? (?:in"
    r" (?:the |a )?(?:profit|money)|profitable|up|positive|ahead|in the green"
    r"|showing a profit|at(?= \d+(?:\.\d+)? ?r\b)"
    r"|(?:moved|gained|made|reached|risen|gone|advanced)(?: to| up)?)"
    r"|(?:is|has)n['’]t(?: yet| been)? (?:in (?:the |a )?(?:profit|money)|profitable"
    r"|up|positive|ahead|in the green|(?:moved|gained|made|reached|risen|gone)(?:"
    r" to| up)?)"
    r"|(?:has|have) not(?: yet)? (?:moved|gained|made|reached|risen|gone|advanced)(?: to| up)?"
    r"|does(?: not|n['’]t) (?:move|gain|make|reach|rise|go|show)(?: to| up)?"
    r"|(?:has|shows|made|is showing) (?:(?:no|not made a|less than a) (?:profit|gain)|an? loss)"
    r"|is(?: still)? (?:in (?:a )?loss|losing|under ?water|down|negative|in the red)"
    r"|(?:is|has|am) (?:up |gained |made )?less than(?= \d))"
)
_BEHIND = r"(?:(?: (?:in|my|our|your|favou?r|profit|gain|of|a))*)"
_STATE = rf"{_NOT_UP}(?:{_AMOUNT})?{_BEHIND}"
_DAYS = r"(?:trading )?(?P<bars{0}>days?|bars?|candles?|weeks?|sessions?)"
_COUNTED = COUNT.replace("(", "(?P<count{0}>", 1)


def _number(pattern: str, place: int) -> str:
    return pattern.replace("{0}", str(place))


IDLE = re.compile(
    rf"\b(?:if|when) (?:{_TRADE} ?)?(?:{_number(_STATE, 1)}) (?:after|within|in)"
    rf" (?:the first )?{_number(_COUNTED, 1)} {_number(_DAYS, 1)},? {_LEAVE}"
    rf"|\b{_LEAVE} (?:if|when) (?:{_TRADE} ?)?(?:{_number(_STATE, 2)}) (?:after"
    rf"|within|in) (?:the first )?{_number(_COUNTED, 2)} {_number(_DAYS, 2)}"
    rf"|\b{_LEAVE} after {_number(_COUNTED, 3)} {_number(_DAYS, 3)},? (?:if|when) (?:{_TRADE} ?)?(?:{_number(_STATE, 3)})"
    rf"|\b(?:if )?after {_number(_COUNTED, 4)} {_number(_DAYS, 4)},? (?:if (?:{_TRADE} ?)?|{_TRADE} ?)(?:{_number(_STATE, 4)}),? {_LEAVE}",
    re.IGNORECASE,
)


def find_idle(text: str) -> Iterator[tuple[int, int, str]]:
    """Find ways out for trades without a gain, or with less than is told: their place and the condition."""
    for match in IDLE.finditer(text):
        place = next(number for number in range(1, 5) if match[f"count{number}"])
        bars = read_count(match[f"count{place}"]) * (5 if match[f"bars{place}"].lower().startswith("week") else 1)
        number, unit = match[f"number{place}"], (match[f"unit{place}"] or "").lower()
        gain = f"{'open_r' if unit == 'r' else 'open_profit'} < {number}" if number else "open_profit <= 0"
        if number and re.search(r"\b(?:down|loss|losing|in the red)\b", match.group(), re.IGNORECASE):
            gain = f"{'open_r' if unit == 'r' else 'open_profit'} <= -{number}"
        yield *match.span(), f"bars_in_trade >= {bars} and {gain}"
