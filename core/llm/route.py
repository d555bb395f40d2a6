"""From a request to the arguments of one LiteLLM call: provider, wire name, key, address, prices and limits."""

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.errors import ProviderError
from core.domain.model_calls import ModelInfo, ModelRequest, Prompt, RequestSettings
from core.domain.usage import Price
from core.llm.catalogue import describe_model, find_price, list_models, split_model_id
from core.llm.errors import build_provider_error
from core.llm.pricing import estimate_tokens, worst_prompt_tokens
from core.llm.providers import OWN_PROVIDER, Provider, find_provider, key_name
from core.llm.quirks import Quirk

Message = dict[str, Any]

SMALLEST_ANSWER = 256
"""Tokens below which asking is pointless."""
_CHAT_ROUTES = {"ollama": "ollama_chat"}
"""Providers whose chat endpoint has another name in LiteLLM."""
_OPENAI_LIKE = frozenset({"openai", "openrouter", "hosted_vllm", "lm_studio", "llamafile", "lemonade", "ollama"})
_CACHES_BY_MARK = frozenset({"anthropic", "bedrock", "vertex_ai"})
"""Providers that cache a prefix only where it is marked; the others do so by themselves."""


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one request to its model."""

    info: ModelInfo
    provider: Provider
    wire: str
    """The model as LiteLLM is told."""
    price: Price | None
    api_base: str
    key: str | None = field(repr=False)

    @property
    def own(self) -> bool:
        """One of our own models: no tokens, no money."""
        return self.provider.id == OWN_PROVIDER


def resolve_route(model_id: str, api_base: str, keys: Callable[[str], str | None], prices: Callable[[str], Price | None]) -> Route:
    """The way to a model. Raises ProviderError for an id without provider, and for a missing key, before anything is sent."""
    info = describe_model(model_id)
    if not info.provider or not info.name:
        raise _no_provider(model_id)
    provider = find_provider(info.provider)
    name = split_model_id(model_id)[0]
    wire_provider = _CHAT_ROUTES.get(provider.id, name if name in (provider.id, *provider.aliases) else provider.id)
    api_base = api_base.strip().rstrip("/")
    return Route(
        info=info,
        provider=provider,
        wire=f"{wire_provider}/{info.name}",
        price=prices(info.id) or find_price(info.id),
        api_base=api_base,
        key=_key(provider, keys, api_base),
    )


def build_messages(route: Route, prompt: Prompt, partial: str = "", *, quirks: frozenset[str] = frozenset()) -> list[Message]:
    """Build the conversation: constant prefix, the part of this loop, and after a truncation what is there already."""
    marked = route.provider.id in _CACHES_BY_MARK and "claude" in route.info.name
    text = {"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}
    conversation: list[Message] = [{"role": "system", "content": [text] if marked else prompt.system}]
    if not prompt.system or Quirk.SYSTEM in quirks:
        conversation.clear()
    joined = f"{prompt.system}\n\n{prompt.user}" if prompt.system and Quirk.SYSTEM in quirks else prompt.user
    conversation.append({"role": "user", "content": joined})
    if partial:
        conversation += [{"role": "assistant", "content": partial}, {"role": "user", "content": CONTINUE_PROMPT}]
    return conversation


CONTINUE_PROMPT = "Continue exactly where you stopped. Repeat nothing, and do not open a new code block: the one you began is still open."


def compute_max_tokens(route: Route, request: ModelRequest, text: str) -> int:
    """Tokens that the answer may take: what was asked for, within what the model can. Raises ProviderError when the prompt fills it."""
    most = min(request.max_tokens, route.info.max_output or request.max_tokens)
    context = route.info.context
    if context is None or route.own:
        return most
    left = context - math.ceil(estimate_tokens(text) * 1.1)
    if left < min(SMALLEST_ANSWER, most):
        detail = f"about {estimate_tokens(text):,} tokens; {route.info.id} reads {context:,}"
        raise build_provider_error("ContextWindowExceededError", detail=detail)
    return min(most, left)


def build_arguments(
    route: Route,
    request: ModelRequest,
    conversation: list[Message],
    max_tokens: int,
    timeout: Any,
    quirks: frozenset[str] = frozenset(),
) -> Mapping[str, Any]:
    """Keyword arguments for `litellm.acompletion`. No hidden retries: each attempt is ours to count, to pay and to cancel.

    What the model at this address is known not to take is left out.
    """
    arguments: dict[str, Any] = {
        "model": route.wire,
        "messages": conversation,
        "stream": True,
        "stream_options": {"include_usage": True},
        ("max_completion_tokens" if Quirk.MAX_TOKENS in quirks else "max_tokens"): max_tokens,
        "max_retries": 0,
        "timeout": timeout,
        "drop_params": True,
    }
    optional = {
        "api_key": route.key,
        "api_base": route.api_base or (route.provider.api_base if route.provider.local else ""),
        "temperature": request.temperature,
        "seed": request.seed or None,
        "reasoning_effort": request.effort,
        "num_ctx": _context_for(conversation, max_tokens, route) if route.provider.id == "ollama" else None,
    }
    arguments |= {name: value for name, value in optional.items() if value not in (None, "")}
    if request.effort and route.provider.id in _OPENAI_LIKE:
        arguments["allowed_openai_params"] = ["reasoning_effort"]  # servers take it that the library knows nothing of
    left_out = set(quirks) - {Quirk.MAX_TOKENS} | ({"max_tokens"} if Quirk.NO_LIMIT in quirks else set())
    if Quirk.STREAM in quirks:
        left_out.add("stream_options")
    return {name: value for name, value in arguments.items() if name not in left_out}


def read_sent_settings(request: ModelRequest, sent: Mapping[str, Any]) -> RequestSettings | None:
    """Read the settings of a request as the arguments of its call hold them; None where nothing was sent."""
    if not sent:
        return None
    own = request.settings
    return own.changed(
        temperature=sent.get("temperature"),
        max_tokens=sent.get("max_tokens") or sent.get("max_completion_tokens") or own.max_tokens,
        effort=sent.get("reasoning_effort") or "",
        seed=sent.get("seed") or 0,
    )


def _context_for(conversation: list[Message], max_tokens: int, route: Route) -> int:
    """Context that holds prompt and answer, in steps of 1,024 tokens: a local server's usual one is shorter and cuts prompts in silence."""
    needed = math.ceil((estimate_tokens(join_text(conversation)) * 1.2 + max_tokens) / 1_024) * 1_024
    return min(needed, max(route.info.context or needed, 4_096))


def join_text(conversation: list[Message]) -> str:
    """All text of a conversation, for counting."""
    contents = (message["content"] for message in conversation)
    return "\n".join(content if isinstance(content, str) else content[0]["text"] for content in contents)


def reserve_tokens(route: Route, conversation: list[Message]) -> int:
    """The most tokens that this prompt can be."""
    return 0 if route.own else worst_prompt_tokens(join_text(conversation))


def _key(provider: Provider, keys: Callable[[str], str | None], api_base: str) -> str | None:
    key = keys(key_name(provider.id, api_base))
    if key:
        return key
    if api_base or provider.local:
        return "not-needed"
    if provider.needs_key and provider.key_variable:
        advice = f"Enter it in Settings, or set {provider.key_variable} before the start."
        raise build_provider_error("AuthenticationError", f"There is no key for {provider.label}.", hint=advice)
    return None


def _no_provider(model_id: str) -> ProviderError:
    name = split_model_id(model_id)[1]
    ids = {model.id: model.name.lower() for model in list_models()}
    wanted = name.lower().replace(" ", "-")
    close = [model_id for model_id, short in ids.items() if short == wanted][:3] or difflib.get_close_matches(wanted, ids, n=3, cutoff=0.5)
    advice = f"Did you mean {' or '.join(close)}?" if close else "For example openai/gpt-5-mini, or built-in."
    message = f"`{model_id}` does not say whose model it is: ids are written provider/name."
    return build_provider_error("LiteLLMUnknownProvider", message, hint=advice)
