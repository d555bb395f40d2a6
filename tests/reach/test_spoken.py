"""What else traders say: each description in `spoken` is read, said back, compiled and traded in this process, and counted a second time.

`left` says what a description asks for that the table does not say; it is empty where all of it is said.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import language
from core.domain.bars_request import BarsRequest
from core.domain.errors import Severity
from core.domain.instrument import Instrument
from core.domain.workflow import Workflow
from core.language.syntax.definition import Condition, read_definition
from core.services import Services, Settings

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "language")]

from pandas_count import knows, read  # noqa: E402
from workflow_runs import Result, run  # noqa: E402

FILES = sorted((HERE / "spoken").glob("*.json"))
SAID = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in FILES}
DAILY, INTRADAY = 700, 1_000
"""Bars of a run."""


@dataclass(frozen=True, slots=True)
class Told:
    """A description with what came of it."""

    workflow: Workflow
    bars: pd.DataFrame
    result: Result


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], tuple[Instrument, pd.DataFrame]]]:
    """The bars of every description, loaded once."""
    parts, found = Services(Settings(home=tmp_path_factory.mktemp("home"))), {}
    for symbol, frame in {tuple(said["bars"].values()) for said in SAID.values()}:
        bars = parts.market.bars(BarsRequest(symbol=symbol, timeframe=frame))
        bars = bars.slice(0, DAILY if frame == "1d" else INTRADAY)
        columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
        found[symbol, frame] = (bars.instrument, pd.DataFrame(columns, index=pd.DatetimeIndex(bars.time)))
    yield found
    parts.close()


@pytest.fixture(scope="module")
def told(market: dict[tuple[str, str], tuple[Instrument, pd.DataFrame]]) -> dict[str, Told]:
    """Every description compiled and run once in plain Backtrader."""
    return {name: _tell(said, market) for name, said in SAID.items()}


def _tell(said: dict[str, Any], market: dict[tuple[str, str], tuple[Instrument, pd.DataFrame]]) -> Told:
    workflow, (instrument, bars) = language.parse(said["workflow"]), market[tuple(said["bars"].values())]
    return Told(workflow, bars, run(workflow, bars, timeframe=said["bars"]["timeframe"], instrument=instrument, signals=True))


def test_nine_of_ten_descriptions_are_said_in_full() -> None:
    full = [name for name, said in SAID.items() if not said["left"]]

    assert len(SAID) >= 70
    assert len(full) >= 0.9 * len(SAID)


@pytest.mark.parametrize("name", SAID)
def test_a_description_has_no_error_and_every_row_is_said_back(name: str) -> None:
    workflow = language.parse(SAID[name]["workflow"])

    assert [problem for problem in language.check(workflow) if problem.severity is Severity.ERROR] == []
    said = {sentence.row for sentence in language.explain(workflow) if "Cannot be read" not in sentence.text}
    assert said >= {row.id for row in workflow.rows}


@pytest.mark.parametrize("name", SAID)
def test_a_description_trades(name: str, told: dict[str, Told]) -> None:
    assert told[name].result.fills


def _find_countable(workflow: Workflow) -> list[Condition]:
    definition, _ = read_definition(workflow)
    return [item for item in definition.conditions if item.row.within == 1 and knows(item.node)]


def test_the_compiled_rows_are_true_on_the_bars_that_pandas_counts(told: dict[str, Told]) -> None:
    counted, wrong = 0, {}
    for name, one in told.items():
        half = len(one.bars) // 2
        for item in _find_countable(one.workflow):
            seen = np.frombuffer(bytes(one.result.strategy.signals[item.row.id]), dtype=np.uint8)[half:]
            expected = read(item.node, one.bars).to_numpy()[half:]
            counted += 1
            if not np.array_equal(seen.astype(bool), expected.astype(bool)):
                wrong[name, item.row.id] = (int(seen.sum()), int(expected.sum()))

    assert wrong == {}
    assert counted >= 40
