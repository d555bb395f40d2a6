"""Cells in plain words: the spelling of what the phrases of a description understand, and the nearest one of what they do not.

Nothing can be said here that the language cannot say by itself, and a text that the language reads is left as it is.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

from core.domain.workflow import Measure
from core.language.spoken.digits import VALUES, write_digits
from core.language.spoken.instruments import TICKERS
from core.language.spoken.noun import Noun, put_on_frame, read_frame
from core.language.spoken.nouns import find_noun
from core.language.spoken.relations import take_over
from core.language.spoken.vocabulary import BARS, FRAME
from core.language.spoken.whole_texts import find_joined, find_state
from core.language.syntax.comparisons import is_in_percent
from core.language.syntax.expression import find_meaning, parse_expression
from core.language.syntax.nodes import BarField, Node, Number, is_condition
from core.language.syntax.operand_tree import ExpressionError
from core.language.syntax.reader import NO_NAMES
from core.language.syntax.slips import find_typos
from core.language.syntax.spelling import respell

SHARE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:%|percent|per cent|pct)\s*", re.IGNORECASE)
LENGTH = re.compile(rf"\s*(?:for\s+|over\s+)?(?:the\s+)?(?:last\s+|past\s+)?(\d+)[\s-]+{BARS}(?:\s+in\s+a\s+row)?\s*", re.IGNORECASE)
UNITS: Mapping[Measure, str] = MappingProxyType(
    {
        Measure.PERCENT: r"(?:%|percent|per cent|pct)(?: of (?:the |my )?(?:account(?: equity)?|equity|capital|portfolio|cash))?",
        Measure.ATR: r"(?:x |times (?:the )?|\* ?)?(?:the )?(?:atrs?|average true ranges?)(?: ?\((?P<length>\d+)\))?|x|times",
        Measure.R: r"r|rs|times (?:the )?(?:initial )?risk|x",
        Measure.BARS: rf"{BARS}|trading days",
        Measure.UNITS: r"shares?|units?|contracts?|lots?|coins?",
        Measure.CASH: r"dollars?|usd|euros?|eur|bucks",
        Measure.POINTS: r"points?|pts?",
        Measure.PIPS: r"pips?",
        Measure.COUNT: r"times|trades?|entries|positions?|losses",
        Measure.TIMES: r"x|times(?: (?:the )?equity)?",
    }
)
"""Measure to the words that people write behind a number of it."""
MOST_WORDS = 10
"""Words of a cell up to which a part of it is sought that is understood."""


def spell_operand(text: str, names: Mapping[str, Node] = NO_NAMES, *, condition: bool = False) -> str:
    """Spell a cell in plain words as the language does; a text that can be read by itself, or not at all, stays as it is.

    >>> spell_operand("20 day moving average"), spell_operand("new 52 week high", condition=True), spell_operand("the moon")
    ('sma(20)', 'close > highest(high, 252)[1]', 'the moon')
    """
    return text if _is_read(text, names) else _find_spelling(text, condition=condition) or text


def spell_threshold(text: str, names: Mapping[str, Node], subject: str, *, compared: bool) -> str:
    """Spell what an operand is compared with: an extreme is that of the bars before, `its average` that of the operand.

    >>> spell_threshold("20 day high", {}, "close", compared=True), spell_threshold("5%", {}, "roc(10)", compared=True)
    ('highest(high, 20)[1]', '5')
    """
    if (share := SHARE.fullmatch(text)) and is_in_percent(find_meaning(subject) if subject else None):
        return share[1]
    return text if _is_read(text, names) else _find_spelling(text, subject, compared=compared) or text


def spell_length(text: str) -> str:
    """Spell a number of bars without its word: `5 bars` as `5`."""
    found = LENGTH.fullmatch(write_digits(text).text)
    return found[1] if found else text


def split_unit(text: str, measure: Measure) -> tuple[str, ...]:
    """Split a number from the word of the row's measure that stands behind it, and from the bars of a range.

    >>> split_unit("2 ATR", Measure.ATR), split_unit("1.5 x ATR(10)", Measure.ATR), split_unit("2 ATR", Measure.PERCENT)
    (('2',), ('1.5', '10'), ('2 ATR',))
    """
    found = _match_unit(text, measure)
    if found is None:
        return (text,)
    length = found.groupdict().get("length")
    return (found["number"], length) if length else (found["number"],)


def find_measure(text: str, known: Iterable[Measure]) -> Measure | None:
    """Find the measure whose word stands behind a number: `2 ATR` counts in ranges."""
    return next((measure for measure in known if _match_unit(text, measure)), None)


def _match_unit(text: str, measure: Measure) -> re.Match[str] | None:
    words = UNITS.get(measure)
    pattern = rf"(?P<number>-?\d+(?:\.\d+)?)[ -]?(?:{words})"
    return re.fullmatch(pattern, write_digits(" ".join(text.split())).text, re.IGNORECASE) if words else None


def is_extreme(text: str) -> bool:
    """Tell a text in plain words that names a highest or lowest value of several bars."""
    noun = _find_value(_write_plainly(text)) if find_meaning(text) is None else None
    return noun is not None and noun.extreme


def is_price(cells: tuple[str, ...]) -> bool:
    """Tell whether all of these cells name a price of the bar."""
    return bool(cells) and all(isinstance(find_meaning(text), BarField) for text in cells)


def _is_read(text: str, names: Mapping[str, Node]) -> bool:
    if not names:
        return find_meaning(text) is not None
    try:
        parse_expression(text, names)
    except ExpressionError:
        return False
    return True


@lru_cache(maxsize=4_096)
def _find_spelling(text: str, subject: str = "", *, condition: bool = False, compared: bool = False) -> str:
    """The expression that words mean, where all of them are understood and it can be read; empty otherwise. Kept: tables are read often."""
    plain = _write_plainly(text)
    if not plain or re.search(rf"\b{TICKERS}\b", plain):  # a symbol may be what is traded, or another: only `other` says which
        return ""
    noun = _find_value(plain, subject)
    if condition or noun is None:
        told = find_joined(plain) or find_state(plain)
        if told and is_condition(find_meaning(told) or Number(0.0, -1)):
            return told
    if noun is None or noun.percent:
        return ""
    told = _relate(noun, subject) + ("[1]" if compared and noun.extreme else "")
    if condition and noun.extreme:
        told = f"close {'>' if told.startswith(('highest', 'all_time_high')) else '<'} {told}[1]"
    return told if find_meaning(told) is not None else ""


ON_CHART = re.compile(rf"(?P<value>.+) on (?:the |an? )?(?:{FRAME})(?: charts?| bars?| time ?frame| candles?)?", re.IGNORECASE)
EMPTY_WORDS = re.compile(r"(?<=[\w)]) (?:value|reading|indicator)$", re.IGNORECASE)


def _find_value(plain: str, subject: str = "") -> Noun | None:
    """The value that words name, also on the bars of a longer chart; `the average` beside volume is volume's."""
    text = EMPTY_WORDS.sub("", plain)
    if (chart := ON_CHART.fullmatch(text)) is not None and (noun := find_noun(chart["value"], alone=True)) is not None:
        frame = read_frame(chart, "")
        return replace(noun, expression=put_on_frame(noun.expression, frame)) if frame else None
    if subject == "volume" and re.search(r"\baverage$", text, re.IGNORECASE):
        text = f"{text} volume"
    return find_noun(text, alone=True)


def _write_plainly(text: str) -> str:
    """The words with digits for numbers and one kind of apostrophe, without a full stop."""
    plain = " ".join(text.replace("’", "'").split()).rstrip(".")
    if plain.lower() in VALUES:
        return str(VALUES[plain.lower()])
    return write_digits(plain).text if len(plain) <= 200 else ""


def _relate(noun: Noun, subject: str) -> str:
    """Write a value as it is meant beside another: its own average, the signal line of the same MACD."""
    if not subject:
        return noun.expression
    left = respell(subject).text
    same = re.match(r"(macd|stoch)(\([\d., ]+\))", left, re.IGNORECASE)
    if same and (line := re.fullmatch(rf"{same[1]}\([\d., ]+\)(\.\w+)", noun.expression, re.IGNORECASE)):
        return f"{same[1].lower()}{same[2]}{line[1]}"
    return take_over(Noun(left), noun)


_LIST = """
    moving average averages simple exponential weighted hull smoothed volume close closing price open opening high highest low lowest
    yesterday yesterday's today today's previous prior week week's weekly month month's monthly daily day days bar bars period
    bollinger keltner donchian channel band bands upper lower middle stochastic histogram signal line relative strength index true range
    momentum return rate change supertrend parabolic pivot swing above below crosses rising falling oversold overbought greater less than
    golden death cross williams standard deviation minutes first hour percent times plus minus
"""
WORDS = tuple(re.findall(r"\S+", _LIST))
"""Words of which one may have been meant by another that looks like it."""


def is_plain(text: str) -> bool:
    """Tell a text of words and numbers only, which is no slip in an expression."""
    return re.fullmatch(r"(?:[\w'’%-]+\s+)+[\w'’%-]+[.?!]?", text.strip()) is not None


@lru_cache(maxsize=1_024)
def suggest_words(text: str) -> str:
    """Suggest what a cell in plain words may have meant: with a slip of the fingers mended, or the part that is understood.

    >>> suggest_words("20 day moving avrage"), suggest_words("RSI my friend"), suggest_words("the moon")
    ('Did you mean `20 day moving average`, which is `sma(20)`?', 'Of it only `RSI` is understood.', '')
    """
    if (named := re.search(rf"\b{TICKERS}\b", text)) is not None:
        symbol = "^VIX" if named["ticker"] == "VIX" else "SPY" if named["ticker"].startswith("S&P") else named["ticker"]
        return f'Write `other("{symbol}").close` for another symbol, and leave the name out for the one that is traded.'
    words = text.split()
    if not 1 <= len(words) <= MOST_WORDS or not re.fullmatch(r"[\w\s.,%'’()/+-]+", text):
        return ""
    mended = " ".join(_mend(word) for word in words)
    if mended != " ".join(words) and (told := _find_spelling(mended)):
        return f"Did you mean `{mended}`, which is `{told}`?"
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1):
            part = " ".join(words[start : start + length])
            if re.search(r"[a-z]{2}", part, re.IGNORECASE) and (told := spell_operand(part)) and _names_value(told):
                return f"Of it only `{part}` is understood{f', as `{told}`' if told != part else ''}."
    return ""


def _names_value(text: str) -> bool:
    node = find_meaning(text)
    return node is not None and not isinstance(node, Number)


def _mend(word: str) -> str:
    plain = word.lower()
    near = [] if plain in WORDS or not plain.isalpha() else find_typos(plain, WORDS)
    return near[0] if near else word
