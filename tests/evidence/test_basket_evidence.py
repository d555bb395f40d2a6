"""Evidence of a basket on simulated instruments: their correlation counts, and not their number."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.bars import Bars, FloatArray
from core.domain.basket import build_basket
from core.domain.timing import Timing
from core.evidence import measure_timing
from tests.driving.fakes import walk

CASH, DAYS, LEVEL = 100_000.0, 500, 1.645
TEMPLATE = walk(DAYS)


def simulate(generator: np.random.Generator, count: int, correlation: float, edge: FloatArray | None = None) -> list[Bars]:
    """Simulate instruments whose daily returns have a common part; `edge` is added to all of them, day by day."""
    common, own = generator.normal(size=(1, DAYS)), generator.normal(size=(count, DAYS))
    returns = 0.01 * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own) + (0.0 if edge is None else edge)
    found = []
    for place, moves in enumerate(returns):
        close = 100.0 * np.exp(np.cumsum(moves))
        named = TEMPLATE.instrument.changed(symbol=f"S{place}")
        found.append(replace(TEMPLATE, instrument=named, open=close, high=close, low=close, close=close, _hash=[]))
    return found


def hold(held: FloatArray, bars: Bars) -> tuple[FloatArray, FloatArray]:
    """Hold half of the cash in one instrument on the days that are given; gives account and position."""
    position = held * 0.5 * CASH / bars.close[0]
    return CASH + np.concatenate(([0.0], np.cumsum(position[:-1] * np.diff(bars.close)))), position


def judge_alone(held: FloatArray, bars: Bars) -> Timing:
    equity, position = hold(held, bars)
    return measure_timing(equity, position, bars, cash=CASH)


def judge_basket(held: FloatArray, members: list[Bars]) -> Timing:
    accounts = [hold(held, one) for one in members]
    equity = np.mean([equity for equity, _ in accounts], axis=0)
    positions = [position / len(members) for _, position in accounts]
    return measure_timing(equity, np.zeros(DAYS), build_basket(members), cash=CASH, others=positions)


def draw_days(generator: np.random.Generator) -> FloatArray:
    """Draw days in the market without any look at prices: in and out for some ten days each."""
    return np.repeat(generator.integers(0, 2, DAYS // 10), 10).astype(np.float64)


def test_the_same_instrument_five_times_proves_as_much_as_once() -> None:
    generator = np.random.default_rng(1)
    (one,), held = simulate(generator, 1, 0.0), draw_days(generator)
    copies = [replace(one, instrument=one.instrument.changed(symbol=f"C{place}")) for place in range(5)]

    assert judge_basket(held, copies).z == pytest.approx(judge_alone(held, one).z)


def test_an_edge_on_instruments_without_correlation_proves_more_the_more_there_are() -> None:
    generator = np.random.default_rng(2)
    alone, together = [], []
    for _ in range(40):
        held = draw_days(generator)
        members = simulate(generator, 9, 0.0, edge=np.concatenate(([0.0], held[:-1])) * 0.001)
        alone.append(judge_alone(held, members[0]).z)
        together.append(judge_basket(held, members).z)

    assert np.mean(together) / np.mean(alone) == pytest.approx(3.0, rel=0.25), "as the root of nine"


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_days_drawn_at_random_look_skilled_in_one_basket_of_twenty_however_its_instruments_move_together(correlation: float) -> None:
    generator = np.random.default_rng(3)
    skilled = pooled = 0
    for _ in range(150):
        held, members = draw_days(generator), simulate(generator, 5, correlation)
        skilled += judge_basket(held, members).z > LEVEL
        pooled += sum(judge_alone(held, one).z for one in members) / np.sqrt(5) > LEVEL

    assert 0.01 <= skilled / 150 <= 0.1
    assert correlation == 0.0 or pooled / 150 > 0.12, "counting instruments instead would find skill where there is none"
