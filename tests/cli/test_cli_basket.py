"""A basket in the terminal: one run over several instruments from its start to what is handed out, and clear words for bad input."""

from pathlib import Path

import pytest

from tests.cli.test_cli import (
    call,
    document,
    home,  # noqa: F401 - a fixture
)

RANGE = ["--start", "2008-01-01", "--end", "2010-12-31", "--minimum-trades", "1", "--loops", "1"]


def test_a_basket_runs_from_its_start_to_a_replayed_bundle(tmp_path: Path) -> None:
    run = document(call("drive", "sma_cross", "--asset", "AAPL,NOPE,MSFT", "--over", "worst", *RANGE, "--json"))
    file, bundle = tmp_path / "winner.py", tmp_path / "run.zip"

    assert [one["symbol"] for one in run["instruments"]] == ["AAPL", "MSFT"]
    assert [one["symbol"] for one in run["plan"]["left_out"]] == ["NOPE"]
    assert [one["symbol"] for one in run["hold_out"]["best"]["instruments"]] == ["AAPL", "MSFT"]
    said = " ".join(call("show", run["id"]).stdout.split())
    assert all(words in said for words in ("Instrument by instrument", "NOPE is left out", "as much as"))
    assert call("export", run["id"], "-o", str(file)).exit_code == 0
    assert "BASKET = ['AAPL', 'MSFT']" in file.read_text() or 'BASKET = ["AAPL", "MSFT"]' in file.read_text()
    assert call("export", run["id"], "-o", str(bundle)).exit_code == 0
    assert "The same, to the last bit" in call("replay", str(bundle)).stdout


@pytest.mark.parametrize(
    ("asset", "options", "words"),
    [
        ("AAPL,aapl", [], "AAPL is in the basket twice"),
        (",".join(f"S{number}" for number in range(21)), [], "20 instruments at most; these are 21"),
        (" , ", [], "names no instrument"),
        ("NOPE,GONE", [], "is not known"),
        ("AAPL,MSFT", ["--rate", "EUR"], "'EUR' is not a rate"),
        ("AAPL,MSFT", ["--rate", "EUR=-1"], "is not a rate"),
        ("AAPL,ECB-EURJPY", [], "one account for all of them needs one currency"),
    ],
)
def test_bad_input_is_refused_in_words(asset: str, options: list[str], words: str) -> None:
    found = call("drive", "sma_cross", "--asset", asset, *options, *RANGE)
    assert found.exit_code == 2
    assert words in " ".join(found.output.split())
