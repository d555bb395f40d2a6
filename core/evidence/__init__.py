"""Is a result true, and is it luck: figures, references, findings and the statistics of many tries. Pure: values in, values out."""

from core.evidence.case import Case, Context, Signals
from core.evidence.diagnosis import findings, mute
from core.evidence.evaluation import benchmark, cash, evaluate
from core.evidence.luck import (
    Interval,
    deflated_sharpe,
    expected_best_sharpe,
    expected_maximum,
    probabilistic_sharpe,
    sharpe_interval,
)
from core.evidence.scoring import score

__all__ = [
    "Case",
    "Context",
    "Interval",
    "Signals",
    "benchmark",
    "cash",
    "deflated_sharpe",
    "evaluate",
    "expected_best_sharpe",
    "expected_maximum",
    "findings",
    "mute",
    "probabilistic_sharpe",
    "score",
    "sharpe_interval",
]
