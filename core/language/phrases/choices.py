"""Stops and targets whose distance a condition decides about: `a 2 ATR stop if ADX is above 25, otherwise 1 ATR`."""

import re
from collections.abc import Iterator

from core.domain.workflow import Measure, Section
from core.language.phrases.distances import CHOICE, KIND, SET, put_reach, read_distance
from core.language.phrases.found import Found
from core.language.phrases.rule_words import RuleText
from core.language.spoken.clauses import find_clauses
from core.language.syntax.expression import find_meaning
from core.language.syntax.nodes import is_condition
from core.language.syntax.plain_words import rewrite_plain_words

_IF = r"(?:if|when|whenever|while|in case|as long as)"
_WHAT = r"(?P<what{0}>(?:[^.;,]|\.(?=\d)){{4,90}}?)"
_ELSE = r"(?:,|;|\.)? ?(?:and |but )?(?:otherwise|else|if not)(?: (?:use|it is|at|of|an?|the|one of))*"
_NAMED = KIND.replace("?P<kind>", "?P<kind{0}>")
_ARTICLE = r"(?: (?:an?|the))?"


def _fill(pattern: str, place: int) -> str:
    return pattern.replace("{0}", str(place)).replace("{{", "{").replace("}}", "}")


CHOICES = re.compile(
    rf"\b{_fill(_NAMED, 1)}{SET}{_ARTICLE} {put_reach(1)} {_IF} {_fill(_WHAT, 1)}{_ELSE},? {put_reach(2)}"
    rf"|\b{_fill(_NAMED, 2)}{SET}{_ARTICLE} {put_reach(3)} {_IF} {_fill(_WHAT, 2)},? (?:and )?{put_reach(4)} (?:otherwise|else)"
    rf"|(?:\b(?:use|with|set|place|put|have) )?(?:an? |the )?{put_reach(5)} {_fill(_NAMED, 3)} {_IF} {_fill(_WHAT, 3)}{_ELSE},?"
    rf" {put_reach(6)}(?: (?:stop|target|one))?"
    rf"|\b{_IF} {_fill(_WHAT, 4)},? (?:then )?(?:(?:use|set|place|put|the) )*(?:an? |the )?(?:{_fill(_NAMED, 4)}{SET} {put_reach(7)}"
    rf"|{put_reach(8)} {_fill(_NAMED, 5)}){_ELSE},? {put_reach(9)}(?: (?:stop|target|one))?",
    re.IGNORECASE,
)


SENTENCE = re.compile(r"[.;!?]+(?:\s|$)")
DISTANT = ("stop_loss", "take_profit", "trailing_stop")
ASKED_BEHIND = re.compile(r",? (?:but |and )?(?:only )?(?:if|when|while|in case)\b", re.IGNORECASE)
DISTANCE_IF = re.compile(
    r"\b(?:stops?(?:[- ]loss)?|sl|tp|take[- ]profit|target|trail(?:ing)?)\b[^.;]*\d[^.;]*,?"
    r" (?:if|when|while|in case)(?: the| price| it)?\s*$"
    r"|\d[^.;]*\b(?:stop(?:[- ]loss)?|target),? (?:if|when|while|in case)(?: the| price| it)?\s*$",
    re.IGNORECASE,
)
"""A stop, a target or a trail whose distance a condition decides about, right before that condition."""


def find_choices(text: str) -> Iterator[tuple[int, int, RuleText | None]]:
    """Find stops and targets of two distances: their place and the row; None where it is not understood what decides."""
    for match in CHOICES.finditer(text):
        yield *match.span(), _read_choice(match)


def _read_choice(match: re.Match[str]) -> RuleText | None:
    distances = [distance for place in range(1, 10) if (distance := read_distance(match, str(place))) is not None]
    kind = next(match[f"kind{place}"] for place in range(1, 6) if match[f"kind{place}"]).lower()
    asked = _read_condition(next(match[f"what{place}"] for place in range(1, 5) if match[f"what{place}"]))
    rule = "stop_loss" if re.search(r"stop|sl", kind) and not kind.startswith("trail") else "take_profit"
    measures = {each.measure for each in distances}
    if not asked or kind.startswith("trail") or len(distances) != 2 or not measures <= {Measure.PERCENT, Measure.ATR, Measure.POINTS}:
        return None
    return Section.RISK, rule, Measure.PRICE, (f"{CHOICE}{distances[0].text}|{distances[1].text}|{asked}",)


def _read_condition(words: str) -> str:
    """The condition that words are as a whole; empty where more or less is said."""
    clauses = find_clauses(words)
    if len(clauses) == 1 and not words[: clauses[0].start].strip() and not words[clauses[0].end :].strip():
        return clauses[0].expression if clauses[0].within == 1 else ""
    node, plain = find_meaning(words), rewrite_plain_words(words)
    return plain if node is not None and is_condition(node) else ""


def is_asked_behind(text: str, phrase: Found, found: list[Found]) -> bool:
    """Tell whether a condition behind a stop or a target is asked of it, and not of the entry that it is told with."""
    start = phrase.start - len(SENTENCE.split(text[: phrase.start])[-1])
    end = phrase.end + len(SENTENCE.split(text[phrase.end :])[0])
    last = max((each for each in found if start <= each.start < phrase.start), key=lambda each: each.start, default=None)
    entered = last is not None and last.side is not None and last.side.section in (Section.ENTRY_LONG, Section.ENTRY_SHORT)
    distant = phrase.rule is not None and phrase.rule[1] in DISTANT
    follows = distant and any(each.expression and phrase.end <= each.start < end for each in found)
    return ASKED_BEHIND.match(text, phrase.end) is not None and follows and not entered
