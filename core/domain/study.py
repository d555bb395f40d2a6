"""Studies of a run's winner: closer looks that take further backtests, or describe without judging. Kept with the run as they come."""

from datetime import date
from enum import StrEnum
from math import ceil, expm1, log1p
from typing import Self

from core.domain.hold_out import HoldOutFigure
from core.domain.metric_values import Metrics
from core.domain.timing import LUCK_LEVEL
from core.domain.value import Value

FEWEST_FORWARD_BARS = 20
"""Fewer bars from after the end than this tell nothing."""


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
    scores: tuple[float, ...] = ()
    """Best score of each round that had one, the lowest first; empty in results of older versions."""
    real: float | None = None
    """Best score on the real bars; None in results of older versions."""
    p_of_all: float | None = None
    """`p` with the tries of earlier runs on the same bars counted; None where there are none."""

    def count_earlier(self, tries: int, earlier: int) -> Self:
        """Count tries of earlier runs: as if the run of `tries` had been as much longer, and each round with it.

        >>> round(Placebo(kind=PlaceboKind.LOOP, rounds=19, better=0, p=0.05).count_earlier(10, 10).chance, 4)
        0.0975
        """
        if earlier <= 0:
            return self
        return self.changed(p_of_all=1.0 - float((1.0 - self.p) ** (1.0 + earlier / max(tries, 1))))

    @property
    def chance(self) -> float:
        """Chance that bars without any order bring as much, all tries on these bars counted."""
        return self.p if self.p_of_all is None else self.p_of_all

    @property
    def undecided(self) -> bool:
        """True when no round was as good, and they are still too few to come under 5%."""
        return self.better == 0 and self.chance > LUCK_LEVEL

    @property
    def fewest_rounds(self) -> int:
        """Rounds from which the chance can come to 5%.

        >>> one = Placebo(kind=PlaceboKind.LOOP, rounds=19, better=0, p=0.05)
        >>> one.fewest_rounds, one.count_earlier(10, 10).fewest_rounds
        (19, 39)
        """
        if self.p_of_all is None or self.p >= 1.0:
            return ceil(1.0 / LUCK_LEVEL - 1.0)
        longer = log1p(-min(self.p_of_all, 1.0 - 1e-15)) / log1p(-self.p)
        largest = -expm1(log1p(-LUCK_LEVEL) / longer)
        return ceil(1.0 / largest - 1.0 - 1e-6)

    @property
    def speaks_for(self) -> bool:
        """True when the chance is 5% or less."""
        return self.chance <= LUCK_LEVEL


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
    """Name of the number, or the iteration that changed rules."""
    before: float | None = None
    """None for a change of rules."""
    after: float | None = None
    iteration: int | None = None
    """Number of the iteration that changed rules; None for a number."""
    words: str = ""
    """The change in its author's words."""
    model: str = ""
    usd: float | None = None
    """Cost of its call; None when unknown, and for a number."""
    separable: bool = True
    """False when it cannot be taken out alone, because later changes stand on it."""
    taken_back: float | None = None
    """Score of the winner without this change alone; None when it has none."""
    added_alone: float | None = None
    """Score of iteration 0 with this change alone; None when it has none or does not fit there, or from nine changes on."""
    pays: bool = True
    """True when the winner is worse without it, or it cannot be taken out."""

    @property
    def label(self) -> str:
        """The change in a few words: a number with its values, or the iteration that changed rules."""
        return self.name if self.before is None or self.after is None else f"{self.name} {self.before:g}→{self.after:g}"


class PaidStep(Value):
    """One iteration on the way from iteration 0 to the winner."""

    number: int
    model: str
    gain: float | None
    """Score above the one that it started from."""
    usd: float | None
    """Cost of its call; None when unknown."""


class PaidModel(Value):
    """One model of the run: what it cost, and what its steps on the way to the winner gained."""

    model: str
    calls: int
    gain: float
    usd: float | None
    """Cost of all its calls; None when one is unknown."""
    gain_for_dollar: float | None
    """None where nothing was paid, or the cost is unknown."""


class WhatPaid(Value):
    """Gains by change, by step and by model."""

    changes: tuple[PaidChange, ...]
    steps: tuple[PaidStep, ...]
    models: tuple[PaidModel, ...] = ()
    lean: tuple[str, ...]
    """Changes that do not pay: the winner is no worse without them."""
    lean_score: float | None = None
    """Score of the winner without all of them; None when all pay, or it has none."""
    usd: float | None = None
    """Cost of all calls of the run; None when one is unknown."""


class IndicatorWarmUp(Value):
    """One indicator of the winner, under the name that its code has for it."""

    name: str
    needed: int | None
    """Bars after the beginning until it shows what it shows with a longer history; None when it never does."""


class WarmUp(Value):
    """Dependence of indicators and orders on where the history begins."""

    needed: int | None
    """Bars after the beginning until the slowest indicator shows what it shows with a longer history, or where none can be read, until
    orders are the same; None when orders never are."""
    had: int
    """Bars before the first trade."""
    enough: bool
    orders: int | None = None
    """Bars after the beginning until orders are the same; None when they never are, and for looks of earlier versions."""
    indicators: tuple[IndicatorWarmUp, ...] = ()


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

    @property
    def winner(self) -> float | None:
        """Agreement of the winner; None where nothing won, or it was not judged."""
        return None if self.drift is None else round(self.points[0].share + self.drift, 12)


class ForwardCheck(Value):
    """The winner, iteration 0 and the market on bars from after the end of their run; without figures while there are too few."""

    after: date
    """Last day that does not count."""
    bars: int
    figures: tuple[HoldOutFigure, ...] = ()
    looks: int = 0
    """Number of looks at these bars, or some of them, with this one."""

    def find_metrics(self, name: str) -> Metrics | None:
        """Figures of `best`, `baseline` or `benchmark`; None where there are none."""
        return next((one.metrics for one in self.figures if one.name == name), None)


class Studies(Value):
    """All studies of a run so far; what was not made is None."""

    placebo: Placebo | None = None
    walk_forward: WalkForward | None = None
    sensitivity: SensitivityMap | None = None
    what_paid: WhatPaid | None = None
    warm_up: WarmUp | None = None
    conformity: ConformityDrift | None = None
    forward: ForwardCheck | None = None

    def merge(self, newer: Self) -> Self:
        """These studies with the newer ones in their place."""
        return self.changed(**{name: value for name in type(self).model_fields if (value := getattr(newer, name)) is not None})
