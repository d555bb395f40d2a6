"""The terminal imports what a verb needs and no more: most of the time that a short verb takes is imports."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from core import language, llm
from core.cli.application import INDEX
from core.cli.verbs import app

ROOT = Path(__file__).parents[2]
HEAVY = {"numpy", "pandas", "sqlalchemy", "sqlmodel", "litellm", "optuna", "streamlit", "backtrader", "yfinance", "pyarrow", "filelock"}
WATCHED = """
import json, sys
from core.cli.__main__ import main
try:
    main()
finally:
    sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)))
"""


def list_imported(home: Path, *arguments: str) -> set[str]:
    """Names of all modules that a fresh process holds after a verb."""
    environment = {"STRATLOOP_HOME": str(home), "PATH": "/usr/bin"}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_the_help_imports_no_verb_and_no_room(tmp_path: Path) -> None:
    found = list_imported(tmp_path, "--help")

    assert {name for name in found if name.startswith("core.")} == {"core.cli", "core.cli.application", "core.cli.__main__"}
    assert found & (HEAVY | {"pydantic"}) == set()


@pytest.mark.parametrize("verb", ["check", "explain", "compile"])
def test_verbs_over_a_workflow_import_the_language_alone(tmp_path: Path, verb: str) -> None:
    found = list_imported(tmp_path, verb, "sma_cross")

    rooms = {name.split(".")[1] for name in found if name.startswith("core.")}
    assert rooms == {"cli", "domain", "language", "services"}
    assert found & HEAVY == set()


def test_a_backtest_imports_neither_models_nor_the_history(tmp_path: Path) -> None:
    file = tmp_path / "still.py"
    file.write_text("import backtrader as bt\n\n\nclass Still(bt.Strategy):\n    pass\n")

    found = list_imported(tmp_path, "backtest", str(file), "--asset", "AAPL", "--end", "2001-01-01")

    assert found & (HEAVY - {"numpy", "pyarrow"}) == set()
    assert not [name for name in found if name.startswith(("core.llm", "core.store", "core.language."))]


def test_the_built_in_optimizer_does_without_the_library_of_models(tmp_path: Path) -> None:
    found = list_imported(tmp_path, "drive", "sma_cross", "--asset", "AAPL", "--end", "2001-01-01", "--loops", "1", "--minimum-trades", "1")

    assert "litellm" not in found
    assert "optuna" in found or "core.llm.optimizer" in found


def test_every_verb_stands_in_the_help_with_the_first_line_of_what_it_says() -> None:
    verbs: Any = typer.main.get_command(app)
    said = {name: (verb.help or "").splitlines()[0] for name, verb in verbs.commands.items()}

    assert {name: entry.summary for name, entry in INDEX.items()} == said


@pytest.mark.parametrize("room", [language, llm], ids=lambda room: room.__name__)
def test_a_room_offers_every_name_that_it_lists_and_no_other(room: Any) -> None:
    offered = [name for names in room.PLACES.values() for name in names]

    assert sorted(offered) == sorted(room.__all__)
    assert [name for name in offered if not hasattr(room, name)] == []
    assert not hasattr(room, "nothing_of_this_name")


def test_a_name_that_is_close_to_a_verb_is_offered_one() -> None:
    result = CliRunner().invoke(app, ["chekc"])

    assert result.exit_code == 2
    assert "Did you mean 'check'" in result.stderr
