"""What we rely on in LiteLLM beyond its documented surface; a new version that changes it fails here, by name."""

import asyncio
import subprocess
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from core.llm.attempt import read_usage
from core.llm.litellm_import import load_litellm, own_models
from tests.llm.fault_server import FaultServer, Reply

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


async def opened(model: str, base: str = "", **more: Any) -> Any:
    """A stream, begun."""
    return await load_litellm().acompletion(
        model=model,
        messages=[{"role": "user", "content": "hello"}],
        stream=True,
        stream_options={"include_usage": True},
        max_retries=0,
        **({"api_base": base, "api_key": "k"} if base else {}),
        **more,
    )


async def drained(model: str, base: str = "", **more: Any) -> Any:
    """A stream, read to its end."""
    stream = await opened(model, base, **more)
    async for _ in stream:
        pass
    return stream


def test_a_stream_says_how_the_provider_ended_it(server: FaultServer) -> None:
    server.will(Reply(finish="length"), Reply(finish=None))
    assert run(drained("openai/m", server.base)).received_finish_reason == "length"
    assert run(drained("openai/m", server.base)).received_finish_reason is None


def test_kept_chunks_tell_reported_usage_from_invented_usage(server: FaultServer) -> None:
    server.will(Reply(), Reply(usage=None))
    told = read_usage(run(drained("openai/m", server.base)))
    assert told is not None
    assert (told.prompt_tokens, told.completion_tokens) == (100, 77)
    assert read_usage(run(drained("openai/m", server.base))) is None


def test_closing_a_stream_closes_the_connection(server: FaultServer) -> None:
    async def look_and_leave() -> None:
        stream = await opened("openai/m", server.base)
        async for _ in stream:
            break
        await stream.aclose()

    server.will(Reply(hold_at=1))
    run(look_and_leave())
    assert server.seen[0].left.wait(300)


def test_cancelling_the_task_closes_a_connection_without_a_first_byte(server: FaultServer) -> None:
    async def wait_and_cancel() -> None:
        task = asyncio.create_task(opened("openai/m", server.base, timeout=30))
        await asyncio.to_thread(server.arrived.acquire, timeout=300)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    server.will(Reply(hold_at=-1))
    run(wait_and_cancel())
    assert server.seen[0].left.wait(300)


def test_no_retries_means_one_request(server: FaultServer) -> None:
    server.will(Reply(status=500, error="oops"))
    with pytest.raises(load_litellm().exceptions.InternalServerError):
        run(drained("openai/m", server.base))
    assert len(server.seen) == 1


def test_a_custom_provider_is_called_with_the_messages_and_in_our_context() -> None:
    collected: list[Any] = []

    def answer(messages: Any) -> str:
        collected.append(messages)
        return "an answer of our own"

    async def ask() -> Any:
        own_models.set({"parrot": answer})
        return await drained("stratloop/parrot")

    stream = run(ask())
    assert collected == [[{"role": "user", "content": "hello"}]]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream.chunks if chunk.choices) == "an answer of our own"
    assert stream.received_finish_reason == "stop"


def test_a_broken_stream_carries_its_cause_and_says_whether_text_had_come(server: FaultServer) -> None:
    server.will(Reply(cut_at=1))
    with pytest.raises(load_litellm().exceptions.MidStreamFallbackError) as caught:
        run(drained("openai/m", server.base))
    assert isinstance(caught.value.original_exception, Exception)
    assert caught.value.is_pre_first_chunk is False


@pytest.mark.parametrize("model", ["llama-3-8b", "meta-llama/Llama-2-7b", "command-r-plus"])
def test_counting_tokens_fetches_no_tokenizer(model: str) -> None:
    assert load_litellm().utils._select_tokenizer_helper(model)["type"] == "openai_tokenizer"
    assert load_litellm().token_counter(model=model, text="one two three") == 3


SCRIPT = """
import socket, sys, threading

tried = []
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: tried.append(host) or real("127.0.0.1", *rest, **more)
connect = socket.socket.connect
socket.socket.connect = lambda self, address: tried.append(address) or connect(self, address)

from core.domain.model_calls import ModelRequest, Prompt
from core.llm import Gateway

Gateway.preload().join()
prompt = Prompt(system="", user='<state>{"workflow": {}}</state>', tokens=1, hash="")
gateway = Gateway(keys=lambda provider: None)
last = list(gateway.stream(ModelRequest(model="demo", prompt=prompt), cancel=threading.Event()))[-1]
assert "class DemoStrategy" in last.text
assert tried == [], tried
"""


def test_loading_it_calls_nobody_prints_nothing_and_leaves_cleanly() -> None:
    """Also in a process that ends while its background threads wait."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
