"""Orders for an opening: `buy at the open if it is no higher than yesterday's close`, `limit on open at the low`."""

import re

from core.domain.workflow import Measure, Section
from core.language.phrases.rule_words import Builder, RuleText, find_level
from core.language.spoken.vocabulary import INTRADAY

_SIDES = (
    ("buy back|buys back|cover|covers", Section.EXIT_SHORT),
    ("sell short|go short|short", Section.ENTRY_SHORT),
    ("sell|sells|exit|exits|get out|close", Section.EXIT_LONG),
    ("buy|buys|go long|long|enter", Section.ENTRY_LONG),
)
"""Verbs of orders, those of two words before their parts."""
_VERB = re.compile("|".join(rf"\b(?P<s{place}>{words})\b" for place, (words, _) in enumerate(_SIDES)), re.IGNORECASE)


def build_opening(match: re.Match[str]) -> RuleText | None:
    """`Buy at the open if it is no higher than yesterday's close`, `limit on open at the low`: told on the day of the opening.

    Its day before is the bar that is read, or its own where the opening is tomorrow's. The last verb before it says the side.
    """
    sentences = re.split(r"[.;](?:\s|$)", match.string[: match.start("level")])
    told = list(_VERB.finditer(sentences[-1])) or list(_VERB.finditer(" ".join(sentences[-2:-1])))
    level = find_level(match["level"])
    if not told or not level or INTRADAY.search(match.string):
        return None
    section = _SIDES[int(str(told[-1].lastgroup)[1:])][1]
    higher = match.groupdict().get("higher") is not None
    if match.groupdict().get("way") and higher is (section in (Section.ENTRY_LONG, Section.EXIT_SHORT)):
        return None  # a purchase above a price, or a sale below one, is none of a limit
    day = "today." if re.search(r"tomorrow|next|following", match.group(), re.IGNORECASE) else "yesterday."
    return section, "limit_on_open", Measure.PRICE, (level.replace(day, ""),)


_UNTIL = r"(?P<level>(?:[^.;,]|\.(?=\d))+?)(?=[.;,](?:\s|$)|$| (?:and|then|with|exit|sell|cover|stop)\b)"
"""A level, up to what follows it."""
PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        r"(?:(?:buy|sell short|sell|short|go long|go short|enter|exit|cover)(?: it)? )?(?:(?:at|on) )?(?:the|tomorrow's|tomorrow at the)"
        r" (?:next )?(?:day's )?open(?:ing)?(?: tomorrow| (?:on|of) the (?:next|following) day)?,? (?:but )?(?:only )?"
        r"(?:if|when|provided|as long as) (?:it|that|the open|the market|the stock"
        r"|the price)(?: is|'s| opens)? (?P<way>no higher than|not higher than|not above|at or below|below|under|lower than|at most"
        r"|no more than|(?P<higher>no lower than|not lower than|not below|at or above|above|over|higher than|at least|no less than))"
        rf" {_UNTIL}",
        build_opening,
    ),
    (
        r"(?:with |by |using |as )?(?:an? )?(?:limit[- ](?:on|at)[- ](?:the )?open(?:ing)?"
        r"|opening[- ]limit|loo)(?: orders?)?(?: at| of|:|,| with a (?:limit|price)"
        r" (?:of|at)| (?=\d))?"
        rf" {_UNTIL}",
        build_opening,
    ),
)
VALID = re.compile(
    r"(?:,? ?(?:with|via|using|by|on) an? (?:buy |sell )?(?:stop|limit)(?:[- ]order)?)?,? ?(?:(?:and )?(?:is )?(?:valid|good|open"
    r"|working|kept|alive)(?: in the market)? for|cancel(?:led)? (?:it )?(?:if not"
    r" filled )?(?:after|within))(?: the next)? (\d+) (?:trading )?(?:days|bars|sessions|candles)",
    re.IGNORECASE,
)
"""Bars that a price order waits, right behind it."""
CANCELED = re.compile(
    r"\b(?:(?:cancel|drop|remove|withdraw|delete|pull)(?:led|ed)?(?: (?:it|them"
    r"|the order|(?:any |all |the )?(?:unfilled |pending |open |resting )?orders?"
    r"|the stop order))?"
    r"|(?:the )?orders? (?:is|are) (?:good|valid|cancelled|canceled)|(?:the )?orders?"
    r" expires?)(?: if (?:it is |they are )?(?:not|un) ?(?:filled|triggered|hit))?"
    r" (?:after|for|within|in)(?: the next)? (\d+) (?:trading )?(?:days?|bars?"
    r"|sessions?|candles?|hours?)(?: if (?:it is )?not (?:filled|triggered|hit))?",
    re.IGNORECASE,
)
"""Bars that a price order waits, told in words of their own."""
