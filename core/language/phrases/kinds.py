"""Bands and averages without a name of their own: of the kind that the text speaks of alone."""

import re

from core.language.phrases.terms import BANDS

STOCH_RSI = r"\bstoch(?:astic)?[- ]?rsi\b"


def choose_kinds(expression: str, words: str, text: str) -> str:
    """Bands and averages without a name of their own are of the kind that the text speaks of alone.

    >>> choose_kinds("close > bbands(20, 2).upper", "above the upper line", "Donchian: buy above the upper line")
    'close > donchian(20).upper'
    >>> choose_kinds("crosses_below(sma(8), sma(21))", "the 8 crosses below the 21", "EMAs: out when the 8 crosses below the 21")
    'crosses_below(ema(8), ema(21))'
    """
    if BANDS["bollinger"] in expression and not re.search(r"bollinger|\bbb|\bbands?\b|deviation|sigma", text, re.IGNORECASE):
        kinds = [name for name in ("keltner", "donchian") if name in text.lower()]
        expression = expression.replace(BANDS["bollinger"], BANDS[kinds[0]]) if len(kinds) == 1 else expression
    if re.search(STOCH_RSI, text, re.IGNORECASE) and not re.search(
        r"stoch", re.sub(STOCH_RSI, "", text, flags=re.IGNORECASE), re.IGNORECASE
    ):
        expression = expression.replace("stoch(14, 3, 3).", "stochrsi(14).")
    plain = re.search(r"average|ma\b|ma\d|mean|line|trend", words, re.IGNORECASE) is None
    if (
        plain
        and re.search(r"\bema|exponential", text, re.IGNORECASE)
        and not re.search(r"(?<![ewh])mas?\b|\bsma|average", text, re.IGNORECASE)
    ):
        expression = re.sub(r"\bsma\((\d+)\)", r"ema(\1)", expression)
    return SIMPLE.sub(lambda found: f"{_find_kind(found[1], words, text)}({found[1]})", expression)


SIMPLE = re.compile(r"\bsma\((\d+)\)")
"""An average of prices, which is a simple one where nothing else is said."""
_DAYS = r"(?:[- ]?(?:days?|bars?|periods?|weeks?|months?|hours?|d))?"
_NAME = r"(?:[sewh]ma|[dt]ema|kama|simple|exponential|weighted|hull|average|moving|mean|ma|dma|line|trend)s?\b"


def _find_kind(length: str, words: str, text: str) -> str:
    """The kind of an average that is called by its length alone: that of the same length, or of the one that it is compared with."""
    bare = re.search(rf"(?<![\d.]){length}{_DAYS}(?![- ]?{_NAME}|[\d(])", words, re.IGNORECASE)
    if bare is None or re.search(rf"(?<![\d.]){length}{_DAYS}[- ]?{_NAME}|{_NAME} ?\(?{length}\b", words, re.IGNORECASE):
        return "sma"
    same = {kind for kind, pattern in KINDS.items() if re.search(pattern.format(length), text, re.IGNORECASE)}
    beside = {kind for kind, pattern in KINDS.items() if re.search(pattern.format(r"\d+"), words, re.IGNORECASE)}
    told = same or beside
    return told.pop() if len(told) == 1 else "sma"


def _name(short: str, whole: str) -> str:
    """A pattern for an average of a length by its name, before or behind."""
    return rf"(?<![\d.]){{0}}{_DAYS}[- ]?(?:{short}|{whole}(?: moving)? average)s?\b|\b{short} ?\(?{{0}}\b"


KINDS = {
    "sma": _name("sma", "(?:simple|(?<!exponential )(?<!weighted )(?<!hull )moving)"),
    "ema": _name("ema", "exponential"),
    "wma": _name("wma", "weighted"),
    "hma": _name("hma", "hull"),
}
