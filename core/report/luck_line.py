"""The luck line over a run: what holding as often as the best try earned, and what 95% of loops without any skill stay below."""

from collections.abc import Sequence

from core.domain.history import count_stored
from core.domain.iteration import Iteration, count_tries
from core.domain.run import Objective
from core.domain.timing import Timing
from core.domain.value import Value
from core.report.number_format import format_count, format_ratio


class LuckPoint(Value):
    """The luck line where an iteration was finished, for the best one until then. Sharpe ratios for a year."""

    line: float
    """95% of loops of as many tries without any skill stay below."""
    held: float
    """Sharpe ratio of always holding as much as the best one held on average."""
    words: str
    """Its sentence on the best score until then, for below the chart."""


def trace_luck_line(iterations: Sequence[Iteration], objective: Objective, *, earlier: int = 0) -> dict[int, LuckPoint]:
    """Trace the luck line over a run, by the number of each iteration; empty unless the Sharpe ratio is maximized.

    Empty for a basket too: its score is taken over the instruments, and the line is that of their one account.

    `earlier` tries were made by other runs on the same bars. There is no point while the best one has no timing that could be judged.
    """
    if objective is not Objective.SHARPE or any(one.instruments for one in iterations):
        return {}
    left_out = count_stored(iterations) - len(iterations)  # tries all the same
    points: dict[int, LuckPoint] = {}
    ordered = sorted(iterations, key=lambda one: one.number)
    best: Iteration | None = None
    for at, one in enumerate(ordered, 1):
        if one.score is not None and (best is None or best.score is None or one.score > best.score):
            best = one
        if best is None or best.score is None or best.timing is None or best.timing.gap is not None:
            continue
        tries = count_tries(ordered[:at]) + left_out + earlier
        points[one.number] = LuckPoint(
            line=best.timing.compute_line(tries), held=best.timing.held, words=describe_luck_line(best.timing, tries, best.score)
        )
    return points


def describe_luck_line(timing: Timing, tries: int, best: float) -> str:
    """Describe the luck line under the chart that it is drawn in.

    >>> describe_luck_line(Timing(held=0.41, base=0.41, spread=0.4), 5, 0.62)[:66]
    'Always holding as much as the best one did on average earned 0.41 '
    """
    line = timing.compute_line(tries)
    relation = "above that: better than luck" if best > line else "not above that: luck explains it"
    return (
        f"Always holding as much as the best one did on average earned {format_ratio(timing.held)} here (dotted); 95% of loops of "
        f"{format_count(tries, 'try', 'tries')} without any skill stay below {format_ratio(line)} (dashed). "
        f"The best iteration, with {format_ratio(best)}, is {relation}."
    )
