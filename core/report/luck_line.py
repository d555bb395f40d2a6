"""The luck line: the Sharpe ratio that the best of as many tries without any skill would reach, beside what was reached."""

from collections.abc import Mapping, Sequence

from core.domain.history import count_stored
from core.domain.iteration import Iteration
from core.domain.run import Objective
from core.domain.value import Value
from core.evidence import expected_best_sharpe
from core.report.number_format import format_ratio


class LuckPoint(Value):
    """The luck line where an iteration was finished."""

    line: float
    """Its height: a Sharpe ratio for a year."""
    words: str
    """Its sentence on the best score until then, for below the chart."""


def trace_luck_line(iterations: Sequence[Iteration], objective: Objective) -> dict[int, LuckPoint]:
    """Trace the luck line over a run, by the number of each iteration; empty unless the Sharpe ratio is maximized."""
    years = next((one.metrics.years for one in iterations if one.metrics is not None), 0.0)
    if objective is not Objective.SHARPE:
        return {}
    left_out = count_stored(iterations) - len(iterations)  # tries all the same
    return trace_luck({one.number: one.score for one in iterations}, years, left_out=left_out)


def trace_luck(scores: Mapping[int, float | None], years: float, *, left_out: int = 0) -> dict[int, LuckPoint]:
    """Trace the luck line over the scores of a run by number; empty where the bars have no length.

    `left_out` tries were made and cannot be read: they count all the same.

    >>> [round(point.line, 2) for point in trace_luck({0: 0.4, 1: None}, years=1.0).values()]
    [0.0, 0.56]
    """
    points: dict[int, LuckPoint] = {}
    best: float | None = None
    for tries, number in enumerate(sorted(scores) if years > 0 else (), 1 + left_out):
        score = scores[number]
        best = score if best is None or (score is not None and score > best) else best
        line = expected_best_sharpe(tries, years)
        points[number] = LuckPoint(line=line, words=describe_luck_line(line, tries, best))
    return points


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
