"""Slips of the fingers in the words that a strategy is told with. Each that is mended is said; words that could be others stay."""

import re
from functools import lru_cache

SHORT = {
    "wen": "when", "whn": "when", "wehn": "when", "whne": "when", "sel": "sell", "selll": "sell", "byu": "buy", "buyy": "buy",
    "abov": "above", "abve": "above", "bellow": "below", "belo": "below", "undr": "under",
    "exti": "exit",
    "eixt": "exit", "croses": "crosses", "corsses": "crosses", "crosess": "crosses", "targt": "target",
    "taget": "target", "higer": "higher", "hihger": "higher", "lowwer": "lower", "adn": "and", "teh": "the", "wiht": "with",
}  # fmt: skip
"""Slips in short words, each of which is no word of its own."""
TURNED = {
    f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}": word
    for word in ("above", "below", "close", "closes", "price", "cross", "under", "short", "target", "profit", "volume", "candle", "entry")
    for at in range(1, len(word) - 1)
    if word[at] != word[at + 1]
}  # fmt: skip
"""Short words with two letters changed: none of them is a word."""
LONG = (
    "crosses", "average", "moving", "volume", "trailing", "percent", "momentum", "oversold", "overbought", "histogram", "stochastic",
    "consecutive", "previous", "yesterday", "position", "equity", "profit", "bullish", "bearish", "engulfing", "breakout", "bollinger",
    "donchian", "keltner", "supertrend", "ichimoku", "exponential", "highest", "lowest", "between", "signal", "session", "candle",
    "leverage",
)  # fmt: skip
"""Longer words, in which a slip is one letter more, less, other or changed with its neighbor, before the last one."""
OTHER_WORDS = frozenset(["training", "leverages", "converge", "highness", "slowest", "candles", "signals", "moving", "lowest", "movement"])
WORD = re.compile(r"(?<![\w.])[a-z]{3,}(?![\w(.]\w|\()", re.IGNORECASE)


def mend_spelling(text: str) -> tuple[str, tuple[str, ...]]:
    """Mend the words of a text that are slips, and say each.

    >>> mend_spelling("buy wen pirce croses the 20 day avergae, crossed or training")[0]
    'buy when price crosses the 20 day average, crossed or training'
    """
    found = {word: meant for word in WORD.findall(text) if (meant := _mend(word.lower()))}
    mended = WORD.sub(lambda match: found.get(match.group(), match.group()), text)
    return mended, tuple(f"“{word}” is read as “{meant}”" for word, meant in found.items())


@lru_cache(maxsize=4_096)
def _mend(word: str) -> str:
    if word in SHORT:
        return SHORT[word]
    if word in TURNED:
        return TURNED[word]
    if len(word) < 6 or word in LONG or word in OTHER_WORDS:
        return ""
    near = [meant for meant in LONG if meant[0] == word[0] and _is_slip(word, meant)]
    return near[0] if len(near) == 1 else ""


def _is_slip(word: str, meant: str) -> bool:
    """Tell whether two words differ by one slip that lies before the last letter: `crossed` is another form, and no slip."""
    place = next((at for at, (one, other) in enumerate(zip(word, meant, strict=False)) if one != other), min(len(word), len(meant)))
    if place >= min(len(word), len(meant)) - 1:
        return False
    rest, whole = word[place:], meant[place:]
    changed = rest[:2] == whole[1::-1] and rest[2:] == whole[2:]
    return changed or rest[1:] == whole[1:] or rest[1:] == whole or rest == whole[1:]
