"""The words between a value and what it is compared with: what it does, whether it is denied, above or below."""

import re
from dataclasses import dataclass

from core.language.spoken.scanner import Scanner

OVER = r"(?:above|over|higher than|greater than|more than|bigger than|larger than|wider than|in excess of|on top of|upwards of)"
UNDER = r"(?:below|under|underneath|lower than|less than|beneath|smaller than|narrower than|tighter than|short of)"
TESTS = r"(?:exceeds?|exceeded|exceeding|tops?|topped|surpass(?:es|ed)?|clears?|cleared|overtakes?)"
UNDERCUTS = r"(?:undercuts?|undercutting)"
CROSSES = (
    r"(?:cross(?:es|ed|ing)?|break(?:s|ing)?|broke|broken|breaches|pierces?|punches|cuts?|slices"
    r"|tak(?:es?|en|ing) out|took out|reclaims?|reclaimed|retakes?|retook|regains?|regained)"
)
MOVES = (
    r"(?:moves?|moved|moving|turns?|turned|turning|ticks?|ticked|climbs?|climbed|climbing|rises?|rose|risen|rising|increased|comes?|came|goes|go|gone|went"
    r"|gets?|got|jumps?|pushes"
    r"|pops?|pokes|rallies|recovers?|gains?|gained)"
)
SINKS = (
    r"(?:loses?|lost|sheds|falls?|fell|fallen|falling|drops?|dropped|dropping|dips?|dipped|sinks?|slips?|slipped|declines?"
    r"|declined|slides?|plunges?|tumbles?)"
)
STANDS = (
    r"(?:is|are|was|were|be|been|being|having|has to|have to|has|have|had|must|forms?|formed|appears?|should|needs? to|'s"
    r"|stays?|stayed|sits?|holds?|remains?|remained|stands?|lies|closes?|closed"
    r"|closing|trades?|traded|trading|ends?|ended|finishes|prints?|reads?|opens?|opened|hits?|reaches)"
)
ADVERBS = (
    r"(?:still|now|currently|also|already|again|back|first|itself|both|at the same time|today|even|just|once more|up|down|to"
    r" be|then|only|clearly|finally"
    r"|out|on the day|at)"
)
PATTERN_END = r"(?=[\s.,;:!?)]|$)"


@dataclass(frozen=True, slots=True)
class Verb:
    """Words between a value and what it is compared with."""

    crossing: bool = False
    moving: bool = False
    negative: bool = False
    down: bool = False
    said: str = ""


def read_small(word: str) -> int:
    return {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}.get(word.lower()) or int(word)


def read_verb(scan: Scanner) -> Verb:
    """Take the words that say what a value does, up to the word for above or below."""
    crossing = moving = negative = down = False
    start = scan.at
    scan.take(r"to(?= (?:go|fall|drop|dip|rise|close|cross|move|climb|break|come|get|be|turn|trade|touch|hit|reach|pull|return|make)\b)")
    while True:
        if scan.take(r"not|n't|no longer|(?:has|have|had|is|are|was|were|does|do|did)n['’]t"):
            negative = True
        elif scan.take(CROSSES):
            crossing = True
        elif scan.take(MOVES):
            moving = True
        elif match := scan.take(SINKS):
            down = True
        elif not scan.take(STANDS):
            if not (scan.at > start or re.match(r"\s*(?:still|now|also|again|back|itself)\b", scan.text[scan.at :], re.IGNORECASE)):
                break
            place = scan.at
            match = scan.take(ADVERBS)
            if match is None:
                break
            if match.group().strip().lower() == "at" and not re.match(
                r" (?:least|most|or|an?|its|the)\b", scan.text[scan.at :], re.IGNORECASE
            ):
                scan.at = place
                break
            if match.group().strip().lower() == "at":
                scan.at = place
                break
            down = down or match.group().strip().lower() == "down"
    return Verb(crossing, moving, negative, down, scan.text[start : scan.at].lower())


def read_side(scan: Scanner) -> str | None:
    """Take the word for above or below: one of the signs; with `through` behind a cross."""
    if match := scan.take(r"(?P<way>up |back up |down |back down )?(?:through|past)"):
        return "through" if not match["way"] else "<" if "down" in match["way"].lower() else ">"
    if match := scan.take(rf"(?P<at>at or |equal to or )?(?:{OVER}|{TESTS})(?P<equal> or equal to)?"):
        return ">=" if match["at"] or match["equal"] else ">"
    if match := scan.take(rf"(?P<at>at or |equal to or )?(?:{UNDER}|{UNDERCUTS})(?P<equal> or equal to)?"):
        return "<=" if match["at"] or match["equal"] else "<"
    if scan.take(r"at least|no (?:less|lower) than"):
        return ">="
    if scan.take(r"at most|no (?:more|higher) than"):
        return "<="
    if match := scan.take(r"(?P<sign>>=|<=|>|<|≥|≤)"):
        return {"≥": ">=", "≤": "<="}.get(match["sign"], match["sign"])
    return None
