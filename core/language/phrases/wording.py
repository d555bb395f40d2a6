"""Other ways to write the same words: abbreviations, slips, passives and names that a text defines, put into the words of the phrases."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.language.spoken.digits import DigitText
from core.language.syntax.expression import find_meaning

SAID = "¤"
"""Stands for words that were understood and say nothing where they stand."""
UNKNOWN = "~"
"""Stands for a name whose value was not understood: nothing is read there."""
_WHEN = r"(?= (?:on|when|if|once|as soon as|after|at)\b)"
_ALL = r"(?:all(?: of (?:it|them))?|everything|the (?:whole |entire |full |remaining )?position|the trade|it)"
_LAST = r"(?:the |my )?(?:(?:last|final|remaining|other) (?:third|half|quarter|part|piece|one)|rest|remainder)(?: of (?:the|my) position)?"
_SPAN = r"(?P<length>\d+)[- ](?P<unit>day|bar|week|month|period|candle)"
_VERB = "go|make|reach|cross|close|break|fall|rise|drop|touch|hit|come|turn|get|open|move|stay|climb|dip|trade"
WORDINGS: tuple[tuple[str, str], ...] = (
    (r"\bpx\b", "price"),
    (r"\bw/(?=[ \w])", "with "),
    (r"\bhist\b", "histogram"),
    (r"\bavg\b\.?", "average"),
    (r"\bx(?:es)?[- ]?(?:up|over|above)\b", "crosses above"),
    (r"\bx(?:es)?[- ]?(?:dn|down|under|below)\b", "crosses below"),
    (r"(?:^|(?<=[.;,] ))L(?=:)", "long"),
    (r"(?:^|(?<=[.;,] ))S(?=:)", "short"),
    (r"\b(?P<band>upper|lower|middle) bbs?\b", r"\g<band> Bollinger band"),
    (r"\b(?P<count>\d+) ?d[- ](?=(?:high|low)\b)", r"\g<count>-day "),
    (r"\b(?P<count>\d+) ?wk?[- ](?=(?:high|low)\b)", r"\g<count>-week "),
    (r"\bbeneath\b", "below"),
    (r"\b(?P<out>sell|exit) and reverse\b", r"\g<out> and go short"),
    (r"\bstop lost\b", "stop loss"),
    (rf"\baverage volume (?:of |over |for |in )?(?:the )?(?:last |past )?{_SPAN}s?\b", r"\g<length>-\g<unit> average volume"),
    (rf"(?<![\w.]){_SPAN}s (?=(?:high|low|moving|simple|exponential|average|[sewh]?ma|rsi|return)s?\b)", r"\g<length>-\g<unit> "),
    (
        rf"(?<!\ba )(?<!\bon )(?P<who>\b(?:price|close|rsi|macd|it|candle|histogram|profit|stock|market|[+-]di|adx) )(?P<verb>{_VERB})"
        r"(?= (?:above|below|over|under|back|up|down|through|new|out|across|to|an?|the|\d|[+-]))",
        r"\g<who>\g<verb>s",
    ),
    (r"\b(?P<verb>go|cross|reach|touch)s\b", r"\g<verb>es"),
    (r"(?P<days>\b(?:green|red) (?:days|bars|candles)) (?:up|down)\b", r"\g<days>"),
    (rf"\b{_ALL} (?:is|are|gets?) (?:then )?(?:sold|closed|exited|liquidated)(?: out)?{_WHEN}", "exit"),
    (rf"\b(?P<verb>exit|sell|close|cover) (?:all(?: of it)?|everything|it all){_WHEN}", r"\g<verb>"),
    (rf"\b{_LAST}(?: (?:is|gets) (?:sold|closed)| exits?| leaves| goes(?: out)?)?(?= (?:when|if|once|as soon as|on an?|on)\b)", "the rest"),
    (r"\b(?P<name>tp|sl|stop|stop[- ]loss|target|take profit) = (?=\S)", r"\g<name> at "),
    (r"\bi(?:'m| am) (?P<lost>\d+(?:\.\d+)? ?(?:%|percent)) (?:under ?water|in the red|down)\b", r"at a \g<lost> loss"),
    (r"(?<=[ ,;:])i(?:'m| am)(?: going)? (?P<side>long|short)(?=[,.;]| with\b)", r"go \g<side>"),
)
"""Words as they are written, and those for them, one after the other."""
_CALLED = r"(?:\((?:[^()]|\([^()]*\))*\)|[^.;,:()=<>]|\.(?=\w))+"
DEFINED = re.compile(rf"(?:^|(?<=[.;:,] ))(?:let |define |where |with )?(?P<name>[a-z]\w{{0,15}}) ?:?= ?(?P<what>{_CALLED})", re.IGNORECASE)
"""A name that the text gives to a value: `z = (close - sma20) / std20`."""
RULE = re.compile(r"(?:tp|sl|stop|target|size|risk|entry|exit|long|short|buy|sell|filter|setup|timeframe|tf|n|atr)$", re.IGNORECASE)
FIRST = re.compile(r"\b(?:first|opening) (?:candle|bar)\b(?! (?:that|to|which|after|above|below)\b)(?:[^.;]|\.(?=\d))*$", re.IGNORECASE)
OF_FIRST = r"\bits (?=(?:high|low|range|open|close)\b)"
Writer = Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class PlainWording:
    """A text in the words of the phrases, and the way back to the words as they were written."""

    text: str
    layers: tuple[DigitText, ...] = ()

    def restore(self, place: int) -> int:
        """The place in the text as it was written."""
        for layer in reversed(self.layers):
            place = layer.restore(place)
        return place

    def write(self, pattern: str, told: Writer) -> "PlainWording":
        """Write the text with other words for what a pattern finds."""
        kept, changes, start = "", [], 0
        for match in re.finditer(pattern, self.text, re.IGNORECASE):
            new = told(match)
            if new != match.group():
                kept += self.text[start : match.start()]
                changes.append((len(kept), len(new), match.end() - match.start()))
                kept += new
                start = match.end()
        return PlainWording(kept + self.text[start:], (*self.layers, DigitText("", tuple(changes)))) if changes else self


def write_plainly(text: str) -> PlainWording:
    """Write a text in the words of the phrases.

    >>> write_plainly("All of it is sold when px x-dn the 20 days average").text
    'exit when price crosses below the 20-day average'
    >>> write_plainly("z = close - sma(20). Buy when z < -2").text
    '¤. Buy when (close - sma(20)) < -2'
    """
    wording = _write_out_names(PlainWording(text))
    for pattern, told in WORDINGS:
        wording = wording.write(pattern, _expand(told))
    return wording.write(OF_FIRST, lambda match: "the first candle's " if FIRST.search(match.string[: match.start()]) else match.group())


def _expand(told: str) -> Writer:
    return lambda match: match.expand(told)


def _write_out_names(wording: PlainWording) -> PlainWording:
    """Put the values in place of the names that a text gives to them."""
    at = 0
    while match := DEFINED.search(wording.text, at):
        name, what = match["name"], match["what"].strip()
        again = rf"(?<![\w.]){name}(?![\w(.])"
        at = match.end()
        used = re.search(again, wording.text[at:], re.IGNORECASE) is not None
        if used and not RULE.match(name) and not _is_known(name) and not re.fullmatch(r"[\d.]+ ?%?", what):
            value = f"({what})" if find_meaning(what) is not None else ""
            at = match.start("name") + 1 if value else at
            definition = re.escape(wording.text[match.start("name") : match.end()])
            wording = wording.write(f"(?P<definition>{definition})|{again}", _put_value(value))
    return wording


def _put_value(value: str) -> Writer:
    def write(match: re.Match[str]) -> str:
        if match["definition"]:
            return SAID if value else match.group()
        return value or UNKNOWN

    return write


def _is_known(name: str) -> bool:
    return find_meaning(name) is not None or find_meaning(f"{name}(14)") is not None
