"""Refusals as providers write them: what is said of them, how long they are waited for, and how long an answer fits."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest

from core.domain.errors import ProviderReason
from core.domain.model_calls import Retrying
from core.llm import Gateway, RetryPolicy
from core.llm.errors import classify
from core.llm.litellm_import import load_litellm
from core.llm.provider_words import find_sentence, read_room, read_wait
from core.llm.quirks import Quirk, find_rejected_setting
from tests.llm.asking import Collected, ask, collect
from tests.llm.fault_server import FaultServer, Reply

PER_MINUTE = (
    "Rate limit reached for model `m` in organization `o` on tokens per minute (TPM): Limit 12000, Used 9000, Requested 5000. "
    "Please try again in 10.2s. Need more tokens? Upgrade to Dev Tier today at https://console.example/settings/billing"
)
FREE_TIER = (
    "You exceeded your current quota, please check your plan and billing details. For more, head to: https://ai.example/rate-limits.\n"
    "* Quota exceeded for metric: generate_content_free_tier_requests, limit: 10\nPlease retry in 18.4s."
)
TIER = "Requests have exceeded token rate limit of your current S0 pricing tier. Please retry after 6 seconds. See https://aka.example/quotaincrease"
NO_CARD = "Rate limit reached on requests per min (RPM): Limit 3, Used 3. Add a payment method at https://platform.example/account/billing."
OUT_OF_QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. Read https://platform.example/docs/rate-limits."
)
TOO_LARGE = "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9120, please reduce your message size"
VLLM = (
    "'max_tokens' or 'max_completion_tokens' is too large: 8000. This model's maximum context length is 8192 tokens and your request has "
    "1200 input tokens (8000 > 8192 - 1200)."
)
AT_MOST = "max_tokens is too large: 8000. This model supports at most 4096 completion tokens, whereas you provided 8000."


def refuse(kind: str, text: str) -> ProviderReason:
    return classify(getattr(load_litellm().exceptions, kind)(text, "m", "openai")).rule.reason


@pytest.mark.parametrize("text", [PER_MINUTE, FREE_TIER, TIER, NO_CARD, "Resource has been exhausted (e.g. check quota)."])
def test_a_limit_that_is_lifted_again_is_no_empty_account_though_advice_to_pay_stands_with_it(text: str) -> None:
    assert refuse("RateLimitError", text) is ProviderReason.RATE_LIMIT


@pytest.mark.parametrize("text", [OUT_OF_QUOTA, "Your account is not active, please check your billing details.", "Insufficient balance."])
def test_an_empty_account_is_no_limit_that_is_lifted_again(text: str) -> None:
    assert refuse("RateLimitError", text) is ProviderReason.QUOTA


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("BadRequestError", "Your credit balance is too low to access the API. Please go to Plans & Billing."),
        ("BadRequestError", "You have reached your specified API usage limits. You will regain access on 2026-12-01."),
        ("BadRequestError", "Budget has been exceeded! Current cost: 10.02, Max budget: 10.0"),
        ("PermissionDeniedError", "Your newly created team doesn't have any credits yet."),
        ("PermissionDeniedError", "Sorry, your account balance is insufficient"),
    ],
)
def test_an_empty_account_is_told_under_any_status(kind: str, text: str) -> None:
    error = getattr(load_litellm().exceptions, kind)
    response = SimpleNamespace(headers={}, status_code=403, request=None)
    made = error(text, "m", "openai") if kind == "BadRequestError" else error(text, "openai", "m", response)

    assert classify(made).rule.reason is ProviderReason.QUOTA


def test_what_no_minute_has_room_for_is_too_long_and_not_waited_for() -> None:
    assert refuse("RateLimitError", TOO_LARGE) is ProviderReason.CONTEXT_TOO_LONG


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('XException - {\n  "error": {\n    "code": 429,\n    "message": "Slow down.\\nPlease."\n  }\n}', "Slow down. Please."),
        ('{"error": "model \'llama3\' not found"}', "model 'llama3' not found"),
        ("Error code: 400 - {'error': \"It's full.\"}", "It's full."),
        ('{"detail": "Unauthorized"}', "Unauthorized"),
        (
            '{"message": {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}}',
            "seed: Extra inputs are not permitted",
        ),
        (
            '{"error": {"message": "Provider returned error", "metadata": {"raw": "{\\"detail\\": \\"Busy.\\"}"}}}',
            "Provider returned error: Busy.",
        ),
        ("<html>\r\n<head><title>502 Bad\n Gateway</title></head><body></body></html>", "502 Bad Gateway"),
        ("litellm.BadRequestError: OpenAIException - No such thing", "No such thing"),
        ("{not a document}", "{not a document}"),
        ("", ""),
    ],
)
def test_a_refusal_is_reduced_to_its_sentence_whatever_it_is_wrapped_in(text: str, sentence: str) -> None:
    assert find_sentence(text) == sentence


def test_keys_in_a_document_are_masked() -> None:
    assert "abcdef" not in find_sentence(json.dumps({"error": {"message": "Incorrect API key: sk-proj-1234567890abcdef."}}, indent=1))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (PER_MINUTE, 10.2),
        (FREE_TIER, 18.4),
        (TIER, 6),
        ("Please try again in 57m12s.", 3_432),
        ("Please wait 23 seconds before retrying.", 23),
        ("Try again in 5 minutes 30 seconds", 330),
        ('"retryDelay": "18s"', 18),
        ("Try again later.", None),
        ("The trial ended 5 days ago.", None),
    ],
)
def test_a_wait_is_read_from_words(text: str, seconds: float | None) -> None:
    assert read_wait({}, text) == seconds


def test_a_wait_may_be_a_date_and_the_header_comes_before_the_words() -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

    assert 20 < (read_wait({"retry-after": then}, "try again in 2s") or 0) <= 30
    assert read_wait({"retry-after": "7"}, "try again in 2s") == 7
    assert read_wait({"retry-after": "soon"}, "try again in 2s") == 2


@pytest.mark.parametrize(
    ("text", "room"),
    [
        (VLLM, 6_992),
        (AT_MOST, 4_096),
        (TOO_LARGE, 4_880),
        ("maximum context length is 8192 tokens. However, you requested 9200 tokens (1200 in the messages, 8000 in the completion)", 6_992),
        ("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 1200 `inputs` tokens and 8000 `max_new_tokens`", 2_896),
        ("max_tokens: 8000 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku-20240307", 4_096),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 4096]", 4_096),
        ("maxOutputTokens value of 8000 but the supported range is from 1 (inclusive) to 4097 (exclusive).", 4_096),
        ("Try again with a maximum tokens value that is lower than 4096.", 4_095),
        ("You requested up to 8000 tokens, but can only afford 3120.", 3_120),
        ("maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.", None),
        (PER_MINUTE, None),
        ("Unsupported parameter: 'max_tokens' is not supported with this model.", None),
        ("seed must be at most 4096", None),
        ("prompt is too long: 214315 tokens > 200000 maximum", None),
    ],
)
def test_the_room_for_an_answer_is_read_from_the_numbers_of_a_refusal(text: str, room: int | None) -> None:
    assert read_room(text, 8_000) == room


@pytest.mark.parametrize(("status", "text", "room"), [(400, VLLM, 6_992), (400, AT_MOST, 4_096), (413, TOO_LARGE, 4_880)])
def test_a_call_that_asked_for_too_long_an_answer_is_sent_again_with_what_fits(
    call: Callable[..., Collected], server: FaultServer, status: int, text: str, room: int
) -> None:
    server.will(Reply(status=status, error=text), Reply())
    collected = call(max_tokens=8_000)

    assert collected.finished.text == "Hello world"
    assert [seen.body["max_tokens"] for seen in server.seen] == [8_000, room]
    assert f"room for {room:,} tokens" in next(event.message for event in collected.events if isinstance(event, Retrying))


def test_the_settings_that_are_kept_are_those_that_were_sent(call: Callable[..., Collected], server: FaultServer) -> None:
    server.will(Reply(status=400, error="Unsupported value: 'temperature'"), Reply(status=400, error=AT_MOST), Reply())
    sent = call(max_tokens=8_000, temperature=0.4, seed=5).finished.sent

    assert sent is not None
    assert (sent.temperature, sent.max_tokens, sent.seed) == (None, 4_096, 5)


def test_an_answer_in_which_no_program_fits_is_not_asked_for(call: Callable[..., Collected], server: FaultServer) -> None:
    server.will(Reply(status=400, error="You requested up to 8000 tokens, but can only afford 312."))

    assert call(max_tokens=8_000).failure
    assert len(server.seen) == 1


def test_an_answer_is_shortened_twice_at_most(call: Callable[..., Collected], server: FaultServer) -> None:
    refusals = (Reply(status=400, error=f"max_tokens is too large: the most is {most}") for most in (7_000, 6_000, 5_000, 4_000))
    server.will(*refusals)

    assert call(max_tokens=8_000).failure
    assert [seen.body["max_tokens"] for seen in server.seen] == [8_000, 7_000, 6_000]


def test_all_tokens_spent_on_thinking_do_not_ask_for_more_than_there_is_room_for(
    call: Callable[..., Collected], server: FaultServer
) -> None:
    thought = Reply(pieces=(), reasoning=("hm",), finish="length")
    server.will(Reply(status=400, error=AT_MOST), thought)

    assert call(max_tokens=8_000).failure.reason is ProviderReason.NO_ANSWER
    assert [seen.body["max_tokens"] for seen in server.seen] == [8_000, 4_096]


def test_a_long_wait_that_is_asked_for_is_left_to_the_caller_and_told(server: FaultServer) -> None:
    server.will(Reply(status=429, error="Rate limit reached. Please try again in 57m12s."))
    failure = collect(Gateway(keys=lambda _: None, retry_policy=RetryPolicy()), ask("openai/m", api_base=server.base)).failure

    assert (failure.retry_after, failure.reason, len(server.seen)) == (3_432, ProviderReason.RATE_LIMIT, 1)


def test_a_model_that_may_not_be_streamed_is_asked_for_the_answer_as_a_whole() -> None:
    error = load_litellm().exceptions.BadRequestError("Your organization must be verified to stream this model.", "m", "openai")

    assert find_rejected_setting(classify(error), {"stream": True, "messages": ()}, frozenset()) is Quirk.STREAM
