"""Every indicator on bars that break naive code: flat bars, no volume, gaps, too few bars; the same preloaded and bar by bar."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from workflow_runs import closes, is_true, row, run, walk, workflow

from core.language import CATALOGUE, compile_workflow
from core.language.analysis.warmup import bars_needed
from core.language.syntax.expression import parse_expression

LINES = {f"{entry.name}.{line.name}" if len(entry.lines) > 1 else entry.name: line for entry in CATALOGUE.values() for line in entry.lines}
NESTED = [f"{entry.name}(ema(rsi(7), 3))" for entry in CATALOGUE.values() if len(entry.sources) == 1]
"""Indicators of an indicator of an indicator: where Backtrader's bulk run of a plain indicator loses its place."""
WITHOUT_VALUE = (
    *("opening_range", "gap", "yesterday", "last_week", "last_month", "pivot_points", "camarilla"),
    *("swing_high", "swing_low", "previous_swing", "retracement"),
)
"""Have no value by definition before there is a day before, an opening range, a swing."""
SHORT = {"percent_rank": "40", "hurst": "40", "connors_rsi": "3, 2, 30"}

FRAMES = {
    "flat bars": lambda: walk(200, 4, flat=0.4),
    "only flat bars": lambda: closes([100.0] * 200),
    "gaps without volume": lambda: _gaps().assign(volume=0.0),
    "minutes": lambda: walk(250, 6, flat=0.3, minutes=15, scale=0.003),
}


def _gaps() -> pd.DataFrame:
    bars = walk(200, 7)
    factor = np.where(np.arange(200) % 40 < 20, 1.0, 3.0)
    return bars.assign(**{name: bars[name] * factor for name in ("open", "high", "low", "close")})


def _shortened(expression: str) -> str:
    name, _, line = expression.partition(".")
    return f"{name}({SHORT[name]})" + (f".{line}" if line else "") if name in SHORT else expression


EXPRESSIONS = (*LINES, *NESTED)


@lru_cache
def build_code() -> str:
    """A program that keeps every line of every indicator."""
    parts = [f"value_when(close > 0, {_shortened(text)}) == 0" for text in EXPRESSIONS]
    rows = [row("entry_long", parts[start : start + 10], "is true", group=f"G{start}") for start in range(0, len(parts), 10)]
    return compile_workflow(workflow(*rows, row("risk", "time_stop", "bars", 1)))


@lru_cache
def read_all(frame: str, fast: bool) -> dict[str, np.ndarray]:
    """Every line of every indicator in one run."""
    strategy = run(build_code(), FRAMES[frame](), fast=fast, timeframe="15m" if frame == "minutes" else "1d").strategy
    kept = {name: getattr(strategy, name) for name in vars(strategy) if name.startswith("kept_")}
    ordered = sorted(kept, key=lambda name: int(name.removeprefix("kept_")))
    return dict(zip(EXPRESSIONS, (np.array(kept[name], dtype=float) for name in ordered), strict=True))


@pytest.mark.parametrize("frame", FRAMES)
def test_the_numbers_are_the_same_preloaded_and_bar_by_bar(frame: str) -> None:
    fast, slow = read_all(frame, True), read_all(frame, False)

    different = [name for name in fast if not np.array_equal(fast[name], slow[name], equal_nan=True)]

    assert different == []
    assert all(len(values) > 50 for values in fast.values())


@pytest.mark.parametrize("frame", FRAMES)
def test_every_value_is_a_number_within_its_bounds(frame: str) -> None:
    wrong = []
    for name, values in read_all(frame, True).items():
        if name.startswith(WITHOUT_VALUE):
            values = values[~np.isnan(values)]
        line = LINES.get(name)
        low, high = (line.low, line.high) if line else (None, None)
        if (
            not np.isfinite(values).all()
            or (low is not None and (values < low - 1e-9).any())
            or (high is not None and (values > high + 1e-9).any())
        ):
            wrong.append(name)

    assert wrong == []


@pytest.mark.parametrize("fast", [True, False])
def test_an_indicator_longer_than_the_data_never_trades(fast: bool) -> None:
    told = workflow(row("entry_long", "close", ">", "sma(50)"), row("risk", "time_stop", "bars", 1))

    if fast:
        with pytest.raises(IndexError):  # stock Backtrader's own way to say that the data are too short
            run(told, walk(20), fast=True)
    else:
        assert run(told, walk(20), fast=False).fills == []


def test_the_warm_up_of_the_catalogue_is_the_one_that_backtrader_waits_for() -> None:
    wrong = {}
    for entry in CATALOGUE.values():
        name = entry.name
        told = workflow(is_true("entry_long", f"value_when(close > 0, {name}) == 0"), row("risk", "time_stop", "bars", 1))
        needed = bars_needed(parse_expression(name))
        bars = needed + 3
        seen = bars - len(run(told, walk(bars, 9)).strategy.kept_1) + 1
        if seen != needed:
            wrong[name] = (needed, seen)

    assert wrong == {}
