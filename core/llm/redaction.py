"""Takes keys out of text before anybody reads it: errors, log records, answers of servers. Where keys are kept is in `keys`."""

import logging
import re
from collections.abc import Iterable

MASK = "***"

_KEY_SHAPES = re.compile(
    r"""(?x)
    \b(?:sk|pk|rk|xai|gsk|hf|csk|pplx|nvapi|fw|r8|tgp)[-_][A-Za-z0-9][A-Za-z0-9_\-]{5,}   # sk-..., xai-..., hf_...
    | \bAIza[A-Za-z0-9_\-]{20,}                                                               # Google
    | \bAKIA[A-Z0-9]{12,}                                                                     # AWS key id
    | (?<=[?&]key=)[^&\s'"]+                                                                  # ...?key=... in an address
    | (?i:(?<=bearer\s))[A-Za-z0-9._\-]{8,}                                                   # Authorization: Bearer ...
    """
)

_LOGGERS = (
    "core.llm.call",
    "LiteLLM",
    "LiteLLM Router",
    "LiteLLM Proxy",
    "httpx",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "openai",
    "openai._base_client",
    "aiohttp.client",
    "asyncio",
)

_known: set[str] = set()


def register_secret(secret: str | None) -> None:
    """Mask this exact text everywhere from now on, whatever its shape. Very short texts are left alone: they would mask words."""
    if secret and len(secret) >= 8:
        _known.add(secret)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with known secrets, and everything shaped like a key, replaced by `***`.

    >>> redact("Incorrect API key provided: sk-proj-1234567890abcdef.")
    'Incorrect API key provided: ***.'
    """
    for secret in sorted({*_known, *(secret for secret in secrets if secret)}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _KEY_SHAPES.sub(MASK, text)


class RedactingFilter(logging.Filter):
    """Rewrites a record whose text holds a key; never drops one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record's finished text and its traceback."""
        text = record.getMessage()
        clean = redact(text)
        if clean != text:
            record.msg, record.args = clean, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


def install_log_filter() -> None:
    """Put the redacting filter on every logger of the libraries that see a key. May be called again: it adds itself once."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(present, RedactingFilter) for present in logger.filters):
            logger.addFilter(RedactingFilter())
