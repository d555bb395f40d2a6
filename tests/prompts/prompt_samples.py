"""Tasks and iterations that several prompt tests share."""

from datetime import UTC, date, datetime

from core.domain.backtest import BacktestPlan, CodeFault, OutcomeStatus, Stage
from core.domain.finding import Finding
from core.domain.instrument import Timeframe
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.workflow import Operator, Row, Section, Workflow
from core.prompts import Facts, Task

CODE = """\
import backtrader as bt


class Cross(bt.Strategy):
    params = dict(fast={fast}, slow=50)

    def __init__(self):
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=self.p.fast), bt.ind.SMA(period=self.p.slow))

    def next(self):
        # r1: the averages cross
        if self.cross[0] > 0:
            self.order_target_percent(target=0.95)
        elif self.cross[0] < 0:
            self.close()
"""

WORKFLOW = Workflow(
    name="SMA cross",
    rows=(
        Row(
            id="r1",
            section=Section.ENTRY_LONG,
            indicators=("sma(20)", "sma(50)"),
            operator=Operator.CROSSES_ABOVE,
        ),
        Row(
            id="r2",
            section=Section.EXIT_LONG,
            indicators=("sma(20)", "sma(50)"),
            operator=Operator.CROSSES_BELOW,
        ),
    ),
)
SPECIFICATION = """\
Strategy: SMA cross
Trades the long side only.
Long entry:
- [r1] Buy when the 20-bar simple moving average crosses above the 50-bar simple moving average.
Long exit:
- [r2] Sell the long position when the 20-bar simple moving average crosses below the 50-bar simple moving average."""
FACTS = Facts(
    plan=BacktestPlan(),
    timeframe=Timeframe.D1,
    bars=1_750,
    asset="AAPL (Apple)",
    first=date(2003, 1, 2),
    last=date(2009, 12, 31),
    profile=("Volatility 38 % a year, trending", "Gaps of more than 2 % on 6 % of the days"),
)


def iteration(number: int, *, score: float | None = 0.5, error: CodeFault | None = None, **changes: object) -> Iteration:
    metrics = Metrics(
        total_return=0.4,
        cagr=0.05,
        volatility=0.2,
        sharpe=score,
        sortino=0.9,
        calmar=0.2,
        max_drawdown=-0.25,
        exposure=0.6,
        trades=21,
        win_rate=0.43,
        profit_factor=1.4,
        expectancy=1900.0,
        turnover=6.0,
        costs=4200.0,
    )
    facts = {
        "run_id": "run",
        "number": number,
        "parent": None if number == 0 else 0,
        "status": OutcomeStatus.OK if error is None else OutcomeStatus.ERROR,
        "stage": Stage.DONE if error is None else Stage.RUN,
        "error": error,
        "change": f"fast average of {number + 10} bars",
        "hypothesis": "a faster average enters the trend sooner",
        "model": "compiler" if number == 0 else "demo/demo",
        "code": CODE.format(fast=number + 10),
        "metrics": metrics if error is None else None,
        "score": score if error is None else None,
        "created": datetime(2026, 1, 1, tzinfo=UTC),
        "findings": (
            Finding(
                code="fees_eat_edge", severity=2, message="Commission takes 45% of what the trades earn before it", fix="trade less often"
            ),
        ),
    }
    return Iteration.model_validate({**facts, **changes})


FAULT = CodeFault(
    message="'Lines_LineSeries_BollingerBands' object has no attribute 'upper'",
    line=8,
    hint="Bollinger Bands have the lines top, mid and bot.",
    kind="AttributeError",
)


def task(**changes: object) -> Task:
    facts = {
        "workflow": WORKFLOW,
        "specification": SPECIFICATION,
        "facts": FACTS,
        "minimum_trades": 5,
        "loops": 10,
        "seed": 7,
    }
    return Task(**{**facts, **changes})
