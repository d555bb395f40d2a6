"""The value that words name, and how it is written: so many bars ago, and on longer bars."""

import re
from dataclasses import dataclass, replace

from core.language.spoken.vocabulary import FRAMES, INTRADAY, LENGTHS, MINUTES


@dataclass(frozen=True, slots=True)
class Noun:
    """A value that words name."""

    expression: str
    own: bool = False
    """True for an average or an extreme that is called its own: it is that of the value on the other side."""
    money: bool = False
    """True for an amount with the sign of a currency: it is a price."""
    percent: bool = False
    """True for a number that is followed by a percent sign."""

    @property
    def number(self) -> bool:
        """True for a number without anything else."""
        return re.fullmatch(r"-?\d+(?:\.\d+)?", self.expression) is not None

    @property
    def scaled(self) -> bool:
        """True for an indicator that has a scale of its own: no price can be above it."""
        return re.match(r"(?:rsi|cci|adx|mfi|stoch|roc|atr|natr|ibs|obv|volume|macd|connors_rsi|williams_r)\b", self.expression) is not None

    @property
    def price(self) -> bool:
        """True for a value of the bar that is a price."""
        return self.expression in ("close", "open", "high", "low")

    @property
    def extreme(self) -> bool:
        """True for a highest or lowest value of several bars."""
        return re.fullmatch(r"(?:highest|lowest)\(.+, \d+\)|all_time_(?:high|low)", self.expression) is not None


def count_bars(count: str | None, unit: str | None) -> int:
    """Count the bars of so many periods: `2 weeks` are ten daily bars, `52 weeks` a year's."""
    number, name = int(count or 1), (unit or "").lower().rstrip("s")
    return 252 if (number, name) == (52, "week") else number * LENGTHS.get(name, 1)


def put_back(expression: str, bars: int) -> str:
    """Write a value as it was so many bars ago.

    >>> put_back("sma(20)", 1), put_back("1.1 * sma(20)", 2), put_back("30", 5), put_back("close[1]", 2)
    ('sma(20)[1]', '(1.1 * sma(20))[2]', '30', 'close[3]')
    """
    if not bars or re.fullmatch(r"-?\d+(?:\.\d+)?", expression):
        return expression
    if past := re.fullmatch(r"([\w.]+(?:\([^()]*\))?(?:\.\w+)?)\[(\d+)\]", expression):
        return f"{past[1]}[{int(past[2]) + bars}]"
    simple = re.fullmatch(r"[a-z_]\w*(?:\((?:[^()]|\([^()]*\))*\))?(?:\.\w+)?|\([^()]*\)", expression)
    return f"{expression}[{bars}]" if simple else f"({expression})[{bars}]"


def put_on_frame(expression: str, frame: str) -> str:
    """Write a value or condition as that of longer bars."""
    return f'tf("{frame}", {expression})' if frame and not re.fullmatch(r"-?[\d.]+", expression) else expression


AVERAGE = re.compile(r"(?:sma|ema|wma|hma|dema|tema)\(\d+\)")


def put_beside(noun: Noun | None, subject: Noun, words: str) -> Noun | None:
    """`The weekly close is above the 30 WMA`: an average whose bars are not told is one of the bars of what it is compared with."""
    frame = re.fullmatch(r'tf\("(\w+)", close\)', subject.expression)
    if noun is None or frame is None or not AVERAGE.fullmatch(noun.expression) or re.search(r"day|daily|\dd\b", words, re.IGNORECASE):
        return noun
    return replace(noun, expression=put_on_frame(noun.expression, frame[1]))


FRAMED = re.compile(r'tf\("(?P<frame>\w+)", (?P<what>(?:[^()]|\((?:[^()]|\([^()]*\))*\))+)\)(?:\[(?P<ago>\d+)\])?')


def turn_on_frame(expression: str) -> str:
    """Write the turn of a value of longer bars as one of these bars: outside, an index counts the bars of the run.

    >>> turn_on_frame('tf("1w", rsi(14)) > tf("1w", rsi(14))[1] and tf("1w", rsi(14))[1] <= tf("1w", rsi(14))[2]')
    'tf("1w", rsi(14) > rsi(14)[1] and rsi(14)[1] <= rsi(14)[2])'
    """
    told = list(FRAMED.finditer(expression))
    if {match["ago"] for match in told} != {None, "1", "2"} or len({match["frame"] for match in told}) > 1:
        return expression
    inside = FRAMED.sub(lambda match: put_back(match["what"], int(match["ago"] or 0)), expression)
    return put_on_frame(inside, told[0]["frame"])


BARS_OF = re.compile(
    r"(\d+)(?:[- ](?=min|h))?(min|h|m(?! ?(?:in|on)))(?=[a-z]* ?(?:bars?|chart|candles?|time|rsi|macd|ema|sma|[a-z]))", re.IGNORECASE
)
SPAN_BEFORE = re.compile(
    r"\b(?:first|opening|last|past|next|after|for|hold(?:ing)?|within|than|most|wait|in) (?:the )?(?:first |last )?$", re.IGNORECASE
)
SPAN_BEHIND = re.compile(r"[a-z]* (?:before|after|into|from|later|ago)\b", re.IGNORECASE)
"""Words around a span of time that says how long something takes, and not which bars are meant."""


def find_base(text: str) -> int:
    """Minutes of the shortest bars that a text names; 0 where it names none."""
    told = [
        int(bars[1]) * (60 if bars[2].lower().startswith("h") else 1)
        for bars in BARS_OF.finditer(text)
        if not SPAN_BEFORE.search(text[: bars.start()]) and not SPAN_BEHIND.match(text, bars.end())
    ]
    return min([*told, *([60] if re.search(r"\bhourly\b", text, re.IGNORECASE) else [])], default=0)


def read_frame(match: re.Match[str], text: str) -> str:
    """Read `weekly`, `15-minute`, `4-hour`; empty for the bars that the run has by itself, or none that are known."""
    word, unit = (match["word"] or "").lower(), (match["unit"] or match["letter"] or "").lower()
    if (60 if word == "hourly" else int(match["count"]) * (60 if unit.startswith("h") else 1) if unit else -1) == find_base(text):
        return ""
    if match["word"]:
        word = match["word"].lower()
        return "" if word == "daily" and not INTRADAY.search(text) else FRAMES[word]
    if unit.startswith("m"):
        return MINUTES.get(match["count"], "")
    return f"{match['count']}h" if match["count"] in ("1", "2", "4") else ""
