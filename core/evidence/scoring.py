"""The one number that the loop maximizes."""

from core.domain.iteration import Evaluation
from core.domain.metrics import Metrics
from core.domain.run import Constraints, Objective
from core.evidence.formula import formula_value


def score(
    result: Evaluation | Metrics,
    objective: Objective,
    minimum_trades: int,
    *,
    formula: str = "",
    constraints: Constraints = Constraints(),  # noqa: B008 - a frozen value
) -> float | None:
    """The objective's value, higher is better; None when it is not defined or a constraint is not kept.

    A strategy that lost everything has no ratio and therefore no score; its total return still counts when that is
    the objective.

    >>> score(Metrics(total_return=0.2, sharpe=1.5, trades=7), Objective.SHARPE, 5)
    1.5
    >>> score(Metrics(total_return=0.2, sharpe=1.5, trades=4), Objective.SHARPE, 5) is None
    True
    """
    metrics = result.metrics if isinstance(result, Evaluation) else result
    if broken_constraint(metrics, minimum_trades, constraints):
        return None
    if objective is Objective.FORMULA:
        return formula_value(formula, metrics)
    return {
        Objective.SHARPE: metrics.sharpe,
        Objective.SORTINO: metrics.sortino,
        Objective.CALMAR: metrics.calmar,
        Objective.TOTAL_RETURN: metrics.total_return,
    }[objective]


def broken_constraint(metrics: Metrics, minimum_trades: int, constraints: Constraints) -> str:
    """The first constraint that the figures do not keep, in words; empty when all are kept.

    >>> broken_constraint(Metrics(total_return=0.1, trades=2), 5, Constraints())
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
