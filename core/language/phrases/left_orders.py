"""Conditions beside an order that was not understood: they belong to it, and not to the side that was spoken of before."""

import re

from core.domain.workflow import Section
from core.language.phrases.found import Found

SENTENCE = re.compile(r"[.;!?]+(?:\s|$)")
SHORTS = r"(?<!in )shorts?(?![- ]term)"
ENTERS = re.compile(
    r"\b(?:buys?|bought|(?<!as )(?<!so )longs?(?![- ]term)|enters?|entered|(?:is|are|gets?) opened|go(?:es|ing)? long)\b", re.IGNORECASE
)
LEAVES = re.compile(
    rf"\b(?:{SHORTS}|sells?|sold|selling(?= (?:when|if|once|on|at)\b)|exits?|exited|covers?|covered|flat"
    r"|(?:is|are|be|gets?) closed|(?:get|am|['’]m|are|is) out|bail\w*|(?:tp|target) (?:when|if|once)"
    r"|(?:positions?|trades?) (?:closed|sold)|(?:end|leave|leaves) (?:the|my) (?:trade|position))\b",
    re.IGNORECASE,
)
"""Words for a way in, and for a way out or the other side: of 337 texts that are said in full none leaves an order to no phrase."""
PASSES = re.compile(
    r"\b(?:(?:n['’]t|not|never) (?:take|open|enter|buy|trade)|skips?|skipped|avoid\w*|ignored?|reduced?|halved?|adds?"
    r"|adding|no (?:trades?|entry|entries)|(?:stay|stand|sit)s? (?:out|aside))\b",
    re.IGNORECASE,
)
"""Words for something else that is done."""
DONE_THEN = re.compile(rf"[\s,:]*(?:then |i |we )*(?:{PASSES.pattern[2:]})", re.IGNORECASE)
"""The same right behind the conditions that a sentence begins with."""
PART_OF_A_BAR = re.compile(r"(?:\d+[- ]?min(?:ute)?s? |hourly |daily )?(?:bar|candle|session|half[- ]?hour|hour)\b", re.IGNORECASE)
ONE_OF_THEM = re.compile(
    r"\b(?:first|second|third|fourth|opening)(?: (?:\d+|one|five|ten|fifteen|thirty)[- ]?min(?:ute)?s?)?\s*$", re.IGNORECASE
)
OF_A_BAR = re.compile(
    r"\b(?:(?:first|second|third|opening) (?:\d+[- ]?min(?:ute)?s? )?(?:bar|candle)"
    r"|(?:\d+(?:nd|rd|th)?|second|third|two|three|four|five|six|ten) (?:trading )?(?:days?|bars?|candles?|sessions?) after(?: an?| the)?"
    r"|(?:\d+(?:nd|rd|th)|second|third|fourth)(?: consecutive| straight)? (?:days?|bars?|candles?|closes?)(?: that| which)?"
    r"|(?:first|second|third|fourth|last|\d+(?:st|nd|rd|th)) of(?: the)?)\s*$",
    re.IGNORECASE,
)
"""Words before a condition that is said of another bar than the last one."""
INSTEAD = re.compile(r"\binstead\b", re.IGNORECASE)
"""Words behind a condition on which something else is done."""
LATER = re.compile(r"\b(?:after (?:that|this)|afterwards?|thereafter)\b", re.IGNORECASE)


def is_ordered_otherwise(text: str, phrase: Found, found: list[Found]) -> bool:
    """Tell whether words for what is done stand beside a condition in its sentence and were not understood."""
    start = phrase.start - len(SENTENCE.split(text[: phrase.start])[-1])
    end = phrase.end + len(SENTENCE.split(text[phrase.end :])[0])
    sides = [each for each in found if each.side is not None and each.end <= phrase.start]
    last = max(sides, key=lambda each: each.end, default=None)
    begun = max(start, last.end if last else 0)
    ended = min((each.start for each in found if each.side is not None and phrase.end <= each.start), default=end)
    ahead, behind = _read_gaps(text, begun, phrase.start, found), _read_gaps(text, phrase.end, min(end, ended), found)
    section = last.side.section if last is not None and last.side is not None else Section.ENTRY_LONG
    leaving = section in (Section.EXIT_LONG, Section.EXIT_SHORT)
    others = ENTERS if leaving else LEAVES
    if leaving and re.search(rf"\b{SHORTS}\b", ahead, re.IGNORECASE):
        return True
    if PASSES.search(ahead) or others.search(ahead):
        return True
    if begun == start and DONE_THEN.match(behind):
        return True
    return begun == start and section is not Section.ENTRY_SHORT and others.search(behind) is not None


def is_of_one_bar(text: str, phrase: Found, found: list[Found]) -> bool:
    """Tell whether a condition is said of one bar of the day alone, or of a later one than the conditions before it."""
    if PART_OF_A_BAR.match(text, phrase.start) and ONE_OF_THEM.search(text[: phrase.start]):
        return True
    start = phrase.start - len(SENTENCE.split(text[: phrase.start])[-1])
    end = phrase.end + len(SENTENCE.split(text[phrase.end :])[0])
    if OF_A_BAR.search(_read_gaps(text, start, phrase.start, found)) or INSTEAD.search(_read_gaps(text, phrase.end, end, found)):
        return True
    earlier = any(each.expression and each.end <= phrase.start for each in found)
    return earlier and LATER.search(_read_gaps(text, phrase.end, end, found)) is not None


DAYS = re.compile(r"weekday|month|day ==|trading_day|(?:first|last)_|minute_of_day")
IF = re.compile(r"(?:\bclose)?,? ?\b(?:but )?(?:only )?(?:if|when|provided|as long as|while)(?: the)?\s*$", re.IGNORECASE)


def is_of_whole_trade(text: str, phrase: Found, found: list[Found]) -> bool:
    """`Buy Thursday, sell Monday if A`: asked behind two days, it may be meant of the trade, or of the sale alone."""
    start = phrase.start - len(SENTENCE.split(text[: phrase.start])[-1])
    told = sorted((each for each in found if start <= each.start < phrase.start), key=lambda each: each.start)[-4:]
    if len(told) < 4 or not IF.fullmatch(text[told[-1].end : phrase.start].strip()):
        return False
    sections = [each.side.section if each.side is not None else None for each in told]
    days = all(DAYS.match(each.expression) is not None for each in (told[1], told[3]))
    return days and sections in ([Section.ENTRY_LONG, None, Section.EXIT_LONG, None], [Section.ENTRY_SHORT, None, Section.EXIT_SHORT, None])


def _read_gaps(text: str, start: int, end: int, found: list[Found]) -> str:
    """The words of a stretch that belong to no phrase."""
    kept = ""
    for each in sorted((one for one in found if one.start < end and one.end > start), key=lambda one: one.start):
        kept += f"{text[start : each.start]} | "
        start = max(start, each.end)
    return kept + text[start:end]
