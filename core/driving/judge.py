"""Judgment of a run's selection: its tries gathered from the history, and what picking the best of them is worth."""

from collections.abc import Iterable, Sequence

from core.domain.bars import Bars
from core.domain.decision import Selection, SelectionGap
from core.domain.history import UnreadableRowError
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run
from core.driving.ports import Details
from core.evidence import Try, judge_selection, sample_returns


def judge_run(run: Run, iterations: Sequence[Iteration], winner: int | None, training: Bars, details: Details) -> Selection:
    """Judge the selection of a run's winner among its iterations. Curves that cannot be read leave it without a judgment."""
    try:
        tries = gather_tries(run, (details.read_detail(run.id, one.number) for one in find_distinct(iterations, winner)), training)
    except UnreadableRowError:
        return Selection(gap=SelectionGap.UNREADABLE, winner=winner)
    return judge_selection(
        tries,
        winner,
        objective=run.plan.objective,
        formula=run.plan.formula,
        periods_per_year=training.instrument.periods_per_year(training.timeframe),
        seed=run.plan.seed,
    )


def find_distinct(iterations: Sequence[Iteration], winner: int | None) -> list[Iteration]:
    """Find the iterations to compare: number 0 and the winner, and each other scored one unless it trades exactly like one before it."""
    kept, seen = [], set()
    for one in sorted(iterations, key=lambda each: (each.number not in (0, winner), each.number)):
        named = one.number in (0, winner)
        signature = one.orders_hash or one.code
        if one.metrics is not None and one.error is None and (named or (one.score is not None and signature not in seen)):
            kept.append(one)
            seen.add(signature)
    return sorted(kept, key=lambda one: one.number)


def gather_tries(run: Run, details: Iterable[IterationDetail], training: Bars) -> list[Try]:
    """Gather tries from iterations with their curves, those that are on these bars."""
    tries = []
    for detail in details:
        one = detail.iteration
        if one.metrics is not None and len(detail.equity) == len(training):
            returns = sample_returns(detail.equity, training, cash=run.plan.backtest.cash)
            tries.append(Try(one.number, returns, one.metrics, scored=one.score is not None))
    return tries
