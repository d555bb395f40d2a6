"""Statements about a value by itself: its change, the gain of the trade, its distance from its mean, whether it rises."""

import re
from collections.abc import Callable

from core.language.spoken.noun import Noun, count_bars, put_back, put_on_frame
from core.language.spoken.scanner import Scanner
from core.language.spoken.verbs import MOVES, Verb, read_small
from core.language.spoken.vocabulary import BARS

Condition = Callable[[int], str]
"""A condition as it was so many bars ago."""


def read_profit(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`The position has gained 5%`, `the trade is up 2R`: since the entry."""
    match = scan.take(r"(?:by )?(?:at least |more than |over |above )?(?P<number>\d+(?:\.\d+)?) ?(?P<unit>%|percent|r)(?: in profit)?")
    if subject.expression != "open_profit" or match is None:
        return None
    name = "open_r" if match["unit"].lower() == "r" else "open_profit"
    down = verb.down
    return lambda ago: f"{name} {'<=' if down else '>='} {'-' if down else ''}{match['number']}"


def read_change(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`has fallen by at least 3% in two days`, `gains more than 5% over the last week`: the change in percent."""
    match = scan.take(
        r"(?P<up>up|gains?|gained|advances?)?(?P<down>down|loses?|lost)? ?(?:by )?(?P<least>at least|more than"
        r"|over)? ?(?P<number>\d+(?:\.\d+)?) ?(?:%|percent)(?: or more)?"
        r" (?:in|over|within|during) (?:the (?:last|past|previous) |a )?(?:(?P<count>\d+|two|three|four|five)"
        rf" )?(?P<unit>{BARS}|weeks?|months?|years?)"
    )
    rises = re.search(rf"\b{MOVES}|\bup\b|gain|advanc", verb.said) is not None or (match is not None and match["up"] is not None)
    sinks = verb.down or (match is not None and match["down"] is not None)
    if match is None or subject.number or rises == sinks or subject.expression not in ("close", "volume"):
        return None
    of = "" if subject.expression == "close" else f"{subject.expression}, "
    bars = count_bars(str(read_small(match["count"])) if match["count"] else "1", match["unit"])
    sign = "" if (match["least"] or "").lower() in ("more than", "over") else "="
    return lambda ago: f"{put_back(f'roc({of}{bars})', ago)} {'<' if sinks else '>'}{sign} {'-' if sinks else ''}{match['number']}"


def deviate(subject: Noun, base: Noun, away: float) -> Condition | None:
    """`is 2 standard deviations below its 60-day mean`."""
    mean = re.fullmatch(r"sma\((\d+)\)", base.expression)
    if mean is None:
        return None
    of = "" if subject.expression == "close" else f"{subject.expression}, "
    return lambda ago: f"{put_back(f'zscore({of}{mean[1]})', ago)} {'<=' if away < 0 else '>='} {away:g}"


def read_motion(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`is rising`, `has been falling for 3 bars`, `turns up`: the bars are told by what stands behind."""
    said = verb.said.strip()
    word = re.search(
        r"(?:^|\b(?:is|are|be|been|was|start(?:s|ed)?|keeps?) )(?:now |still |also )?(?P<word>rising|rises?|climbing|falling"
        r"|falls?|declining|dropping)$",
        said,
    )
    turned = re.search(r"(?P<turn>turn(?:s|ed|ing)?|tick(?:s|ed|ing)?) (?P<way>up|down)$", said)
    more = (
        scan.take(
            r"(?P<word>increasing|decreasing|(?:slop(?:es|ing)|point(?:s|ing)|go(?:es|ing)|trend(?:s|ing)|head(?:s|ing)) (?:up"
            r"|down)(?:wards?)?"
            r"|expanding|contracting)"
        )
        if not (word or turned)
        else None
    )
    past = re.search(r"\b(?:has|have|had) (?:now )?(?P<word>risen|fallen|climbed|declined|dropped|increased)$", said)
    word = word or (past if not subject.price else None)
    if (word is None and turned is None and more is None) or (word and subject.price and not re.match(r"is|are|has|have", said)):
        return None
    if (
        word
        and not more
        and re.match(r"\s*(?:back )?(?:above|below|under|over|through|into|to|towards?)\b", scan.text[scan.at :], re.IGNORECASE)
    ):
        return None  # through a level that is not known
    told = re.sub(r"wards?$", "", (turned["way"] if turned else word["word"] if word else more["word"] if more else "").lower())
    up = re.match(r"ris|climb|up|increas|expand|.*\bup$", told) is not None
    bars = scan.take(
        r"(?:for|over|on) (?:at least |the last |the past )?(?P<count>\d+|two|three|four|five) (?:consecutive |straight"
        rf" )?{BARS}(?: in a row| running)?"
    )
    name = subject.expression
    if turned:
        one, two, three = name, put_back(name, 1), put_back(name, 2)
        told = f"{one} {'>' if up else '<'} {two} and {two} {'<=' if up else '>='} {three}"
        return lambda ago: told if not ago else f"count({told}, 1)[{ago}] == 1"
    frame = re.fullmatch(r'tf\("(\w+)", (.+)\)', name)
    inner, longer = (frame[2], frame[1]) if frame else (name, "")
    length = read_small(bars["count"]) if bars else 1
    return lambda ago: put_on_frame(f"{'rising' if up else 'falling'}({put_back(inner, ago)}, {length})", longer)
