"""Servers of the user's own: Ollama, LM Studio, anything that speaks OpenAI's protocol. Asks them what they have."""

import json
import urllib.error
import urllib.request

from core.domain.errors import InputError, ProviderError
from core.domain.model_calls import ModelInfo
from core.llm.catalogue import describe_model
from core.llm.errors import build_provider_error
from core.llm.providers import find_provider
from core.llm.redaction import redact

LARGEST_LIST = 4_000_000
"""Bytes of a list of models that are read."""


def list_local_models(provider: str, api_base: str = "", *, key: str | None = None, timeout: float = 5.0) -> tuple[ModelInfo, ...]:
    """Models that a server lists right now, by name. `provider` is `ollama`, `lm_studio`, ... or `openai` for any compatible server.

    Raises InputError for an address that is none, and ProviderError when the server does not answer as expected.
    """
    facts = find_provider(provider)
    base = (api_base or facts.api_base).strip().rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise InputError(
            f"{base or 'An empty text'} is not an address.", hint="It begins with http://, for example http://127.0.0.1:11434."
        )
    path, field, name = ("/api/tags", "models", "name") if facts.id == "ollama" else ("/models", "data", "id")
    document = _fetch(f"{base}{path}", key, timeout)
    listed = document.get(field) if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise _failed("APIResponseValidationError", f"{base} does not list models the way {facts.label} does")
    names = {str(entry[name]) for entry in listed if isinstance(entry, dict) and entry.get(name)}
    return tuple(describe_model(f"{facts.id}/{model}") for model in sorted(names))


def _fetch(url: str, key: str | None, timeout: float) -> object:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.loads(response.read(LARGEST_LIST))
    except urllib.error.HTTPError as error:
        name = "AuthenticationError" if error.code in (401, 403) else "APIError"
        raise _failed(name, f"{url} answered {error.code}") from None
    except (OSError, TimeoutError) as error:
        raise _failed("APIConnectionError", f"{url}: {getattr(error, 'reason', error)}") from None
    except ValueError:
        raise _failed("APIResponseValidationError", f"{url} did not answer with JSON") from None


def _failed(name: str, detail: str) -> ProviderError:
    return build_provider_error(name, detail=redact(detail))
