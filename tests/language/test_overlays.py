"""Lines that are drawn over prices are those that the program computes."""

import numpy as np
import pytest
from workflow_runs import values_of

from core import language
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.domain.workflow import Operator, Row, Section, Workflow
from tests.language.test_indicator_values import apple


def bars_of_apple() -> Bars:
    frame = apple()
    columns = {name: frame[name].to_numpy(dtype=float) for name in ("open", "high", "low", "close", "volume")}
    return Bars(Instrument(symbol="AAPL"), Timeframe.D1, frame.index.to_numpy(dtype="datetime64[s]"), **columns)


def workflow_of(*operands: str, **changes: object) -> Workflow:
    row = Row(id="r1", section=Section.ENTRY_LONG, indicators=operands, operator=Operator.ABOVE)
    return Workflow(name="lines", rows=(row.changed(**changes),))


@pytest.mark.parametrize(
    "operand",
    [
        "sma(20)",
        "ema(8)",
        "wma(10)",
        "highest(high, 20)",
        "lowest(low, 10)",
        "bbands(20, 2).upper",
        "bbands(20, 2).lower",
        "donchian(20).upper",
    ],
)
def test_a_line_over_prices_is_the_programs_own(operand: str) -> None:
    bars = bars_of_apple()
    (line,) = language.compute_overlays(workflow_of(operand), bars).values()
    seen = values_of(operand, apple())
    assert line[-500:] == pytest.approx(seen[-500:], rel=1e-8)
    assert line.shape == (len(bars),)


def test_only_what_has_the_measure_of_prices_is_drawn_and_four_lines_at_most() -> None:
    bars = bars_of_apple()
    assert language.compute_overlays(workflow_of("rsi(14)", "sma(volume, 20)", "sma(rsi(14), 5)", "smaa(3)"), bars) == {}
    assert list(language.compute_overlays(workflow_of("highest(high, 20)[1] * 0.98"), bars)) == ["highest(high, 20)"]
    assert len(language.compute_overlays(workflow_of(*(f"sma({n})" for n in range(2, 12))), bars)) == 4


@pytest.mark.parametrize("changes", [{"enabled": False}, {"timeframe": "1w"}])
def test_rows_that_are_off_or_read_longer_bars_draw_nothing(changes: dict[str, object]) -> None:
    assert language.compute_overlays(workflow_of("sma(20)", **changes), bars_of_apple()) == {}


def test_a_period_longer_than_the_bars_draws_nothing() -> None:
    assert language.compute_overlays(workflow_of("sma(5000)"), bars_of_apple()) == {}
    assert np.isnan(language.compute_overlays(workflow_of("sma(20)"), bars_of_apple())["sma(20)"][:19]).all()
