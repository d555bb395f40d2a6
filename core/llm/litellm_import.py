"""Loads LiteLLM: late, once, quiet, without a network, and with our own models registered as one of its providers.

Nothing else imports it at module level: the import takes seconds, and a page must not wait for it.
"""

import logging
import os
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from core.llm.providers import OWN_PROVIDER
from core.llm.redaction import install_log_filter
from core.llm.threads import run_in_thread

Messages = list[dict[str, Any]]
Responder = Callable[[Messages], str]
"""One of our own models: the messages of a call in, the whole answer out. Raises ProviderError."""

own_models: ContextVar[Mapping[str, Responder]] = ContextVar("own_models")
"""Our models by name, set by the gateway around its call: LiteLLM hands a custom provider nothing but the request."""

PIECE_LENGTH = 64
"""Letters that arrive together when one of our own models answers."""

_lock = threading.Lock()
_loaded: list[Any] = []


def load_litellm() -> Any:
    """The `litellm` module, ready to use. The first call takes seconds."""
    with _lock:
        if not _loaded:
            _loaded.append(_load())
    return _loaded[0]


def split_pieces(text: str) -> Iterator[str]:
    """Split a text into pieces as it would be streamed."""
    return (text[start : start + PIECE_LENGTH] for start in range(0, len(text), PIECE_LENGTH))


def _load() -> Any:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    warnings.filterwarnings("ignore", message=".*TypedDict class .* is using the `ReadOnly` qualifier", category=UserWarning)
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.disable_hf_tokenizer_download = True  # counting tokens of a Llama would otherwise fetch its tokenizer
    install_log_filter()
    if "LITELLM_LOG" not in os.environ:
        logging.getLogger("LiteLLM").setLevel(logging.ERROR)
    _register(litellm)
    return litellm


def _register(litellm: Any) -> None:
    """Make `stratloop/<name>` a model that LiteLLM can call."""
    litellm.custom_provider_map.append({"provider": OWN_PROVIDER, "custom_handler": _handler()})
    litellm.utils.custom_llm_setup()


def _handler() -> Any:
    from litellm.llms.custom_llm import CustomLLM

    class OwnModels(CustomLLM):  # type: ignore[misc]
        """Streams the answers of our own models in LiteLLM's form."""

        def streaming(self, model: str, messages: Messages, *_: Any, **__: Any) -> Iterator[dict[str, Any]]:
            """The answer in pieces."""
            yield from _chunks(own_models.get()[model](messages))

        async def astreaming(self, model: str, messages: Messages, *_: Any, **__: Any) -> AsyncIterator[dict[str, Any]]:
            """The answer in pieces; thinking happens in a thread, so that other streams go on."""
            for chunk in _chunks(await run_in_thread(own_models.get()[model], messages)):
                yield chunk

    return OwnModels()


def _chunks(text: str) -> Iterator[dict[str, Any]]:
    for piece in split_pieces(text):
        yield _chunk(piece)
    yield _chunk("", finished=True)


def _chunk(text: str, *, finished: bool = False) -> dict[str, Any]:
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0} if finished else None
    reason = "stop" if finished else ""
    return {"text": text, "is_finished": finished, "finish_reason": reason, "index": 0, "tool_use": None, "usage": usage}
