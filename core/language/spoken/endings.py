"""Words behind a comparison: by how much it holds, what is in motion, and which value it is made with."""

import re

from core.language.spoken.changes import Condition
from core.language.spoken.noun import Noun, put_back, put_on_frame
from core.language.spoken.nouns import read_value
from core.language.spoken.scanner import Scanner
from core.language.spoken.vocabulary import MOTION


def add_motions(told: str, words: str) -> str:
    """`Pulls back to the rising 50-day average`: the motion of what is named, beside what is said of it."""
    for match in re.finditer(rf"\b(?:{MOTION})(?= )", words, re.IGNORECASE):
        noun = read_value(Scanner(words, match.end()))
        if noun is not None and not noun.number and not noun.price:
            frame = re.fullmatch(r'tf\("(\w+)", (.+)\)', noun.expression)
            name = "rising" if re.match(r"ris|climb|up", match.group(), re.IGNORECASE) else "falling"
            told += f" and {put_on_frame(f'{name}({frame[2] if frame else noun.expression}, 1)', frame[1] if frame else '')}"
    return told


def read_by(scan: Scanner, told: str, subject: Noun) -> Condition | None:
    """`Under it by at least 2%`: how far, behind what it is compared with."""
    start, plain = scan.at, re.fullmatch(r"(.+) ([<>])=? (.+)", told)
    match = (
        scan.take(
            r"by (?P<least>at least |more than )?(?P<number>\d+(?:\.\d+)?) ?(?:%|percent"
            r"|(?P<ranges>atrs?(?: ?\((?P<length>\d+)\))?))(?: or more)?"
        )
        if plain
        else None
    )
    if plain is None or match is None or re.fullmatch(r"-?[\d.]+", plain[3]) or plain[1] != subject.expression:
        scan.at = start
        return None
    if match["ranges"]:
        step = f"{'+' if plain[2] == '>' else '-'} {float(match['number']):g} * atr({match['length'] or 14})"
        return lambda ago: f"{put_back(plain[1], ago)} {plain[2]}= {put_back(f'{plain[3]} {step}', ago)}"
    share = 1 + float(match["number"]) / 100 * (1 if plain[2] == ">" else -1)
    return lambda ago: f"{put_back(plain[1], ago)} {plain[2]}= {share:g} * {put_back(plain[3], ago)}"


def find_other(told: str, subject: str) -> str:
    """The value that a condition compares with; empty where it is not compared."""
    if frame := re.fullmatch(r'tf\("(\w+)", (.+)\)', told):
        inner = re.sub(r'^tf\("\w+", (.+)\)$', r"\1", subject)
        other = find_other(frame[2], inner)
        return put_on_frame(other, frame[1]) if other else ""
    told = re.sub(r"^(?:today\.)?open\b", "close", told) if subject == "close" else told
    if subject == "close" and (reached := re.fullmatch(r"(?:low|high) [<>]= ([^<>]+?)(?: <= high)?", told)):
        return reached[1]
    crossing = re.match(r"crosses_\w+\(", told)
    rest = told[crossing.end() : -1] if crossing else told
    match = re.fullmatch(r"(?:, | [<>]=? )(.+)", rest.removeprefix(subject)) if rest.startswith(subject) else None
    return match[1] if match and " and " not in match[1] else ""


AGAIN = re.compile(r"(?:[sewh]ma|smma|kama|vwma|dema|tema)\(\d+\)$|vwap$")
"""Lines that `it` may be, where a price comes near it."""
SECOND_ENDS = re.compile(r"\s*(?:[.,;:!?)]|$|(?:and|or|but|while|when|if|then|with|i|we|buy|sell|go|enter|on)\b)", re.IGNORECASE)


def read_second(scan: Scanner, subject: Noun) -> Noun | None:
    """`Above VWAP and the 9 EMA`: another level behind the first, of which nothing else is said."""
    start = scan.at
    noun = read_value(scan) if scan.take(r"and(?: also)?") else None
    level = noun is not None and not noun.number and not noun.price and not noun.percent and noun.expression != subject.expression
    if noun is None or not level or noun.scaled or not SECOND_ENDS.match(scan.text, scan.at) or not subject.price:
        scan.at = start
        return None
    return noun
