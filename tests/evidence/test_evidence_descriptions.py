"""Descriptions of a winner: windows over the tries, and until when orders depend on where the history begins."""

import numpy as np
import pytest

from core.domain.backtest import Fill
from core.domain.metrics import Metrics
from core.domain.study import IndicatorWarmUp, SensitivityPoint
from core.evidence import Try, compare_histories, map_sensitivity, settle_indicators, walk_tries

FIGURES = Metrics(total_return=0.1)


def fill(bar: int, size: float = 1.0) -> Fill:
    return Fill(order=1, bar=bar, size=size, price=10.0, commission=0.0)


@pytest.mark.parametrize(
    ("later", "needed", "enough"),
    [
        ([fill(10), fill(20, -1.0)], 0, True),
        ([fill(5), fill(10), fill(20, -3.0)], 6, True),
        ([fill(10), fill(20)], 21, False),
        ([fill(10), fill(20, -1.0), fill(95)], None, False),
    ],
    ids=["the same", "one more at the start", "another side", "different for good"],
)
def test_orders_are_held_against_those_of_a_longer_history(later: list[Fill], needed: int | None, enough: bool) -> None:
    whole = [fill(12), fill(40, -1.0), fill(60), fill(70, -1.0)]

    found = compare_histories(whole, later, start=50, bars=150)

    assert (found.needed, found.had, found.enough) == (needed, 12, enough)


def test_an_indicator_needs_what_it_takes_until_the_beginning_is_forgotten() -> None:
    whole = {"sma/0": np.full(100, 50.0), "ema/0": np.full(100, 50.0), "sum/0": np.arange(100.0)}
    later = {"sma/0": np.full(80, 50.0), "ema/0": 50.0 + 20.0 * 0.5 ** np.arange(80), "sum/0": np.arange(80.0)}
    later["sma/0"][:9] = np.nan

    found = {one.name: one.needed for one in settle_indicators(whole, later, start=20, bars=100)}

    assert found == {"sma": 9, "ema": 9, "sum": None}


def test_the_slowest_indicator_says_how_much_history_is_needed() -> None:
    shown = (IndicatorWarmUp(name="ema", needed=40), IndicatorWarmUp(name="sma", needed=9), IndicatorWarmUp(name="obv", needed=None))

    found = compare_histories([fill(12), fill(60)], [fill(10)], start=50, bars=150, indicators=shown)

    assert (found.needed, found.had, found.enough, found.orders) == (40, 12, False, 0)


def test_the_pick_is_walked_forward_over_the_tries() -> None:
    good, bad = np.tile([0.02, -0.01], 150), np.tile([0.01, -0.02], 150)

    found = walk_tries([Try(0, bad, FIGURES), Try(1, good, FIGURES)], periods_per_year=252)

    assert found is not None
    assert {(step.picked, step.tested > step.baseline) for step in found.steps} == {(1, True)}
    assert walk_tries([Try(0, bad, FIGURES)], periods_per_year=252) is None
    assert walk_tries([Try(0, bad[:100], FIGURES), Try(1, good[:100], FIGURES)], periods_per_year=252) is None


@pytest.mark.parametrize(("scores", "plateau"), [((0.9, 0.8), True), ((0.1, None), False)])
def test_a_plateau_is_told_from_a_cliff(scores: tuple[float | None, ...], plateau: bool) -> None:
    points = [SensitivityPoint(parameter="fast", value=at, score=score) for at, score in enumerate(scores)]

    assert map_sensitivity(1.0, points).plateau is plateau
