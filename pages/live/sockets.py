"""Traffic on a socket that was accepted: a run's messages go out until the run is over or the browser leaves."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import anyio
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.domain.errors import StratloopError
from pages.live.messages import Message
from pages.live.run_feed import Feed

HEARTBEAT_SECONDS = 10.0
"""An idle socket says so this often, so that a browser notices when the line is dead."""

RETRY_SECONDS = 1.0
"""Pause before the history is asked again when it could not answer."""

FRAME = 200
"""Messages in one frame at most."""

TRY_AGAIN_LATER = 1013
"""Close code: try again later."""


async def stream(socket: WebSocket, feed: Feed, after: int, find_trouble: Callable[[], str] = str) -> None:
    """Send what happened above `after`, then `ready`, then whatever happens, in order and once; at the end of the run say so and close.

    While nothing happens a beat tells what `find_trouble` says of it, such as a full disk, which the history cannot tell of.
    """
    await _send_event(socket, "hello", now=round(time.time() * 1000))
    sent, told = after, False
    while not feed.ended:
        news = feed.news
        try:
            messages, sent = await _next(feed, sent)
        except StratloopError:
            await asyncio.sleep(RETRY_SECONDS)
            continue
        await send(socket, messages)
        if messages:
            continue
        if not told:
            await _send_event(socket, "ready")
            await _send_event(socket, "beat", trouble=find_trouble())
            told = True
        if feed.is_over(sent):
            await _send_event(socket, "end", status=feed.status)
            await socket.close()
            return
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await news.wait()
        except TimeoutError:
            await _send_event(socket, "beat", trouble=find_trouble())
    await socket.close(TRY_AGAIN_LATER)


async def _next(feed: Feed, sent: int) -> tuple[Sequence[Message], int]:
    """Messages above `sent`, and up to which event that is. Raises StratloopError."""
    messages = feed.find_recent(sent)
    if messages is None:
        replay = await feed.replay(sent)
        return replay.messages, max(sent, replay.until)
    return messages, messages[-1].seq if messages else sent


async def send(socket: WebSocket, messages: Sequence[Message]) -> None:
    """Send messages as arrays of JSON."""
    for start in range(0, len(messages), FRAME):
        await socket.send_text(f"[{','.join(message.json for message in messages[start : start + FRAME])}]")


async def _send_event(socket: WebSocket, kind: str, **data: object) -> None:
    await socket.send_text(json.dumps([{"kind": kind, **data}]))


async def run_until_disconnected(socket: WebSocket, work: Coroutine[Any, Any, None]) -> None:
    """Do `work` until it is done or the browser leaves; what the browser says is not listened to."""

    async def listen() -> None:
        while (await socket.receive())["type"] != "websocket.disconnect":
            continue
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(listen)
        with suppress(WebSocketDisconnect):
            await work
        group.cancel_scope.cancel()
