"""The one clean test of a session: its best version on bars from after its end, which nobody could know while it was written."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from core.domain.bars import Bars
from core.domain.errors import InputError
from core.domain.fingerprint import compute_fingerprint, compute_further_fingerprints
from core.domain.hold_out import HoldOutEvaluation, HoldOutFigure
from core.domain.iteration import Iteration
from core.domain.run import Run
from core.driving.evaluate import WARM_UP_BARS, evaluate_hold_out
from core.driving.ports import Cancel
from core.driving.run_context import Ports
from core.evidence import evaluate_benchmark

FEWEST_BARS = 20
"""Fewer bars than this tell nothing."""


@dataclass(frozen=True, slots=True)
class ForwardCheck:
    """The best version, iteration 0 and the market on bars from after the end; without figures while there are too few."""

    after: date
    """Last day that does not count."""
    bars: int
    figures: tuple[HoldOutFigure, ...] = ()
    looks: int = 0
    """Number of looks at these bars, or some of them, with this one."""


def check_forward(run: Run, best: Iteration | None, baseline: Iteration | None, ports: Ports, cancel: Cancel) -> ForwardCheck:
    """Test a session that is over on the bars that came after it, and count that as a look at them. Raises InputError."""
    if run.finished is None or best is None:
        raise InputError(f"Session {run.id} is not finished, or has no best version.", hint="finish_session first.")
    after = run.finished.date()
    whole = ports.market.bars(run.plan.bars.changed(end=None))
    cut = int(np.searchsorted(whole.time, np.datetime64(after + timedelta(days=1))))
    new = whole.slice(cut, len(whole))
    if len(new) < FEWEST_BARS:
        return ForwardCheck(after, len(new))
    figures = [_measure(name, one, run, whole, cut, ports, cancel) for name, one in (("best", best), ("baseline", baseline)) if one]
    figures.append(HoldOutFigure(name="benchmark", metrics=evaluate_benchmark(new, run.plan.backtest).metrics))
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
    return ForwardCheck(after, len(new), tuple(figures), looks)


def _measure(name: str, one: Iteration, run: Run, whole: Bars, cut: int, ports: Ports, cancel: Cancel) -> HoldOutFigure:
    warm_up = min(WARM_UP_BARS, cut)
    bars = whole.slice(cut - warm_up, len(whole))
    result, _ = evaluate_hold_out(one.code, run.plan.backtest, bars, warm_up, sandbox=ports.sandbox, cancel=cancel)
    metrics = result.evaluation.metrics if result.evaluation else None
    return HoldOutFigure(name=name, iteration=one.number, metrics=metrics, ended=result.outcome.status if metrics is None else None)
