"""An agent does the whole job over the protocol, in both eras, and is told nothing of the hold-out before its end."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from core.domain.events import SteeringCommand
from core.domain.run import RunKind, Status, StopReason
from core.services import Services
from tests.mcp.agents import ERAS, HOLD, Agent, connect, play
from tests.mcp.conftest import write_bars

ENDLESS = "import backtrader as bt\n\n\nclass Endless(bt.Strategy):\n    def next(self):\n        while True:\n            pass\n"
LATE = (
    HOLD.format(wait=5, keep=7)
    + "        if len(self) > 250:\n            raise ValueError(f'seen {list(self.data.close.get(size=40))}')\n"
)
IDENTITY = re.compile(r"\b(?=\d*[a-f])[\da-f]{7,64}\b")


def find_canaries(heard: list[str]) -> list[str]:
    """Numbers of the hold-out, whole or rounded, in everything that was sent; six digits in the middle of an identity are none."""
    texts = [IDENTITY.sub("", text) for text in heard]
    return [found for text in texts for found in re.findall(r"(?<![\d.])9[89]\d{4}(?:\.\d+)?(?!\d)", text)]


@pytest.mark.parametrize("mode", ERAS)
def test_an_agent_does_the_whole_job(parts: Services, bars_file: str, mode: str) -> None:
    async def scene(agent: Agent) -> None:
        session = await agent.begin(file=bars_file, author=f"Tester {mode}")
        better = await agent.submit(session, "a", HOLD.format(wait=5, keep=7), change="hold", hypothesis="more trades")
        broken = await agent.submit(session, "b", "import backtrader as bt\nx = (")
        listed = await agent.call("list_iterations", session=session, limit=2)
        compared = await agent.call("compare_iterations", session=session, iterations=[0, 1])
        before = await agent.call("get_evidence", session=session, iteration=1)
        end = await agent.finish(session)
        program = await agent.call("export_strategy", session=session)

        assert (better["iteration"], better["judgment"] != "", broken["error"]["kind"]) == (1, True, "Gate")
        assert [len(listed["iterations"]), listed["next_after"], "Iteration 1" in compared["columns"]] == [2, 1, True]
        assert before["hold_out"] == "Locked until finish_session."
        assert (end["hold_out"]["looks"] >= 1, end["tries"] >= 1, "verdict" in end) == (True, True, True)
        assert "nobody here can see" in end["what_nobody_knows"]
        assert "backtrader" in program["code"]
        run = parts.store.read_run(session)
        assert (run.kind, run.status, run.stop_reason) == (RunKind.SESSION, Status.COMPLETE, StopReason.FINISHED)
        assert run.plan.model.id == f"mcp/Tester {mode}"

    play(parts, scene, mode)


def test_nothing_of_the_hold_out_is_in_any_byte_before_the_end(parts: Services, bars_file: str) -> None:
    async def scene(agent: Agent) -> None:
        await agent.call("describe_bars", file=bars_file)
        session = await agent.begin(file=bars_file)
        await agent.call("describe_bars", session=session)
        await agent.submit(session, "late", LATE, change="fails late")
        await agent.submit(session, "prints", HOLD.format(wait=3, keep=4) + "        print(self.data.close[0], self.data.buflen())\n")
        for tool in ("get_status", "list_iterations", "list_findings", "get_evidence", "export_strategy"):
            await agent.call(tool, session=session)
        await agent.call("compare_iterations", session=session, iterations=[0, 1, 2])
        for what in ("iterations/1/equity", "iterations/1/trades", "iterations/2/code", "report"):
            await agent.read(f"stratloop://sessions/{session}/{what}")
        assert find_canaries(agent.heard) == []
        assert len(find_canaries([Path(bars_file).read_text()])) > 300, "the search finds them where they are"

        end = await agent.finish(session)

        assert find_canaries(agent.heard) == []
        assert set(end["hold_out"]["buy_and_hold"]) <= {"sharpe", "total_return", "max_drawdown", "trades"}

    play(parts, scene)


def test_code_that_fails_on_late_bars_alone_is_told_in_fixed_words(parts: Services, bars_file: str) -> None:
    async def scene(agent: Agent) -> None:
        session = await agent.begin(file=bars_file)
        await agent.submit(session, "late", LATE)
        end = await agent.finish(session)
        held = parts.store.read_run(session).hold_out

        assert find_canaries([*agent.heard, held.model_dump_json() if held else ""]) == []
        assert "ValueError" not in "".join(agent.heard)
        assert end["hold_out"]["looks"] >= 1

    play(parts, scene)


def test_the_same_submission_and_the_same_program_are_no_new_try(parts: Services, bars_file: str) -> None:
    async def scene(agent: Agent) -> None:
        session = await agent.begin(file=bars_file)
        first = await agent.submit(session, "one", HOLD.format(wait=6, keep=5))
        again = await agent.submit(session, "one", HOLD.format(wait=6, keep=5))
        other_name = await agent.submit(session, "two", HOLD.format(wait=6, keep=5) + "# a comment\n")
        other_code = await agent.submit(session, "one", HOLD.format(wait=6, keep=9))

        assert [one["iteration"] for one in (first, again, other_name)] == [1, 1, 1]
        assert (again["repeated"], other_name["repeated"], other_code["error"]["code"]) == (True, True, "ID_USED")
        assert parts.store.read_run(session).iterations == 2

    play(parts, scene)


def test_after_the_end_nothing_is_taken_and_the_end_is_told_again(parts: Services, bars_file: str) -> None:
    async def scene(agent: Agent) -> None:
        session = await agent.begin(file=bars_file)
        await agent.submit(session, "one", HOLD.format(wait=8, keep=5))
        ends = [await agent.finish(session) for _ in range(3)]
        refused = await agent.submit(session, "two", HOLD.format(wait=9, keep=5))

        assert ends[0]["hold_out"] == ends[1]["hold_out"] == ends[2]["hold_out"]
        assert refused["error"]["code"] == "SESSION_OVER"
        assert "inherits" in refused["error"]["suggestion"]

    play(parts, scene)


def test_two_clients_share_a_session_one_step_at_a_time(parts: Services, bars_file: str) -> None:
    async def scene(one: Agent) -> None:
        session = await one.begin(file=bars_file)
        async with connect(parts, "legacy") as other:
            pending = await one.submit(session, "slow", ENDLESS, wait_seconds=0)
            refused = await other.submit(session, "fast", HOLD.format(wait=4, keep=9))
            stopped = await other.call("cancel_submission", session=session)
            await one.call("get_status", session=session, wait_seconds=10)
            taken = await other.submit(session, "fast", HOLD.format(wait=4, keep=9))

        assert (pending["pending"], refused["error"]["code"], stopped["stopped"]) == (True, "BUSY", True)
        assert (taken["iteration"], parts.store.read_run(session).iterations) == (1, 2)

    play(parts, scene)


@pytest.mark.parametrize("mode", ERAS)
def test_a_call_that_is_given_up_stops_the_work_and_leaves_the_session_open(parts: Services, bars_file: str, mode: str) -> None:
    async def scene(agent: Agent) -> None:
        session = await agent.begin(file=bars_file)
        asked = {"session": session, "submission": "x", "code": ENDLESS}
        before = parts.sessions.find_step(session)
        async with anyio.create_task_group() as calls:
            calls.start_soon(agent.client.call_tool, "submit_iteration", asked)
            while (step := parts.sessions.find_step(session)) is before:
                await anyio.sleep(0)
            calls.cancel_scope.cancel()  # at once: it may not have heard of its own step yet
        assert step is not None
        assert await asyncio.wait_for(asyncio.wrap_future(step.future), 60) is None
        taken = await agent.submit(session, "y", HOLD.format(wait=4, keep=9))

        assert taken["iteration"] == 1

    play(parts, scene, mode)


def test_a_person_pauses_notes_limits_and_cancels(parts: Services, bars_file: str) -> None:
    async def scene(agent: Agent) -> None:
        session = await agent.begin(file=bars_file, submissions=5)
        say = parts.runs.steer
        say(session, SteeringCommand.NOTE, "Fewer trades, please.")
        say(session, SteeringCommand.PAUSE)
        paused = await agent.submit(session, "a", HOLD.format(wait=4, keep=9))
        say(session, SteeringCommand.GO_ON)
        taken = await agent.submit(session, "a", HOLD.format(wait=4, keep=9))
        say(session, SteeringCommand.LOOPS, "1")
        full = await agent.submit(session, "b", HOLD.format(wait=4, keep=8))
        parts.runs.cancel(session)
        over = await agent.submit(session, "b", HOLD.format(wait=4, keep=8))

        codes = [one["error"]["code"] for one in (paused, full, over)]
        assert codes == ["SESSION_PAUSED", "SESSION_FULL", "SESSION_OVER"]
        assert taken["note_of_a_person"] == "Fewer trades, please."
        assert parts.store.read_run(session).hold_out is None

    play(parts, scene)


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("find_instruments", {"limits": 3}, "BAD_ARGUMENT"),
        ("find_instrument", {}, "UNKNOWN_TOOL"),
        ("describe_bars", {}, "BAD_ARGUMENT"),
        ("describe_bars", {"asset": "AAPL", "hold_out": 0}, "BAD_ARGUMENT"),
        ("describe_bars", {"asset": "AAPL", "start": "2005-13-01"}, "BAD_ARGUMENT"),
        ("describe_bars", {"asset": "AAPL", "timeframe": "3d"}, "BAD_ARGUMENT"),
        ("describe_bars", {"asset": "NOSUCHSYMBOL1"}, "NO_BARS"),
        ("describe_bars", {"file": "/etc/hostname"}, "NO_BARS"),
        ("compile_workflow", {"workflow": {"rows": []}}, "INVALID_WORKFLOW"),
        ("compile_workflow", {"workflow": "../../etc/passwd"}, "BAD_ARGUMENT"),
        ("compile_workflow", {"workflow": "nobody_saved_this"}, "BAD_ARGUMENT"),
        ("list_catalogue", {"name": "bbandz"}, "BAD_ARGUMENT"),
        ("get_status", {"session": "00000000"}, "UNKNOWN_SESSION"),
        ("get_status", {"session": "%"}, "UNKNOWN_SESSION"),
        ("compare_iterations", {"session": "x", "iterations": [0, -1]}, "BAD_ARGUMENT"),
        ("compare_iterations", {"session": "x", "iterations": []}, "BAD_ARGUMENT"),
        ("list_catalogue", {"name": "../x"}, "BAD_ARGUMENT"),
        ("describe_bars", {"file": "/proc/self/environ"}, "NO_BARS"),
        ("submit_iteration", {"session": "00000000", "submission": "a", "code": ""}, "BAD_ARGUMENT"),
        ("get_status", {"wait_seconds": 600}, "BAD_ARGUMENT"),
        ("start_session", {"workflow": "sma_cross", "asset": "AAPL", "start": "2005-01-03", "end": "2005-01-20"}, "NO_BARS"),
    ],
)
def test_bad_input_is_refused_with_a_code_a_sentence_and_a_suggestion(parts: Services, tool: str, arguments: Any, code: str) -> None:
    async def scene(agent: Agent) -> None:
        found = (await agent.call(tool, **arguments))["error"]

        assert found["code"] == code
        assert found["message"]
        assert found["suggestion"], "one sentence on what to do"
        assert "Traceback" not in agent.heard[-1]

    play(parts, scene)


def test_a_name_that_is_no_argument_is_told_and_an_entry_is_found_in_capitals(parts: Services) -> None:
    async def scene(agent: Agent) -> None:
        refused = (await agent.call("describe_bars", symbol="AAPL"))["error"]
        assert refused["message"] == "symbol: there is no such argument."
        assert "asset" in refused["suggestion"]
        assert list(await agent.call("list_catalogue", name="RSI")) == ["RSI"]

    play(parts, scene)


def test_a_run_of_another_kind_is_no_session(parts: Services, bars_file: str) -> None:
    async def scene(agent: Agent) -> None:
        session = parts.store.read_run(await agent.begin(file=bars_file))
        other = parts.store.create_run(session.plan, kind=RunKind.EDITOR)

        assert (await agent.call("get_evidence", session=other.id))["error"]["code"] == "UNKNOWN_SESSION"

    play(parts, scene)


def test_bars_from_after_the_end_are_the_clean_test_and_are_counted(parts: Services, tmp_path: Path) -> None:
    early, grown = write_bars(tmp_path / "grows.csv", height=0.0), tmp_path / "later.csv"

    async def scene(agent: Agent) -> None:
        session = await agent.begin(file=str(early))
        too_early = await agent.call("check_forward", session=session)
        await agent.submit(session, "a", HOLD.format(wait=5, keep=3))
        await agent.finish(session)
        nothing_yet = await agent.call("check_forward", session=session)
        now, ended = datetime.now(UTC), parts.store.read_run(session)
        parts.store.save_run(ended.changed(finished=now - timedelta(days=200)))  # as if it had ended long ago
        write_bars(grown, height=0.0, first=f"{now - timedelta(days=450):%Y-%m-%d}")
        early.write_text(early.read_text() + "".join(grown.read_text().splitlines(keepends=True)[1:]))
        found = [await agent.call("check_forward", session=session) for _ in range(2)]

        assert too_early["error"]["code"] == "BAD_ARGUMENT"
        assert (nothing_yet["bars"], nothing_yet["needed"]) == (0, 20)
        assert [one["looks"] for one in found] == [1, 1]
        assert found[0]["bars"] > 20
        assert {"best", "iteration_0", "buy_and_hold"} <= set(found[0])

    play(parts, scene)
