"""Everything a check may look at: the run, the bars, the reference beside it, and what is known from elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.domain.backtest import BacktestPlan, Outcome, Trade
from core.domain.bars import Bars, FloatArray
from core.domain.basket import name_signal
from core.domain.iteration import Evaluation
from core.domain.metrics import Metrics, period_returns
from core.domain.run import Constraints, Objective
from core.domain.timing import Timing
from core.domain.workflow import Parameter, Workflow
from core.evidence.row_conformity import Conformity, Signals, compute_conformity
from core.evidence.timing import sample_days, time_account


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Facts beyond the run itself; every field may be absent, and the checks that need it are then left out."""

    workflow: Workflow | None = None
    """The specification: allowed directions, and which row belongs to which section."""
    signals: Signals = field(default_factory=dict)
    """Per row of the compiled workflow on the same bars: where it was true."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Parameters of the code that ran, by name."""
    constants: frozenset[str] = frozenset()
    """Names in `values` that nobody varies: what the compiled workflow sets beside its free numbers."""
    parameters: tuple[Parameter, ...] = ()
    """Free numbers of the workflow with their allowed ranges."""
    is_workflow: bool = False
    """The code is the compiled workflow, perhaps with other numbers: it agrees by construction."""
    baseline: Metrics | None = None
    """Iteration 0 on the same bars."""
    minimum_trades: int = 0
    constraints: Constraints = Constraints()  # noqa: RUF009 - a frozen value
    """Limits that a candidate must keep to for a score."""
    objective: Objective | None = None
    """Figure that the loop maximizes; None where there is no loop."""
    formula: str = ""
    """Arithmetic over figures, when the objective is a formula."""
    text_checked: bool = False
    """The program's text was checked already, with other numbers in it: checks that read nothing else are left out."""
    trials: int = 1
    """Tries so far, this one and those of earlier runs on the same bars included."""
    swept: bool = False
    """The run is a sweep: `trials` are all of its points, of which those that trade alike will count once."""

    def pick_member(self, symbol: str) -> "CheckContext":
        """The facts for one instrument of a basket: its own signals, and nothing that is of the account of all of them."""
        mark = name_signal(symbol, "")
        own = {name.removeprefix(mark): signal for name, signal in self.signals.items() if name.startswith(mark)}
        return replace(self, signals=own, baseline=None, minimum_trades=0, constraints=Constraints())


@dataclass(frozen=True)
class Case:
    """One evaluated run with everything a check may read."""

    evaluation: Evaluation
    outcome: Outcome
    bars: Bars
    plan: BacktestPlan
    benchmark: Evaluation
    """Buy and hold on the same bars at the same costs."""
    context: CheckContext = field(default_factory=CheckContext)

    @property
    def metrics(self) -> Metrics:
        """Figures of the run."""
        return self.evaluation.metrics

    @cached_property
    def timing(self) -> Timing:
        """Measure of what it earned beyond always holding its mean exposure."""
        return time_account(self.evaluation, self.bars, cash=self.plan.cash)

    @property
    def periods_per_year(self) -> int:
        """Periods that returns are annualized with."""
        return self.bars.instrument.periods_per_year(self.bars.timeframe)

    @cached_property
    def closed(self) -> tuple[Trade, ...]:
        """Trades that were closed, in their order."""
        return tuple(trade for trade in self.evaluation.trades if trade.exit_bar is not None)

    @cached_property
    def holding(self) -> NDArray[np.int64]:
        """Bars that each closed trade lasted; shape (closed,)."""
        return np.array([(trade.exit_bar or 0) - trade.entry_bar for trade in self.closed], dtype=np.int64)

    def favorable_excursion(self, trade: Trade) -> float:
        """Best open profit of a trade as a fraction of its entry, bars of entry and exit included (maximum favorable excursion)."""
        first, last = trade.entry_bar, (trade.exit_bar or trade.entry_bar) + 1
        bars = self.bars.find_instrument(trade.instrument)
        if trade.size > 0:
            return float(bars.high[first:last].max() / trade.entry_price - 1.0)
        return float(1.0 - bars.low[first:last].min() / trade.entry_price)

    @cached_property
    def held_value(self) -> FloatArray:
        """Worth of all positions at each close, long and short alike counted as positive, on the scale of `equity`; shape (n,)."""
        own = self.evaluation
        positions = zip((own.position_per_unit, *own.other_positions_per_unit), self.bars.instruments, strict=False)
        worth: FloatArray = np.sum([np.abs(held * one.close) for held, one in positions], axis=0)
        return worth

    @cached_property
    def signals(self) -> Signals:
        """The compiled workflow's signals that are on these bars; those of another stretch are left out."""
        return {row: signal for row, signal in self.context.signals.items() if len(signal) == len(self.bars)}

    @cached_property
    def conformity(self) -> Conformity | None:
        """The code against the workflow's rows; None without workflow or signals, and where the code is the workflow."""
        if self.context.workflow is None or self.context.is_workflow or not self.signals:
            return None
        fills = [fill for fill in self.evaluation.fills if not fill.instrument]
        return compute_conformity(self.context.workflow, self.signals, fills, self.bars)

    def sample(self, column: FloatArray) -> FloatArray:
        """Sample a column of the bars, or a curve on them, at the end of each trading day (or week); shape (periods,)."""
        return sample_days(column, self.bars)

    def returns(self, evaluation: Evaluation) -> FloatArray:
        """Returns per trading day (or week) of a curve on these bars; shape (periods,)."""
        return period_returns(self.sample(evaluation.equity), start_value=self.plan.cash)
