"""The luck line: the Sharpe ratio that the best of as many tries without any skill would reach, beside what was reached."""

from collections.abc import Sequence

from core.domain.history import count_stored
from core.domain.iteration import Iteration
from core.domain.run import Objective
from core.evidence import expected_best_sharpe
from core.report.number_format import format_ratio


def trace_luck_line(iterations: Sequence[Iteration], objective: Objective) -> dict[int, float]:
    """Trace the luck line over a run: its height after each iteration, by number; empty unless the Sharpe ratio is maximized."""
    years = next((one.metrics.years for one in iterations if one.metrics is not None), 0.0)
    if objective is not Objective.SHARPE or years <= 0:
        return {}
    left_out = count_stored(iterations) - len(iterations)  # tries all the same
    return {one.number: expected_best_sharpe(tries, years) for tries, one in enumerate(iterations, 1 + left_out)}


def describe_luck_line(line: float, tries: int, best: float | None) -> str:
    """Describe the luck line under the chart that it is drawn in.

    >>> describe_luck_line(0.62, 5, None)
    'The best of 5 skill-less tries would on average reach a Sharpe ratio of 0.62 here (dashed).'
    """
    words = f"The best of {tries} skill-less tries would on average reach a Sharpe ratio of {format_ratio(line)} here (dashed)."
    if best is None:
        return words
    relation = "above" if best > line else "not above"
    return f"{words} The best iteration, with {format_ratio(best)}, is {relation} what luck alone would give."
