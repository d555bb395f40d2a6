"""Problems of a workflow in the words of the screen: sections and rules by their titles, and no columns of the document."""

import functools
import re

from core import language
from core.domain.errors import Problem
from core.domain.workflow import Section
from core.report.sentences import to_sentence
from pages.components.workflow_state import TITLES

QUOTED = re.compile("`([^`]+)`")


def translate_names(text: str) -> str:
    """Put the titles that stand on the screen in the place of the document's own names, and quotes around what was typed.

    >>> translate_names("Add a row to exit_long, or say `hold_to_end`."), translate_names("`r` is not known.")
    ('Add a row to “Sell”, or say “Hold to the end”.', '“r” is not known.')
    """
    titles = _find_titles()
    return QUOTED.sub("“\\1”", _find_names().sub(lambda found: f"“{titles[found[1]]}”", text))


def describe_problem(problem: Problem) -> str:
    """Describe a problem away from its cell, as plain text.

    >>> describe_problem(Problem(row="r2", column="thresholds", message="`rsi(` cannot be read", remedy="Close it."))
    'Row r2: “rsi(” cannot be read. Close it.'
    """
    told = f"{to_sentence(problem.message)} {translate_names(problem.remedy)}".strip()
    return f"Row {problem.row}: {translate_names(told)}" if problem.row else translate_names(told)


@functools.cache
def _find_titles() -> dict[str, str]:
    rules = {name: rule.title for name, rule in language.RULES.items()}
    named = {section.value: TITLES[section] for section in Section} | rules
    return {name: title for name, title in named.items() if "_" in name}  # one word alone may be a word of the sentence


@functools.cache
def _find_names() -> re.Pattern[str]:
    return re.compile(rf"`?\b({'|'.join(sorted(_find_titles(), key=len, reverse=True))})\b`?")
