"""The instrument's trading day reaches every compiled program of a run: baseline, references and the built-in optimizer's versions."""

from collections.abc import Iterator
from datetime import date

import pytest

from core import language
from core.domain.bars_request import BarsRequest
from core.domain.instrument import Timeframe
from core.domain.run import RunPlan
from core.services import Services, Settings

ROWS = [
    {"id": "in", "section": "entry_long", "indicators": ["minutes_from_open"], "operator": ">=", "thresholds": ["60"]},
    {"id": "out", "section": "exit_long", "indicators": ["minutes_to_close"], "operator": "<=", "thresholds": ["60"]},
    {"id": "size", "section": "sizing", "indicators": ["position_size"], "operator": "percent", "thresholds": ["50"]},
    {"id": "stop", "section": "risk", "indicators": ["stop_loss"], "operator": "percent", "thresholds": ["5"]},
]


@pytest.fixture
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = Services(Settings(home=tmp_path_factory.mktemp("home")))
    yield made
    made.close()


def test_every_version_of_the_built_in_optimizer_knows_the_trading_day(parts: Services) -> None:
    workflow = language.parse({"schema_version": 1, "name": "day", "rows": ROWS})
    request = BarsRequest(symbol="SYN-FX", timeframe=Timeframe.M30, end=date(2024, 2, 9))

    run = parts.runs.run_here(RunPlan(workflow=workflow, bars=request, loops=2, minimum_trades=1))

    done = parts.store.list_iterations(run.id)
    roll = parts.market.bars(request).instrument.day_roll
    assert len(done) == 3
    assert roll > 0
    for iteration in done:
        assert f"day_roll={roll}," in iteration.code
        assert iteration.conformity == 1.0
