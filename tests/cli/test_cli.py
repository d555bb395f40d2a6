"""The command line's contract: exit codes, one JSON document on standard output, words on standard error, never a traceback."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.cli.verbs import app
from core.services import shut_down
from tests.store.old_history import unpack_history

ROOT = Path(__file__).parents[2]
ENDS = ("baseline", "benchmark")
RANGE = ["--asset", "AAPL", "--start", "2003-01-01", "--end", "2010-12-31"]
CROSS = """import backtrader as bt


class Cross(bt.Strategy):
    params = dict(fast=10, slow=30)

    def __init__(self):
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=self.p.fast), bt.ind.SMA(period=self.p.slow))

    def next(self):
        if not self.position and self.cross[0] > 0:
            self.order_target_percent(target=0.9)
        elif self.position and self.cross[0] < 0:
            self.close()
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("STRATLOOP_HOME", str(tmp_path / "home"))
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    shut_down()
    yield tmp_path / "home"
    shut_down()


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def document(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.fixture
def strategy(tmp_path: Path) -> Path:
    file = tmp_path / "cross.py"
    file.write_text(CROSS)
    return file


def test_a_starter_is_valid_and_said_in_words() -> None:
    checked, explained, compiled = call("check", "sma_cross", "--json"), call("explain", "sma_cross"), call("compile", "sma_cross")

    assert (checked.exit_code, document(checked)["valid"]) == (0, True)
    assert (explained.exit_code, "crosses above" in explained.stdout) == (0, True)
    compile(compiled.stdout, "sma_cross.py", "exec")


def test_a_workflow_without_entry_is_refused_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text('{"schema_version": 1, "name": "x", "rows": []}')

    result = call("check", str(tmp_path / "empty.json"), "--json")

    assert result.exit_code == 2
    assert "entry" in document(result)["problems"][0]["message"]


@pytest.mark.parametrize("content", [b"", b"{broken", b"\x00\xff\xfe", b"[]", b'"text"', b"{}", b'{"schema_version": 99}'])
def test_an_unreadable_workflow_is_bad_input_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(content)

    result = call("check", str(tmp_path / "bad.json"))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr
    assert "Traceback" not in result.stderr


def test_a_backtest_is_one_json_document_with_the_platforms_figures(strategy: Path) -> None:
    result = call("backtest", str(strategy), *RANGE, "--json")

    found = document(result)
    assert (result.exit_code, found["status"], found["error"]) == (0, "ok", None)
    assert found["final_value"] == pytest.approx(100_000 * (1 + found["metrics"]["total_return"]))
    assert (found["certificate"]["verdict"], found["trades"] > 10, found["orders"] > 20) == ("clean", True, True)


def test_a_scripts_cash_is_told_and_used_when_asked_for(strategy: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(strategy.read_text() + "\nimport backtrader as bt\nc = bt.Cerebro()\nc.broker.setcash(50000)\n")

    told = document(call("backtest", str(script), *RANGE, "--json"))
    used = document(call("backtest", str(script), *RANGE, "--script-account", "--json"))

    assert "The script sets cash 50,000; the plan's count: cash 100,000." in told["notes"]
    assert used["final_value"] == pytest.approx(50_000 * (1 + used["metrics"]["total_return"]))


def test_a_script_whose_only_feed_is_of_weeks_runs_on_weeks(strategy: Path, tmp_path: Path) -> None:
    script = tmp_path / "weekly.py"
    engine = "c = bt.Cerebro()\nc.resampledata(bt.feeds.GenericCSVData(dataname='x.csv'), timeframe=bt.TimeFrame.Weeks)\n"
    script.write_text(f"{strategy.read_text()}\nimport backtrader as bt\n{engine}")

    found = document(call("backtest", str(script), *RANGE, "--json"))
    same = document(call("backtest", str(strategy), *RANGE, "--timeframe", "1w", "--json"))

    assert (found["timeframe"], found["bars"], found["final_value"]) == ("1w", same["bars"], same["final_value"])
    assert any("Run on bars of 1w" in note for note in found["notes"])


def test_costs_that_are_asked_for_are_paid(strategy: Path) -> None:
    free = document(call("backtest", str(strategy), *RANGE, "--commission", "0", "--slippage", "0", "--json"))
    dear = document(call("backtest", str(strategy), *RANGE, "--commission", "0.01", "--slippage", "0.01", "--json"))

    assert free["metrics"]["costs"] == 0
    assert dear["final_value"] < free["final_value"]


def test_code_that_fails_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(CROSS.replace("self.close()", "self.clsoe()"))

    result = call("backtest", str(tmp_path / "bad.py"), *RANGE, "--json")

    assert result.exit_code == 1
    assert document(result)["error"]["line"] == 14


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "marked.py").write_bytes(b"\xef\xbb\xbf" + CROSS.encode())
    (tmp_path / "wide.py").write_bytes(CROSS.encode("utf-16"))

    assert call("backtest", str(tmp_path / "marked.py"), *RANGE).exit_code == 0
    assert call("backtest", str(tmp_path / "wide.py"), *RANGE).exit_code == 2


def test_a_fault_and_its_hint_are_two_sentences(tmp_path: Path) -> None:
    (tmp_path / "opening.py").write_text(CROSS.replace("self.close()", "self.close(exectype=bt.Order.Stop, price=5.0, on_open=True)"))

    result = call("backtest", str(tmp_path / "opening.py"), *RANGE)

    assert result.exit_code == 1
    assert re.search(r"[^.!?:] Write ", " ".join(result.stderr.split())) is None
    assert re.search(r"[.!?:] Write ", " ".join(result.stderr.split()))


@pytest.mark.parametrize("code", ["def broken(:", "x = 1", "import backtrader as bt\nraise SystemExit"])
def test_code_that_is_no_strategy_fails_in_words(code: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(code)

    result = call("backtest", str(tmp_path / "bad.py"), *RANGE, "--json")

    assert (result.exit_code, document(result)["metrics"]) == (1, None)
    assert document(result)["error"]["message"]


@pytest.mark.parametrize(
    "options",
    [
        ["--asset", "NOPE"],
        ["--asset", "AAPL", "--bars", "x.csv"],
        [],
        ["--asset", "AAPL", "--start", "2010-01-01", "--end", "2003-01-01"],
        ["--asset", "AAPL", "--start", "yesterday"],
        ["--asset", "AAPL", "--start", "2030-01-01"],
        ["--asset", "AAPL", "--timeframe", "7m"],
        ["--asset", "AAPL", "--timeframe", "1m"],
        ["--bars", "missing.csv"],
        ["--asset", "AAPL", "--cash", "-5"],
    ],
)
def test_bad_options_exit_with_two_and_one_json_document(options: list[str], strategy: Path) -> None:
    result = call("backtest", str(strategy), *options, "--json")

    assert result.exit_code == 2, result.output
    assert document(result)["error"]["message"]
    assert "Traceback" not in result.stderr


def test_a_drive_improves_on_the_baseline_or_keeps_it_and_ends_with_the_hold_out() -> None:
    result = call("drive", "sma_cross", *RANGE, "--loops", "3", "--json")

    run = document(result)
    assert (result.exit_code, run["status"], run["stop_reason"]) == (0, "complete", "loops")
    assert [iteration["number"] for iteration in run["iterations"]] == [0, 1, 2, 3]
    scores = [iteration["score"] or float("-inf") for iteration in run["iterations"]]
    assert scores[run["best"]] == max(scores)
    assert {"best", "baseline", "benchmark"} <= run["hold_out"].keys()
    assert run["iterations"][1]["cost"]["usd"] == 0


def test_the_terminal_says_of_a_run_what_the_screen_says() -> None:
    run = document(call("drive", "sma_cross", *RANGE, "--loops", "2", "--json"))

    said = " ".join(call("show", run["id"]).stdout.split())

    found = run["assessment"]
    assert (found["iteration"], found["tries"], 0 < found["luck"]["p"] < 1) == (run["best"], 3, True)
    assert found["selection"] == run["selection"], "the recommendation is stored with the run"
    assert f"Luck line {found['luck']['line']:.2f}" in said
    for sentence in (found["result"], found["hold_out"]["about"], found["hold_out"]["sentence"], found["risk"]):
        assert sentence in said
    assert all(finding["message"] in said for finding in found["findings"])
    assert document(call("show", run["id"], "--json"))["assessment"] == found


def test_a_drive_takes_every_setting_that_the_form_has() -> None:
    loop = ["--loops", "1", "--escalation", "built-in", "--minimum-gain", "0.05", "--temperature", "0.3", "--max-tokens", "900"]
    limits = ["--min-exposure", "0.1", "--max-exposure", "0.9", "--max-drawdown", "0.6"]

    plan = document(call("drive", "sma_cross", *RANGE, *loop, *limits, "--json"))["plan"]

    assert plan["escalation"]["id"] == "built-in"
    assert plan["minimum_gain"] == 0.05
    assert plan["constraints"] == {"max_drawdown": 0.6, "minimum_exposure": 0.1, "maximum_exposure": 0.9}
    assert (plan["model"]["temperature"], plan["model"]["max_tokens"]) == (0.3, 900)


def test_constraints_that_nothing_can_keep_are_bad_input() -> None:
    result = call("drive", "sma_cross", *RANGE, "--min-exposure", "0.8", "--max-exposure", "0.2")

    assert result.exit_code == 2
    assert "the least exposure is above the most" in result.stderr


def test_a_formula_and_another_objective_are_bad_input() -> None:
    result = call("drive", "sma_cross", *RANGE, "--formula", "sharpe", "--objective", "calmar")

    assert result.exit_code == 2
    assert "Name one of them" in result.stderr


def test_the_same_seed_gives_the_same_run() -> None:
    runs = [document(call("drive", "sma_cross", *RANGE, "--loops", "2", "--seed", "7", "--json")) for _ in range(2)]

    codes = [[iteration["code"] for iteration in run["iterations"]] for run in runs]
    figures = [[iteration["metrics"] for iteration in run["iterations"]] for run in runs]
    assert codes[0] == codes[1]
    assert figures[0] == figures[1]


def test_a_run_is_listed_shown_and_exported_as_a_file_that_runs(tmp_path: Path) -> None:
    run = document(call("drive", "sma_cross", *RANGE, "--loops", "1", "--json"))

    listed, shown = call("runs", "--json"), call("show", run["id"], "--json")
    made = call("export", run["id"], "--iteration", "0", "-o", str(tmp_path / "winner.py"))
    done = subprocess.run([sys.executable, str(tmp_path / "winner.py")], capture_output=True, text=True, check=False)

    assert [entry["id"] for entry in document(listed)] == [run["id"]]
    assert document(shown)["iterations"] == run["iterations"]
    assert (made.exit_code, done.returncode) == (0, 0), done.stderr
    said, measured = done.stdout.split()[2], done.stdout.split()[-1].rstrip(")")
    assert said == measured, "plain Backtrader comes to the platform's figure, to the cent"


def test_a_workflow_that_pays_in_is_backtested_with_its_deposits(tmp_path: Path) -> None:
    table = json.loads((ROOT / "data" / "workflows" / "sma_cross.json").read_text())
    pays = {"id": "pays", "section": "sizing", "indicators": ["add_cash"], "operator": "cash", "thresholds": ["500", "monthly"]}
    (tmp_path / "paid.json").write_text(json.dumps(table | {"rows": [*table["rows"], pays]}))

    made = document(call("backtest", str(tmp_path / "paid.json"), *RANGE, "--json"))["metrics"]
    run = document(call("drive", str(tmp_path / "paid.json"), *RANGE, "--hold-out", "0", "--loops", "0", "--json"))

    assert made["paid_in"] > 0
    assert made == run["iterations"][0]["metrics"]
    assert "500 paid in each month" in call("show", run["id"]).stdout


def test_a_program_is_not_called_like_a_module_that_it_imports(tmp_path: Path) -> None:
    refused = call("export", "any", "-o", str(tmp_path / "calendar.py"))

    assert refused.exit_code == 2
    assert "in place of the module calendar" in refused.stderr


def test_money_is_not_set_side_by_side_where_accounts_begin_with_different_sums() -> None:
    run = document(call("drive", "sma_cross", *RANGE, "--loops", "1", "--json"))

    training, hold_out = call("show", run["id"]).stdout.split("Hold-out, never seen by the loop")

    starts = {round(one["metrics"]["final_value"] / (1 + one["metrics"]["total_return"])) for one in map(run["hold_out"].get, ENDS)}
    assert len(starts) > 1
    assert all(words in training and words not in hold_out for words in ("Final value", "Commission paid", "Mean profit of a trade"))
    assert "Total return" in hold_out


def test_an_export_never_writes_over_something_else(tmp_path: Path) -> None:
    run = document(call("drive", "sma_cross", *RANGE, "--loops", "0", "--json"))
    (tmp_path / "mine.csv").write_text("my own notes")

    assert call("export", run["id"], "-o", str(tmp_path / "winner.csv")).exit_code == 2
    assert call("export", run["id"], "-o", str(tmp_path / "mine.py")).exit_code == 2
    assert (tmp_path / "mine.csv").read_text() == "my own notes"


def test_a_complete_run_cannot_be_resumed_or_cancelled() -> None:
    run = document(call("drive", "sma_cross", *RANGE, "--loops", "0", "--json"))

    assert call("resume", run["id"]).exit_code == 2
    assert call("cancel", run["id"]).exit_code == 2
    assert call("steer", run["id"], "note", "hello").exit_code == 2


def test_a_model_without_a_key_fails_in_words() -> None:
    result = call("generate", "sma_cross", "--model", "openai/gpt-4o-mini", "--json")

    error = document(result)["error"]
    assert (result.exit_code, "key" in error["message"].lower(), bool(error["action"])) == (1, True, True)


@pytest.mark.parametrize("model", ["nope", "openai/gpt-4o-mini"])
def test_a_model_that_cannot_be_asked_is_refused_before_anything_is_run(model: str) -> None:
    for option in ("--model", "--escalation"):
        result = call("drive", "sma_cross", *RANGE, "--loops", "2", option, model, "--json")

        error = document(result)["error"]
        assert (result.exit_code, bool(error["message"]), bool(error["action"])) == (1, True, True)
    assert document(call("runs", "--json")) == []


def test_the_built_in_model_generates_code_that_is_free() -> None:
    result = call("generate", "sma_cross", "--json")

    found = document(result)
    assert (result.exit_code, found["status"], found["cost"]["usd"], found["error"]) == (0, "complete", 0, None)
    compile(found["code"], "generated.py", "exec")


def test_doctor_tells_what_this_machine_can_do() -> None:
    result = call("doctor", "--json")

    found = document(result)
    assert (result.exit_code, found["ok"], found["problems"]) == (0, True, [])
    assert found["isolation_level"] in (0, 1, 2)


def test_a_history_that_cannot_be_opened_is_said_in_words(home: Path) -> None:
    home.mkdir()
    (home / "stratloop.db").write_bytes(b"not a database" * 500)

    result = call("runs", "--json")

    assert result.exit_code == 2
    assert "not a Stratloop database" in document(result)["error"]["message"]


def test_an_unexpected_error_is_logged_under_an_id_and_never_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.language.explain_text", lambda workflow: 1 / 0)

    result = call("explain", "sma_cross")

    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "ZeroDivisionError" in (home / "logs" / "errors.log").read_text()


def test_a_history_is_copied_to_another_place_and_read_there(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpack_history(home)
    runs = document(call("runs", "--json"))

    made = document(call("history", "copy", "--to", str(tmp_path / "moved.db"), "--json"))
    again = call("history", "copy", "--to", str(tmp_path / "moved.db"))
    monkeypatch.setenv("STRATLOOP_DATABASE", str(tmp_path / "moved.db"))
    shut_down()

    assert (made["rows"]["run"], made["left_out"], again.exit_code) == (len(runs), [], 2)
    assert document(call("runs", "--json")) == runs


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--from", "{}/nowhere.db", "--to", "{}/new.db"), "no history at"),
        (("--to", "{}/no/folder/new.db"), "no folder"),
        (("--from", "{}/home/stratloop.db", "--to", "{}/home/stratloop.db"), "same history"),
    ],
)
def test_a_history_is_copied_from_a_place_that_is_there_to_one_that_can_be(
    options: tuple[str, ...], words: str, home: Path, tmp_path: Path
) -> None:
    unpack_history(home)

    result = call("history", "copy", *(option.format(tmp_path) for option in options), "--json")

    assert (result.exit_code, words in document(result)["error"]["message"]) == (2, True)
    assert not list(tmp_path.glob("*.db"))
