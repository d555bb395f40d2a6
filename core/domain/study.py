"""Studies of a run's winner: closer looks that take further backtests, or describe without judging. Kept with the run as they come."""

from enum import StrEnum
from typing import Self

from core.domain.value import Value


class PlaceboKind(StrEnum):
    """Test on shuffled bars."""

    LOOP = "loop"
    """The whole loop again on each: exact."""
    CANDIDATES = "candidates"
    """The same candidates scored again: weaker, since nothing was searched on the shuffled bars; it claims too easily."""


class Placebo(Value):
    """Best score on bars that were shuffled day by day, as often as asked for."""

    kind: PlaceboKind
    rounds: int
    better: int
    """Rounds whose best score is as high as the real one."""
    p: float
    """Chance that bars without any order bring as much."""


class WalkForwardStep(Value):
    """One window: the best of the tries until then, on what came next."""

    picked: int
    """Number of the try that was best before."""
    trained: float
    """Its Sharpe ratio there."""
    tested: float
    """Its Sharpe ratio on what came next."""
    baseline: float
    """Of iteration 0 on the same bars."""


class WalkForward(Value):
    """Windows over the training bars. A description: the tries themselves were made knowing all of these bars."""

    steps: tuple[WalkForwardStep, ...]
    efficiency: float | None
    """Mean of the tests over the mean of the trainings; None when training did not pay."""
    overfitting: float | None = None
    """Probability of backtest overfitting over all splits of time: lowest where taking the winner hurts most."""


class SensitivityPoint(Value):
    """One number of the winner moved a little."""

    parameter: str
    value: float
    score: float | None


class SensitivityMap(Value):
    """Scores around the winner: a plateau can be believed, a peak cannot."""

    chosen: float
    points: tuple[SensitivityPoint, ...]
    kept: float | None
    """Mean of the neighbors over the winner; None when the winner's score is not positive."""
    fragile: str
    """The number whose change costs most; empty without neighbors."""
    plateau: bool
    """True when the neighbors keep at least two thirds of the score on average."""


class PaidChange(Value):
    """One change of the winner against iteration 0."""

    name: str
    before: float
    after: float
    taken_back: float | None
    """Score of the winner without this change alone; None when it has none."""
    added_alone: float | None
    """Score of iteration 0 with this change alone; None when it has none, or from nine changes on."""
    pays: bool
    """True when the winner is worse without it."""


class PaidStep(Value):
    """One iteration on the way from iteration 0 to the winner."""

    number: int
    model: str
    gain: float | None
    """Score above the one that it started from."""
    usd: float | None
    """Cost of its call; None when unknown."""


class WhatPaid(Value):
    """Gains by change, by step and by model."""

    changes: tuple[PaidChange, ...]
    steps: tuple[PaidStep, ...]
    lean: tuple[str, ...]
    """Changes that do not pay: the winner is no worse without them."""
    lean_score: float | None = None
    """Score of the winner without all of them; None when all pay, or it has none."""
    usd: float | None = None
    """Cost of all calls of the run; None when one is unknown."""


class WarmUp(Value):
    """Dependence of the orders on where the history begins."""

    needed: int | None
    """Bars after the beginning until orders are what they are with a longer history; None when they never are."""
    had: int
    """Bars before the first trade."""
    enough: bool


class ConformityPoint(Value):
    """Agreement of one iteration with the rows of the workflow."""

    number: int
    share: float


class RowShare(Value):
    """Agreement of the winner with one row."""

    row: str
    share: float


class ConformityDrift(Value):
    """Agreement over the loops, and of the winner row by row."""

    points: tuple[ConformityPoint, ...]
    rows: tuple[RowShare, ...] = ()
    drift: float | None = None
    """Agreement of the winner less that of iteration 0."""


class Studies(Value):
    """All studies of a run so far; what was not made is None."""

    placebo: Placebo | None = None
    walk_forward: WalkForward | None = None
    sensitivity: SensitivityMap | None = None
    what_paid: WhatPaid | None = None
    warm_up: WarmUp | None = None
    conformity: ConformityDrift | None = None

    def merge(self, newer: Self) -> Self:
        """These studies with the newer ones in their place."""
        return self.changed(**{name: value for name in type(self).model_fields if (value := getattr(newer, name)) is not None})
