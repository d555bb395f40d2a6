"""The prompt by which a model is asked again at once: the same one, with the end of its answer and what was missing in it behind."""

import hashlib

from core.domain.model_calls import AnswerProblem, Prompt
from core.prompts.extract import Extraction
from core.prompts.templates.instruction import FOLLOW_UPS, REMINDER
from core.prompts.wording import clean, clean_line, estimate_tokens

ANSWER_END = 1_500
"""Characters from the end of an answer that are quoted."""
PROGRAM = 16_000
"""Characters of a program that is to be corrected."""


def render_follow_up(prompt: Prompt, answer: str, found: Extraction) -> Prompt:
    """Render the prompt for asking again: what was said before stays as it was, so that it is read from the provider's cache."""
    kind = found.kind or AnswerProblem.NO_CODE
    said = found.code if kind is AnswerProblem.UNPARSABLE and found.code else answer[-ANSWER_END:]
    quoted = f"<answer>\n{clean(said.strip(), PROGRAM)}\n</answer>\n\n" if said.strip() else ""
    problem = clean_line(found.problem, 300)
    user = f"{prompt.user}\n{quoted}<instruction>\n{FOLLOW_UPS[kind]} {problem}\n{REMINDER}\n</instruction>\n"
    digest = hashlib.sha256(f"{prompt.system}\0{user}".encode()).hexdigest()
    return Prompt(system=prompt.system, user=user, tokens=estimate_tokens(prompt.system) + estimate_tokens(user), hash=digest)
