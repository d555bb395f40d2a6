"""Numbers that are written as words, put into digits before phrases are sought; places lead back into the text as it was written."""

import re
from dataclasses import dataclass

ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
VALUES = {word: number for number, word in enumerate((*ONES, *TEENS), 1)} | {word: 10 * number for number, word in enumerate(TENS, 2)}
_BELOW = rf"(?:(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(ONES)}))?|{'|'.join((*TEENS, *ONES))})"
_MEASURE = (
    r"(?=[- ](?:percent|%|atrs?\b|average true|r\b|(?:trading |business |consecutive |straight )?(?:day|bar|week|month|year"
    r"|session|candle)s"
    r"|(?:day|bar|week|month|year|period|minute|hour)[- ](?!in\b)|minutes|hours|periods|standard|sigma|pips|points|units"
    r"|times (?:the )?(?:risk|atr|average true|\d)|x\b))"
)
WRITTEN = re.compile(
    rf"\b(?:(?P<hundreds>an?|{'|'.join(ONES)})[- ]hundred(?:(?:[- ]and)?[- ](?P<rest>{_BELOW}))?"
    rf"|(?P<large>(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(ONES)}))?|{'|'.join(TEENS[1:])})"
    rf"|(?P<half>half)(?: an?)?(?= (?:atr|percent|r\b|n\b))"
    rf"|(?P<whole>{'|'.join((*ONES, TEENS[0]))}) and an? half(?=\W)"
    rf"|(?P<small>{'|'.join((*ONES, TEENS[0]))}){_MEASURE})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DigitText:
    """A text with its numbers in digits."""

    text: str
    changes: tuple[tuple[int, int, int], ...] = ()
    """For each number its place here, its length here, and its length in the text as it was written."""

    def restore(self, place: int, *, late: bool = False) -> int:
        """The place in the text as it was written; `late` for the end of a phrase, which takes in the whole of a word that it ends in.

        >>> told = write_digits("a two-hundred-day average")
        >>> told.text, told.restore(len(told.text))
        ('a 200-day average', 25)
        """
        shift = 0
        for start, length, written in self.changes:
            if place >= start + length:
                shift += written - length
            elif place > start:
                return start + (written if late else 0) + shift
        return place + shift


def write_digits(text: str) -> DigitText:
    """Write numbers in words as digits, the small ones only where they measure something: `the first one` stays.

    >>> write_digits("Buy after twenty-five days, two percent stop, one trade a day").text
    'Buy after 25 days, 2 percent stop, one trade a day'
    """
    kept, changes, start = "", [], 0
    for match in WRITTEN.finditer(text):
        if match["small"] and match["small"].lower() == "one" and not re.match(r"[- ](?:percent|%|atr|r\b|x\b)", text[match.end() :]):
            continue
        kept += text[start : match.start()]
        digits = _read_number(match)
        changes.append((len(kept), len(digits), match.end() - match.start()))
        kept += digits
        start = match.end()
    return DigitText(kept + text[start:], tuple(changes))


def _read_number(match: re.Match[str]) -> str:
    if match["half"]:
        return "0.5"
    if match["whole"]:
        return f"{VALUES[match['whole'].lower()]}.5"
    hundreds = match["hundreds"]
    number = 100 * VALUES.get(hundreds.lower(), 1) if hundreds else 0
    below = match["rest"] or match["large"] or match["small"] or ""
    return str(number + sum(VALUES[word] for word in re.split(r"[- ]", below.lower()) if word))
