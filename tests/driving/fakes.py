"""Neighbors of the loop that are real citizens: bars from a seed, a sandbox that trades by a rule, a model with a script."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from core.domain.backtest import (
    BacktestPlan,
    Certificate,
    CodeFault,
    Fill,
    Method,
    OrderCounts,
    Outcome,
    OutcomeStatus,
    Progress,
    Stage,
    Trade,
    Verdict,
)
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.errors import BudgetError, ProviderError
from core.domain.instrument import Instrument, Timeframe
from core.domain.model_calls import Finished, ModelEvent, ModelRequest, TextDelta
from core.domain.proved_program import ProvedProgram
from core.domain.usage import Cost, Usage, UsageSource
from core.driving.ports import Cancel
from core.prompts import read_parameters


def walk(length: int = 400, *, seed: int = 1) -> Bars:
    """A seeded random walk of daily bars."""
    steps = np.random.default_rng(seed).normal(0.0005, 0.01, length)
    close = 100 * np.cumprod(1 + steps)
    opening = np.concatenate(([100.0], close[:-1]))
    high, low = np.maximum(opening, close) * 1.002, np.minimum(opening, close) * 0.998
    time = np.datetime64("2003-01-01") + np.arange(length)
    return Bars(Instrument(symbol="WALK"), Timeframe.D1, time, opening, high, low, close, np.full(length, 1e6), source="test")


class FixedMarket:
    """Always the same bars, whatever is asked."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars

    def bars(self, request: BarsRequest) -> Bars:
        """The bars it was given."""
        return self._bars


class SeededMarket(FixedMarket):
    """Always the same walk."""

    def __init__(self, length: int = 400) -> None:
        super().__init__(walk(length))


class RuleSandbox:
    """Holds the asset when `params` has `hold`, in proportion to it; fails, leaks or idles when the code's comment says so."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, Bars]] = []
        self.before: Callable[[int], object] = lambda count: None
        """Called with the number of the run that begins."""
        self.waits = 0.0
        """Seconds that a run says it waited for its place."""
        self.at_once = False
        """True shows code all bars at once where the plan leaves it open, as the fast method does; then orders have a hash."""

    def run_proved(self, program: ProvedProgram, plan: BacktestPlan, bars: Bars, *, owner: str | None = None, **more: Any) -> Outcome:
        """The same as any other program, whoever owns it."""
        return self.run(program.code, plan, bars, **more)

    def run(
        self,
        code: str,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
    ) -> Outcome:
        """Facts made by the rule; half-way, one report."""
        if not signals:
            self.ran.append((code, bars))
            self.before(len(self.ran))
        method = Method.FAST if self.at_once and plan.method is Method.AUTO else Method.LOCK_STEP
        honest = Verdict.CLEAN if method is Method.LOCK_STEP else Verdict.CHECKED
        certificate = Certificate(verdict=Verdict.LEAKED if "# leaks" in code else honest, method=method)
        if cancel.is_set():
            return Outcome(OutcomeStatus.CANCELLED, Stage.RUN, 2, certificate, error=CodeFault(message="The run was cancelled."))
        if "# slow" in code and self.at_once and method is Method.LOCK_STEP:
            return Outcome(OutcomeStatus.TIMEOUT, Stage.RUN, 2, certificate, error=CodeFault(message="It took too long."))
        if "# killed" in code:
            return Outcome(OutcomeStatus.SUPERVISOR_DIED, Stage.RUN, 2, certificate, error=CodeFault(message="It was killed."))
        if "# fails" in code:
            fault = CodeFault(message="name 'x' is not defined", line=3, kind="NameError")
            return Outcome(OutcomeStatus.ERROR, Stage.RUN, 2, certificate, error=fault)
        share = read_parameters(code).get("hold", 0.5)
        units = np.where(np.arange(len(bars)) % 10 < 5, share * plan.cash / bars.close[0], 0.0)
        equity = plan.cash + np.concatenate(([0.0], np.cumsum(units[:-1] * np.diff(bars.close))))
        if watch is not None:
            half = len(bars) // 2
            watch(Progress(done=half, total=len(bars), bars=(0, half - 1), equity=(float(equity[0]), float(equity[half - 1]))))
        trades = tuple(
            Trade(
                entry_bar=bar,
                exit_bar=bar + 5,
                size=1,
                entry_price=1,
                exit_price=1,
                profit=float(equity[bar + 5] - equity[bar]),
                commission=0,
            )
            for bar in range(0, 0 if "# idle" in code else len(bars) - 6, 10)
        )
        fills = tuple(
            Fill(order=n, bar=trade.entry_bar, size=1, price=float(bars.open[trade.entry_bar]), commission=0)
            for n, trade in enumerate(trades)
        )
        return Outcome(
            status=OutcomeStatus.OK,
            stage=Stage.DONE,
            isolation_level=2,
            certificate=certificate,
            equity=equity,
            position=units,
            trades=trades,
            fills=fills,
            orders=OrderCounts(placed=len(trades), filled=len(trades)),
            waited_seconds=self.waits,
            orders_hash=f"{share} {method if '# differs' in code else ''}" if self.at_once else "",
        )


def program(hold: float, remark: str = "") -> str:
    """An answer with a strategy that holds so much; `remark` is part of the program and tells the sandbox what becomes of it."""
    mark = f'MARK = "{remark}"\n' if remark else ""
    return (
        f"Change: hold {hold}\nHypothesis: more is more\n```python\nimport backtrader as bt\n{mark}\nclass Hold(bt.Strategy):\n"
        f"    params = dict(hold={hold})\n\n    def next(self):\n        if not self.position:\n            self.buy()\n```\n"
    )


class ShakyAnswers:
    """Asks another model, and fails at calls by a fixed pattern, as a provider on a bad night does."""

    def __init__(self, answers: "ScriptedAnswers", error: ProviderError, *, pattern: str = "x.x..xx...") -> None:
        self._answers, self._error, self._pattern = answers, error, pattern
        self.calls = 0

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """An answer, or the error."""
        self.calls += 1
        if self._pattern[(self.calls - 1) % len(self._pattern)] == "x":
            raise self._error
        yield from self._answers.stream(request, cancel=cancel)


class ScriptedAnswers:
    """Gives its answers in turn; an exception in the list is raised instead."""

    def __init__(self, answers: Sequence[str | ProviderError | BudgetError], *, usd: float | None = 0.01) -> None:
        self._answers = answers
        self._usd = usd
        self.asked: list[ModelRequest] = []

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """One answer, in two pieces."""
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(request)
        if isinstance(answer, ProviderError | BudgetError):
            raise answer
        yield TextDelta(text=answer[:10])
        yield TextDelta(text=answer[10:])
        usage = Usage(prompt_tokens=100, completion_tokens=50, source=UsageSource.PROVIDER)
        yield Finished(text=answer, finish_reason="stop", usage=usage, cost=Cost(usd=self._usd, price_source="user"), seconds=0.0)
