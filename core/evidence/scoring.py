"""The one number that the loop maximizes, and why there is none."""

from collections.abc import Sequence
from statistics import mean, median

from core.domain.instrument_result import Across
from core.domain.iteration import Evaluation
from core.domain.metrics import Metrics
from core.domain.run import Constraints, Objective, RunPlan
from core.evidence.formula import evaluate_formula, find_undefined_figures


def rate(result: Evaluation, plan: RunPlan) -> float | None:
    """Rate a result under a plan; see `score`."""
    limits, across = plan.constraints, plan.across
    return score(result, plan.objective, plan.minimum_trades, formula=plan.formula, constraints=limits, across=across)


def score(
    result: Evaluation | Metrics,
    objective: Objective,
    minimum_trades: int,
    *,
    formula: str = "",
    constraints: Constraints = Constraints(),  # noqa: B008 - a frozen value
    across: Across = Across.MEAN,
) -> float | None:
    """The objective's value, higher is better; None when it is not defined or a constraint is not kept.

    A strategy that lost everything has no ratio and therefore no score; its total return still counts when that is
    the objective. Of a basket the objective is computed on each instrument, and `across` makes one number of them; constraints are
    those of its equal-weight account.

    >>> score(Metrics(total_return=0.2, sharpe=1.5, trades=7), Objective.SHARPE, 5)
    1.5
    >>> score(Metrics(total_return=0.2, sharpe=1.5, trades=4), Objective.SHARPE, 5) is None
    True
    """
    metrics = result.metrics if isinstance(result, Evaluation) else result
    if find_broken_constraint(metrics, minimum_trades, constraints):
        return None
    if isinstance(result, Evaluation) and result.instruments:
        each = [None if one.metrics is None else compute_objective(one.metrics, objective, formula) for one in result.instruments]
        return combine_scores(each, across)
    return compute_objective(metrics, objective, formula)


def combine_scores(each: Sequence[float | None], across: Across) -> float | None:
    """Combine the objective on each instrument of a basket into one score; None where no instrument has one.

    An instrument without one (the code failed there, or never traded) counts as the worst of the others, and never above zero: what fails
    where it would lose must not gain by that.

    >>> combine_scores([1.0, 0.5, None], Across.MEAN), combine_scores([1.0, 0.4, -0.2], Across.WORST)
    (0.5, -0.2)
    """
    known = [value for value in each if value is not None]
    if not known:
        return None
    missing = min(0.0, *known)
    values = [missing if value is None else value for value in each]
    if across is Across.WORST:
        return min(values)
    return median(values) if across is Across.MEDIAN else mean(values)


def compute_objective(metrics: Metrics, objective: Objective, formula: str = "") -> float | None:
    """Compute the figure that is maximized, whether or not a constraint is broken; None where it is not defined."""
    if objective is Objective.FORMULA:
        return evaluate_formula(formula, metrics)
    return {
        Objective.SHARPE: metrics.sharpe,
        Objective.SORTINO: metrics.sortino,
        Objective.CALMAR: metrics.calmar,
        Objective.TOTAL_RETURN: metrics.total_return,
    }[objective]


def find_broken_constraint(metrics: Metrics, minimum_trades: int, constraints: Constraints) -> str:
    """Find the first constraint that the figures do not keep, in words; empty when all are kept.

    >>> find_broken_constraint(Metrics(total_return=0.1, trades=2), 5, Constraints())
    '2 closed trades, at least 5 are asked for'
    """
    deepest, least, most = constraints.max_drawdown, constraints.minimum_exposure, constraints.maximum_exposure
    if metrics.trades < minimum_trades:
        return f"{metrics.trades} closed trades, at least {minimum_trades} are asked for"
    if deepest is not None and metrics.max_drawdown < -deepest:
        return f"maximum drawdown {-metrics.max_drawdown:.1%}, at most {deepest:.1%} is allowed"
    if least is not None and metrics.exposure < least:
        return f"exposure {metrics.exposure:.1%}, at least {least:.1%} is asked for"
    if most is not None and metrics.exposure > most:
        return f"exposure {metrics.exposure:.1%}, at most {most:.1%} is allowed"
    return ""


def explain_undefined_objective(metrics: Metrics, objective: Objective, formula: str = "") -> str:
    """Explain why the objective has no value for these figures, in words; empty when it has one.

    >>> explain_undefined_objective(Metrics(total_return=0.1, exposure=0.2, periods=90), Objective.SORTINO)
    'the Sortino ratio is not defined: hardly any day lost'
    """
    if compute_objective(metrics, objective, formula) is not None:
        return ""
    if objective is Objective.FORMULA:
        missing = find_undefined_figures(formula, metrics)
        return f"the formula needs {', '.join(missing)}, not defined here" if missing else "the formula gives no finite real number here"
    if metrics.max_drawdown <= -1.0:
        why = "the account was lost"
    elif metrics.exposure == 0:
        why = "nothing was held at the close of any bar"
    elif metrics.periods < 2:
        why = "the bars are too few"
    else:
        why = _WHY_UNDEFINED[objective]
    return f"the {OBJECTIVE_NAMES[objective]} is not defined: {why}"


def explain_missing_score(metrics: Metrics | None, plan: RunPlan) -> str:
    """Explain a missing score under a plan, for people and models: a constraint is not kept, or the objective has no value.

    Empty when they have a score, and when there are no figures at all (the run failed, and its error says why).
    """
    if metrics is None:
        return ""
    broken = find_broken_constraint(metrics, plan.minimum_trades, plan.constraints)
    return broken or explain_undefined_objective(metrics, plan.objective, plan.formula)


OBJECTIVE_NAMES = {
    Objective.SHARPE: "Sharpe ratio",
    Objective.SORTINO: "Sortino ratio",
    Objective.CALMAR: "Calmar ratio",
    Objective.TOTAL_RETURN: "total return",
    Objective.FORMULA: "value of the formula",
}
"""Name of each objective in a sentence."""
_WHY_UNDEFINED = {
    Objective.SHARPE: "the account hardly moves",
    Objective.SORTINO: "hardly any day lost",
    Objective.CALMAR: "there was no drawdown, or the run is too short",
    Objective.TOTAL_RETURN: "the account is empty",
}
