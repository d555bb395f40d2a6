"""The demo: its scenes show what they claim, through the same gateway as every model."""

import ast
import json
from typing import Any

import pytest

from core.llm import Gateway
from core.llm.demo_script import PLAIN_ANSWER, RECORDED_ANSWERS
from core.prompts import extract_code
from tests.llm.asking import ask, collect


def said(gateway: Gateway, loop: int, *, history: bool = True) -> str:
    """The demo's answer in a loop."""
    tries = [{"values": {}, "score": 0.1}] if history else []
    state = {"loop": loop, "workflow": {"rows": [{"id": "e1"}, {"id": "x1"}, {"id": "'''"}]}, "history": tries}
    return collect(gateway, ask("demo", user=f"<state>{json.dumps(state)}</state>")).finished.text


def test_a_single_generation_gets_the_plain_strategy(gateway: Gateway) -> None:
    text = said(gateway, 0, history=False)
    assert f"Change: {PLAIN_ANSWER.change}" in text
    assert "Rows: e1, x1." in text


def test_every_answer_is_one_block_that_can_be_taken_out(gateway: Gateway) -> None:
    for loop in range(1, 13):
        found = extract_code(said(gateway, loop), finish_reason="stop")
        assert found.change
        assert found.hypothesis
        assert found.code or RECORDED_ANSWERS[(loop - 1) % len(RECORDED_ANSWERS)].shows == "code that does not parse"


def test_only_the_broken_program_does_not_parse(gateway: Gateway) -> None:
    programs = [said(gateway, loop).split("```python\n")[1].removesuffix("```\n") for loop in range(1, len(RECORDED_ANSWERS) + 1)]
    with pytest.raises(SyntaxError):
        ast.parse(programs[0])
    assert all(ast.parse(program) for program in programs[1:])


def test_the_repair_changes_one_line() -> None:
    broken, repaired = (RECORDED_ANSWERS[index].code.splitlines() for index in (0, 1))
    assert sum(line != other for line, other in zip(broken, repaired, strict=True)) == 1


def test_the_script_shows_no_trade_a_look_ahead_and_improvements() -> None:
    shows = " | ".join(scene.shows for scene in RECORDED_ANSWERS)
    for what in ("does not parse", "repair", "nothing is traded", "improvement", "future"):
        assert what in shows
    assert "close[1]" in next(scene.code for scene in RECORDED_ANSWERS if "future" in scene.shows)
    assert len({scene.code for scene in RECORDED_ANSWERS}) == len(RECORDED_ANSWERS)


def test_it_starts_over_with_other_periods_and_repeats_itself_exactly(gateway: Gateway) -> None:
    size = len(RECORDED_ANSWERS)
    assert said(gateway, 2) == said(gateway, 2)
    assert "slow=50" in said(gateway, 2)
    assert "slow=60" in said(gateway, 2 + size)


def test_it_says_that_it_is_not_a_model(gateway: Gateway) -> None:
    from core.llm import describe_model

    assert describe_model("demo").label == "Demo (a replay, not a model)"
    assert describe_model("demo").free


def _no_state(gateway: Gateway) -> Any:
    return collect(gateway, ask("demo", user="hello")).failure


def test_without_a_state_it_says_so(gateway: Gateway) -> None:
    assert "no <state> block" in _no_state(gateway).message
