"""The verb that judges a winner: exactly its keys, the same on every surface, and clear words where there is nothing to judge."""

from pathlib import Path

import pytest

from core.report.labels import CONCLUSION
from core.report.verdict import Conclusion
from tests.cli.test_cli import (
    call,
    document,
    home,  # noqa: F401 - a fixture
)

RANGE = ["--asset", "AAPL", "--start", "2008-06-01", "--end", "2010-12-31", "--minimum-trades", "1"]
KEYS = {
    "verdict": None,
    "words": None,
    "luck": {"p", "z", "line", "held", "tries"},
    "worth": {"value", "low", "high", "expected_gain"},
    "decision": {"action", "p_step", "recommended"},
    "hold_out": {"difference", "se", "power", "trades"},
    "looks": {"number", "level"},
    "placebo": {"kind", "rounds", "better", "p", "scores", "real", "p_of_all"},
    "walk_forward": None,
    "sensitivity": None,
    "what_paid": None,
    "warm_up": {"needed", "had", "enough", "orders", "indicators"},
    "conformity": None,
}


def drive(*options: str) -> dict:
    return document(call("drive", "sma_cross", *RANGE, "--loops", "1", *options, "--json"))


def test_verify_gives_its_keys_and_keeps_what_it_found() -> None:
    run = drive()

    found = document(call("verify", run["id"], "--placebo", "1", "--json"))

    assert list(found) == list(KEYS)
    assert all(found[name] is None or set(found[name]) == keys for name, keys in KEYS.items() if keys)
    assert (found["placebo"]["kind"], found["placebo"]["rounds"]) == ("loop", 1)
    shown = document(call("show", run["id"], "--json"))["assessment"]
    assert {name: shown["studies"][name] for name in ("placebo", "warm_up", "sensitivity")} == {
        name: found[name] for name in ("placebo", "warm_up", "sensitivity")
    }
    assert found["decision"] == run["selection"]["decision"]
    said = " ".join(call("verify", run["id"]).stdout.split())
    assert f"Verdict: {CONCLUSION[Conclusion(found['verdict'])]}." in said
    assert all(name in said for name in ("Placebo", "Warm-up", "Agreement", "What to do"))
    assert document(call("check-forward", run["id"], "--json"))["bars"] == 0
    assert "no bars so far" in " ".join(call("check-forward", run["id"]).stdout.split())


def test_what_is_recommended_is_exported(tmp_path: Path) -> None:
    run = drive("--hold-out", "0")
    decision = run["selection"]["decision"]

    result = call("export", run["id"], "--output", str(tmp_path / "it.py"), "--recommended")

    assert result.exit_code == 0, result.output
    assert len(list(tmp_path.glob("it*.py"))) == len(decision["recommended"])
    assert "In-sample" in next(tmp_path.glob("it*.py")).read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("verify", "nothing"), "There is no run"),
        (("verify", "nothing", "--placebo", "-1"), ""),
        (("check-forward", "nothing"), "There is no run"),
        (("check-forward",), "Missing argument"),
    ],
)
def test_what_cannot_be_judged_is_said(arguments: tuple[str, ...], words: str) -> None:
    result = call(*arguments)

    assert result.exit_code == 2
    assert words in result.stderr


def test_a_change_that_is_not_known_to_cost_nothing_is_not_kept() -> None:
    run = drive("--loops", "0")

    result = call("verify", run["id"], "--keep-lean", "--json")

    assert result.exit_code == 2
    assert "known not to pay" in result.stderr + result.stdout
