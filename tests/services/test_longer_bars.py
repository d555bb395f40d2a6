"""Hours made of quarters: they begin and end on the clock, and are read when the next one has begun; by hand, on every bar."""

import itertools
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from core import language
from core.domain.backtest import BacktestPlan, Method
from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from core.domain.run import BarsRequest
from core.services import Services, Settings

ROWS = [
    {"id": "up", "section": "entry_long", "indicators": ["close"], "operator": ">", "thresholds": ["open"], "timeframe": "1h"},
    {"id": "out", "section": "exit_long", "indicators": ["close"], "operator": "<", "thresholds": ["open"], "timeframe": "1h"},
    {"id": "size", "section": "sizing", "indicators": ["position_size"], "operator": "percent", "thresholds": ["90"]},
    {"id": "stop", "section": "risk", "indicators": ["stop_loss"], "operator": "percent", "thresholds": ["5"]},
]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = Services(Settings(home=tmp_path_factory.mktemp("home")))
    yield made
    made.close()


def rising_hours(bars: Bars) -> np.ndarray:
    """For each bar: whether the newest hour before its own closed above its open; shape (n,). An hour counts when the next has begun."""
    hour = bars.time.astype("datetime64[h]")
    begins = np.append(np.flatnonzero(np.diff(hour, prepend=hour[0] - 1)), len(bars))
    rising = np.zeros(len(bars), dtype=bool)
    for start, stop in itertools.pairwise(begins):
        rising[stop:] = bars.close[stop - 1] > bars.open[start]
    return rising


@pytest.mark.parametrize("method", [Method.LOCK_STEP, Method.FAST])
@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.M15])
def test_an_hour_is_the_clocks_hour_and_known_when_the_next_has_begun(parts: Services, timeframe: Timeframe, method: Method) -> None:
    request = BarsRequest(symbol="SYN-1M", timeframe=timeframe, end=date(2023, 3, 31))

    workflow = language.parse({"schema_version": 1, "name": "hours", "rows": ROWS})
    bars, outcome = parts.workbench.compute_signals(workflow, request, BacktestPlan(method=method))

    assert outcome.ok, outcome.error
    expected, found = rising_hours(bars), outcome.signals["up"] != 0
    assert expected.any()
    assert np.flatnonzero(expected != found).tolist() == []
