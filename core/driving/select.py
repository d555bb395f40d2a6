"""Selection: the best iteration, the one that the next prompt starts from, and the judgment of a hypothesis."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, groupby, takewhile

from core.domain.backtest import Stage
from core.domain.iteration import Iteration, find_scored_ancestor, judge_change, outranks, states_hypothesis
from core.driving.finished import FinishedIterations, sum_up

REPAIR = "repair"
"""Mode of an iteration that mends the one before it."""

MAXIMUM_REPAIRS = 2
"""Loops in a row that are spent on repairs before the loop returns to the best."""


def find_best(iterations: Sequence[Iteration]) -> Iteration | None:
    """Find the highest score of those that are sure not to read the future; the earlier one on a tie. None while there is none."""
    if isinstance(iterations, FinishedIterations):
        return iterations.best
    return _find_highest(iterations, lambda iteration: not iteration.awaits_confirmation)


def find_leader(iterations: Sequence[Iteration]) -> Iteration | None:
    """Find the highest score, confirmed or not; the earlier one on a tie. None while nothing has a score."""
    return _find_highest(iterations, lambda iteration: True)


def _find_highest(iterations: Iterable[Iteration], counts: Callable[[Iteration], bool]) -> Iteration | None:
    best: Iteration | None = None
    for iteration in iterations:
        if outranks(iteration, best) and counts(iteration):
            best = iteration
    return best


def needs_repair(iterations: Sequence[Iteration]) -> bool:
    """True when the newest loop brought nothing but failures and fewer than `MAXIMUM_REPAIRS` loops right before were repairs of them.

    Once the loop has returned to the best, the count begins afresh.
    """
    loops = (list(loop) for _, loop in groupby(reversed(iterations), key=lambda iteration: iteration.loop))
    newest = next(loops, [])
    if not newest or newest[0].loop == 0 or any(iteration.error is None for iteration in newest):
        return False
    if not any(iteration.code for iteration in newest):
        return False  # no program came: there is nothing to mend
    repairs = takewhile(lambda loop: loop[0].mode == REPAIR, chain([newest], loops))
    return sum(1 for _ in repairs) < MAXIMUM_REPAIRS


def find_newest(iterations: Sequence[Iteration], candidate: int) -> Iteration | None:
    """Find the newest loop's answer of a candidate (0 first), or of another where its own never came. None before the first loop."""
    loop = list(takewhile(lambda iteration: iteration.loop == iterations[-1].loop, reversed(iterations)))[::-1]
    answered = [iteration for iteration in loop if iteration.stage is not Stage.GENERATE] or loop
    own = next((iteration for iteration in answered if iteration.candidate == candidate), None)
    return own or (answered[min(candidate, len(answered) - 1)] if answered else None)


def count_loops_without_gain(iterations: Sequence[Iteration], minimum_gain: float = 0.0) -> int:
    """Count loops since the last one that raised the best score by more than `minimum_gain`; the first score counts as a gain."""
    last_gain, best = 0, None
    for iteration in iterations:
        if iteration.score is not None and (best is None or iteration.score > best + minimum_gain):
            last_gain, best = iteration.loop, iteration.score
    return (iterations[-1].loop if iterations else 0) - last_gain


def count_scored_loops_without_gain(iterations: Sequence[Iteration]) -> int:
    """Count loops with a score since the last one that raised the best: small changes are used up. Crashed loops do not count."""
    return sum_up(iterations).scored_loops_without_gain


def judge_hypothesis(score: float | None, parent: int | None, iterations: Sequence[Iteration], hypothesis: str) -> str:
    """Judge a hypothesis: the score against that of the nearest scored ancestor. Empty where the author stated none."""
    if not states_hypothesis(hypothesis):
        return ""
    before = find_scored_ancestor(parent, iterations)
    return judge_change(score, before.score if before else None).value
