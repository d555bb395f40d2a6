"""The one number that the loop maximizes."""

from core.domain.iteration import Evaluation
from core.domain.metrics import Metrics
from core.domain.run import Objective


def score(result: Evaluation | Metrics, objective: Objective, minimum_trades: int) -> float | None:
    """The objective's value, higher is better; None when it is not defined or fewer trades than the minimum were closed.

    A strategy that lost everything has no ratio and therefore no score; its total return still counts when that is
    the objective.

    >>> score(Metrics(total_return=0.2, sharpe=1.5, trades=7), Objective.SHARPE, 5)
    1.5
    >>> score(Metrics(total_return=0.2, sharpe=1.5, trades=4), Objective.SHARPE, 5) is None
    True
    """
    metrics = result.metrics if isinstance(result, Evaluation) else result
    if metrics.trades < minimum_trades:
        return None
    return {
        Objective.SHARPE: metrics.sharpe,
        Objective.SORTINO: metrics.sortino,
        Objective.CALMAR: metrics.calmar,
        Objective.TOTAL_RETURN: metrics.total_return,
    }[objective]
