"""A place in a text that moves on as words are taken."""

import re
from dataclasses import dataclass
from functools import lru_cache


@lru_cache(maxsize=1_024)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{pattern})(?!\w)", re.IGNORECASE)


@dataclass(slots=True)
class Scanner:
    """Takes words from a text; nothing is taken where a pattern does not fit."""

    text: str
    at: int = 0
    free: bool = False
    """True where a value stands alone, as in the words of a stop, and not in a condition."""
    alone: bool = False
    """True where the text is a value and nothing else, as in a cell: longer bars that it names are not those of the run."""
    level: str = ""
    """The level that was spoken of last, which `it` or `that average` may mean."""

    def take(self, pattern: str) -> re.Match[str] | None:
        """Take what fits the pattern here, with the spaces before it, up to the end of a word."""
        match = _compile(pattern).match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return match

    def is_done(self) -> bool:
        """Tell whether nothing but spaces is left."""
        return not self.text[self.at :].strip()
