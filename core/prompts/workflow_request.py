"""The prompt that asks a model for a workflow document, the one that asks for its repair, and the document in an answer."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from core.domain.model_calls import Prompt
from core.prompts.wording import clean, estimate_tokens, neutralize

TEXT_LIMIT = 4_000
ANSWER_LIMIT = 12_000
SYSTEM = """You turn a trader's description into a table of rows, as one JSON object, and answer with that object alone.

{"name": "...", "direction": "long_only | short_only | long_short", "rows": [...], "unread": ["words that no row says"]}

A row: {"id": "r1", "section": "...", "group": "A", "indicators": ["..."], "operator": "...", "thresholds": ["..."], "note": "..."}.
- A condition is written as one formula: operator "is true", the formula in "indicators", no thresholds.
- Rows of one section and group hold together; another group letter is an alternative.
- A rule names itself in "indicators", its measure in "operator", its numbers in "thresholds".
- "note" quotes the words of the description that the row comes from, letter by letter. Say nothing that the description does not say.
- What cannot be said with this language goes into "unread", in the description's own words. Never invent a name.

The language:
"""


def render_workflow_request(text: str, grammar: str) -> Prompt:
    """Render the prompt for a description; `grammar` is the language in short."""
    return _build(SYSTEM + grammar, f"The description:\n<<<\n{neutralize(clean(text, TEXT_LIMIT))}\n>>>\n")


def render_workflow_repair(before: Prompt, answer: str, problems: Sequence[str]) -> Prompt:
    """Render the prompt that shows an answer with what is wrong with it, and asks for the whole document again."""
    said = "\n".join(f"- {problem}" for problem in problems[:20])
    shown = neutralize(clean(answer, ANSWER_LIMIT))
    asked = f"Your answer was:\n<<<\n{shown}\n>>>\nIt has these problems:\n{said}\n\nAnswer with the corrected object.\n"
    return _build(before.system, f"{before.user}\n{asked}")


def _build(system: str, user: str) -> Prompt:
    digest = hashlib.sha256(f"{system}\0{user}".encode()).hexdigest()
    return Prompt(system=system, user=user, tokens=estimate_tokens(system) + estimate_tokens(user), hash=digest)


def extract_document(answer: str) -> dict[str, Any] | None:
    """Extract the first JSON object of an answer; None when it holds none.

    >>> extract_document('Here it is: {"name": "x", "rows": []} Enjoy.')
    {'name': 'x', 'rows': []}
    """
    decoder = json.JSONDecoder()
    for place, sign in enumerate(answer):
        if sign == "{":
            try:
                found, _ = decoder.raw_decode(answer, place)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict) and "rows" in found:
                return found
    return None
