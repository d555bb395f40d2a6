"""Small values that the tests of the store keep."""

from datetime import UTC, datetime
from hashlib import sha256

import numpy as np

from core.domain.backtest import Fill, OutcomeStatus, Stage, Trade
from core.domain.bars_request import BarsRequest
from core.domain.hold_out import HoldOutEvaluation
from core.domain.instrument import Timeframe
from core.domain.iteration import Iteration, IterationDetail
from core.domain.metrics import Metrics
from core.domain.run import Run, RunPlan
from core.domain.workflow import Workflow


def make_long_text(letters: int) -> str:
    """A text without repeats, which takes its room on the disk whatever it is stored with."""
    return "".join(sha256(str(place).encode()).hexdigest() for place in range(letters // 64 + 1))[:letters]


def plan(name: str = "cross") -> RunPlan:
    return RunPlan(workflow=Workflow(name=name), bars=BarsRequest(symbol="AAPL"))


def detail(run: Run, number: int, *, sharpe: float = 1.0) -> IterationDetail:
    iteration = Iteration(
        run_id=run.id,
        number=number,
        parent=None if number == 0 else 0,
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        model="compiler",
        code="x = 1",
        metrics=Metrics(total_return=0.1, sharpe=sharpe),
        score=sharpe,
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )
    fill = Fill(order=1, bar=2, size=10, price=3.5, commission=0.1)
    trade = Trade(entry_bar=2, exit_bar=4, size=10, entry_price=3.5, exit_price=4.0, profit=5.0, commission=0.2)
    return IterationDetail(
        iteration=iteration, equity=np.array([1.0, 1.1, 0.1 + 0.2]), position=np.zeros(3), fills=(fill,), trades=(trade,)
    )


def look(run: Run, iterations: int, first: int = 1, last: int = 9, **changes: object) -> HoldOutEvaluation:
    days = {"first": datetime(2025, 3, first), "last": datetime(2025, 3, last)}
    return HoldOutEvaluation(run_id=run.id, iterations=iterations, instrument="AAPL", timeframe=Timeframe.D1, **days).changed(**changes)
