"""Hours made of quarters: they count from the session's open, and are read at their own close; by hand, on every bar."""

import itertools
from datetime import date

import numpy as np
import pytest

from core import language
from core.domain.backtest import BacktestPlan, Method
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.instrument import Timeframe
from core.domain.sessions import compute_longer_bars
from core.services import Services

ROWS = [
    {"id": "up", "section": "entry_long", "indicators": ["close"], "operator": ">", "thresholds": ["open"], "timeframe": "1h"},
    {"id": "out", "section": "exit_long", "indicators": ["close"], "operator": "<", "thresholds": ["open"], "timeframe": "1h"},
    {"id": "size", "section": "sizing", "indicators": ["position_size"], "operator": "percent", "thresholds": ["90"]},
    {"id": "stop", "section": "risk", "indicators": ["stop_loss"], "operator": "percent", "thresholds": ["5"]},
]


def rising_hours(bars: Bars) -> np.ndarray:
    """True where the newest finished hour closed above its open; shape (n,). An hour is finished at its end, or at the session's."""
    instrument, base = bars.instrument, bars.timeframe.minutes
    hours = {"session_open": instrument.session_open, "day_roll": instrument.day_roll}
    start, end = compute_longer_bars(bars.time, 60, base=base, **hours)
    minute = bars.time.astype("datetime64[m]").astype(np.int64)
    begins = np.append(np.flatnonzero(np.diff(start, prepend=start[0] - 1)), len(bars))
    rising = np.zeros(len(bars), dtype=bool)
    for first, stop in itertools.pairwise(begins):
        closes = minute[first] // 1440 * 1440 + instrument.session_close
        seen = stop - 1 if minute[stop - 1] + base >= min(end[first], closes) else stop
        rising[seen:] = bars.close[stop - 1] > bars.open[first]
    return rising


@pytest.mark.parametrize("method", [Method.LOCK_STEP, Method.FAST])
@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.M15])
def test_an_hour_counts_from_the_sessions_open_and_is_known_at_its_close(parts: Services, timeframe: Timeframe, method: Method) -> None:
    request = BarsRequest(symbol="SYN-1M", timeframe=timeframe, end=date(2023, 3, 31))

    workflow = language.parse({"schema_version": 1, "name": "hours", "rows": ROWS})
    bars, outcome = parts.workbench.compute_signals(workflow, request, BacktestPlan(method=method))

    assert outcome.ok, outcome.error
    expected, found = rising_hours(bars), outcome.signals["up"] != 0
    second_day = int(np.argmax(bars.time.astype("datetime64[D]") > bars.time[0].astype("datetime64[D]")))
    assert expected.any()
    assert [place for place in np.flatnonzero(expected != found) if place > second_day] == []
