"""What a newcomer types: instruments behind the file, other names, standard input, a workflow in place of a program, slips."""

import codecs
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.cli.__main__ import _write_plainly
from core.cli.inputs import join_assets, suggest_near
from core.cli.verbs import app
from core.domain.errors import InputError
from core.domain.version import VERSION
from core.services import shut_down

HOLD = """import backtrader as bt


class Hold(bt.Strategy):
    def next(self):
        if not self.position:
            self.buy(size=1)
"""
ROOT = str(Path(__file__).parents[2])
SHORT = ["--start", "2003-01-01", "--end", "2003-03-01"]
YEAR = ["--start", "2003-01-01", "--end", "2003-12-31"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STRATLOOP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    shut_down()
    yield
    shut_down()


def call(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=given)


def test_an_instrument_stands_behind_the_file_or_is_called_a_symbol(tmp_path: Path) -> None:
    (tmp_path / "hold.py").write_text(HOLD)

    ways = [call("backtest", "hold.py", *way, *SHORT, "--json") for way in (("AAPL",), ("--symbol", "AAPL"), ("--asset", "AAPL"))]

    assert [way.exit_code for way in ways] == [0, 0, 0]
    assert len({way.stdout.split('"seconds"')[0] for way in ways}) == 1


def test_a_program_and_a_workflow_come_over_standard_input(tmp_path: Path) -> None:
    workflow = (Path(__file__).parents[2] / "data" / "workflows" / "sma_cross.json").read_text()

    assert call("backtest", "-", "AAPL", *SHORT, given=HOLD).exit_code == 0
    assert call("check", "-", given=workflow).exit_code == 0
    assert call("compile", "-", given=workflow).stdout == call("compile", "sma_cross", "-o", "-").stdout


def test_a_workflow_in_place_of_a_program_is_run_as_the_program_made_of_it() -> None:
    result = call("backtest", "sma_cross", "AAPL", "--start", "2003-01-01", "--end", "2004-12-31")

    assert result.exit_code == 0
    assert "the program made of it is run" in result.stderr


def test_a_kept_strategy_and_an_iteration_are_run_on_other_bars() -> None:
    run = json.loads(call("drive", "sma_cross", "AAPL", *YEAR, "--loops", "0", "--hold-out", "0", "--json").stdout)
    assert call("keep", run["id"], "--iteration", "0", "--name", "Mine").exit_code == 0

    kept, named = (call("backtest", name, "AAPL", *YEAR, "--json") for name in ("mine", f"{run['id']}:0"))

    assert json.loads(kept.stdout)["metrics"] == json.loads(named.stdout)["metrics"] == run["iterations"][0]["metrics"]
    assert f"Iteration 0 of run {run['id']} is run." in kept.stderr
    assert "no workflow and no kept strategy 'yours'" in call("backtest", "yours", "AAPL").stderr
    assert "has no iteration 7" in call("backtest", f"{run['id']}:7", "AAPL").stderr


def test_a_text_is_described_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "idea.txt").write_text("Buy when RSI(14) is below 30. Sell after 5 days.")

    assert "14-bar RSI" in call("describe", "idea.txt").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("backtest", "AAPL", "hold.py"), "Write what is run first: `backtest hold.py AAPL`."),
        (("backtest", "sma_cros", "AAPL"), "Did you mean sma_cross?"),
        (("backtest", "gone.py", "AAPL"), "gone.py cannot be read: No such file"),
        (("backtest", "hold.py", "AAPL", "--asset", "IBM"), "Instruments are named twice"),
        (("backtest", "hold.py"), "Name an instrument behind the file"),
        (("backtest", "hold.py", "-"), "Bars are read from a file"),
        (("check", "hold.py"), "hold.py is a program and no workflow."),
        (("explain", "sma_cros"), "Did you mean sma_cross?"),
        (("describe", "Buy a hammer. Sell after 5 days.", "-o", "-"), "Give the path of a file."),
    ],
)
def test_a_wrong_call_is_answered_with_what_to_type(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    (tmp_path / "hold.py").write_text(HOLD)

    result = call(*arguments)

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_nothing_found_is_said() -> None:
    assert "Nothing is called anything like 'zzzzzz'." in call("search", "zzzzzz").stderr
    assert "No model is called like that" in call("models", "zzzzzz").stderr


def test_version_and_help_are_there_under_the_words_that_people_try() -> None:
    assert call("--version").stdout.split() == ["stratloop", VERSION]
    assert call("help").stdout == call("--help").stdout


def test_a_bars_file_and_several_instruments_are_one_list() -> None:
    assert join_assets("", ["AAPL", "bars/mine.csv"]) == "AAPL,bars/mine.csv"
    assert suggest_near("sma_cros", ["sma_cross", "macd"]) == "sma_cross"
    with pytest.raises(InputError):
        join_assets("AAPL", ["IBM"])


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_ctrl_c_ends_a_backtest_with_a_word_and_a_documented_code(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(HOLD)
    told = "import signal, sys, threading, _thread\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # who tests may ignore it
    told += "from core.services import services\nfrom core.cli.__main__ import main\n"
    told += "services().workbench.evaluate = lambda *_: _thread.interrupt_main() or threading.Event().wait(300)\n"
    told += "sys.argv = ['cli', 'backtest', 'slow.py', 'AAPL', '--json']\nmain()\n"

    done = subprocess.run(
        [sys.executable, "-c", told], cwd=tmp_path, env=os.environ | {"PYTHONPATH": ROOT}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, json.loads(done.stdout)["error"]["class"], done.stderr.split()[-1]) == (1, "Interrupted", "Stopped.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cancel", "1"), "No such option: --json"),
        (("show",), "Missing argument 'run'."),
        (("nosuchverb",), "No such command 'nosuchverb'."),
        (("history", "nope"), "No such command 'nope'. Did you mean 'copies'?"),
        (("--nope", "runs"), "No such option: --nope"),
        (("replay", "-"), "This is not a whole zip file."),
        (("check", "-"), "it is empty."),
    ],
)
def test_what_is_no_call_of_a_verb_is_answered_by_json_too(arguments: tuple[str, ...], words: str) -> None:
    answer = call(*arguments, "--json")

    assert answer.exit_code == 2
    assert json.loads(answer.stdout)["error"]["message"].startswith(words)


def test_signs_that_a_terminal_lacks_keep_their_meaning() -> None:
    codecs.register_error("plainly", _write_plainly)

    assert "−36.3% ± 2, “fast” … 月".encode("ascii", "plainly") == b'-36.3% +/- 2, "fast" ... ?'


def test_a_closed_output_ends_no_verb(tmp_path: Path) -> None:
    command = f"{sys.executable} -m core.cli check sma_cross <&- >&- 2>&-"

    assert (
        subprocess.run(command, shell=True, cwd=ROOT, env={"STRATLOOP_HOME": str(tmp_path), "PATH": "/usr/bin"}, check=False).returncode
        == 0
    )
