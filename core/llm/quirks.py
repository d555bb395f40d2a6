"""Settings that a model at an address does not take: learned from its refusal, left out from then on."""

import re
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from core.domain.errors import ProviderReason
from core.llm.errors import CallFailure


class Quirk(StrEnum):
    """One thing that is left out or done differently."""

    TEMPERATURE = "temperature"
    MAX_TOKENS = "max_tokens"
    """The longest answer is sent under its newer name."""
    NO_LIMIT = "max_completion_tokens"
    """No longest answer is sent at all; ours is watched here."""
    SEED = "seed"
    STREAM_OPTIONS = "stream_options"
    EFFORT = "reasoning_effort"
    SYSTEM = "system"
    """The constant part stands at the head of the user's part."""
    STREAM = "stream"
    """The answer comes whole."""


Remember = Callable[[str, str], object]
"""Keeps a quirk under the name of a model and its address."""

_NAMES: tuple[tuple[Quirk, str, str], ...] = (
    (Quirk.MAX_TOKENS, "max_tokens", r"\bmax_tokens\b|\bmax_output_tokens\b|\bnum_predict\b"),
    (Quirk.NO_LIMIT, "max_completion_tokens", r"\bmax_completion_tokens\b"),
    (Quirk.TEMPERATURE, "temperature", r"\btemperature\b"),
    (Quirk.SEED, "seed", r"\bseed\b"),
    (Quirk.STREAM_OPTIONS, "stream_options", r"\bstream_options\b|\binclude_usage\b"),
    (Quirk.STREAM, "stream", r"\bverified to stream\b|\bstream(?:ing)?\b\W*[^.]*\b(?:not|un|n't)\W?(?:support|allow|enabl|availab)"),
    (Quirk.EFFORT, "reasoning_effort", r"\breasoning(?:_effort|\.effort)?\b|\bthinking\b|\beffort\b"),
)
_SYSTEM_ROLE = re.compile(
    r"system[_ ]?(?:role|message|prompt|instruction)s?\b.*(?:not|n't|un)\W*(?:support|allow|permit|enabl|recogni)"
    r"|(?:not|n't|un)\W?(?:support|allow|recogni)\w*\W.*\bsystem\b|developer instruction is not enabled"
    r"|role.*must alternate|only user and assistant roles",
    re.IGNORECASE,
)
_TOO_MANY = re.compile(r"must be (?:at most|less|<)|exceed|too (?:large|long|many|high)|maximum|larger than|\brange\b", re.IGNORECASE)

WORDS = {
    Quirk.TEMPERATURE: "The model does not take a temperature: sent again without it.",
    Quirk.MAX_TOKENS: "The model takes the longest answer under another name: sent again with that.",
    Quirk.NO_LIMIT: "The model does not take a longest answer: sent again without one.",
    Quirk.SEED: "The model does not take a seed: sent again without it.",
    Quirk.STREAM_OPTIONS: "The server does not count tokens in a stream: sent again without asking for it.",
    Quirk.EFFORT: "The model does not take a reasoning effort: sent again without it.",
    Quirk.SYSTEM: "The model takes no system message: sent again with everything in one.",
    Quirk.STREAM: "The server does not stream as asked: asked again for the answer as a whole.",
}


class Quirks:
    """Known quirks by model and address; kept in this process, and by `remember` beyond it. Safe with several threads."""

    def __init__(self, known: Mapping[str, frozenset[str]] | None = None, remember: Remember = lambda name, quirk: None) -> None:
        self._known = {name: set(quirks) for name, quirks in (known or {}).items()}
        self._remember = remember
        self._lock, self._remembering = threading.Lock(), threading.Lock()

    def find(self, model: str, api_base: str) -> frozenset[str]:
        """Quirks of a model at an address."""
        with self._lock:
            return frozenset(self._known.get(_name(model, api_base), ()))

    def add(self, model: str, api_base: str, quirk: Quirk) -> None:
        """Learn one."""
        name = _name(model, api_base)
        with self._lock:
            self._known.setdefault(name, set()).add(quirk.value)
        with self._remembering:  # what is kept is read and written back: of two at once one would be lost
            self._remember(name, quirk.value)


def find_rejected_setting(failure: CallFailure, sent: Mapping[str, Any], known: frozenset[str]) -> Quirk | None:
    """Find the setting of a request that a refusal names; None when it names none that was sent."""
    if failure.rule.reason is not ProviderReason.BAD_REQUEST:
        return None
    text = failure.said or failure.detail
    for quirk, argument, words in _NAMES:
        if argument in sent and quirk not in known and re.search(words, text, re.IGNORECASE):
            if quirk in (Quirk.MAX_TOKENS, Quirk.NO_LIMIT) and _TOO_MANY.search(text) and "unsupported" not in text.lower():
                continue  # the number is refused, not the setting
            return quirk
    has_system = any(message.get("role") == "system" for message in sent.get("messages", ()))
    return Quirk.SYSTEM if has_system and Quirk.SYSTEM not in known and _SYSTEM_ROLE.search(text) else None


def _name(model: str, api_base: str) -> str:
    return f"{model}@{api_base}" if api_base else model
