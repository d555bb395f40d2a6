"""Which iteration is best, and which one the next turn starts from."""

from collections.abc import Sequence

from core.domain.iteration import Iteration

MAXIMUM_REPAIRS = 2
"""Failed answers in a row that are repaired before the loop returns to the best."""


def best_of(iterations: Sequence[Iteration]) -> Iteration | None:
    """The highest score; the earlier one on a tie. None while nothing has a score."""
    scored = [iteration for iteration in iterations if iteration.score is not None]
    return max(scored, key=lambda iteration: (iteration.score or 0.0, -iteration.number), default=None)


def failures_in_a_row(iterations: Sequence[Iteration]) -> int:
    """How many of the newest iterations failed one after the other."""
    count = 0
    for iteration in reversed(iterations):
        if iteration.error is None:
            break
        count += 1
    return count


def loops_without_gain(iterations: Sequence[Iteration]) -> int:
    """Iterations since the best one."""
    best = best_of(iterations)
    last = iterations[-1].number if iterations else 0
    return last - best.number if best else last
