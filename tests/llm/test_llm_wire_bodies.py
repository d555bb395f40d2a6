"""Recorded answers of every family of providers, byte for byte: what is read out of them, and what is said where there is no answer."""

import json
from typing import Any

import pytest

from core.domain.errors import ProviderReason
from core.domain.usage import Price
from core.llm import Gateway, MemoryLedgerStore, SpendingLedger
from core.llm.pricing import compute_micros
from tests.llm.asking import QUICK, Collected, ask, collect
from tests.llm.fault_server import FaultServer, Reply


def lines(*events: dict[str, Any], named: bool = False, done: bool = False) -> bytes:
    """A stream of server-sent events."""
    text = "".join((f"event: {event['type']}\n" if named else "") + f"data: {json.dumps(event)}\n\n" for event in events)
    return (text + ("data: [DONE]\n\n" if done else "")).encode()


def delta(finish: str | None = None, **content: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": content, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def gemini(text: str, **more: Any) -> dict[str, Any]:
    usage = {"promptTokenCount": 5, "candidatesTokenCount": 7, "thoughtsTokenCount": 3, "totalTokenCount": 15}
    return {"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **more}], "usageMetadata": usage}


def response(status: str = "completed") -> dict[str, Any]:
    message = {"type": "message", "id": "m", "role": "assistant", "status": status}
    return {
        **{"id": "r", "object": "response", "created_at": 1, "status": status, "model": "m", "error": None, "incomplete_details": None},
        **{
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "temperature": 1,
            "top_p": 1,
        },
        "output": [{**message, "content": [{"type": "output_text", "text": "Hello", "annotations": []}]}],
        "usage": {
            **{"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
            **{"input_tokens_details": {"cached_tokens": 2}, "output_tokens_details": {"reasoning_tokens": 3}},
        },
    }


WHOLE = {
    **{"id": "x", "object": "chat.completion", "created": 1, "model": "m"},
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11},
}
ANTHROPIC = lines(
    {
        "type": "message_start",
        "message": {
            **{"id": "m", "type": "message", "role": "assistant", "model": "c", "content": [], "stop_reason": None},
            "usage": {"input_tokens": 5, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 50, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 9}},
    {"type": "message_stop"},
    named=True,
)
OLLAMA = b"".join(
    json.dumps({"model": "l", "created_at": "2026-01-01T00:00:00Z", **part}).encode() + b"\n"
    for part in (
        {"message": {"role": "assistant", "content": "Hello"}, "done": False},
        {
            **{"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"},
            **{"prompt_eval_count": 10, "eval_count": 5},
        },
    )
)
OPENAI = lines(delta(role="assistant", content="Hello"), delta("stop"), done=True)

ANSWERS: dict[str, tuple[str, bytes, str, str]] = {
    "OpenAI's chat": ("openai/some", OPENAI, "text/event-stream", "/v1/chat/completions"),
    "OpenAI's responses": ("openai/gpt-5-pro", json.dumps(response()).encode(), "application/json", "/v1/responses"),
    "Anthropic": ("anthropic/claude-sonnet-4-5", ANTHROPIC, "text/event-stream", "/v1/messages"),
    "Gemini": ("gemini/gemini-2.5-flash", lines(gemini("Hello", finishReason="STOP")), "text/event-stream", ":streamGenerateContent"),
    "Ollama": ("ollama/llama3", OLLAMA, "application/x-ndjson", "/api/chat"),
    "DeepSeek": ("deepseek/deepseek-chat", OPENAI, "text/event-stream", "/chat/completions"),
    "Mistral": ("mistral/codestral-2508", OPENAI, "text/event-stream", "/chat/completions"),
    "xAI": ("xai/grok-3", OPENAI, "text/event-stream", "/chat/completions"),
    "Groq": ("groq/openai/gpt-oss-120b", OPENAI, "text/event-stream", "/chat/completions"),
    "OpenRouter": ("openrouter/some/model", OPENAI, "text/event-stream", "/chat/completions"),
    "LM Studio": ("lm_studio/some", OPENAI, "text/event-stream", "/chat/completions"),
    "vLLM": ("hosted_vllm/some", OPENAI, "text/event-stream", "/chat/completions"),
}


@pytest.fixture
def keyed(book: MemoryLedgerStore) -> Gateway:
    """A gateway with a key for everybody."""
    return Gateway(keys=lambda _: "key-for-a-test", ledger=SpendingLedger(book), retry_policy=QUICK)


def say(keyed: Gateway, server: FaultServer, model: str, *replies: Reply, **changes: Any) -> Collected:
    """Answer a call to a model with these bodies."""
    server.will(*replies)
    base = server.base if model.startswith("openai/") else server.base.removesuffix("/v1")
    return collect(keyed, ask(model, api_base=base, **changes))


@pytest.mark.parametrize("family", ANSWERS)
def test_the_answer_of_every_family_is_read(keyed: Gateway, server: FaultServer, family: str) -> None:
    model, body, content_type, path = ANSWERS[family]
    collected = say(keyed, server, model, Reply(body=body, content_type=content_type))
    assert (collected.finished.text, collected.finished.finish_reason) == ("Hello", "stop"), collected.error
    assert any(path in seen.path for seen in server.seen)


def test_tokens_written_to_a_cache_are_billed_at_their_own_price(keyed: Gateway, server: FaultServer) -> None:
    usage = say(keyed, server, "anthropic/claude-sonnet-4-5", Reply(body=ANTHROPIC)).finished.usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.written_tokens) == (155, 50, 100)
    price = Price(input=3.0, output=15.0, cache_read=0.3, cache_write=3.75, source="user")
    assert compute_micros(usage, price) == round(5 * 3 + 50 * 0.3 + 100 * 3.75 + 9 * 15 + 0.49)


@pytest.mark.parametrize(("said", "reason"), [("MAX_TOKENS", "length"), ("STOP", "stop")])
def test_the_end_that_gemini_tells_is_believed(keyed: Gateway, server: FaultServer, said: str, reason: str) -> None:
    body = lines(gemini("```python\nx"), gemini("\n```", finishReason=said))
    assert say(keyed, server, "gemini/gemini-2.5-flash", Reply(body=body)).finished.finish_reason == reason


def test_a_local_server_is_given_a_context_that_holds_prompt_and_answer(keyed: Gateway, server: FaultServer) -> None:
    say(keyed, server, "ollama/some", Reply(body=OLLAMA), user="word " * 6_000, max_tokens=2_000)
    asked = next(seen.body for seen in server.seen if seen.path == "/api/chat")
    assert asked["options"]["num_ctx"] >= 8_000


def test_a_whole_answer_to_a_stream_is_read_and_remembered(keyed: Gateway, server: FaultServer) -> None:
    broken = Reply(body=json.dumps(WHOLE).encode(), content_type="application/json")
    assert say(keyed, server, "openai/some", broken).finished.text == "Hello"
    assert say(keyed, server, "openai/some", broken).finished.usage.completion_tokens == 6
    asked = [seen.body.get("stream", False) for seen in server.seen if seen.path.endswith("/chat/completions")]
    assert asked == [True, False, False]


OWN_WORDS: dict[str, tuple[bytes, str, str]] = {
    "a refusal": (lines(delta(role="assistant", refusal="I will not."), delta("stop"), done=True), "Refusal", "refused"),
    "a tool that nobody offered": (
        lines(
            delta(tool_calls=[{"index": 0, "id": "t", "type": "function", "function": {"name": "w", "arguments": '{"code": "x"}'}}]),
            delta("tool_calls"),
            done=True,
        ),
        "OnlyToolCall",
        "tool",
    ),
    "reasoning and nothing else": (lines(delta(reasoning_content="I think"), delta("stop"), done=True), "OnlyReasoning", "reasoning"),
}


@pytest.mark.parametrize("case", OWN_WORDS)
def test_no_answer_has_words_of_its_own(keyed: Gateway, server: FaultServer, case: str) -> None:
    body, name, word = OWN_WORDS[case]
    failure = say(keyed, server, "openai/some", Reply(body=body)).failure
    assert (failure.name, failure.reason, len(server.seen)) == (name, ProviderReason.NO_ANSWER, 1)
    assert word in failure.message


def test_code_in_a_tool_call_is_kept_as_what_came(keyed: Gateway, server: FaultServer) -> None:
    body = OWN_WORDS["a tool that nobody offered"][0]
    assert say(keyed, server, "openai/some", Reply(body=body)).failure.partial == '{"code": "x"}'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"error": {"message": "model is loading", "code": 503}}', "application/json"),
        (b'data: {"error": {"message": "model is loading", "code": 503}}\n\n', "text/event-stream"),
    ],
)
def test_an_error_under_a_good_status_is_told_in_the_servers_words(
    keyed: Gateway, server: FaultServer, body: bytes, content_type: str
) -> None:
    failure = say(keyed, server, "openai/some", Reply(body=body, content_type=content_type)).failure
    assert "model is loading" in failure.message
    assert "cannot be reached" not in failure.message


def test_when_all_tokens_went_into_thinking_more_are_asked_for_once(keyed: Gateway, server: FaultServer) -> None:
    thought = Reply(body=lines(delta(reasoning_content="Hm"), delta("length"), done=True))
    failure = say(keyed, server, "openai/some", thought, max_tokens=1_000).failure
    assert (failure.name, [seen.body["max_tokens"] for seen in server.seen]) == ("OnlyThought", [1_000, 4_000])
    server.seen.clear()
    assert say(keyed, server, "openai/some", thought, Reply(body=OPENAI), max_tokens=1_000).finished.text == "Hello"


REFUSED_SETTINGS = {
    "temperature": ("Unsupported value: 'temperature' does not support 0.2 with this model.", "temperature"),
    "max_tokens": ("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.", "max_tokens"),
    "seed": ("extra_forbidden: seed: Extra inputs are not permitted", "seed"),
    "stream_options": ("Unrecognized request argument supplied: stream_options", "stream_options"),
    "reasoning_effort": ("reasoning_effort is not supported by this model", "reasoning_effort"),
}


@pytest.mark.parametrize("setting", REFUSED_SETTINGS)
def test_a_refused_setting_is_left_out_at_once_and_from_then_on(keyed: Gateway, server: FaultServer, setting: str) -> None:
    words, name = REFUSED_SETTINGS[setting]
    settings = {"temperature": 0.2, "seed": 5, "effort": "low"}
    first = say(keyed, server, "openai/some", Reply(status=400, error=words), Reply(body=OPENAI), **settings)
    say(keyed, server, "openai/some", Reply(body=OPENAI), **settings)
    assert first.finished.text == "Hello"
    assert [name in seen.body for seen in server.seen] == [True, False, False]


def test_a_model_without_a_system_message_gets_everything_in_one(keyed: Gateway, server: FaultServer) -> None:
    refused = Reply(status=400, error="Developer instruction is not enabled for this model")
    assert say(keyed, server, "openai/some", refused, Reply(body=OPENAI)).finished.text == "Hello"
    (message,) = server.seen[1].body["messages"]
    assert (message["role"], message["content"]) == ("user", "You write strategies.\n\nWrite it.")


def test_a_refusal_that_names_no_setting_is_not_sent_again(keyed: Gateway, server: FaultServer) -> None:
    assert say(keyed, server, "openai/some", Reply(status=400, error="No."), temperature=0.2).failure.reason is ProviderReason.BAD_REQUEST
    assert len(server.seen) == 1


def test_silence_is_counted_and_thinking_aloud_is_none(keyed: Gateway, server: FaultServer) -> None:
    quiet = say(keyed, server, "openai/some", Reply(hold_at=-1), silence_seconds=0.3)
    assert (quiet.failure.name, "no sign of life for 0.3 seconds" in quiet.failure.message) == ("Timeout", True)
    aloud = Reply(reasoning=tuple("thinking"), pieces=("Hello",), drip=0.1)
    assert say(keyed, server, "openai/some", aloud, silence_seconds=5.0).finished.text == "Hello"


def test_a_server_of_ones_own_behind_an_unknown_provider_is_explained(keyed: Gateway, server: FaultServer) -> None:
    failure = say(keyed, server, "unsloth/some", Reply(body=OPENAI)).failure
    assert "openai/unsloth/some" in failure.hint
