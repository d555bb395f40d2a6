"""The iterations of a run by rank, with the range of each score: for the page, the terminal and `--json`."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import Objective, Run
from core.domain.value import Value
from core.report import labels
from core.report.assessment import Assessment

Z = 1.96
"""Standard errors on each side of a range of 95%."""


class Standing(StrEnum):
    """Standing of an iteration in its run."""

    RECOMMENDED = "recommended"
    HIGHEST = "highest"
    BASELINE = "as written"


class RankedIteration(Value):
    """One line of the leaderboard. Scores and ranges are in units of the objective."""

    number: int
    rank: int | None = None
    """None without a score."""
    standings: tuple[Standing, ...] = ()
    status: str
    """End of its run, in a word or two."""
    author: str
    parent: int | None = None
    score: float | None = None
    low: float | None = None
    """The true value lies above this in 97.5 of 100 cases. Of the highest: of its worth, without what picking adds; of the others: as if
    each had been the only try."""
    high: float | None = None
    worth: float | None = None
    """Value to expect of the highest; None for the others."""
    distance: float | None = None
    """Score above that of the workflow as written."""
    metrics: Metrics | None = None
    hold_out_sharpe: float | None = None
    looked_at: bool = False
    """True when the hold-out was looked at for it."""
    change: str = ""
    verdict: str = ""
    """End of its hypothesis."""
    conformity: float | None = None


def build_leaderboard(
    run: Run, iterations: Sequence[Iteration], assessment: Assessment | None = None, errors: Mapping[int, float] | None = None
) -> tuple[RankedIteration, ...]:
    """Build the leaderboard, the best first and those without a score last; `errors` are standard errors of Sharpe ratios by number."""
    base = next((one.score for one in iterations if one.number == 0), None)
    ordered = sorted(iterations, key=lambda one: (one.score is None, -(one.score or 0.0), one.number))
    decision = assessment.selection.decision if assessment and assessment.selection else None
    recommended = set(decision.recommended) if decision else set()
    worth = assessment.selection.worth if assessment and assessment.selection else None
    found = []
    for rank, one in enumerate(ordered, 1):
        standings = [
            *([Standing.RECOMMENDED] if one.number in recommended else []),
            *([Standing.HIGHEST] if one.number == run.best else []),
            *([Standing.BASELINE] if one.is_baseline else []),
        ]
        low, high = _find_range(run, one, (errors or {}).get(one.number))
        won = worth if one.number == run.best and not run.plan.bars.basket else None  # worth is that of the account, not of the score
        held = _find_hold_out(run, one.number)
        found.append(
            RankedIteration(
                number=one.number,
                rank=rank if one.score is not None else None,
                standings=tuple(standings),
                status=labels.label_iteration(one),
                author=labels.describe_author(one),
                parent=one.parent,
                score=one.score,
                low=won.low if won else low,
                high=won.high if won else high,
                worth=won.value if won else None,
                distance=one.score - base if one.score is not None and base is not None and one.number else None,
                metrics=one.metrics if one.error is None else None,
                hold_out_sharpe=held.sharpe if held else None,
                looked_at=held is not None,
                change=one.error.message if one.error else one.change,
                verdict=one.verdict if one.states_hypothesis else "",
                conformity=one.conformity,
            )
        )
    return tuple(found)


def _find_range(run: Run, one: Iteration, error: float | None) -> tuple[float | None, float | None]:
    if error is None or one.score is None or run.plan.objective is not Objective.SHARPE:
        return None, None
    return one.score - Z * error, one.score + Z * error


def _find_hold_out(run: Run, number: int) -> Metrics | None:
    held = run.hold_out
    figures = (held.best, held.baseline) if held else ()
    return next((figure.metrics for figure in figures if figure.iteration == number and figure.metrics is not None), None)
