"""The catalog of models, their capabilities and prices, from the price map that LiteLLM ships, read without importing LiteLLM."""

import importlib.metadata
import importlib.util
import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from core.domain.model_calls import BUNDLED_LABELS, ModelInfo, ProviderInfo
from core.domain.usage import Price
from core.llm.providers import KNOWN_PROVIDERS, OWN_PROVIDER, find_provider

BUILT_IN = "built-in"
"""Model id of the optimizer that ships with the product: no key, no server, not a language model."""
DEMO = "demo"
"""Model id of the scripted replay."""

_MAP_FILE = "model_prices_and_context_window_backup.json"
_MODES = frozenset({"chat", "responses"})
_CAPABILITIES = {
    "supports_reasoning": "reasoning",
    "supports_vision": "vision",
    "supports_response_schema": "structured output",
    "supports_prompt_caching": "prompt caching",
    "supports_function_calling": "function calling",
    "supports_web_search": "web search",
}
_MILLION = 1_000_000
RETIREMENT_NOTICE_DAYS = 60
"""Days before its retirement from which a model is said to be on its way out."""
_SPECIAL = re.compile(
    r"guard|audio|realtime|speech|tts|transcri|whisper|voice|live|research|search|moderation|safety|shield|embed|rerank|image|video|ocr|vision-only"
    r"|computer-use|robotics|translate|instruct-0914|base$",
    re.IGNORECASE,
)
"""Names of models for something else than writing programs."""
_PACKAGES = {
    "vertex_ai": ("google.auth", "google-auth"),
    "bedrock": ("boto3", "boto3"),
    "sagemaker": ("boto3", "boto3"),
    "oci": ("oci", "oci"),
}
"""Module and package that a provider's models need beside the program's own."""
_BRIDGED = ("mcp", "mcp")
"""The same for models that answer only on the newer interface of OpenAI, Azure and xAI."""


def list_models(provider: str | None = None, query: str = "") -> tuple[ModelInfo, ...]:
    """Models for the picker: `built-in` first, then by provider and name.

    `provider` narrows to one group (any of its names); `query` keeps models whose id or label holds every word of it.
    """
    group = None if provider is None else find_provider(provider).id
    words = query.lower().split()
    found = (model for model in _listed(date.today()).values() if group is None or model.provider == group)
    return tuple(model for model in found if all(word in f"{model.id} {model.label}".lower() for word in words))


def list_providers() -> tuple[ProviderInfo, ...]:
    """Groups of the picker: the well-known ones first, also those whose models have to be typed, then the others by name."""
    counts = Counter(model.provider for model in _listed(date.today()).values())
    known = [provider.id for provider in KNOWN_PROVIDERS]
    return tuple(_provider_info(name, counts[name]) for name in (*known, *sorted(set(counts) - set(known))))


def describe_model(model_id: str) -> ModelInfo:
    """The catalog's entry, or for any other id what follows from its provider: local is free, everything else unpriced."""
    name, model = split_model_id(model_id)
    key = normalize_model_id(model_id)
    return _listed(date.today()).get(key) or _model(key, find_provider(name).id, model, {}, date.today())


def split_model_id(model_id: str) -> tuple[str, str]:
    """Provider and name of an id; without a slash it is one of our own, or of nobody.

    >>> split_model_id("built-in"), split_model_id("openrouter/meta/llama-3"), split_model_id("gpt-4o")
    (('stratloop', 'built-in'), ('openrouter', 'meta/llama-3'), ('', 'gpt-4o'))
    """
    head, slash, tail = model_id.strip().partition("/")
    if slash:
        return head, tail
    return (OWN_PROVIDER if head in BUNDLED_LABELS else ""), head


def normalize_model_id(model_id: str) -> str:
    """The id under which the catalog lists a model.

    >>> normalize_model_id("stratloop/built-in"), normalize_model_id("ollama_chat/llama3")
    ('built-in', 'ollama/llama3')
    """
    name, model = split_model_id(model_id)
    return model if name in (OWN_PROVIDER, "") else f"{find_provider(name).id}/{model}"


def find_price(model_id: str) -> Price | None:
    """Price by the price map (long-prompt tiers and batch discounts left aside), `free` for what runs here, None when unpriced."""
    info = describe_model(model_id)
    if info.free:
        return Price(input=0.0, output=0.0, source="free")
    return _price(_entries().get(info.id, {}))


@cache
def litellm_version() -> str:
    """Version of the installed LiteLLM: the date of its prices."""
    return importlib.metadata.version("litellm")


@lru_cache(maxsize=2)
def _listed(today: date) -> dict[str, ModelInfo]:
    entries = sorted(_entries().items(), key=lambda item: (_rank(item[0]), item[0]))
    listed = {name: _model(name, OWN_PROVIDER, name, {}, today, label=label) for name, label in BUNDLED_LABELS.items()}
    for model_id, entry in entries:
        name, model = split_model_id(model_id)
        listed[model_id] = _model(model_id, name, model, entry, today)
    return listed


@cache
def _entries() -> Mapping[str, Mapping[str, Any]]:
    """Chat models of the price map by canonical id. Of several entries the one with a price wins, then the provider's own.

    Another name of a provider may list a model without its price or with another context; it must not hide what is known of it.
    """
    found: dict[str, Mapping[str, Any]] = {}
    ranks: dict[str, tuple[bool, int]] = {}
    for key, entry in _price_map().items():
        if entry.get("mode") not in _MODES or key.startswith("ft:"):
            continue
        name = str(entry.get("litellm_provider", ""))
        group = find_provider(name).id
        prefix = next((prefix for prefix in (group, name) if key.startswith(f"{prefix}/")), None)
        model = key if prefix is None else key[len(prefix) + 1 :]
        canonical = f"{group}/{model}"
        rank = (_price(entry) is not None, {group: 2, None: 1}.get(prefix, 0))
        if canonical not in found or rank > ranks[canonical]:
            found[canonical], ranks[canonical] = entry, rank
    return found


def _price_map() -> dict[str, dict[str, Any]]:
    spec = importlib.util.find_spec("litellm")
    folders = spec.submodule_search_locations if spec else None
    path = Path(next(iter(folders or ["."]))) / _MAP_FILE
    data: dict[str, dict[str, Any]] = json.loads(path.read_bytes())
    return data


def _rank(model_id: str) -> tuple[int, str]:
    name = split_model_id(model_id)[0]
    position = next((index for index, known in enumerate(KNOWN_PROVIDERS) if known.id == name), len(KNOWN_PROVIDERS))
    return position, name


def _model(model_id: str, group: str, model: str, entry: Mapping[str, Any], today: date, label: str = "") -> ModelInfo:
    facts = find_provider(group)
    free = facts.local and not model.endswith("cloud")
    price = Price(input=0.0, output=0.0, source="free") if free else _price(entry)
    retires = _day(entry.get("deprecation_date"))
    return ModelInfo(
        id=model_id,
        provider=group,
        name=model,
        label=label or model,
        context=_whole(entry.get("max_input_tokens") or entry.get("max_tokens")),
        max_output=_whole(entry.get("max_output_tokens")),
        input_price=None if price is None else price.input,
        output_price=None if price is None else price.output,
        free=free,
        needs_key=facts.needs_key,
        deprecated=retires is not None and retires < today,
        retires=retires,
        retires_soon=retires is not None and today <= retires <= today + timedelta(days=RETIREMENT_NOTICE_DAYS),
        preselectable=(retires is None or retires > today + timedelta(days=RETIREMENT_NOTICE_DAYS)) and not _SPECIAL.search(model),
        missing_package=find_missing_package(group, entry.get("mode") == "responses"),
        capabilities=tuple(name for flag, name in _CAPABILITIES.items() if entry.get(flag)),
        price_source="unpriced" if price is None else price.source,
    )


def find_missing_package(group: str, bridged: bool) -> str:
    """Find the package that has to be installed before models of a provider can be called; empty when nothing is missing."""
    module, package = _BRIDGED if bridged else _PACKAGES.get(group, ("", ""))
    return package if module and not _is_installed(module) else ""


@cache
def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is missing
        return False


def _price(entry: Mapping[str, Any]) -> Price | None:
    """A price needs both sides. Two zeros from somebody else's machine are a gap in the map (billed by the hour, or by request)."""
    into, out = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    if not isinstance(into, int | float) or not isinstance(out, int | float) or into == out == 0:
        return None
    return Price(
        input=_per_million(into) or 0.0,
        output=_per_million(out) or 0.0,
        cache_read=_per_million(entry.get("cache_read_input_token_cost")),
        cache_write=_per_million(entry.get("cache_creation_input_token_cost")),
        reasoning=_per_million(entry.get("output_cost_per_reasoning_token")),
        source=f"litellm {litellm_version()}",
    )


def _per_million(value: Any) -> float | None:
    return round(value * _MILLION, 9) if isinstance(value, int | float) else None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def _provider_info(name: str, count: int) -> ProviderInfo:
    facts = find_provider(name)
    return ProviderInfo(
        id=facts.id,
        label=facts.label,
        models=count,
        needs_key=facts.needs_key,
        local=facts.local,
        key_variable=facts.key_variable,
        api_base=facts.api_base,
    )
