"""How long a strategy waits for a bar tells nothing of later ones: the time of a piece follows from the description alone."""

import pytest

from core.backtest.building_blocks import Block
from core.backtest.steady_pace import SteadyPace

BLOCKS = (Block("average", (4,), period=20), Block("smooth", (7,), (0.1, 0.9), history=(1.0,)))


class Clock:
    """A clock that only what is told moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("worked", "multiple"), [(0.01, 1), (0.5, 1), (0.999, 1), (1.7, 2), (5.2, 6)])
def test_a_piece_takes_a_whole_number_of_bounds_however_long_it_was_worked_on(worked: float, multiple: int) -> None:
    clock = Clock()
    pace = SteadyPace(BLOCKS, clock.read, clock.sleep)

    wait = pace.begin(1_000)
    clock.now += worked * pace.bound(1_000)
    wait()

    assert clock.now == pytest.approx(multiple * pace.bound(1_000))


def test_the_bound_grows_with_blocks_windows_of_weights_and_bars() -> None:
    one, two = SteadyPace(BLOCKS[:1]), SteadyPace(BLOCKS)
    short, long = (SteadyPace((Block("weighted", (4,), (1.0,) * (period + 1), period),)) for period in (5, 50))

    assert one.bound(100) < two.bound(100) < two.bound(1_000)
    assert short.bound(100) < long.bound(100)
