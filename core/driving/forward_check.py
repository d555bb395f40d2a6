"""The one clean test of a run: its winner on bars from after its end, which nobody could know while it was written."""

from datetime import timedelta

import numpy as np

from core.domain.bars import Bars
from core.domain.errors import InputError
from core.domain.events import StudyEvent
from core.domain.fingerprint import compute_fingerprint, compute_further_fingerprints
from core.domain.hold_out import HoldOutEvaluation, HoldOutFigure
from core.domain.iteration import Iteration
from core.domain.run import Run, RunKind
from core.domain.study import FEWEST_FORWARD_BARS, ForwardCheck, Studies
from core.driving.evaluate import WARM_UP_BARS, evaluate_hold_out
from core.driving.ports import Cancel
from core.driving.run_context import Ports
from core.evidence import evaluate_benchmark


def check_forward(run: Run, best: Iteration | None, baseline: Iteration | None, ports: Ports, cancel: Cancel) -> ForwardCheck:
    """Test a run that is over on the bars that came after it: counted as a look at them, and kept with the run.

    Raises InputError and MarketDataError.
    """
    if run.finished is None or best is None:
        what = "Session" if run.kind is RunKind.SESSION else "Run"
        raise InputError(
            f"{what} {run.id} is not finished, or has no best version.", hint="Finish it first: only bars from after its end are new."
        )
    after = run.unseen_after
    whole = ports.market.bars(run.plan.bars.changed(end=None))
    cut = int(np.searchsorted(whole.time, np.datetime64(after + timedelta(days=1))))
    new = whole.slice(cut, len(whole))
    if len(new) < FEWEST_FORWARD_BARS:
        return ForwardCheck(after=after, bars=len(new))
    figures = [_measure(name, one, run, whole, cut, ports, cancel) for name, one in (("best", best), ("baseline", baseline)) if one]
    if cancel.is_set():
        raise InputError("It was stopped, so nothing was kept.", hint="Begin it again.")
    figures.append(HoldOutFigure(name="benchmark", metrics=evaluate_benchmark(new, run.plan.backtest, whole.slice(0, cut)).metrics))
    looks = ports.history.record_hold_out(
        HoldOutEvaluation(
            run_id=f"after-{run.id}",
            iterations=len(new),
            instrument=run.plan.bars.subject,
            timeframe=new.timeframe,
            first=new.first,
            last=new.last,
        ),
        compute_fingerprint(new),
        compute_further_fingerprints(new),
    )
    found = ForwardCheck(after=after, bars=len(new), figures=tuple(figures), looks=looks)
    ports.history.add_event(run.id, StudyEvent(iterations=run.iterations, studies=Studies(forward=found)))
    return found


def _measure(name: str, one: Iteration, run: Run, whole: Bars, cut: int, ports: Ports, cancel: Cancel) -> HoldOutFigure:
    warm_up = min(WARM_UP_BARS, cut)
    bars = whole.slice(cut - warm_up, len(whole))
    result, _ = evaluate_hold_out(one.code, run.plan.backtest, bars, warm_up, sandbox=ports.sandbox, cancel=cancel)
    metrics = result.evaluation.metrics if result.evaluation else None
    return HoldOutFigure(name=name, iteration=one.number, metrics=metrics, ended=result.outcome.status if metrics is None else None)
