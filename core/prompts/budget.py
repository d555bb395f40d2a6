"""Keeping a prompt under its size: each section knows shorter forms of itself, and gives way in a fixed order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.errors import InputError
from core.prompts.wording import estimate_tokens


@dataclass(frozen=True, slots=True)
class PromptSection:
    """One part of the prompt: its text from the fullest form to the shortest, which may be empty."""

    forms: tuple[str | Callable[[], str], ...]
    """Texts, or what writes them: a form that nobody needs is not written."""
    gives_way: int | None = None
    """Place in the trimming order, the lowest first; None never gives way."""


def fit_sections(sections: Sequence[PromptSection], budget: int) -> tuple[str, ...]:
    """Fit the sections, in their order, into `budget` tokens together by shortening them.

    Raises InputError when even the shortest forms are too long.

    >>> fit_sections([PromptSection(("keep",)), PromptSection(("a long text of many words", ""), gives_way=1)], 3)
    ('keep', '')
    """
    chosen = [0] * len(sections)
    texts = [_write(section.forms[0]) for section in sections]
    order = sorted((section.gives_way, at) for at, section in enumerate(sections) if section.gives_way is not None)
    steps = [at for _, at in order for _ in sections[at].forms[1:]]
    total = sum(map(estimate_tokens, texts))
    for at in steps:
        if total <= budget:
            break
        chosen[at] += 1
        before, texts[at] = texts[at], _write(sections[at].forms[chosen[at]])
        total += estimate_tokens(texts[at]) - estimate_tokens(before)
    if total > budget:
        raise InputError(
            f"The prompt needs at least {total} tokens, and {budget} are allowed.",
            hint="Choose a model with a larger context, raise the prompt's limit, or shorten the workflow.",
        )
    return tuple(texts)


def _write(form: str | Callable[[], str]) -> str:
    return form if isinstance(form, str) else form()
