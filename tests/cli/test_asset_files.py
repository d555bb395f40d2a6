"""An instrument may be named by a file wherever one is taken, alone or in a list; a word that is no file stays a symbol."""

from pathlib import Path

import pytest

from core.cli.command import build_backtest_plan, build_bars_request
from core.cli.sweeps import build_requests
from tests.cli.test_cli import (
    CROSS,
    call,
    document,
    home,  # noqa: F401 - a fixture
)
from tests.mcp.conftest import write_bars


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which commands are given, with files of bars, one of them under the name of a symbol."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("mine.csv", "a,b.csv", "AAPL"):
        write_bars(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("asset", "named"),
    [
        ("mine.csv", ["{}/mine.csv"]),
        ("./AAPL", ["{}/AAPL"]),
        ("AAPL", ["AAPL"]),
        (" BRK.B ", ["BRK.B"]),
        ("BTC/USDT", ["BTC/USDT"]),
        ("gone.csv", ["{}/gone.csv"]),
        ("a,b.csv", ["{}/a,b.csv"]),
        ("AAPL MSFT;IBM", ["AAPL", "MSFT", "IBM"]),
        ("my own bars", ["my own bars"]),
        ("MSFT, mine.csv,~/AAPL", ["MSFT", "{}/mine.csv", "{}/AAPL"]),
        ("x" * 5_000, ["x" * 5_000]),
    ],
)
def test_an_asset_is_a_file_or_a_symbol(asset: str, named: list[str], folder: Path) -> None:
    driven, swept = build_bars_request(asset, "", "", "", "1d", basket=True).members, build_requests(asset, "", "", "", "1d", None)

    assert [one.path or one.symbol for one in driven] == [name.format(folder) for name in named]
    assert [one.path or one.symbol for one in swept] == [name.format(folder) for name in named]


def test_the_timeframe_of_a_file_is_its_own(folder: Path) -> None:
    assert build_bars_request("mine.csv", "", "", "", "").timeframe == "1d"


@pytest.mark.parametrize(
    "verb", [("check", "sma_cross"), ("backtest", "cross.py"), ("drive", "sma_cross"), ("sweep", "sma_cross", "--guided", "2")]
)
def test_a_file_that_is_not_there_is_called_a_file(verb: tuple[str, ...], folder: Path) -> None:
    (folder / "cross.py").write_text(CROSS)

    result = call(*verb, "--asset", "gone.csv")

    assert result.exit_code == 2
    assert "gone.csv" in result.output
    assert "symbol" not in result.output


def test_a_file_is_checked_backtested_and_looked_at(folder: Path) -> None:
    (folder / "cross.py").write_text(CROSS)

    assert document(call("check", "sma_cross", "--asset", "mine.csv", "--json"))["bars"] == 300
    assert document(call("backtest", "cross.py", "--asset", "mine.csv", "--json"))["bars"] == 300
    assert document(call("bars", "mine.csv", "--json"))["bars"] == 300


@pytest.mark.usefixtures("home")
def test_what_is_not_certain_about_any_file_of_a_basket_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bars(folder / "other.csv")
    request = build_bars_request("mine.csv,other.csv", "", "", "", "1d", basket=True)

    build_backtest_plan(request, 10_000, None, None, "", 1.0)

    said = " ".join(capsys.readouterr().err.split())
    assert "which instrument 'mine' is" in said
    assert "which instrument 'other' is" in said
