"""Slow work beside the event loop: it answers, it fails, and nobody waits for it who has left."""

import asyncio
import subprocess
import sys
import threading
from contextvars import ContextVar

import pytest

from core.llm.threads import run_in_thread

color: ContextVar[str] = ContextVar("color")


def test_it_gives_what_the_work_gives_and_sees_the_context_of_the_asker() -> None:
    async def ask() -> str:
        color.set("green")
        return await run_in_thread(lambda: f"{color.get()} in {threading.current_thread().name}")

    assert asyncio.run(ask()) == "green in llm-work"


def test_what_the_work_raises_reaches_the_asker() -> None:
    async def ask() -> None:
        await run_in_thread(int, "no number")

    with pytest.raises(ValueError, match="no number"):
        asyncio.run(ask())


def test_a_cancelled_asker_does_not_wait() -> None:
    free = threading.Event()

    async def ask() -> str:
        task = asyncio.create_task(run_in_thread(free.wait, 60.0))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return "left"

    assert asyncio.run(ask()) == "left"
    free.set()


def test_the_interpreter_leaves_while_work_goes_on() -> None:
    code = (
        "import asyncio, threading; from core.llm.threads import run_in_thread\n"
        "async def ask(): asyncio.create_task(run_in_thread(threading.Event().wait)); await asyncio.sleep(0.1)\n"
        "asyncio.run(ask()); print('gone')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "gone", "")
