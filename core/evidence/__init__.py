"""Is a result true, and is it luck: figures, references, findings and the statistics of many tries. Pure: values in, values out."""

from core.evidence.agreement import Agreement, Conformity, Funnel, FunnelRow, RowAgreement, Signals, conformity, funnel
from core.evidence.case import Case, Context
from core.evidence.diagnosis import findings, mute
from core.evidence.evaluation import benchmark, cash, evaluate
from core.evidence.formula import check_formula
from core.evidence.ledger import recompute_equity
from core.evidence.luck import (
    Interval,
    deflated_sharpe,
    expected_best_sharpe,
    expected_maximum,
    probabilistic_sharpe,
    sharpe_interval,
)
from core.evidence.scoring import broken_constraint, score

__all__ = [
    "Agreement",
    "Case",
    "Conformity",
    "Context",
    "Funnel",
    "FunnelRow",
    "Interval",
    "RowAgreement",
    "Signals",
    "benchmark",
    "broken_constraint",
    "cash",
    "check_formula",
    "conformity",
    "deflated_sharpe",
    "evaluate",
    "expected_best_sharpe",
    "expected_maximum",
    "findings",
    "funnel",
    "mute",
    "probabilistic_sharpe",
    "recompute_equity",
    "score",
    "sharpe_interval",
]
