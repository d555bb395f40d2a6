"""Providers of models: labels, environment variables of keys, what runs on the user's own machine. Models are in `catalogue`."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

OWN_PROVIDER = "stratloop"
"""Provider id of what ships with the product: the built-in optimizer and the demo."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Facts about one provider that no price map holds."""

    id: str
    label: str
    key_variable: str = ""
    """Environment variable of its one key; empty when it needs none, or several settings that LiteLLM reads itself."""
    needs_key: bool = True
    local: bool = False
    api_base: str = ""
    """Usual address of a local server."""
    domain: str = ""
    """Domain of its own servers: an address elsewhere is not shown its key."""
    aliases: tuple[str, ...] = ()
    """Other names under which the price map or LiteLLM knows it."""


KNOWN_PROVIDERS = (
    Provider(OWN_PROVIDER, "Ships with Stratloop", needs_key=False, local=True),
    Provider("openai", "OpenAI", "OPENAI_API_KEY", aliases=("chatgpt",), domain="openai.com"),
    Provider("anthropic", "Anthropic", "ANTHROPIC_API_KEY", domain="anthropic.com"),
    Provider("deepseek", "DeepSeek", "DEEPSEEK_API_KEY", domain="deepseek.com"),
    Provider("gemini", "Google Gemini", "GEMINI_API_KEY", domain="googleapis.com"),
    Provider("mistral", "Mistral", "MISTRAL_API_KEY", domain="mistral.ai"),
    Provider("xai", "xAI", "XAI_API_KEY", domain="x.ai"),
    Provider("openrouter", "OpenRouter", "OPENROUTER_API_KEY", domain="openrouter.ai"),
    Provider("azure", "Azure OpenAI", "AZURE_API_KEY", domain="azure.com"),
    Provider("bedrock", "Amazon Bedrock", aliases=("bedrock_converse",)),
    Provider("vertex_ai", "Google Vertex AI"),
    Provider("groq", "Groq", "GROQ_API_KEY", domain="groq.com"),
    Provider("cohere_chat", "Cohere", "COHERE_API_KEY", aliases=("cohere",), domain="cohere.com"),
    Provider("together_ai", "Together AI", "TOGETHERAI_API_KEY", domain="together.xyz"),
    Provider("fireworks_ai", "Fireworks AI", "FIREWORKS_API_KEY", domain="fireworks.ai"),
    Provider("perplexity", "Perplexity", "PERPLEXITYAI_API_KEY", domain="perplexity.ai"),
    Provider("azure_ai", "Azure AI Foundry", "AZURE_AI_API_KEY", domain="azure.com"),
    Provider("watsonx", "IBM watsonx"),
    Provider("sagemaker", "Amazon SageMaker"),
    Provider("oci", "Oracle Cloud"),
    Provider("github_copilot", "GitHub Copilot"),
    Provider(
        "ollama", "Ollama (on this machine)", needs_key=False, local=True, api_base="http://127.0.0.1:11434", aliases=("ollama_chat",)
    ),
    Provider("lm_studio", "LM Studio (on this machine)", needs_key=False, local=True, api_base="http://127.0.0.1:1234/v1"),
    Provider("llamafile", "llamafile (on this machine)", needs_key=False, local=True, api_base="http://127.0.0.1:8080/v1"),
    Provider("hosted_vllm", "vLLM (own server)", needs_key=False, local=True, api_base="http://127.0.0.1:8000/v1"),
    Provider("lemonade", "Lemonade (on this machine)", needs_key=False, local=True, api_base="http://127.0.0.1:8000/api/v1"),
)
"""In the order of the picker; everybody else follows by name."""

_BY_NAME = {name: provider for provider in KNOWN_PROVIDERS for name in (provider.id, *provider.aliases)}


def find_provider(name: str) -> Provider:
    """Facts of a provider under any of its names; for one that is not in the table, the usual `<NAME>_API_KEY`.

    >>> find_provider("bedrock_converse").id, find_provider("cerebras").key_variable
    ('bedrock', 'CEREBRAS_API_KEY')
    """
    if name.startswith("vertex_ai"):
        name = "vertex_ai"
    known = _BY_NAME.get(name)
    return known or Provider(name, name.replace("_", " ").title(), f"{name.upper().replace('-', '_')}_API_KEY")


def key_name(name: str, api_base: str = "") -> str:
    """Name under which the key for a provider at an address is kept: `openai`, or `openai@proxy.example` for somebody else's server.

    A run that somebody sends you may name any address. Only the provider's own servers, and this machine, get its key;
    another address gets a key that was entered for it, or none.

    >>> key_name("openai"), key_name("openai", "http://127.0.0.1:8000/v1"), key_name("openai", "https://proxy.example/v1")
    ('openai', 'openai', 'openai@proxy.example')
    """
    facts = find_provider(name)
    host = (urlsplit(api_base.strip()).hostname or "").lower()
    if not api_base.strip() or _is_loopback(host):
        return facts.id
    if facts.domain and (host == facts.domain or host.endswith(f".{facts.domain}")):
        return facts.id
    return f"{facts.id}@{host}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
