"""Runs of people in a terminal: one's own, somebody's, everybody's with their owners."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.cli.verbs import app
from core.domain.bars_request import BarsRequest
from core.domain.people import act_for
from core.domain.run import RunPlan
from core.domain.workflow import Workflow
from core.services import services, shut_down

PLAN = RunPlan(workflow=Workflow(name="cross"), bars=BarsRequest(symbol="AAPL"))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A run of Ann, one of Bob and one of nobody: id by owner."""
    monkeypatch.setenv("STRATLOOP_HOME", str(tmp_path))
    shut_down()
    ids = {"": services().store.create_run(PLAN).id}
    for name in ("ann", "bob"):
        person = services().people.admit("https://id", name, name=name)
        ids[name] = services().store.for_person(act_for(person.id)).create_run(PLAN).id
    yield ids
    shut_down()


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["runs", *arguments])


def list_ids(*arguments: str) -> set[str]:
    return {run["id"] for run in json.loads(call(*arguments, "--json").stdout)}


def test_all_runs_are_listed_with_their_owners(runs: dict[str, str]) -> None:
    assert list_ids() == set(runs.values())
    assert all(word in call().stdout for word in ("owner", "ann", "bob"))


def test_ones_own_runs_or_somebodys_are_listed_alone(runs: dict[str, str]) -> None:
    assert list_ids("--mine") == {runs[""]}
    assert list_ids("--of", "ann") == {runs["ann"]}
    assert "owner" not in call("--mine").stdout


@pytest.mark.parametrize(
    ("arguments", "said"), [(("--of", "cy"), "Nobody called 'cy'"), (("--mine", "--of", "ann"), "ask for the runs of two")]
)
def test_who_is_not_there_is_said_in_words(runs: dict[str, str], arguments: tuple[str, ...], said: str) -> None:
    result = call(*arguments)

    assert result.exit_code == 2
    assert said in result.stderr
