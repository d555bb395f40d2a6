"""Averages that a text calls fast and slow: the lengths that it gives them once, put in where only these words stand."""

import re

_WORD = r"(?P<word>fast(?:er)?|slow(?:er)?|short(?:er)?(?:[- ]term)?|long(?:er)?(?:[- ]term)?|medium(?:[- ]term)?|middle|trend)"
_KIND = r"(?P<kind>[sewh]ma|ma|(?:exponential |simple )?moving average|average)"
_TOLD = (
    re.compile(
        rf"\b{_WORD} {_KIND} ?(?:is |= ?|: ?|of |\()?(?:the )?(?:length |period )?(?P<length>\d{{1,3}})(?:[- ](?:day|bar"
        rf"|period)s?)?\)?",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_WORD} \(?(?P<length>\d{{1,3}})[- ]?(?:day|bar|period)?\)? {_KIND}\b", re.IGNORECASE),
    re.compile(rf"\b(?P<length>\d{{1,3}})[- ]?(?:day|bar|period)? {_KIND} \((?:the )?{_WORD}\)", re.IGNORECASE),
)


def _shorten(word: str) -> str:
    return re.sub(r"(?:er)?(?:[- ]term)?$", "", word.lower())


def find_averages(text: str) -> dict[str, str]:
    """Find what a text calls its fast and its slow average.

    >>> find_averages("the fast EMA (9) crosses the slow EMA (26)")
    {'fast': '9-day ema', 'slow': '26-day ema'}
    """
    told: dict[str, set[str]] = {}
    for pattern in _TOLD:
        for match in pattern.finditer(text):
            kind = match["kind"].lower()
            told.setdefault(_shorten(match["word"]), set()).add(f"{match['length']}-day {'ma' if kind == 'average' else kind}")
    return {word: averages.pop() for word, averages in told.items() if len(averages) == 1}


def put_average(match: re.Match[str]) -> str:
    """Write an average that only a word stands for by its length, where the text tells it elsewhere."""
    if any(pattern.match(match.string, match.start("name")) for pattern in _TOLD):
        return match.group()
    average = find_averages(match.string).get(_shorten(match["word"]))
    return f"the {average}" if average else match.group()


NAMED_AVERAGE = rf"\b(?:the )?(?P<name>{_WORD} (?:[sewh]ma|ma|(?:exponential |simple )?moving average|average|line|one))\b(?! ?\(?\d)"
"""An average that a word alone stands for."""
