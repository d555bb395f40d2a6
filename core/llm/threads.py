"""Slow work beside the event loop, in threads that nobody waits for when the interpreter leaves."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def run_in_thread(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run `work` in a thread. As `asyncio.to_thread`, but a cancelled wait leaves the thread behind, at the end of the process too.

    An import of seconds cannot be interrupted; whoever stops a run in the middle of one should not have to wait for it.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    call = partial(copy_context().run, work, *arguments, **named)

    def settle(outcome: Future[T]) -> None:
        if done.cancelled():
            return
        if (error := outcome.exception()) is not None:
            done.set_exception(error)
        else:
            done.set_result(outcome.result())

    def carry() -> None:
        outcome: Future[T] = Future()
        try:
            outcome.set_result(call())
        except BaseException as error:  # noqa: BLE001 - the entry point of a thread: whatever happened belongs to who waits
            outcome.set_exception(error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=carry, name="llm-work", daemon=True).start()
    return await done
