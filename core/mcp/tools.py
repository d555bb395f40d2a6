"""The tools: name, description, arguments, and what carries them out. Names are a verb and a noun; clients add the server's name."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from anyio import get_cancelled_exc_class, sleep, to_thread

from core.driving.session import Taken
from core.mcp.answers import describe_forward, describe_iteration, shorten
from core.mcp.arguments import (
    Arguments,
    CompareIterations,
    CompileWorkflow,
    DescribeBars,
    ExportStrategy,
    FindInstruments,
    FinishSession,
    GetStatus,
    ListCatalogue,
    ListIterations,
    OfIteration,
    OfSession,
    StartSession,
    SubmitIteration,
    WorkflowArguments,
)
from core.mcp.desk import Answer, Desk
from core.services.sessions import SessionStep

Report = Callable[[float, str], Awaitable[None]]
"""Tells the client how far the work has come, as a share, and in a word."""
T = TypeVar("T")
TICK_SECONDS = 0.5
"""Time between two reports of progress."""
BEGIN_SECONDS = 45.0
"""Longest time that a call waits for iteration 0."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call on its way: who calls, and how to tell it of progress."""

    desk: Desk
    client: str
    report: Report


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool as the server offers it."""

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[ToolCall, Any], Awaitable[Answer]]
    reads_only: bool = True


async def in_thread(work: Callable[[], T]) -> T:
    """Do blocking work beside the loop; a call that is cancelled does not wait for it."""
    return await to_thread.run_sync(work, abandon_on_cancel=True)


async def begin_step(begin: Callable[[], SessionStep]) -> SessionStep:
    """Begin a step beside the loop; a call that is cancelled meanwhile learns of its step first, so that it can stop it."""
    return await to_thread.run_sync(begin, abandon_on_cancel=False)


def _read(verb: Callable[[Desk, Any], Answer]) -> Callable[[ToolCall, Any], Awaitable[Answer]]:
    """A tool that only reads."""

    async def run(call: ToolCall, asked: Any) -> Answer:
        return await in_thread(partial(verb, call.desk, asked))

    return run


async def wait_for(call: ToolCall, run_id: str, step: SessionStep, seconds: float, *, stops: bool = True) -> bool:
    """Wait for a step, telling of its progress; true when it is over. A cancelled call stops the step where `stops` says so."""
    until, told = time.monotonic() + seconds, -1.0
    waiting = asyncio.wrap_future(step.future)
    waiting.add_done_callback(lambda one: one.cancelled() or one.exception())  # whoever asks for the result gets the error
    try:
        while not step.future.done() and (left := until - time.monotonic()) > 0:
            await asyncio.wait([waiting], timeout=min(TICK_SECONDS, left))
            share = await in_thread(partial(call.desk.sessions.measure_progress, run_id, step))
            if share is not None and share > told and not step.future.done():
                told = share
                await call.report(share, "backtesting")
    except get_cancelled_exc_class():
        if stops:
            call.desk.sessions.stop(run_id, step)
        raise
    return step.future.done()


async def start_session(call: ToolCall, asked: StartSession) -> Answer:
    """Begin a session, and wait for iteration 0."""
    run, step = await in_thread(partial(call.desk.start_session, asked, call.client))
    if not await wait_for(call, run.id, step, BEGIN_SECONDS, stops=False):
        return {"session": run.id, "pending": True, "next": "get_status(session, wait_seconds=25)"}
    step.future.result()
    return await in_thread(partial(call.desk.describe_start, run))


async def submit_iteration(call: ToolCall, asked: SubmitIteration) -> Answer:
    """Take a submission, and wait for its result."""
    step = await begin_step(partial(call.desk.submit, asked))
    if not await wait_for(call, asked.session, step, asked.wait_seconds):
        return {
            "pending": True,
            "submission": asked.submission,
            "next": "get_status(session, wait_seconds=25), or the same submission again",
        }
    return await in_thread(partial(_describe_taken, call, asked, step.future.result()))


def _describe_taken(call: ToolCall, asked: SubmitIteration, taken: Taken | None) -> Answer:
    run = call.desk.sessions.read(asked.session)
    if taken is None:
        return {"stopped": True, "submission": asked.submission, "session_status": run.status.value}
    said = call.desk.sessions.read_steering(run.id)
    found = {
        **describe_iteration(run, taken.iteration),
        "repeated": taken.repeated or None,
        "tries": max(0, run.iterations - 1),
        "note_of_a_person": shorten(said.notes[-1][1], 500) if said.notes else None,
        "constraints_of_a_person": [shorten(pin, 200) for pin in said.pins] or None,
    }
    return {name: value for name, value in found.items() if value is not None}


async def get_status(call: ToolCall, asked: GetStatus) -> Answer:
    """The state of a session, with the result of its newest step; without one, the list of sessions."""
    sessions = call.desk.sessions
    if not asked.session:
        return await in_thread(call.desk.list_sessions)
    run = await in_thread(partial(sessions.read, asked.session))
    step = sessions.find_step(run.id)
    if step is not None and not step.future.done():
        await wait_for(call, run.id, step, asked.wait_seconds, stops=False)
    else:  # it may be on its way in another process
        until = time.monotonic() + asked.wait_seconds
        while time.monotonic() < until and await in_thread(partial(sessions.is_busy, run.id)):
            await sleep(TICK_SECONDS)
    return await in_thread(partial(_describe_status, call, run.id, step))


def _describe_status(call: ToolCall, run_id: str, step: SessionStep | None) -> Answer:
    sessions = call.desk.sessions
    run = sessions.read(run_id)
    found = call.desk.describe_status(run)
    done = sessions.list_done(run.id)
    if done:
        found["newest"] = describe_iteration(run, done[-1], brief=True)
    if step is not None and not step.future.done():
        share = sessions.measure_progress(run.id, step)
        found |= {"pending": step.label} | ({} if share is None else {"progress": round(share, 2)})
    elif step is not None and (error := step.future.exception()) is not None:
        found["last_step_failed"] = shorten(call.desk.translate(error).text)
    return found


async def finish_session(call: ToolCall, asked: FinishSession) -> Answer:
    """Finish a session, and wait for the one look."""
    step = await in_thread(partial(call.desk.sessions.finish, asked.session))
    if not await wait_for(call, asked.session, step, asked.wait_seconds, stops=False):
        return {"pending": True, "next": "get_status(session, wait_seconds=25), then finish_session again for the verdict"}
    return await in_thread(partial(call.desk.describe_end, step.future.result()))


async def check_forward(call: ToolCall, asked: OfSession) -> Answer:
    """Test a finished session on the bars that came after it."""
    step = await begin_step(partial(call.desk.sessions.check_forward, asked.session))
    if not await wait_for(call, asked.session, step, BEGIN_SECONDS):
        return {"pending": True, "next": "ask again"}
    return describe_forward(step.future.result())


TOOLS = (
    Tool(
        "find_instruments",
        "Find instruments by symbol or name; an empty query lists what has bars here.",
        FindInstruments,
        _read(Desk.find_instruments),
    ),
    Tool(
        "describe_bars",
        "Facts of bars up to the hold-out; with a session also the character of its training bars.",
        DescribeBars,
        _read(Desk.describe_bars),
    ),
    Tool(
        "list_catalogue",
        "The workflow language: indicators, rules, operators, functions, an example, starters; Backtrader's own indicators for code.",
        ListCatalogue,
        _read(Desk.list_catalogue),
    ),
    Tool("check_workflow", "Say what is wrong with a workflow, row by row.", WorkflowArguments, _read(Desk.check_workflow)),
    Tool("explain_workflow", "A workflow in sentences, with its free numbers.", WorkflowArguments, _read(Desk.explain_workflow)),
    Tool("compile_workflow", "A workflow as Backtrader code.", CompileWorkflow, _read(Desk.compile_workflow)),
    Tool(
        "start_session",
        "Begin a session: workflow, bars, hold-out, objective. Gives its id and iteration 0, the workflow itself.",
        StartSession,
        start_session,
        reads_only=False,
    ),
    Tool(
        "submit_iteration",
        "Backtest a new version on the training bars: one change, with the reason. Counts as a try.",
        SubmitIteration,
        submit_iteration,
        reads_only=False,
    ),
    Tool("get_status", "How a session stands, what is pending, what people said to it.", GetStatus, get_status),
    Tool("list_iterations", "Iterations of a session in brief, by pages.", ListIterations, _read(Desk.list_iterations)),
    Tool("list_findings", "Weaknesses found in an iteration, gravest first, each with a remedy.", OfIteration, _read(Desk.list_findings)),
    Tool(
        "compare_iterations",
        "Iterations side by side with the workflow and buy and hold, on training bars.",
        CompareIterations,
        _read(Desk.compare_iterations),
    ),
    Tool(
        "get_evidence",
        "Luck by the number of tries, worth, recommendation; after the end also verdict and hold-out.",
        OfIteration,
        _read(Desk.get_evidence),
    ),
    Tool(
        "finish_session",
        "End a session for good: recommendation first, then the one look at the hold-out. Nothing is taken afterwards.",
        FinishSession,
        finish_session,
        reads_only=False,
    ),
    Tool(
        "export_strategy",
        "Code of an iteration; once finished, a program for plain Backtrader.",
        ExportStrategy,
        _read(Desk.export_strategy),
    ),
    Tool("check_forward", "A finished session on bars from after its end: the one clean test.", OfSession, check_forward, reads_only=False),
    Tool(
        "cancel_submission", "Stop the step on its way; the session stays open.", OfSession, _read(Desk.cancel_submission), reads_only=False
    ),
)
"""All tools, in the order of the work."""
