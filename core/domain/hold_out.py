"""The result on the bars that a loop never saw, and the record of every look at them."""

from datetime import datetime

from core.domain.backtest import OutcomeStatus
from core.domain.decision import PairComparison
from core.domain.instrument import Timeframe
from core.domain.instrument_result import InstrumentResult
from core.domain.metric_values import Metrics
from core.domain.random_entries import RandomEntries
from core.domain.timing import LUCK_LEVEL, Timing, compute_tail
from core.domain.value import Value

USED_UP_AT = 4
"""Look at which a hold-out is used up."""


class HoldOutFigure(Value):
    """Result of one candidate on the bars that the loop never saw."""

    name: str
    """`best`, `recommended`, `baseline`, `benchmark` or `cash`."""
    iteration: int | None = None
    metrics: Metrics | None = None
    """Its figures there. Money (`final_value`, `costs`, `expectancy`) is that of an account which came there with what the bars of its
    warm-up left: `final_value / (1 + total_return)`; that of the market and of cash begins with the plan's cash.
    """
    ended: OutcomeStatus | None = None
    """End of its run where that gave no figures; None where there are figures, and where nothing was run.

    The code's own words are not kept: they could tell of prices that nobody may see.
    """
    error: str = ""
    """Always empty; earlier versions kept the code's words here."""
    growth: tuple[float, ...] = ()
    """Account value at each of the hold-out's `moments` over what it began with; empty for looks of earlier versions."""
    instruments: tuple[InstrumentResult, ...] = ()
    """Result on each instrument of a basket there; empty for one instrument."""


class HoldOut(Value):
    """The evaluation on the hold-out, made when the loop is over."""

    bars: int
    first: datetime
    last: datetime
    best: HoldOutFigure
    baseline: HoldOutFigure
    benchmark: HoldOutFigure
    recommended: HoldOutFigure | None = None
    """Recommendation, named before this look; None where there was none."""
    cash: HoldOutFigure | None = None
    """Doing nothing; None for looks of earlier versions."""
    moments: tuple[datetime, ...] = ()
    """Wall times of the bars at whose close the growth of each candidate is kept, thinned out; empty for looks of earlier versions."""
    comparison: PairComparison | None = None
    """The winner against iteration 0; None where they are the same, or the objective has no test."""
    sharpe_se: float | None = None
    """Standard error of the winner's Sharpe ratio there."""
    minimum_years: float | None = None
    """Shortest track record that shows the winner's Sharpe ratio there to be above zero; None where it is not."""
    timing: Timing | None = None
    """Measure of the winner's timing there."""
    random_entries: RandomEntries | None = None
    """The winner's trades there beside the same ones at random bars; None under five trades, and for looks of earlier versions."""
    looks: int = 1
    """Number of evaluations on these bars, or some of them, with this one, by any run of this installation."""
    trained: int = 0
    """Number of other runs, backtests from the editor among them, that were trained on some of these bars."""

    @property
    def level(self) -> float:
        """Level that this look is tested at: over all looks together, a false claim is made in 5 of 100 cases at most."""
        return LUCK_LEVEL / (self.looks * (self.looks + 1))

    @property
    def used_up(self) -> bool:
        """True from the fourth look on: these bars decide nothing any more."""
        return self.looks >= USED_UP_AT

    @property
    def shows_timing(self) -> bool:
        """True when the winner's timing there is beyond chance at the level of this look."""
        timing = self.timing
        return not self.used_up and timing is not None and timing.gap is None and compute_tail(timing.z) < self.level

    @property
    def tells_apart(self) -> bool:
        """True when the winner and iteration 0 differ there by more than chance allows at the level of this look."""
        pair = self.comparison
        return not self.used_up and pair is not None and pair.se > 0 and compute_tail(abs(pair.difference) / pair.se) < self.level


class HoldOutEvaluation(Value):
    """Record of a hold-out evaluation: which bars a run was evaluated on when its loop was over."""

    run_id: str
    iterations: int
    """Iterations that were done; the same evaluation made again after a kill has the same number."""
    instrument: str
    """Text of `BarsRequest.subject`."""
    timeframe: Timeframe
    first: datetime
    last: datetime
    """Wall times of the first and the last bar."""
