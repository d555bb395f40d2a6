"""An agent pays for every schema in every conversation: all of them together stay small, and no answer is long."""

import json
from typing import Any

import pytest

from core.mcp.instructions import INSTRUCTIONS, SKILL
from core.mcp.server import describe_tool
from core.mcp.tools import TOOLS
from core.services import Services
from tests.mcp.agents import HOLD, Agent, play

MOST_SCHEMA_TOKENS, MOST_ANSWER_TOKENS = 2_500, 2_000


def count_tokens(text: str) -> int:
    from litellm import token_counter

    return token_counter(model="gpt-4", text=text)


def test_all_schemas_together_are_small(capsys: pytest.CaptureFixture[str]) -> None:
    described = [describe_tool(tool).model_dump(by_alias=True, exclude_none=True, mode="json") for tool in TOOLS]
    size = count_tokens(json.dumps(described, separators=(",", ":")))

    with capsys.disabled():
        print(f"\n{len(TOOLS)} tools: {size} tokens of schemas, {count_tokens(INSTRUCTIONS)} of instructions")  # noqa: T201 - the size is shown

    assert size < MOST_SCHEMA_TOKENS
    assert not any("outputSchema" in one for one in described)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_says_what_it_is_for_and_refuses_what_it_does_not_know(tool: Any) -> None:
    described = describe_tool(tool)

    assert described.input_schema["additionalProperties"] is False
    assert described.description is not None
    assert 20 < len(described.description) < 180
    assert described.annotations is not None


def test_every_tool_is_in_the_guide_and_every_tool_that_the_words_name_exists() -> None:
    from pathlib import Path

    names = {tool.name for tool in TOOLS}
    guide = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text(encoding="utf-8")
    said = {word.strip("`.,;:()") for word in f"{INSTRUCTIONS} {SKILL}".split() if "_" in word and "=" not in word}

    assert [name for name in names if f"`{name}`" not in guide] == []
    assert {word for word in said if word.isidentifier()} <= names


def test_no_answer_of_the_catalogue_is_long(parts: Services) -> None:
    async def scene(agent: Agent) -> None:
        for kind in ("indicators", "rules", "operators", "functions", "example", "starters", "backtrader"):
            answer = await agent.call("list_catalogue", kind=kind)
            assert count_tokens(json.dumps(answer)) < MOST_ANSWER_TOKENS, kind

    play(parts, scene)


def test_no_answer_of_a_session_is_long(parts: Services, bars_file: str) -> None:
    async def scene(agent: Agent) -> None:
        session = await agent.begin(file=bars_file)
        code = HOLD.format(wait=3, keep=2) + "        print('x' * 500)\n" + "# a long comment of no use\n" * 800
        await agent.submit(session, "long", code, change="c" * 300, hypothesis="h" * 600)
        for tool in ("get_status", "list_iterations", "list_findings", "get_evidence", "export_strategy", "finish_session"):
            answer = await agent.call(tool, session=session)
            assert count_tokens(json.dumps(answer)) < MOST_ANSWER_TOKENS, tool
        page = await agent.call("export_strategy", session=session, iteration=1, after=4000)
        assert page["code"]

    play(parts, scene)
