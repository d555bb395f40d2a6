"""A phrase that was found in a text, and a row that is proposed from it."""

import re
from dataclasses import dataclass

from core.domain.workflow import Row
from core.language.phrases.rule_words import RuleText
from core.language.phrases.sides import Opening

_TICK = re.compile(
    r"\b(?:a|one|1|single) tick (?:above|over|below|under|beyond)\b|\b(?:above|over|below|under|beyond)\b.* by (?:a|one) tick\b",
    re.IGNORECASE,
)
"""A tick beyond a level, which no row holds: orders lie at the level."""


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase in the text: words that open a section, a condition, or a rule."""

    start: int
    end: int
    side: Opening | None = None
    expression: str = ""
    rule: RuleText | None = None
    within: int = 1
    """Bars on one of which the condition may have been true."""
    filters: bool = False
    """True for a condition that is a filter wherever it stands."""
    words: str = ""
    """The words of a side that stand elsewhere in the text."""
    one_side: str = ""
    """`long` or `short` where a rule is told for trades of one side alone."""


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """One proposed row."""

    row: Row
    words: str
    """The words of the text that it came from."""
    guessed: bool = False
    """True when its numbers are not in these words: they are assumed."""
    place: tuple[int, int] = (-1, -1)
    """The place of these words in the text; -1 where the row came of no words of its own."""
    opening: int = 0
    """Number of the words for a side before them: conditions of one number belong to one list."""
    one_side: str = ""
    """`long` or `short` where a rule is told for trades of one side alone."""

    @property
    def source(self) -> str:
        """Words to show beside the row: those of the text, marked where something is assumed."""
        if not self.words:
            return "not in the text: assumed"
        remark = ", lengths assumed" if self.guessed else ", at the level itself: no tick beyond it" if _TICK.search(self.words) else ""
        return f"“{self.words}”{remark}"
