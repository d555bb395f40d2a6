"""The error table: complete, and right about what a server says."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from core.domain.errors import ProviderAction, ProviderReason
from core.llm import Gateway
from core.llm.errors import ERROR_TABLE, OWN_ERRORS, UNKNOWN_ERROR, build_provider_error, classify
from core.llm.litellm_import import load_litellm
from tests.llm.asking import Collected, ask, collect
from tests.llm.fault_server import FaultServer, Reply

ROOT = Path(__file__).parents[2]
CONTEXT = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
ROWS = (
    # status, what the server says, name, reason, action, attempts
    (400, "unknown parameter", "BadRequestError", ProviderReason.BAD_REQUEST, "stop", 1),
    (400, CONTEXT, "ContextWindowExceededError", ProviderReason.CONTEXT_TOO_LONG, "shrink", 1),
    (400, "rejected by our content management policy", "ContentPolicyViolationError", ProviderReason.CONTENT_REFUSED, "stop", 1),
    (400, "API key not valid. Please pass a valid API key.", "AuthenticationError", ProviderReason.AUTHENTICATION, "stop", 1),
    (401, "Incorrect API key provided", "AuthenticationError", ProviderReason.AUTHENTICATION, "stop", 1),
    (402, "Insufficient Balance", "PaymentRequiredError", ProviderReason.QUOTA, "stop", 1),
    (403, "not for you", "PermissionDeniedError", ProviderReason.PERMISSION, "stop", 1),
    (404, "The model does not exist", "NotFoundError", ProviderReason.UNKNOWN_MODEL, "stop", 1),
    (408, "too slow", "Timeout", ProviderReason.TIMEOUT, "retry", 3),
    (413, "too large", "ContextWindowExceededError", ProviderReason.CONTEXT_TOO_LONG, "shrink", 1),
    (418, "I am a teapot", "BadRequestError", ProviderReason.BAD_REQUEST, "stop", 1),
    (451, "not available for legal reasons", "BadRequestError", ProviderReason.BAD_REQUEST, "stop", 1),
    (422, "cannot read that", "UnprocessableEntityError", ProviderReason.BAD_REQUEST, "stop", 1),
    (429, "Rate limit reached for requests", "RateLimitError", ProviderReason.RATE_LIMIT, "wait", 3),
    (429, "You exceeded your current quota, please check your plan and billing", "RateLimitError", ProviderReason.QUOTA, "stop", 1),
    (500, "oops", "InternalServerError", ProviderReason.UNAVAILABLE, "retry", 3),
    (502, "bad gateway", "BadGatewayError", ProviderReason.UNAVAILABLE, "retry", 3),
    (503, "overloaded", "ServiceUnavailableError", ProviderReason.UNAVAILABLE, "retry", 3),
    (504, "gateway timeout", "Timeout", ProviderReason.TIMEOUT, "retry", 3),
    (529, "overloaded", "ServiceUnavailableError", ProviderReason.UNAVAILABLE, "retry", 3),
)


def test_every_error_class_of_litellm_has_a_row() -> None:
    exceptions = load_litellm().exceptions
    raised = {name for name, kind in inspect.getmembers(exceptions, inspect.isclass) if issubclass(kind, Exception)}
    own = {name for name in raised if getattr(exceptions, name).__module__ == exceptions.__name__}
    assert own <= set(ERROR_TABLE), f"rows are missing in core/llm/errors.py: {sorted(own - set(ERROR_TABLE))}"
    assert set(ERROR_TABLE) <= own, f"rows for classes that LiteLLM no longer has: {sorted(set(ERROR_TABLE) - own)}"


def test_every_row_says_what_happened_and_what_to_do_next() -> None:
    for name, rule in (ERROR_TABLE | OWN_ERRORS).items():
        assert rule.words.endswith("."), name
        assert rule.hint.endswith((".", "?")), name
        assert "litellm" not in (rule.words + rule.hint).lower(), name


def test_every_reason_but_the_unknown_one_is_given_by_a_row() -> None:
    given = {rule.reason for rule in (*ERROR_TABLE.values(), *OWN_ERRORS.values())}

    assert set(ProviderReason) - given == {ProviderReason.UNKNOWN}


def test_what_concerns_every_answer_asks_to_stop() -> None:
    lasting = [reason for reason in ProviderReason if reason.concerns_every_answer]

    assert ProviderReason.AUTHENTICATION in lasting
    assert {reason.action for reason in lasting} == {ProviderAction.STOP}


def test_an_error_of_our_own_models_keeps_its_reason_on_the_way_through_litellm() -> None:
    wrapped = load_litellm().exceptions.APIConnectionError("broken", "custom", "built-in")
    wrapped.__cause__ = build_provider_error("NothingLeft", "Tried it all.")

    failure = classify(wrapped)

    assert (failure.name, failure.rule.reason, str(failure.to_error())) == (
        "NothingLeft",
        ProviderReason.NOTHING_LEFT,
        "Tried it all. Choose another model.",
    )


@pytest.mark.parametrize("room", ["core/domain", "core/driving", "core/services", "core/cli", "core/prompts", "pages"])
def test_above_the_door_nobody_knows_the_names_of_the_error_classes(room: str) -> None:
    names = {*ERROR_TABLE, *OWN_ERRORS}
    files = sorted((ROOT / room).rglob("*.py"))

    quoted = {(file.relative_to(ROOT), text) for file in files for text in re.findall(r"""["'](\w+)["']""", file.read_text("utf-8"))}

    assert files
    assert not {(file, text) for file, text in quoted if text in names}


@pytest.mark.parametrize(("status", "said", "name", "reason", "action", "attempts"), ROWS)
def test_an_error_status_is_named_acted_on_and_put_into_words(
    call: Callable[..., Collected],
    server: FaultServer,
    status: int,
    said: str,
    name: str,
    reason: ProviderReason,
    action: str,
    attempts: int,
) -> None:
    server.will(Reply(status=status, error=said))
    failure = call().failure
    assert (failure.name, failure.reason, failure.action) == (name, reason, action)
    assert said.rstrip(".") in failure.message
    assert failure.hint
    assert len(server.seen) == attempts


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        (Reply(body=b"<html>Welcome</html>", content_type="text/html"), "EmptyStream"),
        (Reply(body=b"", content_type="application/json"), "EmptyStream"),
        (Reply(pieces=(), finish=None), "EmptyStream"),
        (Reply(cut_at=0), "APIConnectionError"),
        (Reply(cut_at=1), "MidStreamFallbackError"),
        (Reply(event_at=1, event='data: {"error": {"message": "exploded", "code": 500}}\n\n'), "MidStreamFallbackError"),
        (Reply(event_at=1, event='data: {"id": broken\n\n'), "APIResponseValidationError"),
        (
            Reply(event_at=0, event='data: {"id": "1", "object": "chat.completion.chunk", "choices": "none"}\n\n'),
            "APIResponseValidationError",
        ),
        (Reply(event_at=0, event='data: {"id": "1", "object": "chat.completion.chunk", "choices": [7]}\n\n'), "APIResponseValidationError"),
        (Reply(event_at=0, event='data: {"usage": {"prompt_tokens": "many"}, "choices": []}\n\n'), "APIResponseValidationError"),
        (Reply(finish="content_filter"), "ContentPolicyViolationError"),
    ],
)
def test_an_answer_that_breaks_is_named_after_what_broke(
    call: Callable[..., Collected], server: FaultServer, reply: Reply, name: str
) -> None:
    server.will(reply)
    collected = call()
    assert collected.failure.name == name
    assert collected.failure.partial == collected.text()
    assert "Traceback" not in collected.failure.message
    assert "github.com" not in collected.failure.message
    assert "object" not in collected.failure.message


def test_nobody_at_the_address_asks_whether_the_server_runs(gateway: Gateway) -> None:
    failure = collect(gateway, ask("openai/some-model", api_base="http://127.0.0.1:9/v1")).failure
    assert (failure.name, failure.action) == ("APIConnectionError", ProviderAction.RETRY)
    assert "Is the server running" in failure.hint


def test_an_error_of_no_known_kind_stops_and_names_its_class() -> None:
    failure = classify(ZeroDivisionError("division by zero"))
    assert (failure.name, failure.rule) == ("ZeroDivisionError", UNKNOWN_ERROR)


def test_a_providers_json_is_reduced_to_its_sentence() -> None:
    error = load_litellm().exceptions.InternalServerError(
        'AnthropicException - b\'{"error": {"message": "Overloaded"}}\'', "anthropic", "claude"
    )
    assert classify(error).detail == "Overloaded"
