"""From the platform's facts to an `Evaluation`: figures, drawdown and findings of one run; and the two references beside it.

Here: the strategy's own figures, buy and hold, and cash. Not here: the formulas (`core.domain.metrics`), the checks
(`core.evidence.findings`), and the choice among iterations (`core.driving`).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

import numpy as np

from core.domain.backtest import (
    BacktestPlan,
    Certificate,
    CodeFault,
    Fill,
    MemberOutcome,
    Method,
    OrderCounts,
    Outcome,
    OutcomeStatus,
    Stage,
    Trade,
    Verdict,
)
from core.domain.bars import Bars, FloatArray
from core.domain.basket import join_outcomes, list_members, scale_fills
from core.domain.deposits import PaidAccount, find_deposits, pay_into
from core.domain.errors import CodeError
from core.domain.instrument_result import InstrumentResult, MemberFacts
from core.domain.iteration import Evaluation, IterationDetail
from core.domain.metrics import Metrics, compute_metrics, drawdown_series
from core.domain.trading_costs import compute_commission, count_affordable, slip_against
from core.evidence.check_case import Case, CheckContext
from core.evidence.findings import collect_findings, merge_findings

KEPT_BENCHMARKS = 2
"""Bars whose benchmark is kept, so that it is not worked out for each of hundreds of programs."""
NO_CONTEXT = CheckContext()


def evaluate(outcome: Outcome, bars: Bars, plan: BacktestPlan, context: CheckContext = NO_CONTEXT) -> Evaluation:
    """Figures and findings of a finished run on the bars it ran on.

    `context` holds what is known beyond the run itself (workflow, signals, baseline); without it the checks that need
    it are left out. Raises CodeError (stage `score`) when the run has no usable figures: it failed, its curve does not
    match the bars, or a value of the account is not finite.
    """
    _require_usable(outcome, bars)
    if outcome.members:
        return _evaluate_basket(outcome, bars, plan, context)
    bare = _figures(outcome, bars, plan)
    case = Case(evaluation=bare, outcome=outcome, bars=bars, plan=plan, benchmark=_recall_benchmark(bars, plan), context=context)
    return Evaluation(
        metrics=bare.metrics,
        equity=bare.equity,
        drawdown=bare.drawdown,
        position=bare.position,
        other_positions=bare.other_positions,
        paid=bare.paid,
        fills=bare.fills,
        trades=bare.trades,
        orders=bare.orders,
        findings=collect_findings(case),
        conformity=_share(case),
        timing=case.timing,
    )


def _evaluate_basket(outcome: Outcome, bars: Bars, plan: BacktestPlan, context: CheckContext) -> Evaluation:
    """Evaluate each instrument of a basket by its own account, and their equal-weight account; `plan.cash` is what that began with."""
    results = []
    for one, own in zip(outcome.members, list_members(bars), strict=True):
        idle = one.outcome.ok and not len(own)
        if one.outcome.ok:
            known = context.pick_member(one.symbol)
            found = None if idle else evaluate(one.outcome, own, plan.changed(cash=one.cash), known)
            metrics = Metrics(total_return=0.0, final_value=one.cash) if found is None else found.metrics
            results.append(
                InstrumentResult(
                    symbol=one.symbol,
                    metrics=metrics,
                    findings=found.findings if found else (),
                    conformity=found.conformity if found else None,
                )
            )
        else:
            fault = one.outcome.error or CodeFault(message=f"The run ended: {one.outcome.status.value}.")
            results.append(InstrumentResult(symbol=one.symbol, error=fault))
    fills, trades = scale_fills(outcome.fills, outcome.trades, len(results))
    joint = _figures(replace(outcome, fills=fills, trades=trades), bars, plan)
    shares = [one.conformity for one in results if one.conformity is not None]
    return replace(
        joint,
        fills=outcome.fills,
        trades=outcome.trades,
        findings=merge_findings(results),
        conformity=sum(shares) / len(shares) if shares else None,
        instruments=tuple(results),
    )


def restore_evaluation(detail: IterationDetail, *, cash: float) -> Evaluation | None:
    """Restore the evaluation of a stored iteration; None without figures. `cash` is what its account began with."""
    iteration = detail.iteration
    if iteration.metrics is None:
        return None
    return Evaluation(
        metrics=iteration.metrics,
        equity=detail.equity,
        drawdown=drawdown_series(detail.equity, start_value=cash),
        position=detail.position,
        fills=detail.fills,
        trades=detail.trades,
        orders=iteration.orders,
        findings=iteration.findings,
        conformity=iteration.conformity,
        instruments=iteration.instruments,
    )


def combine(parts: Sequence[Evaluation], bars: Bars, plan: BacktestPlan) -> Evaluation:
    """Evaluate several accounts together as one; `plan.cash` is what they began with in all. Their numbers of orders are not added."""
    fills, trades = scale_fills(
        sorted((fill for part in parts for fill in part.fills), key=lambda fill: fill.bar),
        sorted((trade for part in parts for trade in part.trades), key=lambda trade: trade.entry_bar),
        max(bars.members, 1),
    )
    outcome = _reference(
        fills=fills,
        trades=trades,
        equity=np.sum([part.equity if part.paid is None else part.paid.value for part in parts], axis=0),
        position=np.sum([np.abs(part.position) for part in parts], axis=0),
        other_positions=tuple(np.abs(held).sum(axis=0) for held in zip(*(part.other_positions for part in parts), strict=True)),
    )
    paid_in = [part.paid.paid_in for part in parts if part.paid is not None]
    return _figures(replace(outcome, paid_in=np.sum(paid_in, axis=0) if paid_in else None), bars, plan)


def _share(case: Case) -> float | None:
    if case.context.is_workflow:
        return 1.0
    found = case.conformity
    return None if found is None else found.share


def evaluate_benchmark(bars: Bars, plan: BacktestPlan, before: Bars | None = None) -> Evaluation:
    """Evaluate buy and hold at the strategy's own costs: bought at the open of bar 1, never sold, marked at each close.

    The price is the open plus slippage, capped at the bar's high as the platform's broker does. The size is the largest that
    can be paid with commission and without leverage, in whole units unless the instrument can be split; with one bar, or
    too little cash for one unit, it is the cash that stays. Of a basket each instrument is bought and held with an account of its own.
    What the plan pays in buys units of that account at their value at the close, whole or not, without commission: paid into on the
    strategy's own days, and the same value per unit as without deposits. `before` are the bars up to the first one, of which it depends
    whether something is paid in there.
    """
    if bars.members:
        return _evaluate_basket(build_held_outcome(bars, plan), bars, plan, NO_CONTEXT)
    size, price = _affordable(bars, plan)
    if size <= 0:
        return evaluate_cash(bars, plan, before)
    commission = compute_commission(plan, size, price)
    fill = Fill(order=1, bar=1, size=size, price=price, commission=commission)
    held = np.zeros(len(bars))
    held[1:] = size
    equity = np.where(held > 0, plan.cash - size * price - commission + held * bars.close, plan.cash)
    trade = Trade(
        entry_bar=1,
        exit_bar=None,
        size=size,
        entry_price=price,
        exit_price=None,
        profit=float(equity[-1] - plan.cash),
        commission=commission,
    )
    counts = OrderCounts(placed=1, filled=1)
    return _pay_reference(_reference(fills=(fill,), trades=(trade,), orders=counts, equity=equity, position=held), bars, plan, before)


def list_member_facts(bars: Bars, held: Evaluation) -> tuple[MemberFacts, ...]:
    """List the instruments of a basket with their bars; `held` is buy and hold of it. Empty for one instrument."""
    if not bars.members:
        return ()
    return tuple(
        MemberFacts(symbol=one.symbol, bars=len(own), first=own.first, last=own.last, benchmark=one.metrics)
        for one, own in zip(held.instruments, list_members(bars), strict=True)
        if one.metrics is not None
    )


def correlate_members(bars: Bars) -> float | None:
    """Correlate the instruments of a basket, from moment to moment: the mean over all pairs. None for one instrument, and flat ones."""
    found = [_correlate(one, other) for one, other in combinations(bars.others[: bars.members], 2)]
    known = [value for value in found if value is not None]
    return sum(known) / len(known) if known else None


def _correlate(one: Bars, other: Bars) -> float | None:
    """Correlate the moves of two instruments between the moments at which both have a bar of their own; None where one never moves."""
    here = np.ones(len(one), dtype=bool)
    for each in (one, other):
        here &= each.present if each.present is not None else True
    moves = [np.diff(np.log(each.close[here])) for each in (one, other)]
    if len(moves[0]) < 2 or min(move.std() for move in moves) == 0:
        return None
    return float(np.corrcoef(moves)[0, 1])


def trace_invested(found: Evaluation, bars: Bars) -> FloatArray:
    """Trace what is held on the bars, in units of their first instrument; of a basket, the worth of all it holds in units of its index."""
    if not bars.members or not found.other_positions:
        return found.position
    worth = [np.abs(held) * one.close for held, one in zip(found.other_positions, bars.others, strict=True)]
    held: FloatArray = np.sum(worth, axis=0) / bars.close
    return held


def build_held_outcome(bars: Bars, plan: BacktestPlan) -> Outcome:
    """Build the outcome of buying and holding each instrument of a basket."""
    runs = []
    for own in list_members(bars):
        held = evaluate_benchmark(own, plan)
        reference = _reference(fills=held.fills, trades=held.trades, orders=held.orders, equity=held.equity, position=held.position)
        runs.append(MemberOutcome(own.instrument.symbol, reference, plan.cash))
    return join_outcomes(bars, runs)


@lru_cache(maxsize=KEPT_BENCHMARKS)
def _recall_benchmark(bars: Bars, plan: BacktestPlan) -> Evaluation:
    """Buy and hold on the very same bars, worked out once for all programs that are tried on them."""
    return evaluate_benchmark(bars, plan)


def evaluate_cash(bars: Bars, plan: BacktestPlan, before: Bars | None = None) -> Evaluation:
    """Evaluate doing nothing: the starting cash on every bar and what is paid in, without interest; `before` as for buy and hold."""
    nothing = np.zeros(len(bars))
    return _pay_reference(_reference(equity=nothing + plan.cash, position=nothing), bars, plan, before)


def _pay_reference(outcome: Outcome, bars: Bars, plan: BacktestPlan, before: Bars | None) -> Evaluation:
    """Figures of a reference whose account is known per unit, with what the plan pays in."""
    if not plan.deposits:
        return _measure(outcome, bars, plan, None)
    paid_in = find_deposits(bars.time, plan.deposits, before=before.time if before is not None and len(before) else None)
    return _measure(outcome, bars, plan, pay_into(outcome.equity, paid_in, plan.cash))


def _figures(outcome: Outcome, bars: Bars, plan: BacktestPlan) -> Evaluation:
    """Figures of a run's account, which is known in money."""
    if not plan.deposits:
        return _measure(outcome, bars, plan, None)
    paid_in = find_deposits(bars.time, plan.deposits) if outcome.paid_in is None else outcome.paid_in
    paid = PaidAccount(outcome.equity, paid_in, plan.cash)
    return _measure(replace(outcome, equity=paid.unit_value), bars, plan, paid)


def _measure(outcome: Outcome, bars: Bars, plan: BacktestPlan, paid: PaidAccount | None) -> Evaluation:
    metrics = compute_metrics(
        outcome.equity,
        start_value=plan.cash,
        position=np.max(np.abs((outcome.position, *outcome.other_positions)), axis=0),
        trades=outcome.trades,
        fills=outcome.fills,
        time=bars.time,
        periods_per_year=bars.instrument.periods_per_year(bars.timeframe),
        intraday=bars.timeframe.intraday,
        day_roll=bars.instrument.day_roll,
        paid=paid,
    )
    return Evaluation(
        metrics=metrics,
        equity=outcome.equity,
        drawdown=drawdown_series(outcome.equity, start_value=plan.cash),
        position=outcome.position,
        other_positions=outcome.other_positions,
        fills=outcome.fills,
        trades=outcome.trades,
        orders=outcome.orders,
        findings=(),
        paid=paid,
    )


def _affordable(bars: Bars, plan: BacktestPlan) -> tuple[float, float]:
    if len(bars) < 2:
        return 0.0, 0.0
    opened = float(bars.open[1])
    price = min(opened + slip_against(plan, opened), max(float(bars.high[1]), opened))
    return count_affordable(plan, price, fractional=bars.instrument.fractional), price


def _reference(
    *,
    equity: np.ndarray,
    position: np.ndarray,
    other_positions: tuple[np.ndarray, ...] = (),
    fills: tuple[Fill, ...] = (),
    trades: tuple[Trade, ...] = (),
    orders: OrderCounts | None = None,
) -> Outcome:
    return Outcome(
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        isolation_level=2,
        certificate=Certificate(verdict=Verdict.CLEAN, method=Method.LOCK_STEP),
        fills=fills,
        trades=trades,
        orders=orders or OrderCounts(),
        equity=equity,
        position=position,
        other_positions=other_positions,
    )


def _require_usable(outcome: Outcome, bars: Bars) -> None:
    if not outcome.ok:
        message = outcome.error.message if outcome.error else f"The run ended with status {outcome.status}."
        raise CodeError(message, stage=outcome.stage, line=outcome.error.line if outcome.error else None)
    if outcome.equity.shape != (len(bars),) or outcome.position.shape != (len(bars),):
        raise CodeError(f"The run gave {len(outcome.equity)} account values for {len(bars)} bars.", stage=Stage.SCORE)
    if not np.all(np.isfinite(outcome.equity)):
        bar = int(np.argmin(np.isfinite(outcome.equity)))
        raise CodeError(
            f"The account's value on bar {bar} is not a finite number.",
            stage=Stage.SCORE,
            hint="Limit the order size: an order of that size cannot be valued.",
        )
