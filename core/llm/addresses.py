"""Addresses of servers: what is wrong with one can be told before anything is sent."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from core.domain.errors import Problem, Severity
from core.llm.catalogue import split_model_id
from core.llm.providers import OWN_PROVIDER, find_provider

_ENDPOINTS = ("/chat/completions", "/completions", "/responses", "/messages", "/api/chat", "/api/generate", "/models")
_OPENAI_FORM = frozenset({"openai", "lm_studio", "llamafile", "hosted_vllm"})
"""Providers whose servers are asked below an address that usually ends in /v1."""
_PRIVATE_ENDS = (".local", ".lan", ".internal", ".home.arpa", ".localhost", ".test")


def find_address_problem(model_id: str, api_base: str) -> Problem | None:
    """Find what is wrong with the address of a model's server: an error where nobody could answer there, a warning where it looks odd.

    >>> find_address_problem("openai/x", "127.0.0.1:8000/v1").message
    '127.0.0.1:8000/v1 does not begin with http:// or https://.'
    """
    base = api_base.strip().rstrip("/")
    provider = split_model_id(model_id)[0]
    if not base or provider == OWN_PROVIDER:
        return None
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return _tell(Severity.ERROR, f"{base} does not begin with http:// or https://.", f"Write {_mend(base)}.")
    end = next((end for end in _ENDPOINTS if parts.path.endswith(end)), "")
    if end:
        return _tell(Severity.ERROR, f"{base} names the endpoint {end}, which is added by itself.", f"Write {base.removesuffix(end)}.")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        return _tell(
            Severity.WARNING,
            f"{base} is not encrypted: whoever is on the way can read the prompt, the answer and the key.",
            f"Write https{base.removeprefix('http')} if the server speaks it.",
        )
    if find_provider(provider).id in _OPENAI_FORM and parts.path in ("", "/"):
        return _tell(Severity.WARNING, f"{base} has no path.", f"Servers that speak OpenAI's protocol are usually asked at {base}/v1.")
    return None


def _mend(base: str) -> str:
    """The address as it was probably meant: with a scheme that is spoken here, and without an endpoint.

    >>> _mend("localhost:9/v1/chat/completions"), _mend("ftp://box/v1"), _mend("http:/box")
    ('http://localhost:9/v1', 'http://box/v1', 'http://box')
    """
    rest = base.rpartition("://")[2].removeprefix("http:/").removeprefix("https:/").strip("/")
    end = next((end for end in _ENDPOINTS if rest.endswith(end)), "")
    return f"http://{rest.removesuffix(end)}"


def _is_near(host: str) -> bool:
    """True for this machine and for hosts of a private network: names without a dot, names that only such a network gives out, private
    addresses.

    >>> [_is_near(host) for host in ("gpu", "box.local", "10.0.0.2", "8.8.8.8", "api.example.com")]
    [True, True, True, False, False]
    """
    if ("." not in host and ":" not in host) or host.endswith(_PRIVATE_ENDS):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_private or address.is_loopback


def _tell(severity: Severity, message: str, remedy: str) -> Problem:
    return Problem(severity=severity, column="api_base", message=message, remedy=remedy)
