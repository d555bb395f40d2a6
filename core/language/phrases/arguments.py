"""Numbers in parentheses behind the name of an indicator: set aside before phrases are sought, and put where the usual ones stand."""

import re
from dataclasses import dataclass

USUAL = {
    "bollinger": "bbands(20, 2)",
    "bb": "bbands(20, 2)",
    "keltner": "keltner(20, 2)",
    "donchian": "donchian(20)",
    "macd": "macd(12, 26, 9)",
    "stochastic": "stoch(14, 3, 3)",
    "supertrend": "supertrend(10, 3)",
    "kama": "kama(10, 2, 30)",
}
"""Calls that phrases without numbers stand for."""
CALL = re.compile(
    r"(?<![\w(.])(?P<name>bollinger|bb|keltner|donchian|macd|stochastic|supertrend|kama)s?(?: (?:oscillator|histogram|line|bands?"
    r"|channels?|%?[kd]\b))*"
    r"(?P<told> ?\((?P<numbers>\d+(?:\.\d+)?(?:, ?\d+(?:\.\d+)?)*)\)|(?<=donchian)"
    r" (?P<plain>\d{1,3})(?=[:,]))(?!\s*[.,]?\w*\)|\s*[<>=!+*/-]|\.\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Told:
    """Numbers that were set aside."""

    place: int
    """Their place in the text without them."""
    length: int
    usual: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text without the numbers in parentheses, and what they were.

    >>> plain = set_arguments_aside("Buy when MACD (8, 21, 5) turns positive")
    >>> plain.text, plain.restore(9, 28, "macd(12, 26, 9).macd > 0")
    ('Buy when MACD turns positive', (9, 39, 'macd(8, 21, 5).macd > 0'))
    """

    text: str
    told: tuple[_Told, ...]

    def restore(self, start: int, end: int, expression: str) -> tuple[int, int, str | None]:
        """The place of a phrase in the whole text, and its expression with the numbers told; None where they do not fit it.

        Numbers that were told once hold for the same indicator until others are.
        """
        before, inside = ([one for one in self.told if one.place <= bound] for bound in (start, end))
        places = start + sum(one.length for one in before), end + sum(one.length for one in inside)
        for one in inside[len(before) :]:  # written in the language itself: `close > KAMA (10)`
            expression = re.sub(rf"(?<![\w.]){one.usual.split('(')[0]}(?![\w(])", one.usual, expression, flags=re.IGNORECASE)
        own = inside[len(before) :]
        fits = all(one.usual in expression for one in own) if expression else True
        fits = fits and len({(one.usual, one.numbers) for one in own}) == len({one.usual for one in own})
        latest = {one.usual: one.numbers for one in inside}
        for usual, numbers in latest.items():
            if usual in expression:
                name, cells = usual.rstrip(")").split("(")
                defaults = cells.split(", ")
                fits = fits and len(numbers) <= len(defaults)
                expression = expression.replace(usual, f"{name}({', '.join([*numbers, *defaults[len(numbers) :]])})")
        return (*places, expression if fits else None)


def set_arguments_aside(text: str) -> PlainText:
    """Set aside what stands in parentheses behind the name of an indicator, so that phrases are found as if it were not there."""
    kept, told, start, removed = "", [], 0, 0
    for match in CALL.finditer(text):
        kept += text[start : match.start("told")]
        start, length = match.end("told"), len(match["told"])
        told.append(
            _Told(
                match.start("told") - removed,
                length,
                USUAL[match["name"].lower()],
                tuple(re.findall(r"[\d.]+", match["numbers"] or match["plain"])),
            )
        )
        removed += length
    return PlainText(kept + text[start:], tuple(told))
