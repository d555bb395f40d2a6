"""How much of what traders say can be said: every description in this folder compiles, runs in the sandbox and trades.

Each file holds the description as a trader would put it (`said`), the bars it suits, and the workflow that says the same.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import language
from core.domain.backtest import BacktestPlan, Outcome, Verdict
from core.domain.bars_request import BarsRequest
from core.domain.errors import Severity
from core.services import Services, Settings

FILES = sorted(Path(__file__).parent.glob("*.json"))
NEWEST = 1_500
"""Bars of an intraday run; a few weeks are enough to trade."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    """Every description run once, two at a time."""
    parts = Services(Settings(home=tmp_path_factory.mktemp("home")))

    def run(file: Path) -> Outcome:
        said = json.loads(file.read_text(encoding="utf-8"))
        bars = parts.market.bars(BarsRequest(**said["bars"]))
        code = language.compile_workflow(language.parse(said["workflow"]), instrument=bars.instrument)
        return parts.rooms.sandbox.run(code, BacktestPlan(), bars.slice(max(0, len(bars) - NEWEST), len(bars)), cancel=parts.rooms.never)

    with ThreadPoolExecutor(2) as pool:
        yield dict(zip([file.stem for file in FILES], pool.map(run, FILES), strict=True))
    parts.close()


def test_there_are_at_least_sixty_descriptions() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_description_is_a_valid_workflow_said_back_in_words(file: Path) -> None:
    workflow = language.parse(json.loads(file.read_text(encoding="utf-8"))["workflow"])

    problems = [problem for problem in language.check(workflow) if problem.severity is Severity.ERROR]

    assert problems == []
    assert len(language.explain(workflow)) >= len(workflow.rows)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_description_trades_in_the_sandbox_and_reads_no_future(file: Path, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[file.stem]

    assert outcome.ok, outcome.error
    assert [trade for trade in outcome.trades if trade.exit_bar is not None]
    assert outcome.certificate.verdict is Verdict.CLEAN
