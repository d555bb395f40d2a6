"""Memory of language models: the day up to which each family was trained, as its maker has published it."""

import re
from datetime import date

from core.domain.run import AGENT_PREFIX, ModelChoice

CUT_OFFS: tuple[tuple[str, date], ...] = (
    (r"gpt-5", date(2024, 9, 30)),
    (r"gpt-4\.1|o3|o4-mini", date(2024, 6, 1)),
    (r"gpt-4o|o1", date(2023, 10, 1)),
    (r"gpt-4-turbo", date(2023, 12, 1)),
    (r"gpt-3\.5", date(2021, 9, 1)),
    (r"claude-(opus|sonnet)-4", date(2025, 3, 1)),
    (r"claude-haiku-4", date(2025, 2, 1)),
    (r"claude-3-7", date(2024, 11, 1)),
    (r"claude-3-5", date(2024, 7, 1)),
    (r"claude-3", date(2023, 8, 1)),
    (r"gemini-2\.5", date(2025, 1, 1)),
    (r"gemini-2\.0", date(2024, 8, 1)),
    (r"gemini-1\.5", date(2024, 5, 1)),
    (r"llama-?3\.[123]", date(2023, 12, 1)),
    (r"llama-?3", date(2023, 3, 1)),
)
"""The beginning of a family's name, and its cut-off; the first that fits counts. Families that are not here are not known."""


def find_cut_off(model_id: str) -> date | None:
    """Find the day up to which a language model was trained; None where it is not known.

    >>> find_cut_off("openai/gpt-4o-mini"), find_cut_off("ollama/llama3.1:8b"), find_cut_off("mine")
    (datetime.date(2023, 10, 1), datetime.date(2023, 12, 1), None)
    """
    if model_id.startswith(AGENT_PREFIX):  # an agent gives itself its name
        return None
    name = model_id.rpartition("/")[2].lower()
    return next((day for family, day in CUT_OFFS if re.match(family, name)), None)


def may_remember(model: ModelChoice, first: date) -> bool:
    """True when a model may have read about the days from `first` on; also where its cut-off is not known.

    >>> may_remember(ModelChoice(id="openai/gpt-4o"), date(2024, 1, 1)), may_remember(ModelChoice(id="built-in"), date(2000, 1, 1))
    (False, False)
    """
    cut_off = model.knows_until or find_cut_off(model.id)
    return model.is_language_model and (cut_off is None or first < cut_off)
