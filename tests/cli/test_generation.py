"""One answer of a model in a terminal: the prompt is looked at before anything is sent."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.cli.verbs import app
from core.services import shut_down


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STRATLOOP_HOME", str(tmp_path / "home"))
    shut_down()
    yield
    shut_down()


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_the_prompt_is_shown_with_its_tokens_and_nothing_is_sent() -> None:
    shown = call("generate", "sma_cross", "IBM", "--show-prompt")
    prompt = json.loads(call("generate", "sma_cross", "IBM", "--show-prompt", "--json").stdout)

    assert shown.stdout == f"{prompt['system']}\n\n{prompt['user']}\n"
    assert f"About {prompt['tokens']:,} tokens; nothing was sent." in shown.stderr
    assert json.loads(call("runs", "--json").stdout) == []
