"""Worth of the iteration with the highest score, and the recommendation that follows: kept with the run, named before its hold-out."""

from enum import StrEnum

from core.domain.metric_values import Metrics
from core.domain.value import Value


class Action(StrEnum):
    """Recommendation of what to trade."""

    KEEP = "keep"
    """The workflow as it was written: no try can be told from it."""
    HALF = "half"
    """Half the cash in the workflow, half in the winner."""
    WINNER = "winner"
    """The iteration with the highest score."""


class SelectionGap(StrEnum):
    """Reason why a selection cannot be tested."""

    PATH_DEPENDENT = "path_dependent"
    """The objective depends on the order of the returns, which resampling takes apart."""
    NOT_RESAMPLED = "not_resampled"
    """The objective uses what single trades earned, or the shape of the returns, which resampled days do not give."""
    TOO_SHORT = "too_short"
    """Fewer than 30 days (weeks for weekly bars)."""
    ONE_TRY = "one_try"
    """Nothing was selected."""
    NO_BASELINE = "no_baseline"
    """The workflow itself has no returns to be compared with."""
    UNREADABLE = "unreadable"
    """A curve is missing, or not on these bars."""


class Worth(Value):
    """Value to expect of the winner, in units of the objective, without what picking the best of many adds."""

    value: float
    low: float
    """The true value lies above this in 97.5 of 100 cases."""
    high: float
    expected_gain: float
    """Value to expect beyond that of iteration 0; may be negative."""


class Decision(Value):
    """Recommendation, with the number that it was made by."""

    action: Action
    p_step: float
    """A score of the decision between 0 and 1, no probability: how far the best gain stands out among all tries together."""
    recommended: tuple[int, ...]
    """Numbers of the recommended iterations; two share the cash."""


class Selection(Value):
    """Judgment of picking the best of a run's tries."""

    gap: SelectionGap | None = None
    """None when everything below could be computed."""
    winner: int | None = None
    """Number of the iteration with the highest score."""
    worth: Worth | None = None
    decision: Decision | None = None
    alike: int | None = None
    """Number of tries, the winner not counted, that cannot be told from it."""
    unscored_base: bool = False
    """True when iteration 0 has no score of its own: too few trades, or a constraint that it does not keep."""


class PairComparison(Value):
    """The winner against iteration 0 on the hold-out, in units of the objective."""

    difference: float
    se: float
    """Standard error of the difference."""
    power: float
    """Chance that a stretch this long recognizes a true gain of `gain`."""
    gain: float
    detectable: float
    """True gain that is recognized in 8 of 10 cases."""


class HalfAndHalf(Value):
    """Two programs side by side, each with half the cash, run that way on the training bars."""

    iterations: tuple[int, int]
    metrics: Metrics
    """Of both accounts together."""
    finals: tuple[float, float]
    """Final value of each account, account currency."""
    bars: tuple[int, ...]
    """Indexes of the bars that have a point of the curve."""
    equity: tuple[float, ...]
    """Both accounts together at the close of each, account currency."""
