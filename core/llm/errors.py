"""Every way in which a model call fails, in one table: its name, the reason in our own terms, and the words for the user.

The names are LiteLLM's. A test compares the table with the installed LiteLLM, so that a class it gains cannot go unnoticed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.domain.errors import ProviderAction, ProviderError, ProviderReason
from core.domain.usage import Cost, Usage
from core.llm.provider_words import find_sentence, read_wait


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """One row of the table."""

    reason: ProviderReason
    words: str
    hint: str = ""
    billed: bool = False
    """The provider may have worked, and may charge, before it failed."""

    @property
    def action(self) -> ProviderAction:
        """Action that the reason asks for."""
        return self.reason.action


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A failed call, classified."""

    name: str
    rule: ErrorRule
    detail: str = ""
    """The provider's own words: one line, keys masked."""
    retry_after: float | None = None
    """Seconds the provider asked to wait."""
    said: str = field(default="", repr=False)
    """Everything that the provider said, for reading what it refuses; never shown."""
    repeats: bool = False
    """The library stopped a model that said the same thing over and over: another attempt would pay for that again."""
    original: ProviderError | None = None
    """The error itself, when one of our own models raised it."""
    cause: BaseException | None = field(default=None, repr=False)
    """For the log."""

    def to_error(self, partial: str = "", usage: Usage | None = None, cost: Cost | None = None) -> ProviderError:
        """The error for the caller: with the part of the answer that came, and what the call cost nevertheless."""
        if self.original is not None:
            return self.original
        message = put_into_brackets(self.rule.words, self.detail)
        reason, hint, wait = self.rule.reason, self.rule.hint, self.retry_after
        return ProviderError(message, name=self.name, reason=reason, hint=hint, partial=partial, usage=usage, cost=cost, retry_after=wait)


_KEY_HINT = "Check the key in Settings (a server of its own needs a key of its own), or choose another provider."
_OTHER_MODEL = "Choose another model."

ERROR_TABLE: dict[str, ErrorRule] = {
    "AuthenticationError": ErrorRule(ProviderReason.AUTHENTICATION, "The provider did not accept the key.", _KEY_HINT),
    "PermissionDeniedError": ErrorRule(
        ProviderReason.PERMISSION, "The key is not allowed to use this model.", "Ask for access with the provider, or choose another model."
    ),
    "PaymentRequiredError": ErrorRule(
        ProviderReason.QUOTA, "The account with the provider has no credit left.", "Top it up, or choose another provider."
    ),
    "NotFoundError": ErrorRule(
        ProviderReason.UNKNOWN_MODEL,
        "The provider does not know this model.",
        "Check the model id and the address; ids are written provider/name.",
    ),
    "RateLimitError": ErrorRule(
        ProviderReason.RATE_LIMIT, "The provider's rate limit is reached.", "Wait a little, or choose another model."
    ),
    "BadRequestError": ErrorRule(ProviderReason.BAD_REQUEST, "The provider refused the request.", _OTHER_MODEL),
    "InvalidRequestError": ErrorRule(ProviderReason.BAD_REQUEST, "The provider refused the request.", _OTHER_MODEL),
    "UnprocessableEntityError": ErrorRule(ProviderReason.BAD_REQUEST, "The provider could not read the request.", _OTHER_MODEL),
    "UnsupportedParamsError": ErrorRule(
        ProviderReason.BAD_REQUEST, "The model does not take one of the settings.", "Leave the temperature empty."
    ),
    "LiteLLMUnknownProvider": ErrorRule(
        ProviderReason.UNKNOWN_MODEL, "No provider of this name is known.", "Ids are written provider/name, for example openai/gpt-5-mini."
    ),
    "ContextWindowExceededError": ErrorRule(
        ProviderReason.CONTEXT_TOO_LONG, "The prompt is longer than the model can read.", "Choose a model with a larger context window."
    ),
    "ContentPolicyViolationError": ErrorRule(
        ProviderReason.CONTENT_REFUSED,
        "The provider's content rules stopped the answer.",
        "Change the names and notes of the workflow, or choose another model.",
    ),
    "RejectedRequestError": ErrorRule(ProviderReason.BAD_REQUEST, "A rule of the provider's account rejected the request.", _OTHER_MODEL),
    "ImageFetchError": ErrorRule(ProviderReason.BAD_REQUEST, "The provider could not fetch an image.", _OTHER_MODEL),
    "VectorStoreSearchError": ErrorRule(ProviderReason.BAD_REQUEST, "The provider's document search failed.", _OTHER_MODEL),
    "Timeout": ErrorRule(
        ProviderReason.TIMEOUT, "The model did not answer in time.", "Try again, allow more time, or choose a faster model.", billed=True
    ),
    "ServiceUnavailableError": ErrorRule(
        ProviderReason.UNAVAILABLE, "The provider is overloaded or down.", "Try again later, or choose another provider."
    ),
    "BadGatewayError": ErrorRule(ProviderReason.UNAVAILABLE, "A gateway before the provider failed.", "Try again later."),
    "InternalServerError": ErrorRule(ProviderReason.UNAVAILABLE, "The provider had an internal error.", "Try again later."),
    "APIError": ErrorRule(ProviderReason.UNAVAILABLE, "The provider answered with an error.", "Try again later."),
    "OpenAIError": ErrorRule(ProviderReason.UNAVAILABLE, "The provider answered with an error.", "Try again later."),
    "MockException": ErrorRule(ProviderReason.UNAVAILABLE, "The provider answered with an error.", "Try again later."),
    "APIConnectionError": ErrorRule(
        ProviderReason.UNREACHABLE, "The provider cannot be reached.", "Is the server running, and is the address right?"
    ),
    "APIResponseValidationError": ErrorRule(
        ProviderReason.UNREADABLE_ANSWER,
        "The provider's answer is not in the agreed form.",
        "Does the address lead to an OpenAI-compatible server? It often ends in /v1.",
    ),
    "JSONSchemaValidationError": ErrorRule(
        ProviderReason.UNREADABLE_ANSWER, "The provider's answer is not in the agreed form.", "Try again, or choose another model."
    ),
    "MidStreamFallbackError": ErrorRule(
        ProviderReason.INTERRUPTED, "The connection broke in the middle of the answer.", "Try again.", billed=True
    ),
    "ModelNotMappedError": ErrorRule(
        ProviderReason.UNPRICED_MODEL, "The price of this model is not known.", "Give a price in Settings, or choose another model."
    ),
    "BudgetExceededError": ErrorRule(ProviderReason.SPENDING_LIMIT, "A spending limit was reached.", "Raise the limit, or stop here."),
    "GuardrailRaisedException": ErrorRule(ProviderReason.CONTENT_REFUSED, "A guard before the model stopped the request.", _OTHER_MODEL),
    "BlockedPiiEntityError": ErrorRule(
        ProviderReason.CONTENT_REFUSED,
        "A guard before the model found personal data in the request.",
        "Take names and addresses out of the workflow's notes.",
    ),
    "ModifyResponseException": ErrorRule(ProviderReason.CONTENT_REFUSED, "A guard before the model replaced the answer.", _OTHER_MODEL),
    "SensitiveDataRouteException": ErrorRule(
        ProviderReason.CONTENT_REFUSED, "A guard before the model wants the request sent elsewhere.", _OTHER_MODEL
    ),
}
"""Class name of `litellm.exceptions` to what it means here."""

OWN_ERRORS: dict[str, ErrorRule] = {
    "MissingPackage": ErrorRule(ProviderReason.NOT_INSTALLED, "A package that this provider needs is not installed.", "The log names it."),
    "EmptyStream": ErrorRule(
        ProviderReason.UNREADABLE_ANSWER,
        "The server answered, but not with a model's answer.",
        "Does the address lead to an OpenAI-compatible server? It often ends in /v1.",
    ),
    "OnlyThought": ErrorRule(
        ProviderReason.NO_ANSWER,
        "The model used all of its tokens for thinking and wrote no answer.",
        "Raise the longest answer, or lower the reasoning effort.",
        billed=True,
    ),
    "OnlyReasoning": ErrorRule(
        ProviderReason.NO_ANSWER,
        "The model sent its reasoning and no answer.",
        "The server may file answers under reasoning: look for a setting of its reasoning parser.",
        billed=True,
    ),
    "Refusal": ErrorRule(
        ProviderReason.NO_ANSWER,
        "The model refused to answer.",
        "Change the names and notes of the workflow, or choose another model.",
        True,
    ),
    "OnlyToolCall": ErrorRule(
        ProviderReason.NO_ANSWER, "The model called a tool that nobody offered, and wrote no answer.", _OTHER_MODEL, billed=True
    ),
    "NothingToVary": ErrorRule(ProviderReason.NOTHING_LEFT, "There is nothing to change.", "Choose another model."),
    "NothingLeft": ErrorRule(ProviderReason.NOTHING_LEFT, "Everything was tried.", "Choose another model."),
}
"""Names of failures that LiteLLM has no class for."""

UNKNOWN_ERROR = ErrorRule(ProviderReason.UNKNOWN, "The call failed in a way that is not known here.", "The log has the details.")


def build_provider_error(name: str, message: str = "", *, detail: str = "", hint: str = "") -> ProviderError:
    """Build the error of a row of the tables; `detail` goes into brackets behind its words, `message` and `hint` replace its own."""
    rule = OWN_ERRORS.get(name) or ERROR_TABLE[name]
    words = message or put_into_brackets(rule.words, detail)
    return ProviderError(words, name=name, reason=rule.reason, hint=hint or rule.hint)


def put_into_brackets(words: str, detail: str) -> str:
    """Put what the provider said into brackets within the sentence that tells what it means.

    >>> put_into_brackets("The provider is down.", "Busy."), put_into_brackets("The provider is down.", "")
    ('The provider is down (Busy).', 'The provider is down.')
    """
    return f"{words.removesuffix('.')} ({detail.removesuffix('.')})." if detail else words


_BY_STATUS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "PaymentRequiredError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    408: "Timeout",
    413: "ContextWindowExceededError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    502: "BadGatewayError",
    503: "ServiceUnavailableError",
    504: "Timeout",
    529: "ServiceUnavailableError",
}
_FINAL_STATUSES = frozenset(range(400, 500)) - {409, 425}
"""Refusals that the same request would meet again; those with a meaning of their own stand in `_BY_STATUS`."""
_GENERIC = frozenset({"APIError", "OpenAIError", "BadRequestError", "InternalServerError"})
"""Classes that LiteLLM also gives to what it could not tell apart; status and words then say more."""

_PYTHON_WORDS = (
    r"object has no attribute|object is not (?:subscriptable|iterable|callable)|'NoneType' object|indices must be|unsupported operand type"
    r"|invalid literal for|validation errors? for "
)
"""Words of a library that stumbled over an answer in another form than the agreed one."""
_BY_WORDS = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"LLM Provider NOT provided", "LiteLLMUnknownProvider"),
        (r"missing credentials|api[_ ]key (?:client option )?must be set|no api key", "AuthenticationError"),
        (r"api[_ ]key (?:is )?(?:not valid|invalid)|(?:invalid|incorrect) api[_ ]key", "AuthenticationError"),
        (r"content[_ ]policy|safety system|content management policy", "ContentPolicyViolationError"),
        (
            r"connection error|connection refused|cannot connect|connecterror|connection attempts|name or service not known",
            "APIConnectionError",
        ),
        (r"expecting value: |expecting property name|unterminated string|jsondecode|invalid json", "APIResponseValidationError"),
        (
            r"prompt is too long|context (?:length|size|window)\b.*\b(?:exceed|only|overflow|too)"
            r"|(?:exceed|overflow)\w*\b.*\bcontext (?:length|size|window)",
            "ContextWindowExceededError",
        ),
        (_PYTHON_WORDS, "APIResponseValidationError"),
    )
)
_CONNECTION = re.compile(
    r"connect|refused|reset|closed|disconnect|unreachable|network|resolve|not known|ssl|certificate|socket|timed? ?out|\beof\b"
    r"|incomplete|TransferEncoding|payload|errno|proxy|protocol|peer",
    re.IGNORECASE,
)
_QUOTA = re.compile(r"quota|insufficient|billing|credit|balance", re.IGNORECASE)
_PASSES = re.compile(
    r"per (?:second|min|hour|day)|/ ?(?:second|minute|hour|day)|\b[RT]P[SMHD]\b|Per(?:Minute|Day)|rate[ _-]limit"
    r"|(?:try again|retry) (?:in|after|shortly)"
    r"|retry_?delay|resource has been exhausted|requests_per_|tokens_per_",
    re.IGNORECASE,
)
"""Words for a limit that is lifted again by itself: advice to pay for a higher one often stands with them."""
_ADDRESS = re.compile(r"https?://\S+")
_TOO_LARGE = re.compile(r"request too large", re.IGNORECASE)
_NO_MONEY = re.compile(
    r"credit balance|balance is (?:insufficient|too low|not enough)|overdue|in arrears|in good standing"
    r"|insufficient (?:balance|credits?|funds|quota)|(?:have|has|are|with) (?:no|any|not any|0) (?:more )?credits|out of credits"
    r"|budget has been exceeded|usage limits?\b.*\bregain|payment required|billing (?:is )?(?:not active|hard limit)",
    re.IGNORECASE | re.DOTALL,
)
"""Words for an account that is empty, under whatever status they come."""
_REPEATS = re.compile(r"model is repeating the same chunk", re.IGNORECASE)
_TRANSPORT = re.compile(
    r"TransferEncodingError|incomplete chunked read|peer closed|payload is not completed|Expecting value|Connection error\.?$|"
    + _PYTHON_WORDS
)
"""Words that help nobody but us: they go to the log."""


def build_own_failure(name: str, detail: str = "") -> CallFailure:
    """Build a failure that no exception tells of."""
    return CallFailure(name, OWN_ERRORS[name], detail=detail)


def classify(error: BaseException) -> CallFailure:
    """Find the meaning of a failed call. Takes LiteLLM's exceptions, and anything else as unknown."""
    own = _find_in_chain(error, ProviderError)
    if isinstance(own, ProviderError):
        return CallFailure(own.name, ErrorRule(own.reason, own.message, own.hint), original=own)
    if (package := _find_missing_package(error)) is not None:
        rule = replace(OWN_ERRORS["MissingPackage"], hint=f"Install it where the program runs: pip install {package}")
        return CallFailure("MissingPackage", rule, detail=f"{package} is missing", cause=error)
    inner = getattr(error, "original_exception", None)
    midway = type(error).__name__ == "MidStreamFallbackError"
    cause = inner if midway and isinstance(inner, BaseException) else error
    text = str(cause)
    name, rule = _find_rule(cause, text)
    if midway and not getattr(error, "is_pre_first_chunk", False):
        name, rule = _midway(name, rule)
    elif midway and name == "APIConnectionError":
        rule = replace(rule, billed=True)  # it broke after the provider had said yes
    detail = "" if _TRANSPORT.search(text) or _REPEATS.search(text) else find_sentence(text)
    repeats = _REPEATS.search(text) is not None
    said = text[:4_000]
    return CallFailure(
        name, rule, detail=detail, retry_after=read_wait(_read_headers(cause), text), said=said, repeats=repeats, cause=error
    )


def _find_rule(error: BaseException, text: str) -> tuple[str, ErrorRule]:
    name = _class_name(error)
    status = getattr(error, "status_code", None)
    if name in _GENERIC and isinstance(status, int):
        name = _BY_STATUS.get(status, "BadRequestError" if status in _FINAL_STATUSES else name)
    if name in _GENERIC or name == "APIConnectionError":
        name = next((better for words, better in _BY_WORDS if words.search(text)), name)
    if name == "APIConnectionError" and text and not _CONNECTION.search(text.replace("APIConnectionError", "")):
        name = "APIError"  # the library's word for whatever came in an answer; somebody did answer
    if name in ("BadRequestError", "PermissionDeniedError") and _NO_MONEY.search(text):
        name = "PaymentRequiredError"
    if name == "RateLimitError" and _TOO_LARGE.search(text):
        name = "ContextWindowExceededError"  # larger than what a minute allows: no wait makes it fit
    rule = ERROR_TABLE.get(name, UNKNOWN_ERROR)
    if name == "RateLimitError" and _QUOTA.search(text) and not _PASSES.search(_ADDRESS.sub("", text)):
        rule = replace(ERROR_TABLE["PaymentRequiredError"], words="The account's quota with the provider is used up.")
    if _REPEATS.search(text):
        rule = replace(ERROR_TABLE["MidStreamFallbackError"], words="The model said the same thing over and over.")
    return name, rule


def _class_name(error: BaseException) -> str:
    """Nearest class of the error that the table knows."""
    known = (kind.__name__ for kind in type(error).__mro__ if kind.__name__ in ERROR_TABLE)
    return next(known, type(error).__name__)


def _midway(name: str, rule: ErrorRule) -> tuple[str, ErrorRule]:
    """A failure after text had arrived: billed, and the row of its cause where that says more than that the stream broke."""
    if name in ("APIConnectionError", "APIError", "ServiceUnavailableError") or rule in (UNKNOWN_ERROR, ERROR_TABLE["InternalServerError"]):
        return "MidStreamFallbackError", ERROR_TABLE["MidStreamFallbackError"]
    return name, replace(rule, billed=True)


PACKAGES = {"google": "google-auth", "mcp": "mcp", "boto3": "boto3", "botocore": "boto3", "azure": "azure-identity", "oci": "oci"}
"""Names under which packages are installed, by the module that is imported; others are their own."""
_NO_MODULE = re.compile(r"No module named ['\"]([\w.]+)['\"]|pip install ['\"`]?([\w.\[\]-]+)|Missing ([\w-]+) to call")


def _find_missing_package(error: BaseException) -> str | None:
    """Name of the package that an import below LiteLLM did not find; None when no import failed."""
    found = _find_in_chain(error, ImportError)
    text = str(found if found is not None else error)
    match = _NO_MODULE.search(text)
    if match is None or (found is None and "No module named" not in text):
        return None if found is None else str(getattr(found, "name", "") or "a package").partition(".")[0]
    module = (match[1] or match[2] or match[3]).partition(".")[0]
    return PACKAGES.get(module, module)


def _find_in_chain(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """The error of a kind that is at the bottom of another one, if there is one: LiteLLM wraps what it does not know."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        if isinstance(current, kind):
            return current
        seen.add(id(current))
        waiting += [current.__cause__, current.__context__, getattr(current, "original_exception", None)]
    return None


def _read_headers(error: BaseException) -> Mapping[str, Any]:
    return getattr(getattr(error, "response", None), "headers", None) or getattr(error, "litellm_response_headers", None) or {}
