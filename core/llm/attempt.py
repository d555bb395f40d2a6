"""One HTTP attempt: a LiteLLM stream running in a background event loop, its events in a queue, and an abort that closes the socket.

Asynchronous because only a cancelled task closes a connection that has not sent its first byte yet.
"""

import asyncio
import atexit
import os
import queue
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from core.domain.usage import Usage, UsageSource
from core.llm.litellm_import import Messages, Responder, load_litellm, own_models, split_pieces
from core.llm.providers import OWN_PROVIDER
from core.llm.threads import run_in_thread


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningChunk:
    """A piece of the model's reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class AsideChunk:
    """A piece of something that is no answer."""

    refusal: str = ""
    tool_call: str = ""
    """Arguments of a tool that the model wants to call."""


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """The stream ended by itself."""

    finish_reason: str
    """As the provider said it; empty when it closed the stream without saying why."""
    usage: Usage | None
    """Only when the provider counted."""


@dataclass(frozen=True, slots=True)
class StreamFailed:
    """The attempt failed."""

    error: BaseException


StreamEvent = TextChunk | ReasoningChunk | AsideChunk | StreamEnd | StreamFailed


class StreamAttempt:
    """A running attempt. Read `events` until `StreamEnd` or `StreamFailed`; `abort` may be called at any time, from any thread."""

    def __init__(self, arguments: Mapping[str, Any], own: Mapping[str, Responder], *, through_library: bool = False) -> None:
        """`own` are our own models by name; they answer here, unless the call is to go `through_library` all the same."""
        self.events: queue.SimpleQueue[StreamEvent] = queue.SimpleQueue()
        provider, _, name = str(arguments["model"]).partition("/")
        self._responder = own.get(name) if provider == OWN_PROVIDER and not through_library else None
        self._closed = threading.Event()
        self._reason = ""
        self.sent = False
        """The request was handed to the library that sends it: until then nothing can have been charged."""
        self._future: Future[None] = _submit(self._run(dict(arguments), own))

    def abort(self, wait_seconds: float = 2.0) -> None:
        """Close the connection, and wait until it is closed (a provider library that cannot be interrupted is left behind)."""
        self._future.cancel()
        self._closed.wait(wait_seconds)

    async def _run(self, arguments: dict[str, Any], own: Mapping[str, Responder]) -> None:
        own_models.set(own)
        try:
            if self._responder is not None:
                await self._answer_here(self._responder, arguments["messages"])
                return
            litellm = await run_in_thread(load_litellm)
            self.sent = True
            answer = await litellm.acompletion(**arguments)
            if arguments.get("stream"):
                await self._read(answer)
            else:
                self._read_whole(answer)
        except Exception as error:  # noqa: BLE001 - the entry point of a job: whatever happened belongs to the reader
            self.events.put(StreamFailed(error))
        finally:
            self._closed.set()

    async def _answer_here(self, responder: Responder, messages: Messages) -> None:
        """An answer of our own: it needs no library, whose import takes seconds."""
        for piece in split_pieces(await run_in_thread(responder, messages)):
            self.events.put(TextChunk(piece))
        self.events.put(StreamEnd("stop", None))

    async def _read(self, stream: Any) -> None:
        try:
            async for chunk in stream:
                self._pass_on(chunk)
            received = str(stream.received_finish_reason or "")
            # at the end of a stream that gave no reason the library makes up a "stop"
            reason = self._reason if received or self._reason != "stop" else ""
            self.events.put(StreamEnd(reason or received, read_usage(stream)))
        finally:
            await stream.aclose()

    def _read_whole(self, answer: Any) -> None:
        """An answer that was asked for as a whole."""
        choice = answer.choices[0] if answer.choices else None
        self._pass_on_delta(getattr(choice, "message", None))
        usage = getattr(answer, "usage", None)
        counted = usage if usage is not None and usage.completion_tokens else None
        self.events.put(StreamEnd(str(getattr(choice, "finish_reason", "") or ""), _usage(counted) if counted else None))

    def _pass_on(self, chunk: Any) -> None:
        choice = chunk.choices[0] if chunk.choices else None
        # the library's own summary of the end says "stop" where a provider's chunk said more
        if (reason := str(getattr(choice, "finish_reason", None) or "")) and (not self._reason or reason != "stop"):
            self._reason = reason
        self._pass_on_delta(choice.delta if choice else None)

    def _pass_on_delta(self, delta: Any) -> None:
        if delta is None:
            return
        reasoning = getattr(delta, "reasoning_content", None)
        if reasoning:
            self.events.put(ReasoningChunk(reasoning))
        if delta.content:
            self.events.put(TextChunk(delta.content))
        refusal = getattr(delta, "refusal", None) or (getattr(delta, "provider_specific_fields", None) or {}).get("refusal")
        if refusal:
            self.events.put(AsideChunk(refusal=str(refusal)))
        for call in getattr(delta, "tool_calls", None) or ():
            self.events.put(AsideChunk(tool_call=str(getattr(call.function, "arguments", "") or "")))


def read_usage(stream: Any) -> Usage | None:
    """Tokens as the provider counted them; None when it did not, because then LiteLLM fills in figures of its own."""
    if not any(getattr(chunk, "usage", None) for chunk in stream.chunks):
        return None
    whole = load_litellm().stream_chunk_builder(stream.chunks, messages=[])
    counted = _usage(whole.usage) if whole is not None and getattr(whole, "usage", None) else None
    if counted is None or min(counted.prompt_tokens, counted.completion_tokens, counted.cached_tokens, counted.reasoning_tokens) < 0:
        return None  # a count below zero would give money back
    return counted


def _usage(usage: Any) -> Usage:
    read = getattr(usage.prompt_tokens_details, "cached_tokens", None) if usage.prompt_tokens_details else None
    thought = getattr(usage.completion_tokens_details, "reasoning_tokens", None) if usage.completion_tokens_details else None
    return Usage(
        prompt_tokens=usage.prompt_tokens or 0,
        completion_tokens=usage.completion_tokens or 0,
        cached_tokens=read or 0,
        written_tokens=_read_written(usage),
        reasoning_tokens=thought or 0,
        source=UsageSource.PROVIDER,
    )


def _read_written(usage: Any) -> int:
    """Prompt tokens that were written to the provider's cache."""
    details = usage.prompt_tokens_details
    written = getattr(usage, "cache_creation_input_tokens", None) or getattr(details, "cache_creation_tokens", None)
    return int(written or 0)


class _Background:
    """The event loop in which all attempts of this process run."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="llm-streams", daemon=True)
        self.thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the loop with its tasks, so that the interpreter leaves without complaints."""
        if self.pid != os.getpid() or not self.loop.is_running():
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), self.loop)
        self.thread.join(timeout=2.0)


async def _cancel_others() -> None:
    loop = asyncio.get_running_loop()
    others = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    loop.call_soon(loop.stop)


_lock = threading.Lock()
_background: list[_Background] = []


def _submit(coroutine: Coroutine[Any, Any, None]) -> Future[None]:
    with _lock:
        if not _background or _background[-1].pid != os.getpid():
            _background.append(_Background())
    return asyncio.run_coroutine_threadsafe(coroutine, _background[-1].loop)
