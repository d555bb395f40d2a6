"""Days on which the rules of a text are looked at: `check on the last trading day of each month`. On others no signal counts."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Operator, Section
from core.language.phrases.conditions import Builder
from core.language.phrases.found import ProposedRow
from core.language.spoken.crossings import write_as_state

CHECKED = "checked("
"""Mark of such a day."""
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_LOOK = (
    r"(?:(?:the |all |these )?(?:signals?|rules?|conditions?|positions?|trend|strategy|system|it) (?:(?:is|are) )?(?:only )?)?"
    r"(?:(?:i |we )?(?:only )?(?:check|evaluate|review|look|decide|reassess|re-?evaluate|update)(?:e?d)?)"
    r"(?: (?:it|this|that|them|again|(?:the |these |this )?(?:signals?|rules?|conditions?|positions?|trend)))?(?: only| just| once)?"
)


def _read_day(match: re.Match[str]) -> str:
    if match["weekday"]:
        return f"{CHECKED}weekday == {_DAYS.index(match['weekday'].lower())}"
    place = f"{'first' if re.search('first|start|beginning', match.group(), re.IGNORECASE) else 'last'}_trading_day_of_month"
    month = (match["month"] or "").lower()
    return f"{CHECKED}month == {_MONTHS.index(month) + 1} and {place}" if month else f"{CHECKED}{place}"


PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        rf"{_LOOK} (?:(?:on|at) )?(?:the )?(?:"
        rf"(?:first|last) (?:trading )?day of (?:(?:the|each|every|a) month|(?P<month>{'|'.join(_MONTHS)}))(?: each year| every year)?"
        r"|month[- ]end|(?:end|start|beginning) of (?:the|each|every) month|(?:each|every) month[- ]end"
        rf"|(?:(?:each|every|a) )?(?P<weekday>{'|'.join(_DAYS)})s?(?: at the close| close| only)?)(?=[.;,]|$| and\b)",
        _read_day,
    ),
)


def ask_on_day(rows: Sequence[ProposedRow], day: str, words: str) -> list[ProposedRow]:
    """Ask each way in and out of that day as well, where one is told.

    A crossing is a state there, as it may have happened on a day in between.
    """
    kept: list[ProposedRow] = []
    done: set[tuple[Section, str]] = set()
    for each in rows:
        signal = each.row.section not in (Section.FILTER, Section.SIZING, Section.RISK) and each.row.operator is Operator.IS_TRUE
        place = (each.row.section, each.row.group)
        if not signal or not day:
            kept.append(each)
            continue
        kept.append(replace(each, row=each.row.changed(indicators=(write_as_state(each.row.indicators[0]),), within=1)))
        if place not in done:
            kept.append(replace(each, row=each.row.changed(indicators=(day,), within=1), words=words))
        done.add(place)
    return kept
