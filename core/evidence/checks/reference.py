"""Checks against what needs no skill: cash, buy and hold, the workflow as the analyst wrote it, and chance."""

import numpy as np

from core.domain.finding import Finding
from core.domain.run import Objective
from core.domain.timing import LUCK_LEVEL, compute_tail
from core.evidence.check_case import Case
from core.evidence.scoring import OBJECTIVE_NAMES, compute_objective, find_broken_constraint
from core.evidence.uncertainty import sharpe_error


def lost_money(case: Case) -> Finding | None:
    """Worse than cash."""
    if not case.evaluation.fills or case.metrics.total_return >= 0:
        return None
    return Finding(
        code="lost_money",
        severity=2,
        message=f"The strategy loses {-case.metrics.total_return:,.1%}; cash would have kept everything",
        sample=_describe_mean_trade(case),
        fix="where trades were well ahead, mend the exits; where they hardly were, the entries; one of them only",
    )


def _describe_mean_trade(case: Case) -> str:
    """Tell how far the mean trade was ahead, and how it ended: whether entries or exits lose."""
    if len(case.closed) < 5:
        return ""
    ahead = float(np.mean([case.favorable_excursion(trade) for trade in case.closed]))
    ended = float(np.mean([trade.move for trade in case.closed]))
    return f"the mean trade was ahead by {ahead:.1%} at its best and ended at {ended:.1%}, before commission"


def worse_than_holding(case: Case) -> Finding | None:
    """Buying and holding had both the better return and the better ratio."""
    own, held = case.metrics, case.benchmark.metrics
    if not case.evaluation.fills or own.sharpe is None or held.sharpe is None:
        return None
    if own.sharpe >= held.sharpe or own.total_return >= held.total_return:
        return None
    return Finding(
        code="worse_than_holding",
        severity=2,
        message=f"Buying and holding returned {held.total_return:,.1%}, this {own.total_return:,.1%}",
        sample=f"Sharpe {held.sharpe:.2f} against {own.sharpe:.2f}",
        fix="stay invested longer in rising markets, or keep the exits for falling ones",
    )


def copy_of_holding(case: Case) -> Finding | None:
    """The curve is the asset's own."""
    own, held = case.returns(case.evaluation), case.returns(case.benchmark)
    if len(own) < 60 or np.std(own) < 1e-9 or np.std(held) < 1e-9 or case.metrics.exposure < 0.8:
        return None
    correlation = float(np.corrcoef(own, held)[0, 1])
    if correlation < 0.97:
        return None
    return Finding(
        code="copy_of_holding",
        severity=1,
        message=f"Daily returns are those of buying and holding (correlation {correlation:.2f}): the rules decide almost nothing",
        fix="make the exits leave the market in the phases that lose",
    )


def worse_than_baseline(case: Case) -> Finding | None:
    """The workflow, compiled as it was written, does better."""
    context = case.context
    baseline, objective = context.baseline, context.objective or Objective.SHARPE
    if baseline is None or find_broken_constraint(baseline, context.minimum_trades, context.constraints):
        return None
    base = compute_objective(baseline, objective, context.formula)
    own = compute_objective(case.metrics, objective, context.formula)
    if base is None or own is None or own > base - 0.05 * max(abs(base), 0.2 if objective is Objective.TOTAL_RETURN else 1.0):
        return None
    return Finding(
        code="worse_than_baseline",
        severity=2,
        message=f"The workflow as it was written has a {OBJECTIVE_NAMES[objective]} of {_format_value(base, objective)}, "
        f"this {_format_value(own, objective)}",
        fix="go back to the workflow's rules and change one of them",
    )


def _format_value(value: float, objective: Objective) -> str:
    return f"{value:.1%}" if objective is Objective.TOTAL_RETURN else f"{value:.2f}"


def no_timing_shown(case: Case) -> Finding | None:
    """The best of as many skill-less tries would have looked as good."""
    tries, sharpe = case.context.trials, case.metrics.sharpe
    if tries < 3 or sharpe is None or sharpe <= 0:
        return None
    timing = case.timing
    if timing.gap is not None or timing.compute_probability(tries) < LUCK_LEVEL:
        return None
    if case.context.swept:  # how many of the points count is known when all of them were tried; the sweep says it then
        chance = "and as many points without skill reach as much in more than one sweep of twenty"
    else:
        chance = f"and 95% of loops of {tries} tries without skill stay below {timing.compute_line(tries):.2f}"
    return Finding(
        code="no_timing_shown",
        severity=1,
        message=f"Sharpe {sharpe:.2f}: always holding as much as it does on average earned {timing.held:.2f} of it, {chance}",
        fix="prefer changes with a reason over more tries; more history makes luck smaller",
    )


def uncertain_sharpe(case: Case) -> Finding | None:
    """The Sharpe ratio may well be zero."""
    sharpe = case.metrics.sharpe
    if sharpe is None or sharpe <= 0:
        return None
    error = sharpe_error(case.returns(case.evaluation), periods_per_year=case.periods_per_year)
    sure = 1.0 - compute_tail(sharpe / error) if error else 1.0
    if sure >= 0.9:
        return None
    return Finding(
        code="uncertain_sharpe",
        severity=1,
        message=f"The true Sharpe ratio is above zero with a probability of {sure:.0%} only: it may well be none",
        fix="more trades by the same rule, or a longer history, make it surer",
    )


def implausible_sharpe(case: Case) -> Finding | None:
    """Too good to be true."""
    if case.metrics.sharpe is None or case.metrics.sharpe < 4 or case.metrics.years < 0.5:
        return None
    return Finding(
        code="implausible_sharpe",
        severity=2,
        message=f"A Sharpe ratio of {case.metrics.sharpe:.1f} is not found in real markets: suspect the data or the fills",
        fix="look at single trades: are the prices those of the bar, and could they have been had?",
    )


def short_history(case: Case) -> Finding | None:
    """Less than a year of bars."""
    if case.metrics.years >= 1 or case.metrics.sharpe is None:
        return None
    return Finding(
        code="short_history",
        severity=1,
        message=f"{case.metrics.periods} trading days are too few for annual figures",
        fix="choose a longer range of dates",
    )
